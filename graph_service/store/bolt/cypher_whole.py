"""All Cypher that looks at a server as a whole: for copies of everything, and to see whether it is
whole. Every value is a parameter; labels, types and names of properties are our own words.

See ``store.bolt.schema`` for what lies where.
"""

from typing import Final

# -- copies: each question returns one column, ``row``, a list (``asking.Ask``) -------------------

MARK: Final = "MATCH (m:Meta {id: 'store'}) RETURN [m.identity, m.change, m.counts] AS row"

MERGES: Final = "MATCH (a:Alias) RETURN [a.id, a.into_id] AS row ORDER BY a.id"

FINGERPRINT: Final = "MATCH (f:Fingerprint {name: $q.name}) RETURN [f.short, f.dimension] AS row"

VECTORS: Final = """
MATCH (v:Vector) WHERE v.key > $q.after AND v.key < $q.end
RETURN [v.hash, v.bytes] AS row ORDER BY v.key LIMIT $q.limit"""
