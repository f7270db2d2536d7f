"""Results of one owner as one entry: a partition that keeps the order, and changes no score."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.fill import fill
from embeddings.hashing import HashingEmbedder
from graph_service.matching.grouping import Group, groups_of
from graph_service.matching.service import Matcher
from graph_service.matching.types import Query, Target
from graph_service.model import EVERYONE, Batch, Edge, EdgeType, Label, Node
from graph_service.reads import Read
from graph_service.store.embedded import EmbeddedStore

OWNERS = st.dictionaries(st.sampled_from("abcdefghij"), st.sampled_from("XYZ"))
RANKED = st.permutations("abcdefghij")


@given(RANKED, OWNERS, st.integers(1, 12))
def test_groups_part_the_head_of_the_ranking_in_its_order(
    ranked: Sequence[str], owner: Mapping[str, str], most: int
) -> None:
    groups = groups_of(ranked, owner, most)
    place = {candidate: i for i, candidate in enumerate(ranked)}
    told = [candidate for group in groups for candidate in (group.best, *group.also)]
    last = place[groups[-1].best] if len(groups) == most else len(ranked) - 1
    assert sorted(told, key=place.__getitem__) == list(ranked[: last + 1])
    bests = [group.best for group in groups]
    assert bests == sorted(bests, key=place.__getitem__)
    shown = [owner[best] for best in bests if best in owner]
    assert len(shown) == len(set(shown))
    for group in groups:
        members = [group.best, *group.also]
        assert members == sorted(members, key=place.__getitem__)
        if group.also:
            assert {owner.get(member) for member in members} == {owner[group.best]}
    assert len(groups) == min(most, len(set(owner.values())) + len(set(ranked) - set(owner)))


def test_what_has_no_owner_is_never_grouped() -> None:
    assert groups_of("abc", {}, 5) == [Group("a"), Group("b"), Group("c")]
    together = groups_of("abcd", {"a": "X", "d": "X"}, 9)
    assert together == [Group("a", ("d",)), Group("b"), Group("c")]


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matcher]:
    """One owner has thirty like results, of which the best of another owner comes after most."""
    results = [f"result:{n:02}" for n in range(30)]
    nodes = [
        *(Node(it, Label.RESULT, {"title": "柔轮喷丸强化", "text": "柔轮"}) for it in results),
        Node("result:x", Label.RESULT, {"title": "柔轮试验台", "text": "试验台的结构与其控制"}),
        Node("result:y", Label.RESULT, {"title": "柔轮试验法", "text": "试验的办法与数据处理"}),
        Node("org:many", Label.ORGANIZATION, {"name": "多研究院"}),
        Node("org:one", Label.ORGANIZATION, {"name": "一大学"}),
    ]
    edges = [
        *(Edge(EdgeType.OWNS, "org:many", it) for it in results),
        Edge(EdgeType.OWNS, "org:one", "result:x"),
        Edge(EdgeType.OWNS, "org:many", "result:y", inferred=True, confidence=0.5),
    ]
    with EmbeddedStore(tmp_path_factory.mktemp("grouping") / "store") as store:
        store.apply(Batch(nodes, edges))
        fill(store, HashingEmbedder())
        yield Matcher(store, HashingEmbedder())


@pytest.mark.parametrize("recipe", ["bm25", "hybrid", "full"])
def test_one_entry_an_owner_with_the_scores_and_places_of_all(
    matcher: Matcher, recipe: str
) -> None:
    query = Query.of_text("柔轮喷丸强化")
    alone = matcher.match(
        query, to=Target.RESULTS, recipe=recipe, top=99, group=False, viewer=EVERYONE
    ).candidates
    assert [one.rank for one in alone] == list(range(1, 33))
    assert not any(one.also for one in alone)
    found = matcher.match(
        query, to=Target.RESULTS, recipe=recipe, top=3, viewer=EVERYONE
    ).candidates
    assert {one.node.id for one in found} == {alone[0].node.id, "result:x", "result:y"}
    before = {one.node.id: one for one in alone}
    for one in found:
        same = before[one.node.id]
        assert (one.rank, one.score, one.contributions) == (
            *(same.rank, same.score, same.contributions),
        )
    last = max(one.rank for one in found)
    many = [one.node.id for one in alone[:last] if one.node.id not in {"result:x", "result:y"}]
    assert [found[0].node.id, *found[0].also] == many
    assert not any(one.also for one in found[1:])
    (best,) = matcher.match(
        query, to=Target.RESULTS, recipe=recipe, top=1, viewer=EVERYONE
    ).candidates
    assert (best.node.id, best.also) == (alone[0].node.id, ())


def test_owners_are_read_as_deep_as_it_must(matcher: Matcher) -> None:
    """Twenty-odd of one owner stand before the second: deeper than owners are read at first."""
    query = Query.of_text("柔轮喷丸强化")
    found = matcher.match(
        query, to=Target.RESULTS, recipe="bm25", top=2, viewer=EVERYONE
    ).candidates
    assert len(found) == 2
    assert found[1].rank > 10
    assert len(found[0].also) == found[1].rank - 2


def test_reasons_are_read_beside_the_owners(
    matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody has several, grouping takes no round trip more; else one more for who comes up,
    and one for each time that owners are read deeper."""
    trips: list[int] = []
    together = EmbeddedStore.together

    def counted(self: EmbeddedStore, reads: Sequence[Read[Any]]) -> list[Any]:
        trips.append(len(reads))
        return together(self, reads)

    monkeypatch.setattr(EmbeddedStore, "together", counted)

    def taken(text: str, top: int, *, group: bool) -> int:
        trips.clear()
        found = matcher.match(
            Query.of_text(text),
            to=Target.RESULTS,
            recipe="bm25",
            top=top,
            group=group,
            viewer=EVERYONE,
        )
        assert len(found.candidates) == top
        return len(trips)

    assert taken("试验", 2, group=True) == taken("试验", 2, group=False)
    alone = taken("柔轮喷丸强化", 3, group=False)
    assert alone < taken("柔轮喷丸强化", 3, group=True) <= alone + 3


def test_firms_stand_for_themselves(matcher: Matcher, tmp_path: Path) -> None:
    found = matcher.match(
        Query.of_text("多研究院"), to=Target.ORGANIZATIONS, recipe="bm25", viewer=EVERYONE
    ).as_dict()["candidates"]
    assert [one["also"] for one in found] == [[]]
