"""Demands together: which are alike, and who is shown to those who post them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.exposing import exposure as report_of
from api.filters import QueryFilters
from api.http.answers import answer
from api.http.bounds import NodeId, Top
from api.http.deps import HEAVY, Made, Seen
from api.http.problems import documented
from api.http.routes.exact import Exact
from api.http.routes.examples import DEMAND, named
from api.http.schemas.demands import AlikeAnswer, ExposureAnswer
from api.jobs.params import RecipeName
from api.likening import alike as find_alike
from graph_service.matching.alike.types import THRESHOLD
from graph_service.matching.types import Target

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
            allow_inf_nan=False,
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


@router.get(
    "/exposure",
    summary="谁被展示给了发榜方：按梯度、区县与机构",
    dependencies=[HEAVY],
    responses={200: {"model": ExposureAnswer}, **documented("busy", "query_timeout")},
)
def exposure(
    made: Made,
    viewer: Seen,
    where: Annotated[QueryFilters, Query()],
    to: Annotated[
        Literal["results", "organizations"], Query(description="谁的曝光：成果的，或机构的")
    ] = "results",
    recipe: Annotated[RecipeName, Query(description="匹配方案")] = "full",
    top: Annotated[int, Query(ge=1, le=200, description="每项需求看前几名")] = 10,
    group: Annotated[bool, Query(description="同一机构的成果只算最好的一个；false 则都算")] = True,
    demand: Annotated[
        list[NodeId],
        Query(
            max_length=100,
            description="只看这些需求，可给多个；缺省为符合条件的全部",
            openapi_examples=named(one=[DEMAND]),
        ),
    ] = [],  # noqa: B006 - never changed; FastAPI shows it as the default
) -> Response:
    """由成批匹配（`bulk_match` 任务）记下的名单算出：各梯度、各区县占的名次与它们在候选全体里的
    比例对照，机构之间的集中程度，最常出现的十家。条件选的是需求。"""
    return answer(
        report_of(
            made,
            to=Target(to),
            recipe=recipe,
            top=top,
            group=group,
            demands=demand,
            where=where.where(),
            viewer=viewer,
        )
    )
