"""What jobs do: their parameters, the work of each kind, and the worker that runs them."""
