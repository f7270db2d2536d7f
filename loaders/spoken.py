"""What a source has said so far, and how what it says of one thing in several rows is one. Pure."""

from dataclasses import dataclass, field

from loaders.telling import Values


@dataclass(slots=True)
class Spoken:
    """What one source has said so far, over all its sheets.

    A source speaks once of a node: ``defined`` are those of which its rows tell properties, and
    ``more`` what rows after the first add to them, gathered before anything is written.
    """

    source: str
    defined: set[str] = field(default_factory=set)
    more: dict[str, Values] = field(default_factory=dict)
    nodes: set[str] = field(default_factory=set)
    edges: set[int] = field(default_factory=set)
    documents: dict[str, bytes] = field(default_factory=dict)

    def survey(self, id_: str, props: Values) -> None:
        """Gather what a row tells of a node."""
        if id_ in self.defined:
            merge(self.more.setdefault(id_, {}), props)
        self.defined.add(id_)

    def whole(self, id_: str, props: Values) -> Values:
        """All that the source tells of a node, from its first row on."""
        return merge(props, self.more.get(id_, {}))


def merge(props: Values, more: Values) -> Values:
    """Add properties that are not there yet; lists are joined. Changes and returns ``props``."""
    for key, value in more.items():
        held = props.get(key)
        if held is None:
            props[key] = value
        elif isinstance(held, list) and isinstance(value, list):
            props[key] = [*held, *(item for item in value if item not in held)]
    return props
