"""Declared regions (``vocabulary/regions.toml``): names that people write → official name, code."""

import re
from functools import cache

from loaders.vocabulary import words


@cache
def codes() -> dict[str, str]:
    """Official name → GB/T 2260 code of every declared region."""
    return {names[0]: code for level in words("regions").values() for code, names in level.items()}


@cache
def _officials() -> dict[str, str]:
    levels = words("regions").values()
    return {name: names[0] for level in levels for names in level.values() for name in names}


@cache
def _beginning() -> re.Pattern[str]:
    lists = words("regions")
    cities = "|".join(name for names in lists["cities"].values() for name in names)
    districts = [name for names in lists["districts"].values() for name in names]
    either = "|".join(sorted(districts, key=len, reverse=True))
    # Province and city may be left out; "昆山路" is a street in some other town.
    return re.compile(
        rf"(?:江苏省|江苏)?(?:{cities})?({either})(?![东南西北中]?[一二三]?路|街|大道)"
    )


def official(name: str) -> str | None:
    """The official name of a declared region; None where it is not declared."""
    return _officials().get(name)


def district_of(address: str) -> str | None:
    """The declared district that an address begins with."""
    match = _beginning().match(address)
    return official(match[1]) if match else None
