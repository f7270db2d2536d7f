"""What a row speaks of: for each node of a mapping its id and properties. Nothing is written."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from graph_service.text import normalize, product_name
from loaders.mapping import NodeSpec, Source
from loaders.resolve import PREFIXES, Identity, Registry, Resolver, kind_of, name_key
from loaders.telling import Values, as_list, definition, first, mention, properties
from loaders.vocabulary import words

#: Characters; papers have the longest.
_LONGEST_TITLE = 500
_NOISE = frozenset(words("values")["products"]["noise"])


class RejectedError(Exception):
    """The row has no usable key.

    Attributes:
        code: an error code; "" where a cell was reported already.
        fields: where it is, the first of these that has a column.
        value: what is wrong; None for the cell as it stands.
    """

    def __init__(
        self, code: str = "", fields: Sequence[str] = (), value: str | None = None
    ) -> None:
        super().__init__(code)
        self.code, self.fields, self.value = code, fields, value


class DroppedError(Exception):
    """The row names nothing on purpose: an accounting row (平衡项目 …)."""


@dataclass(frozen=True, slots=True)
class Made:
    """A node that a row speaks of; without props it is known well enough and not stated."""

    id: str
    props: Values | None


class Maker:
    """Makes the nodes of rows of one sheet.

    Args:
        nodes: the nodes of its mapping, as far as the sheet has their columns.
        resolver: tells who is who.
        sheet: the name of the sheet, which is part of the ids that are made.
    """

    def __init__(self, nodes: Sequence[NodeSpec], resolver: Resolver, sheet: str) -> None:
        self._resolver, self._sheet = resolver, sheet
        self._registries: dict[str, Registry] = {}
        self._names: dict[str | None, Source] = {spec.alias: spec.name for spec in nodes}
        self._names[None] = ()

    def make(
        self, spec: NodeSpec, values: Values, bad: set[str], ids: dict[str, list[str]]
    ) -> list[Made]:
        """The nodes of one kind of which a row speaks.

        Args:
            spec: the kind.
            values: the row's values by field.
            bad: the fields whose cells are wrong.
            ids: of the nodes made before, by alias.

        Raises:
            RejectedError, DroppedError
        """
        if spec.how == "product":
            found = _products(spec, values)
        elif spec.how == "document":
            found = self._document(spec, values, bad, ids)
        elif spec.how == "person":
            found = _persons(spec, values, ids)
        else:
            found = self._named(spec, values)
        if spec.required and not found:
            if bad.intersection(spec.name):
                raise RejectedError
            raise RejectedError("missing_key", spec.name or spec.local_code or spec.code)
        return found

    def _named(self, spec: NodeSpec, values: Values) -> list[Made]:
        registry = self._registry(spec)
        names, codes = as_list(first(spec.name, values)), as_list(first(spec.code, values))
        local = first(spec.local_code, values)
        if local and not names and not codes:
            return [_by_local_code(spec, registry, str(local))]
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
                made.append(Made(id_, tell(spec, identity, registry.known(id_), told)))
        return made

    def _registry(self, spec: NodeSpec) -> Registry:
        found = self._registries.get(spec.alias)
        if found is None:
            prefix = PREFIXES[spec.label] + (f":{spec.scheme}" if spec.scheme else "")
            found = self._resolver.registry(spec.label, prefix)
            self._registries[spec.alias] = found
        return found

    def _document(
        self, spec: NodeSpec, values: Values, bad: set[str], ids: dict[str, list[str]]
    ) -> list[Made]:
        title = first(spec.name, values)
        if not title:
            return []
        if len(title) > _LONGEST_TITLE:
            raise RejectedError("bad_key", spec.name, title)
        given = first(spec.code, values)
        if given is None and bad.intersection((*spec.code, *self._names[spec.owner])):
            raise RejectedError  # its id would be another once the cell is mended
        props: Values = {"title": title, **spec.constants}
        if kind := first(spec.kind, values) or spec.default_kind:
            props["kind"] = kind
        props |= properties(spec, values)
        owners = ids.get(spec.owner or "", [])
        stem = given or _made_id(spec, owners, title, self._sheet)
        return [Made(f"{spec.prefix}:{stem}", props)]


def _by_local_code(spec: NodeSpec, registry: Registry, code: str) -> Made:
    holders = registry.holders(code)
    if len(holders) != 1:
        raise RejectedError("ambiguous_code" if holders else "unknown_code", spec.local_code, code)
    known = registry.known(holders[0])
    return Made(holders[0], mention(spec, Identity(), known, {}))


def _products(spec: NodeSpec, values: Values) -> list[Made]:
    names = as_list(first(spec.name, values))
    kept = [name for name in names if name not in _NOISE and product_name(name)]
    if spec.required and names and not kept:
        raise DroppedError
    told = properties(spec, values)
    return [Made(f"product:{product_name(name)}", {"name": name, **told}) for name in kept]


def _persons(spec: NodeSpec, values: Values, ids: dict[str, list[str]]) -> list[Made]:
    owner = next(iter(ids.get(spec.owner or "", ())), "").partition(":")[2]
    stem = f"@{owner}" if owner else ""
    return [
        Made(f"person:{name_key(name)}{stem}", {"name": name})
        for name in as_list(first(spec.name, values))
    ]


def _made_id(spec: NodeSpec, owners: Sequence[str], title: str, sheet: str) -> str:
    """The id of a row without one: from kind, organisation, normalised title and sheet."""
    parts = (spec.prefix or "", next(iter(owners), ""), normalize(title), sheet)
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=8).hexdigest()
