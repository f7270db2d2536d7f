"""What a text says: sections, passages, indicators; data with places in the text. Pure."""
