"""``jiebang read``: what a text says: its sections and indicators."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.frame import JsonOption, StoreOption
from api.cli.output import console, print_json, table
from api.words import INDICATOR_KINDS, RELATIONS, TOLD
from graph_service.errors import InputError
from graph_service.model import EVERYONE

if TYPE_CHECKING:
    from graph_service.understanding.reading import Reading

#: Characters of a section that the table shows.
_SHOWN = 60


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("read")(read)


def read(
    node_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="节点编号，如 demand:D-001")
    ] = None,
    *,
    text: Annotated[str | None, typer.Option("--text", metavar="TEXT", help="读这段文字")] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """读懂一项需求、一项成果或一段文字：分成哪几部分，有哪些指标；都是机器识别。"""
    found = _reading(node_id, text, store)
    if as_json:
        print_json(found.as_dict())
        return
    answer = found.as_dict()
    _print_sections(found, answer["sections"])
    _print_indicators(answer["indicators"])


def _reading(node_id: str | None, text: str | None, store: str | None) -> "Reading":
    from graph_service.understanding.reading import read as read_text
    from graph_service.understanding.reading import read_node

    if (node_id is None) == (text is None):
        raise InputError(
            "需给出节点编号或 --text，且只给一个", hint="例如：jiebang read demand:D-001"
        )
    if text == "":
        raise InputError("--text 是空的", hint="给出要读的文字，如 --text 耐热300℃以上")
    if text is not None:
        return read_text("", text)
    from api.bootstrap import services

    with services(store, read_only=True) as made:
        return read_node(made.explorer.node(str(node_id), viewer=EVERYONE))


def _print_sections(found: "Reading", sections: Sequence[Mapping[str, Any]]) -> None:
    out = console()
    if found.title:
        out.print(found.title)
    if not sections:
        out.print("没有分成几部分：只有需求与一段文字才分。" if found.text else "没有正文。")
        return
    shown = table("部分", "依据", "置信", "文字", right=["置信"], whole=["部分", "依据"])
    for one in sections:
        words = " ".join(found.text[one["start"] : one["end"]].split())
        clipped = words[:_SHOWN] + ("……" if len(words) > _SHOWN else "")
        shown.add_row(one["title"], TOLD[one["told"]], f"{one['confidence']:.2f}", clipped)
    out.print(shown)


def _print_indicators(indicators: Sequence[Mapping[str, Any]]) -> None:
    out = console()
    if not indicators:
        out.print("没有认出指标。")
        return
    shown = table(
        *("指标", "关系", "数值", "单位", "条件", "类别", "置信"),
        right=["数值", "置信"],
        whole=["关系"],
        title="指标（机器识别，未经人核对）",
    )
    for one in indicators:
        shown.add_row(
            one["quantity"] or "未知",
            RELATIONS.get(one["relation"], one["relation"]),
            _value(one),
            "" if one["unit_normalised"] == "1" else one["unit_normalised"],
            one["condition"] or "",
            INDICATOR_KINDS[one["kind"]],
            f"{one['confidence']:.2f}",
        )
    out.print(shown)


def _value(one: Mapping[str, Any]) -> str:
    """1–2, 25±2, 1:3, 50/60 or one number."""
    first, second = f"{one['value']:.15g}", one["value2"]
    if second is None:
        return first
    ratio = ":" if one["unit_normalised"] == "1" else "/"
    joint = {"±": "±", "=": ratio}.get(one["relation"], "–")
    return f"{first}{joint}{second:.15g}"
