"""``jiebang exposure``: who is shown to those who post demands."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from api.asking import choose
from api.cli.frame import JsonOption, StoreOption
from api.cli.output import console, print_json, table
from api.cli.search import (
    DistrictOption,
    IndustryOption,
    KindOption,
    SinceOption,
    TierOption,
    UntilOption,
    filter_,
)
from api.words import TARGETS
from graph_service.errors import InputError
from graph_service.model import EVERYONE


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("exposure")(exposure)


def exposure(
    *,
    to: Annotated[
        str,
        typer.Option("--to", metavar="results|organizations", help="谁的曝光：成果的，或机构的"),
    ] = "results",
    recipe: Annotated[
        str, typer.Option(metavar="RECIPE", help="匹配方案：bm25、dense、rrf、hybrid、full")
    ] = "full",
    top: Annotated[int, typer.Option(min=1, max=200, metavar="N", help="每项需求看前几名")] = 10,
    group: Annotated[
        bool,
        typer.Option("--group/--no-group", help="同一机构的成果只算最好的一个，或都算"),
    ] = True,
    demands: Annotated[
        list[str] | None, typer.Option("--demand", metavar="ID", help="只看这项需求，可重复")
    ] = None,
    kinds: KindOption = None,
    tiers: TierOption = None,
    districts: DistrictOption = None,
    industries: IndustryOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """谁被展示给了发榜方：按梯度、按区县与候选全体对照，有多集中，谁最常出现。

    由 jiebang bulk match 记下的名单算出。--kind 至 --until 选的是需求，缺省为全部。
    """
    from api.bootstrap import services
    from api.exposing import exposure as report
    from graph_service.matching.types import Target

    target = choose(Target, to, "--to")
    if target not in (Target.RESULTS, Target.ORGANIZATIONS):
        raise InputError(
            f"成批匹配不找 {to}", hint="可用的值：results、organizations", option="--to"
        )
    where = filter_(kinds, tiers, districts, industries, since, until)
    with services(store, read_only=True) as made:
        found = report(
            made,
            to=target,
            recipe=recipe,
            top=top,
            group=group,
            demands=demands or (),
            where=where,
            viewer=EVERYONE,
        )
    if as_json:
        print_json(found)
        return
    if found["warning"]:
        typer.echo(f"警告：{found['warning']}", err=True)
    _print(found)


def _print(found: Mapping[str, Any]) -> None:
    out = console()
    days = "、".join(dict.fromkeys(day for day in (found["since"], found["until"]) if day))
    out.print(
        f"{TARGETS[found['to']]} · 方案 {found['recipe']} · 每项需求前 {found['top']} 名"
        f"{'，同一机构只算一个' if found['group'] else ''}{f' · 匹配于 {days}' if days else ''}"
    )
    out.print(
        f"{found['demands']:,} 项需求，{found['matched']:,} 项有名单，"
        f"共 {found['shown']:,} 个名次；归属未知 {found['owner_unknown']:,} 个"
    )
    out.print(_shares("梯度", "没有记载", found["tiers"]))
    out.print(_shares("区县", "未知", found["districts"]))
    spread = found["organizations"]
    out.print(
        f"机构：{spread['shown']:,} 家被展示，候选共 {spread['pool']:,} 家；"
        f"基尼系数 {_figure(spread['gini_shown'])}（被展示的之间）、"
        f"{_figure(spread['gini_pool'])}（全部候选）；"
        f"前十家占 {_percent(spread['share_of_ten'])}"
    )
    if found["most_shown"]:
        out.print(_most(found["most_shown"]))


def _shares(what: str, unknown: str, rows: Sequence[Mapping[str, Any]]) -> Any:
    shown = table(
        *(what, "名次", "占比", "候选", "占比", "倍数"),
        right=["名次", "占比", "候选", "倍数"],
        whole=[what],
        title=f"按{what}：名次与候选全体对照",
    )
    for row in rows:
        shown.add_row(
            row["name"] or unknown,
            f"{row['shown']:,}",
            _percent(row["shown_share"]),
            f"{row['pool']:,}",
            _percent(row["pool_share"]),
            _figure(row["ratio"]),
        )
    return shown


def _most(rows: Sequence[Mapping[str, Any]]) -> Any:
    shown = table(
        *("机构", "编号", "名次", "需求", "候选", "梯度", "区县"),
        right=["名次", "需求", "候选"],
        title="最常出现的机构（候选：它在候选全体里有几个）",
    )
    for row in rows:
        shown.add_row(
            row["title"],
            row["id"],
            f"{row['shown']:,}",
            f"{row['demands']:,}",
            f"{row['candidates']:,}",
            row["tier"] or "没有记载",
            row["district"] or "未知",
        )
    return shown


def _figure(value: float | None) -> str:
    return "—" if value is None else f"{value:.2f}"


def _percent(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"
