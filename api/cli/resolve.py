"""``jiebang resolve``: which organisations may be one, for a person to decide."""

import getpass
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.asking import choose
from api.cli.frame import JsonOption, StoreOption
from api.cli.output import console, print_json, table
from api.deciding import embed_few, pair_dict, pairs_dict
from graph_service.model import EVERYONE

if TYPE_CHECKING:
    from rich.console import Console

    from api.bootstrap import Services
    from graph_service.model import Record

group = typer.Typer(
    name="resolve", help="谁是谁：找出可能是同一家的机构，由人核对。", rich_markup_mode=None
)


class Status(StrEnum):
    """What became of a pair, as ``--status`` takes it."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ALL = "all"


class Level(StrEnum):
    """How likely, as ``--level`` takes it."""

    PROBABLE = "probable"
    DOUBTFUL = "doubtful"


_STATUS = {"open": "待核对", "accepted": "已合并", "rejected": "不是同一家"}
_LEVEL = {"probable": "很可能", "doubtful": "存疑"}
_PARTS = {
    "name": "名称",
    "region": "地区",
    "form": "性质",
    "code": "信用代码",
    "short": "简称",
    "website": "网站",
    "address": "地址",
    "founded": "成立日期",
    "products": "产品",
    "people": "人员",
    "relation": "关系",
    "stated": "文件",
}

PairArgument = Annotated[
    list[str], typer.Argument(metavar="PAIR...", help="resolve list 里的编号，可多个")
]
ByOption = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="谁作的决定；缺省为登录的用户名")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group.command("find")(find)
    group.command("list")(show)
    group.command("accept")(accept)
    group.command("reject")(reject)
    group.command("undo")(undo)
    app.add_typer(group)


def find(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """比较库里全部机构，把可能是同一家的列入核对清单；已有的决定不变，什么也不合并。"""
    from api.bootstrap import services
    from api.progress import progress
    from graph_service.resolution.review import Review

    with services(store) as made, progress(wanted=not as_json) as bars:
        found = Review(made.store).find(bars, viewer=EVERYONE)
    if as_json:
        print_json(asdict(found))
        return
    console().print(
        f"比较了 {found.organisations:,} 家机构的 {found.compared:,} 对：很可能是同一家 "
        f"{found.probable:,} 对，存疑 {found.doubtful:,} 对；其中新列入 {found.new:,} 对，"
        f"不再相似而撤下 {found.gone:,} 对。\n用 jiebang resolve list 逐对核对。"
    )


def show(
    *,
    status: Annotated[
        str, typer.Option("--status", metavar="open|accepted|rejected|all", help="哪些")
    ] = "open",
    level: Annotated[
        str | None,
        typer.Option("--level", metavar="probable|doubtful", help="只看很可能的，或存疑的"),
    ] = None,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="只看名称里有这些字的")] = "",
    page: Annotated[int, typer.Option("--page", min=1, metavar="N", help="第几页")] = 1,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="每页几对")] = 10,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出核对清单，最可能的在前；逐对给出依据与每项依据的分值。

    各项分值加上先验等于对数几率；分值为正支持是同一家，为负反对。
    """
    from api.bootstrap import services
    from graph_service.resolution.review import Review

    wanted = choose(Status, status, "--status")
    levels = [choose(Level, level, "--level").value] if level else []
    with services(store, read_only=True) as made:
        found, total = Review(made.store).list(
            status=[] if wanted is Status.ALL else [wanted.value],
            level=levels,
            name=name,
            page=page,
            size=limit,
            viewer=EVERYONE,
        )
    if as_json:
        print_json({"page": page, **pairs_dict(found, total)})
        return
    out = console()
    for record in found:
        _print_pair(out, record.data, record.id)
    if not found:
        out.print("没有符合条件的；先运行 jiebang resolve find。")
        return
    out.print(
        f"第 {page} 页，本页 {len(found)} 对，共 {total:,} 对。\n"
        "是同一家：jiebang resolve accept 编号；不是：jiebang resolve reject 编号。"
    )


def accept(
    pairs: PairArgument,
    *,
    keep: Annotated[
        str | None,
        typer.Option("--keep", metavar="ID", help="保留哪个节点编号；缺省为有信用代码、资料较多的"),
    ] = None,
    by: ByOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """是同一家：此后读到的是一个机构，两个名称、两个编号都指向它；可以撤销。"""
    from api.bootstrap import services
    from graph_service.resolution.review import Review

    with services(store) as made:
        review = Review(made.store)
        done = [review.accept(pair, by=by or _user(), keep=keep, viewer=EVERYONE) for pair in pairs]
        _settle(made)
    _told(done, as_json=as_json)


def reject(
    pairs: PairArgument,
    *,
    by: ByOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """不是同一家：以后不再提出。"""
    from api.bootstrap import services
    from graph_service.resolution.review import Review

    with services(store) as made:
        review = Review(made.store)
        done = [review.reject(pair, by=by or _user(), viewer=EVERYONE) for pair in pairs]
    _told(done, as_json=as_json)


def undo(pairs: PairArgument, *, store: StoreOption = None, as_json: JsonOption = False) -> None:
    """撤销决定：已合并的恢复为合并前的两家，这一对回到清单。"""
    from api.bootstrap import services
    from graph_service.resolution.review import Review

    with services(store) as made:
        review = Review(made.store)
        done = [review.undo(pair, viewer=EVERYONE) for pair in pairs]
        _settle(made)
    _told(done, as_json=as_json)


def _settle(made: "Services") -> None:
    """Bring indexes up to date with what was decided."""
    embed_few(made)
    made.store.refresh()


def _user() -> str:
    with suppress(OSError, KeyError, ImportError):  # no such user, as in some containers
        return getpass.getuser()
    return ""


def _told(done: "list[Record]", *, as_json: bool) -> None:
    if as_json:
        print_json({"pairs": [pair_dict(record) for record in done]})
        return
    out = console()
    for record in done:
        pair = record.data
        ended = f"，保留 {pair['kept']}" if "kept" in pair else ""
        out.print(f"{record.id} {' ／ '.join(pair['titles'])}：{_STATUS[pair['status']]}{ended}")


def _print_pair(out: "Console", pair: Mapping[str, Any], id_: str) -> None:
    out.print(
        f"{id_}  {_LEVEL[pair['level']]} {pair['probability']:.0%} · {_STATUS[pair['status']]}",
        style="bold",
    )
    if pair.get("by"):
        out.print(f"  {pair['at']} 由 {pair['by']} 决定")
    for title, node_id in zip(pair["titles"], (pair["a"], pair["b"]), strict=True):
        out.print(f"  {title}（{node_id}）")
    shown = table("依据", "分值", "说明", right=["分值"])
    for part in pair["parts"]:
        shown.add_row(_PARTS[part["part"]], f"{part['value']:+.2f}", part["evidence"])
    out.print(shown)
