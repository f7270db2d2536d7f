"""Files to batches of nodes and edges: read, map, clean, resolve."""
