"""Two encoders beside each other: what inner products mean, and who is asked for what."""

from collections.abc import Sequence

import numpy as np
import pytest

from embeddings.hashing import HashingEmbedder
from embeddings.routed import RoutedEmbedder, is_short
from graph_service.ports import Floats


class _Turned:
    """Another encoder: the same vectors, turned."""

    fingerprint, dimension = "turned", HashingEmbedder().dimension

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        return np.roll(HashingEmbedder().embed_queries(texts) ** 3, 1, axis=1)

    embed_documents = embed_queries


ONE, TWO = HashingEmbedder(), _Turned()
DOCUMENTS = ["六轴机器人用的精密减速器，传动误差小于一角分", "高纯石英砂", "锂电池隔膜的涂覆设备"]


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("减速器", True),
        ("深度学习 图像识别 卷积神经网络", True),
        ("", True),
        ("要求减速器传动误差小于一角分", False),
        ("表面 缺陷 " * 12, False),
        ("a harmonic drive reducer", True),
    ],
)
def test_names_and_keywords_are_told_from_sentences(text: str, short: bool) -> None:
    assert is_short(text) == short


def test_a_sentence_is_compared_by_both_and_a_name_by_the_original_alone() -> None:
    both = RoutedEmbedder(ONE, TWO, fingerprint="x", share=0.3)
    assert both.dimension == ONE.dimension + TWO.dimension
    long, short = "要求减速器的传动误差小于一角分，用于六轴机器人", "精密减速器"
    found = both.embed_queries([long, short]) @ both.embed_documents(DOCUMENTS).T
    one = ONE.embed_queries([long, short]) @ ONE.embed_documents(DOCUMENTS).T
    two = TWO.embed_queries([long, short]) @ TWO.embed_documents(DOCUMENTS).T
    np.testing.assert_allclose(found[0], 0.7 * one[0] + 0.3 * two[0], atol=1e-6)
    np.testing.assert_allclose(found[1], one[1], atol=1e-6)
    assert found.dtype == np.float32
    assert both.embed_queries([]).shape == (0, both.dimension)
