"""``jiebang store …``: the store itself, as a whole."""

from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.frame import JsonOption, StoreOption
from api.cli.output import console, print_json, table
from graph_service.errors import StoreCorruptError
from graph_service.model import EVERYONE

if TYPE_CHECKING:
    from graph_service.store import ServerOptions

group = typer.Typer(
    name="store", help="复制、升级、备份、恢复、检查图谱库。", rich_markup_mode=None
)

_PARTS = {
    "nodes": "节点的说法",
    "edges": "关系的说法",
    "merges": "合并",
    "records": "记录",
    "vectors": "向量",
}


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group.command("copy")(copy)
    group.command("migrate")(migrate)
    group.command("backup")(backup)
    group.command("restore")(restore)
    group.command("verify")(verify)
    app.add_typer(group)


def copy(
    source: Annotated[str, typer.Argument(metavar="SRC", help="来源：目录或 neo4j:// 地址")],
    target: Annotated[
        str, typer.Argument(metavar="DST", help="目标：空的目录或空的 Neo4j，或上次中断的复制")
    ],
    *,
    as_json: JsonOption = False,
) -> None:
    """把整个库复制到另一个空的库（目录与 Neo4j 之间都可以），最后逐项核对数目与校验和。

    可随时中断，再运行同一条命令即接着做；向量不重新计算。复制时不要写来源。
    """
    from api.bootstrap import services
    from api.progress import progress
    from graph_service.copying.service import copy as copy_all

    began = perf_counter()
    with (
        services(source, read_only=True) as one,
        services(target) as other,
        progress(wanted=not as_json) as bars,
    ):
        done = copy_all(one.store, other.store, viewer=EVERYONE, progress=bars)
    report = {
        "from": source,
        "to": target,
        **done.as_dict(),
        "seconds": round(perf_counter() - began, 2),
    }
    if as_json:
        print_json(report)
        return
    out = console()
    shown = table("内容", "数目", "SHA-256", right=["数目"])
    for name, part in report["parts"].items():
        shown.add_row(_PARTS[name], f"{part['count']:,}", part["sha256"])
    out.print(shown)
    seconds = f"用时 {report['seconds']:.1f} 秒"
    out.print(f"已把 {source} 复制到 {target}，两边的数目与校验和都相同，{seconds}。")
    out.print(f"校验和 {report['checksum']}")


def migrate(
    *,
    check: Annotated[bool, typer.Option("--check", help="只说明版本，什么也不改")] = False,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """把库升级到本程序的格式版本，补上缺少的约束与索引；还没有库时建一个空的。

    由更新的版本写成的库不动，退出码为 4。
    """
    from graph_service.store import upkeep

    place = _place(store)
    told = upkeep.versions(*place) if check else upkeep.migrate(*place)
    now = told.found if check else told.known
    if as_json:
        print_json({"store": place[0], "before": told.found, "now": now, "known": told.known})
        return
    if not told.found:
        said = "还没有图谱库" if check else f"已建好空的图谱库，格式版本 {now}"
    elif told.found == told.known:
        said = f"格式版本 {now}，已是最新"
    elif check:
        said = f"格式版本 {now}，可升级到 {told.known}"
    else:
        said = f"格式版本已从 {told.found} 升级到 {now}"
    console().print(f"{place[0]}：{said}。")


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="写到这个文件，如 库-20260301.zip")],
    *,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """把整个库备份成一个文件；库正在被写入时也可以。"""
    from graph_service.store.backup import backup as write

    began = perf_counter()
    manifest = write(_folder(store), file.expanduser())
    _told("已备份到", file, manifest, perf_counter() - began, as_json=as_json)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="jiebang store backup 写下的文件")],
    *,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """从备份恢复到一个空的文件夹，核对无误后重建索引。"""
    from api.bootstrap import services
    from graph_service.store.backup import restore as read

    began = perf_counter()
    folder = _folder(store)
    manifest = read(file.expanduser(), folder)
    with services(str(folder)) as made:
        made.store.refresh(rebuild=True)
    _told("已恢复到", folder, manifest, perf_counter() - began, as_json=as_json)


def verify(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """检查库是否完好：约束、悬空的关系、各来源的说法、向量、合并、数目，索引与记录是否一致。

    有问题时逐项列出怎样修，退出码为 4。
    """
    from graph_service.store.upkeep import verify as look

    began = perf_counter()
    found = look(*_place(store))
    report = {**found.as_dict(), "seconds": round(perf_counter() - began, 2)}
    if as_json:
        print_json(report)
    else:
        _print_checks(report)
    if not found.ok:
        raise typer.Exit(StoreCorruptError.exit_code)


def _place(store: str | None) -> tuple[str, "ServerOptions | None"]:
    from api.bootstrap import server_options
    from api.settings import load_settings

    settings = load_settings({"store": store})
    return settings.store, server_options(settings)


def _folder(store: str | None) -> Path:
    from api.settings import load_settings
    from graph_service.store import store_folder

    return store_folder(load_settings({"store": store}).store)


def _told(said: str, place: Path, manifest: Any, seconds: float, *, as_json: bool) -> None:
    counts = manifest.counts
    if as_json:
        print_json(
            {
                "path": str(place),
                "created_at": manifest.created_at,
                "bytes": manifest.bytes,
                "sha256": manifest.sha256,
                "counts": counts,
                "seconds": round(seconds, 2),
            }
        )
        return
    nodes = sum(counts["nodes"].values())
    edges = sum(by["observed"] + by["inferred"] for by in counts["edges"].values())
    vectors = sum(held["texts"] for held in counts["vectors"].values())
    console().print(
        f"{said} {place}：节点 {nodes:,}，关系 {edges:,}，向量 {vectors:,}，"
        f"{manifest.bytes / 1e6:,.1f} MB，用时 {seconds:.1f} 秒。"
    )


def _print_checks(report: Mapping[str, Any]) -> None:
    out = console()
    shown = table("检查", "看过", "问题", right=["看过", "问题"])
    for check in report["checks"]:
        shown.add_row(check["title"], f"{check['checked']:,}", f"{check['problems']:,}")
    out.print(shown)
    for check in report["checks"]:
        for example in check["examples"]:
            out.print(f"{check['title']}：{example}")
        if check["problems"]:
            out.print(f"提示：{check['hint']}")
    out.print("完好。" if report["ok"] else "有问题。", style="bold")
