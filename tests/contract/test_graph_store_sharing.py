"""The contract of ``GraphStore`` between threads, processes and those who close it."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from graph_service.errors import StoreError, StoreUnavailableError
from graph_service.model import Batch, Filter, Tally
from graph_service.ports import GraphStore
from tests.contract.graph_builders import PRINT, TODAY, firm, makes, product, read
from tests.stores import child, open_store


def test_threads_read_what_threads_write(store: GraphStore) -> None:
    def write(worker: int) -> int:
        for i in range(10):
            id_ = f"{worker}-{i}"
            store.apply(Batch([firm(id_, name="甲")], [makes(id_, f"p{i}")]))
            assert id_ in store.nodes([id_])
            assert id_ in {hop.end for hop in store.neighbours([f"p{i}"])[f"p{i}"]}
        return worker

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(write, range(8))) == list(range(8))
    counts = store.stats()
    assert counts["nodes"] == {"Organization": 80, "Product": 10}
    assert counts["edges"]["MAKES"]["observed"] == 80


def _elsewhere(location: str, code: str) -> str:
    """What another process, with the store open, prints."""
    program = f"""
import sys
from graph_service.model import *
from tests.stores import open_store
with open_store(sys.argv[1]) as store:
    {code}
"""
    with child(program, location) as process:
        said, _ = process.communicate()
    assert process.returncode == 0
    return said.strip()


def test_processes_read_what_processes_write(store: GraphStore, location: str) -> None:
    store.apply(Batch([firm("f1", name="甲")]))
    assert store.stats()["nodes"] == {"Organization": 1}
    write = 'print(sorted(store.nodes(["f1"]))); store.apply(Batch([Node("p1", Label.PRODUCT)]))'
    assert _elsewhere(location, write) == "['f1']"
    assert store.stats()["nodes"] == {"Organization": 1, "Product": 1}
    assert store.apply(Batch([product("p1", name="阀")])).nodes == Tally(changed=1)


_WRITER = """
import sys
from graph_service.model import *
from tests.stores import open_store
with open_store(sys.argv[1]) as store:
    for i in range(12):
        nodes = [Node(f"w{i}-{j}", Label.DEMAND, {"text": f"轴承 {i}"}) for j in range(20)]
        store.apply(Batch(nodes, [Edge(EdgeType.PARTNERED, node.id, f"w{i}-0") for node in nodes]))
        if i % 4 == 3:
            store.refresh()
        print(i, flush=True)
        sys.stdin.readline()
"""

_READER = """
import sys
from graph_service.model import *
from tests.stores import open_store
with open_store(sys.argv[1], read_only=True) as store:
    for line in sys.stdin:
        asked = f"w{int(line)}-7"
        hits = store.search_text({"轴承": 1.0}, Filter(), limit=1000)
        (path,) = store.paths(asked, f"w{int(line)}-0", max_hops=1, k=1)
        print(asked in store.nodes([asked]), len(hits), len(path.hops), flush=True)
"""


def test_readers_see_each_batch_at_their_next_request_while_a_writer_works(
    store: GraphStore, location: str
) -> None:
    store.apply(Batch([firm("f1", name="甲")]))

    def look(batch: int) -> tuple[bool, int]:
        hits = store.search_text({"轴承": 1.0}, Filter(), limit=1000)
        return f"w{batch}-7" in store.nodes([f"w{batch}-7"]), len(hits)

    with (
        ThreadPoolExecutor(3) as threads,
        child(_WRITER, location) as writer,
        child(_READER, location) as reader,
    ):
        assert writer.stdin
        assert writer.stdout
        assert reader.stdin
        assert reader.stdout
        for batch in range(12):
            assert int(writer.stdout.readline()) == batch  # committed
            expected = (True, 20 * (batch + 1))
            assert set(threads.map(look, [batch] * 3)) == {expected}
            print(batch, file=reader.stdin, flush=True)
            assert reader.stdout.readline().split() == ["True", str(expected[1]), "1"]
            print(file=writer.stdin, flush=True)
        reader.stdin.close()


def test_readers_never_see_half_a_batch(store: GraphStore, location: str) -> None:
    program = _WRITER.replace("sys.stdin.readline()", "pass").replace("range(12)", "range(60)")
    with child(program, location) as writer:
        counts = []
        while writer.poll() is None:
            found = store.stats()
            nodes, edges = found["nodes"].get("Demand", 0), found["edges"].get("PARTNERED", {})
            assert nodes == edges.get("observed", 0)
            counts.append(nodes)
    assert counts == sorted(counts)
    assert all(count % 20 == 0 for count in counts)
    assert store.stats()["nodes"] == {"Demand": 1200}


def test_a_killed_process_leaves_whole_batches(store: GraphStore, location: str) -> None:
    program = """
import sys
from graph_service.model import *
from tests.stores import open_store
store = open_store(sys.argv[1])
for i in range(1_000_000):
    nodes = [Node(f"{i}-{j}", Label.PRODUCT, {"name": "阀"}) for j in range(50)]
    store.apply(Batch(nodes, [Edge(EdgeType.SUBTYPE_OF, f"{i}-{j}", f"{i}-0") for j in range(50)]))
    print(i + 1, flush=True)
"""
    with child(program, location) as writer:
        assert writer.stdout is not None
        for _ in range(3):
            writer.stdout.readline()
        writer.kill()
        said = 3 + len(writer.stdout.readlines())
    counts = store.stats()
    nodes, edges = counts["nodes"]["Product"], counts["edges"]["SUBTYPE_OF"]["observed"]
    assert nodes == edges == counts["passages"]
    assert nodes % 50 == 0
    assert said <= nodes // 50 <= said + 1
    assert store.apply(Batch([firm("f1")])).nodes == Tally(new=1)


def test_read_only_reads_and_does_not_write(store: GraphStore, location: str) -> None:
    with open_store(location, read_only=True) as reader:
        store.apply(Batch([firm("f1", name="甲")]))
        assert set(reader.nodes(["f1"])) == {"f1"}
        with pytest.raises(StoreUnavailableError):
            reader.apply(Batch([firm("f2")]))
        with pytest.raises(StoreUnavailableError):
            reader.put_vectors(PRINT, [b"0" * 16], np.ones((1, 2), np.float32))
    assert set(store.nodes(["f1", "f2"])) == {"f1"}


def test_a_closed_store_says_so_and_keeps_what_it_had(location: str) -> None:
    with open_store(location, today=TODAY) as store:
        store.apply(Batch([firm("f1", name="甲")]))
    with pytest.raises(StoreError):
        store.nodes(["f1"])
    with pytest.raises(StoreError):
        store.apply(Batch([firm("f2")]))
    with open_store(location) as again:
        assert read(again, "f1").props == {"name": "甲"}
