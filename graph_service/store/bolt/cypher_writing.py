"""All Cypher that writes batches and records. Every value is a parameter; labels and types are our
own words.

Writers are serial (``cypher.BEGIN``), so what is known not to be there is made by CREATE. Of an
edge both ends are found by their ids before it is looked for between them, from the side that has
fewer edges.
"""

from collections.abc import Sequence
from typing import Final

from graph_service.model import EdgeType

# -- aliases -------------------------------------------------------------------------------------

KEPT: Final = "UNWIND $ids AS id MATCH (k:Alias {id: id}) RETURN k.id, k.kept_id"

MERGE: Final = """
OPTIONAL MATCH (under:Alias {kept_id: $gone}) SET under.kept_id = $into
WITH count(*) AS _
CREATE (:Alias {id: $gone, into_id: $into, kept_id: $into})"""

#: What was merged into an id, and what into that in turn, names the id again.
SPLIT: Final = """
MATCH (gone:Alias {id: $gone})
WITH gone, gone.kept_id AS kept
DELETE gone
RETURN kept"""
UNDER: Final = "UNWIND $ids AS id MATCH (k:Alias {into_id: id}) RETURN k.id"
RENAME: Final = "UNWIND $ids AS id MATCH (k:Alias {id: id}) SET k.kept_id = $into"

# -- nodes ---------------------------------------------------------------------------------------

THERE: Final = "UNWIND $ids AS id MATCH (n:Node {id: id}) RETURN id"

NODES: Final = """
UNWIND $ids AS id MATCH (n:Node {id: id})
RETURN id, [label IN labels(n) WHERE label <> 'Node'][0] AS label, n.version, n.facts, n.props"""

TOLD: Final = """
UNWIND $ids AS id MATCH (n:Node {id: id})
RETURN id, [label IN labels(n) WHERE label <> 'Node'][0] AS label, n.props"""

UPDATE_NODES: Final = "UNWIND $rows AS row MATCH (n:Node {id: row.id}) SET n += row"

RELABEL: Final = (
    "UNWIND $rows AS row MATCH (n:Node {id: row[0]}) REMOVE n:$(row[1]) SET n:$(row[2])"
)

DELETE_NODES: Final = "UNWIND $ids AS id MATCH (n:Node {id: id}) DETACH DELETE n"


def create_nodes(label: str) -> str:
    """Nodes of a label from maps of properties."""
    return f"UNWIND $rows AS row CREATE (n:Node:{label}) SET n = row"


# -- edges ---------------------------------------------------------------------------------------

EDGES_AT: Final = """
UNWIND $ids AS id MATCH (n:Node {id: id})-[r]-(:Node)
RETURN DISTINCT type(r), startNode(r).id, endNode(r).id, r.key, r.version, r.facts, r.inferred,
    elementId(r)"""

UPDATE_EDGES: Final = (
    "UNWIND $rows AS row MATCH ()-[r]->() WHERE elementId(r) = row[0] SET r += row[1]"
)

DELETE_EDGES: Final = "UNWIND $refs AS ref MATCH ()-[r]->() WHERE elementId(r) = ref DELETE r"

MAKERS: Final = f"""
UNWIND $ids AS id MATCH (n:Node {{id: id}})<-[:{EdgeType.MAKES}]-(maker:Node)
RETURN DISTINCT maker.id"""

MADE: Final = f"""
UNWIND $ids AS id MATCH (n:Node {{id: id}})-[r:{EdgeType.MAKES}]->(p:Node) WHERE NOT r.inferred
RETURN id, r.props, p.id, p.props"""

_ENDS: Final = "UNWIND $rows AS row MATCH (a:Node {id: row[0]}) MATCH (b:Node {id: row[1]})"


def edges(type_: str) -> str:
    """The edges of a type: (from, to, key, ...) for each row (from, to, key)."""
    return f"""{_ENDS}
WITH a, b, row MATCH (a)-[r:{type_}]->(b) WHERE r.key = row[2]
RETURN row[0], row[1], row[2], r.version, r.facts, r.inferred, elementId(r)"""


def create_edges(type_: str) -> str:
    """Edges of a type from rows (from, to, map of properties)."""
    return f"{_ENDS} CREATE (a)-[r:{type_}]->(b) SET r = row[2]"


# -- passages ------------------------------------------------------------------------------------

PASSAGES: Final = """
UNWIND $ids AS id MATCH (n:Node {id: id})-[:HAS]->(p:Passage)
RETURN id, p.ordinal, p.hash, p.text, CASE p.ordinal WHEN 0 THEN n.tokens END,
    CASE p.ordinal WHEN 0 THEN n.length END
ORDER BY id, p.ordinal"""

#: Of each hash, how many passages have its text, to be embedded; and the fingerprints there are.
HOLDERS: Final = """
UNWIND $hashes AS hash
WITH collect([hash, COUNT { MATCH (p:Passage {hash: hash}) WHERE p.text IS NOT NULL }]) AS held
RETURN held, COLLECT { MATCH (f:Fingerprint) RETURN f.short } AS shorts"""

DELETE_PASSAGES: Final = """
UNWIND $rows AS row MATCH (p:Passage {node_id: row[0]}) WHERE p.ordinal = row[1]
DETACH DELETE p"""

WORDS: Final = (
    "UNWIND $rows AS row MATCH (n:Node {id: row[0]}) SET n.tokens = row[1], n.length = row[2]"
)

#: By how much the numbers of documents that have a term rise.
TERMS: Final = """
UNWIND $rows AS row MERGE (t:Term {key: row[0]})
ON CREATE SET t.df = row[1] ON MATCH SET t.df = t.df + row[1]"""

UNUSED_TERMS: Final = "UNWIND $keys AS key MATCH (t:Term {key: key}) WHERE t.df <= 0 DELETE t"

VECTORS: Final = "UNWIND $keys AS key MATCH (v:Vector {key: key}) RETURN v.hash, v.bytes"

SET_VECTORS: Final = """
UNWIND $rows AS row MATCH (p:Passage {hash: row[0]}) WHERE p.text IS NOT NULL
CALL db.create.setNodeVectorProperty(p, $name, row[1])"""


def create_passages(label: str) -> str:
    """Passages, further labelled, from maps of properties, each at its node."""
    return (
        "UNWIND $rows AS row MATCH (n:Node {id: row.node_id}) "
        f"CREATE (n)-[:HAS]->(p:Passage:{label}) SET p = row"
    )


# -- records -------------------------------------------------------------------------------------

GET: Final = """
UNWIND $ids AS id MATCH (r:Record {kind: $kind, id: id}) RETURN id, r.version, r.data"""

VERSIONS: Final = """
UNWIND $rows AS row MATCH (r:Record {kind: row[0], id: row[1]}) RETURN r.kind, r.id, r.version"""

PUT: Final = "UNWIND $rows AS row MERGE (r:Record {kind: row.kind, id: row.id}) SET r = row"

REMOVE: Final = "UNWIND $rows AS row MATCH (r:Record {kind: row[0], id: row[1]}) DELETE r"

COUNTERS: Final = "MATCH (c:Counter) WHERE c.kind IN $kinds RETURN c.kind, c.last"

RAISE: Final = "UNWIND $rows AS row MERGE (c:Counter {kind: row[0]}) SET c.last = row[1]"


def query(fields: Sequence[str], *, newest_first: bool, first: bool) -> str:
    """A page of records of a kind, in the order of ids; ``first``: from the very first one on."""
    compare = "<" if newest_first and not first else ">"
    return (
        f"MATCH (r:Record) WHERE r.kind = $kind AND r.id {compare} $after{_among(fields)} "
        f"RETURN r.id, r.version, r.data ORDER BY r.id {'DESC' if newest_first else ''} "
        "LIMIT $limit"
    )


def count(fields: Sequence[str]) -> str:
    """How many records of a kind there are."""
    return f"MATCH (r:Record) WHERE r.kind = $kind AND r.id > ''{_among(fields)} RETURN count(r)"


def _among(fields: Sequence[str]) -> str:
    """Each field has one of its values; their names are checked (``putting.check_field``)."""
    return "".join(f" AND r.f_{name} IN $values[{i}]" for i, name in enumerate(fields))
