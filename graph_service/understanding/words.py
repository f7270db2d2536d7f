"""The lists of words in ``words.toml``."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table() -> dict[str, Any]:
    """All lists by name."""
    return tomllib.loads((files(__package__) / "words.toml").read_text(encoding="utf-8"))


def words(name: str) -> frozenset[str]:
    """One list."""
    return frozenset(table()[name])
