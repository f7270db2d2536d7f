"""``load``: files into the graph, whatever order they come in; loading again changes nothing.

Files are recognised, then surveyed: what directories define is registered, so that a name or a code
means the same in every file. Only then is anything written, in batches, each one transaction.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from graph_service.errors import InputError
from graph_service.model import Batch, Changes, Edge, Node, Tally
from graph_service.ports import Store
from graph_service.progress import Progress, Silent
from graph_service.resolution.stated import join
from loaders import feedback_jsonl, graph_jsonl, graph_table, returns
from loaders.build import RowBuilder, Stated
from loaders.discover import Skipped, discover
from loaders.errors import CellError, ErrorLog, Notice, RowError, shown
from loaders.graph_jsonl import Merge
from loaders.mapping import Declared
from loaders.readers import JSON_LINES, sheets
from loaders.recognise import Unknown, recognise
from loaders.report import LoadedSheet, LoadReport
from loaders.resolve import Resolver
from loaders.returns import Table
from loaders.sample import Sampler
from loaders.spoken import Spoken

#: Rows a batch; a row makes a few nodes and edges.
BATCH_ROWS = 2000

_SILENT = Silent()


def load(
    paths: Sequence[Path],
    store: Store,
    *,
    progress: Progress = _SILENT,
    given: Sequence[Declared] = (),
    give_back: Path | None = None,
    examples: bool = False,
) -> LoadReport:
    """Load files and folders.

    Phases of ``progress``: 辨认文件, 归并名录, one for each file, 整理索引. An error in a row or a
    file is recorded and never stops the rest.

    Args:
        paths: files and folders.
        store: what is written; opened on trial, it keeps nothing and the counts tell what would be.
        progress: is told of phases and rows.
        given: mappings beside the built-in ones (see ``loaders.given``).
        give_back: a file for the rows that are wrong, to be mended and loaded again.
        examples: whether to show some of the nodes that change.

    Raises:
        InputError: a path does not exist, ``give_back`` cannot be written.
        StoreError: the store cannot be written; batches written before stay.
    """
    with tempfile.TemporaryDirectory(prefix="jiebang-") as scratch:
        loading = _Load(store, progress, Path(scratch), given, Sampler(store) if examples else None)
        return loading.run(paths, give_back)


@dataclass(frozen=True, slots=True)
class _Graph:
    """A graph.jsonl file or an exported table; ``read`` gives its nodes and edges."""

    source: str
    sheet: str
    read: Callable[..., Iterator[tuple[int, Node | Edge | Merge]]]
    edges_only: bool = False


class _Load:
    def __init__(
        self,
        store: Store,
        progress: Progress,
        scratch: Path,
        given: Sequence[Declared],
        sampler: Sampler | None,
    ) -> None:
        self._store, self._progress, self._scratch = store, progress, scratch
        self._given, self._sampler = given, sampler
        self._write_batch = sampler.apply if sampler else store.apply
        self._resolver = Resolver(store)
        self._log = ErrorLog()
        self._spoken: dict[str, Spoken] = {}
        self._merges: list[tuple[int, Merge]] = []  # of the graph being written, by line
        self._skipped: list[Skipped] = []
        self._loaded: list[LoadedSheet] = []
        self._changes = Changes()
        self._told: set[str] = set()
        self._rows = 0

    def run(self, paths: Sequence[Path], give_back: Path | None) -> LoadReport:
        start = time.perf_counter()
        found = discover(paths, self._scratch)
        self._skipped += found.skipped
        for error in found.errors:
            self._log.add(error)
        graphs, tables = self._recognise(found.files)
        self._survey(graphs, tables)
        for graph in graphs:
            phase = graph.source.rpartition("/")[2]
            phase = f"{phase}·{graph.sheet}" if graph.sheet else phase
            rows = self._write(phase, None, graph.source, graph.sheet, self._graph(graph))
            self._loaded.append(LoadedSheet(graph.source, graph.sheet, "图谱", rows))
            self._merge(graph)
        for table in tables:
            sheet = table.found.sheet
            file = table.file.rpartition("/")[2]
            phase = f"{file}·{sheet.name}" if sheet.name else file
            rows = self._write(
                phase, sheet.total, table.file, sheet.name, self._table(table), table
            )
            kind, proposal = table.found.mapping.title, table.found.proposal
            self._loaded.append(LoadedSheet(table.file, sheet.name, kind, rows, proposal))
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
            examples=self._sampler.examples() if self._sampler else (),
            given_back=returns.give_back(tables, give_back) if give_back else None,
        )

    def _recognise(self, files: Sequence[tuple[Path, str]]) -> tuple[list[_Graph], list[Table]]:
        """Graph files, tables of edges last, so that no node is a bare one first; and tables in the
        order of their mappings' ranks: definers first."""
        graphs: list[_Graph] = []
        tables: list[Table] = []
        with _Phase(self._progress, "辨认文件", len(files)) as phase:
            for path, source in files:
                try:
                    lines = path.suffix.lower() in JSON_LINES
                    if lines and graph_jsonl.is_graph(path):
                        read = partial(graph_jsonl.read, path, source=source)
                        graphs.append(_Graph(source, "", read))
                    elif lines and feedback_jsonl.is_feedback(path):
                        self._skipped.append(Skipped(source, feedback_jsonl.ELSEWHERE))
                    else:
                        tables += self._tables(path, source, graphs)
                except (CellError, OSError) as error:
                    self._log.add(_file_error(source, error))
                phase.advance()
        graphs.sort(key=lambda graph: graph.edges_only)  # stable: else in order of files
        tables.sort(key=lambda table: table.found.mapping.rank)
        return graphs, tables

    def _tables(self, path: Path, source: str, graphs: list[_Graph]) -> Iterator[Table]:
        file = source if self._scratch in path.parents else str(path)
        for sheet in sheets(path):
            if sheet.hidden:
                self._skipped.append(Skipped(file, "隐藏的工作表", sheet.name))
                continue
            if holds := graph_table.holds(sheet):
                read = partial(graph_table.read, sheet, source)
                graphs.append(_Graph(source, sheet.name, read, edges_only=holds == "edges"))
                continue
            found = recognise(sheet, self._given, source=source)
            if isinstance(found, Unknown):
                self._skipped.append(Skipped(file, found.reason, sheet.name, found.proposal))
                continue
            speaker = found.origin.source if found.origin else source
            builder = RowBuilder(found, source, self._of(speaker), self._resolver, self._log)
            yield Table(found, source, speaker, builder)

    def _of(self, source: str) -> Spoken:
        return self._spoken.setdefault(source, Spoken(source))

    def _survey(self, graphs: Sequence[_Graph], tables: Sequence[Table]) -> None:
        telling = [table for table in tables if table.builder.needs_survey]
        with _Phase(self._progress, "归并名录", len(graphs) + len(telling)) as phase:
            for graph in graphs:
                for _, item in graph.read():
                    if isinstance(item, Node):
                        self._of(item.source or "").survey(item.id, dict(item.props))
                        self._resolver.learn([item])
                phase.advance()
            for table in telling:
                for number, cells in table.rows():
                    table.builder.survey(number, cells)
                phase.advance()

    def _table(self, table: Table) -> Iterator[Stated]:
        def tell(row: int, code: str, value: str) -> None:
            sheet = table.found.sheet.name
            self._log.notice(Notice(table.file, code, sheet, row, shown(value)))

        recent = self._log.recent
        for number, cells in table.rows(tell):
            recent.clear()
            stated = table.builder.build(number, cells)
            if recent:
                table.note(number, recent)
            yield stated

    def _merge(self, graph: _Graph) -> None:
        """Let the nodes that a file says are one be one, now that all of it is written; they stand
        on the review list (``jiebang resolve``), where that can be undone."""
        for number, merge in self._merges:
            try:
                join(self._store, merge.gone, merge.into, file=graph.source)
            except InputError as error:
                self._log.add(
                    RowError(graph.source, "refused", graph.sheet, number, detail=error.message)
                )
                self._log.rejected += 1
        self._merges.clear()

    def _graph(self, graph: _Graph) -> Iterator[Stated]:
        for number, item in graph.read(log=self._log):
            if isinstance(item, Merge):
                self._merges.append((number, item))
                continue
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
        total: int | None,
        file: str,
        sheet: str,
        stated: Iterator[Stated],
        table: Table | None = None,
    ) -> int:
        """Write what rows state, batch by batch; gives their number."""
        rows = 0
        held: list[Stated] = []
        recent = self._log.recent
        with _Phase(self._progress, phase, total) as shown:

            def flush() -> None:
                recent.clear()
                self._apply(self._settled(held), file, sheet)
                if table:
                    for error in recent:
                        table.note(error.row, [error])
                shown.advance(len(held))
                held.clear()

            for row in stated:
                rows += 1
                held.append(row)
                if len(held) >= BATCH_ROWS:
                    flush()
            flush()
        self._rows += rows
        return rows

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

    def _apply(self, rows: Sequence[Stated], file: str, sheet: str) -> None:
        """Write rows as one batch; where the store refuses it, in halves down to the culprit."""
        batch = Batch(
            [node for row in rows for node in (*row.told, *row.mentioned)],
            [edge for row in rows for edge in row.edges],
        )
        if not batch.nodes and not batch.edges:
            return
        try:
            self._changes += self._write_batch(batch)
        except InputError as error:
            if len(rows) == 1:
                detail = error.message
                self._log.add(RowError(file, "refused", sheet, rows[0].row, detail=detail))
                self._log.rejected += 1
                return
            middle = len(rows) // 2
            self._apply(rows[:middle], file, sheet)
            self._apply(rows[middle:], file, sheet)


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
