"""Like demands (共性需求): which could be posted as one, what they share and where they differ."""
