"""``jiebang embed``, ``reindex`` and ``stats``: what is in the store."""

from collections.abc import Mapping
from time import perf_counter
from typing import Any

import typer

from api.cli import loading
from api.cli.embedding import embedding_line
from api.cli.frame import JsonOption, StoreOption
from api.cli.output import console, print_json, table
from api.words import EDGES, LABELS
from graph_service.model import EVERYONE, EdgeType, Label


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("load")(loading.load)
    app.command("embed")(embed)
    app.command("reindex")(reindex)
    app.command("stats")(stats)


def embed(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """为还没有向量的文字计算向量；可随时中断，再运行即接着做。"""
    from api.bootstrap import services
    from api.embedding import embed_pending
    from api.progress import progress

    with services(store) as made, progress(wanted=not as_json) as bars:
        done = embed_pending(made, bars)
    if as_json:
        print_json(done)
    else:
        console().print(embedding_line(done))


def reindex(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """从记录重建全部索引（文字、向量、邻接）；不重新计算向量。"""
    from api.bootstrap import services

    began = perf_counter()
    with services(store) as made:
        made.store.refresh(rebuild=True)
    seconds = round(perf_counter() - began, 2)
    if as_json:
        print_json({"seconds": seconds})
    else:
        console().print(f"索引已重建，用时 {seconds:.1f} 秒。")


def stats(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """库里有多少节点、关系、文字与向量。"""
    from api.bootstrap import services

    with services(store, read_only=True) as made:
        counts = {"store": made.settings.store, **made.explorer.stats(viewer=EVERYONE)}
    if as_json:
        print_json(counts)
    else:
        _print_stats(counts)


def _print_stats(counts: Mapping[str, Any]) -> None:
    out = console()
    out.print(f"库 {counts['store']}", style="bold")
    nodes = table("节点", "数量", right=["数量"])
    for label, count in sorted(counts["nodes"].items(), key=lambda item: -item[1]):
        nodes.add_row(f"{LABELS[Label(label)]} {label}", f"{count:,}")
    out.print(nodes)
    edges = table("关系", "观测", "推断", right=["观测", "推断"])
    for kind, by in sorted(counts["edges"].items(), key=lambda item: -sum(item[1].values())):
        edges.add_row(
            f"{EDGES[EdgeType(kind)]} {kind}", f"{by['observed']:,}", f"{by['inferred']:,}"
        )
    out.print(edges)
    out.print(f"可检索的文字 {counts['passages']:,} 段。")
    if not counts["vectors"]:
        out.print("还没有向量：只按字词查找；运行 jiebang embed 计算。")
    for fingerprint, held in counts["vectors"].items():
        pending = f"，待算 {held['pending']:,}（jiebang embed）" if held["pending"] else ""
        out.print(f"向量 {fingerprint}：{held['texts']:,} 段文字{pending}。")
