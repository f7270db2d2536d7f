"""How well an encoder finds things, and whether one is worse than another. Pure but for encoding.

Everything is measured by the vectors that would serve. A question is a text with the documents that
it should find; figures are mean nDCG@10, by exact cosine over the question's documents.
"""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from graph_service.evaluation.metrics import ndcg
from graph_service.ports import Embedder, Floats

#: What a figure may lose before a model is refused: one per cent of it.
TOLERANCE = 0.01

#: Questions of a kind below which a figure says too little to decide by.
FEWEST = 30

#: Kinds of questions, in the words that people read.
HELD, KEYWORDS, NAMES = "held", "keywords", "names"
GENERAL_NAMES, GENERAL_KEYWORDS = "general_names", "general_keywords"
WORDS: Mapping[str, str] = {
    HELD: "留出的文字对",
    KEYWORDS: "留出的关键词",
    NAMES: "本库的短产品名",
    GENERAL_NAMES: "通用的短产品名",
    GENERAL_KEYWORDS: "通用的关键词",
}

#: Of the softmax of ``Figure.surprise``: that of training.
TEMPERATURE = 0.03

_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Question:
    """A text that is asked, and the places of the documents that it should find.

    ``own`` is the place of the document that is the question itself, which does not count.
    """

    text: str
    relevant: frozenset[int]
    own: int | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """Questions of one kind over the same documents."""

    documents: Sequence[str]
    questions: Sequence[Question]


@dataclass(frozen=True, slots=True)
class Figure:
    """Over so many questions.

    Attributes:
        ndcg: mean nDCG@10, in [0, 1].
        surprise: mean of -log p of the nearest relevant document in nats, where p is the softmax
            over all documents of cosine / ``TEMPERATURE``; finer than nDCG where that is near 1.
        questions: how many.
    """

    ndcg: float
    surprise: float
    questions: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a model may be used in place of its base: it may where ``reasons`` is empty.

    ``gain`` is by how much less the held-back part surprises than it did the base, in nats.
    """

    gain: float
    reasons: Sequence[str] = field(default_factory=tuple)


def measure(embedder: Embedder, trials: Mapping[str, Trial]) -> dict[str, Figure]:
    """The figures of an encoder, by kind of question. Raises EmbedderError."""
    return {kind: _measured(embedder, trial) for kind, trial in trials.items() if trial.questions}


def judge(base: Mapping[str, Figure], made: Mapping[str, Figure]) -> Verdict:
    """Whether a model may be used: no figure that says enough is worse than its base's by more
    than ``TOLERANCE``."""
    reasons = []
    for kind, before in base.items():
        after = made[kind]
        least = before.ndcg * (1 - TOLERANCE)
        if before.questions >= FEWEST and after.ndcg < least:
            lost = 100 * (1 - after.ndcg / before.ndcg)
            reasons.append(
                f"{WORDS[kind]}（{before.questions} 问）由 {before.ndcg:.4f} 降到 "
                f"{after.ndcg:.4f}，差了 {lost:.1f}%，多于 {100 * TOLERANCE:.0f}%"
            )
    gain = base[HELD].surprise - made[HELD].surprise if HELD in base else 0.0
    return Verdict(gain, tuple(reasons))


def best(verdicts: Mapping[str, Verdict]) -> str:
    """Of several variants the one to keep: that which gains most on the held-back part among those
    that may be used, else among all; the earlier of two alike."""
    return min(
        verdicts, key=lambda variant: (bool(verdicts[variant].reasons), -verdicts[variant].gain)
    )


@cache
def general() -> dict[str, Trial]:
    """Questions that hang on no store: names of everyday products, and keywords of sentences."""
    told = tomllib.loads(Path(__file__).with_name("general.toml").read_text("utf-8"))
    names = [(name, kind) for kind, group in told["products"].items() for name in group]
    sentences = list(told["sentences"].items())
    return {
        GENERAL_NAMES: named_trial(names),
        GENERAL_KEYWORDS: Trial(
            [sentence for _, sentence in sentences],
            [Question(asked, frozenset({i})) for i, (asked, _) in enumerate(sentences)],
        ),
    }


def named_trial(names: Sequence[tuple[str, str]], *, asked: int | None = None) -> Trial:
    """Names, each with what groups it: a name should find the others of its group.

    Args:
        names: (name, group), without repeats.
        asked: how many of them are asked, the first; all by default.
    """
    groups: dict[str, set[int]] = {}
    for place, (_, group) in enumerate(names):
        groups.setdefault(group, set()).add(place)
    questions = [
        Question(name, frozenset(groups[group] - {place}), place)
        for place, (name, group) in enumerate(names[:asked])
        if len(groups[group]) > 1
    ]
    return Trial([name for name, _ in names], questions)


def _measured(embedder: Embedder, trial: Trial) -> Figure:
    documents = embedder.embed_documents(trial.documents)
    asked = embedder.embed_queries([question.text for question in trial.questions])
    total = surprise = 0.0
    for question, scores in zip(trial.questions, asked @ documents.T, strict=True):
        if question.own is not None:
            scores[question.own] = -np.inf
        surprise += _surprise(scores, question.relevant)
        nearest = np.argsort(-np.round(scores, 6), kind="stable")[:_DEPTH]
        total += ndcg(
            [str(place) for place in nearest],
            {str(place): 1 for place in question.relevant},
            _DEPTH,
        )
    number = len(trial.questions)
    return Figure(total / number, surprise / number, number)


def _surprise(scores: Floats, relevant: Collection[int]) -> float:
    logits = scores.astype(np.float64) / TEMPERATURE
    top = logits.max()
    return float(top + np.log(np.exp(logits - top).sum()) - logits[list(relevant)].max())
