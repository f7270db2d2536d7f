"""Feedback out of files, into files, and beside what was matched: for commands and routes."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph_service.errors import InputError, StoreUnavailableError

if TYPE_CHECKING:
    from graph_service.matching.comparison import Comparison
    from graph_service.matching.types import MatchResult, Query
    from graph_service.model import Node, Viewer
    from graph_service.ports import Store
    from graph_service.progress import Progress


def import_file(
    store: "Store", path: Path, *, progress: "Progress", viewer: "Viewer"
) -> dict[str, Any]:
    """Take the decisions of a ``feedback.jsonl``; what came of it, JSON-ready. Wrong lines are told
    by their numbers, the others are taken; once more changes nothing.

    Raises:
        InputError: the file cannot be read.
        StoreError: the store cannot be read or written.
    """
    from graph_service.feedback.taking import take
    from loaders import feedback_jsonl
    from loaders.errors import CODES, CellError, ErrorLog

    log = ErrorLog()
    rows = feedback_jsonl.read(path, by=viewer.name, log=log)
    try:
        taken = take(
            store,
            rows,
            refuse=lambda number, why: feedback_jsonl.refuse(log, path.name, number, why),
            progress=progress,
            viewer=viewer,
        )
    except CellError as error:
        said, mend = CODES[error.code]
        raise InputError(f"{said}：{path}", hint=mend, path=path) from error
    return {
        "file": path.name,
        "new": taken.new,
        "changed": taken.changed,
        "unchanged": taken.unchanged,
        "rejected": log.rejected,
        "errors": [error.as_dict() for error in sorted(log.errors, key=lambda one: one.row)],
        "error_counts": dict(log.counts),
    }


def export_file(store: "Store", out: Path, *, viewer: "Viewer") -> int:
    """Write what stands as ``feedback.jsonl``; gives how many lines.

    Raises:
        InputError: something lies there already.
        StoreUnavailableError: it cannot be written.
    """
    from graph_service.feedback.service import Feedback
    from loaders.feedback_jsonl import lines

    if out.exists():
        raise InputError(
            f"已经有了：{out}", hint="请换一个名字，或先移走原来的；不覆盖已有的内容。", file=out
        )
    draft, count = out.with_name(f".{out.name}.draft"), 0
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            for line in lines(Feedback(store).standing(viewer=viewer)):
                file.write(line + "\n")
                count += 1
        draft.replace(out)
    except OSError as error:
        raise StoreUnavailableError(
            f"写不进去：{out}", hint="请检查文件夹的权限和磁盘空间。", file=out, reason=error
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    return count


def beside(
    store: "Store", found: "MatchResult | Comparison", query: "Query", *, viewer: "Viewer"
) -> dict[str, Any]:
    """What was matched, JSON-ready, each candidate with what was decided on it (``feedback``: id,
    decision, reason, at; None where nothing was). It changes neither score nor order.

    Asked for a demand, that is what was decided on its candidates; asked for a result or an
    organisation, what was decided on it for the demands that are found. Two reads, and none for a
    text, nor where nothing was found.
    """
    from graph_service.feedback.service import Feedback
    from graph_service.visibility import seen

    asked: Node | None = None
    if query.node_id is not None and found.candidates:
        asked = seen(store, viewer).nodes([query.node_id]).get(query.node_id)
    pairs = {
        one.node.id: pair
        for one in found.candidates
        if asked is not None and (pair := _pair(asked, one.node))
    }
    decided = Feedback(store).on(list(pairs.values()), viewer=viewer)
    told = {
        id_: {"id": one.id, **{key: one.said.as_dict()[key] for key in _TOLD}}
        for id_, (demand, candidate) in pairs.items()
        if (one := decided.get((demand.id, candidate.id)))
    }
    answer = found.as_dict()
    for candidate in answer["candidates"]:
        candidate["feedback"] = told.get(candidate["id"])
    return answer


_TOLD = ("decision", "reason", "at")


def _pair(asked: "Node", found: "Node") -> "tuple[Node, Node] | None":
    """Who asks and what was found as a demand and what is decided on for it, if they are that."""
    from graph_service.feedback.model import CANDIDATES
    from graph_service.model import Label

    if asked.label is Label.DEMAND and found.label in CANDIDATES:
        return asked, found
    if found.label is Label.DEMAND and asked.label in CANDIDATES:
        return found, asked
    return None
