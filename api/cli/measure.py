"""``jiebang evaluate``: how good the matching is on judged tasks."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.frame import JsonOption
from api.cli.output import console, print_json, table
from graph_service.errors import InputError

if TYPE_CHECKING:
    from graph_service.matching.learned.weights import Learned

#: The model that comes with the product: another is measured beside it.
DEFAULT = "default"

#: Keys of a recipe's figures with their headings, in the order shown.
FIGURES = {
    "ndcg@10": "nDCG@10",
    "interval": "95% 区间",
    "recall@10": "召回@10",
    "recall@100": "召回@100",
    "mrr@10": "MRR@10",
    "judged@10": "已判@10",
    "condensed_ndcg@10": "压缩 nDCG",
    "seconds": "秒",
}


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("evaluate")(evaluate)


def evaluate(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR", help="BEIR 格式的任务目录；--compare 时为两份以上逐条结果文件"
        ),
    ],
    *,
    recipes: Annotated[
        list[str] | None,
        typer.Option("--recipe", metavar="RECIPE", help="只测这个方案，可重复；缺省为全部"),
    ] = None,
    qrels: Annotated[
        str | None,
        typer.Option("--qrels", metavar="NAME", help="有几份判据时选哪一份：qrels/名称.tsv"),
    ] = None,
    per_query: Annotated[
        Path | None,
        typer.Option("--per-query", metavar="FILE", help="把每条查询的得分写到这个 .jsonl 文件"),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="MODEL",
            help="向量模型，优先于 JIEBANG_MODEL；不是缺省的，就与缺省的并列度量",
        ),
    ] = None,
    learned: Annotated[
        Path | None,
        typer.Option(
            "--learned",
            metavar="FILE",
            help="full 用 jiebang train 写下的权重文件；缺省用随产品附带的",
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            metavar="STORE",
            help="在这个库（目录或 neo4j:// 地址）上评测：空的，或先前为它建的；缺省在缓存里",
        ),
    ] = None,
    compare: Annotated[
        bool,
        typer.Option("--compare", help="不评测，而对 --per-query 写下的文件作配对随机化检验"),
    ] = False,
    metric: Annotated[
        str, typer.Option("--metric", metavar="METRIC", help="--compare 所比的指标")
    ] = "ndcg@10",
    as_json: JsonOption = False,
) -> None:
    """在评测任务上度量各匹配方案；或用 --compare 甲.jsonl 乙.jsonl 比较两次度量。"""
    if compare:
        _compare(paths, metric, as_json=as_json)
        return
    if len(paths) > 1:
        raise InputError("一次只能评测一个任务目录", hint="比较两份结果请加 --compare")
    from api import evaluate as evaluation
    from api.bootstrap import services
    from api.progress import progress
    from api.settings import load_settings

    settings = load_settings({"model": model})
    weights = evaluation.read_learned(learned) if learned else None
    with ExitStack() as stack:
        bars = stack.enter_context(progress(wanted=not as_json, lines=False))
        store = stack.enter_context(services(on)).store if on else None

        def measured(model: str, learned: "Learned | None", per_query: Path | None) -> Any:
            return evaluation.run(
                paths[0],
                recipes=recipes or (),
                qrels=qrels,
                per_query=per_query,
                cache=settings.cache,
                model=model,
                threads=settings.threads,
                on=store,
                learned=learned,
                progress=bars,
            ).as_dict()

        report = {"model": settings.model, **measured(settings.model, weights, per_query)}
        if model not in (None, DEFAULT):
            report["default"] = measured(DEFAULT, None, None)["recipes"]
    if as_json:
        print_json(report)
    else:
        _print_report(report)


def _compare(files: list[Path], metric: str, *, as_json: bool) -> None:
    from graph_service.evaluation.compare import compare

    found = compare(files, metric=metric).as_dict()
    if as_json:
        print_json(found)
        return
    out = console()
    out.print(f"{metric}：{'、'.join(found['tasks'])}，{found['queries']} 条查询", style="bold")
    shown = table("", "方案", "均值", right=["均值"])
    shown.add_row("甲", found["a"], f"{found['mean_a']:.4f}")
    shown.add_row("乙", found["b"], f"{found['mean_b']:.4f}")
    out.print(shown)
    drawn = "精确" if found["exact"] else f"{found['permutations']:,} 次随机"
    out.print(
        f"乙减甲 {found['difference']:+.4f}；"
        f"乙胜 {found['wins']}、负 {found['losses']}、平 {found['ties']}；"
        f"p = {found['p']:.4g}（{drawn}置换，按 {found['clusters']} 条查询成组）"
    )


def _print_report(report: Mapping[str, Any]) -> None:
    out = console()
    out.print(f"任务 {report['task']}：{report['queries']} 条查询", style="bold")
    blocks = [(f"模型 {report['model']}", report["recipes"])]
    if "default" in report:
        blocks.insert(0, ("缺省模型", report["default"]))
    for title, recipes in blocks:
        shown = table("方案", *FIGURES.values(), right=FIGURES.values())
        for name, figures in recipes.items():
            shown.add_row(name, *(_figure(key, figures[key]) for key in FIGURES))
        out.print(title)
        out.print(shown)


def _figure(key: str, value: Any) -> str:
    if value is None:
        return "—"
    if key == "interval":
        return "–".join(f"{bound:.3f}" for bound in value)
    return f"{value:.1f}" if key == "seconds" else f"{value:.4f}"
