"""``jiebang show`` and ``jiebang paths``: the graph itself."""

from collections.abc import Mapping
from typing import Annotated, Any, get_args

import typer

from api.asking import choose
from api.cli.frame import JsonOption, StoreOption
from api.cli.output import (
    arrow,
    certainty,
    console,
    path_table,
    print_json,
    table,
    tier_name,
)
from api.words import EDGES, KINDS, LABELS, PROPS
from graph_service.errors import InputError
from graph_service.model import EVERYONE, Direction, EdgeType, Node

TypeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--type", metavar="TYPE", help="只看这种关系（如 MAKES），可重复：" + "、".join(EDGES)
    ),
]
DirectionOption = Annotated[
    str, typer.Option("--direction", metavar="out|in|both", help="沿关系方向、逆方向，或不限")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("show")(show)
    app.command("paths")(paths)


def show(
    node_id: Annotated[str, typer.Argument(metavar="ID", help="节点编号，如 demand:D-001")],
    *,
    types: TypeOption = None,
    direction: DirectionOption = "both",
    limit: Annotated[
        int, typer.Option("--limit", min=0, metavar="N", help="最多列出几条关系")
    ] = 20,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """显示一个节点：属性、来源、日期，以及它的关系（标明观测或推断）。"""
    from api.bootstrap import services

    with services(store, read_only=True) as made:
        found = made.explorer.neighbours(
            node_id,
            types=_types(types),
            direction=_direction(direction),
            limit=limit,
            viewer=EVERYONE,
        )
    answer = found.as_dict()
    if as_json:
        print_json(answer)
    else:
        _print_node(found.node, answer["edges"], more=found.cursor is not None)


def paths(
    start: Annotated[str, typer.Argument(metavar="FROM", help="起点的节点编号")],
    end: Annotated[str, typer.Argument(metavar="TO", help="终点的节点编号")],
    *,
    types: TypeOption = None,
    direction: DirectionOption = "both",
    max_hops: Annotated[
        int, typer.Option("--max-hops", min=1, max=8, metavar="N", help="最多几步")
    ] = 4,
    k: Annotated[
        int, typer.Option("-k", "--top", min=1, max=100, metavar="N", help="最多几条路径")
    ] = 3,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """两个节点之间最短的几条路径，每一步带来源、日期、置信度。

    不给 --type 时不经成批匹配所得的 MATCHED。
    """
    from api.bootstrap import services

    with services(store, read_only=True) as made:
        found = made.explorer.paths(
            start,
            end,
            types=_types(types),
            direction=_direction(direction),
            max_hops=max_hops,
            k=k,
            viewer=EVERYONE,
        )
    answer = found.as_dict()
    if as_json:
        print_json(answer)
        return
    out = console()
    if start == end:
        out.print("起点与终点是同一个节点。")
    elif not answer["paths"]:
        out.print(f"{max_hops} 步之内没有路径；可用 --max-hops 放宽。")
    for number, path in enumerate(answer["paths"], start=1):
        out.print(f"路径 {number}（{path['hops']} 步）", style="bold")
        out.print(path_table(path["path"]))


def _types(names: list[str] | None) -> list[EdgeType]:
    return [choose(EdgeType, name, "--type") for name in names or ()]


def _direction(value: str) -> Direction:
    for known in get_args(Direction):
        if value == known:
            return known  # type: ignore[no-any-return]
    raise InputError(
        f"--direction 的值 {value!r} 不能用", hint="可用的值：out、in、both", value=value
    )


def _print_node(node: Node, edges: list[dict[str, Any]], *, more: bool) -> None:
    out = console()
    out.print(f"{node.title}", style="bold")
    origin = f"来源 {node.source or '未记'} · 日期 {node.observed_at or '未记'}"
    out.print(f"{LABELS[node.label]} · {node.id} · {origin} · 第 {node.version} 版")
    facts = table("属性", "值")
    for name, value in node.props.items():
        facts.add_row(PROPS.get(name, name), _prop(name, value))
    if facts.row_count:
        out.print(facts)
    if not edges and not more:
        out.print("没有符合条件的关系。")
        return
    shown = table("关系", "对方", "依据")
    for edge in edges:
        shown.add_row(
            arrow(edge["type"], forward=edge["forward"], inferred=edge["inferred"]),
            f"{edge['to']['title']}\n{edge['to']['id']}",
            f"{certainty(edge)}\n{' · '.join(_facts(edge['props']))}",
        )
    if edges:
        out.print(shown)
    if more:
        out.print(f"只列出前 {len(edges)} 条关系；用 --limit 看更多。")


def _facts(props: Mapping[str, Any]) -> list[str]:
    return [f"{PROPS.get(name, name)}：{_prop(name, value)}" for name, value in props.items()]


def _prop(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "、".join(_prop(name, item) for item in value)
    if isinstance(value, Mapping):
        return tier_name(value) if name == "tiers" else "；".join(_facts(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return KINDS.get(str(value), str(value)) if name == "kind" else str(value)
