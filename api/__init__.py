"""The outside of the product: settings, the composition root, the command line, the service."""
