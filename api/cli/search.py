"""``jiebang search`` and ``jiebang match``: finding things, and what fits them."""

from time import perf_counter
from typing import Annotated, Any

import typer

from api.asking import choose, filter_of, subject_of
from api.cli.frame import JsonOption, StoreOption
from api.cli.output import console, print_json, table
from api.words import LABELS, WAYS
from graph_service.model import ANY, EVERYONE, Filter, Label


def _several(name: str, metavar: str, help_: str) -> Any:
    return typer.Option(name, metavar=metavar, help=help_ + "，可重复")


LabelOption = Annotated[
    list[str] | None,
    _several("--label", "LABEL", "种类：" + "、".join(label.value for label in LABELS)),
]
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
    app.command("suggest")(suggest)
    app.command("match")(match)


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="名称、编号、统一社会信用代码或描述")],
    *,
    labels: LabelOption = None,
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
    """按名称（汉字、拼音、首字母）、编号、字词和语义查找节点；没有向量模型时只按名称和字词。"""
    from api.bootstrap import services
    from api.finding import find

    where = filter_(kinds, tiers, districts, industries, since, until, labels)
    with services(store, read_only=True) as made:
        found = find(made, text, where=where, limit=limit, viewer=EVERYONE)
    if as_json:
        print_json(found.as_dict())
        return
    if found.warning:
        typer.echo(f"警告：{found.warning}", err=True)
    hits = found.hits
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


def suggest(
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="名称的一部分：汉字、全拼、拼音首字母或外文")
    ],
    *,
    labels: LabelOption = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=100, metavar="N", help="最多几个")
    ] = 10,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """由输入的几个字、拼音或首字母联想名称：开头对上的在前，短的在前。"""
    from api.bootstrap import services

    wanted = frozenset(choose(Label, name, "--label") for name in labels or ())
    with services(store, read_only=True) as made:
        began = perf_counter()
        found = made.explorer.suggest(text, labels=wanted, limit=limit, viewer=EVERYONE)
        took = (perf_counter() - began) * 1000
    if as_json:
        suggestions = [one.as_dict() for one in found]
        print_json({"query": text, "took_ms": round(took, 2), "suggestions": suggestions})
        return
    out = console()
    if not found:
        out.print("没有这样的名称；按内容查找用 jiebang search。")
        return
    shown = table("名称", "种类", "编号", "对上的")
    for one in found:
        shown.add_row(one.name, LABELS[one.node.label], one.node.id, WAYS[one.way])
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
    group: Annotated[
        bool,
        typer.Option("--group/--no-group", help="找成果时，同一机构的只给出最好的一个，或全部列出"),
    ] = True,
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
    from api.feedback import beside
    from graph_service.matching.recipes import recipe as named
    from graph_service.matching.types import Target

    said = dict(zip(_SUBJECTS, (demand, result, org, text), strict=True))
    example = "jiebang match --demand demand:D-001 --to results"
    subject = subject_of(said, _SUBJECTS, example=example)
    target = choose(Target, to, "--to")
    where = filter_(kinds, tiers, districts, industries, since, until)
    by_words = not named(recipe).needs_vectors
    with services(store, read_only=True) as made:
        subject.check(made.store, EVERYONE)
        found = made.matcher(by_words=by_words).match(
            subject.query,
            to=target,
            recipe=recipe,
            top=top,
            where=where,
            group=group,
            viewer=EVERYONE,
        )
        answer = beside(made.store, found, subject.query, viewer=EVERYONE)
    if as_json:
        print_json(answer)
        return
    from api.cli.reasons import print_match

    print_match(answer, filtered=where != ANY)


#: Whom or what a match is for, by option.
_SUBJECTS = {
    "--demand": Label.DEMAND,
    "--result": Label.RESULT,
    "--org": Label.ORGANIZATION,
    "--text": None,
}


def filter_(
    kinds: list[str] | None,
    tiers: list[str] | None,
    districts: list[str] | None,
    industries: list[str] | None,
    since: str | None,
    until: str | None,
    labels: list[str] | None = None,
) -> Filter:
    """The filter that the options say. Raises InputError for a label or a date that is none."""
    return filter_of(
        labels=[choose(Label, name, "--label") for name in labels or ()],
        kinds=kinds or (),
        tiers=tiers or (),
        districts=districts or (),
        industries=industries or (),
        since=since,
        until=until,
        prefix="--",
    )
