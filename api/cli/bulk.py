"""``jiebang bulk match`` and ``bulk embed``: for everything at once, on one machine or on many."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.asking import choose
from api.cli.embedding import embedding_line
from api.cli.frame import JsonOption, StoreOption
from api.cli.output import console, print_json
from api.cli.search import (
    DistrictOption,
    IndustryOption,
    KindOption,
    SinceOption,
    TierOption,
    UntilOption,
    filter_,
)
from graph_service.errors import InputError

if TYPE_CHECKING:
    from api.bootstrap import Services
    from api.bulk.engine import Engine
    from graph_service.progress import Progress

group = typer.Typer(
    name="bulk",
    help="成批计算：全部需求的匹配、全部文字的向量；可用多台机器。",
    rich_markup_mode=None,
)

EngineOption = Annotated[
    str, typer.Option("--engine", metavar="local|ray", help="在本进程，或在 Ray 的多个进程里算")
]
WorkersOption = Annotated[
    int,
    typer.Option(
        "--workers", min=0, max=10_000, metavar="N", help="Ray 的工作进程数；0 为处理器核数"
    ),
]
AddressOption = Annotated[
    str | None,
    typer.Option("--address", metavar="ADDRESS", help="已有的 Ray 集群的地址；缺省在本机临时启动"),
]

#: What a run depends on, in words.
_TERMS = {
    "to": "--to",
    "top": "--top",
    "demands": "要匹配的需求",
    "model": "向量模型",
    "change": "图谱",
    "counts": "图谱",
    "program": "程序的版本",
}


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group.command("match")(match)
    group.command("embed")(embed)
    app.add_typer(group)


def match(
    *,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="results|organizations", help="找什么，可重复；缺省两样都找"),
    ] = None,
    recipe: Annotated[
        str, typer.Option(metavar="RECIPE", help="匹配方案：bm25、dense、rrf、hybrid、full")
    ] = "full",
    top: Annotated[
        int, typer.Option(min=1, max=200, metavar="N", help="每项需求各保留前几名")
    ] = 50,
    kinds: KindOption = None,
    tiers: TierOption = None,
    districts: DistrictOption = None,
    industries: IndustryOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    engine: EngineOption = "local",
    workers: WorkersOption = 0,
    address: AddressOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """为每项需求找成果与机构，把前几名记为推断的“匹配”关系（MATCHED）；可随时中断，再运行即接着做。

    --kind 至 --until 选的是需求，缺省为全部。同一方案再做一遍即取代它上次所记的，不动别的方案的。
    """
    from api.bulk.matching import TARGETS, Wanted, match_all
    from graph_service.matching.recipes import recipe as named
    from graph_service.matching.types import Target

    chosen = [choose(Target, name, "--to") for name in to or TARGETS]
    if other := [target.value for target in chosen if target not in TARGETS]:
        raise InputError(
            f"成批匹配不找 {other[0]}", hint="可用的值：results、organizations", option="--to"
        )
    where = filter_(kinds, tiers, districts, industries, since, until)
    wanted = Wanted(named(recipe).name, [one for one in TARGETS if one in chosen], top, where)

    with _working(store, engine, workers, address, quiet=as_json) as (made, on, bars):
        report = match_all(made, on, wanted, bars)
        done = {
            "recipe": wanted.recipe,
            "to": [target.value for target in wanted.to],
            "top": wanted.top,
            **_engine(on),
            **asdict(report),
            "seconds": round(report.seconds, 2),
        }
    if as_json:
        print_json(done)
    else:
        _print_match(done)


def embed(
    *,
    engine: EngineOption = "local",
    workers: WorkersOption = 0,
    address: AddressOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """为还没有向量的文字计算向量，分给多个进程算，由本进程写入；可随时中断，再运行即接着做。"""
    from api.bulk.embedding import embed_all

    with _working(store, engine, workers, address, quiet=as_json) as (made, on, bars):
        done = {**_engine(on), **embed_all(made, on, bars)}
    if as_json:
        print_json(done)
    else:
        console().print(embedding_line(done))


@contextmanager
def _working(
    store: str | None, engine: str, workers: int, address: str | None, *, quiet: bool
) -> Iterator[tuple["Services", "Engine", "Progress"]]:
    """Services, engine and progress for the length of the block."""
    from api.bootstrap import services
    from api.bulk.engine import EngineName, open_engine
    from api.progress import progress

    chosen = choose(EngineName, engine, "--engine")
    if chosen is EngineName.LOCAL and (workers or address):
        raise InputError(
            "--workers 与 --address 只用于 Ray", hint="加上 --engine ray", option="--engine"
        )
    with services(store) as made, progress(wanted=not quiet) as bars, ExitStack() as opened:
        bars.start("连接 Ray" if address else "启动 Ray" if chosen is EngineName.RAY else "准备")
        on = opened.enter_context(open_engine(chosen, made, workers=workers, address=address))
        bars.finish()
        yield made, on, bars


def _engine(on: "Engine") -> dict[str, Any]:
    return {"engine": on.name.value, "workers": on.workers}


def _print_match(done: Mapping[str, Any]) -> None:
    out = console()
    if done["anew"]:
        changed = "、".join(dict.fromkeys(_TERMS[name] for name in done["anew"]))
        out.print(f"上次没有做完的一批没有接着用，因为不同了：{changed}。")
    elif done["gone_on"]:
        out.print(f"接着上次的做：先前已匹配 {done['gone_on']:,} 项需求。")
    edges = done["edges"]
    kept = edges["new"] + edges["changed"] + edges["unchanged"]
    out.print(
        f"{done['demands']:,} 项需求，记有 {kept:,} 条推断的匹配关系（{done['recipe']}）："
        f"新增 {edges['new']:,}，更新 {edges['changed']:,}，未变 {edges['unchanged']:,}，"
        f"删去 {edges['deleted']:,}，用时 {done['seconds']:.1f} 秒。"
    )
