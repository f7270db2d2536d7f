"""What texts say."""

from typing import Annotated

from fastapi import APIRouter, Body, Path
from starlette.responses import Response

from api.http.answers import answer
from api.http.bounds import NodeId
from api.http.deps import HEAVY, Made, Seen
from api.http.problems import documented
from api.http.routes.exact import Exact
from api.http.routes.examples import DEMAND, RESULT, TEXT, named
from api.http.schemas.reading import ReadingAnswer, ReadingBody
from graph_service.understanding.reading import read, read_node

router = APIRouter(route_class=Exact, tags=["匹配"])


@router.get(
    "/nodes/{id}/reading",
    summary="读懂一个节点的文字：各部分与指标",
    dependencies=[HEAVY],
    responses={
        200: {"model": ReadingAnswer},
        **documented("not_found", "busy", "query_timeout"),
    },
)
def node_reading(
    made: Made,
    viewer: Seen,
    id_: Annotated[
        NodeId,
        Path(
            alias="id",
            description="节点编号；其中的 / 与 % 写成 %2F 与 %25",
            openapi_examples=named(demand=DEMAND, result=RESULT),
        ),
    ],
) -> Response:
    """需求的正文分成各部分，每一部分说明依据；指标都是机器识别，位置是原文的字符位置。"""
    return answer(read_node(made.explorer.node(id_, viewer=viewer)).as_dict())


@router.post(
    "/readings",
    summary="读懂一段文字：各部分与指标",
    dependencies=[HEAVY],
    responses={200: {"model": ReadingAnswer}, **documented("busy", "query_timeout")},
)
def text_reading(
    asked: Annotated[ReadingBody, Body(openapi_examples=named(text={"text": TEXT}))],
) -> Response:
    """与 `GET /nodes/{id}/reading` 相同，读给出的文字；什么也不存。"""
    return answer(read("", asked.text).as_dict())
