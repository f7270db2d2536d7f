"""The learned weights of ``full``: which are in use, how good they are, going back."""

from fastapi import APIRouter
from starlette.responses import Response

from api.http.answers import answer
from api.http.deps import TIMED, Made, Seen
from api.http.problems import documented
from api.http.routes.exact import Exact, ExactOnce
from api.http.schemas.learned import LearnedAnswer
from api.learning import go_back, told

router = APIRouter(route_class=Exact, tags=["匹配"])
writing = APIRouter(route_class=ExactOnce, tags=["匹配"])


@router.get(
    "/learned",
    summary="学到的权重",
    dependencies=[TIMED],
    responses={200: {"model": LearnedAnswer}, **documented("query_timeout")},
)
def learned(made: Made, viewer: Seen) -> Response:
    """方案 full 现在用的权重、没有合适候选的界限、需求里的套话，以及它们的训练记录与度量。由任务
    `train` 或 `jiebang train` 换用；没有换过就是随产品附带的。"""
    return answer(told(made, viewer=viewer))


@writing.post(
    "/learned/roll-back",
    summary="退回前一份权重",
    responses={200: {"model": LearnedAnswer}, **documented("not_found", "conflict")},
)
def roll_back_learned(made: Made, viewer: Seen) -> Response:
    """各进程两秒之内察觉。"""
    return answer(go_back(made, viewer=viewer))
