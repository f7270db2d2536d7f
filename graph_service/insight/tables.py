"""N 图 N 清单: each picture's table, with sources and dates. Pure: answers in, sheets out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from graph_service.exporting.sheets import Sheet
from graph_service.insight.communities import Community, Picture, district
from graph_service.insight.network import Link
from graph_service.model import EdgeType

#: How a product is known to be needed.
BASES: Mapping[str, str] = {
    "needs": "写明采购",
    "supplies": "由供应关系",
    "upstream": "由产品的上下游推断",
}
VERDICTS: Mapping[str, str] = {
    "unmet": "没有合适的候选（机器判断）",
    "fits": "有合适的候选（机器判断）",
    "unknown": "未知",
    "unjudged": "未判断",
}
_SURE = {True: "推断", False: "观测"}

_Rows = Iterator[Sequence[Any]]


def about(told: Mapping[str, Any], words: Mapping[EdgeType, str], today: date) -> Sheet:
    """The sheet that says what the others rest on; ``told`` is an answer with a scope."""
    scope = told["scope"]
    chain = scope["chain"]["title"] if scope["chain"] else "全部"
    rows: list[Sequence[Any]] = [
        ("制表日期", today.isoformat()),
        ("区县", "、".join(scope["district"]) or "全部"),
        ("产业链", chain),
        ("所依据的关系", "、".join(words[EdgeType(one)] for one in scope["type"])),
        ("推断的事实", "计入" if scope["inferred"] else "不计，只用观测到的"),
        ("只看不晚于", scope["until"] or "不限"),
        ("数据的变更序号", told["change"]),
        ("机构", told["organizations"]),
    ]
    if "resolution" in scope:
        rows.append(("分辨率", scope["resolution"]))
    if "method" in told:
        how = told["method"]
        rows += [
            ("方法", "分层 Leiden 算法（Traag 等 2019），模块度；连通"),
            ("种子、次数、遍数", f"{how['seed']}、{how['trials']}、{how['iterations']}"),
            ("模块度", how["modularity"]),
            ("各次划分的一致程度（调整兰德系数）", how["agreement"]),
        ]
    rows += [
        ("观测与推断", "两家之间有直接的供应、合作、控股为观测；由产品推得的供需为推断"),
        ("群落名称", "机器拟名：与其余群落相比最突出的产品（加先验的对数几率比），请人改定"),
        ("来源与日期", "各表逐行写明；同一事实有几个来源时取最新的"),
    ]
    return Sheet("说明", ("项目", "内容"), rows)


def picture_sheets(
    made: Picture,
    told: Sequence[Mapping[str, Any]],
    words: Mapping[EdgeType, str],
    bundles: Sequence[Mapping[str, Any]],
    demands: Sequence[Mapping[str, Any]],
) -> list[Sheet]:
    """The tables of communities.

    Args:
        made: the picture.
        told: the communities, as answers.
        words: of the kinds of links.
        bundles: between them, as answers.
        demands: their open demands, as answers.
    """
    names = {one["id"]: one["name"]["text"] for one in told}
    shown = [made.communities[one["id"]] for one in told]
    return [
        Sheet("群落", _COMMUNITIES, [_community(one) for one in told]),
        Sheet("成员", _MEMBERS, _members(made, shown)),
        Sheet("联系", _LINKS, _links(made, shown, words)),
        Sheet(
            "群落之间",
            ("群落", "群落", "有联系的机构对", "其中观测", "强度"),
            [
                (names[one["a"]], names[one["b"]], one["links"], one["observed"], one["weight"])
                for one in bundles
            ],
        ),
        Sheet("在榜需求", _DEMANDS, [_demand(one) for one in demands]),
    ]


_COMMUNITIES = (
    *("群落（机器拟名）", "编号", "机构数", "链主", "突出的产品", "内部联系", "其中观测的比例"),
    *("密度", "稳定性", "梯度", "区县", "向外联系", "在榜需求", "没有合适候选的", "未判断的"),
)


def _community(one: Mapping[str, Any]) -> Sequence[Any]:
    return (
        one["name"]["text"],
        one["id"],
        one["size"],
        _joined(f"{leader['title']}（{leader['chain']['title']}）" for leader in one["leaders"]),
        _joined(f"{product['title']} {product['firms']} 家" for product in one["name"]["products"]),
        one["links"],
        one["observed_share"],
        one["density"],
        one["stability"],
        _spread(one["tiers"]),
        _spread(one["districts"]),
        sum(end["links"] for end in one["outward"]),
        one["demands"]["open"],
        one["demands"]["unmet"],
        one["demands"]["unjudged"],
    )


_MEMBERS = ("群落（机器拟名）", "机构", "编号", "区县", "链主", "来源", "数据日期")


def _members(made: Picture, shown: Sequence[Community]) -> _Rows:
    for one in shown:
        leaders = {edge.from_id for edge in one.leaders}
        for firm in one.members:
            node = made.facts.firms[firm]
            leads = "是" if firm in leaders else None
            yield (
                *(one.name, node.title, firm, district(node) or "未知", leads),
                *(node.source, node.observed_at),
            )


_LINKS = (
    *("机构", "机构", "编号", "编号", "联系", "观测或推断", "强度", "依据", "来源", "数据日期"),
)


def _links(made: Picture, shown: Sequence[Community], words: Mapping[EdgeType, str]) -> _Rows:
    at = {made.position[firm]: one.id for one in shown for firm in one.members}
    for pair in made.network.pairs:
        if pair.a in at and pair.b in at:
            for link in pair.links:
                yield (
                    *(made.title(link.start), made.title(link.end), link.start, link.end),
                    *(words[link.kind], _SURE[link.inferred], round(link.weight, 4)),
                    _reason(made, link, words),
                    _joined(fact.source or "未记" for fact in link.facts),
                    _joined(fact.observed_at or "未记" for fact in link.facts),
                )


def _reason(made: Picture, link: Link, words: Mapping[EdgeType, str]) -> str:
    return "；".join(
        f"{made.title(fact.from_id)} {words[fact.type]} {made.title(fact.to_id)}"
        + (f"（{made.title(fact.key)}）" if fact.key else "")
        for fact in link.facts
    )


_DEMANDS = ("需求", "编号", "发榜机构", "截止日期", "判断", "来源", "数据日期")


def _demand(one: Mapping[str, Any]) -> Sequence[Any]:
    posters = _joined(poster["title"] for poster in one["posters"])
    verdict = VERDICTS[one["verdict"]]
    return (
        *(one["title"], one["id"], posters, one["deadline"], verdict),
        *(one["source"], one["observed_at"]),
    )


_GAPS = (
    *("产品", "编号", "缺什么", "怎样知道需要它", "观测或推断", "需要它的机构数", "需要它的机构"),
    *("范围内生产它的", "来源", "数据日期"),
)


def gap_sheets(told: Mapping[str, Any]) -> list[Sheet]:
    """The tables of gaps, from their answer."""
    kinds = (("没有人生产", "missing"), ("只有一家生产", "single_source"))
    return [
        Sheet(
            "补链清单",
            _GAPS,
            [_gap(word, gap) for word, kind in kinds for gap in told[kind]["gaps"]],
        ),
        Sheet("最接近的企业与成果", _NEAREST, _nearest(told, kinds)),
        Sheet(
            "没有链主的产业链",
            ("产业链", "编号", "范围内的机构数"),
            [(one["title"], one["id"], one["firms"]) for one in told["leaderless"]["chains"]],
        ),
        Sheet(
            "没有合适候选的需求",
            _DEMANDS,
            [_demand(one["demand"]) for one in told["unmet"]["demands"]],
        ),
    ]


def _gap(word: str, gap: Mapping[str, Any]) -> Sequence[Any]:
    return (
        *(gap["product"]["title"], gap["product"]["id"], word, BASES[gap["basis"]]),
        *(_SURE[gap["inferred"]], gap["needed_by"], _titles(gap["needers"], gap["needed_by"])),
        *(_titles(gap["makers"], len(gap["makers"])), gap["source"], gap["observed_at"]),
    )


_NEAREST = (
    *("为了", "编号", "企业或成果", "编号", "所属机构", "在范围内", "观测或推断", "步数", "路径"),
    *("来源", "数据日期"),
)


def _nearest(told: Mapping[str, Any], kinds: Iterable[tuple[str, str]]) -> _Rows:
    for _, kind in kinds:
        for gap in told[kind]["gaps"]:
            for one in gap["nearest"]:
                yield _near(gap["product"], one)
    for demand in told["unmet"]["demands"]:
        for one in demand["nearest"]:
            yield _near(demand["demand"], one)


def _near(of: Mapping[str, Any], one: Mapping[str, Any]) -> Sequence[Any]:
    way = "；".join(f"{step['from']['title']} → {step['to']['title']}" for step in one["path"])
    return (
        *(of["title"], of["id"], one["title"], one["id"]),
        *(_joined(owner["title"] for owner in one["owners"]), "是" if one["inside"] else "否"),
        *(_SURE[one["inferred"]], one["hops"], way),
        _joined(step["source"] or "未记" for step in one["path"]),
        _joined(step["observed_at"] or "未记" for step in one["path"]),
    )


def comparison_sheets(told: Mapping[str, Any]) -> list[Sheet]:
    """The tables of a comparison, from its answer."""
    sides = [told["before"], told["after"]]
    return [
        Sheet(
            "说明",
            ("项目", "前", "后"),
            [
                ("名称", *(side["title"] for side in sides)),
                ("时间", *(side["at"] or "现在" for side in sides)),
                ("群落数", *(side["count"] for side in sides)),
                ("机构数", *(side["organizations"] for side in sides)),
                ("对应的办法", told["method"], None),
                ("一致程度（调整兰德系数）", told["agreement"], None),
            ],
        ),
        Sheet(
            "对应",
            ("前", "后", "相似度", "前的机构数", "后的机构数", "留下", "来的", "走的"),
            [
                (
                    one["before"]["name"] if one["before"] else None,
                    one["after"]["name"] if one["after"] else None,
                    one["jaccard"],
                    one["before"]["size"] if one["before"] else None,
                    one["after"]["size"] if one["after"] else None,
                    one["stayed"],
                    _joined(firm["title"] for firm in one["came"]),
                    _joined(firm["title"] for firm in one["left"]),
                )
                for one in told["pairs"]
            ],
        ),
        Sheet(
            "拆分与合并",
            ("变化", "群落", "分为或来自", "机构数"),
            [
                *(
                    ("拆分", one["before"]["name"], part["name"], part["members"])
                    for one in told["splits"]
                    for part in one["into"]
                ),
                *(
                    ("合并", one["after"]["name"], part["name"], part["members"])
                    for one in told["merges"]
                    for part in one["from"]
                ),
            ],
        ),
    ]


def _spread(counted: Mapping[str, Any]) -> str:
    known = [f"{name} {count}" for name, count in counted["counts"].items()]
    return "、".join(known + ([f"未知 {counted['unknown']}"] if counted["unknown"] else []))


def _titles(some: Sequence[Mapping[str, Any]], total: int) -> str:
    more = f"等 {total} 家" if total > len(some) else ""
    return _joined(one["title"] for one in some) + more


def _joined(words: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(words))
