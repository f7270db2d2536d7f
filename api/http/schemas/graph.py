"""Nodes, relations, paths and parts of the graph."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from graph_service.model import EdgeType, Label


class Answer(BaseModel):
    """A part of an answer: these fields and no others."""

    model_config = ConfigDict(extra="forbid")


class Ref(Answer):
    """A node by id and name."""

    id: str = Field(description="节点编号")
    title: str = Field(description="名称；没有名称的以编号代替")


class Node(Answer):
    """A node: the merge of what every source says of it."""

    id: str = Field(description="节点编号；合并过的机构给出保留的那一个")
    label: Label = Field(description="种类")
    title: str = Field(description="名称；没有名称的以编号代替")
    props: dict[str, Any] = Field(description="属性；见文档“数据格式”")
    source: str | None = Field(description="最新一个来源")
    observed_at: str | None = Field(description="它的日期，可能只有年或年月")
    version: int = Field(description="第几版，从 1 起")


class Step(Answer):
    """An edge as walked. An inferred one is a guess and must never be shown as observed."""

    from_: Ref = Field(alias="from", description="从哪个节点走来")
    to: Ref = Field(description="走到哪个节点")
    type: EdgeType = Field(description="关系的种类")
    forward: bool = Field(description="是否顺着关系的方向走；否则关系本身由 to 指向 from")
    source: str | None = Field(description="来源")
    observed_at: str | None = Field(description="日期，可能只有年或年月")
    confidence: float = Field(ge=0, le=1, description="置信度")
    inferred: bool = Field(description="是否推断；推断的不是观测到的事实，显示时须标明")


class Relation(Step):
    """An edge at a node."""

    key: str = Field(description="区分并列的关系，如供应的产品；多为空")
    props: dict[str, Any] = Field(description="属性")


class Edge(Answer):
    """An edge in its own direction."""

    type: EdgeType = Field(description="关系的种类")
    from_: str = Field(alias="from", description="起点的节点编号")
    to: str = Field(description="终点的节点编号")
    key: str = Field(description="区分并列的关系，如供应的产品；多为空")
    props: dict[str, Any] = Field(description="属性")
    source: str | None = Field(description="来源")
    observed_at: str | None = Field(description="日期，可能只有年或年月")
    confidence: float = Field(ge=0, le=1, description="置信度")
    inferred: bool = Field(description="是否推断；推断的不是观测到的事实，显示时须标明")
    version: int = Field(description="第几版，从 1 起")


class Listed(Answer):
    """A page of a listing."""

    next: str | None = Field(description="下一页的游标，放进参数 cursor；null 表示已到末尾")


class NodesAnswer(Listed):
    """A page of nodes in id order."""

    nodes: list[Node]


class NeighboursAnswer(Listed):
    """A node and a page of its relations: observed before inferred, the surest first."""

    node: Node
    edges: list[Relation] = Field(description="观测的在前，再按置信度")


class Path(Answer):
    """A way from one node to another."""

    hops: int = Field(description="步数")
    path: list[Step]


class PathsAnswer(Answer):
    """The shortest ways between two nodes."""

    from_: str = Field(alias="from", description="起点的节点编号")
    to: str = Field(description="终点的节点编号")
    took_ms: float = Field(description="用时，毫秒")
    paths: list[Path] = Field(description="最短的在前；没有路径时为空")


class SubgraphAnswer(Answer):
    """A part of the graph."""

    nodes: list[Node] = Field(description="按编号排列")
    edges: list[Edge] = Field(description="这些节点之间的全部关系")
    more_nodes: bool = Field(description="是否还有符合条件而没有列出的节点")
    more_edges: bool = Field(description="是否还有没有列出的关系")


class EdgeCounts(Answer):
    """How many edges of a type."""

    observed: int = Field(description="观测的")
    inferred: int = Field(description="推断的")


class VectorCounts(Answer):
    """Vectors of one model."""

    dimension: int = Field(description="维数")
    texts: int = Field(description="已有向量的文字段数")
    pending: int = Field(description="还没有向量的文字段数")


class StatisticsAnswer(Answer):
    """What is in the graph."""

    nodes: dict[Label, int] = Field(description="各种节点的数量")
    edges: dict[EdgeType, EdgeCounts] = Field(description="各种关系的数量")
    passages: int = Field(description="可检索的文字段数")
    vectors: dict[str, VectorCounts] = Field(description="各向量模型的向量")
    records: dict[str, int] = Field(description="图之外各种记录的数量，如任务、核对的决定")
    change: int = Field(description="变更序号；不变即内容没有变过")


Direction = Literal["out", "in", "both"]
