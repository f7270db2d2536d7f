"""Rows to nodes and edges, by a declared mapping."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from graph_service.model import Edge, Node
from loaders.clean import CLEANERS, Cleaner, unit_of
from loaders.errors import CellError, ErrorLog, RowError, shown
from loaders.grid import BadCell, Problem, is_empty
from loaders.limits import CELL_CHARS
from loaders.making import DroppedError, Made, Maker, RejectedError
from loaders.mapping import EdgeSpec, NodeSpec, header_unit
from loaders.readers import BROKEN
from loaders.recognise import Recognised
from loaders.resolve import Resolver
from loaders.spoken import Spoken
from loaders.telling import Values, first


@dataclass(frozen=True, slots=True)
class Stated:
    """What a row states for the first time in its source.

    ``told`` are nodes of which it tells something; ``mentioned`` those that it merely names, to be
    written only where nothing is known of them.
    """

    row: int
    told: Sequence[Node] = ()
    mentioned: Sequence[Node] = ()
    edges: Sequence[Edge] = ()


@dataclass(frozen=True, slots=True)
class _Column:
    field: str
    index: int
    clean: Cleaner
    unit: str
    header: str
    shared: bool  # with a field that reports what is wrong with the cell


class RowBuilder:
    """Makes nodes and edges of the rows of one sheet."""

    def __init__(
        self, found: Recognised, file: str, spoken: Spoken, resolver: Resolver, log: ErrorLog
    ) -> None:
        mapping = found.mapping
        present = frozenset((*found.columns, *found.constants))
        self._spoken, self._log = spoken, log
        self._file, self._sheet = file, found.sheet.name
        self._constants = found.constants
        self._mapping, self._reading = mapping, found.reading
        self._places = {str(cell).strip(): place for place, cell in enumerate(found.header)}
        self._nodes = [spec.within(present) for spec in mapping.nodes]
        speaks_for = found.origin.sheet if found.origin else found.sheet.name
        self._maker = Maker(self._nodes, resolver, speaks_for)
        self._edge_specs = [spec.within(present) for spec in mapping.edges]
        self._telling = any(spec.tells for spec in self._nodes)
        self._columns = [
            _Column(
                name,
                index,
                CLEANERS[mapping.fields[name].clean],
                _unit(found, mapping.fields[name].clean, index),
                str(found.header[index]).strip(),
                mapping.fields[name].of is not None,
            )
            for name, index in found.columns.items()
        ]
        self._by_field = {column.field: column for column in self._columns}
        identifying = {field for spec in self._nodes if spec.tells for field in spec.identifying}
        self._identifying = [column for column in self._columns if column.field in identifying]
        self._relations = frozenset(
            value for edge in mapping.edges for values in edge.when.values() for value in values
        )

    @property
    def needs_survey(self) -> bool:
        """Whether rows add to nodes, so that all must be seen before the first is written."""
        return self._telling

    def survey(self, number: int, cells: Sequence[Any] | Problem) -> None:
        """Register what a row defines and gather what it tells; errors are left to ``build``."""
        if isinstance(cells, Problem):
            return
        made = self._told_of(number, cells, self._identifying)
        if any(one.id in self._spoken.defined for one in made):
            made = self._told_of(number, cells, self._columns)
        for one in made:
            self._spoken.survey(one.id, one.props or {})

    def subjects(self, number: int, cells: Sequence[Any] | Problem) -> set[str]:
        """The ids of what a row tells of, beyond a mention; as far as the row can be read."""
        found: set[str] = set()
        if isinstance(cells, Problem):
            return found
        values, bad = self._values(number, cells, self._columns, quiet=True)
        ids: dict[str, list[str]] = {}
        try:
            for spec in self._nodes:
                made = self._maker.make(spec, values, bad, ids)
                ids[spec.alias] = [one.id for one in made]
                if spec.tells or spec.how == "document":
                    found.update(ids[spec.alias])
        except (RejectedError, DroppedError):
            pass
        return found

    def _told_of(self, number: int, cells: Sequence[Any], columns: Sequence[_Column]) -> list[Made]:
        values, bad = self._values(number, cells, columns, quiet=True)
        made: list[Made] = []
        try:
            for spec in self._nodes:
                if spec.tells:
                    made += self._maker.make(spec, values, bad, {})
        except (RejectedError, DroppedError):
            return []
        return made

    def build(self, number: int, cells: Sequence[Any] | Problem) -> Stated:
        """The nodes and edges of a row that its source has not stated yet; none if rejected."""
        if isinstance(cells, Problem):
            self._error(number, "", cells.value, cells.code)
            self._log.rejected += 1
            return Stated(number)
        values, bad = self._values(number, cells, self._columns)
        ids: dict[str, list[str]] = {}
        made: list[tuple[NodeSpec, Made]] = []
        try:
            self._check_relation(values)
            for spec in self._nodes:
                found = self._maker.make(spec, values, bad, ids)
                self._check_documents(spec, found, values)
                ids[spec.alias] = [one.id for one in found]
                made += [(spec, one) for one in found]
        except RejectedError as error:
            self._rejected(number, cells, error)
            return Stated(number)
        except DroppedError:
            self._log.dropped += 1
            return Stated(number)
        observed = values.get("observed_at") or self._mapping.observed_at
        told: list[Node] = []
        mentioned: list[Node] = []
        for spec, one in made:
            if node := self._node(spec, one, observed):
                telling = spec.tells or spec.how == "document"
                (told if telling else mentioned).append(node)
        return Stated(number, told, mentioned, list(self._edges(ids, values, observed)))

    def _values(
        self,
        number: int,
        cells: Sequence[Any],
        columns: Sequence[_Column],
        *,
        quiet: bool = False,
    ) -> tuple[Values, set[str]]:
        values: Values = {**self._constants}
        bad: set[str] = set()
        width = len(cells)
        for column in columns:
            cell = cells[column.index] if column.index < width else None
            if cell is None or cell == "":
                continue
            try:
                _check(cell)
                value = column.clean(cell, column.unit)
            except CellError as error:
                bad.add(column.field)
                if not quiet and not column.shared:
                    self._error(number, column.header, cell, error.code)
                continue
            if value is not None:
                values[column.field] = value
        return values, bad

    def _check_documents(self, spec: NodeSpec, made: Sequence[Made], values: Values) -> None:
        """Refuse what a row says otherwise of a document of which one before has spoken."""
        if spec.how != "document":
            return
        for one in made:
            digest = hashlib.blake2b(orjson.dumps(one.props), digest_size=8).digest()
            if self._spoken.documents.setdefault(one.id, digest) != digest:
                said = first(spec.code, values) or first(spec.name, values)
                raise RejectedError("duplicate", spec.code, str(said))

    def _check_relation(self, values: Values) -> None:
        relation = self._mapping.relations
        if relation and values.get(relation) not in self._relations:
            raise RejectedError("unknown_relation", [relation], str(values.get(relation, "")))

    def _rejected(self, number: int, cells: Sequence[Any], error: RejectedError) -> None:
        self._log.rejected += 1
        if not error.code:
            return
        columns = [column for name in error.fields if (column := self._by_field.get(name))]
        said = [(c.header, cells[c.index]) for c in columns if c.index < len(cells)]
        header, cell = next(
            (
                (header, cell) for header, cell in said if not is_empty(cell)
            ),  # 终端用户 names nobody
            (columns[0].header if columns else "", ""),
        )
        self._error(number, header, cell if error.value is None else error.value, error.code)

    def _node(self, spec: NodeSpec, made: Made, observed: str | None) -> Node | None:
        spoken = self._spoken
        if made.props is None or made.id in spoken.nodes:
            return None
        if not spec.tells and made.id in spoken.defined:
            return None  # another row tells more of it
        spoken.nodes.add(made.id)
        props = spoken.whole(made.id, made.props) if spec.tells else made.props
        dated = observed if spec.tells or spec.how == "document" else None
        return Node(made.id, spec.label, props, spoken.source, dated)

    def _edges(
        self, ids: dict[str, list[str]], values: Values, observed: str | None
    ) -> Iterator[Edge]:
        for spec in self._edge_specs:
            if spec.when and not all(
                values.get(name) in allowed for name, allowed in spec.when.items()
            ):
                continue
            for start in ids[spec.start]:
                for end in ids[spec.end]:
                    if edge := self._edge(spec, start, end, ids, values, observed):
                        yield edge

    def _edge(
        self,
        spec: EdgeSpec,
        start: str,
        end: str,
        ids: dict[str, list[str]],
        values: Values,
        observed: str | None,
    ) -> Edge | None:
        key = next(iter(ids.get(spec.key or "", ())), "")
        identity = hash((spec.type, start, end, key))
        if start == end or identity in self._spoken.edges:
            return None
        self._spoken.edges.add(identity)
        props = {
            name: value
            for name, source in spec.props.items()
            if (value := first(source, values)) is not None
        }
        return Edge(
            spec.type,
            start,
            end,
            key,
            props,
            self._spoken.source,
            observed,
            spec.confidence,
            spec.inferred,
        )

    def _error(self, number: int, column: str, value: object, code: str) -> None:
        row = self._reading.row_of(number, self._places.get(column, -1))
        self._log.add(RowError(self._file, code, self._sheet, row, column, shown(value)))


def _unit(found: Recognised, cleaner: str, index: int) -> str:
    """The unit of a column: by its header, else the table's, else what its amounts tell."""
    stated = header_unit(found.header[index]) or found.reading.unit
    if stated or not cleaner.startswith("money"):
        return stated
    return unit_of(cells[index] for cells in found.reading.sample if index < len(cells))


def _check(cell: Any) -> None:
    """Raise what the reader found wrong with a cell, or with its text."""
    if isinstance(cell, str):
        if BROKEN in cell:
            raise CellError("encoding")
        if len(cell) > CELL_CHARS:
            raise CellError("cell_too_long")
    elif isinstance(cell, BadCell):
        raise CellError(cell.code)
