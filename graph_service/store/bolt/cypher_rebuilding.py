"""All Cypher that mends what is derived from the record; what must stand is in ``cypher_whole``."""

from typing import Final

#: A page of documents' words, in the order of ids.
WORDS: Final = """
MATCH (n:Node) WHERE n.id > $after
WITH n ORDER BY n.id LIMIT $limit
RETURN n.id, [label IN labels(n) WHERE label <> 'Node'][0], n.tokens"""

FINGERPRINTS: Final = "MATCH (f:Fingerprint) RETURN f.name, f.short, f.dimension"

KEEP_TERMS: Final = "UNWIND $rows AS row MERGE (t:Term {key: row[0]}) SET t.df = row[1]"

DROP_TERMS: Final = "UNWIND $keys AS key MATCH (t:Term {key: key}) DELETE t"
