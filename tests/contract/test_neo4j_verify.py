"""``verify`` on a server: a whole store is whole, and each harm behind its back is found.

All harm is done at once, each to a thing of its own, and looked for in one report.
"""

from collections.abc import Iterator
from typing import Any

import neo4j
import numpy as np
import pytest

from api.bootstrap import server_options
from api.settings import load_settings
from embeddings.fill import fill
from embeddings.hashing import HashingEmbedder
from graph_service.errors import StoreLockedError, StoreUnavailableError
from graph_service.model import Batch, Edge, EdgeType, Label, Node, Put, UnitOfWork
from graph_service.store import checks, upkeep
from graph_service.store.bolt import vectors
from graph_service.store.checks import Verified
from tests.conftest import entered
from tests.neo4j_server.running import Neo4jServer, empty
from tests.stores import open_store

pytestmark = pytest.mark.neo4j

ENCODER = HashingEmbedder(4)
VECTOR = vectors.property_name(ENCODER.fingerprint)
SHORT = vectors.short(ENCODER.fingerprint)


def looked_at(uri: str) -> Verified:
    return upkeep.verify(uri, server_options(load_settings({"store": uri})))


def written(uri: str) -> None:
    with open_store(uri) as store:
        firms = [
            Node(
                f"org:{i:02}",
                Label.ORGANIZATION,
                {"name": f"企业{i}", "kind": "enterprise", "district": f"区{i % 3}"},
                f"表{i % 2}",
                "2024-05",
            )
            for i in range(30)
        ]
        demands = [
            Node(f"d:{i}", Label.DEMAND, {"title": f"词{i}", "text": "疲劳" * i}) for i in range(20)
        ]
        edges = [
            Edge(EdgeType.SUPPLIES, f"org:{i:02}", f"org:{i + 1:02}", source="表")
            for i in range(28)
        ]
        store.apply(Batch([*firms, *demands], edges))
        store.apply(Batch([Node("org:01", Label.ORGANIZATION, {"district": "新区"}, "新表")]))
        store.apply(
            Batch(merges=[("org:02", "org:01"), ("org:03", "org:02"), ("org:05", "org:04")])
        )
        fill(store, ENCODER)
        store.commit(UnitOfWork([Put("bid", f"b{i}", {"step": i}) for i in range(5)]))


def at(id_: str) -> str:
    return f"MATCH (n:Node {{id: '{id_}'}}) "


def passage(id_: str) -> str:
    return f"MATCH (p:Passage {{node_id: '{id_}'}}) "


def kept(id_: str) -> str:
    return f"{passage(id_)} MATCH (v:Vector {{key: '{SHORT}:' + p.hash}}) "


NODE, EDGE, DERIVED = "节点与各来源的说法", "关系与各来源的说法", "筛选与联想所用的属性"
PASSAGE, LOOSE, TERM = "段落", "段落的归属", "词的篇数"
KEPT, CARRIED, ALIAS, RECORD = "向量", "段落上的向量", "合并", "记录"
COUNT, STRANGER, INDEX, HELD = "数目", "别的数据", "约束与索引", "索引的内容"

OTHER_VECTORS = (
    f"CREATE VECTOR INDEX {VECTOR}_DemandDocument FOR (p:Nothing) ON (p.{VECTOR}) OPTIONS "
    "{indexConfig: {`vector.dimensions`: 4, `vector.similarity_function`: 'cosine'}}"
)

#: What is harmed, how, and what the report says of it.
HARM = [
    (NODE, at("org:06") + 'SET n.props = \'{"name": "别的"}\'', "org:06"),
    (NODE, at("org:07") + "SET n.observed_at = '1999'", "org:07"),
    (NODE, at("org:08") + "SET n.facts = '[1'", "org:08"),
    (NODE, at("org:09") + "REMOVE n:Organization SET n:Firm", "org:09"),
    (NODE, at("org:10") + "REMOVE n.version", "org:10"),
    (DERIVED, at("org:11") + "SET n.districts = ['别处']", "org:11"),
    (DERIVED, at("org:12") + "REMOVE n.name_ways", "org:12"),
    (DERIVED, at("org:13") + "SET n.day = '2024-05-02'", "org:13"),
    (DERIVED, at("org:14") + "SET n.tiers = ['小巨人\x1f\x1f']", "org:14"),
    (EDGE, at("org:15") + "MATCH (n)-[r:SUPPLIES]->() SET r.confidence = 0.1", "org:15 →"),
    (EDGE, at("org:16") + "MATCH (n)-[r:SUPPLIES]->() SET r.inferred = true", "org:16 →"),
    (EDGE, at("org:17") + "MATCH (m:Node {id: 'd:1'}) CREATE (n)-[:LIKES]->(m)", "LIKES"),
    (EDGE, at("org:18") + "CREATE (n)-[:OWNS {key: ''}]->(:Counter {kind: 'x'})", "org:18 →"),
    (
        EDGE,
        at("org:19") + "MATCH (n)-[r:SUPPLIES]->(m) CREATE (n)-[s:SUPPLIES]->(m) "
        "SET s = properties(r)",
        "org:19 → org:20（SUPPLIES）：同一条",
    ),
    (EDGE, at("org:21") + "CREATE (:Counter {kind: 'y'})-[:BID_ON]->(n)", "BID_ON"),
    (PASSAGE, passage("d:2") + "WHERE p.ordinal = 0 SET p.text = 'x'", "d:2"),
    (PASSAGE, at("d:3") + "SET n.length = 77", "d:3"),
    (PASSAGE, at("d:4") + "REMOVE n.tokens, n.length", "d:4"),
    (PASSAGE, passage("d:5") + "DETACH DELETE p", "d:5"),
    (PASSAGE, passage("d:6") + "SET p:DemandPiece", "d:6"),
    (PASSAGE, passage("org:22") + "SET p.text = null", "org:22"),
    (
        LOOSE,
        "CREATE (:Passage:DemandPiece {node_id: 'nobody', ordinal: 1, hash: '00'})",
        "nobody",
    ),
    (LOOSE, passage("d:7") + "MATCH ()-[r:HAS]->(p) DELETE r", "d:7"),
    (TERM, "MATCH (t:Term {key: 'Demand:疲劳'}) SET t.df = t.df + 1", "Demand:疲劳：记着"),
    (TERM, "MATCH (t:Term {key: 'Organization:企业'}) DELETE t", "Organization:企业：没有"),
    (TERM, "CREATE (:Term {key: 'Demand:没有', df: 3})", "Demand:没有"),
    (KEPT, kept("d:8") + "SET v.bytes = $short", "不是 4 维"),
    (KEPT, kept("d:9") + "SET v.bytes = $nan", "无效的数"),
    (CARRIED, passage("d:10") + f"REMOVE p.{VECTOR}", "与段落上的不同"),
    (KEPT, kept("d:11") + "WITH DISTINCT v DELETE v", "d:11 的段落"),
    (KEPT, "CREATE (:Vector {key: 'nobody:00', hash: '00'})", "nobody:00"),
    (
        CARRIED,
        passage("d:12") + f"SET p.{VECTOR} = [0.5, 0.0, 0.0, 0.5]",
        "与段落上的不同",
    ),
    (ALIAS, "MATCH (a:Alias {id: 'org:05'}) SET a.kept_id = 'nobody'", "org:05"),
    (ALIAS, "MATCH (a:Alias {id: 'org:03'}) SET a.kept_id = 'org:23'", "org:03"),
    (
        ALIAS,
        "CREATE (:Alias {id: 'org:24', into_id: 'org:25', kept_id: 'org:25'})",
        "org:24",
    ),
    (RECORD, "MATCH (r:Record {kind: 'bid', id: 'b1'}) SET r.data = '{'", "b1"),
    (RECORD, "MATCH (r:Record {kind: 'bid', id: 'b2'}) SET r.f_step = 77", "b2"),
    (RECORD, "MATCH (r:Record {kind: 'bid', id: 'b3'}) REMOVE r.f_step", "b3"),
    (RECORD, "MATCH (r:Record {kind: 'bid', id: 'b4'}) SET r.version = 0", "b4"),
    (
        COUNT,
        "MATCH (m:Meta) SET m.counts = replace(m.counts, '\"bid\":5', '\"bid\":6')",
        "record bid：记着 6，实有 5",
    ),
    (STRANGER, "CREATE (:Film {title: 'x'})", "Film"),
    (INDEX, "DROP INDEX passage_node", "passage_node 不在"),
    (INDEX, "DROP CONSTRAINT counter_kind", "counter_kind 不在"),
    (INDEX, "DROP INDEX text_Policy", "text_Policy 不在"),
    (INDEX, f"DROP INDEX {VECTOR}_ResultPiece", "ResultPiece 不在"),
    (INDEX, "DROP INDEX text_Demand", "text_Demand 不是"),
    (HELD, "CREATE FULLTEXT INDEX text_Demand FOR (n:Demand) ON EACH [n.nothing]", "text_Demand"),
    (INDEX, f"DROP INDEX {VECTOR}_DemandDocument", "DemandDocument 不是"),
    (HELD, OTHER_VECTORS, "DemandDocument"),
]
BYTES = {"short": b"1234", "nan": np.array([np.nan, 0, 0, 0], "<f4").tobytes()}


@pytest.fixture(scope="module")
def harmed(
    neo4j_server: Neo4jServer,
    neo4j_driver: neo4j.Driver,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, Verified]]:
    """The address, and the report on a store that was whole before."""
    empty(neo4j_driver)
    with (
        entered(neo4j_server, tmp_path_factory.mktemp("harm")) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        written(server.uri)
        before = looked_at(server.uri)
        assert before.ok, before.as_dict()
        assert all(check.checked for check in before.checks), before.as_dict()
        patch.setattr(checks, "EXAMPLES", 10_000)
        with neo4j_driver.session() as session:
            for _, statement, _ in HARM:
                done = session.run(statement, BYTES if "$" in statement else {}).consume().counters
                assert (
                    done.contains_updates or done.contains_system_updates or done.indexes_added
                ), statement
            session.run("CALL db.awaitIndexes(60)").consume()
        yield server.uri, looked_at(server.uri)
        with neo4j_driver.session() as session:  # else the next test would find them as they are
            session.run("DROP INDEX text_Demand").consume()


@pytest.mark.parametrize(
    ("title", "said"), [(title, said) for title, _, said in HARM], ids=[said for *_, said in HARM]
)
def test_harm_is_found(harmed: tuple[str, Verified], title: str, said: str) -> None:
    (check,) = [check for check in harmed[1].checks if check.title == title]
    assert [example for example in check.examples if said in example], check
    assert check.as_dict()["hint"]


def test_what_is_whole_is_not_said_to_be_harmed(harmed: tuple[str, Verified]) -> None:
    said = [example for check in harmed[1].checks for example in check.examples]
    whole = [f"org:{i}" for i in (26, 27, 28, 29)] + [f"d:{i}：" for i in range(13, 20)]
    assert [one for one in said if any(id_ in one for id_ in whole)] == []
    assert not harmed[1].ok


def test_constraints_and_indexes_are_put_back(harmed: tuple[str, Verified]) -> None:
    uri, _ = harmed
    upkeep.migrate(uri, server_options(load_settings({"store": uri})))
    said: Any = {check.title: check.examples for check in looked_at(uri).checks}
    missing = [name for name in said[INDEX] if name.endswith("不在")]
    assert missing == [f"{VECTOR}_ResultPiece 不在"]  # made again by a rebuild


def test_a_server_without_a_store_is_told(emptied: Neo4jServer) -> None:
    with pytest.raises(StoreUnavailableError, match="还没有图谱库"):
        looked_at(emptied.uri)


def test_a_writer_beside_is_not_taken_for_harm(
    emptied: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(emptied.uri) as store:
        store.apply(Batch([Node("p", Label.PRODUCT, {"name": "阀"})]))

        def look(*_: object) -> list[str | None]:
            store.apply(Batch([Node("q", Label.PRODUCT, {"name": "泵"})]))
            return ["seen too early"]

        monkeypatch.setattr("graph_service.store.bolt.verify._strangers", look)
        with pytest.raises(StoreLockedError, match="不能作数"):
            looked_at(emptied.uri)
