"""Measuring match quality on tasks in BEIR layout."""
