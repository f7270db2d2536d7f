"""Demands together: which are alike."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.filters import QueryFilters
from api.http.answers import answer
from api.http.bounds import Top
from api.http.deps import HEAVY, Made, Seen
from api.http.problems import documented
from api.http.routes.exact import Exact
from api.http.routes.examples import named
from api.http.schemas.demands import AlikeAnswer
from api.likening import alike as find_alike
from graph_service.matching.alike.types import THRESHOLD

router = APIRouter(route_class=Exact, tags=["匹配"])


@router.get(
    "/alike",
    summary="可以并成一项发布的需求（共性需求）",
    dependencies=[HEAVY],
    responses={200: {"model": AlikeAnswer}, **documented("busy", "query_timeout", "fingerprint")},
)
def alike(
    made: Made,
    viewer: Seen,
    where: Annotated[QueryFilters, Query()],
    firms: Annotated[
        int, Query(ge=1, le=1000, description="只要至少这么多家机构提出的；1 为全部")
    ] = 1,
    threshold: Annotated[
        float,
        Query(
            ge=0.01,
            le=1,
            description="同组任意两项至少这样相近，0–1",
            openapi_examples=named(looser=0.2),
        ),
    ] = THRESHOLD,
    limit: Annotated[Top, Query(description="最多几组")] = 20,
) -> Response:
    """同组的需求两两相近（全连接聚类），不会由甲及乙、由乙及丙地连成一串。各组给出共同的要求与不同
    之处；名称、词语、指标是机器识别的。条件选的是需求；一次至多比较 5,000 项。"""
    return answer(
        find_alike(
            made,
            where=where.where(),
            threshold=threshold,
            firms=firms,
            limit=limit,
            viewer=viewer,
        )
    )
