"""``jiebang communities`` and ``jiebang gaps``: a chain seen as a whole."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.asking import DATE
from api.cli.frame import JsonOption, StoreOption
from api.cli.output import console, print_json, table
from api.words import EDGES
from graph_service.errors import InputError
from graph_service.model import EVERYONE, EdgeType

if TYPE_CHECKING:
    from graph_service.insight.scope import Scope

DistrictOption = Annotated[
    list[str] | None, typer.Option("--district", metavar="NAME", help="只看这个区县的机构，可重复")
]
ChainOption = Annotated[
    str | None, typer.Option("--chain", metavar="ID", help="只看这条产业链（节点编号）的机构")
]
TypeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--type",
        metavar="TYPE",
        help="凭哪种关系相连，可重复：SUPPLIES、PARTNERED、CONTROLS、NEEDS、UPSTREAM_OF、OWNS、"
        "MAKES；缺省为除末项外的全部",
    ),
]
InferredOption = Annotated[
    bool, typer.Option("--inferred", help="推断的事实也计入；缺省只用观测到的")
]
UntilOption = Annotated[
    str | None,
    typer.Option("--until", metavar="DATE", help="只看不晚于这一天开始的关系，如 2024-06"),
]
ResolutionOption = Annotated[
    float,
    typer.Option(min=0.05, max=20, metavar="X", help="分辨率，越大群落越小，如 0.5、1、2"),
]
UnmetOption = Annotated[
    bool,
    typer.Option("--unmet", help="判断哪些在榜需求没有合适的候选；每项约需匹配两次的时间"),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="另写成 .xlsx：各表、来源与日期")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("communities")(communities)
    app.command("gaps")(gaps)


def communities(
    *,
    districts: DistrictOption = None,
    chain: ChainOption = None,
    types: TypeOption = None,
    inferred: InferredOption = False,
    until: UntilOption = None,
    resolution: ResolutionOption = 1.0,
    unmet: UnmetOption = False,
    out: OutOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """划分产业群落（分层 Leiden 算法，种子固定）：各群落的机构、链主、突出的产品、向外的联系。

    名称是机器拟的；两家之间由产品推得的供需都算推断。
    """
    from api.bootstrap import services
    from api.insight import communities_table

    scope = _scope(districts, chain, types, inferred, until)
    _check_out(out)
    with services(store, read_only=True) as made:
        insight = made.insight_of(judging=unmet)
        found = insight.communities(scope, resolution, viewer=EVERYONE)
        if out is not None:
            _write(out, communities_table(insight, scope, resolution, judge=unmet, viewer=EVERYONE))
    if as_json:
        print_json(found)
        return
    _print_communities(found, unmet=unmet)


def gaps(
    *,
    districts: DistrictOption = None,
    chain: ChainOption = None,
    types: TypeOption = None,
    inferred: InferredOption = False,
    until: UntilOption = None,
    community: Annotated[
        str | None, typer.Option("--community", metavar="ID", help="只看范围里的这个群落")
    ] = None,
    resolution: ResolutionOption = 1.0,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=1000, metavar="N", help="每种最多几项")
    ] = 20,
    unmet: UnmetOption = False,
    out: OutOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """补链清单：没有人生产或只有一家生产的产品、没有链主的产业链、没有合适候选的需求。

    各附最接近补上的企业与成果，及其路径；推断的都标明。
    """
    from api.bootstrap import services
    from api.insight import gaps_table

    scope = _scope(districts, chain, types, inferred, until)
    _check_out(out)
    with services(store, read_only=True) as made:
        insight = made.insight_of(judging=unmet)
        asked: dict[str, Any] = {"community": community, "resolution": resolution}
        found = insight.gaps(scope, limit=limit, viewer=EVERYONE, **asked)
        if out is not None:
            _write(out, gaps_table(insight, scope, judge=unmet, viewer=EVERYONE, **asked))
    if as_json:
        print_json(found)
        return
    _print_gaps(found, unmet=unmet)


def _scope(
    districts: list[str] | None,
    chain: str | None,
    types: list[str] | None,
    inferred: bool,
    until: str | None,
) -> "Scope":
    import re

    from api.asking import choose
    from graph_service.insight.scope import USUAL, Scope

    if until is not None and not re.fullmatch(DATE, until):
        raise InputError(
            f"--until 的日期 {until!r} 不能用", hint="写成 2024、2024-06 或 2024-06-01", value=until
        )
    chosen = frozenset(choose(EdgeType, name, "--type") for name in types or ())
    return Scope(frozenset(districts or ()), chain, chosen or USUAL, inferred, until)


def _check_out(out: Path | None) -> None:
    if out is not None and (out.suffix.lower() != ".xlsx" or out.exists()):
        raise InputError(
            f"不能写到 {out}",
            hint="请以 .xlsx 结尾，换一个还没有的名字；不覆盖已有的文件",
            file=out,
        )


def _write(out: Path, content: bytes) -> None:
    from graph_service.errors import StoreUnavailableError

    try:
        out.write_bytes(content)
    except OSError as error:
        raise StoreUnavailableError(
            f"写不进去：{out}", hint="请检查文件夹的权限和磁盘空间。", file=out, reason=error
        ) from error


def _print_communities(found: Mapping[str, Any], *, unmet: bool) -> None:
    out = console()
    method, links = found["method"], found["links"]
    out.print(
        f"{found['organizations']:,} 家机构，{found['linked']:,} 家与别家有联系，"
        f"分为 {len(found['communities']):,} 个群落 · 联系 {links['observed']:,} 对观测、"
        f"{links['inferred']:,} 对推断"
    )
    out.print(
        f"模块度 {method['modularity']:.3f} · 换种子的一致程度 {method['agreement']:.2f} · "
        f"{found['took_ms']:.0f} 毫秒"
    )
    if found["left_out"]:
        names = "、".join(one["title"] for one in found["left_out"][:5])
        out.print(f"太普遍而没有用来相连的产品 {len(found['left_out']):,} 种，如 {names}")
    shown = table(
        *("群落（机器拟名）", "机构", "密度", "观测", "稳定", "链主", "向外", "在榜"),
        right=["机构", "密度", "观测", "稳定", "向外", "在榜"],
    )
    for one in sorted(found["communities"], key=lambda one: (-one["size"], one["id"])):
        demands = one["demands"]
        told = f"，{demands['unmet']} 项没有合适的" if unmet and demands["unmet"] else ""
        shown.add_row(
            f"{one['name']['text']}\n{one['id']}",
            f"{one['size']:,}",
            f"{one['density']:.2f}",
            f"{one['observed_share']:.0%}",
            f"{one['stability']:.2f}",
            "、".join(leader["title"] for leader in one["leaders"]) or "没有记载",
            f"{sum(end['links'] for end in one['outward']):,}",
            f"{demands['open']}{told}",
        )
    if found["communities"]:
        out.print(shown)
    _print_judging(found, unmet=unmet)


def _print_gaps(found: Mapping[str, Any], *, unmet: bool) -> None:
    out = console()
    out.print(
        f"{found['organizations']:,} 家机构需要 {found['products']:,} 种产品："
        f"{found['missing']['total']:,} 种范围内没有人生产，"
        f"{found['single_source']['total']:,} 种只有一家生产 · {found['took_ms']:.0f} 毫秒"
    )
    for title, kind in (("没有人生产", "missing"), ("只有一家生产", "single_source")):
        if found[kind]["gaps"]:
            out.print(_gap_table(title, found[kind]["gaps"]))
    leaderless = found["leaderless"]
    if leaderless["total"]:
        names = "、".join(f"{one['title']}（{one['firms']} 家）" for one in leaderless["chains"])
        out.print(f"没有链主的产业链 {leaderless['total']:,} 条：{names}")
    for one in found["unmet"]["demands"]:
        near = "、".join(_near(each) for each in one["nearest"][:2])
        out.print(f"没有合适候选的需求：{one['demand']['title']}；最接近的：{near or '没有'}")
    _print_judging(found, unmet=unmet)


def _gap_table(title: str, gaps: Sequence[Mapping[str, Any]]) -> Any:
    shown = table("产品", "需要", "依据", "最接近的", title=title, right=["需要"])
    for gap in gaps:
        basis = {"needs": EDGES[EdgeType.NEEDS], "supplies": EDGES[EdgeType.SUPPLIES]}
        sure = "推断" if gap["inferred"] else "观测"
        makers = "".join(f"\n现由 {one['title']}" for one in gap["makers"])
        shown.add_row(
            f"{gap['product']['title']}{makers}",
            f"{gap['needed_by']} 家",
            f"{sure} · {basis.get(gap['basis'], '产品的上下游')}",
            "\n".join(_near(one) for one in gap["nearest"]) or "没有找到",
        )
    return shown


def _near(one: Mapping[str, Any]) -> str:
    owners = "、".join(owner["title"] for owner in one["owners"])
    sure = "推断" if one["inferred"] else "观测"
    return f"{one['title']}{f'（{owners}）' if owners else ''} · {one['hops']} 步 · {sure}"


def _print_judging(found: Mapping[str, Any], *, unmet: bool) -> None:
    judging = found["judging"]
    if unmet and judging["warning"]:
        typer.echo(f"警告：{judging['warning']}", err=True)
    elif not unmet and judging["of"]:
        console().print("在榜需求有没有合适的候选没有判断；加 --unmet 来判断。")
