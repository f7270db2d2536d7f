"""Communities and gaps in words, for people."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import typer

from api.cli.output import arrow, console, print_block, table

#: How many of several things are named in a line.
_FEW = 3

_SURE = {True: "推断", False: "观测"}


def print_communities(found: Mapping[str, Any], *, unmet: bool) -> None:
    """All communities of a scope, the largest first."""
    out = console()
    method, links = found["method"], found["links"]
    out.print(
        f"{found['organizations']:,} 家机构，{found['linked']:,} 家与别家有联系，"
        f"分为 {len(found['communities']):,} 个群落 · 联系 {links['observed']:,} 对观测、"
        f"{links['inferred']:,} 对推断"
    )
    if not found["communities"]:
        out.print(_why_none(found))
        return
    out.print(
        f"模块度 {method['modularity']:.3f} · 换种子的一致程度 {method['agreement']:.2f} · "
        f"{found['took_ms']:.0f} 毫秒"
    )
    if found["left_out"]:
        names = "、".join(one["title"] for one in found["left_out"][:5])
        out.print(f"太普遍而没有用来相连的产品 {len(found['left_out']):,} 种，如 {names}")
    alone = found["organizations"] - found["linked"]
    if alone > found["linked"]:
        out.print(
            f"{alone:,} 家没有所选关系的联系，不在任何群落里；可用 --type 另选"
            "（如 MAKES 生产同一产品），或加 --inferred。"
        )
    out.print(_community_table(found["communities"], unmet=unmet))
    out.print(
        "观测占比：内部联系中有直接观测的；密度：有联系的占全部可能的机构对；稳定度：换种子再划分时还在的"
        "程度，0.75 以下的大致如此。群落里有谁：加 --community 编号，或加 --out 存成 Excel。"
    )
    _print_demands([one["demands"] for one in found["communities"]], found, unmet=unmet)


def print_community(found: Mapping[str, Any], limit: int, *, unmet: bool) -> None:
    """One community, with the first of its organisations."""
    out = console()
    one = found["community"]
    path = "".join(f"{above['name']} › " for above in found["path"])
    out.print(f"{path}{one['name']['text']}（机器拟名）", style="bold")
    inside = f"内部联系 {one['links']:,} 对，观测占 {one['observed_share']:.0%}"
    spread = f"密度 {one['density']:.2f} · 稳定度 {one['stability']:.2f}"
    out.print(f"{one['size']:,} 家机构 · {inside} · {spread}")
    leaders = "、".join(f"{each['title']}（{each['chain']['title']}）" for each in one["leaders"])
    rows = [
        ("链主", leaders or "没有记载"),
        ("产品", "、".join(f"{each['title']} {each['firms']} 家" for each in found["products"])),
        ("梯度", _spread(one["tiers"])),
        ("区县", _spread(one["districts"])),
    ]
    if found["children"]:
        parts = (f"{each['name']['text']} {each['id']}" for each in found["children"])
        rows.append(("细分", "\n".join(parts)))
    print_block([(name, told or "没有记载") for name, told in rows])
    shown = table("机构", "编号", "区县", "梯度", "联系", "来源与日期", right=["联系"])
    members = found["members"][:limit]
    for each in members:
        shown.add_row(
            f"{'★ ' if each['leader'] else ''}{each['title']}",
            each["id"],
            each["district"] or "未知",
            "、".join(each["tiers"]) or "未知",
            f"{each['degree']:,} 家",
            f"{each['source'] or '来源未记'} · {each['observed_at'] or '日期未记'}",
        )
    out.print(shown)
    _print_more(one["size"] - len(members), "家")
    for demand in found["demands"]:
        out.print(f"在榜需求：{demand['title']}（{'、'.join(_titles(demand['posters']))}）")
    _print_demands([one["demands"]], found, unmet=unmet)


def print_gaps(found: Mapping[str, Any], *, unmet: bool) -> None:
    """What is lacking, each with what is nearest to closing it."""
    out = console()
    if not found["organizations"]:
        out.print(_why_none(found))
        return
    missing, single = found["missing"], found["single_source"]
    out.print(
        f"{found['organizations']:,} 家机构需要 {found['products']:,} 种产品："
        f"{missing['total']:,} 种范围内没有人生产，{single['total']:,} 种只有一家生产 · "
        f"{found['took_ms']:.0f} 毫秒"
    )
    if not found["products"]:
        out.print("没有一条关系说明它们需要什么：载入采购、供应或产品上下游，或加 --inferred。")
    for title, kind in (("没有人生产的产品", missing), ("只有一家生产的产品", single)):
        if kind["gaps"]:
            out.print(f"\n{title}", style="bold")
        for gap in kind["gaps"]:
            print_block(_gap_rows(gap))
        _print_more(kind["total"] - len(kind["gaps"]), "种")
    leaderless = found["leaderless"]
    if leaderless["total"]:
        names = "、".join(f"{one['title']}（{one['firms']:,} 家）" for one in leaderless["chains"])
        out.print(f"\n没有链主的产业链 {leaderless['total']:,} 条：{names}")
        _print_more(leaderless["total"] - len(leaderless["chains"]), "条")
    for one in found["unmet"]["demands"]:
        near = [("最接近", _near(each)) for each in one["nearest"][:_FEW]]
        demand = ("需求", f"{one['demand']['title']}（没有合适的候选，机器判断）")
        print_block([demand, *(near or [("最接近", "没有找到")])])
    _print_demands([found["demands"]], found, unmet=unmet)


def _community_table(some: Sequence[Mapping[str, Any]], *, unmet: bool) -> Any:
    numbers = ("机构", "密度", "观测占比", "稳定度", "向外联系", "在榜需求")
    shown = table(
        *("群落（机器拟名）与编号", "机构", "链主", *numbers[1:]),
        right=numbers,
    )
    for one in sorted(some, key=lambda one: (-one["size"], one["id"])):
        demands = one["demands"]
        lacking = f"，{demands['unmet']} 项没有合适的" if unmet and demands["unmet"] else ""
        shown.add_row(
            f"{one['name']['text']}\n{one['id']}",
            f"{one['size']:,}",
            "\n".join(dict.fromkeys(_titles(one["leaders"]))) or "没有记载",
            f"{one['density']:.2f}",
            f"{one['observed_share']:.0%}",
            f"{one['stability']:.2f}",
            f"{sum(end['links'] for end in one['outward']):,}",
            f"{demands['open']}{lacking}",
        )
    return shown


def _gap_rows(gap: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    from graph_service.insight.tables import BASES

    sure = "" if gap["basis"] == "upstream" else _SURE[gap["inferred"]]  # its words say so
    yield "产品", gap["product"]["title"]
    named = "、".join(_titles(gap["needers"][:_FEW]))
    more = " 等" if gap["needed_by"] > _FEW else ""
    source = f"{gap['source'] or '来源未记'} · {gap['observed_at'] or '日期未记'}"
    told = " · ".join(filter(None, (BASES[gap["basis"]], sure, source)))
    yield "需要", f"{gap['needed_by']:,} 家：{named}{more}\n{told}"
    if gap["makers"]:
        yield "现由", "、".join(_titles(gap["makers"]))
    yield "最接近", "\n".join(_near(one) for one in gap["nearest"]) or "没有找到"


def _near(one: Mapping[str, Any]) -> str:
    """A firm or a result with the way from it to what is lacking."""
    owners = "、".join(_titles(one["owners"]))
    where = "" if one["inside"] else "［范围外］"
    walked = "".join(
        f" {arrow(step['type'], forward=step['forward'], inferred=step['inferred'])} "
        f"{step['to']['title']}"
        for step in one["path"]
    )
    sure = _SURE[one["inferred"]]
    return f"{where}{one['title']}{f'（{owners}）' if owners else ''}{walked} · {sure}"


def _titles(some: Sequence[Mapping[str, Any]]) -> list[str]:
    return [one["title"] for one in some]


def _spread(told: Mapping[str, Any]) -> str:
    counts = [f"{name} {count:,} 家" for name, count in told["counts"].items()]
    return "、".join([*counts, *([f"未知 {told['unknown']:,} 家"] if told["unknown"] else [])])


def _why_none(found: Mapping[str, Any]) -> str:
    if not found["organizations"]:
        return (
            "范围里没有机构。提示：检查 --district、--chain 是否写对；jiebang stats 看库里有什么。"
        )
    return "这些机构之间没有所选关系的联系。提示：放宽 --until、--type，或加 --inferred。"


def _print_more(count: int, unit: str) -> None:
    if count > 0:
        console().print(f"另有 {count:,} {unit}没有列出：用 --limit 多列，或用 --out 存成 Excel。")


def _print_demands(
    tallies: Sequence[Mapping[str, int]], found: Mapping[str, Any], *, unmet: bool
) -> None:
    """How many open demands there are, and what is known of whether something fits them."""
    judging = found["judging"]
    if unmet and judging["warning"]:
        typer.echo(f"警告：{judging['warning']}", err=True)
    elif unmet:
        total = {kind: sum(one[kind] for one in tallies) for kind in tallies[0]}
        console().print(
            f"在榜需求 {total['open']:,} 项：没有合适的候选 {total['unmet']:,} 项、"
            f"有 {total['fitting']:,} 项、无从判断 {total['unknown']:,} 项（机器判断）"
        )
    elif judging["of"]:
        console().print(
            f"在榜需求 {judging['of']:,} 项，有没有合适的候选没有判断；加 --unmet 来判断。"
        )
