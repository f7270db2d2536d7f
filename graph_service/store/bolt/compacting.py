"""Indexes for searching made anew once most of what they hold was written into them afterwards.

What is written in portions lies in many segments of a Lucene index, and a search looks through each
by itself; an index that is made beside its data has one. On the shared data a search by vectors
takes a fifth of the time then (``bench.engines``).
"""

from collections.abc import Mapping

import orjson

from graph_service.store.bolt import cypher, schema
from graph_service.store.bolt.connection import Connection
from graph_service.store.bolt.counts import named, unpacked
from graph_service.store.bolt.vectors import indexes, short

#: Fewer entries are searched quickly in however many segments.
_WORTH = 10_000

#: So many times what it held when it was made, an index is made anew: each entry is then indexed
#: about once more in all. What was deleted since does not count.
_GROWN = 2

#: Entries by group of indexes: ``WORDS``, or what stands for a fingerprint.
_Sizes = Mapping[str, int]
WORDS = "words"


def compact(connection: Connection) -> None:
    """Make the indexes anew that have grown much since they were made; meanwhile searches may find
    less, or say that an index is missing. Where nothing grew it is one read.

    Raises:
        StoreUnavailableError: the server is away.
    """
    made, now, dimensions = _told(connection)
    if any(size < made.get(name, 0) for name, size in now.items()) or made.keys() - now.keys():
        made = {name: min(size, now[name]) for name, size in made.items() if name in now}
        _keep(connection, made)
    grown = [name for name, size in now.items() if size >= max(_WORTH, _GROWN * made.get(name, 0))]
    statements = {
        WORDS: schema.SEARCHED,
        **{short(name): indexes(name, dimension) for name, dimension in dimensions.items()},
    }
    for group in grown:
        for index, create in statements[group].items():
            connection.schema(cypher.drop_index(index), create)
    if grown:
        _keep(connection, {**made, **{name: now[name] for name in grown}})


def made_now(connection: Connection) -> None:
    """Remember that all indexes were just made."""
    _, now, _ = _told(connection)
    _keep(connection, now)


def _told(connection: Connection) -> tuple[_Sizes, _Sizes, Mapping[str, int]]:
    """Entries when the indexes were made, entries now, and dimensions by fingerprint."""
    ((told, made, known),) = (row.values() for row in connection.read(cypher.INDEXED))
    counts = unpacked(told)
    vectors = named(counts, "vector")
    now = {short(name): vectors.get(short(name), 0) for name, _ in known}
    return orjson.loads(made), {WORDS: sum(named(counts, "document").values()), **now}, dict(known)


def _keep(connection: Connection, sizes: _Sizes) -> None:
    connection.define(cypher.KEEP_INDEXED, indexed=orjson.dumps(sizes).decode())
