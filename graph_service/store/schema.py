"""The tables of the embedded record, and how an older record is brought to their shape.

``nodes.num`` and ``edges.num`` are never used again. ``facts`` is what each source says (see
``store.facts``), the columns beside it are its merge. ``changes`` has a row for each changed node
(or its passages), each changed edge and each text hash that got a vector, written in the
transaction of the change: whatever is derived from the record follows it.
"""

import sqlite3

from graph_service.errors import StoreNewerError

_FIRST = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT);

CREATE TABLE nodes (
    num INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    props TEXT NOT NULL,
    source TEXT,
    observed_at TEXT,
    version INTEGER NOT NULL,
    facts TEXT NOT NULL
);
CREATE INDEX nodes_by_label ON nodes (label, id);

CREATE TABLE facets (
    node_num INTEGER NOT NULL,
    facet TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (facet, value, node_num)
) WITHOUT ROWID;

CREATE TABLE edges (
    num INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    from_num INTEGER NOT NULL,
    to_num INTEGER NOT NULL,
    key TEXT NOT NULL,
    props TEXT NOT NULL,
    source TEXT,
    observed_at TEXT,
    confidence REAL NOT NULL,
    inferred INTEGER NOT NULL,
    version INTEGER NOT NULL,
    facts TEXT NOT NULL,
    UNIQUE (type, from_num, to_num, key)
);
CREATE INDEX edges_by_from ON edges (from_num);
CREATE INDEX edges_by_to ON edges (to_num);

CREATE TABLE passages (
    node_num INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    hash BLOB NOT NULL,
    text TEXT,
    tokens TEXT,
    length INTEGER,
    PRIMARY KEY (node_num, ordinal)
) WITHOUT ROWID;
CREATE INDEX passages_by_hash ON passages (hash);

CREATE TABLE fingerprints (
    num INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    dimension INTEGER NOT NULL
);

CREATE TABLE vectors (
    fingerprint_num INTEGER NOT NULL,
    hash BLOB NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (fingerprint_num, hash)
) WITHOUT ROWID;

CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    num INTEGER,
    hash BLOB
);
"""

# ``aliases``: an id that was merged; ``into_id`` is what it was merged into, ``kept_id`` the node
# that stands for it now, which is another where that was merged in turn.
_RECORDS_AND_ALIASES = """
CREATE TABLE records (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;

CREATE TABLE aliases (
    id TEXT PRIMARY KEY,
    into_id TEXT NOT NULL,
    kept_id TEXT NOT NULL
) WITHOUT ROWID;
"""

#: Script i takes a record from ``user_version`` i to i + 1; one that has shipped never changes.
MIGRATIONS: tuple[str, ...] = (_FIRST, _RECORDS_AND_ALIASES)


def version(connection: sqlite3.Connection) -> int:
    """The record's schema version; 0 for an empty file.

    Raises:
        StoreNewerError: it is newer than this program knows.
    """
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > len(MIGRATIONS):
        raise StoreNewerError(
            f"图谱库的格式版本是 {found}，本程序只认识到 {len(MIGRATIONS)}。",
            hint="请升级 jiebang，或换一个图谱库。",
            found=found,
            known=len(MIGRATIONS),
        )
    return found


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the record to the newest version, all of it or nothing; safe beside other processes."""
    if version(connection) == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        bring_up(connection)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def bring_up(connection: sqlite3.Connection) -> None:
    """As ``migrate``, inside the caller's write transaction."""
    for script in MIGRATIONS[version(connection) :]:  # another process may have been faster
        for statement in script.split(";\n"):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def stand_in(connection: sqlite3.Connection) -> None:
    """What an older record lacks, empty, for one reader: it is read without being changed.

    Every migration but the first must be made of new tables alone for this to hold.
    """
    for script in MIGRATIONS[max(version(connection), 1) :]:
        connection.executescript(script.replace("CREATE TABLE", "CREATE TEMP TABLE"))
