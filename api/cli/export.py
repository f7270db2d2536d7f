"""``jiebang export``: the graph into a file."""

from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from api.asking import choose
from api.cli.frame import JsonOption, StoreOption
from api.cli.output import console, print_json
from api.words import EDGES, LABELS, PROPS
from graph_service.model import EVERYONE


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("export")(export)


def export(
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT", help="写到哪里：图.jsonl、图.xlsx、图.graphml，或一个文件夹（CSV）"
        ),
    ],
    *,
    kind: Annotated[
        str | None,
        typer.Option("--format", metavar="jsonl|xlsx|csv|graphml", help="格式；缺省由扩展名决定"),
    ] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """导出整张图：每个来源的说法各占一行，推断的关系都标明。

    graph.jsonl、Excel、CSV 可以再用 jiebang load 载入；GraphML 供其他软件使用。
    """
    from api.bootstrap import services
    from api.progress import progress
    from graph_service.exporting.service import READ_BACK, Format, format_of
    from graph_service.exporting.service import export as write
    from graph_service.exporting.tables import Words

    began = perf_counter()
    out = out.expanduser()
    chosen = choose(Format, kind, "--format") if kind else format_of(out)
    with services(store, read_only=True) as made, progress(wanted=not as_json) as bars:
        words = Words(LABELS, EDGES, PROPS)
        write(made.store, out, chosen, words, viewer=EVERYONE, progress=bars)
    seconds = round(perf_counter() - began, 2)
    if as_json:
        print_json(
            {
                "path": str(out),
                "format": chosen.value,
                "reads_back": chosen in READ_BACK,
                "seconds": seconds,
            }
        )
    else:
        console().print(f"已导出到 {out}，用时 {seconds:.1f} 秒。")
