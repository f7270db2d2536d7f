"""``jiebang train``: learn the weights of the recipe ``full`` from judgements and feedback."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.frame import JsonOption, StoreOption
from api.cli.output import console, print_json, table
from api.words import SIGNALS, TARGETS
from graph_service.errors import InputError, TaskError
from graph_service.model import EVERYONE


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("train")(train)


def train(
    tasks: Annotated[
        list[Path] | None,
        typer.Argument(metavar="DIR", help="判定过的任务目录（BEIR 格式）；缺省只用库里的反馈"),
    ] = None,
    *,
    judged: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="更多判定：.tsv，首行为 task、demand、document、score"),
    ] = None,
    demands: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="需求原文：.jsonl，每行有 id、title、content；缺省用库里的需求"
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="写到这个 .json 文件，不换用")
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="只看正在用的权重与它的训练记录")] = False,
    back: Annotated[bool, typer.Option("--roll-back", help="退回前一份权重")] = False,
    model: Annotated[
        str | None, typer.Option(metavar="MODEL", help="向量模型；优先于 JIEBANG_MODEL")
    ] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """由判定与反馈学得 full 的权重，在没见过的需求上度量，然后换用；比现在用的差就不换。"""
    from api import learning
    from api.bootstrap import Services
    from api.progress import progress
    from api.settings import load_settings

    if show and back:
        raise InputError("--show 与 --roll-back 不能一起用", hint="一次只做一件")
    settings = load_settings({"store": store, "model": model})
    with Services(settings, read_only=show) as made:
        if show or back:
            told = (learning.go_back if back else learning.told)(made, viewer=EVERYONE)
            if as_json:
                print_json(told)
            else:
                _print(told)
            return
        with progress(wanted=not as_json) as bars:
            done = learning.train_here(
                made,
                bars,
                tasks=tasks or (),
                judged=judged,
                demands=demands,
                use=output is None,
                viewer=EVERYONE,
            )
        if output is not None:
            _write(output, done.learned.as_dict())
        told = learning.as_told(done.learned, own=True)
    if as_json:
        print_json(told)
        return
    _print(told)
    console().print(f"写到 {output}。" if output else "已换用；退回：jiebang train --roll-back")


def _write(path: Path, data: Mapping[str, Any]) -> None:
    try:
        path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise TaskError(
            f"无法写入“{path}”：{error.strerror}。", hint="换一个可写的文件名。", file=path
        ) from error


def _print(told: Mapping[str, Any]) -> None:
    out = console()
    if not told["own"]:
        out.print("用的是随产品附带的权重。")
    figures = told["record"].get("figures", {})
    for target, one in told["targets"].items():
        shown = table(TARGETS[target], "权重", right=["权重"])
        shown.add_row("先验", f"{one['prior']:+.3f}")
        for signal, weight in one["weights"].items():
            shown.add_row(SIGNALS[signal], f"{weight:+.3f}")
        out.print(shown)
        if target in figures:
            _print_figures(figures[target])


def _print_figures(found: Mapping[str, Any]) -> None:
    out = console()
    out.print(
        f"{found['queries']} 条需求（{found['fitting']} 条有合适的），按需求交叉验证："
        f"nDCG@10 {found['ndcg@10']:.4f}"
    )
    for name, title in (("reliability", "全部判定"), ("reliability@10", "前 10 名")):
        if one := found[name]:
            out.print(
                f"概率（{title}，{one['count']} 对，合适的占 {one['base']:.1%}）："
                f"校准误差 {one['error']:.3f}，Brier 技巧 {one['skill']:.3f}"
            )
    if one := found["abstention"]:
        out.print(
            f"没有合适的：界限 {one['threshold']:.2f}，{one['nothing_fits']} 条中说对 "
            f"{one['right']} 条，共说 {one['told']} 条"
        )
