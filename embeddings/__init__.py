"""Text to vectors: the embedders behind ``graph_service.ports.Embedder``."""
