"""The words of the graph: labels, edge types, nodes, edges, filters and what the ports return.

All types are frozen; a store returns these and never a driver's record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

Props = Mapping[str, Any]
Direction = Literal["out", "in", "both"]


class Label(StrEnum):
    """What a node is."""

    ORGANIZATION = "Organization"  # 企业、高校、院所、专业服务机构
    PRODUCT = "Product"  # 产品
    INDUSTRY = "Industry"  # 行业 (GB/T 4754, 申万, IPC)
    CHAIN = "Chain"  # 产业链
    REGION = "Region"  # 区域
    PERSON = "Person"  # 人员
    DEMAND = "Demand"  # 需求、榜单
    RESULT = "Result"  # 科技成果
    POLICY = "Policy"  # 政策
    EVENT = "Event"  # 活动
    COMMUNITY = "Community"  # 群落


class EdgeType(StrEnum):
    """How two nodes are related; read from the first to the second."""

    MAKES = "MAKES"  # org -> product 生产
    NEEDS = "NEEDS"  # org -> product 采购、需要
    SUPPLIES = "SUPPLIES"  # org -> org 供应 (product in ``key``)
    UPSTREAM_OF = "UPSTREAM_OF"  # product -> product, industry -> industry 上游
    SUBTYPE_OF = "SUBTYPE_OF"  # product -> product, taxonomy child -> parent 小类
    ABOUT = "ABOUT"  # demand/result -> product/industry 涉及
    IN_INDUSTRY = "IN_INDUSTRY"  # org -> industry 所属行业
    IN_CHAIN = "IN_CHAIN"  # org/product -> chain 所属产业链
    LEADS = "LEADS"  # org -> chain 链主
    LOCATED_IN = "LOCATED_IN"  # org -> region, region -> region 位于
    OWNS = "OWNS"  # org -> result 拥有
    AUTHORED = "AUTHORED"  # person -> result 作者
    CONTROLS = "CONTROLS"  # org -> org 控股
    POSTED = "POSTED"  # org -> demand 发榜
    BID_ON = "BID_ON"  # org -> demand 揭榜
    WON = "WON"  # org -> demand 中榜
    PARTNERED = "PARTNERED"  # org -> org 合作
    MEMBER_OF = "MEMBER_OF"  # node -> community, person -> org 成员
    CONFLICTS_WITH = "CONFLICTS_WITH"  # org/person -> org/person 利益冲突
    MATCHED = "MATCHED"  # demand -> result/org 匹配: what ``bulk match`` found, never observed


#: Label given to the bare node that an edge to an unknown id makes: (from, to) for each edge type.
ENDPOINTS: Mapping[EdgeType, tuple[Label, Label]] = {
    EdgeType.MAKES: (Label.ORGANIZATION, Label.PRODUCT),
    EdgeType.NEEDS: (Label.ORGANIZATION, Label.PRODUCT),
    EdgeType.SUPPLIES: (Label.ORGANIZATION, Label.ORGANIZATION),
    EdgeType.UPSTREAM_OF: (Label.PRODUCT, Label.PRODUCT),
    EdgeType.SUBTYPE_OF: (Label.PRODUCT, Label.PRODUCT),
    EdgeType.ABOUT: (Label.RESULT, Label.PRODUCT),
    EdgeType.IN_INDUSTRY: (Label.ORGANIZATION, Label.INDUSTRY),
    EdgeType.IN_CHAIN: (Label.ORGANIZATION, Label.CHAIN),
    EdgeType.LEADS: (Label.ORGANIZATION, Label.CHAIN),
    EdgeType.LOCATED_IN: (Label.ORGANIZATION, Label.REGION),
    EdgeType.OWNS: (Label.ORGANIZATION, Label.RESULT),
    EdgeType.AUTHORED: (Label.PERSON, Label.RESULT),
    EdgeType.CONTROLS: (Label.ORGANIZATION, Label.ORGANIZATION),
    EdgeType.POSTED: (Label.ORGANIZATION, Label.DEMAND),
    EdgeType.BID_ON: (Label.ORGANIZATION, Label.DEMAND),
    EdgeType.WON: (Label.ORGANIZATION, Label.DEMAND),
    EdgeType.PARTNERED: (Label.ORGANIZATION, Label.ORGANIZATION),
    EdgeType.MEMBER_OF: (Label.ORGANIZATION, Label.COMMUNITY),
    EdgeType.CONFLICTS_WITH: (Label.ORGANIZATION, Label.ORGANIZATION),
    EdgeType.MATCHED: (Label.DEMAND, Label.RESULT),
}

#: Edge types that say something of the world. MATCHED says what matching thought of it, and is no
#: reason for anything: nothing that looks for reasons walks over it.
EVIDENCE = frozenset(EdgeType) - {EdgeType.MATCHED}


@dataclass(frozen=True, slots=True)
class Node:
    """One thing in the graph.

    ``props`` is the merge of what every source says (see ``store.facts``); ``source`` and
    ``observed_at`` (ISO, possibly partial: "2021-10") are those of the newest source; ``version``
    counts changes from 1. Common props: name/title, text, kind, tiers, district, industry.
    """

    id: str
    label: Label
    props: Props = field(default_factory=dict)
    source: str | None = None
    observed_at: str | None = None
    version: int = 0

    @property
    def title(self) -> str:
        """The name to show: ``title``, else ``name``, else the id."""
        return str(self.props.get("title") or self.props.get("name") or self.id)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data, as the command line and the API give it."""
        return {
            "id": self.id,
            "label": self.label.value,
            "title": self.title,
            "props": dict(self.props),
            "source": self.source,
            "observed_at": self.observed_at,
            "version": self.version,
        }


@dataclass(frozen=True, slots=True)
class Edge:
    """One directed relation. Identity is (type, from_id, to_id, key).

    ``key`` tells parallel edges apart (SUPPLIES: the product's id), else "". ``confidence`` is in
    [0, 1]. ``inferred`` edges are guesses and are never shown as observed.
    """

    type: EdgeType
    from_id: str
    to_id: str
    key: str = ""
    props: Props = field(default_factory=dict)
    source: str | None = None
    observed_at: str | None = None
    confidence: float = 1.0
    inferred: bool = False
    version: int = 0

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data, as the command line and the API give it."""
        return {
            "type": self.type.value,
            "from": self.from_id,
            "to": self.to_id,
            "key": self.key,
            "props": dict(self.props),
            "source": self.source,
            "observed_at": self.observed_at,
            "confidence": self.confidence,
            "inferred": self.inferred,
            "version": self.version,
        }


@dataclass(frozen=True, slots=True)
class Filter:
    """Which nodes: every given condition must hold, a condition with several values is met by any.

    Attributes:
        labels: node labels; empty means any.
        ids: node ids; empty means any.
        kinds: ``props["kind"]``.
        tiers: a tier held today (梯度: 创新型, 专精特新, 小巨人, 重点小巨人, 单项冠军), by
            ``props["tiers"]`` of the node, or of the organisation that owns or posted it.
        districts: ``props["district"]`` of the node, or of the organisation that owns or posted it.
        industries: ``props["industry"]`` (a string or a list), or the id or name of a node that an
            IN_INDUSTRY edge leads to, or of one above it (SUBTYPE_OF).
        observed_from: keep nodes whose ``observed_at`` is at or after this date (partial dates
            count as their first day).
        observed_to: ... at or before this date (partial dates count as their first day).
    """

    labels: frozenset[Label] = frozenset()
    ids: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    districts: frozenset[str] = frozenset()
    industries: frozenset[str] = frozenset()
    observed_from: str | None = None
    observed_to: str | None = None

    @property
    def only_labels(self) -> bool:
        """True where nothing but labels is asked for."""
        return self == Filter(labels=self.labels)


#: The filter that every node passes.
ANY = Filter()


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction writes. Deleting a node deletes its edges and passages.

    ``merges`` are pairs (gone, kept) of ids: from then on both name one node, the kept one;
    ``splits`` are ids once gone, which name a node of their own again.
    """

    nodes: Sequence[Node] = ()
    edges: Sequence[Edge] = ()
    delete_nodes: Sequence[str] = ()
    delete_edges: Sequence[tuple[EdgeType, str, str, str]] = ()
    merges: Sequence[tuple[str, str]] = ()
    splits: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """Something kept beside the graph: a decision, a bid, an account, a job, a line of audit.

    ``kind`` and ``id`` say which; ``version`` counts its writes from 1; ``data`` is plain JSON.
    """

    kind: str
    id: str
    version: int
    data: Props


@dataclass(frozen=True, slots=True)
class Put:
    """A record to be written.

    Attributes:
        kind: of the record.
        id: of the record; None appends: the store gives the next id of the kind, rising.
        data: JSON-ready; None deletes the record.
        expected: the version at which it must be, 0 for one that must not be there; None for any.
        version: that it has then, in a copy; None for one more than it had.
    """

    kind: str
    id: str | None
    data: Props | None
    expected: int | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class UnitOfWork:
    """Records and a change of the graph that are written together or not at all."""

    puts: Sequence[Put] = ()
    batch: Batch = field(default_factory=Batch)


@dataclass(frozen=True, slots=True)
class Committed:
    """What a unit of work did: the records as they stand now, in its order (without the deleted
    ones), and the change of the graph."""

    records: Sequence[Record]
    changes: "Changes"


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page of records in id order; ``cursor`` continues after it, None at the end."""

    records: Sequence[Record]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one kind of thing in a write."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.deleted + other.deleted,
        )


@dataclass(frozen=True, slots=True)
class Changes:
    """What a write did. ``bare`` counts nodes made because an edge named an unknown id."""

    nodes: Tally = Tally()
    edges: Tally = Tally()
    bare: int = 0

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(self.nodes + other.nodes, self.edges + other.edges, self.bare + other.bare)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of nodes in id order; ``cursor`` continues after it, None at the end."""

    nodes: Sequence[Node]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Hop:
    """An edge walked from ``start`` to ``end``; ``forward`` false means against its direction."""

    edge: Edge
    forward: bool

    @property
    def start(self) -> str:
        return self.edge.from_id if self.forward else self.edge.to_id

    @property
    def end(self) -> str:
        return self.edge.to_id if self.forward else self.edge.from_id


@dataclass(frozen=True, slots=True)
class Path:
    """A simple path (no node twice): hop i ends where hop i+1 starts."""

    hops: tuple[Hop, ...]

    @property
    def node_ids(self) -> tuple[str, ...]:
        return (self.hops[0].start, *(hop.end for hop in self.hops)) if self.hops else ()


@dataclass(frozen=True, slots=True)
class PathStep:
    """A hop of a shown path with the names of its ends."""

    hop: Hop
    start_title: str
    end_title: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data, as the command line and the API give it."""
        edge = self.hop.edge
        return {
            "from": {"id": self.hop.start, "title": self.start_title},
            "to": {"id": self.hop.end, "title": self.end_title},
            "type": edge.type.value,
            "forward": self.hop.forward,
            "source": edge.source,
            "observed_at": edge.observed_at,
            "confidence": edge.confidence,
            "inferred": edge.inferred,
        }


@dataclass(frozen=True, slots=True)
class Hit:
    """A node found by a search, with the engine's own score (higher is better)."""

    node_id: str
    score: float


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is looking. Until accounts exist there is one viewer, who may see all."""

    name: str = "everyone"
    sees_all: bool = True


#: The viewer of the command line, and of the service until accounts exist.
EVERYONE = Viewer()
