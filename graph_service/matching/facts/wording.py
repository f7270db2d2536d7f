"""The lists of words in ``words.toml``."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def table() -> dict[str, Any]:
    """All lists by section and name."""
    return tomllib.loads((files(__package__) / "words.toml").read_text(encoding="utf-8"))


@cache
def words(section: str, name: str) -> tuple[str, ...]:
    """One list, longest words first."""
    return tuple(sorted(table()[section][name], key=lambda word: (-len(word), word)))
