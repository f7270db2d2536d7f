"""The fictional city: counts, marks, the rules that make its demands worth matching, and what the
three people can find in it.

Its tables are loaded as anybody's are, so every rule is held of what arrives in the store; that the
loaders read its merged titles, two-line headers, upright forms and tick boxes is proved on the way.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from graph_service.model import EdgeType, Filter, Label
from graph_service.store import open_store
from loaders.report import LoadReport
from loaders.service import load

REPO = Path(__file__).resolve().parents[2]
FOLDER = REPO / "examples" / "city"
SHARED = REPO.parent / "shared" / "data"
TODAY = date(2026, 11, 23)

PHRASE = 6  # a demand and its right solver share no phrase this long
DECOY_PHRASE = 4  # a decoy shares phrases this long that the right solvers do not
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015
TIERS = {"创新型", "专精特新", "小巨人", "重点小巨人", "单项冠军"}
LICENCES = {"开放许可", "先使用后付费", "转让", "许可", "作价入股"}


class City:
    """The loaded graph, with shortcuts to what the rules speak of."""

    def __init__(self, graph: "nx.MultiDiGraph[str]", report: LoadReport) -> None:
        self.graph = graph
        self.report = report
        self.answers = key("answers")
        self.decoys = key("decoys")
        self._by_name = {node["name"]: id_ for id_, node in self.labelled(Label.ORGANIZATION)}
        self._by_number = {id_.partition(":")[2]: id_ for id_, _ in self.labelled(Label.RESULT)}

    def labelled(self, label: Label) -> list[tuple[str, dict[str, Any]]]:
        """Ids and properties of the nodes of a label."""
        return [
            (id_, dict(node.props))
            for id_, data in self.graph.nodes(data=True)
            if (node := data["node"]).label == label
        ]

    def props(self, id_: str) -> dict[str, Any]:
        return dict(self.graph.nodes[id_]["node"].props)

    def label(self, id_: str) -> Label:
        label: Label = self.graph.nodes[id_]["node"].label
        return label

    def organizations(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        firms = self.labelled(Label.ORGANIZATION)
        return [(id_, props) for id_, props in firms if props["kind"] == kind]

    def open_demands(self) -> dict[str, dict[str, Any]]:
        """Demands of this year; those of former years are concluded."""
        demands = self.labelled(Label.DEMAND)
        return {id_: props for id_, props in demands if props["stage"] != "绩效评价"}

    def edges(self, type_: EdgeType) -> set[tuple[str, str]]:
        return {(one, other) for one, other, edge in self._edges() if edge.type == type_}

    def _edges(self) -> Iterator[tuple[str, str, Any]]:
        for one, other, data in self.graph.edges(data=True):
            yield one, other, data["edge"]

    def to(self, id_: str, type_: EdgeType) -> list[str]:
        return sorted(
            {b for _, b, d in self.graph.out_edges(id_, data=True) if d["edge"].type == type_}
        )

    def of(self, id_: str, type_: EdgeType) -> list[str]:
        return sorted(
            {a for a, _, d in self.graph.in_edges(id_, data=True) if d["edge"].type == type_}
        )

    def names(self, ids: Iterable[str]) -> list[str]:
        return [self.props(id_)["name"] for id_ in ids]

    def candidate(self, told: str) -> str:
        """The id of a candidate of the key: a result's number or an organisation's name."""
        return self._by_number.get(told) or self._by_name[told]

    def solvers(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self.answers:
            found.setdefault(f"demand:{row['demand']}", []).append(self.candidate(row["candidate"]))
        return found

    def asked(self, demand: str) -> list[str]:
        """What a demand says, field by field."""
        props = self.props(demand)
        products = [id_ for id_ in self.to(demand, EdgeType.ABOUT) if id_.startswith("product:")]
        return [
            props["title"],
            *props["text"].split("\n"),
            props["conditions"],
            *self.names(products),
        ]

    def offered(self, candidate: str) -> list[str]:
        """What a candidate says: a result's own text, or a firm's introduction and products."""
        props = self.props(candidate)
        if self.label(candidate) == Label.RESULT:
            products = self.to(candidate, EdgeType.ABOUT)
            return [
                props["title"],
                props["text"],
                *props.get("keywords", ()),
                *self.names(products),
            ]
        return [props["name"], props["text"], *self.names(self.to(candidate, EdgeType.MAKES))]

    def own_products(self, candidate: str) -> set[str]:
        about = self.label(candidate) == Label.RESULT
        return set(self.to(candidate, EdgeType.ABOUT if about else EdgeType.MAKES))

    def may_bid(self, demand: str, candidate: str) -> bool:
        """Whether no organisation behind the candidate is the poster or in conflict with it."""
        (poster,) = self.of(demand, EdgeType.POSTED)
        barred = {frozenset(pair) for pair in self.edges(EdgeType.CONFLICTS_WITH)}
        behind = self.of(candidate, EdgeType.OWNS) or [candidate]
        return all(one != poster and frozenset((one, poster)) not in barred for one in behind)


def key(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    with open_store(str(tmp_path_factory.mktemp("city"))) as store:
        report = load([FOLDER], store)
        return City(store.subgraph(Filter(), limit=5000), report)


def phrases(fields: Iterable[str], length: int) -> set[str]:
    """All runs of ``length`` characters inside a field, after NFKC, without white space."""
    found = set()
    for field in fields:
        text = re.sub(r"\s", "", unicodedata.normalize("NFKC", field)).lower()
        found |= {text[i : i + length] for i in range(len(text) - length + 1)}
    return found


# What is in it


def test_its_tables_load_whole_and_only_the_key_is_left_out(city: City) -> None:
    report = city.report
    assert (report.errors, report.rejected) == ([], 0)
    assert {Path(one.file).name for one in report.skipped} == {"answers.csv", "decoys.csv"}
    assert [one for one in report.loaded if one.rows == 0] == []
    kinds = {Path(path).suffix for path in (one.file for one in report.loaded)}
    assert kinds == {".csv", ".tsv", ".xlsx", ".jsonl"}
    encodings = [path for path in FOLDER.glob("*.csv") if not _is_utf8(path)]
    assert len(encodings) >= 3  # GB18030, as offices send it


def _is_utf8(path: Path) -> bool:
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False
    return True


def test_its_files_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_500_000


def test_the_city_has_the_promised_counts(city: City) -> None:
    institutes = [*city.organizations("university"), *city.organizations("institute")]
    results = [props["kind"] for _, props in city.labelled(Label.RESULT)]
    assert len(city.organizations("enterprise")) == 300
    assert len(institutes) == 12
    assert len(city.open_demands()) == 60
    assert len(city.labelled(Label.DEMAND)) == 72
    assert len(results) == 150 + 20  # and the catalogue of instruments
    assert set(results) == {"patent", "paper", "achievement", "service", "equipment"}
    assert results.count("equipment") >= 20
    assert len(city.labelled(Label.PRODUCT)) == 400
    assert len(city.labelled(Label.CHAIN)) == 8
    assert len(city.edges(EdgeType.SUPPLIES)) >= 400
    assert len(city.edges(EdgeType.PARTNERED)) >= 80
    assert len(city.edges(EdgeType.WON)) == 12
    assert len(city.edges(EdgeType.BID_ON)) > 12


def test_every_organisation_demand_and_result_is_marked_invented(city: City) -> None:
    labels = (Label.ORGANIZATION, Label.DEMAND, Label.RESULT, Label.CHAIN)
    marked = [props["remark"] for label in labels for _, props in city.labelled(label)]
    assert set(marked) == {"虚构"}
    for one, other, edge in city._edges():
        if edge.type in {EdgeType.SUPPLIES, EdgeType.PARTNERED, EdgeType.WON, EdgeType.BID_ON}:
            told = edge.props.get("reference") or edge.source
            assert "虚构" in told, (one, other, told)
    for _, props in city.labelled(Label.ORGANIZATION):
        assert all("虚构" in tier["source"] for tier in props.get("tiers", ()))


def test_no_name_is_used_twice_and_nothing_is_only_mentioned(city: City) -> None:
    names = [props["name"] for _, props in city.labelled(Label.ORGANIZATION)]
    assert len(set(names)) == 312
    for _, props in city.labelled(Label.ORGANIZATION):
        assert props["text"]
        assert props["district"]
    chains = {id_ for id_, _ in city.labelled(Label.CHAIN)}
    for id_, props in city.labelled(Label.PRODUCT):
        assert set(city.to(id_, EdgeType.IN_CHAIN)) <= chains, props["name"]
        assert len(city.to(id_, EdgeType.IN_CHAIN)) == 1, props["name"]


@pytest.mark.shared
def test_no_name_is_a_real_one(city: City) -> None:
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
    invented = [
        props["name"]
        for label in (Label.ORGANIZATION, Label.REGION)
        for _, props in city.labelled(label)
    ]
    assert len(invented) == 312 + 6
    assert [name for name in invented if name in real] == []


def uscc_check_character(code: str) -> str:
    """GB 32100-2015: the 18th character of 统一社会信用代码 from the first 17."""
    total = sum(USCC_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
    return USCC_ALPHABET[-total % 31]


def test_credit_codes_are_valid_but_of_no_real_region(city: City) -> None:
    assert uscc_check_character("91350100M000100Y43") == "3"  # the standard's own example
    given = [code for _, props in city.labelled(Label.ORGANIZATION) if (code := props.get("uscc"))]
    assert len(given) == len(set(given)) == 295  # seventeen are known by name alone
    for code in given:
        assert re.fullmatch(r"(91|12)9999\d\d[0-9A-Z]{10}", code)
        assert code[17] == uscc_check_character(code)


def test_tiers_are_all_there_and_their_dates_sensible(city: City) -> None:
    seen = set()
    for id_, props in city.organizations("enterprise"):
        for tier in props.get("tiers", ()):
            assert props["founded"][:4] < tier["from"][:4] <= "2026", id_
            assert tier["from"] < tier["until"]
            seen.add(tier["tier"])
    assert seen == TIERS
    assert not any(props.get("tiers") for _, props in city.organizations("university"))


def test_dates_do_not_run_ahead_of_time(city: City) -> None:
    for _, props in city.organizations("enterprise"):
        assert "1980" < props["founded"] < "2021-12"
    for one, other, edge in city._edges():
        since = edge.props.get("since")
        if since:
            assert since <= "2026-12"
            for end in (one, other):
                assert city.props(end).get("founded", "")[:4] <= since[:4], (one, other)
    for props in city.open_demands().values():
        assert TODAY < date.fromisoformat(props["deadline"]) < date(2028, 1, 1)


def test_results_have_a_readiness_level_and_a_licence_mode(city: City) -> None:
    licences = set()
    for id_, props in city.labelled(Label.RESULT):
        assert props.get("trl") in {None, *range(1, 10)}
        licences |= set(props.get("licence", ()))
        assert city.of(id_, EdgeType.OWNS), id_
    assert licences == LICENCES


def test_each_demand_is_a_whole_and_measurable(city: City) -> None:
    measurable = re.compile(r"[≥≤±]\s*-?\d|\d+[–±]\d+")
    wanted = ("indicators", "field", "budget_wan", "cooperation", "ip_terms", "payment", "stage")
    for id_, props in city.open_demands().items():
        assert [name for name in wanted if not props.get(name)] == [], id_
        assert len(measurable.findall(props["indicators"])) >= 2, id_
        assert len(props["text"].split("\n")) == 4, id_
        assert len(props["text"]) > 150, id_
        assert len(city.of(id_, EdgeType.POSTED)) == 1
        assert city.to(id_, EdgeType.ABOUT)
    assert len({props["field"] for props in city.open_demands().values()}) == 8


# What makes it worth matching


def test_each_demand_has_a_right_solver_that_may_bid(city: City) -> None:
    solvers = city.solvers()
    assert set(solvers) == set(city.open_demands())
    assert {row["grade"] for row in city.answers} == {"2", "3"}
    for demand, candidates in solvers.items():
        labels = {city.label(candidate) for candidate in candidates}
        assert labels == {Label.RESULT, Label.ORGANIZATION}, demand
        assert all(city.may_bid(demand, candidate) for candidate in candidates), demand


def test_a_demand_and_its_right_solver_share_no_phrase_of_six_characters(city: City) -> None:
    shared = {
        (demand, candidate): both
        for demand, candidates in city.solvers().items()
        for candidate in candidates
        if (both := phrases(city.asked(demand), PHRASE) & phrases(city.offered(candidate), PHRASE))
    }
    assert shared == {}


def test_a_third_of_the_demands_have_a_decoy_with_the_same_words(city: City) -> None:
    solvers = city.solvers()
    told = [(f"demand:{row['demand']}", city.candidate(row["candidate"])) for row in city.decoys]
    # Decoys that a conflict of interest hides tempt nobody.
    assert len({demand for demand, decoy in told if city.may_bid(demand, decoy)}) >= 20
    for demand, decoy in told:
        assert decoy not in solvers[demand]
        alike = [s for s in solvers[demand] if city.label(s) == city.label(decoy)]
        assert alike
        for length in (2, DECOY_PHRASE):  # words, and longer phrases
            asked = phrases(city.asked(demand), length)
            by_decoy = asked & phrases(city.offered(decoy), length)
            for solver in alike:
                by_solver = asked & phrases(city.offered(solver), length)
                assert len(by_decoy) > len(by_solver), (demand, decoy, solver, length)


def test_each_right_solver_is_reached_through_the_chain_of_products(city: City) -> None:
    """Demand → product ← (upstream or part, at most two steps) ← product ← result or maker."""
    related = city.edges(EdgeType.UPSTREAM_OF) | city.edges(EdgeType.SUBTYPE_OF)
    near = nx.Graph(list(related))
    for demand, candidates in city.solvers().items():
        starts = [id_ for id_ in city.to(demand, EdgeType.ABOUT) if id_ in near]
        reached = set(starts)
        for start in starts:
            reached |= set(nx.single_source_shortest_path_length(near, start, cutoff=2))
        for candidate in candidates:
            assert reached & city.own_products(candidate), (demand, candidate)


def test_no_right_solver_already_supplies_or_has_bid_for_the_demand(city: City) -> None:
    dealt = city.edges(EdgeType.SUPPLIES) | city.edges(EdgeType.BID_ON)
    for demand, candidates in city.solvers().items():
        (poster,) = city.of(demand, EdgeType.POSTED)
        for candidate in candidates:
            assert (candidate, poster) not in dealt, (demand, candidate)
            behind = city.of(candidate, EdgeType.OWNS)
            assert not any((one, demand) in dealt for one in (candidate, *behind)), demand


# What an officer finds


def test_every_firm_makes_something_and_supplies_what_it_makes(city: City) -> None:
    made = city.edges(EdgeType.MAKES)
    assert {firm for firm, _ in made} == {id_ for id_, _ in city.organizations("enterprise")}
    for supplier, customer, edge in city._edges():
        if edge.type == EdgeType.SUPPLIES:
            assert (supplier, edge.key) in made, (supplier, customer, edge.key)


def test_six_chains_have_a_leader_and_two_have_none(city: City) -> None:
    leaders = {chain: firm for firm, chain in city.edges(EdgeType.LEADS)}
    assert len(leaders) == len(set(leaders.values())) == 6
    without = [props["name"] for id_, props in city.labelled(Label.CHAIN) if id_ not in leaders]
    assert sorted(without) == ["工业水处理与资源化装备产业链", "生物制造与发酵装备产业链"]


def test_the_chains_have_gaps_that_no_firm_of_the_city_fills(city: City) -> None:
    made = {product for _, product in city.edges(EdgeType.MAKES)}
    gaps = city.names({product for _, product in city.edges(EdgeType.NEEDS)} - made)
    assert {"高强碳纤维纱", "短切碳纤维", "自粘漆包线", "氮化硅陶瓷滚珠"} <= set(gaps)
    # A missing link: what goes into it is made here, and what it goes into too.
    upstream = city.edges(EdgeType.UPSTREAM_OF)
    missing = {
        product
        for product, _ in city.labelled(Label.PRODUCT)
        if product not in made
        and any(above in made for above, below in upstream if below == product)
        and any(below in made for above, below in upstream if above == product)
    }
    assert {"激光器蝶形组件", "直接覆铜基板", "快恢复二极管"} <= set(city.names(missing)) & set(
        gaps
    )


def test_some_products_hang_on_one_firm(city: City) -> None:
    needed = {product for _, product in city.edges(EdgeType.NEEDS)}
    makers: dict[str, set[str]] = {}
    for firm, product in city.edges(EdgeType.MAKES):
        makers.setdefault(product, set()).add(firm)
    sole = [product for product in needed if len(makers.get(product, ())) == 1]
    several = [product for product in needed if len(makers.get(product, ())) > 1]
    assert min(len(sole), len(several)) > 30


def test_some_demands_have_one_answer_in_common(city: City) -> None:
    """共性需求: two posters of two chains whose demands one result and one firm answer."""
    solvers = city.solvers()
    one, other = (set(solvers[f"demand:D-0{number}"]) for number in (27, 43))
    assert len(one & other) == 2
    fields = [city.props(f"demand:D-0{number}")["field"] for number in (27, 43)]
    assert len(set(fields)) == 2


def test_some_solvers_are_known_to_somebody_the_poster_knows(city: City) -> None:
    """Poster – partner or supplier – right solver: two hops, and no link between the two."""
    known = nx.Graph([*city.edges(EdgeType.SUPPLIES), *city.edges(EdgeType.PARTNERED)])
    near = 0
    for demand, candidates in city.solvers().items():
        (poster,) = city.of(demand, EdgeType.POSTED)
        for candidate in candidates:
            if poster in known and candidate in known:
                assert not known.has_edge(poster, candidate), (demand, candidate)
                near += any(nx.common_neighbors(known, poster, candidate))
    assert near >= 3


def test_firms_of_a_chain_hold_together(city: City) -> None:
    """Communities of the links among firms follow the chains."""
    firms = {id_ for id_, _ in city.organizations("enterprise")}
    assert firms == {id_ for id_, _ in city.edges(EdgeType.IN_CHAIN) if id_ in firms}
    links = city.edges(EdgeType.SUPPLIES) | city.edges(EdgeType.PARTNERED)
    graph = nx.Graph([(a, b) for a, b in links if a in firms and b in firms])
    found = [c for c in nx.community.louvain_communities(graph, seed=5) if len(c) >= 8]
    assert len(found) >= 6
    same = 0
    for community in found:
        chains = [chain for firm in community for chain in city.to(firm, EdgeType.IN_CHAIN)]
        same += max(map(chains.count, set(chains)))
    assert same / sum(map(len, found)) > 0.6
