"""Rows to nodes and edges, by a declared mapping."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from graph_service.model import Edge, Node
from graph_service.text import normalize, product_name
from loaders.clean import CLEANERS, Cleaner, unit_of
from loaders.errors import CellError, ErrorLog, RowError, shown
from loaders.grid import BadCell, Problem
from loaders.limits import CELL_CHARS
from loaders.mapping import EdgeSpec, NodeSpec, Source, header_unit
from loaders.readers import BROKEN
from loaders.recognise import Recognised
from loaders.resolve import PREFIXES, Identity, Registry, Resolver, kind_of, name_key
from loaders.telling import Values, as_list, definition, first, mention, properties
from loaders.vocabulary import words

#: Characters; papers have the longest.
_LONGEST_TITLE = 500
_NOISE = frozenset(words("values")["products"]["noise"])


@dataclass(slots=True)
class Spoken:
    """What one source has said so far, over all its sheets.

    A source speaks once of a node: ``defined`` are those of which its rows tell properties, and
    ``more`` what rows after the first add to them, gathered before anything is written.
    """

    source: str
    defined: set[str] = field(default_factory=set)
    more: dict[str, Values] = field(default_factory=dict)
    nodes: set[str] = field(default_factory=set)
    edges: set[int] = field(default_factory=set)
    documents: dict[str, bytes] = field(default_factory=dict)

    def survey(self, id_: str, props: Values) -> None:
        """Gather what a row tells of a node."""
        if id_ in self.defined:
            merge(self.more.setdefault(id_, {}), props)
        self.defined.add(id_)

    def whole(self, id_: str, props: Values) -> Values:
        """All that the source tells of a node, from its first row on."""
        return merge(props, self.more.get(id_, {}))


def merge(props: Values, more: Values) -> Values:
    """Add properties that are not there yet; lists are joined. Changes and returns ``props``."""
    for key, value in more.items():
        held = props.get(key)
        if held is None:
            props[key] = value
        elif isinstance(held, list) and isinstance(value, list):
            props[key] = [*held, *(item for item in value if item not in held)]
    return props


class _RejectedError(Exception):
    """The row has no usable key; already recorded."""


class _DroppedError(Exception):
    """The row names nothing on purpose: an accounting row (平衡项目 …)."""


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


@dataclass(frozen=True, slots=True)
class _Made:
    """A node that a row speaks of; without props it is known well enough and not stated."""

    id: str
    props: Values | None


class RowBuilder:
    """Makes nodes and edges of the rows of one sheet."""

    def __init__(
        self, found: Recognised, file: str, spoken: Spoken, resolver: Resolver, log: ErrorLog
    ) -> None:
        mapping = found.mapping
        present = frozenset((*found.columns, *found.constants))
        self._spoken, self._resolver, self._log = spoken, resolver, log
        self._file, self._sheet = file, found.sheet.name
        self._speaks_for = found.origin.sheet if found.origin else found.sheet.name
        self._constants = found.constants
        self._mapping, self._reading = mapping, found.reading
        self._places = {str(cell).strip(): place for place, cell in enumerate(found.header)}
        self._registries: dict[str, Registry] = {}
        self._nodes = [spec.within(present) for spec in mapping.nodes]
        self._names: dict[str | None, Source] = {spec.alias: spec.name for spec in self._nodes}
        self._names[None] = ()
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
        self._headers = {column.field: column.header for column in self._columns}
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
                made = self._make(spec, values, bad, ids, number, quiet=True)
                ids[spec.alias] = [one.id for one in made]
                if spec.tells or spec.how == "document":
                    found.update(ids[spec.alias])
        except (_RejectedError, _DroppedError):
            pass
        return found

    def _told_of(
        self, number: int, cells: Sequence[Any], columns: Sequence[_Column]
    ) -> list[_Made]:
        values, bad = self._values(number, cells, columns, quiet=True)
        made: list[_Made] = []
        try:
            for spec in self._nodes:
                if spec.tells:
                    made += self._make(spec, values, bad, {}, number, quiet=True)
        except (_RejectedError, _DroppedError):
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
        made: list[tuple[NodeSpec, _Made]] = []
        try:
            self._check_relation(values, number)
            for spec in self._nodes:
                found = self._make(spec, values, bad, ids, number)
                ids[spec.alias] = [one.id for one in found]
                made += [(spec, one) for one in found]
        except _RejectedError:
            self._log.rejected += 1
            return Stated(number)
        except _DroppedError:
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

    def _make(
        self,
        spec: NodeSpec,
        values: Values,
        bad: set[str],
        ids: dict[str, list[str]],
        number: int,
        *,
        quiet: bool = False,
    ) -> list[_Made]:
        if spec.how == "product":
            found = _products(spec, values)
        elif spec.how == "document":
            found = self._document(spec, values, bad, ids, number, quiet=quiet)
        elif spec.how == "person":
            found = _persons(spec, values, ids)
        else:
            found = self._named(spec, values, number, quiet=quiet)
        if spec.required and not found:
            if not quiet and not bad.intersection(spec.name):
                source = spec.name or spec.local_code or spec.code
                header = next((h for f in source if (h := self._headers.get(f))), "")
                self._error(number, header, "", "missing_key")
            raise _RejectedError
        return found

    def _named(self, spec: NodeSpec, values: Values, number: int, *, quiet: bool) -> list[_Made]:
        registry = self._registry(spec)
        names, codes = as_list(first(spec.name, values)), as_list(first(spec.code, values))
        local = first(spec.local_code, values)
        if local and not names and not codes:
            return [self._by_local_code(spec, registry, str(local), number, quiet=quiet)]
        if not names and (spec.defines or not codes):
            return []
        if not names:
            identities = [Identity(code=code) for code in codes]
        else:
            code = codes[0] if len(names) == len(codes) == 1 else None
            identities = [
                Identity(
                    name=name,
                    code=code,
                    former=as_list(first(spec.former, values)),
                    short=as_list(first(spec.short, values)),
                    local_code=local,
                    kind=spec.constants.get("kind") or first(spec.kind, values),
                    guess=kind_of(name) or spec.default_kind,
                )
                for name in names
            ]
        told = properties(spec, values)
        made = []
        for identity in identities:
            id_ = registry.register(identity) if spec.tells else registry.find(identity)
            if id_ is not None:
                defining = spec.defines or bool(identity.code and identity.name)
                tell = definition if defining else mention
                made.append(_Made(id_, tell(spec, identity, registry.known(id_), told)))
        return made

    def _registry(self, spec: NodeSpec) -> Registry:
        found = self._registries.get(spec.alias)
        if found is None:
            prefix = PREFIXES[spec.label] + (f":{spec.scheme}" if spec.scheme else "")
            found = self._resolver.registry(spec.label, prefix)
            self._registries[spec.alias] = found
        return found

    def _by_local_code(
        self, spec: NodeSpec, registry: Registry, code: str, number: int, *, quiet: bool
    ) -> _Made:
        holders = registry.holders(code)
        if len(holders) != 1:
            if not quiet:
                header = next((h for f in spec.local_code if (h := self._headers.get(f))), "")
                self._error(number, header, code, "ambiguous_code" if holders else "unknown_code")
            raise _RejectedError
        known = registry.known(holders[0])
        return _Made(holders[0], mention(spec, Identity(), known, {}))

    def _document(
        self,
        spec: NodeSpec,
        values: Values,
        bad: set[str],
        ids: dict[str, list[str]],
        number: int,
        *,
        quiet: bool,
    ) -> list[_Made]:
        title = first(spec.name, values)
        if not title:
            return []
        if len(title) > _LONGEST_TITLE:
            if not quiet:
                header = next((h for f in spec.name if (h := self._headers.get(f))), "")
                self._error(number, header, title, "bad_key")
            raise _RejectedError
        given = first(spec.code, values)
        if given is None and bad.intersection((*spec.code, *self._names[spec.owner])):
            raise _RejectedError  # its id would be another once the cell is mended
        props: Values = {"title": title, **spec.constants}
        if kind := first(spec.kind, values) or spec.default_kind:
            props["kind"] = kind
        props |= properties(spec, values)
        owners = ids.get(spec.owner or "", [])
        stem = given or _made_id(spec, owners, title, self._speaks_for)
        id_ = f"{spec.prefix}:{stem}"
        if quiet:
            return [_Made(id_, props)]
        digest = hashlib.blake2b(orjson.dumps(props), digest_size=8).digest()
        if self._spoken.documents.setdefault(id_, digest) != digest:
            header = next((h for f in spec.code if (h := self._headers.get(f))), "")
            self._error(number, header, given or title, "duplicate")
            raise _RejectedError
        return [_Made(id_, props)]

    def _check_relation(self, values: Values, number: int) -> None:
        relation = self._mapping.relations
        if relation and values.get(relation) not in self._relations:
            value = values.get(relation, "")
            self._error(number, self._headers.get(relation, ""), value, "unknown_relation")
            raise _RejectedError

    def _node(self, spec: NodeSpec, made: _Made, observed: str | None) -> Node | None:
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


def _products(spec: NodeSpec, values: Values) -> list[_Made]:
    names = as_list(first(spec.name, values))
    kept = [name for name in names if name not in _NOISE and product_name(name)]
    if spec.required and names and not kept:
        raise _DroppedError
    told = properties(spec, values)
    return [_Made(f"product:{product_name(name)}", {"name": name, **told}) for name in kept]


def _persons(spec: NodeSpec, values: Values, ids: dict[str, list[str]]) -> list[_Made]:
    owner = next(iter(ids.get(spec.owner or "", ())), "").partition(":")[2]
    stem = f"@{owner}" if owner else ""
    return [
        _Made(f"person:{name_key(name)}{stem}", {"name": name})
        for name in as_list(first(spec.name, values))
    ]


def _made_id(spec: NodeSpec, owners: Sequence[str], title: str, sheet: str) -> str:
    """The id of a row without one: from kind, organisation, normalised title and sheet."""
    parts = (spec.prefix or "", next(iter(owners), ""), normalize(title), sheet)
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()
