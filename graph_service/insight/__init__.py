"""Seeing a chain as a whole: communities of organisations, what is missing, how to draw it."""
