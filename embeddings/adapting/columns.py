"""What training is given, in the columns that sentence-transformers' losses take."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from embeddings.adapting.pairs import Pair
from graph_service.ports import Floats

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


@dataclass(frozen=True, slots=True)
class Prefixes:
    """What a model wants before queries and before passages."""

    query: str
    passage: str


def pairs_data(
    model: "SentenceTransformer",
    batches: Sequence[Sequence[Pair]],
    negatives: int,
    prefixes: Prefixes,
) -> Any:
    """The columns of pairs: anchor, positive and mined negatives, in the order of the batches."""
    from datasets import Dataset  # type: ignore[import-untyped]

    some = [pair for batch in batches for pair in batch]
    columns = {
        "anchor": [prefixes.query + pair.anchor for pair in some],
        "positive": [prefixes.passage + pair.positive for pair in some],
    }
    for number, mined in enumerate(_mined(model, some, negatives, prefixes), start=1):
        columns[f"negative_{number}"] = [prefixes.passage + text for text in mined]
    return Dataset.from_dict(columns)


def _mined(
    model: "SentenceTransformer", some: Sequence[Pair], count: int, prefixes: Prefixes
) -> Iterator[list[str]]:
    """For each pair texts of others that the model as it is finds near the anchor, yet clearly
    further than its own: those above 95 % of its own cosine may be right as well and are left out
    (NV-Retriever, Moreira et al. 2024)."""
    if not count:
        return
    anchors = _encoded(model, [prefixes.query + pair.anchor for pair in some])
    texts = _encoded(model, [prefixes.passage + pair.positive for pair in some])
    chosen: list[list[int]] = []
    for place, pair in enumerate(some):
        scores = texts @ anchors[place]
        far = scores < 0.95 * scores[place]
        near = [int(i) for i in np.argsort(-np.where(far, scores, -np.inf))[: 4 * count]]
        fit = [i for i in near if some[i].node != pair.node and far[i]]
        others = (i % len(some) for i in range(place + 1, place + len(some)))
        fit += islice((i for i in others if some[i].node != pair.node), count)
        chosen.append(fit[:count])
    for number in range(count):
        yield [some[of[number]].positive for of in chosen]


def short_data(
    model: "SentenceTransformer", short: Sequence[str], most: int, prefixes: Prefixes
) -> Any:
    """The columns of short texts: each with its vector as the model gives it now."""
    from datasets import Dataset

    sentences = [prefixes.query + text for text in short[:most]]
    return Dataset.from_dict(
        {"sentence": sentences, "label": [row.tolist() for row in _encoded(model, sentences)]}
    )


def _encoded(model: "SentenceTransformer", texts: list[str]) -> Floats:
    found = model.encode(
        texts, prompt="", normalize_embeddings=True, batch_size=128, show_progress_bar=False
    )
    return np.asarray(found, np.float32)
