"""A whole store into another one, whatever engines hold them."""
