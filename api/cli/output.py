"""How answers look: JSON for programs; tables, words and marks in Chinese for people."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import typer

from api.words import EDGES, KINDS, SOURCES
from graph_service.model import EdgeType

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

#: Columns where there is no terminal to ask.
WIDTH = 100


def print_json(value: Any) -> None:
    """One JSON value on standard output, UTF-8 whatever the terminal's encoding."""
    import orjson

    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY
    typer.echo(orjson.dumps(value, option=options), nl=False)


def console() -> "Console":
    """Standard output for people: colours and its own width on a terminal, else plain and 100."""
    from rich.console import Console

    class Plain(Console):
        def on_broken_pipe(self) -> None:
            """Leave it to ``frame``: a reader that goes away is no error."""
            raise BrokenPipeError

    terminal = sys.stdout.isatty()
    return Plain(
        force_terminal=terminal,
        width=None if terminal else WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
    )


def print_block(rows: "Iterable[tuple[str, RenderableType]]") -> None:
    """What is told of one thing: an empty line, then names, and beside them what each is."""
    from rich.table import Table

    block = Table.grid(padding=(0, 2))
    block.add_column(no_wrap=True, min_width=4)
    block.add_column(ratio=1, overflow="fold")
    for name, value in rows:
        block.add_row(name, value)
    out = console()
    out.print()
    out.print(block)


def table(
    *columns: str,
    right: Iterable[str] = (),
    whole: Iterable[str] = (),
    title: str | None = None,
) -> "Table":
    """An empty table in the house style; columns named in ``right`` hold numbers, what stands in
    those named in ``whole`` is never broken over lines."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    numbers, unbroken = frozenset(right), frozenset((*right, *whole))
    made = Table(
        box=SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False
    )
    for name in columns:
        number = name in numbers
        made.add_column(
            name,
            justify="right" if number else "left",
            no_wrap=name in unbroken,
            overflow="fold",
        )
    return made


def certainty(edge: Mapping[str, Any]) -> str:
    """How sure an edge is and where it is from: ``观测 · 年报.csv · 2021-10 · 置信 0.90``."""
    return " · ".join(
        (
            "推断" if edge["inferred"] else "观测",
            SOURCES.get(edge["source"], edge["source"]) or "来源未记",
            str(edge["observed_at"] or "日期未记"),
            f"置信 {edge['confidence']:.2f}",
        )
    )


def arrow(type_: str, *, forward: bool, inferred: bool) -> str:
    """An edge as walked; dashes of inferred ones are broken: ``──生产→``, ``←┄生产┄``."""
    dash = "┄┄" if inferred else "──"
    name = EDGES[EdgeType(type_)]
    return f"{dash}{name}→" if forward else f"←{name}{dash}"


def path_table(steps: Sequence[Mapping[str, Any]]) -> "Table":
    """A path (``PathStep.as_dict``): a row a hop, the walk beside its certainty."""
    from rich.table import Table

    made = Table.grid(padding=(0, 3))
    made.add_column(overflow="fold")
    made.add_column(no_wrap=True)
    for step in steps:
        drawn = arrow(step["type"], forward=step["forward"], inferred=step["inferred"])
        made.add_row(f"{step['from']['title']} {drawn} {step['to']['title']}", certainty(step))
    return made


def facts_line(facts: Mapping[str, Any]) -> str:
    """Kind, district, tiers and the like of a candidate in a few words."""
    shown = []
    if kind := facts.get("kind"):
        shown.append(KINDS.get(str(kind), str(kind)))
    shown += _listed(facts.get("district"))
    shown += [tier_name(tier) for tier in facts.get("tiers", ())]
    if trl := facts.get("trl"):
        shown.append(f"成熟度 {trl} 级")
    shown += _listed(facts.get("licence")) + _listed(facts.get("stage"))
    return " · ".join(shown)


def _listed(value: Any) -> list[str]:
    """The values of a property that may hold none, one or a list."""
    if not value:
        return []
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def tier_name(tier: Any) -> str:
    """A tier (梯度) with its years, ``小巨人（2022–2025，已过期）``; a bare name as it is."""
    if not isinstance(tier, Mapping):
        return str(tier)
    name, start, until = (str(tier.get(key) or "") for key in ("tier", "from", "until"))
    if not start and not until:
        return name
    today = date.today().isoformat()  # noqa: DTZ011 - a status ends on a day of the calendar
    ended = "，已过期" if until and until < today[: len(until)] else ""
    return f"{name}（{start[:4]}–{until[:4]}{ended}）"
