"""A fact: a value that is bounded or unknown, with what was compared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Fact:
    """What one comparison says of a candidate.

    Attributes:
        value: in [-1, 1]: 1 speaks for, -1 against; None where something is not told (未知).
        evidence: what was compared, JSON-ready. ``inferred`` in it is true where what was compared
            is a conclusion or was read by a machine (推断), and ``confidence`` how sure that is.
    """

    value: float | None
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.value is not None and not -1.0 <= self.value <= 1.0:
            raise ValueError(self.value)


#: Nothing is known, and nothing can be shown.
UNKNOWN = Fact(None)
