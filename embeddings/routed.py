"""An adapted encoder beside the one that it was made from: what one forgot the other still knows.

A document's vector holds those of both, so that a query's inner product with it is a mixture of the
two cosines. Short names and lists of keywords, which adaptation makes worse, ask the original
alone: a router by the form of the text, without a second copy of any document.
"""

import math
from collections.abc import Sequence

import numpy as np

from graph_service.ports import Embedder, Floats

#: Of the mixture, what the adapted one counts: .3, .5 and .7 do not differ beyond noise.
SHARE = 0.5

#: A name or a list of keywords: so many characters at most, each part of it (by white space) so
#: many.
_WHOLE, _PART = 60, 12


def is_short(text: str) -> bool:
    """Whether a text is a short name or a list of keywords rather than a sentence."""
    return len(text) <= _WHOLE and all(len(part) <= _PART for part in text.split())


class RoutedEmbedder:
    """See the module; vectors have the dimensions of both, the original's first.

    A document with unit vectors o and a has (√(1-s)·o, √s·a); so has a query that is a sentence:
    their inner product is (1-s)·cos + s·cos. A short query has (o/√(1-s), 0): the original's
    cosine, by a vector that is longer than 1.

    Args:
        original, adapted: encoders with unit vectors.
        fingerprint: of the two together.
        share: s, within (0, 1).
    """

    def __init__(
        self, original: Embedder, adapted: Embedder, *, fingerprint: str, share: float = SHARE
    ) -> None:
        self._original = original
        self._adapted = adapted
        self._kept, self._new = math.sqrt(1 - share), math.sqrt(share)
        self.fingerprint = fingerprint
        self.dimension = original.dimension + adapted.dimension

    def embed_documents(self, texts: Sequence[str]) -> Floats:
        return np.hstack(
            [
                self._kept * self._original.embed_documents(texts),
                self._new * self._adapted.embed_documents(texts),
            ]
        )

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        found = np.zeros((len(texts), self.dimension), np.float32)
        half = self._original.dimension
        found[:, :half] = self._original.embed_queries(texts)
        long = [i for i, text in enumerate(texts) if not is_short(text)]
        scale = np.full(len(texts), 1 / self._kept, np.float32)
        scale[long] = self._kept
        found[:, :half] *= scale[:, None]
        if long:
            found[long, half:] = self._new * self._adapted.embed_queries([texts[i] for i in long])
        return found
