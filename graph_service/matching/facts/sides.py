"""Who asks and who offers: of a demand and a result or firm, whichever of them the query is."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from graph_service.model import Label, Node, Props


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a match.

    Attributes:
        label: what it is; a free text counts as a demand.
        title: "" where there is none.
        text: without the title.
        props: of the node, none of a free text.
        behind: the organisations behind it, as observed: owner or poster, or itself.
        told: the nodes that tell of it: itself first, then who is behind it.
    """

    label: Label
    title: str
    text: str
    props: Props = field(default_factory=dict)
    behind: Sequence[Node] = ()
    told: Sequence[Node] = ()

    @classmethod
    def of_node(cls, node: Node, behind: Sequence[Node] = ()) -> "Side":
        """A stored node with the organisations behind it."""
        title = str(node.props.get("title") or node.props.get("name") or "")
        itself = [node] if node.label is Label.ORGANIZATION else []
        text = str(node.props.get("text") or "")
        return cls(node.label, title, text, node.props, [*itself, *behind], [node, *behind])

    @classmethod
    def of_text(cls, text: str) -> "Side":
        """A free text: a demand that nobody has posted yet."""
        return cls(Label.DEMAND, "", text)


def asked_and_offered(query: Side, candidate: Side) -> tuple[Side, Side] | None:
    """The demand, and what is to fit it; None where neither or both are demands."""
    if (query.label is Label.DEMAND) == (candidate.label is Label.DEMAND):
        return None
    return (query, candidate) if query.label is Label.DEMAND else (candidate, query)
