"""Files as Chinese offices send them: what each must give, and that nothing is lost or made up.

The files are written anew at each run by ``tests/unit/messy``; all firms in them are invented.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from graph_service.model import Filter
from graph_service.ports import GraphStore
from graph_service.store import open_store
from loaders.report import LoadReport
from loaders.service import load
from tests.unit.messy.cases import CASES, KINDS
from tests.unit.messy.expected import Case, differences, wrong_graph, wrong_nodes

PLAIN = [case for case in CASES if not case.suggest]
ODD = [case for case in CASES if case.suggest]
WRONG = [case for case in PLAIN if any(row for _, row, _ in case.want.bad)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[GraphStore]:
    with open_store(str(tmp_path / "store")) as opened:
        yield opened


def written(case: Case, folder: Path) -> Path:
    """The file of a case, in a folder of its own."""
    name, data = case.make()
    path = folder / case.id / name
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return path


def changed(report: LoadReport) -> int:
    tallies = (report.changes.nodes, report.changes.edges)
    return sum(tally.new + tally.changed for tally in tallies)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def ids(cases: list[Case]) -> list[str]:
    return [case.id for case in cases]


def test_there_are_sixty_files_and_each_mess_is_in_two() -> None:
    assert len(CASES) >= 60
    assert len({case.id for case in CASES}) == len(CASES)
    count = Counter(mess for case in CASES for mess in case.messes)
    assert not {kind: count[kind] for kind in KINDS if count[kind] < 2}


@pytest.mark.parametrize("case", PLAIN, ids=ids(PLAIN))
def test_messy_file(case: Case, store: GraphStore, tmp_path: Path) -> None:
    path = written(case, tmp_path / "files")
    assert differences(store, load([path], store), case.want) == []
    again = load([path], store)
    assert changed(again) == 0
    assert differences(store, again, case.want) == []
    left = {entry.name for entry in tmp_path.iterdir()}
    assert left == {"files", "store"}, "a load leaves nothing beside the store"
    assert [entry for entry in (tmp_path / "files").rglob("*") if entry.is_file()] == [path]


@pytest.mark.parametrize("case", WRONG, ids=ids(WRONG))
def test_wrong_rows_come_back_and_say_the_same_when_nobody_mends_them(
    case: Case, store: GraphStore, tmp_path: Path
) -> None:
    path, back = written(case, tmp_path / "files"), tmp_path / "退回.xlsx"
    first = load([path], store, give_back=back)
    again = load([back], store)
    assert changed(again) == 0
    assert again.rejected == first.rejected
    assert wrong_graph(store, case.want) == []


def test_mended_rows_load_as_if_they_had_been_right(store: GraphStore, tmp_path: Path) -> None:
    (case,) = (case for case in CASES if case.id == "tsv-needs-utf16-missing_keys")
    path, back = written(case, tmp_path / "files"), tmp_path / "退回.xlsx"
    load([path], store, give_back=back)
    book = openpyxl.load_workbook(back)
    mended = {None: "驱动芯片温升", "三十几万吧": "35万"}
    marked = [cell for row in book.active.iter_rows() for cell in row if cell.comment]
    assert {cell.value for cell in marked} == set(mended)
    for cell in marked:
        cell.value = mended[cell.value]
    book.save(back)
    assert load([back], store).errors == []
    nodes = {node.title: node.props for node in store.scan(Filter(), limit=100).nodes}
    assert nodes["驱动芯片温升"]["budget_wan"] == 35.0
    assert nodes["驱动电源频闪"]["budget_wan"] == 35.0
    assert len(nodes) == 4


@pytest.mark.parametrize("case", ODD, ids=ids(ODD))
def test_an_unknown_header_loads_by_the_mapping_suggested_for_it(
    case: Case, tmp_path: Path
) -> None:
    path, mapping = written(case, tmp_path / "files"), tmp_path / "对照.toml"
    common = ("--store", tmp_path / "store", "--no-embed")
    assert "--suggest-mapping" in run("load", path, *common).output
    run("load", path, *common, "--suggest-mapping", mapping)
    result = run("load", path, *common, "--mapping", mapping)
    assert result.exit_code == 0, result.output
    with open_store(str(tmp_path / "store")) as opened:
        assert wrong_graph(opened, case.want) == []


def test_all_messy_files_in_one_go(store: GraphStore, tmp_path: Path) -> None:
    for case in PLAIN:
        written(case, tmp_path / "files")
    report = load([tmp_path / "files"], store)
    assert report.rejected == sum(case.want.rejected for case in PLAIN)
    assert len(report.errors) == sum(len(case.want.bad) for case in PLAIN)
    nodes = store.scan(Filter(), limit=10_000).nodes
    assert {case.id: found for case in PLAIN if (found := wrong_nodes(nodes, case.want))} == {}
    assert changed(load([tmp_path / "files"], store)) == 0
