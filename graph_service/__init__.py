"""The collaboration graph: its model, ports, engines and what is computed on it."""
