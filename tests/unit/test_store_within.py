"""Names within texts against looking for each name in turn."""

import random

import pytest

from graph_service.store.within import NamesWithin


@pytest.mark.parametrize("seed", range(20))
def test_the_same_names_are_found_as_by_looking_for_each(seed: int) -> None:
    chance = random.Random(seed)
    letters = "轮轴承器a😀"[: chance.randint(1, 6)]
    names = ["".join(chance.choices(letters, k=chance.randint(0, 7))) for _ in range(60)]
    found = NamesWithin.build(names)
    for length in (0, 1, 5, 40):
        text = "".join(chance.choices(letters + "、", k=length))
        asked = [i for i, name in enumerate(names) if name and name in text]
        assert found.find(text).tolist() == asked, (seed, text)


def test_without_names_nothing_is_found() -> None:
    assert NamesWithin.build([]).find("柔轮").tolist() == []
    assert NamesWithin.build(["", ""]).find("柔轮").tolist() == []


def test_names_of_one_hash_are_told_apart() -> None:
    """Every hash the same: as if all names met by chance."""
    names = NamesWithin.build(["柔轮", "刚轮", "轴承"])
    blind = NamesWithin(
        names.letters,
        names.starts,
        names.lengths,
        names.order,
        names.hashes,
        names.marks | True,
    )
    assert blind.find("刚轮与轴").tolist() == [1]
