"""``export``: the whole graph into one file or folder, which appears whole or not at all."""

import shutil
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from graph_service.errors import InputError, StoreUnavailableError
from graph_service.exporting import graph_jsonl, graphml, tables
from graph_service.exporting.tables import Words
from graph_service.model import Viewer
from graph_service.ports import GraphStore
from graph_service.progress import Progress, Silent
from graph_service.visibility import seen

_SILENT = Silent()


class Format(StrEnum):
    """What can be written."""

    JSONL = "jsonl"  # graph.jsonl: everything that was said
    XLSX = "xlsx"  # a workbook, a sheet for each kind
    CSV = "csv"  # a folder, a file for each kind
    GRAPHML = "graphml"  # for other programs; not read back


#: Read back by ``jiebang load``.
READ_BACK = frozenset({Format.JSONL, Format.XLSX, Format.CSV})

_SUFFIXES: Mapping[str, Format] = {
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".xlsx": Format.XLSX,
    ".graphml": Format.GRAPHML,
    "": Format.CSV,
}


def format_of(out: Path) -> Format:
    """The format that a name asks for; a folder is for CSV.

    Raises:
        InputError: none of its suffix.
    """
    if (found := _SUFFIXES.get(out.suffix.lower())) is None:
        raise InputError(
            f"不知道要导出成什么格式：{out.name}",
            hint="请以 .jsonl、.xlsx、.graphml 结尾，或写一个文件夹名（CSV），或用 --format 指明。",
            file=out,
        )
    return found


def export(
    store: GraphStore,
    out: Path,
    kind: Format,
    words: Words,
    *,
    viewer: Viewer,
    progress: Progress = _SILENT,
) -> None:
    """Write the graph as the viewer sees it.

    What is written while others write to the store is a state of each page; an edge to a node that
    came meanwhile may stand without it.

    Raises:
        InputError: something lies at ``out`` already.
        StoreUnavailableError: it cannot be written.
    """
    if out.exists() and (kind is not Format.CSV or not out.is_dir() or any(out.iterdir())):
        raise InputError(
            f"已经有了：{out}", hint="请换一个名字，或先移走原来的；不覆盖已有的内容。", file=out
        )
    store = seen(store, viewer)
    draft = out.with_name(f".{out.name}.draft")
    counts = store.stats()
    passes = 1 if kind is Format.JSONL else 2
    progress.start("导出", 2 * passes * sum(counts["nodes"].values()))
    try:
        _remove(draft)
        if kind is Format.JSONL:
            graph_jsonl.write(store, draft, progress)
        elif kind is Format.GRAPHML:
            graphml.write(store, draft, progress)
        elif kind is Format.XLSX:
            tables.write_workbook(store, draft, words, progress)
        else:
            draft.mkdir()
            tables.write_csv(store, draft, words, progress)
            if out.exists():
                out.rmdir()
        draft.replace(out)
    except OSError as error:
        raise StoreUnavailableError(
            f"写不进去：{out}", hint="请检查文件夹的权限和磁盘空间。", file=out, reason=error
        ) from error
    finally:
        progress.finish()
        _remove(draft)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
