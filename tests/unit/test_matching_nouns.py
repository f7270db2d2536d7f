"""Nouns: what names things counts more for results, and for nothing else."""

import pytest

from graph_service.matching.nouns import COUNTS, counting, is_noun
from graph_service.matching.types import Target


@pytest.mark.parametrize("word", ["模具", "电解液", "辅料", "材料", "半导体"])
def test_what_names_a_thing_is_a_noun(word: str) -> None:
    assert is_noun(word)


@pytest.mark.parametrize("word", ["提高", "高效", "进行", "的", "5mm", "sic", "", "料", "模具提高"])
def test_what_is_done_or_said_of_things_is_none(word: str) -> None:
    assert not is_noun(word)


def test_for_results_nouns_count_more_on_top_of_what_all_demands_say() -> None:
    told = counting(["模具", "材料", "提高", "精度"], Target.RESULTS, {"材料": 0.5, "提高": 0.5})
    most = COUNTS[Target.RESULTS]
    assert most > 1
    assert told == {"模具": most, "材料": 0.5 * most, "提高": 0.5, "精度": told["精度"]}


@pytest.mark.parametrize("target", [one for one in Target if one is not Target.RESULTS])
def test_elsewhere_they_count_as_other_words(target: Target) -> None:
    assert counting(["模具", "提高"], target, {"提高": 0.5}) == {"提高": 0.5}
