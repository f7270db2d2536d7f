"""The review list: found, decided, undone; a later load; the command line over it."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.commands import app
from graph_service.errors import InputError, NotFoundError
from graph_service.model import EVERYONE, Batch, Edge, EdgeType, Filter, Label, Node
from graph_service.ports import Store
from graph_service.resolution.review import Review, pair_id
from graph_service.resolution.scoring import PRIOR
from loaders.service import load
from tests.stores import open_store

LONG, LIMITED = "苏州虚构精密传动股份有限公司", "苏州虚构精密传动有限公司"
OTHER = "苏州虚构精密传动科技有限公司"


def firm(id_: str, name: str, **props: object) -> Node:
    return Node(id_, Label.ORGANIZATION, {"name": name, **props}, "名录")


FIRMS = Batch(
    [
        firm("a", LONG, website="www.xugou.example", founded="2009-05-01"),
        firm("b", LIMITED, founded="2009-05-01"),
        firm("c", OTHER),
        firm("d", "南京毫不相干食品有限公司"),
    ],
    [Edge(EdgeType.MAKES, "b", "p", source="名录")],
)


@pytest.fixture
def store(tmp_path: Path):
    with open_store(str(tmp_path / "store")) as opened:
        opened.apply(FIRMS)
        yield opened


def names(store: Store) -> dict[str, str]:
    return {node.id: node.title for node in store.scan(Filter()).nodes if node.id in "abcd"}


def test_nothing_is_merged_by_finding(store: Store) -> None:
    before = names(store)
    found = Review(store).find(viewer=EVERYONE)
    assert (found.organisations, found.probable, found.new) == (4, 1, 3)
    assert names(store) == before
    pairs, total = Review(store).list(viewer=EVERYONE)
    assert total == 3
    assert (pairs[0].id, pairs[0].data["level"]) == (pair_id("b", "a"), "probable")
    for pair in pairs:
        assert pair.data["score"] == pytest.approx(
            PRIOR + sum(part["value"] for part in pair.data["parts"]), abs=0.01
        )
        assert all(part["evidence"] for part in pair.data["parts"])


def test_the_list_is_filtered_and_paged(store: Store) -> None:
    review = Review(store)
    review.find(viewer=EVERYONE)
    assert review.list(level=["doubtful"], viewer=EVERYONE)[1] == 2
    assert review.list(name="科技", viewer=EVERYONE)[1] == 2
    assert review.list(name="没有", viewer=EVERYONE)[1] == 0
    pages = [review.list(page=page, size=2, viewer=EVERYONE)[0] for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [2, 1, 0]


def test_finding_again_changes_no_decision(store: Store) -> None:
    review = Review(store)
    review.find(viewer=EVERYONE)
    review.reject(pair_id("a", "c"), by="甲", viewer=EVERYONE)
    again = review.find(viewer=EVERYONE)
    assert (again.new, again.gone) == (0, 0)
    assert review.list(viewer=EVERYONE)[1] == 2
    (rejected,), _ = review.list(status=["rejected"], viewer=EVERYONE)
    assert (rejected.id, rejected.data["by"]) == (pair_id("a", "c"), "甲")


def test_an_accepted_pair_is_one_until_that_is_undone(store: Store) -> None:
    review = Review(store)
    review.find(viewer=EVERYONE)
    before, open_pairs = names(store), review.list(viewer=EVERYONE)
    done = review.accept(pair_id("a", "b"), by="甲", viewer=EVERYONE)
    assert (done.data["kept"], done.data["gone"]) == ("a", "b")
    assert names(store) == {"a": LONG, "c": OTHER, "d": before["d"]}
    assert store.nodes(["b"])["b"].props["aliases"] == [LIMITED]
    assert store.get("alias", ["b"])["b"].data["into"] == "a"
    assert [hop.end for hop in store.neighbours(["a"])["a"]] == ["p"]
    with pytest.raises(InputError):
        review.accept(pair_id("a", "b"), by="甲", viewer=EVERYONE)
    review.undo(done.id, viewer=EVERYONE)
    assert names(store) == before
    assert store.query("alias").records == []
    assert [pair.data for pair in review.list(viewer=EVERYONE)[0]] == [
        pair.data for pair in open_pairs[0]
    ]
    with pytest.raises(InputError):
        review.undo(done.id, viewer=EVERYONE)


def test_who_is_kept_can_be_said(store: Store) -> None:
    review = Review(store)
    review.find(viewer=EVERYONE)
    with pytest.raises(InputError):
        review.accept(pair_id("a", "b"), by="甲", keep="c", viewer=EVERYONE)
    review.accept(pair_id("a", "b"), by="甲", keep="b", viewer=EVERYONE)
    assert store.nodes(["a"])["a"].title == LIMITED


def test_three_that_are_one(store: Store) -> None:
    review = Review(store)
    review.find(viewer=EVERYONE)
    review.accept(pair_id("a", "b"), by="甲", viewer=EVERYONE)
    review.accept(pair_id("b", "c"), by="甲", viewer=EVERYONE)
    assert names(store).keys() == {"a", "d"}
    with pytest.raises(InputError):
        review.accept(pair_id("a", "c"), by="甲", viewer=EVERYONE)
    review.undo(pair_id("a", "b"), viewer=EVERYONE)
    assert names(store).keys() == {"a", "b", "d"}


def test_what_is_no_longer_likely_is_taken_off(store: Store) -> None:
    review = Review(store)
    review.find(viewer=EVERYONE)
    store.apply(Batch(delete_nodes=["c"]))
    assert review.find(viewer=EVERYONE).gone == 2
    with pytest.raises(NotFoundError):
        review.reject(pair_id("a", "c"), by="甲", viewer=EVERYONE)


def test_codes_that_differ_are_a_veto(store: Store) -> None:
    codes = {"a": "91320505MA1XXXX011", "b": "91320505MA1XXXX022"}
    store.apply(Batch([Node(i, Label.ORGANIZATION, {"uscc": c}, "证") for i, c in codes.items()]))
    review = Review(store)
    review.find(viewer=EVERYONE)
    assert pair_id("a", "b") not in {pair.id for pair in review.list(viewer=EVERYONE)[0]}


def _table(path: Path, rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def test_loading_again_after_a_merge_changes_nothing(tmp_path: Path) -> None:
    head = ("企业名称", "统一社会信用代码", "所在区", "主要产品")
    rows = [head, (LONG, "", "虎丘区", "轴承"), (LIMITED, "", "吴中区", "柔轮")]
    file = _table(tmp_path / "名录.csv", rows)
    with open_store(str(tmp_path / "store")) as store:
        load([file], store)
        review = Review(store)
        review.find(viewer=EVERYONE)
        (pair,), _ = review.list(viewer=EVERYONE)
        ids = sorted((pair.data["a"], pair.data["b"]))
        before = store.nodes(ids)
        review.accept(pair.id, by="甲", viewer=EVERYONE)
        merged = store.nodes(ids)
        again = load([file], store).changes
        assert (again.nodes.new, again.nodes.changed) == (0, 0)
        assert (again.edges.new, again.edges.changed) == (0, 0)
        assert store.nodes(ids) == merged
        later = _table(tmp_path / "产品.csv", [head, (LIMITED, "", "", "谐波减速器")])
        load([later], store)
        assert store.nodes(ids)[ids[0]] == store.nodes(ids)[ids[1]]
        made = [hop.end for hop in store.neighbours([ids[0]], types=[EdgeType.MAKES])[ids[0]]]
        assert len(made) == 3
        review.undo(pair.id, viewer=EVERYONE)
        after = store.nodes(ids)
        limited = next(id_ for id_ in ids if before[id_].title == LIMITED)
        long = next(id_ for id_ in ids if id_ != limited)
        assert after[long].props == before[long].props
        assert len(store.neighbours([limited], types=[EdgeType.MAKES])[limited]) == 2


def test_what_a_merge_tells_anew_gets_its_vector(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEBANG_MODEL", "hashing")
    place = ["--store", str(tmp_path / "store")]
    for arguments in (["embed"], ["resolve", "find"], ["resolve", "accept", pair_id("a", "b")]):
        done = CliRunner().invoke(app, [*arguments, *place])
        assert done.exit_code == 0, done.output
        (held,) = store.stats()["vectors"].values()
        assert held["pending"] == 0


def test_the_commands_find_list_decide_and_undo(location: str) -> None:
    place = ["--store", location]

    def run(*arguments: str) -> dict:
        done = CliRunner().invoke(app, ["resolve", *arguments, *place, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def standing() -> set[str]:
        with open_store(location, read_only=True) as store:
            return set(names(store))

    with open_store(location) as store:
        store.apply(FIRMS)
    assert run("find")["probable"] == 1
    listed = run("list", "--level", "probable")
    (pair,) = listed["pairs"]
    assert (listed["total"], pair["titles"]) == (1, [LONG, LIMITED])
    assert run("accept", pair["id"], "--by", "甲")["pairs"][0]["kept"] == "a"
    assert standing() == {"a", "c", "d"}
    shown = CliRunner().invoke(app, ["resolve", "list", "--status", "all", *place])
    assert "已合并" in shown.stdout
    assert "字号相同" in shown.stdout
    undone = CliRunner().invoke(app, ["resolve", "undo", pair["id"], *place])
    assert undone.exit_code == 0
    assert "待核对" in undone.stdout
    assert standing() == {"a", "b", "c", "d"}
    wrong = CliRunner().invoke(app, ["resolve", "accept", "none", *place, "--json"])
    assert wrong.exit_code == 2
    assert json.loads(wrong.stdout)["error"]["code"] == "not_found"


MERGED = """\
{"node": "org:甲", "label": "Organization", "props": {"name": "虚构甲公司"}}
{"node": "org:旧", "label": "Organization", "props": {"name": "虚构旧公司", "uscc": "x"}}
{"edge": "MAKES", "from": "org:旧", "to": "product:阀"}
{"merge": "org:旧", "into": "org:甲"}
"""


def test_a_merge_that_a_file_states_is_listed_and_undone(tmp_path: Path) -> None:
    (tmp_path / "图.jsonl").write_text(MERGED, "utf-8")
    with open_store(str(tmp_path / "store")) as store:
        review = Review(store)
        for _ in range(2):
            assert load([tmp_path / "图.jsonl"], store).errors == []
            (pair,), total = review.list(status=["accepted"], viewer=EVERYONE)
            assert total == 1
        assert (pair.data["by"], pair.data["kept"], pair.data["gone"]) == (
            "文件 图.jsonl", "org:甲", "org:旧"
        )  # fmt: skip
        assert pair.data["titles"] == ["虚构旧公司", "虚构甲公司"]
        assert pair.data["score"] == PRIOR + sum(part["value"] for part in pair.data["parts"])
        review.find(viewer=EVERYONE)
        again = review.undo(pair.id, viewer=EVERYONE)
        assert (again.data["status"], "by" in again.data) == ("open", False)
        assert {id_: node.id for id_, node in store.nodes(["org:旧", "org:甲"]).items()} == {
            "org:旧": "org:旧", "org:甲": "org:甲"
        }  # fmt: skip
        assert review.accept(pair.id, by="乙", viewer=EVERYONE).data["kept"] == "org:旧"  # has code


def test_a_file_does_not_join_what_a_person_kept_apart(tmp_path: Path) -> None:
    (tmp_path / "图.jsonl").write_text(MERGED, "utf-8")
    with open_store(str(tmp_path / "store")) as store:
        load([tmp_path / "图.jsonl"], store)
        review, id_ = Review(store), pair_id("org:旧", "org:甲")
        review.undo(id_, viewer=EVERYONE)
        review.reject(id_, by="乙", viewer=EVERYONE)
        (error,) = load([tmp_path / "图.jsonl"], store).errors
        assert (error.code, error.row) == ("refused", 4)
        assert "经人核对" in error.detail
        assert store.nodes(["org:旧"])["org:旧"].id == "org:旧"


def test_merges_of_older_stores_come_on_the_list_with_the_next_load(tmp_path: Path) -> None:
    (tmp_path / "图.jsonl").write_text(MERGED, "utf-8")
    with open_store(str(tmp_path / "store")) as store:
        store.apply(
            Batch(
                [firm("org:甲", "虚构甲公司"), firm("org:旧", "虚构旧公司")],
            )
        )
        store.apply(Batch(merges=[("org:旧", "org:甲")]))
        load([tmp_path / "图.jsonl"], store)
        (pair,), _ = Review(store).list(status=["accepted"], viewer=EVERYONE)
        assert pair.data["titles"] == ["虚构旧公司", "虚构甲公司"]
        Review(store).undo(pair.id, viewer=EVERYONE)
        assert len({node.id for node in store.nodes(["org:旧", "org:甲"]).values()}) == 2
