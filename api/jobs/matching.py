"""The ``match`` job: the best candidates of many nodes, into one file a line each and a workbook.

The lines are what ``jiebang match --json`` gives; the workbook has a row a candidate.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from api.asking import SUBJECTS
from api.feedback import beside
from api.jobs.params import MatchParams
from api.jobs.work import Done, Work
from api.words import DECISIONS, LABELS, SIGNALS
from graph_service.errors import InputError
from graph_service.feedback.model import REASONS
from graph_service.matching.recipes import recipe as named
from graph_service.matching.types import Query
from graph_service.model import Filter, Label, Node
from graph_service.paging import node_pages
from graph_service.visibility import seen

#: Files of the job.
LINES, WORKBOOK = "matches.jsonl", "matches.xlsx"

_PAGE = 200
_SHEET_ROWS = 1_000_000  # of the 1,048,576 that Excel has
_CELL_CHARS = 1000
_COLUMNS = (
    "编号", "名称", "名次", "候选编号", "候选名称", "候选种类", "所属机构", "归并",
    "得分", "概率", "依据", "反馈",
)  # fmt: skip


def run_match(work: Work, params: MatchParams) -> Done:
    """Match every node asked for.

    Raises:
        InputError: a node is not there, or of another label.
        EmbedderError: the model is missing, and the recipe needs it.
    """
    began = time.perf_counter()
    label = SUBJECTS[params.subject]
    assert label is not None  # noqa: S101 - free text is no subject of a job
    where = params.filter.where([label])
    candidates = params.candidates.where()
    matcher = work.made.matcher(by_words=not named(params.recipe).needs_vectors)
    counts = {"subjects": 0, "candidates": 0, "without": 0}
    work.watched.start("匹配", _total(work, params, label, where))
    with closing(_Workbook()) as book, (work.folder / LINES).open("wb") as lines:
        for node in _subjects(work, params, label, where):
            asked = Query.of_node(node.id)
            matched = matcher.match(
                asked,
                to=params.to,
                recipe=params.recipe,
                top=params.top,
                where=candidates,
                group=params.group,
                viewer=work.viewer,
            )
            found = beside(work.made.store, matched, asked, viewer=work.viewer)
            subject = {"id": node.id, "label": node.label.value, "title": node.title}
            lines.write(orjson.dumps({"subject": subject, **found}) + b"\n")
            book.add(subject, found["candidates"])
            counts["subjects"] += 1
            counts["candidates"] += len(found["candidates"])
            counts["without"] += not found["candidates"]
            work.watched.advance()
        work.watched.finish()
        work.watched.start("写出 Excel")
        book.save(work.folder / WORKBOOK)
        work.watched.finish()
    return Done({**counts, "seconds": round(time.perf_counter() - began, 2)})


def _total(work: Work, params: MatchParams, label: Label, where: Filter) -> int | None:
    """How many nodes will be matched; None where only counting them would tell."""
    if params.ids:
        return len(dict.fromkeys(params.ids))
    if where.only_labels:
        counts = seen(work.made.store, work.viewer).stats()["nodes"]
        return int(counts.get(label.value, 0))
    return None


def _subjects(work: Work, params: MatchParams, label: Label, where: Filter) -> Iterator[Node]:
    store = seen(work.made.store, work.viewer)
    if params.ids:
        ids = list(dict.fromkeys(params.ids))
        nodes = store.nodes(ids)
        for id_ in ids:
            if id_ not in nodes or nodes[id_].label is not label:
                raise InputError(
                    f"{id_} 不在图谱里，或不是{LABELS[label]}。",
                    hint="可用查找功能按名称查到编号。",
                    id=id_,
                )
        where = replace(where, ids=frozenset(nodes[id_].id for id_ in ids))
    for some in node_pages(store, where, _PAGE):
        yield from some


class _Workbook:
    """Rows go to disk as they come; a full sheet is followed by another."""

    def __init__(self) -> None:
        import openpyxl

        self._book = openpyxl.Workbook(write_only=True)
        self._sheet: Any = None
        self._rows = 0

    def add(self, subject: Mapping[str, Any], candidates: Sequence[Mapping[str, Any]]) -> None:
        for candidate in candidates:
            owners = "、".join(owner["title"] for owner in candidate["owners"])
            self._row(
                subject["id"], subject["title"], candidate["rank"],
                candidate["id"], candidate["title"], LABELS[Label(candidate["label"])], owners,
                len(candidate["also"]),
                round(candidate["score"], 4), _rounded(candidate["probability"]),
                _reasons(candidate["contributions"]), _decided(candidate["feedback"]),
            )  # fmt: skip

    def save(self, path: Path) -> None:
        if self._sheet is None:
            self._open()
        self._book.save(path)

    def close(self) -> None:
        """End what an error left open; harmless after ``save``."""
        for sheet in self._book.worksheets:
            if not sheet.closed:
                sheet.close()

    def _open(self) -> None:
        self._sheet = self._book.create_sheet(f"匹配 {len(self._book.worksheets) + 1}")
        self._sheet.freeze_panes = "A2"
        self._sheet.append(list(_COLUMNS))
        self._rows = 0

    def _row(self, *values: Any) -> None:
        if self._sheet is None or self._rows == _SHEET_ROWS:
            self._open()
        self._rows += 1
        self._sheet.append([self._cell(value) for value in values])

    def _cell(self, value: Any) -> Any:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

        if not isinstance(value, str):
            return value
        cell = WriteOnlyCell(self._sheet, ILLEGAL_CHARACTERS_RE.sub("", value)[:_CELL_CHARS])
        cell.data_type = "s"  # never a formula
        return cell


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _decided(told: Mapping[str, Any] | None) -> str:
    """What was decided on a candidate: ``拒绝：指标不达``."""
    if told is None:
        return ""
    reason = f"：{REASONS[told['reason']].title}" if told["reason"] else ""
    return DECISIONS[told["decision"]] + reason


def _reasons(contributions: Sequence[Mapping[str, Any]]) -> str:
    """What adds to the score, the most telling first: ``字词+2.310  语义+0.812``."""
    told = [part for part in contributions if part["contribution"]]
    told.sort(key=lambda part: -abs(part["contribution"]))
    return "  ".join(
        f"{SIGNALS.get(part['signal'], part['signal'])}{part['contribution']:+.3f}" for part in told
    )
