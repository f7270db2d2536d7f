"""Which node a name or a code stands for: organisations, regions, chains, industries.

Identity is decided in three steps: by code (统一社会信用代码, GB/T 4754, GB/T 2260 …), then by the
full name in normal form, present or former, where the codes do not contradict; else the thing is
new, and its id is made of its code or, without one, of its name. A node keeps its first id: a firm
known by name and met with its code later, or the other way round, stays the same node. What the
store holds is learned before a load decides anything, so that loading again decides alike.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graph_service.model import Filter, Label, Node
from graph_service.paging import node_pages
from graph_service.ports import GraphStore
from graph_service.text import normalize
from loaders import regions
from loaders.clean import name as clean_name
from loaders.vocabulary import words

_SCAN = 5000


@lru_cache(maxsize=65_536)
def name_key(name: str) -> str:
    """A name in normal form without white space: what equal names have in common."""
    return normalize(name).replace(" ", "")


@lru_cache(maxsize=65_536)
def kind_of(name: str) -> str | None:
    """The kind that an organisation's name tells (企业, 高校, 院所, 服务机构); None where none."""
    for kind, pattern in words("values")["kinds_by_name"].items():
        if re.search(pattern, name):
            return str(kind)
    return None


@dataclass(slots=True)
class Known:
    """What is known of a node: names by their key (the first is the one it goes by), code, kind."""

    id: str
    names: dict[str, str] = field(default_factory=dict)
    code: str | None = None
    kind: str | None = None
    guess: str | None = None

    @property
    def name(self) -> str | None:
        return next(iter(self.names.values()), None)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a row says about who or what it speaks of.

    ``former`` are full names that identify as the present one does; ``short`` ones only help to
    find it; ``local_code`` is the key under which other files refer to it (证券代码, 企业编号).
    ``kind`` is stated, ``guess`` only concluded.
    """

    name: str | None = None
    code: str | None = None
    former: Sequence[str] = ()
    short: Sequence[str] = ()
    local_code: str | None = None
    kind: str | None = None
    guess: str | None = None


class Registry:
    """The nodes of one label and, for industries, of one scheme."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._known: dict[str, Known] = {}
        self._by_code: dict[str, str] = {}
        self._by_local: dict[str, tuple[str, ...]] = {}
        self._by_name: dict[str, tuple[str, ...]] = {}
        self._by_short: dict[str, tuple[str, ...]] = {}

    def known(self, id_: str) -> Known | None:
        """What is known of a node."""
        return self._known.get(id_)

    def learn(self, node: Node) -> None:
        """Take in a node as it is, with the id it has, and what was merged into it: that keeps
        its id here, under which the store still takes what is said of it."""
        props = node.props
        for id_, merged in props.get("merged", {}).items():
            self.learn(Node(id_, node.label, merged))
        self._add(
            node.id,
            Identity(
                name=_text(props.get("name")),
                code=_text(props.get("uscc") or props.get("code")),
                former=_texts(props.get("names")),
                short=_texts(props.get("aliases")),
                local_code=_text(props.get("stock_code") or props.get("local_code")),
                kind=_text(props.get("kind")),
            ),
        )

    def register(self, identity: Identity) -> str | None:
        """The id of what a row defines; new where nothing known fits. None without name or code."""
        id_ = self._find(identity) or self._new(identity)
        if id_ is not None:
            self._add(id_, identity)
        return id_

    def find(self, identity: Identity) -> str | None:
        """The id of what a row mentions, whether or not it is known; None where that is unclear.

        A mention without a code may use a short name, if only one thing bears it.
        """
        id_ = self._find(identity)
        if id_ is None and identity.name and not identity.code:
            id_ = _only(self._by_short.get(name_key(identity.name), ()))
        return id_ or self._new(identity)

    def holders(self, local_code: str) -> Sequence[str]:
        """The ids of what bears a local code."""
        return self._by_local.get(local_code, ())

    def _find(self, identity: Identity) -> str | None:
        code = identity.code
        if code and (id_ := self._by_code.get(code)):
            return id_
        for name in filter(None, (identity.name, *identity.former)):
            key = name_key(name)
            fitting = [
                id_
                for id_ in self._by_name.get(key, ())
                if not code or self._known[id_].code in (None, code)
            ]
            if fitting:
                return min(fitting, key=lambda id_: self._order(id_, key))
        return None

    def _order(self, id_: str, key: str) -> tuple[bool, bool, int, str]:
        """Of several nodes of a name: the one whose id is that name, then our own ids, then the
        shortest (the highest level of a taxonomy). The id alone decides: it never changes."""
        return (
            id_ != f"{self._prefix}:{key}",
            not id_.startswith(f"{self._prefix}:"),
            len(id_),
            id_,
        )

    def _new(self, identity: Identity) -> str | None:
        stem = identity.code or (name_key(identity.name) if identity.name else None)
        return f"{self._prefix}:{stem}" if stem else None

    def _add(self, id_: str, identity: Identity) -> None:
        known = self._known.setdefault(id_, Known(id_))
        if identity.code:
            known.code = known.code or identity.code
            self._by_code.setdefault(identity.code, id_)
        known.kind = known.kind or identity.kind
        known.guess = known.guess or identity.guess
        for name in filter(None, (identity.name, *identity.former)):
            key = name_key(name)
            known.names.setdefault(key, name)
            _put(self._by_name, key, id_)
        for name in identity.short:
            _put(self._by_short, name_key(name), id_)
        if identity.local_code:
            _put(self._by_local, identity.local_code, id_)


class Resolver:
    """All registries of a load, filled from the store when the first of a label is asked for."""

    def __init__(self, store: GraphStore) -> None:
        self._store = store
        self._registries: dict[str, Registry] = {}
        self._learned: set[Label] = set()

    def registry(self, label: Label, prefix: str) -> Registry:
        """The registry of a label and id prefix ("org", "region", "industry:gbt4754" …)."""
        if label not in self._learned:
            self._learned.add(label)
            self._learn(label)
        return self._of(prefix)

    def _of(self, prefix: str) -> Registry:
        if prefix not in self._registries:
            self._registries[prefix] = Registry(prefix)
        return self._registries[prefix]

    def _learn(self, label: Label) -> None:
        for nodes in node_pages(self._store, Filter(labels=frozenset({label})), _SCAN):
            self.learn(nodes)
        if label is Label.REGION:
            region = self._of("region")
            for name, code in regions.codes().items():
                region.register(Identity(name=name, code=code))

    def learn(self, nodes: Iterable[Node]) -> None:
        """Take in nodes that a store or a graph file has."""
        for node in nodes:
            prefix = PREFIXES.get(node.label)
            if prefix is None:
                continue
            if node.label is Label.INDUSTRY:
                prefix = f"{prefix}:{node.props.get('scheme') or 'gbt4754'}"
            self.registry(node.label, prefix).learn(node)


#: Id prefixes of the labels that are resolved by name and code.
PREFIXES = {
    Label.ORGANIZATION: "org",
    Label.REGION: "region",
    Label.CHAIN: "chain",
    Label.INDUSTRY: "industry",
}


def _put(table: dict[str, tuple[str, ...]], key: str, id_: str) -> None:
    held = table.get(key, ())
    if id_ not in held:
        table[key] = (*held, id_)


def _only(ids: Sequence[str]) -> str | None:
    return ids[0] if len(ids) == 1 else None


def _text(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None


def _texts(value: Any) -> Sequence[str]:
    return [clean_name(item) or "" for item in value] if isinstance(value, list) else ()
