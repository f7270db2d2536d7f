"""The tables of the embedded record, and how an older record is brought to their shape.

``nodes.num`` and ``edges.num`` are never used again. ``facts`` is what each source says (see
``store.facts``), the columns beside it are its merge. ``changes`` has a row for each changed node
(or its passages), each changed edge, each text hash that got a vector and each fingerprint that was
dropped, written in the transaction of the change: whatever is derived from the record follows it.
"""

import re
import sqlite3
import uuid
from collections.abc import Iterator

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

#: What ``counts`` must hold, counted anew: (what, name, number). The names of "vector" are numbers
#: of fingerprints; it counts those of the distinct texts to be embedded that have a vector.
RECOUNT = """
SELECT 'node', label, count(*) FROM nodes GROUP BY label
UNION ALL SELECT iif(inferred, 'inferred', 'observed'), type, count(*) FROM edges
    GROUP BY type, inferred
UNION ALL SELECT 'passage', '', count(*) FROM passages
UNION ALL SELECT 'text', '', count(DISTINCT hash) FROM passages WHERE text IS NOT NULL
UNION ALL SELECT 'vector', CAST(f.num AS TEXT), (
    SELECT count(*) FROM vectors v WHERE v.fingerprint_num = f.num AND EXISTS
        (SELECT 1 FROM passages p WHERE p.hash = v.hash AND p.text IS NOT NULL)
) FROM fingerprints f"""

# Triggers keep ``counts`` true, so that counting reads no million rows. Vectors are inserted OR
# IGNORE, a policy that their trigger inherits: it changes rows that are there.
_COUNTS = f"""
CREATE TABLE counts (
    what TEXT NOT NULL,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (what, name)
) WITHOUT ROWID;

INSERT INTO counts {RECOUNT};

CREATE TRIGGER node_comes AFTER INSERT ON nodes BEGIN
    INSERT INTO counts VALUES ('node', NEW.label, 1)
        ON CONFLICT (what, name) DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER node_goes AFTER DELETE ON nodes BEGIN
    UPDATE counts SET number = number - 1 WHERE what = 'node' AND name = OLD.label;
END;
CREATE TRIGGER node_turns AFTER UPDATE OF label ON nodes WHEN NEW.label <> OLD.label BEGIN
    UPDATE counts SET number = number - 1 WHERE what = 'node' AND name = OLD.label;
    INSERT INTO counts VALUES ('node', NEW.label, 1)
        ON CONFLICT (what, name) DO UPDATE SET number = number + 1;
END;

CREATE TRIGGER edge_comes AFTER INSERT ON edges BEGIN
    INSERT INTO counts VALUES (iif(NEW.inferred, 'inferred', 'observed'), NEW.type, 1)
        ON CONFLICT (what, name) DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER edge_goes AFTER DELETE ON edges BEGIN
    UPDATE counts SET number = number - 1
        WHERE what = iif(OLD.inferred, 'inferred', 'observed') AND name = OLD.type;
END;
CREATE TRIGGER edge_turns AFTER UPDATE OF inferred ON edges WHEN NEW.inferred <> OLD.inferred BEGIN
    UPDATE counts SET number = number - 1
        WHERE what = iif(OLD.inferred, 'inferred', 'observed') AND name = OLD.type;
    INSERT INTO counts VALUES (iif(NEW.inferred, 'inferred', 'observed'), NEW.type, 1)
        ON CONFLICT (what, name) DO UPDATE SET number = number + 1;
END;

CREATE TRIGGER passage_comes AFTER INSERT ON passages BEGIN
    UPDATE counts SET number = number + 1 WHERE what = 'passage';
END;
CREATE TRIGGER passage_goes AFTER DELETE ON passages BEGIN
    UPDATE counts SET number = number - 1 WHERE what = 'passage';
END;
CREATE TRIGGER text_comes AFTER INSERT ON passages WHEN NEW.text IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM passages p WHERE p.hash = NEW.hash AND p.text IS NOT NULL
        AND (p.node_num, p.ordinal) <> (NEW.node_num, NEW.ordinal)
) BEGIN
    UPDATE counts SET number = number + 1 WHERE what = 'text';
    UPDATE counts SET number = number + 1 WHERE what = 'vector' AND EXISTS
        (SELECT 1 FROM vectors v WHERE v.fingerprint_num = CAST(name AS INTEGER)
            AND v.hash = NEW.hash);
END;
CREATE TRIGGER text_goes AFTER DELETE ON passages WHEN OLD.text IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM passages p WHERE p.hash = OLD.hash AND p.text IS NOT NULL
) BEGIN
    UPDATE counts SET number = number - 1 WHERE what = 'text';
    UPDATE counts SET number = number - 1 WHERE what = 'vector' AND EXISTS
        (SELECT 1 FROM vectors v WHERE v.fingerprint_num = CAST(name AS INTEGER)
            AND v.hash = OLD.hash);
END;

CREATE TRIGGER fingerprint_comes AFTER INSERT ON fingerprints BEGIN
    INSERT INTO counts VALUES ('vector', NEW.num, 0);
END;
CREATE TRIGGER vector_comes AFTER INSERT ON vectors WHEN EXISTS
    (SELECT 1 FROM passages p WHERE p.hash = NEW.hash AND p.text IS NOT NULL)
BEGIN
    UPDATE counts SET number = number + 1
        WHERE what = 'vector' AND name = CAST(NEW.fingerprint_num AS TEXT);
END;
CREATE TRIGGER vector_goes AFTER DELETE ON vectors WHEN EXISTS
    (SELECT 1 FROM passages p WHERE p.hash = OLD.hash AND p.text IS NOT NULL)
BEGIN
    UPDATE counts SET number = number - 1
        WHERE what = 'vector' AND name = CAST(OLD.fingerprint_num AS TEXT);
END;
"""

# What records there are, and how often any of a kind was written.
_RECORD_KINDS = """
CREATE TABLE record_kinds (
    kind TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    writes INTEGER NOT NULL
) WITHOUT ROWID;

INSERT INTO record_kinds SELECT kind, count(*), count(*) FROM records GROUP BY kind;

CREATE TRIGGER record_comes AFTER INSERT ON records BEGIN
    INSERT INTO record_kinds VALUES (NEW.kind, 1, 1)
        ON CONFLICT (kind) DO UPDATE SET number = number + 1, writes = writes + 1;
END;
CREATE TRIGGER record_turns AFTER UPDATE ON records BEGIN
    UPDATE record_kinds SET writes = writes + 1 WHERE kind = NEW.kind;
END;
CREATE TRIGGER record_goes AFTER DELETE ON records BEGIN
    UPDATE record_kinds SET number = number - 1, writes = writes + 1 WHERE kind = OLD.kind;
END;
"""

#: Script i takes a record from ``user_version`` i to i + 1; one that has shipped never changes.
MIGRATIONS: tuple[str, ...] = (_FIRST, _RECORDS_AND_ALIASES, _COUNTS, _RECORD_KINDS)


_CREATE = re.compile(r"\bCREATE (TABLE|TRIGGER)\b")


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


def identity(connection: sqlite3.Connection) -> str | None:
    """What tells a record from others; None where no newer program has opened it for writing."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'identity'").fetchone()
    return None if row is None else str(row[0])


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the record to the newest version, all of it or nothing, and let it have an identity;
    safe beside other processes."""
    if version(connection) == len(MIGRATIONS) and identity(connection):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        bring_up(connection)
        connection.execute("INSERT OR IGNORE INTO meta VALUES ('identity', ?)", (uuid.uuid4().hex,))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def bring_up(connection: sqlite3.Connection) -> None:
    """As ``migrate``, inside the caller's write transaction."""
    for script in MIGRATIONS[version(connection) :]:  # another process may have been faster
        for statement in _statements(script):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def stand_in(connection: sqlite3.Connection) -> None:
    """What an older record lacks, empty, for one reader: it is read without being changed.

    Every migration but the first must be made of new tables, what fills them and triggers for this
    to hold.
    """
    for script in MIGRATIONS[max(version(connection), 1) :]:
        connection.executescript(_CREATE.sub(r"CREATE TEMP \1", script))


def _statements(script: str) -> Iterator[str]:
    """The statements of a script one by one; ``executescript`` would commit what was begun."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
