"""``jiebang show`` and ``jiebang paths``: the graph itself."""

from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any, get_args

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
from graph_service.errors import InputError, NotFoundError
from graph_service.model import Direction, EdgeType, Hop, Node

if TYPE_CHECKING:
    from graph_service.ports import GraphStore

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
        node = _existing(made.store, node_id)[0]
        hops = made.store.neighbours(
            [node.id], types=_types(types), direction=_direction(direction), limit=limit + 1
        ).get(node.id, [])
        more, hops = len(hops) > limit, hops[:limit]
        ends = made.store.nodes([hop.end for hop in hops])
        names = {**ends, node.id: node}
        edges = [
            {**step(hop, names), "key": hop.edge.key, "props": dict(hop.edge.props)} for hop in hops
        ]
    if as_json:
        print_json({"node": node_dict(node), "edges": edges})
    else:
        _print_node(node, edges, more=more)


def paths(
    start: Annotated[str, typer.Argument(metavar="FROM", help="起点的节点编号")],
    end: Annotated[str, typer.Argument(metavar="TO", help="终点的节点编号")],
    *,
    types: TypeOption = None,
    direction: DirectionOption = "both",
    max_hops: Annotated[
        int, typer.Option("--max-hops", min=1, max=8, metavar="N", help="最多几步")
    ] = 4,
    k: Annotated[int, typer.Option("-k", "--top", min=1, metavar="N", help="最多几条路径")] = 3,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """两个节点之间最短的几条路径，每一步带来源、日期、置信度。"""
    from api.bootstrap import services

    began = perf_counter()
    with services(store, read_only=True) as made:
        _existing(made.store, start, end)
        found = made.store.paths(
            start,
            end,
            types=_types(types),
            direction=_direction(direction),
            max_hops=max_hops,
            k=k,
        )
        names = made.store.nodes(sorted({name for path in found for name in path.node_ids}))
    took = (perf_counter() - began) * 1000
    lists = [[step(hop, names) for hop in path.hops] for path in found]
    if as_json:
        print_json(
            {
                "from": start,
                "to": end,
                "took_ms": round(took, 2),
                "paths": [{"hops": len(steps), "path": steps} for steps in lists],
            }
        )
        return
    out = console()
    if start == end:
        out.print("起点与终点是同一个节点。")
    elif not lists:
        out.print(f"{max_hops} 步之内没有路径；可用 --max-hops 放宽。")
    for number, steps in enumerate(lists, start=1):
        out.print(f"路径 {number}（{len(steps)} 步）", style="bold")
        out.print(path_table(steps))


def node_dict(node: Node) -> dict[str, Any]:
    """A node as JSON-ready data."""
    return {
        "id": node.id,
        "label": node.label.value,
        "title": node.title,
        "props": dict(node.props),
        "source": node.source,
        "observed_at": node.observed_at,
        "version": node.version,
    }


def step(hop: Hop, names: Mapping[str, Node]) -> dict[str, Any]:
    """A hop with the names of its ends, in the shape that ``match`` gives its paths."""
    from graph_service.matching.types import PathStep

    titles = [names[end].title if end in names else end for end in (hop.start, hop.end)]
    return PathStep(hop, *titles).as_dict()


def _existing(store: "GraphStore", *ids: str) -> list[Node]:
    found = store.nodes(ids)
    for node_id in ids:
        if node_id not in found:
            raise NotFoundError(
                f"图谱中没有编号为“{node_id}”的节点",
                hint="可用 jiebang search 按名称查找编号",
                id=node_id,
            )
    return [found[node_id] for node_id in ids]


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
