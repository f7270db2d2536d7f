"""``jiebang load``: files into the store, or what they would change there."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.embedding import embedding_line
from api.cli.frame import REJECTED, JsonOption, StoreOption
from api.cli.output import console, print_json, table
from api.words import LABELS, PROPS
from graph_service.errors import InputError
from graph_service.model import Label

if TYPE_CHECKING:
    from rich.console import Console

    from loaders.report import LoadReport

#: Row errors, and proposed headers of a sheet, shown to people; ``--json`` gives all.
SHOWN_ERRORS = 20
_SHOWN_GUESSES = 12


def load(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH...",
            help=".xlsx .xls .ods .csv .tsv .jsonl .txt 文件、装有它们的目录或 .zip，可多个",
        ),
    ],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只列出会有什么变化，库里什么也不写")
    ] = False,
    errors: Annotated[
        Path | None,
        typer.Option(
            "--errors",
            metavar="FILE",
            help="把有误的行按原来的列写到这个 .xlsx 或 .csv，标明改法；改好后载入它即可",
        ),
    ] = None,
    suggest_mapping: Annotated[
        Path | None,
        typer.Option(
            "--suggest-mapping",
            metavar="FILE",
            help="把认不出的表头的对照建议写到这个 .toml，供修改后用于 --mapping",
        ),
    ] = None,
    mapping: Annotated[
        list[Path] | None,
        typer.Option("--mapping", metavar="FILE", help="用这份表头对照（.toml），可重复"),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="有行被拒时以退出码 3 结束（其余行照常载入）")
    ] = False,
    no_embed: Annotated[
        bool, typer.Option("--no-embed", help="不计算向量，留待 jiebang embed")
    ] = False,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """载入表格与文本；按表头识别内容，重复载入不改变任何东西。

    出错的行列出位置与改法，其余照常载入；末尾为新文字计算向量。
    只要载入了内容或内容未变，或写出了对照建议，退出码即为 0；什么也没有载入为 2。
    """
    for path in paths:
        if not path.exists():
            raise InputError(f"找不到 {path}", hint="检查路径是否写对", path=path)
    _check_outputs(errors, suggest_mapping)
    from api.bootstrap import services
    from api.embedding import embed_new
    from api.progress import progress
    from loaders import given
    from loaders.service import load as load_files

    mappings = [given.read(path) for path in mapping or ()]
    with services(store, trial=dry_run) as made, progress(wanted=not as_json) as bars:
        loaded = load_files(
            paths,
            made.store,
            progress=bars,
            given=mappings,
            give_back=errors,
            examples=dry_run,
        )
        embedding = None if no_embed or dry_run else embed_new(made, bars)
    suggested = _write_suggestions(loaded, suggest_mapping) if suggest_mapping else []
    report = {
        **loaded.as_dict(),
        "dry_run": dry_run,
        "suggested": [str(path) for path in suggested],
        "embedding": embedding,
    }
    done = loaded.anything or bool(suggested)
    if as_json:
        print_json(report)
    else:
        _print_load(report)
        if not done:
            typer.echo("错误：什么也没有载入", err=True)
    if not done:
        raise typer.Exit(InputError.exit_code)
    if strict and loaded.rejected:
        raise typer.Exit(REJECTED)


def _check_outputs(errors: Path | None, suggest_mapping: Path | None) -> None:
    """Refuse what could not be written in the end, before anything is loaded."""
    if errors and errors.suffix.lower() not in {".xlsx", ".csv"}:
        raise InputError(
            f"--errors 的文件 {errors} 不能用", hint="请用 .xlsx 或 .csv。", path=errors
        )
    if suggest_mapping and suggest_mapping.exists():
        raise InputError(
            f"{suggest_mapping} 已经存在",
            hint="为免盖掉改过的对照，请换一个文件名。",
            path=suggest_mapping,
        )
    for path in (errors, suggest_mapping):
        if path and not path.absolute().parent.is_dir():
            raise InputError(f"没有文件夹 {path.parent}", hint="请先建好，或换一处。", path=path)


def _write_suggestions(loaded: "LoadReport", path: Path) -> list[Path]:
    """Write what headers may mean: to the file, further ones to FILE-2, FILE-3 …"""
    from loaders.suggest_toml import as_toml

    written = []
    for number, (place, proposal) in enumerate(loaded.proposals, start=1):
        file = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        try:
            file.write_text(as_toml(proposal, place), encoding="utf-8")
        except OSError as error:
            raise InputError(f"写不了 {file}", hint="请检查文件夹的权限。", path=file) from error
        written.append(file)
    return written


_STATES = {"new": "新增", "changed": "更新", "unchanged": "未变"}


def _print_load(report: Mapping[str, Any]) -> None:
    out = console()
    _print_sheets(out, report)
    if report["dry_run"]:
        out.print("试载：以下是会有的变化，库里什么也没有写。", style="bold")
    out.print(
        f"读入 {report['rows']:,} 行，拒收 {report['rejected']:,} 行，"
        f"按规则略去 {report['dropped']:,} 行，用时 {report['seconds']:.1f} 秒。"
    )
    counted = table("", *_STATES.values(), right=_STATES.values())
    for name, kind in (("节点", "nodes"), ("关系", "edges")):
        counted.add_row(name, *(f"{report[kind][state]:,}" for state in _STATES))
    out.print(counted)
    _print_examples(out, report["examples"])
    print_errors(out, report)
    if back := report["given_back"]:
        _print_given_back(out, back)
    if not report["dry_run"]:
        _print_embedding(out, report["embedding"])


def _print_sheets(out: "Console", report: Mapping[str, Any]) -> None:
    if report["loaded"]:
        read = table("文件", "内容", "行数", right=["行数"])
        for (_, kind), sheets in groupby(report["loaded"], key=itemgetter("file", "kind")):
            first, *others = sheets  # of a workbook of forms each sheet is one more of a kind
            rows = sum(sheet["rows"] for sheet in (first, *others))
            name = f"{first['file']}〔{len(others) + 1} 张表〕" if others else _sheet(first)
            read.add_row(name, kind, f"{rows:,}")
        out.print(read)
    for skipped in report["skipped"]:
        out.print(f"跳过 {_sheet(skipped)}：{skipped['reason']}")
        _print_guesses(out, skipped["proposal"]["columns"] if skipped["proposal"] else ())
    if not report["suggested"] and any(skipped["proposal"] for skipped in report["skipped"]):
        out.print("建议的表头对照可用 --suggest-mapping 写出，改好后用 --mapping 载入。")
    for sheet in report["loaded"]:
        if sheet["unused"]:
            out.print(f"{_sheet(sheet)} 里没有用到的列：")
            _print_guesses(out, sheet["unused"])
    for path in report["suggested"]:
        out.print(f"表头对照的建议已写到 {path}；改好后用 --mapping {path} 载入。")


def _sheet(said: Mapping[str, Any]) -> str:
    """The file, and the sheet where it has one."""
    return f"{said['file']}〔{said['sheet']}〕" if said["sheet"] else str(said["file"])


def _print_guesses(out: "Console", guesses: Sequence[Mapping[str, Any]]) -> None:
    for guess in guesses[:_SHOWN_GUESSES]:
        likely = (
            f"像是“{guess['known_as']}”（{guess['score']:.2f}，{guess['why']}）"
            if guess["field"]
            else "没有相近的项"
        )
        out.print(f"  “{guess['header']}”：{likely}")


def _print_examples(out: "Console", examples: Sequence[Mapping[str, Any]]) -> None:
    if not examples:
        return
    out.print("会新增或更新的节点（举例）：", style="bold")
    shown = table("", "节点", "变化")
    for example in examples:
        label = LABELS[Label(example["label"])]
        changes = "；".join(
            f"{PROPS.get(key, key)}：{_short(value['after'])}"
            if value["before"] is None
            else f"{PROPS.get(key, key)}：{_short(value['before'])} → {_short(value['after'])}"
            for key, value in example["props"].items()
        )
        shown.add_row(_STATES[example["change"]], f"{label} {example['title']}", changes)
    out.print(shown)


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 40 else text[:39] + "…"


def _print_given_back(out: "Console", back: Mapping[str, Any]) -> None:
    if not back["rows"]:
        out.print("没有可以退回的行。")
        return
    along = f"（另有同一对象的 {back['along']:,} 行一并退回）" if back["along"] else ""
    out.print(
        f"{back['rows']:,} 行已退回到 {back['file']}{along}；"
        f"改好标色的单元格，再 jiebang load {back['file']} 即可。"
    )


def print_errors(out: "Console", report: Mapping[str, Any]) -> None:
    """Print the row errors of a report: where, what stands there, what is wrong, how to mend it."""
    total = sum(report["error_counts"].values())
    if not total:
        return
    out.print(f"有误的行与单元格（{total:,} 处）：", style="bold")
    shown = table("位置", "值", "问题与改法")
    for error in report["errors"][:SHOWN_ERRORS]:
        shown.add_row(_place(error), error["value"], f"{error['message']}。{error['mend']}")
    out.print(shown)
    if total > SHOWN_ERRORS:
        out.print(f"其余 {total - SHOWN_ERRORS:,} 处见 --json。")


def _print_embedding(out: "Console", done: Mapping[str, Any] | None) -> None:
    if done is None:
        out.print("向量：未计算；运行 jiebang embed 补上。")
    elif "error" in done:
        error = done["error"]
        typer.echo(f"警告：数据已载入，但未计算向量：{error['message']}", err=True)
        typer.echo(f"提示：{error['hint']}之后运行 jiebang embed", err=True)
    else:
        out.print(embedding_line(done))


def _place(error: Mapping[str, Any]) -> str:
    """``榜单.xlsx〔榜单〕第 7 行“截止日期”``."""
    sheet = f"〔{error['sheet']}〕" if error["sheet"] else ""
    row = f"第 {error['row']} 行" if error["row"] else ""
    column = f"“{error['column']}”" if error["column"] else ""
    return f"{error['file']}{sheet}{row}{column}"
