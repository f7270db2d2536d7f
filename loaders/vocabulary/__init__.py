"""Declared lists, as data: what headers are called, kinds of organisation, districts, noise."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def words(name: str) -> dict[str, Any]:
    """The content of ``vocabulary/NAME.toml``."""
    return tomllib.loads((resources.files(__package__) / f"{name}.toml").read_text("utf-8"))
