"""How many there are of what: ``Meta.counts``, kept true by every write.

Keys are pairs (what, name):

===========  ==================  =========================================================
what         name                number
===========  ==================  =========================================================
node         label               nodes
observed     type                observed edges
inferred     type                inferred edges
passage      ""                  passages
text         ""                  distinct texts that are to be embedded
vector       fingerprint, short  those of them that have a vector under it
document     label               documents that have words (ordinal 0)
length       label               their words
record       kind                records
alias        ""                  ids that were merged
written      label               rises whenever nodes of the label are written; no recount knows it
===========  ==================  =========================================================
"""

from collections import Counter
from collections.abc import Mapping

import orjson

Counts = Counter[tuple[str, str]]


def counted(told: Counts) -> Counts:
    """Those that a recount tells too."""
    return Counter({key: number for key, number in told.items() if number and key[0] != "written"})


def packed(counts: Mapping[tuple[str, str], int]) -> str:
    """Counts as the text that ``Meta`` keeps: {what: {name: number}}, without zeros."""
    nested: dict[str, dict[str, int]] = {}
    for (what, name), number in sorted(counts.items()):
        if number:
            nested.setdefault(what, {})[str(name)] = number  # a label is more than a text
    return orjson.dumps(nested).decode()


def unpacked(text: str) -> Counts:
    """What ``packed`` packed."""
    nested: dict[str, dict[str, int]] = orjson.loads(text)
    return Counter({(what, name): n for what, names in nested.items() for name, n in names.items()})


def named(counts: Mapping[tuple[str, str], int], what: str) -> dict[str, int]:
    """The numbers of one kind by name, in order."""
    return {name: n for (kind, name), n in sorted(counts.items()) if kind == what}
