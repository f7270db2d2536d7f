"""The contract of ``Records``: kept beside the graph, versioned, committed together with it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from graph_service.errors import ConflictError, InputError, StoreUnavailableError
from graph_service.model import Batch, Changes, Put, Record, Tally, UnitOfWork
from graph_service.ports import Store
from tests.contract.graph_builders import firm, makes
from tests.stores import child, open_store


def put(store: Store, *puts: Put, batch: Batch | None = None) -> list[Record]:
    return list(store.commit(UnitOfWork(puts, batch or Batch())).records)


def ids(store: Store, **where: list) -> list[str]:
    return [record.id for record in store.query("bid", where).records]


def test_a_record_is_read_as_it_was_written(store: Store) -> None:
    data = {"stage": "提交", "amount": 1.5, "open": True, "more": {"a": [1, None]}}
    written = put(store, Put("bid", "b1", data))
    assert written == [Record("bid", "b1", 1, data)]
    assert store.get("bid", ["b1"]) == {"b1": written[0]}
    assert store.query("bid").records == written


def test_unknown_records_are_left_out(store: Store) -> None:
    put(store, Put("bid", "b1", {}), Put("bid", "b2", {}))
    assert list(store.get("bid", ["b2", "none", "b1", "b2"])) == ["b2", "b1"]
    assert store.get("review", ["b1"]) == {}
    assert store.query("review").records == []


def test_kinds_have_ids_of_their_own(store: Store) -> None:
    put(store, Put("bid", "1", {"a": 1}), Put("review", "1", {"a": 2}))
    assert store.get("bid", ["1"])["1"].data == {"a": 1}
    assert store.get("review", ["1"])["1"].data == {"a": 2}


def test_every_write_raises_the_version(store: Store) -> None:
    put(store, Put("bid", "b1", {"n": 1}))
    assert put(store, Put("bid", "b1", {"n": 2})) == [Record("bid", "b1", 2, {"n": 2})]
    assert put(store, Put("bid", "b1", {"n": 2}, expected=2))[0].version == 3


@pytest.mark.parametrize("expected", [0, 2])
def test_another_version_than_expected_is_a_conflict(store: Store, expected: int) -> None:
    put(store, Put("bid", "b1", {"n": 1}))
    with pytest.raises(ConflictError) as caught:
        put(store, Put("bid", "b0", {}), Put("bid", "b1", {"n": 2}, expected))
    assert (caught.value.values["expected"], caught.value.values["stored"]) == (expected, 1)
    assert store.get("bid", ["b0", "b1"]) == {"b1": Record("bid", "b1", 1, {"n": 1})}


def test_version_0_is_that_of_what_is_not_there(store: Store) -> None:
    assert put(store, Put("bid", "b1", {}, expected=0))[0].version == 1
    with pytest.raises(ConflictError):
        put(store, Put("bid", "b2", {}, expected=1))


def test_a_record_without_data_is_deleted(store: Store) -> None:
    put(store, Put("bid", "b1", {}), Put("bid", "b2", {}))
    with pytest.raises(ConflictError):
        put(store, Put("bid", "b1", None, expected=7))
    assert put(store, Put("bid", "b1", None, expected=1)) == []
    assert ids(store) == ["b2"]


def test_what_is_appended_gets_rising_ids(store: Store) -> None:
    first = put(store, *(Put("audit", None, {"n": n}) for n in range(12)))
    put(store, Put("inbox", None, {}), Put("audit", first[-1].id, None))
    (later,) = put(store, Put("audit", None, {"n": 12}))
    told = [record.id for record in [*first, later]]
    assert told == sorted(set(told))
    numbers = [record.data["n"] for record in store.query("audit").records]
    assert numbers == [*range(11), 12]


def test_pages_follow_each_other_in_either_order(store: Store) -> None:
    put(store, *(Put("bid", f"b{n}", {}) for n in range(5)))
    for newest_first in (False, True):
        seen, cursor, pages = [], None, 0
        while pages == 0 or cursor:
            page = store.query("bid", after=cursor, limit=2, newest_first=newest_first)
            seen += [record.id for record in page.records]
            cursor, pages = page.cursor, pages + 1
        assert seen == sorted(seen, reverse=newest_first)
        assert (len(seen), pages) == (5, 3)


def test_a_query_asks_for_values_of_fields(store: Store) -> None:
    put(
        store,
        Put("bid", "b1", {"stage": "提交", "round": 1, "open": True}),
        Put("bid", "b2", {"stage": "撤回", "round": 2, "open": False}),
        Put("bid", "b3", {"stage": "提交", "round": 2, "open": 1, "share": 0.5}),
        Put("bid", "b4", {"stage": "'; DROP TABLE records; --"}),
    )
    assert ids(store, stage=["提交"]) == ["b1", "b3"]
    assert ids(store, stage=["提交", "撤回"], round=[2]) == ["b2", "b3"]
    assert ids(store, open=[True]) == ["b1"]
    assert ids(store, open=[1]) == ["b3"]
    assert ids(store, share=[0.5]) == ["b3"]
    assert ids(store, stage=["'; DROP TABLE records; --"]) == ["b4"]
    assert ids(store, stage=[]) == ids(store, other=["x"]) == []
    assert store.count("bid", {"stage": ["提交"]}) == 2
    assert store.count("bid") == 4


def test_a_field_name_that_is_none_is_refused(store: Store) -> None:
    for name in ("a.b", "名", "a'b", ""):
        with pytest.raises(InputError):
            store.query("bid", {name: ["x"]})


def test_what_cannot_be_kept_is_refused_whole(store: Store) -> None:
    bad = [
        [Put("bid", "b1", {}), Put("bid", "b1", {})],
        [Put("bid", "b1", {}), Put("bid", "", {})],
        [Put("bid", "b1", {}), Put("bid", "b2", {"x": object()})],
        [Put("bid", "b1", {}), Put("bid", "b2", {"x": "\ud800"})],
    ]
    for puts in bad:
        with pytest.raises(InputError):
            put(store, *puts)
    assert store.query("bid").records == []


def test_records_and_graph_are_written_together(store: Store) -> None:
    done = store.commit(
        UnitOfWork([Put("bid", "b1", {})], Batch([firm("f1", name="甲")], [makes("f1", "p1")]))
    )
    assert done.changes == Changes(Tally(new=1), Tally(new=1), bare=1)
    assert set(store.nodes(["f1", "p1"])) == {"f1", "p1"}


def test_records_alone_change_no_graph(store: Store) -> None:
    firms = Batch([firm("f1", name="甲")])
    put(store, Put("bid", "b1", {}), batch=firms)
    before = store.stats()
    assert before["change"] > 0
    put(store, Put("bid", "b1", {"n": 1}), Put("bid", "b2", {}), Put("audit", None, {}))
    put(store, Put("bid", "b3", {}), batch=firms)  # as it is already
    after = store.stats()
    assert after["records"] == {"audit": 1, "bid": 3}
    assert {**after, "records": {}} == {**before, "records": {}}
    put(store, Put("bid", "b3", None), batch=Batch([firm("f2", name="乙")]))
    assert store.stats()["change"] > before["change"]
    assert store.stats()["records"] == {"audit": 1, "bid": 2}


def test_records_and_graph_are_refused_together(store: Store) -> None:
    put(store, Put("bid", "b1", {}))
    with pytest.raises(ConflictError):
        put(store, Put("bid", "b1", {"n": 1}, expected=0), batch=Batch([firm("f1", name="甲")]))
    with pytest.raises(InputError):
        put(store, Put("bid", "b2", {}), batch=Batch([firm("", name="甲")]))
    assert store.nodes(["f1"]) == {}
    assert ids(store) == ["b1"]


def test_of_many_writers_of_one_version_one_wins(store: Store) -> None:
    put(store, Put("bid", "b1", {"by": -1}))

    def write(worker: int) -> bool:
        try:
            put(store, Put("bid", "b1", {"by": worker}, expected=1), Put("audit", None, {}))
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(write, range(8)))
    assert won.count(True) == store.count("audit") == 1
    assert store.get("bid", ["b1"])["b1"] == Record("bid", "b1", 2, {"by": won.index(True)})


def test_processes_read_what_processes_write(store: Store, location: str) -> None:
    put(store, Put("bid", "b1", {"n": 1}))
    program = """
import sys
from graph_service.model import Put, UnitOfWork
from tests.stores import open_store
with open_store(sys.argv[1]) as store:
    version = store.get("bid", ["b1"])["b1"].version
    store.commit(UnitOfWork([Put("bid", "b1", {"n": 2}, expected=version)]))
"""
    with child(program, location) as process:
        process.communicate()
    assert process.returncode == 0
    assert store.get("bid", ["b1"])["b1"] == Record("bid", "b1", 2, {"n": 2})


def test_read_only_reads_and_does_not_write(store: Store, location: str) -> None:
    put(store, Put("bid", "b1", {}))
    with open_store(location, read_only=True) as reader:
        assert [record.id for record in reader.query("bid").records] == ["b1"]
        with pytest.raises(StoreUnavailableError):
            put(reader, Put("bid", "b2", {}))
