"""The whole text of a node."""

from hypothesis import given
from hypothesis import strategies as st

from graph_service.model import Edge, EdgeType, Label, Node
from graph_service.text import DOC_CHARS, document, made_products, normalize, passages, tokens


def test_a_node_without_a_title_is_not_told_by_its_id():
    node = Node("csl-dev-1", Label.RESULT, {"text": "只有摘要。" * 100})
    assert document(node) == node.props["text"]
    assert all("csl" not in passage.text for passage in passages(node))
    assert "".join(passage.text for passage in passages(node)[1:]) == node.props["text"]
    assert document(Node("org:1", Label.ORGANIZATION), ["轴承", "齿轮"]) == "主营产品：轴承、齿轮"


def test_pieces_of_a_long_text_are_led_by_the_title():
    node = Node("d", Label.DEMAND, {"title": "高韧性立方氮化硼", "text": "粒度适中。" * 100})
    whole, *pieces = passages(node)
    assert whole.text == f"高韧性立方氮化硼 {'粒度适中。' * 100}"
    assert len(pieces) > 1
    for piece in pieces:
        assert piece.text.startswith("高韧性立方氮化硼 粒度适中。")
        assert len(piece.text) <= DOC_CHARS


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_has_tokens_that_any_engine_can_store(text: str) -> None:
    found = tokens(text)
    assert all(word and word == word.strip() for word in found)
    " ".join(found).encode("utf-8")


def test_a_lone_surrogate_is_a_question_mark() -> None:
    assert normalize("阀\ud800") == "阀?"
    assert tokens("阀\ud800") == ["阀"]


def test_a_firm_tells_observed_products_by_share_then_name() -> None:
    def makes(name: str, share: object, **more: bool) -> tuple[Edge, Node]:
        edge = Edge(EdgeType.MAKES, "f", name, props={"revenue_share": share}, **more)
        return edge, Node(name, Label.PRODUCT, {"name": name})

    bare = (Edge(EdgeType.MAKES, "f", "product:x"), Node("product:x", Label.PRODUCT))
    made = [makes("阀", 0.2), makes("泵", "多"), makes("管", 0.7), makes("球", 1.0, inferred=True)]
    assert made_products([*made, bare]) == ["管", "阀", "泵"]
