"""The fictional city: counts, marks, and the rules that make its demands worth matching.

Reads the files directly, so that a fault of a loader is not taken for one of the data.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest
from openpyxl import load_workbook

REPO = Path(__file__).resolve().parents[2]
CITY = REPO / "examples" / "city"
SHARED = REPO.parent / "shared" / "data"

PHRASE = 6  # a demand and its right solver share no phrase this long
DECOY_PHRASE = 4  # a decoy shares phrases this long that the right solvers do not
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015
TIERS = {"创新型", "专精特新", "小巨人", "重点小巨人", "单项冠军"}
LICENCES = {"", "开放许可", "先使用后付费", "转让", "许可", "作价入股"}

Row = dict[str, str]


@cache
def table(name: str) -> list[Row]:
    with (CITY / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@cache
def demands() -> dict[str, dict[str, object]]:
    """The list of demands by number: row 1 of the sheet is a title line, row 2 the header."""
    sheet = load_workbook(CITY / "技术需求榜单.xlsx")["榜单"]
    _, header, *rows = sheet.iter_rows(values_only=True)
    return {str(row[0]): dict(zip(map(str, header), row, strict=True)) for row in rows}


@cache
def results() -> dict[str, Row]:
    return {row["编号"]: row for row in table("科技成果")}


@cache
def organizations() -> dict[str, Row]:
    firms = {row["企业名称"]: row for row in table("企业名录")}
    return firms | {row["单位名称"]: row for row in table("高校院所")}


def products() -> set[str]:
    return {row["产品名称"] for row in table("产品目录")}


def several(cell: object) -> list[str]:
    return [part for part in str(cell or "").split("；") if part]


def demand_fields(number: str) -> list[str]:
    row = demands()[number]
    columns = ("需求名称", "企业背景", "技术难点", "技术指标", "研究内容", "揭榜条件")
    return [*(str(row[column]) for column in columns), *several(row["涉及产品"])]


def candidate_fields(candidate: str) -> list[str]:
    """What a candidate says: a result's own text, or a firm's introduction and products."""
    if candidate in results():
        row = results()[candidate]
        return [row["成果名称"], row["摘要"], *several(row["关键词"]), *several(row["应用产品"])]
    made = [row["产品名称"] for row in table("企业产品") if row["企业名称"] == candidate]
    return [candidate, organizations()[candidate]["企业简介"], *made]


def phrases(fields: Iterable[str], length: int) -> set[str]:
    """All runs of ``length`` characters inside a field, after NFKC, without white space."""
    found = set()
    for field in fields:
        text = re.sub(r"\s", "", unicodedata.normalize("NFKC", field)).lower()
        found |= {text[i : i + length] for i in range(len(text) - length + 1)}
    return found


def right_solvers() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in table("answers"):
        found.setdefault(row["demand"], []).append(row["candidate"])
    return found


def may_bid(number: str, candidate: str) -> bool:
    """Whether no organisation behind the candidate is the poster or in conflict with it."""
    poster = str(demands()[number]["发榜企业"])
    barred = {frozenset((row["主体一"], row["主体二"])) for row in table("利益冲突")}
    behind = several(results()[candidate]["权属单位"]) if candidate in results() else [candidate]
    assert set(behind) <= set(organizations())
    return all(one != poster and frozenset((one, poster)) not in barred for one in behind)


def test_the_city_has_the_promised_counts() -> None:
    assert len(table("企业名录")) == 60
    assert len(table("高校院所")) == 6
    assert len(demands()) == 20
    assert len(results()) == 40
    assert len(table("产品目录")) == len(products()) == 120
    assert len(table("产业链")) == 3
    assert {row["成果类型"] for row in results().values()} == {
        *("专利", "成果", "论文", "仪器设备", "服务"),
    }


def test_every_organisation_demand_and_result_is_marked_invented() -> None:
    rows = [*organizations().values(), *demands().values(), *results().values()]
    assert {row["备注"] for row in rows} == {"虚构"}
    sources = {
        row["来源"]
        for name in (
            "产品关系",
            "企业产品",
            "企业采购",
            "供应关系",
            "梯度培育",
            "合作记录",
            "利益冲突",
        )
        for row in table(name)
    }
    assert all(source.endswith("（虚构）") for source in sources)


def test_names_are_unique_and_every_reference_is_known() -> None:
    known = set(organizations())
    assert len(known) == 66
    pairs = [
        ("企业产品", ("企业名称",)),
        ("企业采购", ("企业名称",)),
        ("供应关系", ("供应商", "客户")),
        ("梯度培育", ("企业名称",)),
        ("合作记录", ("甲方", "乙方")),
        ("利益冲突", ("主体一", "主体二")),
    ]
    for name, columns in pairs:
        assert {row[column] for row in table(name) for column in columns} <= known, name
    assert {str(row["发榜企业"]) for row in demands().values()} <= known
    assert {owner for row in results().values() for owner in several(row["权属单位"])} <= known
    assert {leader for row in table("产业链") for leader in several(row["链主企业"])} <= known
    regions = {row["区域名称"] for row in table("区域")}
    assert {row["所在区"] for row in organizations().values()} <= regions

    used = [
        *(row[column] for row in table("产品关系") for column in ("产品名称", "相关产品")),
        *(row["产品名称"] for name in ("企业产品", "供应关系") for row in table(name)),
        *(row["采购产品"] for row in table("企业采购")),
        *(product for row in results().values() for product in several(row["应用产品"])),
        *(product for row in demands().values() for product in several(row["涉及产品"])),
    ]
    assert set(used) <= products()
    assert {row["所属产业链"] for row in table("产品目录")} == {
        row["产业链名称"] for row in table("产业链")
    }


def test_every_firm_makes_something_and_supplies_what_it_makes() -> None:
    made = {(row["企业名称"], row["产品名称"]) for row in table("企业产品")}
    assert {firm for firm, _ in made} == {row["企业名称"] for row in table("企业名录")}
    assert {(row["供应商"], row["产品名称"]) for row in table("供应关系")} <= made


def test_the_chains_have_gaps_that_no_firm_of_the_city_fills() -> None:
    made = {row["产品名称"] for row in table("企业产品")}
    needed = {row["采购产品"] for row in table("企业采购")}
    assert {"高强碳纤维纱", "短切碳纤维", "自粘漆包线", "氮化硅陶瓷滚珠"} <= needed - made


def uscc_check_character(code: str) -> str:
    """GB 32100-2015: the 18th character of 统一社会信用代码 from the first 17."""
    total = sum(USCC_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
    return USCC_ALPHABET[-total % 31]


def test_credit_codes_are_valid_but_of_no_real_region() -> None:
    assert uscc_check_character("91350100M000100Y43") == "3"  # the standard's own example
    codes = [row["统一社会信用代码"] for row in organizations().values()]
    given = [code for code in codes if code]
    assert codes.count("") == 5
    assert len(set(given)) == 61
    for code in given:
        assert re.fullmatch(r"(91|12)9999\d\d[0-9A-Z]{10}", code)
        assert code[17] == uscc_check_character(code)


def test_tiers_have_dates_and_known_names() -> None:
    for row in table("梯度培育"):
        assert row["梯度"] in TIERS
        assert row["有效期起"] < row["有效期止"]
    assert {row["梯度"] for row in table("梯度培育")} == TIERS


def test_results_have_a_readiness_level_and_a_licence_mode() -> None:
    for row in results().values():
        assert row["许可方式"] in LICENCES
        assert row["技术成熟度"] in {*"123456789", ""}
        assert date.fromisoformat(row["日期"]) < date(2026, 11, 23)
    assert {row["许可方式"] for row in results().values()} == LICENCES


def test_each_demand_is_a_whole_and_measurable() -> None:
    measurable = re.compile(r"[≥≤±]\s*-?\d|\d+[–±]\d+")
    for row in demands().values():
        assert all(value not in (None, "") for value in row.values())
        assert len(measurable.findall(str(row["技术指标"]))) >= 2, row["编号"]
        assert isinstance(row["截止日期"], datetime)
        assert isinstance(row["悬赏额（万元）"], int)


@pytest.mark.shared
def test_no_name_is_a_real_one() -> None:
    path = SHARED / "firms" / "firms.csv"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    real = " ".join(
        (SHARED / name).read_text(encoding="utf-8")
        for name in (
            *("firms/firms.csv", "firms/suzhou_manufacturers.txt", "chain/company.csv"),
            *("reference/universities.csv", "reference/regions_suzhou.csv"),
        )
    )
    invented = [*organizations(), *(row["区域名称"] for row in table("区域"))]
    assert [name for name in invented if name in real] == []


def test_each_demand_has_a_right_solver_that_may_bid() -> None:
    solvers = right_solvers()
    assert set(solvers) == set(demands())
    assert {row["grade"] for row in table("answers")} == {"2", "3"}
    for number, candidates in solvers.items():
        assert all(may_bid(number, candidate) for candidate in candidates), number


def test_a_demand_and_its_right_solver_share_no_phrase_of_six_characters() -> None:
    shared = {
        (number, candidate): both
        for number, candidates in right_solvers().items()
        for candidate in candidates
        if (
            both := phrases(demand_fields(number), PHRASE)
            & phrases(candidate_fields(candidate), PHRASE)
        )
    }
    assert shared == {}


def test_a_third_of_the_demands_have_a_decoy_with_the_same_words() -> None:
    solvers = right_solvers()
    decoys = table("decoys")
    tempting = {row["demand"] for row in decoys if may_bid(row["demand"], row["candidate"])}
    assert len(tempting) >= 7  # decoys that a conflict of interest hides tempt nobody
    for row in decoys:
        number, decoy = row["demand"], row["candidate"]
        assert decoy not in solvers[number]
        alike = [s for s in solvers[number] if (s in results()) == (decoy in results())]
        assert alike
        for length in (2, DECOY_PHRASE):  # words, and longer phrases
            asked = phrases(demand_fields(number), length)
            by_decoy = asked & phrases(candidate_fields(decoy), length)
            for solver in alike:
                by_solver = asked & phrases(candidate_fields(solver), length)
                assert len(by_decoy) > len(by_solver), (number, decoy, solver, length)


def test_each_right_solver_is_reached_through_the_chain_of_products() -> None:
    """Demand → product ← (upstream or part, at most two steps) ← product ← result or maker."""
    near: dict[str, set[str]] = {}
    for row in table("产品关系"):
        near.setdefault(row["产品名称"], set()).add(row["相关产品"])
        near.setdefault(row["相关产品"], set()).add(row["产品名称"])
    for number, candidates in right_solvers().items():
        reached = set(several(demands()[number]["涉及产品"]))
        for _ in range(2):
            reached |= {other for product in reached for other in near.get(product, ())}
        for candidate in candidates:
            own = (
                several(results()[candidate]["应用产品"])
                if candidate in results()
                else candidate_fields(candidate)[2:]
            )
            assert reached & set(own), (number, candidate)
