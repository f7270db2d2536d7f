"""Which pairs are worth comparing: those that share something rare.

Of 20,000 organisations there are 200 million pairs; some 240,000 of them share one of the rarest
pairs of characters of their names, all of the characters, a short name, a code or a website.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from graph_service.resolution.profiles import Profile
from graph_service.resolution.scoring import Rarity, grams

_RAREST = 4  # pairs of characters of a name that are its keys
_CROWD = 80  # a key that more than so many share tells nothing


def pairs(profiles: Sequence[Profile], rarity: Rarity) -> list[tuple[int, int]]:
    """Places of the pairs that share a key, each once, the lower place first."""
    blocks: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(profiles):
        for key in set(_keys(one, rarity)):
            blocks[key].append(place)
    return sorted(
        {
            pair
            for places in blocks.values()
            if len(places) <= _CROWD
            for pair in combinations(places, 2)
        }
    )


def _keys(one: Profile, rarity: Rarity) -> Iterator[str]:
    cores: Iterable[str] = [name.core for name in one.names]
    for core in {*cores, *one.short}:
        yield f"core:{core}"
        yield f"characters:{''.join(sorted(core))}"
        by_rarity = sorted(grams(core), key=lambda gram: (-rarity.of(gram), gram))
        for gram in by_rarity[:_RAREST]:
            yield f"gram:{gram}"
    if one.code:
        yield f"code:{one.code}"
    if one.host and rarity.is_own(one.host):
        yield f"host:{one.host}"
