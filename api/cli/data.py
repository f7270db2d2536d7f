"""``jiebang load``, ``embed``, ``reindex`` and ``stats``: what is in the store."""

from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.frame import REJECTED, JsonOption, StoreOption
from api.cli.output import console, print_json, table
from api.cli.words import EDGES, LABELS
from graph_service.errors import EmbedderError, InputError
from graph_service.model import EdgeType, Label

if TYPE_CHECKING:
    from rich.console import Console

    from api.bootstrap import Services
    from graph_service.progress import Progress

#: Row errors shown to people; ``--json`` gives all.
SHOWN_ERRORS = 20


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("load")(load)
    app.command("embed")(embed)
    app.command("reindex")(reindex)
    app.command("stats")(stats)


def load(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...", help=".xlsx .csv .tsv .jsonl .txt 文件，或装有它们的目录，可多个"
        ),
    ],
    *,
    strict: Annotated[
        bool, typer.Option("--strict", help="有行被拒时以退出码 3 结束（其余行照常载入）")
    ] = False,
    no_embed: Annotated[
        bool, typer.Option("--no-embed", help="不计算向量，留待 jiebang embed")
    ] = False,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """载入表格与文本；按表头识别内容，重复载入不改变任何东西。

    出错的行列出位置与改法，其余照常载入；末尾为新文字计算向量。
    只要载入了内容或内容未变，退出码即为 0；什么也没有载入为 2。
    """
    for path in paths:
        if not path.exists():
            raise InputError(f"找不到 {path}", hint="检查路径是否写对", path=path)
    from api.bootstrap import services
    from api.progress import progress
    from loaders.service import load as load_files

    with services(store) as made, progress(wanted=not as_json) as bars:
        loaded = load_files(paths, made.store, progress=bars)
        embedding = None if no_embed else _embed_new(made, bars)
    report = {**loaded.as_dict(), "embedding": embedding}
    if as_json:
        print_json(report)
    else:
        _print_load(report)
        if not loaded.anything:
            typer.echo("错误：什么也没有载入", err=True)
    if not loaded.anything:
        raise typer.Exit(InputError.exit_code)
    if strict and loaded.rejected:
        raise typer.Exit(REJECTED)


def embed(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """为还没有向量的文字计算向量；可随时中断，再运行即接着做。"""
    from api.bootstrap import services
    from api.progress import progress

    with services(store) as made, progress(wanted=not as_json) as bars:
        done = _embed(made, bars)
    if as_json:
        print_json(done)
    else:
        console().print(_embedding_line(done))


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
        counts = {"store": made.settings.store, **made.store.stats()}
    if as_json:
        print_json(counts)
    else:
        _print_stats(counts)


_STATES = {"new": "新增", "changed": "更新", "unchanged": "未变"}


def _embed_new(made: "Services", bars: "Progress") -> dict[str, Any]:
    """Embed at the end of a load. The load stands even where the model is missing: then the
    error is told, and everything is still found by its words."""
    try:
        return _embed(made, bars)
    except EmbedderError as error:
        return {"error": error.as_dict()}


def _embed(made: "Services", bars: "Progress") -> dict[str, Any]:
    from embeddings.fill import fill

    embedder = made.embedder
    report = fill(made.store, embedder, progress=bars)
    return {
        "texts": report.texts,
        "seconds": round(report.seconds, 2),
        "fingerprint": embedder.fingerprint,
    }


def _embedding_line(done: Mapping[str, Any]) -> str:
    if not done["texts"]:
        return "向量：没有新的文字需要计算。"
    return f"向量：{done['texts']:,} 段文字，用时 {done['seconds']:.1f} 秒。"


def _print_load(report: Mapping[str, Any]) -> None:
    out = console()
    if report["loaded"]:
        read = table("文件", "内容", "行数", right=["行数"])
        for sheet in report["loaded"]:
            name = f"{sheet['file']}〔{sheet['sheet']}〕" if sheet["sheet"] else sheet["file"]
            read.add_row(name, sheet["kind"], f"{sheet['rows']:,}")
        out.print(read)
    for skipped in report["skipped"]:
        sheet = f"〔{skipped['sheet']}〕" if skipped["sheet"] else ""
        out.print(f"跳过 {skipped['file']}{sheet}：{skipped['reason']}")
    out.print(
        f"读入 {report['rows']:,} 行，拒收 {report['rejected']:,} 行，"
        f"按规则略去 {report['dropped']:,} 行，用时 {report['seconds']:.1f} 秒。"
    )
    counted = table("", *_STATES.values(), right=_STATES.values())
    for name, kind in (("节点", "nodes"), ("关系", "edges")):
        counted.add_row(name, *(f"{report[kind][state]:,}" for state in _STATES))
    out.print(counted)
    _print_errors(out, report)
    _print_embedding(out, report["embedding"])


def _print_errors(out: "Console", report: Mapping[str, Any]) -> None:
    total = sum(report["error_counts"].values())
    if not total:
        return
    out.print(f"有误的行与单元格（{total:,} 处）：", style="bold")
    shown = table("位置", "值", "问题与改法")
    for error in report["errors"][:SHOWN_ERRORS]:
        shown.add_row(_place(error), error["value"], f"{error['message']}。{error['mend']}")
    out.print(shown)
    if total > SHOWN_ERRORS:
        out.print(f"其余 {total - SHOWN_ERRORS:,} 处见 --json。")


def _print_embedding(out: "Console", done: Mapping[str, Any] | None) -> None:
    if done is None:
        out.print("向量：未计算；运行 jiebang embed 补上。")
    elif "error" in done:
        error = done["error"]
        typer.echo(f"警告：数据已载入，但未计算向量：{error['message']}", err=True)
        typer.echo(f"提示：{error['hint']}之后运行 jiebang embed", err=True)
    else:
        out.print(_embedding_line(done))


def _place(error: Mapping[str, Any]) -> str:
    """``榜单.xlsx〔榜单〕第 7 行“截止日期”``."""
    sheet = f"〔{error['sheet']}〕" if error["sheet"] else ""
    row = f"第 {error['row']} 行" if error["row"] else ""
    column = f"“{error['column']}”" if error["column"] else ""
    return f"{error['file']}{sheet}{row}{column}"


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
