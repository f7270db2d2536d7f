"""All Cypher that keeps vectors; see ``cypher_reading`` for how they are searched."""

from typing import Final

DIMENSION: Final = "MATCH (f:Fingerprint {name: $fingerprint}) RETURN f.dimension"

FINGERPRINT: Final = """
MERGE (f:Fingerprint {name: $fingerprint})
ON CREATE SET f.short = $short, f.dimension = $dimension
RETURN f.dimension"""

KEPT: Final = "UNWIND $keys AS key MATCH (v:Vector {key: key}) RETURN v.hash"

#: Keeps vectors that are not there yet, and gives them to every passage of their texts: of how many
#: texts there are passages to be embedded.
KEEP: Final = """
UNWIND $rows AS row
CREATE (:Vector {key: row.key, hash: row.hash, bytes: row.bytes})
WITH row
MATCH (p:Passage {hash: row.hash}) WHERE p.text IS NOT NULL
CALL db.create.setNodeVectorProperty(p, $property, row.vector)
RETURN count(DISTINCT row.hash)"""

#: Deletes some vectors of a fingerprint, also from the passages of their texts: how many, and of
#: how many texts there are passages to be embedded.
DROP_SOME: Final = """
MATCH (v:Vector) WHERE v.key > $after AND v.key < $end
WITH v LIMIT $limit
CALL (v) {
    OPTIONAL MATCH (p:Passage {hash: v.hash}) WHERE p.text IS NOT NULL
    WITH p WHERE p IS NOT NULL
    SET p[$property] = null
    RETURN count(p) AS held
}
DELETE v
RETURN count(*), count(CASE WHEN held > 0 THEN 1 END)"""

DROP_FINGERPRINT: Final = "MATCH (f:Fingerprint {name: $fingerprint}) DELETE f"


def drop_index(name: str) -> str:
    """The statement that drops an index, where it is there."""
    return f"DROP INDEX {name} IF EXISTS"


def index(name: str, label: str, property_: str, dimension: int) -> str:
    """An index of one kind of passages of one label, of vectors as they are (not quantised)."""
    return (
        f"CREATE VECTOR INDEX {name} IF NOT EXISTS FOR (p:{label}) ON (p.{property_}) "
        f"OPTIONS {{indexConfig: {{`vector.dimensions`: {dimension:d}, "
        "`vector.similarity_function`: 'cosine', `vector.quantization.enabled`: false, "
        "`vector.hnsw.m`: 24, `vector.hnsw.ef_construction`: 200}}"
    )


def pending(property_: str) -> str:
    """The number of the last change, and texts without a vector by hash, from one on where nothing
    changed since."""
    return f"""
MATCH (m:Meta {{id: 'store'}})
WITH m, CASE m.change WHEN $q.change THEN $q.first ELSE '' END AS first
CALL (first) {{
    MATCH (p:Passage)
    WHERE p.hash >= first AND p.{property_} IS NULL AND p.text IS NOT NULL
    WITH DISTINCT p.hash AS hash, p.text AS text ORDER BY hash LIMIT $q.limit
    RETURN collect([hash, text]) AS texts
}}
RETURN [m.change, texts] AS row"""
