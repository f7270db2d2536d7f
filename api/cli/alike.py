"""``jiebang alike``: demands that could be posted as one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.frame import JsonOption, StoreOption
from api.cli.output import console, print_block, print_json
from api.cli.search import (
    DistrictOption,
    IndustryOption,
    KindOption,
    SinceOption,
    TierOption,
    UntilOption,
    filter_,
)
from graph_service.matching.alike.types import THRESHOLD
from graph_service.model import EVERYONE

if TYPE_CHECKING:
    from rich.console import RenderableType


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("alike")(alike)


def alike(
    *,
    firms: Annotated[
        int, typer.Option(min=1, metavar="N", help="只列出至少这么多家机构提出的；1 为全部")
    ] = 1,
    threshold: Annotated[
        float, typer.Option(metavar="X", help="同组任意两项至少这样相近，0–1")
    ] = THRESHOLD,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="最多列出几组")] = 20,
    kinds: KindOption = None,
    tiers: TierOption = None,
    districts: DistrictOption = None,
    industries: IndustryOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """找出可以并成一项发布的需求（共性需求）：各组共同要什么、哪里不同、出自几家机构。

    --kind 至 --until 选的是需求，缺省为全部。组名、词语、产品与指标是机器识别的（推断）。
    """
    from api.bootstrap import services
    from api.likening import alike as find_alike

    where = filter_(kinds, tiers, districts, industries, since, until)
    with services(store, read_only=True) as made:
        found = find_alike(
            made, where=where, threshold=threshold, firms=firms, limit=limit, viewer=EVERYONE
        )
    if as_json:
        print_json(found)
        return
    if found["warning"]:
        typer.echo(f"警告：{found['warning']}", err=True)
    _print(found)


def _print(found: Mapping[str, Any]) -> None:
    out = console()
    out.print(
        f"{found['demands']:,} 项需求里有 {found['found']:,} 组相近的，共 {found['grouped']:,} 项；"
        f"列出 {len(found['groups']):,} 组 · 门槛 {found['threshold']:.2f} · "
        f"{found['took_ms']:.0f} 毫秒"
    )
    for number, group in enumerate(found["groups"], start=1):
        print_block(_block(number, group))


def _block(number: int, group: Mapping[str, Any]) -> Iterator[tuple[str, "RenderableType"]]:
    from rich.text import Text

    core, differences = group["core"], group["differences"]
    yield f"{number}", Text(f"{group['title']['text']}（推断）", style="bold")
    yield "", _counts(group)
    yield "共同", "、".join(one["word"] for one in core["words"]) or "没有共同的词语"
    if core["products"]:
        yield "产品", "、".join(map(_product, core["products"]))
    for one in core["indicators"]:
        yield "都要求", f"{one['asked'][0]['said']}（机器识别）"
    for one in differences["indicators"]:
        yield "指标", _property(one)
    yield from _spreads(differences)
    for member in group["members"]:
        yield "·", _member(member)


def _counts(group: Mapping[str, Any]) -> str:
    parts = [f"{len(group['members'])} 项"]
    parts.append(f"出自 {group['firms']} 家机构" if group["firms"] else "机构未知")
    if group["firms"] and group["poster_unknown"]:
        parts.append(f"{group['poster_unknown']} 项机构未知")
    if group["repeated"]:
        parts.append(f"{group['repeated']} 项原文重复")
    parts.append(f"最不相近的两项 {group['least_likeness']:.2f}")
    return " · ".join(parts)


def _product(one: Mapping[str, Any]) -> str:
    return f"{one['title']}（{len(one['members'])} 项{'，推断' if one['inferred'] else ''}）"


def _property(one: Mapping[str, Any]) -> str:
    """From the tightest to the loosest; all of them where it is not known which is tighter."""
    if one["tightest"] is not None:
        told = f"最严 {one['tightest']}，最宽 {one['loosest']}"
    else:
        told = "；".join(dict.fromkeys(asked["said"] for asked in one["asked"]))
    return f"{one['name']}：{told}（机器识别）"


def _spreads(differences: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    districts = differences["districts"]
    if districts["counts"]:
        told = [f"{name} {count}" for name, count in districts["counts"].items()]
        yield "区县", "、".join(told + _unknown(districts["unknown"]))
    budget = differences["budget_wan"]
    if budget["least"] is not None:
        ends = dict.fromkeys((f"{budget['least']:g}", f"{budget['most']:g}"))
        yield "预算", "、".join([f"{'–'.join(ends)} 万元", *_unknown(budget["unknown"])])
    deadline = differences["deadline"]
    if deadline["first"] is not None:
        days = dict.fromkeys((deadline["first"], deadline["last"]))
        yield "期限", "、".join([" 至 ".join(days), *_unknown(deadline["unknown"])])


def _unknown(count: int) -> list[str]:
    return [f"未知 {count}"] if count else []


def _member(member: Mapping[str, Any]) -> str:
    posters: Sequence[Mapping[str, Any]] = member["posters"]
    parts = [
        member["title"],
        member["id"],
        "、".join(one["title"] for one in posters) or "机构未知",
        f"相近 {member['likeness']:.2f}",
    ]
    if member["repeats"]:
        parts.append(f"与 {member['repeats']} 原文相同")
    elif member["own_words"]:
        parts.append(f"独有：{'、'.join(member['own_words'])}")
    return " · ".join(parts)
