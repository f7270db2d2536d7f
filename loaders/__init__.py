"""Files to graph: read → map → clean → resolve → batches of nodes and edges.

``service.load`` is the one entry; what a file's columns mean is data (``mappings/*.toml``).
"""
