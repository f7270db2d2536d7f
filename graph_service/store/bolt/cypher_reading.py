"""All Cypher that reads. Every value is a parameter, a field of ``$q``; labels, types and names of
properties are our own words. Every question returns one column, ``row``, a list (``asking.Ask``).

See ``store.bolt.schema`` for what lies where.
"""

from collections.abc import Collection, Sequence
from typing import Final

from graph_service.model import Direction, EdgeType, Label
from graph_service.ports import Passages
from graph_service.store.bolt.filters import Passing, spelled

#: A node as a row, and an edge (without its ends); both in the order that ``rows`` reads.
_NODE: Final = (
    "{0}.id, [label IN labels({0}) WHERE label <> 'Node'][0], {0}.props, {0}.source, "
    "{0}.observed_at, {0}.version"
)
NODE: Final = _NODE.format("n")
EDGE: Final = (
    "type(r), r.key, r.props, r.source, r.observed_at, r.confidence, r.inferred, r.version"
)

#: An edge as seen from one of its ends.
_HOP: Final = f"b.id, forward, {EDGE}"

#: Each id asked for, with the node that stands for it.
_HOME: Final = """
OPTIONAL MATCH (k:Alias {id: asked})
WITH asked, coalesce(k.kept_id, asked) AS home
MATCH (n:Node {id: home})"""
HOMES: Final = f"UNWIND $q.ids AS asked {_HOME}"

#: The store's state: which store it is, and its last change.
_STATE: Final = "m.identity + ' ' + m.change"

#: Those of them alone that are not known as of a state (``store.bolt.kept``).
_NEWS: Final = f"""
UNWIND CASE as_of WHEN $q.as_of THEN $q.missing ELSE $q.ids END AS asked {_HOME}"""

NODES: Final = f"{HOMES} RETURN [asked, {NODE}] AS row"

META: Final = """
MATCH (m:Meta {id: 'store'})
RETURN [m.change, m.counts, COLLECT { MATCH (f:Fingerprint) RETURN [f.name, f.short, f.dimension] }]
    AS row"""

#: An edge type, and the direction in which it is walked.
Step = tuple[EdgeType, Direction]

_ARROWS: Final = {True: "-[r{0}]->", False: "<-[r{0}]-"}


def scan(passing: Passing, *, stated: bool = False) -> str:
    """Nodes that pass, in the order of ids, after one."""
    row = NODE
    if stated:
        row += ", n.facts, COLLECT { MATCH (k:Alias {kept_id: n.id}) RETURN k.id }"
    condition = f"{passing.condition} AND " if passing.condition else ""
    return (
        f"{passing.before} MATCH (n{passing.labels}) WHERE {condition}n.id > $q.after "
        f"RETURN [{row}] AS row ORDER BY n.id LIMIT $q.limit"
    )


def neighbours(
    types: Collection[EdgeType], direction: Direction, *, stated: bool = False, nodes: bool = False
) -> str:
    """The best edges at each node, each as [other end's id, forward, edge]; with ``nodes`` the
    other ends as nodes, too."""
    row = _HOP + (", r.facts" if stated else "")
    ends = f", collect(DISTINCT [{_NODE.format('b')}]) AS ends" if nodes else ""
    return f"""{HOMES}
CALL (n) {{
    {_best(types, direction)}
    RETURN collect([{row}]) AS hops{ends}
}}
RETURN [asked, home, hops, {"ends" if nodes else "[]"}] AS row"""


def onward(over: Sequence[Step], arrive: Step, *, direct: bool, nodes: bool = False) -> str:
    """A walk of one step or two: the best edges by each first step, as [id asked for, home, edges
    by step], and by the last one from wherever they lead, as [id, edges]; with ``nodes`` lists of
    the nodes to which that leads, too."""
    near = f"DISTINCT [{_NODE.format('b')}]" if nodes else "null"  # none is collected
    steps = "".join(
        f"""
    CALL (n) {{
        {_best((type_,), direction)}
        RETURN collect([{_HOP}]) AS hops{i}, collect(b) AS ends{i}
    }}"""
        for i, (type_, direction) in enumerate(over)
    )
    told = ", ".join(f"hops{i}" for i in range(len(over)))
    ends = " + ".join([*(["[n]"] if direct else []), *(f"ends{i}" for i in range(len(over)))])
    return f"""
CALL () {{
    {HOMES}{steps}
    RETURN collect([asked, home, [{told}]]) AS gone, collect({ends or "[]"}) AS ends
}}
CALL (ends) {{
    UNWIND ends AS some UNWIND some AS n
    WITH DISTINCT n
    CALL (n) {{
        {_best(arrive[:1], arrive[1])}
        RETURN collect([{_HOP}]) AS hops, collect({near}) AS near
    }}
    RETURN collect([n.id, hops]) AS arrived, collect(near) AS nodes
}}
RETURN [gone, arrived, nodes] AS row"""


def _best(types: Collection[EdgeType], direction: Direction) -> str:
    """The best edges ``r`` at a node ``n``, with their other ends ``b``."""
    sides = " UNION ALL ".join(
        f"MATCH (n){_ARROWS[forward].format(of(types))}(b:Node) "
        + ("WHERE b <> n " if direction == "both" and not forward else "")
        + f"RETURN r, b, {str(forward).lower()} AS forward"
        for forward in _sides(direction)
    )
    return f"""CALL (n) {{ {sides} }}
    WITH r, b, forward
    ORDER BY r.inferred, r.confidence DESC, type(r), b.id, r.key, forward LIMIT $q.limit"""


def between(types: Collection[EdgeType], direction: Direction, a: str, b: str) -> str:
    """A subquery: the one edge that stands for all between two nodes, as ``hop``: [start, end,
    forward, edge]."""
    sides = " UNION ALL ".join(
        f"MATCH ({a}){_ARROWS[forward].format(of(types))}({b}) "
        f"RETURN r, {str(forward).lower()} AS forward"
        for forward in _sides(direction)
    )
    return f"""CALL ({a}, {b}) {{
    CALL ({a}, {b}) {{ {sides} }}
    RETURN [{a}.id, {b}.id, forward, {EDGE}] AS hop
    ORDER BY r.inferred, r.confidence DESC, type(r), r.key, forward DESC LIMIT 1
}}"""


def near(types: Collection[EdgeType], direction: Direction, *, nodes: bool = False) -> str:
    """For each pair of ids the first paths between them of one hop or two, each as its hops; with
    ``nodes`` the nodes on them, too."""
    step = _step(types, direction)
    told = f", collect(DISTINCT [{_NODE.format('m')}]) AS middles" if nodes else ""
    ends = ", ".join(f"[{_NODE.format(one)}]" for one in "ab")
    return f"""
UNWIND $q.pairs AS pair
OPTIONAL MATCH (k:Alias {{id: pair[0]}})
OPTIONAL MATCH (l:Alias {{id: pair[1]}})
WITH pair[0] AS asked, pair[1] AS wanted, coalesce(k.kept_id, pair[0]) AS start,
    coalesce(l.kept_id, pair[1]) AS goal
MATCH (a:Node {{id: start}})
MATCH (b:Node {{id: goal}}) WHERE a <> b
CALL (a, b) {{
    {between(types, direction, "a", "b")}
    RETURN collect([hop]) AS direct
}}
CALL (a, b) {{
    CALL (a, b) {{
        MATCH (a){step}(m:Node){step}(b) WHERE m <> a AND m <> b AND $q.hops > 1
        RETURN DISTINCT m ORDER BY m.id LIMIT $q.k
    }}
    {between(types, direction, "a", "m").replace("AS hop", "AS first")}
    {between(types, direction, "m", "b").replace("AS hop", "AS second")}
    RETURN collect([first, second]) AS over{told}
}}
RETURN [asked, wanted, direct + over, {f"middles + [{ends}]" if nodes else "[]"}] AS row"""


def ring(types: Collection[EdgeType], direction: Direction) -> str:
    """The numbers of the nodes one hop from each of some, by the server's own numbers."""
    return (
        "UNWIND $q.nums AS num MATCH (n) WHERE id(n) = num "
        f"MATCH (n){_step(types, direction)}(m:Node) "
        "WITH num, collect(DISTINCT id(m)) AS far RETURN [num, far] AS row"
    )


NUMBERS: Final = f"{HOMES} RETURN [asked, id(n)] AS row"
IDS: Final = "UNWIND $q.nums AS num MATCH (n:Node) WHERE id(n) = num RETURN [num, n.id] AS row"


def hops(types: Collection[EdgeType], direction: Direction) -> str:
    """For each pair of linked nodes the edge that stands for all between them."""
    return f"""
UNWIND $q.pairs AS pair
MATCH (a:Node {{id: pair[0]}})
MATCH (b:Node {{id: pair[1]}})
{between(types, direction, "a", "b")}
RETURN hop AS row"""


def edges_between(types: Collection[EdgeType]) -> str:
    """The first edges that leave some nodes, given in the order of ids, and end at one of them."""
    return f"""
UNWIND $q.ids AS id
MATCH (a:Node {{id: id}})
CALL (a) {{
    MATCH (a)-[r{of(types)}]->(b:Node) WHERE b.id IN $q.ids
    RETURN r, b ORDER BY b.id, type(r), r.key
}}
RETURN [a.id, b.id, {EDGE}] AS row LIMIT $q.limit"""


def of(types: Collection[EdgeType]) -> str:
    """Types as a pattern has them; any where none are given."""
    return f":{spelled(EdgeType, types)}" if types else ""


def _sides(direction: Direction) -> tuple[bool, ...]:
    return {"out": (True,), "in": (False,), "both": (True, False)}[direction]


def _step(types: Collection[EdgeType], direction: Direction) -> str:
    """A hop in a direction, without a name."""
    return {"out": "-[{0}]->", "in": "<-[{0}]-", "both": "-[{0}]-"}[direction].format(of(types))


# -- search --------------------------------------------------------------------------------------


def _search(passing: Passing, called: str, condition: str, row: str) -> str:
    """Several searches of indexes (``$q.searches``), each as [how many were read, the least score,
    those that pass]; ``called`` yields what ``row`` shows, and ``score``, for ``search``."""
    looked_up = [name for name in ("homes", "branch") if f"AS {name}\n" in passing.before]
    return f"""{passing.before}
UNWIND $q.searches AS search
CALL ({", ".join(["search", *looked_up])}) {{
    {called}
    WITH *, {condition or "true"} AS good
    RETURN [count(*), min(score), collect(CASE WHEN good THEN {row} END)] AS row
}}
RETURN row"""


#: Best documents of an index of words.
BY_WORDS: Final = (
    "CALL db.index.fulltext.queryNodes(search[0], search[1], {limit: $q.k}) YIELD node AS n, score"
)

#: Nearest passages of an index of vectors.
BY_VECTOR: Final = "CALL db.index.vector.queryNodes(search, $q.k, $q.vector) YIELD node AS p, score"


def search_text(passing: Passing, *, nodes: bool = False) -> str:
    """Documents that have any of some words."""
    row = f"[n.id, score, [{NODE}]]" if nodes else "[n.id, score]"
    return _search(passing, BY_WORDS, passing.condition, row)


def search_names(passing: Passing, *, nodes: bool = False) -> str:
    """Nodes by their names as typed; a name of which the score tells no length is read itself."""
    row = "n.id, score, CASE WHEN score < 2 OR $q.whole THEN n.props END"
    return _search(passing, BY_WORDS, passing.where, f"[{row}, [{NODE}]]" if nodes else f"[{row}]")


def named(passing: Passing, *, nodes: bool = False) -> str:
    """Which store it is, all counts, and which of some nodes are there and pass."""
    condition = f" WHERE {passing.condition}" if passing.condition else ""
    row = f"[n.id, [{NODE}]]" if nodes else "[n.id]"
    return f"""{passing.before}
MATCH (m:Meta {{id: 'store'}})
WITH *, m.identity AS identity, m.counts AS counts
RETURN [identity, counts, COLLECT {{
    UNWIND $q.found AS id MATCH (n{passing.labels} {{id: id}}){condition} RETURN {row}
}}] AS row"""


def titles(label: Label) -> str:
    """Which store it is, all counts, and of the nodes of a label first the ids, then what they are
    shown by; the counts are read first, so that they are not newer."""
    return f"""
MATCH (m:Meta {{id: 'store'}})
WITH m.identity AS identity, m.counts AS counts
CALL () {{
    MATCH (n:{label}) WHERE n.title <> n.id RETURN collect(n.id) AS ids, collect(n.title) AS titles
}}
RETURN [identity, counts, ids, titles] AS row"""


def search_vectors(passing: Passing, *, nodes: bool = False) -> str:
    """The fingerprint's dimension, and where it is the vector's the nearest passages."""
    called, row = BY_VECTOR, "[p.node_id, score]"
    if nodes:
        row = f"[n.id, score, [{NODE}]]"
    if nodes or passing.condition:
        called += " MATCH (n:Node {id: p.node_id})"
    return f"""
OPTIONAL MATCH (f:Fingerprint {{name: $q.fingerprint}})
WITH f.dimension AS dimension
CALL (dimension) {{
    WITH 1 AS one WHERE dimension = size($q.vector)
    CALL () {{ {_search(passing, called, passing.condition, row)} }}
    RETURN collect(row) AS told
}}
RETURN [dimension, told] AS row"""


def every_vector(passing: Passing, vector: str, passages: Passages, *, nodes: bool = False) -> str:
    """As ``search_vectors``, by looking at every passage of the nodes that pass."""
    compared = {"all": "", "whole": " AND p.ordinal = 0", "pieces": " AND p.ordinal > 0"}[passages]
    condition = f"WHERE {passing.condition}" if passing.condition else ""
    row = f"[n.id, score, [{NODE}]]" if nodes else "[n.id, score]"
    return f"""{passing.before}
MATCH (n{passing.labels}) {condition}
MATCH (n)-[:HAS]->(p:Passage) WHERE p.{vector} IS NOT NULL{compared}
WITH n, max(vector.similarity.cosine(p.{vector}, $q.vector)) AS score
ORDER BY score DESC, n.id LIMIT $q.limit
RETURN {row} AS row"""


LEXICAL: Final = f"""
CALL () {{ MATCH (m:Meta {{id: 'store'}}) RETURN {_STATE} AS as_of, m.counts AS counts }}
CALL () {{
    UNWIND $q.keys AS key MATCH (t:Term {{key: key}}) RETURN collect([key, t.df]) AS frequency
}}
CALL (as_of) {{ {_NEWS} RETURN collect([asked, n.tokens, n.length]) AS documents }}
RETURN [as_of, counts, frequency, documents] AS row"""

WORDS: Final = f"{HOMES} RETURN [asked, n.tokens] AS row"

FREQUENCY: Final = "UNWIND $q.keys AS key MATCH (t:Term {key: key}) RETURN [key, t.df] AS row"


def vectors(*, whole: bool) -> str:
    """The store's state, the fingerprint's dimension and the vectors of nodes' passages."""
    first = " WHERE p.ordinal = 0" if whole else ""
    return f"""
MATCH (m:Meta {{id: 'store'}})
WITH {_STATE} AS as_of
OPTIONAL MATCH (f:Fingerprint {{name: $q.fingerprint}})
CALL (f, as_of) {{
    WITH 1 AS one WHERE f IS NOT NULL
    {_NEWS}
    MATCH (n)-[:HAS]->(p:Passage){first}
    MATCH (v:Vector {{key: f.short + ':' + p.hash}})
    RETURN collect([asked, p.ordinal, v.bytes]) AS told
}}
RETURN [as_of, f.dimension, told] AS row"""
