"""The real Neo4j of the tests answers as the Neo4j store will need it to."""

from collections.abc import Iterator

import neo4j
import pytest
from neo4j.exceptions import AuthError

from tests.neo4j_server.running import Neo4jServer


@pytest.fixture
def driver(emptied: Neo4jServer, neo4j_driver: neo4j.Driver) -> Iterator[neo4j.Driver]:
    yield neo4j_driver
    for name in ("smoke_vector", "smoke_text"):
        neo4j_driver.execute_query(f"DROP INDEX {name} IF EXISTS")


def test_writes_and_reads_in_batches_neo4j(driver: neo4j.Driver) -> None:
    rows = [{"id": f"org:{i}", "name": f"虚构企业{i}"} for i in range(500)]
    driver.execute_query(
        "UNWIND $rows AS row MERGE (n:Organization {id: row.id}) SET n.name = row.name", rows=rows
    )
    driver.execute_query(
        "MATCH (a:Organization {id: 'org:0'}), (b:Organization {id: 'org:1'}) "
        "MERGE (a)-[:SUPPLIES {confidence: 0.5}]->(b)"
    )
    names = driver.execute_query("MATCH (n:Organization) RETURN n.name AS name ORDER BY n.id")
    edges = driver.execute_query("MATCH (a)-[r:SUPPLIES]->(b) RETURN a.id, r.confidence, b.id")
    assert {record["name"] for record in names.records} == {row["name"] for row in rows}
    assert [record.values() for record in edges.records] == [["org:0", 0.5, "org:1"]]


def test_vector_index_finds_the_nearest_neo4j(driver: neo4j.Driver) -> None:
    driver.execute_query(
        "CREATE VECTOR INDEX smoke_vector FOR (p:Passage) ON p.vector OPTIONS {indexConfig: "
        "{`vector.dimensions`: 3, `vector.similarity_function`: 'cosine'}}"
    )
    rows = [
        {"id": i, "vector": vector} for i, vector in enumerate([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    ]
    driver.execute_query(
        "UNWIND $rows AS row CREATE (p:Passage {id: row.id}) WITH p, row "
        "CALL db.create.setNodeVectorProperty(p, 'vector', row.vector)",
        rows=rows,
    )
    driver.execute_query("CALL db.awaitIndexes()")
    found = driver.execute_query(
        "CALL db.index.vector.queryNodes('smoke_vector', 2, [0.1, 0.9, 0.2]) YIELD node, score "
        "RETURN node.id AS id ORDER BY score DESC"
    )
    assert [record["id"] for record in found.records] == [1, 2]


def test_full_text_index_finds_our_tokens_neo4j(driver: neo4j.Driver) -> None:
    driver.execute_query(
        "CREATE FULLTEXT INDEX smoke_text FOR (p:Passage) ON EACH [p.tokens] "
        "OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}"
    )
    driver.execute_query(
        "UNWIND $rows AS row CREATE (:Passage {id: row[0], tokens: row[1]})",
        rows=[["a", "高温 轴承 涂层"], ["b", "减速器 轴承"], ["c", "电池 隔膜"]],
    )
    driver.execute_query("CALL db.awaitIndexes()")
    found = driver.execute_query(
        "CALL db.index.fulltext.queryNodes('smoke_text', '轴承 OR 涂层') YIELD node, score "
        "RETURN node.id AS id ORDER BY score DESC"
    )
    assert [record["id"] for record in found.records] == ["a", "b"]


def test_a_wrong_password_is_refused_neo4j(neo4j_server: Neo4jServer) -> None:
    with (
        neo4j.GraphDatabase.driver(neo4j_server.uri, auth=(neo4j_server.user, "wrong")) as driver,
        pytest.raises(AuthError),
    ):
        driver.verify_connectivity()
