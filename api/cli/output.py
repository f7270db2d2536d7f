"""How answers look: JSON for programs; tables, words and marks in Chinese for people."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from graph_service.model import EdgeType, Label

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

#: Columns where there is no terminal to ask.
WIDTH = 100

LABELS: Mapping[Label, str] = {
    Label.ORGANIZATION: "机构",
    Label.PRODUCT: "产品",
    Label.INDUSTRY: "行业",
    Label.CHAIN: "产业链",
    Label.REGION: "区域",
    Label.PERSON: "人员",
    Label.DEMAND: "需求",
    Label.RESULT: "成果",
    Label.POLICY: "政策",
    Label.EVENT: "活动",
    Label.COMMUNITY: "群落",
}

EDGES: Mapping[EdgeType, str] = {
    EdgeType.MAKES: "生产",
    EdgeType.NEEDS: "采购",
    EdgeType.SUPPLIES: "供应",
    EdgeType.UPSTREAM_OF: "上游",
    EdgeType.SUBTYPE_OF: "小类",
    EdgeType.ABOUT: "涉及",
    EdgeType.IN_INDUSTRY: "所属行业",
    EdgeType.IN_CHAIN: "所属产业链",
    EdgeType.LEADS: "链主",
    EdgeType.LOCATED_IN: "位于",
    EdgeType.OWNS: "拥有",
    EdgeType.AUTHORED: "作者",
    EdgeType.CONTROLS: "控股",
    EdgeType.POSTED: "发榜",
    EdgeType.BID_ON: "揭榜",
    EdgeType.WON: "中榜",
    EdgeType.PARTNERED: "合作",
    EdgeType.MEMBER_OF: "成员",
    EdgeType.CONFLICTS_WITH: "利益冲突",
}

KINDS: Mapping[str, str] = {
    "enterprise": "企业",
    "university": "高校",
    "institute": "科研院所",
    "agency": "专业服务机构",
    "patent": "专利",
    "paper": "论文",
    "achievement": "成果",
    "solution": "解决方案",
    "equipment": "仪器设备",
    "service": "服务",
}


def print_json(value: Any) -> None:
    """One JSON value on standard output, UTF-8 whatever the terminal's encoding."""
    import orjson

    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY
    typer.echo(orjson.dumps(value, option=options), nl=False)


def console() -> "Console":
    """Standard output for people: colours and its own width on a terminal, else plain and 100."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    return Console(
        force_terminal=terminal,
        width=None if terminal else WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
    )


def table(*columns: str, right: Iterable[str] = (), title: str | None = None) -> "Table":
    """An empty table in the house style; columns named in ``right`` hold numbers."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    numbers = frozenset(right)
    made = Table(
        box=SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False
    )
    for name in columns:
        number = name in numbers
        made.add_column(
            name, justify="right" if number else "left", no_wrap=number, overflow="fold"
        )
    return made


def certainty(edge: Mapping[str, Any]) -> str:
    """How sure an edge is and where it is from: ``观测 · 年报.csv · 2021-10 · 置信 0.90``."""
    return " · ".join(
        (
            "推断" if edge["inferred"] else "观测",
            str(edge["source"] or "来源未记"),
            str(edge["observed_at"] or "日期未记"),
            f"置信 {edge['confidence']:.2f}",
        )
    )


def arrow(type_: str, *, forward: bool, inferred: bool) -> str:
    """An edge as walked; dashes of inferred ones are broken: ``──生产→``, ``←┄生产┄``."""
    dash = "┄┄" if inferred else "──"
    name = EDGES[EdgeType(type_)]
    return f"{dash}{name}→" if forward else f"←{name}{dash}"


def path_lines(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    """A path hop by hop (``PathStep.as_dict``), each with its certainty."""
    return [
        f"{step['from']['title']} "
        f"{arrow(step['type'], forward=step['forward'], inferred=step['inferred'])} "
        f"{step['to']['title']}    {certainty(step)}"
        for step in steps
    ]


def facts_line(facts: Mapping[str, Any]) -> str:
    """Kind, district, tiers and the like of a candidate in a few words."""
    shown = []
    if kind := facts.get("kind"):
        shown.append(KINDS.get(str(kind), str(kind)))
    if district := facts.get("district"):
        shown.append(str(district))
    shown.extend(tier_name(tier) for tier in facts.get("tiers", ()))
    if trl := facts.get("trl"):
        shown.append(f"成熟度 {trl} 级")
    if licence := facts.get("licence"):
        shown.append(str(licence))
    if stage := facts.get("stage"):
        shown.append(str(stage))
    return " · ".join(shown)


def tier_name(tier: Any) -> str:
    """A tier (梯度) with its years: ``小巨人（2022–2025）``; a bare name stays as it is."""
    if not isinstance(tier, Mapping):
        return str(tier)
    start, end = (str(tier.get(key) or "")[:4] for key in ("from", "until"))
    return f"{tier.get('tier')}（{start}–{end}）" if start or end else str(tier.get("tier"))
