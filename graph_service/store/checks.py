"""What looking whether a store is whole answers, whatever engine it is of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

#: Problems of a kind that are named; all are counted.
EXAMPLES = 5

#: What is looked at, each with the problem found in it, or None.
Found = Iterable[str | None]


@dataclass(frozen=True, slots=True)
class Check:
    """One question: how much was looked at, how much is wrong, the first of it, how to mend it."""

    title: str
    checked: int
    problems: int
    examples: Sequence[str]
    hint: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {
            "title": self.title,
            "checked": self.checked,
            "problems": self.problems,
            "examples": list(self.examples),
            "hint": self.hint if self.problems else "",
        }


@dataclass(frozen=True, slots=True)
class Verified:
    """The answer to all questions, as of one change of the record."""

    change: int
    checks: Sequence[Check]

    @property
    def ok(self) -> bool:
        return not any(check.problems for check in self.checks)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {
            "ok": self.ok,
            "change": self.change,
            "checks": [check.as_dict() for check in self.checks],
        }


@dataclass(slots=True)
class Question:
    """A question that is being looked into."""

    title: str
    hint: str
    checked: int = 0
    problems: int = 0
    examples: list[str] = field(default_factory=list)

    def look(self, problem: str | None) -> None:
        """Count one more thing that was looked at, and what is wrong with it."""
        self.checked += 1
        if problem is not None:
            self.problems += 1
            if len(self.examples) < EXAMPLES:
                self.examples.append(problem)

    def check(self) -> Check:
        """What came out."""
        return Check(self.title, self.checked, self.problems, self.examples, self.hint)


def counted(title: str, hint: str, found: Found) -> Check:
    """Look at everything, and name the first problems."""
    question = Question(title, hint)
    for problem in found:
        question.look(problem)
    return question.check()
