"""Walking the graph: nodes, what is around them, the ways between them, a part of it."""
