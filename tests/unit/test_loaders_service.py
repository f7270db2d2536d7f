"""Loading files into a real store: what rows make, what goes wrong, and loading again."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph_service.errors import InputError
from graph_service.model import Edge, EdgeType, Filter, Label, Node
from graph_service.ports import GraphStore
from graph_service.store import open_store
from loaders import uscc
from loaders.report import LoadReport
from loaders.service import load

CODE = "9132058300000000X"
CODE += uscc.check_digit(CODE)
CITY = Path(__file__).parents[2] / "examples" / "city"


class Loaded:
    """A folder of files and a store, with shortcuts to look at what a load made."""

    def __init__(self, folder: Path, store: GraphStore) -> None:
        self.folder, self.store = folder, store
        self.files = folder / "files"
        self.files.mkdir()

    def write(self, name: str, rows: Sequence[Sequence[Any]]) -> None:
        with (self.files / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)

    def load(self, *names: str) -> LoadReport:
        return load([self.files / name for name in names] or [self.files], self.store)

    def node(self, id_: str) -> Node:
        return self.store.nodes([id_])[id_]

    def ids(self) -> set[str]:
        return {node.id for node in self.store.scan(Filter(), limit=10_000).nodes}

    def edges(self, id_: str, type_: EdgeType) -> list[Edge]:
        hops = self.store.neighbours([id_], types=[type_], limit=1000)[id_]
        return [hop.edge for hop in hops]


@pytest.fixture
def loaded(tmp_path: Path) -> Any:
    with open_store(str(tmp_path / "store")) as store:
        yield Loaded(tmp_path, store)


def unchanged(report: LoadReport) -> bool:
    return not any(
        (tally.new, tally.changed) != (0, 0)
        for tally in (report.changes.nodes, report.changes.edges)
    )


def test_a_directory_makes_firms_with_region_industry_and_products(loaded: Loaded) -> None:
    loaded.write(
        "企业.csv",
        [
            ["企业名称", "统一社会信用代码", "企业简称", "曾用名", "地址", "注册资本（万元）",
             "成立时间", "所属行业", "主要产品", "企业简介", "梯度"],
            ["虚构甲(苏州)有限公司", CODE, "甲", "虚构老甲有限公司", "江苏省昆山市某路1号", "1,200",
             "2014年3月", "通用设备制造业", "轴承；丝杠、平衡项目", "做轴承。",
             "专精特新（2024-01至2026-12）"],
        ],
    )  # fmt: skip
    report = loaded.load()
    assert (report.rows, report.rejected, report.errors) == (1, 0, [])
    firm = loaded.node(f"org:{CODE}")
    assert firm.props == {
        "name": "虚构甲（苏州）有限公司",
        "names": ["虚构甲（苏州）有限公司", "虚构老甲有限公司"],
        "aliases": ["甲"],
        "uscc": CODE,
        "kind": "enterprise",
        "text": "做轴承。",
        "district": "昆山市",
        "address": "江苏省昆山市某路1号",
        "founded": "2014-03",
        "registered_capital_wan": 1200.0,
        "industry": "通用设备制造业",
        "tiers": [{"tier": "专精特新", "from": "2024-01", "until": "2026-12"}],
    }
    assert firm.source == "企业.csv"
    assert [e.to_id for e in loaded.edges(firm.id, EdgeType.LOCATED_IN)] == ["region:320583"]
    assert [e.to_id for e in loaded.edges(firm.id, EdgeType.IN_INDUSTRY)] == [
        "industry:gbt4754:通用设备制造业"
    ]
    made = {edge.to_id for edge in loaded.edges(firm.id, EdgeType.MAKES)}
    assert made == {"product:轴承", "product:丝杠"}
    assert unchanged(loaded.load())


def test_a_word_that_names_nobody_is_shown_where_a_name_is_needed(loaded: Loaded) -> None:
    loaded.write("供应.csv", [["供应商", "客户", "供应产品"],
                            ["虚构甲有限公司", "终端用户", "阀"],
                            ["虚构甲有限公司", "", "阀"]])  # fmt: skip
    errors = loaded.load().errors
    assert [(e.code, e.row, e.column, e.value) for e in errors] == [
        ("missing_key", 2, "客户", "终端用户"), ("missing_key", 3, "客户", "")
    ]  # fmt: skip


def test_a_file_of_codes_resolves_through_the_directory_in_any_order(loaded: Loaded) -> None:
    loaded.write("a_products.csv", [["company_code", "product", "revenue_share"],
                                    ["000001", "轴承", "0.5"], ["000001", "平衡项目", "0.1"],
                                    ["000009", "丝杠", "0.2"]])  # fmt: skip
    loaded.write("b_company.csv", [["code", "name", "fullname", "exchange"],
                                   ["000001", "甲股份", "虚构甲股份有限公司", "深圳"]])  # fmt: skip
    report = loaded.load()
    assert (report.rejected, report.dropped) == (1, 1)
    assert [error.code for error in report.errors] == ["unknown_code"]
    (edge,) = loaded.edges("org:虚构甲股份有限公司", EdgeType.MAKES)
    assert (edge.to_id, edge.props, edge.confidence) == (
        "product:轴承",
        {"revenue_share": 0.5},
        0.9,
    )
    assert (edge.observed_at, edge.inferred, edge.source) == ("2021-10", False, "a_products.csv")
    assert unchanged(loaded.load())
    assert unchanged(loaded.load("a_products.csv"))  # the store knows the code by now


def test_machine_extracted_relations_are_inferred_and_point_upstream(loaded: Loaded) -> None:
    rows = [["from", "to", "rel"], ["钢管", "硅", "上游材料"], ["树脂", "膜", "下游产品"],
            ["轴承", "滚珠轴承", "产品小类"], ["轴承", "油", "亲戚"]]  # fmt: skip
    loaded.write("product_product.csv", rows)
    report = loaded.load()
    assert [(e.code, e.row, e.value) for e in report.errors] == [("unknown_relation", 5, "亲戚")]
    found = [
        (edge.from_id, edge.to_id, edge.inferred, edge.confidence)
        for id_ in ("product:硅", "product:树脂", "product:滚珠轴承")
        for type_ in (EdgeType.UPSTREAM_OF, EdgeType.SUBTYPE_OF)
        for edge in loaded.edges(id_, type_)
    ]
    assert found == [
        ("product:硅", "product:钢管", True, 0.6),
        ("product:树脂", "product:膜", True, 0.6),
        ("product:滚珠轴承", "product:轴承", True, 0.6),
    ]


def test_patents_split_their_owners_and_mention_each_once(loaded: Loaded) -> None:
    records = [
        {"id": "p1", "title": "一种轴承", "assignee": "虚构大学；虚构甲公司", "abstract": "轴承。"},
        {"id": "p2", "title": "一种丝杠", "assignee": "虚构大学", "abstract": "丝杠。"},
    ]
    path = loaded.files / "patents.jsonl"
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in records), "utf-8")
    report = loaded.load()
    assert report.changes.nodes.new == 4
    assert report.changes.nodes.changed == 0
    patent = loaded.node("patent:p1")
    assert patent.props == {"title": "一种轴承", "kind": "patent", "text": "轴承。"}
    owners = {edge.from_id for edge in loaded.edges("patent:p1", EdgeType.OWNS)}
    assert owners == {"org:虚构大学", "org:虚构甲公司"}
    assert loaded.node("org:虚构大学").props["kind"] == "university"
    again = loaded.load()
    assert unchanged(again)
    assert again.changes.nodes.unchanged == 4


def test_a_bad_cell_is_dropped_and_a_bad_key_rejects_the_row(loaded: Loaded) -> None:
    loaded.write(
        "需求.csv",
        [
            ["编号", "需求名称", "发榜企业", "技术难点", "预算（万元）", "截止日期"],
            ["D-1", "轴承降噪", "虚构甲公司", "噪声大", "很多", "2026-13-01"],
            ["D-2", "", "虚构甲公司", "没有名称", "10", ""],
            ["D-3", "丝杠", "虚构甲公司", "精度", "10", "2026-12"],
            ["D-3", "丝杠", "虚构甲公司", "另一个难点", "10", "2026-12"],
        ],
    )
    report = loaded.load()
    assert report.rows == 4
    assert report.rejected == 2
    assert [(e.row, e.column, e.value, e.code) for e in report.errors] == [
        (2, "预算（万元）", "很多", "bad_money"),
        (2, "截止日期", "2026-13-01", "bad_date"),
        (3, "需求名称", "", "missing_key"),
        (5, "编号", "D-3", "duplicate"),
    ]
    as_dict = report.as_dict()
    assert set(as_dict["errors"][0]) == {
        "file", "sheet", "row", "column", "value", "code", "message", "mend"
    }  # fmt: skip
    assert as_dict["error_counts"] == {
        "bad_money": 1, "bad_date": 1, "missing_key": 1, "duplicate": 1
    }  # fmt: skip
    assert loaded.node("demand:D-1").props == {"title": "轴承降噪", "text": "噪声大"}
    assert loaded.node("demand:D-3").props["text"] == "精度"
    assert json.loads(json.dumps(as_dict)) == as_dict


def test_a_row_without_an_id_gets_a_stable_one(loaded: Loaded) -> None:
    rows = [["需求名称", "发榜企业", "技术难点"], ["轴承降噪", "虚构甲公司", "噪声大"],
            ["轴承降噪", "虚构乙公司", "噪声大"], ["轴承降噪", "虚构甲公司", "噪声大"]]  # fmt: skip
    loaded.write("需求.csv", rows)
    assert loaded.load().rejected == 0
    demands = {id_ for id_ in loaded.ids() if id_.startswith("demand:")}
    assert len(demands) == 2
    assert unchanged(loaded.load())


def test_rows_of_one_firm_add_up_and_the_first_wins(loaded: Loaded) -> None:
    rows = [["企业名称", "统一社会信用代码", "梯度", "有效期起"],
            ["虚构甲公司", "", "创新型", "2023"],
            ["虚构甲公司", CODE, "专精特新", "2024"]]  # fmt: skip
    loaded.write("梯度.csv", rows)
    loaded.load()
    firm = loaded.node("org:虚构甲公司")
    assert firm.props["uscc"] == CODE
    assert [entry["tier"] for entry in firm.props["tiers"]] == ["创新型", "专精特新"]
    assert unchanged(loaded.load())


def test_a_firm_known_by_name_keeps_its_id_when_its_code_comes(loaded: Loaded) -> None:
    loaded.write("1.csv", [["企业名称", "产品名称"], ["虚构甲公司", "轴承"]])
    loaded.write(
        "2.csv", [["企业名称", "统一社会信用代码", "企业简介"], ["虚构甲公司", CODE, "简介"]]
    )
    loaded.write(
        "3.csv", [["企业名称", "统一社会信用代码", "采购产品"], ["虚构甲改名公司", CODE, "钢"]]
    )
    loaded.load("1.csv")
    loaded.load("2.csv")
    loaded.load("3.csv")
    assert {id_ for id_ in loaded.ids() if id_.startswith("org:")} == {"org:虚构甲公司"}
    assert [e.to_id for e in loaded.edges("org:虚构甲公司", EdgeType.NEEDS)] == ["product:钢"]
    for name in ("1.csv", "3.csv"):
        assert unchanged(loaded.load(name))


def test_a_workbook_loads_sheet_by_sheet(loaded: Loaded) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "需求"
    sheet.append(["2026 年需求（虚构）"])
    sheet.append(["需求名称", "发榜企业", "技术难点", "截止日期"])
    sheet.append(["轴承降噪", "虚构甲公司", "噪声大", "2026-12-01"])
    firms = book.create_sheet("企业")
    firms.append(["企业名称", "统一社会信用代码", "职工人数"])
    firms.append(["虚构甲公司", CODE, "很多"])
    book.create_sheet("说明").append(["随便写写"])
    book.save(loaded.files / "表.xlsx")
    report = loaded.load()
    assert {(one.sheet, one.kind) for one in report.loaded} == {
        ("需求", "技术需求与榜单"),
        ("企业", "单位名录"),
    }
    assert [(one.sheet, "表头" in one.reason) for one in report.skipped] == [("说明", True)]
    assert [(e.sheet, e.row, e.code) for e in report.errors] == [("企业", 2, "bad_number")]
    assert len(loaded.edges(f"org:{CODE}", EdgeType.POSTED)) == 1
    assert unchanged(loaded.load())


def test_a_broken_file_is_an_error_and_the_rest_loads(loaded: Loaded) -> None:
    (loaded.files / "坏.xlsx").write_bytes(b"PK\x03\x04")
    loaded.write("好.csv", [["企业名称", "产品名称"], ["虚构甲公司", "轴承"]])
    report = loaded.load()
    assert [(e.file, e.row, e.code) for e in report.errors] == [("坏.xlsx", 0, "file_unreadable")]
    assert report.anything
    assert "org:虚构甲公司" in loaded.ids()


def test_a_graph_file_loads_and_what_the_store_refuses_is_an_error(loaded: Loaded) -> None:
    records: list[Mapping[str, Any]] = [
        {"node": "a:1", "label": "Organization", "props": {"name": "虚构甲公司"}},
        {"node": "a:1", "label": "Organization", "props": {"text": "简介"}},
        {"node": "p", "label": "Product"},
        {"node": "p", "label": "Industry", "source": "别处"},
        {"edge": "MAKES", "from": "a:1", "to": "new"},
    ]
    path = loaded.files / "graph.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in records), "utf-8")
    loaded.write(
        "patents.csv", [["公开号", "专利名称", "申请人"], ["CN1", "一种轴承", "虚构甲公司"]]
    )
    report = loaded.load()
    assert [(e.file, e.row, e.code) for e in report.errors] == [("graph.jsonl", 4, "refused")]
    assert report.changes.bare == 1
    assert loaded.node("a:1").props == {"name": "虚构甲公司", "text": "简介"}
    assert len(loaded.edges("a:1", EdgeType.OWNS)) == 1
    assert unchanged(loaded.load())


def test_files_of_one_name_are_cited_with_their_folder(loaded: Loaded) -> None:
    for year in ("2025", "2026"):
        (loaded.files / year).mkdir()
        loaded.write(f"{year}/企业.csv", [["企业名称", "企业简介"], ["虚构甲公司", f"{year} 年"]])
    loaded.load()
    assert loaded.node("org:虚构甲公司").source in {"2025/企业.csv", "2026/企业.csv"}
    assert unchanged(loaded.load())


def test_progress_tells_each_file_as_it_is_committed(loaded: Loaded) -> None:
    class Told:
        def __init__(self) -> None:
            self.phases: list[list[Any]] = []

        def start(self, phase: str, total: int | None = None) -> None:
            self.phases.append([phase, 0])

        def advance(self, count: int = 1) -> None:
            self.phases[-1][1] += count

        def finish(self) -> None:
            self.phases[-1].append("done")

    loaded.write(
        "企业产品.csv", [["企业名称", "产品名称"], *(["虚构甲", str(n)] for n in range(4500))]
    )
    told = Told()
    load([loaded.files], loaded.store, progress=told)
    assert ["企业产品.csv", 4500, "done"] in told.phases
    assert [phase[0] for phase in told.phases] == [
        "辨认文件",
        "归并名录",
        "企业产品.csv",
        "整理索引",
    ]


def test_a_missing_path_is_an_error(loaded: Loaded) -> None:
    with pytest.raises(InputError):
        load([loaded.files / "没有"], loaded.store)


CELLS = st.one_of(
    st.none(), st.text(max_size=6), st.sampled_from(["甲公司", "2026-01", "5万", "；"])
)
HEADERS = st.sampled_from(
    [
        ["企业名称", "统一社会信用代码", "企业简介", "成立日期"],
        ["企业名称", "产品名称", "营收占比（%）", "日期"],
        ["编号", "需求名称", "技术难点", "悬赏额"],
        ["公开号", "专利名称", "申请人", "IPC分类号"],
        ["产品名称", "相关产品", "关系", "日期"],
        ["企业名称", "梯度", "有效期起", "有效期止"],
    ]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(header=HEADERS, rows=st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=8))
def test_any_rows_load_and_loading_again_changes_nothing(
    header: list[str], rows: list[list[Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    with open_store(str(folder / "store")) as store:
        world = Loaded(folder, store)
        world.write("表.csv", [header, *rows])
        first = world.load()
        again = world.load()
        assert unchanged(again)
        assert first.rejected == again.rejected
        assert again.changes.edges.unchanged == first.changes.edges.new


def test_the_sample_city_loads_without_an_error(loaded: Loaded) -> None:
    report = load([CITY], loaded.store)
    assert report.errors == []
    assert {Path(one.file).name for one in report.skipped} == {"answers.csv", "decoys.csv"}
    counts = loaded.store.stats()["nodes"]
    assert {label: counts[label] for label in ("Demand", "Result", "Product", "Chain")} == {
        "Demand": 72, "Result": 170, "Product": 400, "Chain": 8
    }  # fmt: skip
    everybody = loaded.store.scan(Filter(labels=frozenset({Label.ORGANIZATION})), limit=1000).nodes
    assert all(node.props.get("text") for node in everybody)  # none is left bare
    assert unchanged(load([CITY], loaded.store))
