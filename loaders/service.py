"""``load``: files into the graph, whatever order they come in; loading again changes nothing.

Files are recognised, then surveyed: what directories define is registered, so that a name or a code
means the same in every file. Only then is anything written, in batches, each one transaction.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from graph_service.errors import InputError
from graph_service.model import Batch, Changes, Edge, Node, Tally
from graph_service.ports import GraphStore
from graph_service.progress import Progress, Silent
from loaders import graph_jsonl
from loaders.build import RowBuilder, Spoken, Stated
from loaders.discover import Skipped, discover
from loaders.errors import CellError, ErrorLog, Notice, RowError, shown
from loaders.grid import Problem
from loaders.layout_rows import Tell
from loaders.readers import JSON_LINES, sheets
from loaders.recognise import Recognised, Unknown, recognise
from loaders.report import LoadedSheet, LoadReport
from loaders.resolve import Resolver

#: Rows a batch; a row makes a few nodes and edges.
BATCH_ROWS = 2000

_SILENT = Silent()


def load(paths: Sequence[Path], store: GraphStore, *, progress: Progress = _SILENT) -> LoadReport:
    """Load files and folders.

    Phases of ``progress``: 辨认文件, 归并名录, one for each file, 整理索引. An error in a row or a
    file is recorded and never stops the rest.

    Raises:
        InputError: a path does not exist.
        StoreError: the store cannot be written; batches written before stay.
    """
    with tempfile.TemporaryDirectory(prefix="jiebang-") as scratch:
        return _Load(store, progress, Path(scratch)).run(paths)


@dataclass(frozen=True, slots=True)
class _Graph:
    """A graph.jsonl file."""

    path: Path
    source: str


@dataclass(frozen=True, slots=True)
class _Table:
    """A recognised sheet with what turns its rows into nodes and edges."""

    found: Recognised
    source: str
    builder: RowBuilder


class _Load:
    def __init__(self, store: GraphStore, progress: Progress, scratch: Path) -> None:
        self._store, self._progress, self._scratch = store, progress, scratch
        self._resolver = Resolver(store)
        self._log = ErrorLog()
        self._spoken: dict[str, Spoken] = {}
        self._skipped: list[Skipped] = []
        self._loaded: list[LoadedSheet] = []
        self._changes = Changes()
        self._told: set[str] = set()
        self._rows = 0

    def run(self, paths: Sequence[Path]) -> LoadReport:
        start = time.perf_counter()
        found = discover(paths, self._scratch)
        self._skipped += found.skipped
        for error in found.errors:
            self._log.add(error)
        graphs, tables = self._recognise(found.files)
        self._survey(graphs, tables)
        for graph in graphs:
            phase = graph.source.rpartition("/")[2]
            self._write(phase, graph.source, "", "图谱", None, self._graph(graph))
        for table in tables:
            sheet = table.found.sheet
            title = table.found.mapping.title
            file = table.source.rpartition("/")[2]
            phase = f"{file}·{sheet.name}" if sheet.name else file
            self._write(phase, table.source, sheet.name, title, sheet.total, self._table(table))
        with _Phase(self._progress, "整理索引"):
            self._store.refresh()
        return LoadReport(
            rows=self._rows,
            changes=self._changes,
            rejected=self._log.rejected,
            dropped=self._log.dropped,
            loaded=self._loaded,
            skipped=self._skipped,
            errors=self._log.errors,
            error_counts=self._log.counts,
            notices=self._log.notices,
            notice_counts=self._log.notice_counts,
            seconds=time.perf_counter() - start,
        )

    def _recognise(self, files: Sequence[tuple[Path, str]]) -> tuple[list[_Graph], list[_Table]]:
        """Graph files, and tables in the order of their mappings' ranks: definers first."""
        graphs: list[_Graph] = []
        tables: list[_Table] = []
        with _Phase(self._progress, "辨认文件", len(files)) as phase:
            for path, source in files:
                try:
                    if path.suffix.lower() in JSON_LINES and graph_jsonl.is_graph(path):
                        graphs.append(_Graph(path, source))
                    else:
                        tables += self._tables(path, source)
                except (CellError, OSError) as error:
                    self._log.add(_file_error(source, error))
                phase.advance()
        tables.sort(key=lambda table: table.found.mapping.rank)  # stable: else in order of files
        return graphs, tables

    def _tables(self, path: Path, source: str) -> Iterator[_Table]:
        file = source if self._scratch in path.parents else str(path)
        for sheet in sheets(path):
            if sheet.hidden:
                self._skipped.append(Skipped(file, "隐藏的工作表", sheet.name))
                continue
            found = recognise(sheet)
            if isinstance(found, Unknown):
                self._skipped.append(Skipped(file, found.reason, sheet.name))
                continue
            builder = RowBuilder(found, self._of(source), self._resolver, self._log)
            yield _Table(found, source, builder)

    def _of(self, source: str) -> Spoken:
        return self._spoken.setdefault(source, Spoken(source))

    def _survey(self, graphs: Sequence[_Graph], tables: Sequence[_Table]) -> None:
        telling = [table for table in tables if table.builder.needs_survey]
        with _Phase(self._progress, "归并名录", len(graphs) + len(telling)) as phase:
            for graph in graphs:
                for _, item in graph_jsonl.read(graph.path, source=graph.source):
                    if isinstance(item, Node):
                        self._of(item.source or "").survey(item.id, dict(item.props))
                        self._resolver.learn([item])
                phase.advance()
            for table in telling:
                for number, cells in _data_rows(table.found):
                    table.builder.survey(number, cells)
                phase.advance()

    def _table(self, table: _Table) -> Iterator[Stated]:
        def tell(row: int, code: str, value: str) -> None:
            sheet = table.found.sheet.name
            self._log.notice(Notice(table.source, code, sheet, row, shown(value)))

        for number, cells in _data_rows(table.found, tell):
            yield table.builder.build(number, cells)

    def _graph(self, graph: _Graph) -> Iterator[Stated]:
        for number, item in graph_jsonl.read(graph.path, source=graph.source, log=self._log):
            spoken = self._of(item.source or "")
            if isinstance(item, Edge):
                identity = hash((item.type, item.from_id, item.to_id, item.key))
                yield Stated(number, edges=() if identity in spoken.edges else (item,))
                spoken.edges.add(identity)
            elif item.id in spoken.nodes:
                yield Stated(number)
            else:
                spoken.nodes.add(item.id)
                props = spoken.whole(item.id, dict(item.props))
                yield Stated(number, (replace(item, props=props),))

    def _write(
        self,
        phase: str,
        source: str,
        sheet: str,
        kind: str,
        total: int | None,
        stated: Iterator[Stated],
    ) -> None:
        rows = 0
        held: list[Stated] = []
        with _Phase(self._progress, phase, total) as shown:

            def flush() -> None:
                self._apply(self._settled(held), source, sheet)
                shown.advance(len(held))
                held.clear()

            for row in stated:
                rows += 1
                held.append(row)
                if len(held) >= BATCH_ROWS:
                    flush()
            flush()
        self._rows += rows
        self._loaded.append(LoadedSheet(source, sheet, kind, rows))

    def _settled(self, rows: Sequence[Stated]) -> list[Stated]:
        """The rows without mentions of nodes of which the graph knows, or this load has told.

        A mention never adds to what a directory tells; one found in the store counts as unchanged.
        """
        told = self._told
        told.update(node.id for row in rows for node in row.told)
        asked = {node.id for row in rows for node in row.mentioned} - told
        held = self._store.nodes(sorted(asked)) if asked else {}
        known = {id_ for id_, node in held.items() if node.props}
        self._changes += Changes(nodes=Tally(unchanged=len(known)))
        told |= known
        settled = []
        for row in rows:
            mentioned = [node for node in row.mentioned if node.id not in told]
            told.update(node.id for node in mentioned)
            settled.append(replace(row, mentioned=mentioned))
        return settled

    def _apply(self, rows: Sequence[Stated], source: str, sheet: str) -> None:
        """Write rows as one batch; where the store refuses it, in halves down to the culprit."""
        batch = Batch(
            [node for row in rows for node in (*row.told, *row.mentioned)],
            [edge for row in rows for edge in row.edges],
        )
        if not batch.nodes and not batch.edges:
            return
        try:
            self._changes += self._store.apply(batch)
        except InputError as error:
            if len(rows) == 1:
                detail = error.message
                self._log.add(RowError(source, "refused", sheet, rows[0].row, detail=detail))
                self._log.rejected += 1
                return
            middle = len(rows) // 2
            self._apply(rows[:middle], source, sheet)
            self._apply(rows[middle:], source, sheet)


class _Phase:
    """A phase of progress that ends with its block."""

    def __init__(self, progress: Progress, name: str, total: int | None = None) -> None:
        self._progress, self._name, self._total = progress, name, total
        self.advance: Callable[..., None] = progress.advance

    def __enter__(self) -> "_Phase":
        self._progress.start(self._name, self._total)
        return self

    def __exit__(self, *exc: object) -> None:
        self._progress.finish()


def _file_error(source: str, error: CellError | OSError) -> RowError:
    if isinstance(error, CellError):
        return RowError(source, error.code, detail=error.detail)
    return RowError(source, "file_unreadable", detail=error.strerror or "")


def _data_rows(
    found: Recognised, tell: Tell | None = None
) -> Iterator[tuple[int, Sequence[object] | Problem]]:
    return found.reading.rows(found.anchors, tell)
