"""Which node a name or a code stands for, and that loading again decides alike."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.model import Batch, Label, Node
from graph_service.store import open_store
from loaders import uscc
from loaders.resolve import Identity, Registry, Resolver, kind_of, name_key

FIRST = "91350100M000100Y43"
SECOND = "9135010000000000" + "0"
SECOND += uscc.check_digit(SECOND)


def test_a_code_found_later_does_not_change_the_id() -> None:
    registry = Registry("org")
    assert registry.register(Identity("甲公司")) == "org:甲公司"
    assert registry.register(Identity("甲公司", FIRST)) == "org:甲公司"
    assert registry.find(Identity(code=FIRST)) == "org:甲公司"
    assert registry.register(Identity("甲公司有限", FIRST)) == "org:甲公司"
    assert registry.find(Identity("甲公司有限")) == "org:甲公司"


def test_a_name_found_later_meets_its_code() -> None:
    registry = Registry("org")
    assert registry.register(Identity("甲（苏州）公司", FIRST)) == f"org:{FIRST}"
    assert registry.find(Identity("甲(苏州) 公司")) == f"org:{FIRST}"
    assert registry.find(Identity("乙公司")) == "org:乙公司"
    assert registry.find(Identity("乙公司", SECOND)) == f"org:{SECOND}"


def test_one_name_with_two_codes_is_two_firms() -> None:
    registry = Registry("org")
    ids = {registry.register(Identity("甲公司", code)) for code in (FIRST, SECOND)}
    assert ids == {f"org:{FIRST}", f"org:{SECOND}"}
    assert registry.find(Identity("甲公司")) == min(ids)
    assert registry.find(Identity("甲公司", SECOND)) == f"org:{SECOND}"


def test_former_names_identify_and_short_names_only_find() -> None:
    registry = Registry("org")
    one = registry.register(Identity("新公司", FIRST, former=["旧公司"], short=["简称"]))
    assert registry.find(Identity("旧公司")) == one
    assert registry.find(Identity("简称")) == one
    assert registry.register(Identity("另一公司", SECOND, short=["简称"])) == f"org:{SECOND}"
    assert registry.find(Identity("简称")) == "org:简称"
    assert registry.register(Identity("简称")) == "org:简称"


def test_local_codes_are_held_by_those_that_bear_them() -> None:
    registry = Registry("org")
    registry.register(Identity("甲公司", local_code="600000"))
    registry.register(Identity("乙公司", local_code="600001"))
    registry.register(Identity("丙公司", local_code="600001"))
    assert registry.holders("600000") == ("org:甲公司",)
    assert registry.holders("600001") == ("org:乙公司", "org:丙公司")
    assert registry.holders("600002") == ()


NAMES = st.sampled_from(["甲公司", "乙公司", "丙公司"])
CODES = st.sampled_from([None, None, FIRST, SECOND])
ROWS = st.lists(st.builds(Identity, NAMES, CODES), min_size=1, max_size=8)


@given(ROWS)
def test_registering_again_gives_the_same_ids(rows: list[Identity]) -> None:
    registry = Registry("org")
    for row in rows:
        registry.register(row)
    settled = [registry.find(row) for row in rows]
    assert [registry.register(row) for row in rows] == settled
    assert [registry.find(row) for row in rows] == settled
    for row, id_ in zip(rows, settled, strict=True):
        if row.code:
            assert registry.find(Identity(code=row.code)) == id_


def test_what_the_store_holds_is_learned_with_the_ids_it_has(tmp_path: Path) -> None:
    nodes = [
        Node("a:1", Label.ORGANIZATION, {"name": "甲公司", "uscc": FIRST, "stock_code": "600000"}),
        Node("org:乙公司", Label.ORGANIZATION, {"name": "乙公司", "names": ["乙公司", "老乙公司"]}),
        Node("industry:sw:110100", Label.INDUSTRY, {"name": "种植业", "scheme": "sw"}),
        Node("region:望潮区", Label.REGION, {"name": "望潮区"}),
    ]
    with open_store(str(tmp_path / "s")) as store:
        store.apply(Batch(nodes))
        resolver = Resolver(store)
        firms = resolver.registry(Label.ORGANIZATION, "org")
        assert firms.find(Identity("甲公司")) == "a:1"
        assert firms.find(Identity(code=FIRST)) == "a:1"
        assert firms.find(Identity("老乙公司")) == "org:乙公司"
        assert firms.holders("600000") == ("a:1",)
        industries = resolver.registry(Label.INDUSTRY, "industry:sw")
        assert industries.find(Identity("种植业")) == "industry:sw:110100"
        gbt = resolver.registry(Label.INDUSTRY, "industry:gbt4754")
        assert gbt.find(Identity("种植业")) == "industry:gbt4754:种植业"
        regions = resolver.registry(Label.REGION, "region")
        assert regions.register(Identity("望潮区", "999901")) == "region:望潮区"
        assert regions.find(Identity("昆山市")) == "region:320583"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("华为技术有限公司", "enterprise"),
        ("LG 电子株式会社", "enterprise"),
        ("Foo Co., Ltd.", "enterprise"),
        ("苏州大学", "university"),
        ("大学科技园有限公司", "enterprise"),
        ("水利部成都山地灾害与环境研究所", "institute"),
        ("某专利代理事务所", "agency"),
        ("张三", None),
    ],
)
def test_a_name_tells_the_kind(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


@given(st.text("甲乙公司（）Ab1", min_size=1), st.sampled_from(" \u3000\xa0"), st.integers(0, 9))
def test_names_that_differ_in_width_case_or_space_are_one(name: str, gap: str, place: int) -> None:
    wide = name[:place] + gap + name[place:].replace("（", "(").replace("b", "Ｂ")
    assert name_key(wide) == name_key(name)
