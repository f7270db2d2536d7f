"""Declared mappings: which headers a kind of file has, and what nodes and edges its rows make.

A mapping is a TOML file in ``loaders/mappings``::

    title = "企业产品"                  # 文件类型, as reports name it
    rank = 40                           # files of a lower rank load first: definers before mentions
    required = ["firm", "product"]      # fields without which a file is not of this kind
    any = ["share", "date"]             # optional: one of these must be there, too
    values = { level = ["大类", ...] }  # optional: what the first cells of a field must be among
    confidence = 0.9                    # optional: provenance of all its edges; also ``inferred``
    observed_at = "2021-10"             # and the date of what it says, unless a column gives it

    [fields]                            # headers in normal form (``header_key``), best first
    product = { headers = ["产品名称", "product"], clean = "name" }
    firm = { like = "organization" }    # headers and cleaner of vocabulary/headers.toml
    place = { of = "address", clean = "district_in" }   # the same column, cleaned another way;
                                        # what is wrong with it is told once, by the other
    tier = { headers = ["称号"], clean = "tiers", above = "tier_in" }  # without such a column, read
                                        # from the title above, the sheet's or the file's name

    [[nodes]]                           # made in this order
    as = "firm"                         # for edges
    label = "Organization"
    how = "named"                       # how: named, tiered, product, document, person
    name = ["firm"]                     # first field that has a value
    required = true                     # a row without it is rejected
    defines = true                      # the file is a directory of them, it does not just mention
    props = { text = ["introduction"], both = { join = ["a", "b"] }, list = { union = ["c", "d"] } }
    entry = { tier = ["tier"] }         # tiered: what an entry of ``tiers`` is made of

    [[edges]]
    type = "MAKES"
    from = "firm"
    to = "product"
    props = { revenue_share = ["share"] }
    when = { relation = ["上游材料"] }  # optional: only rows where the field is among these
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from graph_service.model import EdgeType, Label
from loaders.clean import CLEANERS
from loaders.vocabulary import words

#: A property's fields: the first that has a value, or all of them as paragraphs.
Source = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A column: the headers it is known by, its cleaner, and the field whose column it shares.

    ``above`` is the cleaner that reads it from a table's title where it has no such column.
    """

    name: str
    headers: tuple[str, ...]
    clean: str
    of: str | None = None
    above: str | None = None


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """What node a row makes."""

    alias: str
    label: Label
    how: str
    name: Source = ()
    code: Source = ()
    former: Source = ()
    short: Source = ()
    local_code: Source = ()
    kind: Source = ()
    default_kind: str | None = None
    prefix: str | None = None
    scheme: str | None = None
    owner: str | None = None
    required: bool = False
    defines: bool = False
    props: Mapping[str, Source] = field(default_factory=dict)
    joined: Mapping[str, Source] = field(default_factory=dict)
    united: Mapping[str, Source] = field(default_factory=dict)
    entry: Mapping[str, Source] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    tells: bool = False

    @property
    def identifying(self) -> Source:
        """The fields that say which node it is."""
        return (
            *self.name,
            *self.code,
            *self.former,
            *self.short,
            *self.local_code,
            *self.kind,
        )

    def within(self, present: frozenset[str]) -> "NodeSpec":
        """The same, as far as a sheet has the fields.

        ``tells`` says whether rows add to such a node, so that several rows make one: where it is
        defined, given properties, or named beside its code.
        """
        kept = {key: _within(getattr(self, key), present) for key in _SOURCES}
        told = {key: _all_within(getattr(self, key), present) for key in _TOLD}
        adds = self.defines or any(told.values()) or bool(kept["name"] and kept["code"])
        changes: dict[str, Any] = {**told, **kept}
        return replace(self, tells=adds and self.how != "document", **changes)


_SOURCES = ("name", "code", "former", "short", "local_code", "kind")
#: What a node's properties are made of.
_TOLD = ("props", "joined", "united", "entry")


def _within(source: Source, present: frozenset[str]) -> Source:
    return tuple(name for name in source if name in present)


def _all_within(sources: Mapping[str, Source], present: frozenset[str]) -> dict[str, Source]:
    found = {key: _within(source, present) for key, source in sources.items()}
    return {key: source for key, source in found.items() if source}


@dataclass(frozen=True, slots=True)
class EdgeSpec:
    """What edge a row makes between nodes it made."""

    type: EdgeType
    start: str
    end: str
    key: str | None
    props: Mapping[str, Source]
    when: Mapping[str, frozenset[str]]
    confidence: float
    inferred: bool

    def within(self, present: frozenset[str]) -> "EdgeSpec":
        """The same, as far as a sheet has the fields."""
        return replace(self, props=_all_within(self.props, present))


@dataclass(frozen=True, slots=True)
class Declared:
    """A declared mapping; see the module."""

    name: str
    title: str
    rank: int
    required: tuple[str, ...]
    any: tuple[str, ...]
    values: Mapping[str, frozenset[str]]
    relations: str | None
    observed_at: str | None
    fields: Mapping[str, FieldSpec]
    nodes: tuple[NodeSpec, ...]
    edges: tuple[EdgeSpec, ...]


_FOOTNOTES = re.compile(r"[\u2460-\u2473\u00b9\u00b2\u00b3\u2070-\u2079†‡※★☆▲△#]|(?<=.)注\d$")
_NUMBERING = re.compile(r"\d{1,2}[.、)]|[一二三四五六七八九十]{1,3}[、.]")
_UNIT = r"(?:人民币)?([百千万亿]*元)"
_UNIT_TAIL = re.compile(rf"(?:[,，/]|单位:?){_UNIT}$")
_IGNORED = re.compile(r"[\s_\-*:：·.、,/\"“”]|\([^)]*\)|\[[^\]]*\]|【[^】]*】")


@lru_cache(maxsize=65_536)
def header_key(header: object) -> str:
    """A header in normal form: no case, white space, brackets with what is in them, marks,
    numbering ("一、", "1."), footnote signs, unit at the end ("/万元")."""
    folded = "".join(unicodedata.normalize("NFKC", _FOOTNOTES.sub("", str(header))).split())
    plain = _UNIT_TAIL.sub("", _NUMBERING.sub("", folded.lower(), count=1) or folded)
    return _IGNORED.sub("", plain)


def header_unit(header: object) -> str:
    """What stands in a header's last brackets: "营收占比（%）" → "%"; or its unit at the end."""
    folded = "".join(unicodedata.normalize("NFKC", str(header)).split())
    found = re.findall(r"\(([^)]*)\)", folded)
    if found:
        return str(found[-1]).strip()
    match = _UNIT_TAIL.search(folded)
    return match[1] if match else ""


def is_label(header: str) -> bool:
    """Whether a declared mapping knows a header."""
    return header_key(header) in _labels()


@cache
def _labels() -> frozenset[str]:
    return frozenset(
        header
        for mapping in declared()
        for spec in mapping.fields.values()
        for header in spec.headers
    )


@cache
def declared() -> tuple[Declared, ...]:
    """All mappings of the package, by rank and name."""
    folder = resources.files("loaders") / "mappings"
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    found = [parse(file.name[:-5], tomllib.loads(file.read_text("utf-8"))) for file in files]
    return tuple(sorted(found, key=lambda mapping: (mapping.rank, mapping.name)))


def text_of(name: str) -> str:
    """The file of a built-in mapping.

    Raises:
        KeyError: there is none of that name.
    """
    if name not in {mapping.name for mapping in declared()}:
        raise KeyError(name)
    return (resources.files("loaders") / "mappings" / f"{name}.toml").read_text("utf-8")


def parse(name: str, data: Mapping[str, Any]) -> Declared:
    """A mapping from the content of its file.

    Raises:
        ValueError: it names fields, cleaners, labels or keys that do not exist.
    """
    _known(
        name,
        data,
        "title rank required any values relations observed_at confidence inferred fields nodes "
        "edges",
    )
    fields = {key: _field(name, key, spec) for key, spec in data["fields"].items()}
    nodes = tuple(_node(name, spec) for spec in data["nodes"])
    edges = tuple(_edge(name, spec, data) for spec in data.get("edges", ()))
    mapping = Declared(
        name=name,
        title=data["title"],
        rank=data["rank"],
        required=tuple(data["required"]),
        any=tuple(data.get("any", ())),
        values={key: frozenset(cells) for key, cells in data.get("values", {}).items()},
        relations=data.get("relations"),
        observed_at=data.get("observed_at"),
        fields=fields,
        nodes=nodes,
        edges=edges,
    )
    _check(mapping)
    return mapping


def _field(mapping: str, name: str, spec: Mapping[str, Any]) -> FieldSpec:
    _known(mapping, spec, "headers clean like of above")
    like = words("headers")[spec["like"]] if "like" in spec else {}
    headers = [*spec.get("headers", ()), *like.get("headers", ())]
    return FieldSpec(
        name,
        tuple(dict.fromkeys(map(header_key, headers))),
        spec.get("clean") or like.get("clean") or "text",
        spec.get("of"),
        spec.get("above"),
    )


def _node(mapping: str, spec: Mapping[str, Any]) -> NodeSpec:
    plain = ("how", "default_kind", "prefix", "scheme", "owner", "required", "defines")
    _known(mapping, spec, " ".join(("as label props entry constants", *_SOURCES, *plain)))
    props: Mapping[str, Any] = spec.get("props", {})
    rest: dict[str, Any] = {key: tuple(spec.get(key, ())) for key in _SOURCES}
    return NodeSpec(
        alias=spec["as"],
        label=Label(spec["label"]),
        props={key: tuple(source) for key, source in props.items() if isinstance(source, list)},
        joined=_sources(mapping, props, "join"),
        united=_sources(mapping, props, "union"),
        entry={key: tuple(source) for key, source in spec.get("entry", {}).items()},
        constants=spec.get("constants", {}),
        **rest,
        **{key: spec[key] for key in plain if key in spec},
    )


def _sources(mapping: str, props: Mapping[str, Any], way: str) -> dict[str, Source]:
    """The properties that are made of several fields in this way."""
    several = {key: source for key, source in props.items() if isinstance(source, dict)}
    for source in several.values():
        _known(mapping, source, "join union")
    return {key: tuple(source[way]) for key, source in several.items() if way in source}


def _edge(mapping: str, spec: Mapping[str, Any], data: Mapping[str, Any]) -> EdgeSpec:
    _known(mapping, spec, "type from to key props when confidence inferred")
    return EdgeSpec(
        type=EdgeType(spec["type"]),
        start=spec["from"],
        end=spec["to"],
        key=spec.get("key"),
        props={key: tuple(source) for key, source in spec.get("props", {}).items()},
        when={key: frozenset(cells) for key, cells in spec.get("when", {}).items()},
        confidence=spec.get("confidence", data.get("confidence", 1.0)),
        inferred=spec.get("inferred", data.get("inferred", False)),
    )


def _known(mapping: str, spec: Mapping[str, Any], keys: str) -> None:
    if unknown := set(spec) - set(keys.split()):
        raise ValueError(f"mapping {mapping}: unknown keys {sorted(unknown)}")


def _check(mapping: Declared) -> None:
    used: set[str] = {*mapping.required, *mapping.any, *mapping.values}
    used |= {spec.of for spec in mapping.fields.values() if spec.of}
    used |= {mapping.relations} if mapping.relations else set()
    aliases = {spec.alias for spec in mapping.nodes}
    for spec in mapping.nodes:
        used.update(spec.identifying)
        used.update(*(source for key in _TOLD for source in getattr(spec, key).values()))
    for edge in mapping.edges:
        used |= set(edge.when) | {field for source in edge.props.values() for field in source}
        if missing := {edge.start, edge.end, edge.key or edge.end} - aliases:
            raise ValueError(f"mapping {mapping.name}: no node {sorted(missing)}")
    if missing := used - set(mapping.fields):
        raise ValueError(f"mapping {mapping.name}: no field {sorted(missing)}")
    cleaners = {spec.clean for spec in mapping.fields.values()}
    cleaners |= {spec.above for spec in mapping.fields.values() if spec.above}
    if bad := cleaners - set(CLEANERS):
        raise ValueError(f"mapping {mapping.name}: no cleaner {sorted(bad)}")


def columns(mapping: Declared, header: Sequence[object]) -> dict[str, int]:
    """Field → column of a header. A field takes its best synonym, a column serves one field."""
    places: dict[str, int] = {}
    for index, cell in enumerate(header):
        if cell is not None and (key := header_key(cell)):
            places.setdefault(key, index)
    found: dict[str, int] = {}
    taken: set[int] = set()
    for spec in mapping.fields.values():
        for synonym in spec.headers:
            index = places.get(synonym, -1)
            if index >= 0 and index not in taken:
                found[spec.name] = index
                taken.add(index)
                break
    for spec in mapping.fields.values():
        if spec.of in found:
            found[spec.name] = found[spec.of]
    return found
