"""All Cypher that looks at a server as a whole: for copies of everything, and to see whether it is
whole. Every value is a parameter; labels, types and names of properties are our own words.

See ``store.bolt.schema`` for what lies where.
"""

from typing import Final

# -- copies: each question returns one column, ``row``, a list (``asking.Ask``) -------------------

MARK: Final = "MATCH (m:Meta {id: 'store'}) RETURN [m.identity, m.writes] AS row"

MERGES: Final = "MATCH (a:Alias) RETURN [a.id, a.into_id] AS row ORDER BY a.id"

FINGERPRINT: Final = "MATCH (f:Fingerprint {name: $q.name}) RETURN [f.short, f.dimension] AS row"

VECTORS: Final = """
MATCH (v:Vector) WHERE v.key > $q.after AND v.key < $q.end
RETURN [v.hash, v.bytes] AS row ORDER BY v.key LIMIT $q.limit"""

# -- looking whether it is whole -------------------------------------------------------------------

STATE: Final = """
MATCH (m:Meta {id: 'store'})
RETURN m.change AS change, m.writes AS writes, m.counts AS counts,
    COLLECT {
        MATCH (f:Fingerprint) RETURN [f.name, f.short, f.dimension] ORDER BY f.name
    } AS models"""

INDEXES: Final = """
SHOW INDEXES YIELD name, type, state, labelsOrTypes, properties, owningConstraint
RETURN name, CASE WHEN owningConstraint IS NULL THEN type ELSE 'UNIQUE' END AS kind, state,
    labelsOrTypes[0] AS label, properties"""

#: Everything on the server that is none of ours.
STRANGERS: Final = """
MATCH (n) WHERE NOT n:Node AND NOT n:Passage AND NOT n:Term AND NOT n:Vector AND NOT n:Fingerprint
    AND NOT n:Alias AND NOT n:Record AND NOT n:Meta AND NOT n:Client AND NOT n:Counter
RETURN labels(n) AS labels, count(*) AS number"""

NODES: Final = """
MATCH (n:Node) WHERE n.id > $after
RETURN n.id AS id, labels(n) AS labels, properties(n) AS props
ORDER BY n.id LIMIT $limit"""

EDGES: Final = """
UNWIND $ids AS id
MATCH (a:Node {id: id})-[r]->(b) WHERE type(r) <> 'HAS'
RETURN id, type(r) AS type, b.id AS end, b:Node AS whole, properties(r) AS props"""

#: Edges that do not begin at a node of the graph.
LOOSE_EDGES: Final = """
MATCH (a)-[r]->() WHERE NOT a:Node
RETURN type(r) AS type, count(*) AS number"""

PASSAGES: Final = """
UNWIND $ids AS id
MATCH (n:Node {id: id})-[:HAS]->(p)
RETURN id, p.ordinal AS ordinal, p.hash AS hash, p.text AS text, labels(p) AS labels
ORDER BY id, ordinal"""

LOOSE_PASSAGES: Final = """
MATCH (p:Passage)
WHERE COUNT { ()-[:HAS]->(p) } <> 1 OR NOT EXISTS { (:Node {id: p.node_id})-[:HAS]->(p) }
RETURN p.node_id AS id, p.ordinal AS ordinal"""

VECTORS_HELD: Final = """
MATCH (v:Vector) WHERE v.key > $after AND v.key < $end
WITH v ORDER BY v.key LIMIT $limit
RETURN v.key AS key, v.hash AS hash, v.bytes AS bytes,
    COLLECT {
        MATCH (p:Passage {hash: v.hash}) WHERE p.text IS NOT NULL RETURN p[$property]
    } AS held
ORDER BY key"""

#: Vectors of no fingerprint that is known, and passages with a vector that the record lacks.
LOOSE_VECTORS: Final = """
MATCH (v:Vector) WHERE NOT split(v.key, ':')[0] IN $shorts RETURN v.key AS key"""
UNKEPT: Final = """
MATCH (p:Passage) WHERE p[$property] IS NOT NULL
    AND (p.text IS NULL OR NOT EXISTS { (:Vector {key: $short + ':' + p.hash}) })
RETURN p.node_id AS id"""

ALIASES: Final = """
MATCH (a:Alias)
RETURN a.id AS id, a.into_id AS into, a.kept_id AS kept,
    EXISTS { (:Node {id: a.kept_id}) } AND NOT EXISTS { (:Node {id: a.id}) } AS whole,
    COLLECT { MATCH (b:Alias {id: a.into_id}) RETURN b.kept_id }[0] AS into_kept
ORDER BY id"""

KINDS: Final = "MATCH (r:Record) RETURN DISTINCT r.kind AS kind ORDER BY kind"

RECORDS: Final = """
MATCH (r:Record {kind: $kind}) WHERE r.id > $after
RETURN r.id AS id, properties(r) AS props ORDER BY id LIMIT $limit"""

TERMS: Final = """
MATCH (t:Term) WHERE t.key > $after RETURN t.key AS key, t.df AS df ORDER BY key LIMIT $limit"""

#: What ``Meta.counts`` must hold (``store.bolt.counts``), counted anew, where it is no zero.
RECOUNT: Final = """
MATCH (n:Node) UNWIND [label IN labels(n) WHERE label <> 'Node'] AS label
    RETURN 'node' AS what, label AS name, count(*) AS number
UNION ALL MATCH (:Node)-[r]->(:Node)
    RETURN CASE WHEN r.inferred THEN 'inferred' ELSE 'observed' END AS what, type(r) AS name,
        count(*) AS number
UNION ALL MATCH (p:Passage) RETURN 'passage' AS what, '' AS name, count(*) AS number
UNION ALL MATCH (p:Passage) WHERE p.text IS NOT NULL
    RETURN 'text' AS what, '' AS name, count(DISTINCT p.hash) AS number
UNION ALL MATCH (f:Fingerprint) MATCH (v:Vector)
    WHERE v.key > f.short + ':' AND v.key < f.short + ';'
        AND EXISTS { MATCH (p:Passage {hash: v.hash}) WHERE p.text IS NOT NULL }
    RETURN 'vector' AS what, f.short AS name, count(*) AS number
UNION ALL MATCH (n:Node) WHERE n.tokens IS NOT NULL
    UNWIND [label IN labels(n) WHERE label <> 'Node'] AS label
    UNWIND [['document', 1], ['length', n.length]] AS told
    RETURN told[0] AS what, label AS name, sum(told[1]) AS number
UNION ALL MATCH (r:Record) RETURN 'record' AS what, r.kind AS name, count(*) AS number
UNION ALL MATCH (:Alias) RETURN 'alias' AS what, '' AS name, count(*) AS number"""

#: How many an index of words gives for any word at all.
INDEXED: Final = """
CALL db.index.fulltext.queryNodes($name, '*:*') YIELD node RETURN count(node) AS number"""


def worded(label: str, property_: str) -> str:
    """How many nodes an index of words must hold."""
    return f"MATCH (n:{label}) WHERE n.{property_} IS NOT NULL RETURN count(n) AS number"


def sampled(label: str) -> str:
    """Some passages with a vector, and how near the nearest is that the index finds by it."""
    return f"""
MATCH (p:{label}) WHERE any(x IN p[$property] WHERE x <> 0)  // else it has no direction
WITH p LIMIT $limit
CALL (p) {{
    CALL db.index.vector.queryNodes($name, 50, p[$property]) YIELD score RETURN max(score) AS near
}}
RETURN near"""
