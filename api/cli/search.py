"""``jiebang search`` and ``jiebang match``: finding things, and what fits them."""

import re
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.frame import JsonOption, StoreOption, choose
from api.cli.output import console, print_json, table
from api.words import KINDS, LABELS
from graph_service.errors import EmbedderError, InputError
from graph_service.model import Filter, Label

if TYPE_CHECKING:
    from api.bootstrap import Services
    from graph_service.matching.types import Query

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")


def _several(name: str, metavar: str, help_: str) -> Any:
    return typer.Option(name, metavar=metavar, help=help_ + "，可重复")


KindOption = Annotated[
    list[str] | None, _several("--kind", "KIND", "类别，如 enterprise、高校、专利")
]
TierOption = Annotated[list[str] | None, _several("--tier", "TIER", "梯度，如 专精特新、小巨人")]
DistrictOption = Annotated[list[str] | None, _several("--district", "NAME", "所在区县")]
IndustryOption = Annotated[
    list[str] | None, _several("--industry", "NAME", "行业名称或代码，如 C3491")
]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="DATE", help="数据日期不早于，如 2024、2024-06-01")
]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help="数据日期不晚于，如 2025-12")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("search")(search)
    app.command("match")(match)


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="名称、编号、统一社会信用代码或描述")],
    *,
    labels: Annotated[
        list[str] | None,
        _several("--label", "LABEL", "种类：" + "、".join(label.value for label in LABELS)),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="最多几个")] = 20,
    kinds: KindOption = None,
    tiers: TierOption = None,
    districts: DistrictOption = None,
    industries: IndustryOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """按名称、编号、字词和语义查找节点；没有向量模型时只按字词。"""
    from api.bootstrap import services

    where = _filter(
        kinds=kinds,
        tiers=tiers,
        districts=districts,
        industries=industries,
        since=since,
        until=until,
    )
    wanted = frozenset(choose(Label, name, "--label") for name in labels or ())
    where = replace(where, labels=wanted)
    with services(store, read_only=True) as made:
        try:
            matcher = made.matcher()
        except EmbedderError as error:
            matcher = made.matcher(by_words=True)
            if not as_json:
                typer.echo(f"警告：只按字词查找：{error.message}", err=True)
        began = perf_counter()
        hits = matcher.search(text, where=where, limit=limit)
        took = (perf_counter() - began) * 1000
    if as_json:
        print_json(
            {"query": text, "took_ms": round(took, 2), "hits": [hit.as_dict() for hit in hits]}
        )
        return
    from api.cli.reasons import found_line

    out = console()
    if not hits:
        out.print("没有找到。")
        return
    shown = table("得分", "名称", "种类", "编号", "检索", right=["得分"])
    for hit in hits:
        shown.add_row(
            f"{hit.score:.3f}",
            hit.node.title,
            LABELS[hit.node.label],
            hit.node.id,
            found_line(hit.as_dict()["found_by"]),
        )
    out.print(shown)


def match(
    *,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="results|organizations|partners|demands",
            help="找什么：成果、揭榜方或用户企业、供应链伙伴、需求",
        ),
    ],
    demand: Annotated[str | None, typer.Option(metavar="ID", help="为这项需求找")] = None,
    result: Annotated[str | None, typer.Option(metavar="ID", help="为这项成果找")] = None,
    org: Annotated[str | None, typer.Option(metavar="ID", help="为这家机构找")] = None,
    text: Annotated[str | None, typer.Option(metavar="TEXT", help="为这段文字找")] = None,
    recipe: Annotated[
        str, typer.Option(metavar="RECIPE", help="匹配方案：bm25、dense、rrf、hybrid、full")
    ] = "full",
    top: Annotated[int, typer.Option(min=1, metavar="N", help="给出前几名")] = 10,
    kinds: KindOption = None,
    tiers: TierOption = None,
    districts: DistrictOption = None,
    industries: IndustryOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """为一项需求、一项成果、一家机构或一段文字找匹配对象，逐一给出理由。

    需在 --demand、--result、--org、--text 中给出一个。得分 = 先验 + 各项之和。
    """
    from api.bootstrap import services
    from graph_service.matching.recipes import recipe as named
    from graph_service.matching.types import Target

    subject = _subject(demand, result, org, text)
    target = choose(Target, to, "--to")
    where = _filter(
        kinds=kinds,
        tiers=tiers,
        districts=districts,
        industries=industries,
        since=since,
        until=until,
    )
    by_words = not named(recipe).needs_vectors
    with services(store, read_only=True) as made:
        subject.check(made)
        found = made.matcher(by_words=by_words).match(
            subject.query, to=target, recipe=recipe, top=top, where=where
        )
    answer = found.as_dict()
    if as_json:
        print_json(answer)
        return
    from api.cli.reasons import print_match

    print_match(answer)


@dataclass(frozen=True, slots=True)
class _Subject:
    """Whom or what a match is for: the option it came from, and the label that asks for."""

    option: str
    label: Label | None
    query: "Query"

    def check(self, made: "Services") -> None:
        """Raises InputError where the node is of another label than the option says."""
        node_id = self.query.node_id
        node = made.store.nodes([node_id]).get(node_id) if node_id else None
        if node and node.label is not self.label:
            fitting = next((o for o, label in _OPTIONS.items() if label is node.label), None)
            raise InputError(
                f"{node_id} 是{LABELS[node.label]}，不能用于 {self.option}",
                hint=f"改用 {fitting} {node_id}" if fitting else "可用 --text 直接写出内容",
                id=node_id,
                label=node.label.value,
            )


_OPTIONS = {
    "--demand": Label.DEMAND,
    "--result": Label.RESULT,
    "--org": Label.ORGANIZATION,
    "--text": None,
}


def _subject(*values: str | None) -> _Subject:
    """The one of --demand, --result, --org, --text that was given."""
    from graph_service.matching.types import Query

    given = [(option, value) for option, value in zip(_OPTIONS, values, strict=True) if value]
    if len(given) != 1:
        raise InputError(
            "需在 --demand、--result、--org、--text 中给出一个，且只给一个",
            hint="例如 jiebang match --demand demand:D-001 --to results",
        )
    option, value = given[0]
    query = Query.of_text(value) if option == "--text" else Query.of_node(value)
    return _Subject(option, _OPTIONS[option], query)


def _filter(
    *,
    kinds: list[str] | None,
    tiers: list[str] | None,
    districts: list[str] | None,
    industries: list[str] | None,
    since: str | None,
    until: str | None,
) -> Filter:
    for option, day in (("--since", since), ("--until", until)):
        if day is not None and not _DATE.fullmatch(day):
            raise InputError(
                f"{option} 的日期 {day!r} 不能用",
                hint="写成 2024、2024-06 或 2024-06-01",
                value=day,
            )
    english = {chinese: kind for kind, chinese in KINDS.items()}
    return Filter(
        kinds=frozenset(english.get(kind, kind) for kind in kinds or ()),
        tiers=frozenset(tiers or ()),
        districts=frozenset(districts or ()),
        industries=frozenset(
            name
            for given in industries or ()
            for name in (given, f"industry:gbt4754:{given.upper()}")
        ),
        observed_from=since,
        observed_to=until,
    )
