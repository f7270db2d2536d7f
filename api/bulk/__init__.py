"""Bulk runs: vectors for all texts, matches for all demands, on one process or on many."""
