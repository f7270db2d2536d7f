"""What a messy file must give, and how a load is held against it.

Nodes are told by label and name (or title), edges by the names of their ends: a person who sends
a file knows those, not ids. For each label and edge type that an expectation names, nothing more
and nothing less may be there; organisations, demands and results are always named.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph_service.model import EdgeType, Filter, Node
from graph_service.ports import GraphStore
from loaders.report import LoadReport
from tests.unit.messy.files import File

#: Labels whose nodes an expectation always names in full.
NAMED = ("Organization", "Demand", "Result")

Props = Mapping[str, Any]
#: Code (or codes, parted by "|"), row and column of an error; the column without its unit.
Wrong = tuple[str, int, str]


@dataclass(frozen=True, slots=True)
class Has:
    """A text that contains all of these parts, in this order."""

    parts: tuple[str, ...]

    def __init__(self, *parts: str) -> None:
        object.__setattr__(self, "parts", parts)

    def fits(self, value: Any) -> bool:
        at = 0
        for part in self.parts:
            at = str(value).find(part, at)
            if at < 0:
                return False
        return True


@dataclass(frozen=True, slots=True)
class Want:
    """What a file must give.

    Attributes:
        nodes: label → name → the properties that matter; None means that it must not be there.
        edges: type → (from, to) by name.
        bad: cells and rows that are wrong, in any order, rejected rows among them.
        rejected: how many rows are rejected.
        skipped: a word of the reason for each sheet or file that is left out.
        hidden: the hidden rows that were loaded and must be flagged.
    """

    nodes: Mapping[str, Mapping[str, Props]] = field(default_factory=dict)
    edges: Mapping[str, set[tuple[str, str]]] = field(default_factory=dict)
    bad: Sequence[Wrong] = ()
    rejected: int = 0
    skipped: Sequence[str] = ()
    hidden: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One messy file: its readable id, the kinds of mess in it, how to write it, what it gives.

    ``suggest`` marks a file whose headers no mapping knows: it is loaded by the mapping that is
    suggested for it.
    """

    id: str
    messes: frozenset[str]
    make: Callable[[], File]
    want: Want
    suggest: bool = False


def case(id_: str, messes: str, make: Callable[[], File], want: Want, **more: Any) -> Case:
    """A case; the kinds of mess are given as words."""
    return Case(id_, frozenset(messes.split()), make, want, **more)


def differences(store: GraphStore, report: LoadReport, want: Want) -> list[str]:
    """What a load of one file into an empty store gives other than what is wanted."""
    found = wrong_graph(store, want) + _wrong_places(report, want)
    if report.rejected != want.rejected:
        found.append(f"rejected {report.rejected}, wanted {want.rejected}")
    return found


def wrong_graph(store: GraphStore, want: Want) -> list[str]:
    """What a store holds other than what is wanted."""
    nodes = {node.id: node for node in store.scan(Filter(), limit=10_000).nodes}
    found = wrong_nodes(nodes.values(), want)
    for label in {*NAMED, *want.nodes}:
        named = set(want.nodes.get(label, ()))
        there = {node.title for node in nodes.values() if node.label == label}
        found += [f"{label} too many: {name}" for name in sorted(there - named)]
    return found + _wrong_edges(store, nodes, want)


def wrong_nodes(nodes: Any, want: Want) -> list[str]:
    """The wanted nodes that are missing, or have other properties."""
    by_name: dict[tuple[str, str], Node] = {(node.label, node.title): node for node in nodes}
    found = []
    for label, named in want.nodes.items():
        for name, props in named.items():
            node = by_name.get((label, name))
            if node is None:
                found.append(f"{label} missing: {name}")
                continue
            for key, wanted in props.items():
                value = node.props.get(key)
                fits = wanted.fits(value) if isinstance(wanted, Has) else value == wanted
                if not fits:
                    found.append(f"{name}.{key} = {str(value)[:120]!r}, wanted {wanted!r}"[:400])
    return found


def _wrong_edges(store: GraphStore, nodes: Mapping[str, Node], want: Want) -> list[str]:
    found = []
    for type_, wanted in want.edges.items():
        hops = store.neighbours(list(nodes), types=[EdgeType(type_)], direction="out", limit=1000)
        there = {
            (nodes[start].title, nodes[hop.edge.to_id].title)
            for start, ends in hops.items()
            for hop in ends
        }
        found += [f"{type_} missing: {ends}" for ends in sorted(wanted - there)]
        found += [f"{type_} too many: {ends}" for ends in sorted(there - wanted)]
    return found


def _wrong_places(report: LoadReport, want: Want) -> list[str]:
    found = []
    left = [(error.code, error.row, plain(error.column)) for error in report.errors]
    for wanted in want.bad:
        match = next((error for error in left if _is(error, wanted)), None)
        if match is None:
            found.append(f"error missing: {wanted}")
        else:
            left.remove(match)
    found += [f"error too many: {error}" for error in left]
    reasons = [f"{skipped.file} {skipped.sheet} {skipped.reason}" for skipped in report.skipped]
    for word in want.skipped:
        match = next((reason for reason in reasons if word in reason), None)
        if match is None:
            found.append(f"not skipped: {word}")
        else:
            reasons.remove(match)
    found += [f"skipped: {reason}" for reason in reasons]
    flagged = sorted(notice.row for notice in report.notices if notice.code == "hidden_row")
    if flagged != sorted(want.hidden):
        found.append(f"hidden rows flagged {flagged}, wanted {sorted(want.hidden)}")
    return found


def _is(error: Wrong, wanted: Wrong) -> bool:
    """A wanted column stands for any reported one that it is part of (two-line headers)."""
    code, row, column = wanted
    return error[0] in code.split("|") and error[1] == row and plain(column) in error[2]


def plain(text: str) -> str:
    """Without white space."""
    return "".join(text.split())
