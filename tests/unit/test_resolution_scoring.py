"""Names taken apart, profiles compared, pairs worth comparing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.model import Edge, EdgeType, Hop, Label, Node
from graph_service.resolution.blocking import pairs
from graph_service.resolution.names import parse
from graph_service.resolution.profiles import Profile, profile
from graph_service.resolution.scoring import PRIOR, Comparison, Rarity, compare, rank

BRAND = "苏州虚构精密传动有限公司"


def firm(name: str, id_: str = "", hops: tuple[Hop, ...] = (), **props: object) -> Profile:
    return profile(Node(id_ or name, Label.ORGANIZATION, {"name": name, **props}), hops)


def compared(a: Profile, b: Profile, *others: Profile) -> Comparison | None:
    return compare(a, b, Rarity([a, b, *others]))


def level(a: str, b: str, **props: object) -> str | None:
    found = compared(firm(a, "a", **props), firm(b, "b", **props))
    return found.level if found else None


def parts(a: Profile, b: Profile) -> dict[str, float]:
    found = compared(a, b)
    return {part.name: part.value for part in found.parts} if found else {}


@pytest.mark.parametrize(
    ("name", "core", "regions"),
    [
        ("苏州市虚构精密传动有限责任公司", "虚构精密传动", ("苏州",)),
        ("虚构精密传动（苏州）股份有限公司", "虚构精密传动", ("苏州",)),
        ("虚构精密传动(苏州)有限公司", "虚构精密传动", ("苏州",)),
        ("江苏省苏州市昆山市虚构机械厂", "虚构机械厂", ("江苏", "苏州", "昆山")),
        ("蘇州虛構精密傳動有限公司", "虚构精密传动", ("苏州",)),
        ("Ｘ＋Ｙ 虚构（中国）有限公司", "xy虚构", ("中国",)),
        ("虚构传动", "虚构传动", ()),
        ("上海南方虚构有限公司", "南方虚构", ("上海",)),
        ("北京大学", "大学", ("北京",)),
        ("苏州", "苏州", ()),
        ("", "", ()),
    ],
)
def test_a_name_is_taken_apart(name: str, core: str, regions: tuple[str, ...]) -> None:
    assert (parse(name).core, parse(name).regions) == (core, regions)


def test_what_a_name_says_of_its_form() -> None:
    assert [parse(n).group for n in ("虚构集团有限公司", "虚构控股集团有限公司", BRAND)] == [
        "集团",
        "控股集团",
        "",
    ]
    assert parse("虚构股份有限公司唐山分公司").branch == "唐山"
    assert parse(BRAND).branch is None
    sorts = [parse(n).sort for n in ("虚构大学", "虚构人民医院", "虚构研究所", BRAND, "虚构")]
    assert sorts == ["university", "hospital", "institute", "firm", None]
    assert parse("新名有限公司（原旧名有限公司）").former == ("旧名有限公司",)


@given(st.text(max_size=60))
def test_any_text_can_be_taken_apart_and_compared(text: str) -> None:
    found = compared(firm(text, "a"), firm(BRAND, "b"))
    assert found is not None
    assert found.probability == pytest.approx(found.probability)  # no NaN


@pytest.mark.parametrize(
    "other",
    [
        "苏州虚构精密传动股份有限公司",
        "苏州市虚构精密传动有限责任公司",
        "虚构精密传动（苏州）有限公司",
        "蘇州虛構精密傳動有限公司",
        "苏州虚构精密传动 有限公司",
    ],
)
def test_another_writing_is_probable(other: str) -> None:
    assert level(BRAND, other) == "probable"


@pytest.mark.parametrize(
    "other",
    [
        "苏州虚构精密传动科技有限公司",
        "苏州构虚精密传动有限公司",
        "虚构精密传动有限公司",
        "虚构传动",
        "苏州虚构精密传动集团有限公司",
    ],
)
def test_what_may_be_another_is_doubtful(other: str) -> None:
    assert level(BRAND, other) == "doubtful"


@pytest.mark.parametrize(
    "other",
    [
        "南京虚构精密传动有限公司",
        "苏州虚构精密传动有限公司无锡分公司",
        "苏州虚构精密传动职业学院",
        "苏州实有精密传动有限公司",
        "苏州虚构文化传媒有限公司",
    ],
)
def test_what_is_another_is_not_shown(other: str) -> None:
    assert level(BRAND, other) is None


def test_schools_are_told_apart_by_their_places() -> None:
    assert level("河南工业职业技术学院", "湖南工业职业技术学院") is None
    assert level("江苏旅游职业学院", "南京旅游职业学院") is None
    assert level("北京大学", "南京大学") is None


def test_codes_that_differ_are_a_veto_and_equal_ones_decide() -> None:
    one, two = "91320505MA1XXXX011", "91320505MA1XXXX022"
    assert compared(firm(BRAND, "a", uscc=one), firm(BRAND, "b", uscc=two)) is None
    assert level(BRAND, "苏州实有精密机械有限公司", uscc=one) == "probable"


def test_each_piece_of_evidence_counts_its_way() -> None:
    plain = firm(BRAND, "b")
    assert parts(firm(BRAND, "a", names=["旧名"]), firm("旧名", "b"))["name"] > 3
    assert parts(firm(BRAND, "a", aliases=["甲牌"]), firm("甲牌", "b"))["short"] > 0
    site = {"website": "https://www.xugou.example/cn"}
    same_site = firm(BRAND, "b", website="WWW.XUGOU.EXAMPLE")
    assert parts(firm(BRAND, "a", **site), same_site)["website"] > 0
    assert parts(firm(BRAND, "a", **site), firm(BRAND, "b", website="b.example"))["website"] < 0
    founded = firm(BRAND, "a", founded="2009-05-01")
    assert parts(founded, firm(BRAND, "b", founded="2009-05-01"))["founded"] > 0
    assert parts(founded, firm(BRAND, "b", founded="2015"))["founded"] < 0
    here = firm(BRAND, "a", address="苏州市吴中区虚构路1号")
    assert parts(here, firm(BRAND, "b", address="苏州市吴中区虚构路1号"))["address"] > 0
    assert parts(here, firm(BRAND, "b", address="成都市虚构路1号"))["address"] < 0
    sells = Hop(Edge(EdgeType.SUPPLIES, "a", "b", "p"), forward=True)
    assert parts(firm(BRAND, "a", (sells,)), plain)["relation"] < 0
    makes = {id_: Hop(Edge(EdgeType.MAKES, id_, "p"), forward=True) for id_ in "ab"}
    a, b = (firm(BRAND, id_, (makes[id_],)) for id_ in "ab")
    some = [firm(f"虚构{number}", str(number)) for number in range(50)]
    found = compared(a, b, *some)
    assert found is not None
    assert {part.name for part in found.parts} >= {"products"}
    member = {id_: Hop(Edge(EdgeType.MEMBER_OF, "甲", id_), forward=False) for id_ in "ab"}
    a, b = (firm(BRAND, id_, (member[id_],)) for id_ in "ab")
    assert parts(a, b)["people"] > 0


def test_the_score_is_the_sum_of_what_is_shown_whoever_comes_first() -> None:
    a = firm(BRAND, "a", founded="2009", website="a.example", address="苏州市虚构路1号")
    b = firm("虚构传动科技股份有限公司", "b", founded="2009", website="b.example")
    there, back = compared(a, b), compared(b, a)
    assert there is not None
    assert back is not None
    assert there.score == pytest.approx(PRIOR + sum(part.value for part in there.parts))
    assert there.score == pytest.approx(back.score)
    assert all(part.evidence for part in there.parts)


def test_a_website_of_many_is_nobodys_own() -> None:
    many = [firm(f"虚构{n}有限公司", str(n), website="mall.example") for n in range(9)]
    found = compare(many[0], many[1], Rarity(many))
    assert found is not None
    assert "website" not in {part.name for part in found.parts}


def test_pairs_that_share_something_rare_are_compared() -> None:
    firms = [
        firm(BRAND, "a"),
        firm("苏州虚构精密传动股份有限公司", "b"),
        firm("南京实有食品有限公司", "c", website="www.xugou.example"),
        firm("苏州构虚精密传动有限公司", "d", website="xugou.example"),
        firm("无关文化传媒有限公司", "e"),
    ]
    found = pairs(firms, Rarity(firms))
    assert {(0, 1), (0, 3), (1, 3), (2, 3)} <= set(found)
    assert all(i < j for i, j in found)
    assert not {pair for pair in found if 4 in pair}


def test_the_likeliest_come_first() -> None:
    firms = [firm(BRAND, "a"), firm("苏州虚构精密传动股份有限公司", "b"), firm("虚构传动", "c")]
    rarity = Rarity(firms)
    found = [compare(firms[i], firms[j], rarity) for i, j in ((0, 2), (0, 1))]
    assert [one.b for one in rank([one for one in found if one])] == ["b", "c"]
