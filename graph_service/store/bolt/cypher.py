"""All Cypher of the Neo4j engine. Every value is a parameter; labels and types are our own words.

See ``store.bolt.schema`` for what lies where.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from graph_service.model import Label

# -- transactions --------------------------------------------------------------------------------

#: Locks ``Meta``: what writes first waits here for those before it. What it reads, it reads after.
BEGIN: Final = """
MATCH (m:Meta {id: 'store'})
SET m.writer = $client
MERGE (c:Client {id: $client})
WITH m, c, c.unit AS before
SET c.unit = $unit, c.seen = timestamp()
RETURN m.change AS change, m.counts AS counts, before"""

#: ``writes`` rises with every transaction that wrote anything, ``change`` not with records alone.
END: Final = """
MATCH (m:Meta {id: 'store'})
SET m.change = $change, m.counts = $counts, m.writes = m.writes + 1"""

FORGET: Final = "MATCH (c:Client {id: $client}) DELETE c"

FIND_UNIT: Final = """
SHOW TRANSACTIONS YIELD transactionId, metaData
WHERE metaData.unit = $unit RETURN transactionId"""

TERMINATE: Final = "TERMINATE TRANSACTIONS $name"


def joined(statements: Sequence[tuple[str, Mapping[str, Any]]]) -> tuple[str, dict[str, Any]]:
    """Statements that give no rows, and their parameters, as one: done one after the other."""
    if len(statements) == 1:
        return statements[0][0], dict(statements[0][1])
    text = "\n".join(
        f"CALL () {{ {_PARAMETER.sub(f'$q{i}.', query)} }}"
        for i, (query, _) in enumerate(statements)
    )
    return f"{text}\nFINISH", {f"q{i}": params for i, (_, params) in enumerate(statements)}


# A label that a row tells is spelled $(…).
_PARAMETER: Final = re.compile(r"\$(?=[a-z])")

# -- schema --------------------------------------------------------------------------------------


def unique(name: str, label: str, *properties: str) -> str:
    """A constraint: no two nodes of a label have the same properties."""
    what = ", ".join(f"n.{one}" for one in properties)
    return f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR (n:{label}) REQUIRE ({what}) IS UNIQUE"


def index(name: str, label: str, *properties: str) -> str:
    """An index by values and their order."""
    what = ", ".join(f"n.{one}" for one in properties)
    return f"CREATE INDEX {name} IF NOT EXISTS FOR (n:{label}) ON ({what})"


def words_name(label: Label) -> str:
    """The name of a label's index of words."""
    return f"text_{label}"


def words(name: str, label: str, property_: str) -> str:
    """An index of the words of a text that blanks part; a search sees what was committed before."""
    return (
        f"CREATE FULLTEXT INDEX {name} IF NOT EXISTS FOR (n:{label}) ON EACH [n.{property_}] "
        "OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace', "
        "`fulltext.eventually_consistent`: false}}"
    )


#: The index of names as they are typed.
NAMES: Final = "names"

INDEX_NAMES: Final = "SHOW INDEXES YIELD name"

AWAIT_INDEXES: Final = "CALL db.awaitIndexes(3600)"

#: The indexes that can be made anew from what they index, without a constraint being lifted.
DERIVED: Final = """
SHOW INDEXES YIELD name, type, owningConstraint, createStatement
WHERE type <> 'LOOKUP' AND owningConstraint IS NULL RETURN name, createStatement"""


#: What has entries in the indexes for searching, those there were when they were made, and the
#: fingerprints with their dimensions.
INDEXED: Final = """
MATCH (m:Meta {id: 'store'})
RETURN m.counts, coalesce(m.indexed, '{}'),
    COLLECT { MATCH (f:Fingerprint) RETURN [f.name, f.dimension] }"""

KEEP_INDEXED: Final = "MATCH (m:Meta {id: 'store'}) SET m.indexed = $indexed"


def drop_index(name: str) -> str:
    """Without an index, whatever it is of."""
    return f"DROP INDEX `{name}` IF EXISTS"


#: What a server holds: our schema's version or null, and whether there is any node.
STATE: Final = """
OPTIONAL MATCH (m:Meta {id: 'store'})
RETURN m.schema AS schema, m.identity AS identity, EXISTS { MATCH () } AS used"""

#: The one ``Meta``, made where it is missing.
SETTLE: Final = """
MERGE (m:Meta {id: 'store'})
ON CREATE SET m.identity = $identity, m.change = 0, m.writes = 0, m.counts = '{}'
SET m.schema = $schema"""

#: Clients not seen for a week are forgotten, without waiting for those who write.
SWEEP: Final = """
MATCH (c:Client) WHERE c.seen < timestamp() - 7 * 24 * 3600 * 1000
DELETE c"""

META: Final = "MATCH (m:Meta {id: 'store'}) RETURN m.change AS change, m.counts AS counts"
