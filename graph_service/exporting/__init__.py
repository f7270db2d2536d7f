"""The graph out of a store, into files."""
