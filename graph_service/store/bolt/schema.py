"""What lies on the server, and how an older server's constraints and indexes are brought up.

::

    (:Node:Organization {id, title, props, source, observed_at, version, facts, kinds, tiers, …})
        -[:MAKES {key, props, source, observed_at, confidence, inferred, version, facts}]->(:Node)
        -[:HAS]->(:Passage:OrganizationDocument {node_id, ordinal, hash, text, v_…})
    (:Term {key, df})  (:Vector {key, hash, bytes})  (:Fingerprint {name, short, dimension})
    (:Alias {id, into_id, kept_id})  (:Record {kind, id, version, data, f_…})
    (:Meta {id: 'store', schema, change, writes, identity, counts, indexed})
    (:Client {id, unit, seen})  (:Counter {kind, last})

Every node of the graph has the label ``Node`` beside its own. ``Meta.counts`` is what ``stats``
tells, in one property, so that no reader sees half a batch; ``indexed`` is what ``compacting``
remembers. Vector indexes come with the first
vectors of their fingerprint. A migration may be run twice; one that has shipped never changes.
"""

import re
import uuid
from collections.abc import Mapping

from graph_service.errors import StoreError, StoreNewerError, StoreUnavailableError
from graph_service.model import Label
from graph_service.store.bolt import cypher
from graph_service.store.bolt.connection import Connection

_UNIQUE: Mapping[str, tuple[str, ...]] = {
    "node_id": ("Node", "id"),
    "alias_id": ("Alias", "id"),
    "meta_id": ("Meta", "id"),
    "client_id": ("Client", "id"),
    "counter_kind": ("Counter", "kind"),
    "fingerprint_name": ("Fingerprint", "name"),
    "record_id": ("Record", "kind", "id"),
    "term_key": ("Term", "key"),
    "vector_key": ("Vector", "key"),
}
_INDEXED: Mapping[str, tuple[str, ...]] = {
    **{f"{label.lower()}_id": (label, "id") for label in Label},
    "alias_kept": ("Alias", "kept_id"),
    "alias_into": ("Alias", "into_id"),
    "passage_hash": ("Passage", "hash"),
    "passage_node": ("Passage", "node_id"),
}

#: What each index is: (kind, label, properties); a unique one is its constraint's.
SHAPES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    **{name: ("UNIQUE", what[0], what[1:]) for name, what in _UNIQUE.items()},
    **{name: ("RANGE", what[0], what[1:]) for name, what in _INDEXED.items()},
    **{cypher.words_name(label): ("FULLTEXT", label.value, ("tokens",)) for label in Label},
    cypher.NAMES: ("FULLTEXT", "Node", ("name_ways",)),
}
#: Names of the indexes that come with a fingerprint (``vectors.index_names``).
_OF_VECTORS = re.compile(r"v_[0-9a-f]{12}_[A-Za-z]+")
#: The statements that make the indexes of words and of names, by their names.
SEARCHED: Mapping[str, str] = {
    **{
        cypher.words_name(label): cypher.words(cypher.words_name(label), label, "tokens")
        for label in Label
    },
    cypher.NAMES: cypher.words(cypher.NAMES, "Node", "name_ways"),
}
_FIRST = {
    **{name: cypher.unique(name, *what) for name, what in _UNIQUE.items()},
    **{name: cypher.index(name, *what) for name, what in _INDEXED.items()},
    **SEARCHED,
}

#: What takes a server from ``Meta.schema`` i to i + 1: statements by the index that each makes.
MIGRATIONS: tuple[Mapping[str, str], ...] = (_FIRST,)


def version(connection: Connection) -> int | None:
    """The schema's version on the server; None where it holds nothing at all.

    Raises:
        StoreNewerError: it is newer than this program knows.
        StoreError: the server holds something that is not ours.
    """
    schema, _, used = connection.read(cypher.STATE)[0].values()
    if schema is None and used:
        raise StoreError(
            f"图数据库 {connection.location} 里已有别的数据，不是揭榜的图谱库；什么都没有动。",
            hint="请换一个空的 Neo4j，或先由其主人清空它。",
            location=connection.location,
        )
    if schema is not None and schema > len(MIGRATIONS):
        raise StoreNewerError(
            f"图谱库的格式版本是 {schema}，本程序只认识到 {len(MIGRATIONS)}。",
            hint="请升级 jiebang，或换一个图谱库。",
            found=schema,
            known=len(MIGRATIONS),
        )
    return None if schema is None else int(schema)


def settle(connection: Connection) -> None:
    """See that the server holds a store of this version; where writing is allowed, make it so.

    Raises:
        StoreUnavailableError: it holds none, or an older one, and may not be written.
        StoreNewerError, StoreError: as ``version``.
    """
    found = version(connection)
    if found == len(MIGRATIONS):
        return
    if connection.read_only:
        raise StoreUnavailableError(
            f"图数据库 {connection.location} 上还没有图谱库，或其格式较旧。",
            hint="请先用 jiebang store migrate 建好，或用 jiebang load 装入数据。",
            location=connection.location,
        )
    migrate(connection)


def migrate(connection: Connection) -> tuple[int, int]:
    """Bring the server to the newest version: (version before, version now). Indexes that somebody
    dropped are made again. Where nothing is to be done, it waits for no writer.

    Safe to be broken off, and beside other processes that do the same.

    Raises:
        StoreNewerError, StoreError: as ``version``.
    """
    found = version(connection) or 0
    there = {row["name"] for row in connection.read(cypher.INDEX_NAMES)}
    wanted = {name: one for script in MIGRATIONS for name, one in script.items()}
    missing = [statement for name, statement in wanted.items() if name not in there]
    if missing:
        connection.schema(*missing)
    if found < len(MIGRATIONS):
        connection.define(cypher.SETTLE, identity=uuid.uuid4().hex, schema=len(MIGRATIONS))
    connection.define(cypher.SWEEP)
    return found, len(MIGRATIONS)


def rebuild(connection: Connection) -> None:
    """Make every index of ours anew from what it indexes; meanwhile searches find less. What others
    made on the server stays as it is.

    Raises:
        StoreUnavailableError: opened read only, or the server is away.
    """
    there = [row for row in connection.read(cypher.DERIVED) if _ours(row["name"])]
    drops = [cypher.drop_index(name) for name, _ in there]
    connection.schema(*drops, *(create for _, create in there))


def _ours(index: str) -> bool:
    return index in SHAPES or _OF_VECTORS.fullmatch(index) is not None
