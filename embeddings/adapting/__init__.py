"""Adapting the encoder to where it works: pairs from what is loaded, training, a floor, export."""
