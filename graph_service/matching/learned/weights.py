"""The learned part of ``full``: a small, readable file, and its training record.

Scores are log-odds: ``prior`` + the sum of weight x value, and ``probability`` is their sigmoid,
that a broker would forward the candidate. Weights that judgements say nothing about stay declared
(``matching.factual``, ``matching.signals``).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import orjson

from graph_service.errors import InputError
from graph_service.matching.pairs import Rarity
from graph_service.matching.types import Target
from graph_service.ports import Floats

#: Version of the file's form.
FORM = 3

#: What files of version 2 lack: nothing is known of it, and it weighs nothing.
_SINCE = {"nearness": 0.0}

#: As many as people look at.
FOREMOST = 10

#: The signals whose weights are learned.
LEARNED = ("text", "pairs", "dense", "title", "passage", "standing", "nearness")


@dataclass(frozen=True, slots=True)
class TargetWeights:
    """What was learned for one kind of candidate.

    Attributes:
        prior: log-odds before any signal.
        weights: by signal, those of ``LEARNED``.
        threshold: a demand is told that nothing fits where it is less probable than this that any
            of its first ``FOREMOST`` does; None where no judged demand was without a fitting one.
    """

    prior: float
    weights: Mapping[str, float]
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Usual:
    """How near the nearest usually come by an encoder: the mean cosine of the three demands that
    are nearest to a demand, its mean and deviation over demands.

    Attributes:
        asked: of demands embedded as queries.
        stored: of demands embedded as documents.
    """

    asked: tuple[float, float]
    stored: tuple[float, float]

    @classmethod
    def of_dict(cls, data: Any) -> "Usual":
        """As ``as_dict`` wrote it."""
        (asked, a_deviation), (stored, s_deviation) = data["asked"], data["stored"]
        return cls(
            (float(asked), float(a_deviation)),
            (float(stored), float(s_deviation)),
        )

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "asked": [round(x, 5) for x in self.asked],
            "stored": [round(x, 5) for x in self.stored],
        }


@dataclass(frozen=True, slots=True)
class Learned:
    """All that was learned.

    Attributes:
        targets: by kind of candidate; a kind that is not there keeps its declared weights.
        words: what a word counts that stands in many demands (产业化, 关键技术, 现有 …), 0-1;
            others count 1.
        pairs: what pairs of characters count.
        centres: by fingerprint, the mean of the vectors of demands, shape (d,): what all demands
            have in common.
        usual: by fingerprint, how near the nearest usually come.
        record: how it was made, and what was measured.
    """

    targets: Mapping[Target, TargetWeights] = field(default_factory=dict)
    words: Mapping[str, float] = field(default_factory=dict)
    pairs: Rarity = Rarity({}, 1.0)  # noqa: RUF009 - immutable
    centres: Mapping[str, Floats] = field(default_factory=dict)
    usual: Mapping[str, Usual] = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_dict(cls, data: Any) -> "Learned":
        """As ``as_dict`` wrote it.

        Raises:
            InputError: it is nothing of the kind.
        """
        try:
            if data["form"] not in (FORM - 1, FORM):
                raise InputError(
                    f"学到的权重是第 {data['form']} 版格式，这个程序读第 {FORM} 版。",
                    hint="请重新训练权重（任务 train）。",
                )
            lacking = _SINCE if data["form"] < FORM else {}
            return cls(
                targets={
                    Target(name): TargetWeights(
                        float(one["prior"]),
                        {
                            signal: float({**lacking, **one["weights"]}[signal])
                            for signal in LEARNED
                        },
                        None if one["threshold"] is None else float(one["threshold"]),
                    )
                    for name, one in data["targets"].items()
                },
                words={str(word): float(counts) for word, counts in data["words"].items()},
                pairs=_pairs_of(data["pairs"]),
                centres={
                    name: np.array(centre, np.float32) for name, centre in data["centres"].items()
                },
                usual={name: Usual.of_dict(told) for name, told in data.get("usual", {}).items()},
                record=dict(data["record"]),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InputError(
                "这不是学到的权重，或文件损坏了。", hint="请重新训练权重（任务 train）。"
            ) from error

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "form": FORM,
            "targets": {
                target.value: {
                    "prior": round(one.prior, 4),
                    "weights": {name: round(weight, 4) for name, weight in one.weights.items()},
                    "threshold": one.threshold,
                }
                for target, one in self.targets.items()
            },
            "words": {word: round(counts, 3) for word, counts in sorted(self.words.items())},
            "pairs": _pairs_told(self.pairs),
            "centres": {
                name: [round(float(x), 4) for x in centre] for name, centre in self.centres.items()
            },
            "usual": {name: told.as_dict() for name, told in self.usual.items()},
            "record": dict(self.record),
        }


def _pairs_told(rarity: Rarity) -> dict[str, Any]:
    """As JSON: the pairs that count the same, to a tenth, one after another."""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for pair, counts in sorted(rarity.known.items()):
        alike[f"{counts:.1f}"].append(pair)
    known = {counts: "".join(alike[counts]) for counts in sorted(alike, key=float)}
    return {"other": round(rarity.other, 1), "known": known}


def _pairs_of(data: Any) -> Rarity:
    known = {
        some[i : i + 2]: float(counts)
        for counts, some in data["known"].items()
        for i in range(0, len(some), 2)
    }
    return Rarity(known, float(data["other"]))


@cache
def shipped() -> Learned:
    """What comes with the product, learned from ../shared/data/judged (see its record)."""
    return Learned.of_dict(orjson.loads(files(__package__).joinpath("shipped.json").read_bytes()))
