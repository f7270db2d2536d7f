"""``verify`` says that a whole store is whole, and finds each kind of harm."""

import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from embeddings.fill import fill
from embeddings.hashing import HashingEmbedder
from graph_service.errors import StoreCorruptError
from graph_service.model import Batch, Edge, EdgeType, Label, Node
from graph_service.store import open_store
from graph_service.store.checks import EXAMPLES, Verified
from graph_service.store.verify import verify

ENCODER = HashingEmbedder(8)
WORDS = ["轴承", "钢材", "冲击", "韧性", "电机"]


def _nodes(first: int, last: int) -> list[Node]:
    labels = (Label.DEMAND, Label.RESULT, Label.ORGANIZATION, Label.PRODUCT)
    return [
        Node(
            f"n{i}",
            labels[i % 4],
            {"title": f"{WORDS[i % 5]} {i}", "kind": "enterprise", "district": f"区{i % 3}"},
            f"表{i % 2}",
        )
        for i in range(first, last)
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store of several sources, a bare node, vectors, and a tail after its projections."""
    with open_store(str(tmp_path / "store")) as store:
        edges = [Edge(EdgeType.PARTNERED, f"n{i}", f"n{i + 4}") for i in range(30)]
        edges += [Edge(EdgeType.MAKES, "n2", f"n{i}", inferred=i % 8 == 3) for i in (3, 7, 11)]
        store.apply(Batch(_nodes(0, 30), edges))
        fill(store, ENCODER)
        again = [Node("n2", Label.ORGANIZATION, {"district": "新区"}, "新表")]
        store.apply(Batch([*again, *_nodes(40, 44)], [Edge(EdgeType.MAKES, "n2", "n43")], ["n8"]))
        store.apply(Batch(merges=[("n6", "n2")]))
    return tmp_path / "store"


def harm(folder: Path, *statements: str) -> None:
    connection = sqlite3.connect(folder / "record.sqlite")
    with connection:
        for statement in statements:
            assert connection.execute(statement).rowcount
    connection.close()


def problems(found: Verified) -> dict[str, int]:
    return {check.title: check.problems for check in found.checks if check.problems}


def test_a_whole_store_is_whole(folder: Path) -> None:
    for _ in range(2):
        found = verify(folder)
        assert found.ok, found.as_dict()
        assert all(check.checked for check in found.checks), found.as_dict()
        assert {check.title for check in found.checks} >= {"索引文件", "索引与记录"}
        with open_store(str(folder)) as store:
            store.refresh()


def test_a_store_without_projections_is_whole(folder: Path) -> None:
    shutil.rmtree(folder / "projections")
    assert verify(folder).ok


@pytest.mark.parametrize(
    ("title", "statement"),
    [
        ("节点与各来源的说法", "UPDATE nodes SET props = '{\"title\": \"别的\"}' WHERE id = 'n1'"),
        ("节点与各来源的说法", "UPDATE nodes SET observed_at = '1999' WHERE id = 'n1'"),
        ("节点与各来源的说法", "UPDATE nodes SET facts = '[1' WHERE id = 'n1'"),
        ("节点与各来源的说法", "UPDATE nodes SET label = 'Firm' WHERE id = 'n1'"),
        (
            "关系与各来源的说法",
            "UPDATE edges SET inferred = 1 - inferred WHERE num = (SELECT min(num) FROM edges)",
        ),
        (
            "关系与各来源的说法",
            "UPDATE edges SET confidence = 0.1 WHERE num = (SELECT min(num) FROM edges)",
        ),
        (
            "关系与各来源的说法",
            "UPDATE edges SET type = 'LIKES' WHERE num = (SELECT min(num) FROM edges)",
        ),
        ("关系的两端", "UPDATE edges SET to_num = 999 WHERE num = (SELECT min(num) FROM edges)"),
        ("筛选用的类别", "DELETE FROM facets WHERE node_num = 2"),
        ("筛选用的类别", "INSERT INTO facets VALUES (999, 'kind', 'x')"),
        ("段落", "UPDATE passages SET text = 'x' WHERE node_num = 2"),
        ("段落", "UPDATE passages SET length = 77 WHERE node_num = 2"),
        ("向量", "UPDATE vectors SET vector = x'00000000'"),
        ("向量", "UPDATE vectors SET vector = unhex(replace(hex(zeroblob(8)), '00', '0000C07F'))"),
        ("向量", "DELETE FROM fingerprints"),
        ("记录与合并", "INSERT INTO records VALUES ('bid', '1', 1, '{')"),
        ("记录与合并", "UPDATE aliases SET kept_id = 'nobody'"),
        ("数目", "UPDATE counts SET number = number + 1 WHERE what = 'text'"),
        ("数目", "DELETE FROM counts WHERE what = 'node'"),
    ],
)
def test_harm_in_the_record_is_found(folder: Path, title: str, statement: str) -> None:
    if "unhex" in statement and sqlite3.sqlite_version_info < (3, 41):
        statement = f"UPDATE vectors SET vector = x'{'0000C07F' * 8}'"
    harm(folder, statement)
    found = verify(folder)
    assert not found.ok
    assert title in problems(found)
    for check in found.checks:
        assert len(check.examples) == min(check.problems, EXAMPLES)
        assert check.as_dict()["hint"] or not check.problems


def test_a_damaged_file_is_found(folder: Path) -> None:
    path = folder / "record.sqlite"
    content = bytearray(path.read_bytes())
    for page in range(4, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = bytes(64)
    path.write_bytes(content)
    with suppress(StoreCorruptError):  # too far gone to be looked at
        assert problems(verify(folder))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE passages SET tokens = '别 的', length = 2 WHERE node_num = 2 AND ordinal = 0",
        "DELETE FROM passages WHERE node_num = 2",
        "UPDATE edges SET from_num = to_num WHERE num = (SELECT min(num) FROM edges)",
        "DELETE FROM edges WHERE num = (SELECT min(num) FROM edges)",
        "DELETE FROM vectors WHERE hash = (SELECT hash FROM passages WHERE node_num = 2)",
    ],
)
def test_projections_that_tell_something_else_are_found(folder: Path, statement: str) -> None:
    harm(folder, statement)  # behind the change log's back
    assert "索引与记录" in problems(verify(folder))
    with open_store(str(folder)) as store:
        store.refresh(rebuild=True)
    assert "索引与记录" not in problems(verify(folder))


def test_torn_files_of_projections_are_found_and_mended(folder: Path) -> None:
    for path in (folder / "projections").rglob("matrix.npy"):
        content = bytearray(path.read_bytes())
        content[-3] ^= 1
        path.write_bytes(content)
    found = verify(folder)
    assert set(problems(found)) == {"索引文件"}
    assert any("matrix.npy" in example for check in found.checks for example in check.examples)
    with open_store(str(folder)) as store:
        store.refresh(rebuild=True)
    assert verify(folder).ok


def test_a_writer_is_not_in_the_way(folder: Path) -> None:
    with open_store(str(folder)) as store:
        store.apply(Batch([Node("z", Label.PRODUCT, {"name": "阀"})]))
        assert verify(folder).ok
        vector = ENCODER.embed_documents(["阀"])
        store.put_vectors(ENCODER.fingerprint, [b"0" * 16], vector)
        assert verify(folder).ok
        assert np.isfinite(vector).all()
