"""The graph itself: nodes, relations, paths, parts, counts."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api.filters import QueryFilters
from api.http.answers import answer, tagged
from api.http.bounds import Hops, NodeId, PathCount, SubgraphSize
from api.http.deps import HEAVY, TIMED, Made, Page, Seen
from api.http.problems import documented
from api.http.routes.exact import Exact
from api.http.routes.examples import DEMAND, FIRM, RESULT, named
from api.http.schemas.graph import (
    Direction,
    NeighboursAnswer,
    Node,
    NodesAnswer,
    PathsAnswer,
    StatisticsAnswer,
    SubgraphAnswer,
)
from graph_service.model import EdgeType, Label

router = APIRouter(route_class=Exact, tags=["图谱"])

_MISSING = documented("not_found", "query_timeout")
_HEAVY = documented("not_found", "busy", "query_timeout")

Id = Annotated[
    NodeId,
    Path(
        alias="id",
        description="节点编号；其中的 / 与 % 写成 %2F 与 %25",
        openapi_examples=named(demand=DEMAND, firm=FIRM),
    ),
]
Types = Annotated[
    list[EdgeType],
    Query(alias="type", description="只看这些种类的关系，可给多个；缺省为全部"),
]
Along = Annotated[Direction, Query(description="沿关系方向 out、逆方向 in，或不限 both")]
Labels = Annotated[
    list[Label],
    Query(
        alias="label",
        description="种类，可给多个；缺省为全部",
        openapi_examples=named(demands=["Demand"]),
    ),
]


@router.get(
    "/nodes",
    summary="逐页列出节点",
    dependencies=[TIMED],
    responses={200: {"model": NodesAnswer}, **documented("query_timeout")},
)
def nodes(
    made: Made,
    viewer: Seen,
    page: Page,
    where: Annotated[QueryFilters, Query()],
    labels: Labels = [],  # noqa: B006 - never changed; FastAPI shows it as the default
) -> Response:
    """按编号排列；逐页取完，不缺不重。"""
    found = made.explorer.nodes(
        where.where(labels), after=page.after, limit=page.limit, viewer=viewer
    )
    listed = [node.as_dict() for node in found.nodes]
    return answer({"nodes": listed, "next": page.next(found.cursor)})


@router.get(
    "/nodes/{id}",
    summary="一个节点的属性、来源与日期",
    dependencies=[TIMED],
    responses={200: {"model": Node}, 304: {"description": "没有变过"}, **_MISSING},
)
def node(request: Request, made: Made, viewer: Seen, id_: Id) -> Response:
    """答案带 ETag；把它放进 If-None-Match 再问，没有变过就只答 304。"""
    return tagged(request, made.explorer.node(id_, viewer=viewer).as_dict())


@router.get(
    "/nodes/{id}/neighbours",
    summary="一个节点的关系，逐页",
    dependencies=[TIMED],
    responses={200: {"model": NeighboursAnswer}, **_MISSING},
)
def neighbours(
    made: Made,
    viewer: Seen,
    page: Page,
    id_: Id,
    types: Types = [],  # noqa: B006
    direction: Along = "both",
) -> Response:
    """观测的在前，其次按置信度从高到低；推断的都标明。"""
    found = made.explorer.neighbours(
        id_,
        types=types,
        direction=direction,
        after=page.after,
        limit=page.limit,
        viewer=viewer,
    )
    return answer({**found.as_dict(), "next": page.next(found.cursor)})


@router.get(
    "/paths",
    summary="两个节点之间最短的几条路径",
    dependencies=[HEAVY],
    responses={200: {"model": PathsAnswer}, **_HEAVY},
)
def paths(
    made: Made,
    viewer: Seen,
    start: Annotated[
        NodeId,
        Query(alias="from", description="起点的节点编号", openapi_examples=named(city=FIRM)),
    ],
    end: Annotated[
        NodeId,
        Query(alias="to", description="终点的节点编号", openapi_examples=named(city=RESULT)),
    ],
    types: Types = [],  # noqa: B006
    direction: Along = "both",
    max_hops: Annotated[Hops, Query(description="最多几步")] = 4,
    k: Annotated[PathCount, Query(description="最多几条")] = 3,
) -> Response:
    """每一步带来源、日期、置信度，并标明是否推断。不给 type 时不经成批匹配所得的 MATCHED。"""
    found = made.explorer.paths(
        start,
        end,
        types=types,
        direction=direction,
        max_hops=max_hops,
        k=k,
        viewer=viewer,
    )
    return answer(found.as_dict())


@router.get(
    "/subgraph",
    summary="符合条件的节点和它们之间的全部关系",
    dependencies=[HEAVY],
    responses={200: {"model": SubgraphAnswer}, **documented("busy", "query_timeout")},
)
def subgraph(
    made: Made,
    viewer: Seen,
    where: Annotated[QueryFilters, Query()],
    labels: Labels = [],  # noqa: B006
    types: Types = [],  # noqa: B006
    limit: Annotated[SubgraphSize, Query(description="最多几个节点")] = 500,
) -> Response:
    """节点按编号取前几个；还有没列出的，`more_nodes`、`more_edges` 为 true。"""
    found = made.explorer.subgraph(
        where.where(labels),
        types=types,
        nodes=limit,
        edges=made.settings.subgraph_edges,
        viewer=viewer,
    )
    return answer(found.as_dict())


@router.get(
    "/statistics",
    summary="图谱里有多少节点、关系、文字与向量",
    dependencies=[TIMED],
    responses={200: {"model": StatisticsAnswer}, **documented("query_timeout")},
)
def statistics(made: Made, viewer: Seen) -> Response:
    """推断的关系另计。"""
    return answer(made.explorer.stats(viewer=viewer))
