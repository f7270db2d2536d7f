"""A deterministic embedder without a model: texts that share words have similar vectors.

Feature hashing (Weinberger et al. 2009) of ``graph_service.text.tokens``; for tests, and honest
enough to rank with.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from graph_service.ports import Floats
from graph_service.text import tokens


class HashingEmbedder:
    """Port ``Embedder``: signed hashed words, damped by the root of their count."""

    def __init__(self, dimension: int = 256) -> None:
        self._dimension = dimension

    @property
    def fingerprint(self) -> str:
        return f"hashing-1|{self._dimension}"

    @property
    def dimension(self) -> int:
        return self._dimension

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        return self.embed_documents(texts)

    def embed_documents(self, texts: Sequence[str]) -> Floats:
        vectors = np.zeros((len(texts), self._dimension), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word, count in Counter(tokens(text)).items():
                place, sign = _slot(word, self._dimension)
                row[place] += sign * count**0.5
            if not row.any():  # no words, or words that cancel out: any unit vector will do
                row[0] = 1
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


@lru_cache(maxsize=65_536)
def _slot(word: str, dimension: int) -> tuple[int, int]:
    digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    number = int.from_bytes(digest, "little")
    return (number >> 1) % dimension, 1 if number & 1 else -1
