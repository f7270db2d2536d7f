"""What was decided on candidates: said, listed, withdrawn."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query
from starlette.responses import Response

from api.filters import Maybe
from api.http.answers import answer
from api.http.bounds import NodeId
from api.http.deps import HEAVY, Made, Page, Seen
from api.http.problems import documented
from api.http.routes.exact import Exact, ExactOnce
from api.http.routes.examples import DEMAND, OTHER_RESULT, RESULT, named
from api.http.schemas.feedback import (
    FeedbackAnswer,
    FeedbackBody,
    FeedbackPage,
    ReasonsAnswer,
    Standing,
)
from graph_service.feedback.model import REASONS, Decision, ReasonCode
from graph_service.feedback.service import Feedback

router = APIRouter(route_class=Exact, tags=["反馈"])
writing = APIRouter(route_class=ExactOnce, tags=["反馈"])

Id = Annotated[str, Path(alias="id", min_length=1, max_length=64, description="反馈的编号")]


@writing.post(
    "/feedback",
    summary="记下对一个候选的决定：接受，或因何拒绝",
    responses={200: {"model": FeedbackAnswer}, **documented("not_found", "conflict")},
)
def add_feedback(
    made: Made,
    viewer: Seen,
    asked: Annotated[
        FeedbackBody,
        Body(
            openapi_examples=named(
                accepted={"demand": DEMAND, "candidate": RESULT, "decision": "accepted"},
                rejected={
                    "demand": DEMAND,
                    "candidate": OTHER_RESULT,
                    "decision": "rejected",
                    "reason": "indicators",
                    "note": "寿命只到三千小时",
                },
            )
        ),
    ],
) -> Response:
    """每一对（需求、候选）只有最近的决定有效，此前的留作历史；同样的话再说一遍不改变什么。"""
    done = Feedback(made.store).say(
        asked.demand,
        asked.candidate,
        Decision(asked.decision),
        reason=asked.reason,
        note=asked.note,
        viewer=viewer,
    )
    return answer(done.as_dict())


@router.get(
    "/feedback",
    summary="逐页列出反馈",
    dependencies=[HEAVY],
    responses={200: {"model": FeedbackPage}, **documented("busy", "query_timeout")},
)
def feedback(
    made: Made,
    viewer: Seen,
    page: Page,
    demand: Annotated[
        Maybe[NodeId],
        Query(description="只看对这项需求的", openapi_examples=named(demand=DEMAND)),
    ] = None,
    candidate: Annotated[Maybe[NodeId], Query(description="只看对这个候选的")] = None,
    decision: Annotated[
        list[Standing],
        Query(
            description="只看接受的，或拒绝的；缺省为全部",
            openapi_examples=named(rejected=["rejected"]),
        ),
    ] = [],  # noqa: B006 - never changed; FastAPI shows it as the default
    reason: Annotated[list[ReasonCode], Query(description="只看因此拒绝的，可给多个")] = [],  # noqa: B006
) -> Response:
    """最近的在前；撤回的不在其中。"""
    found = Feedback(made.store).page(
        demand=demand,
        candidate=candidate,
        decision=[Decision(one) for one in decision],
        reason=[one.value for one in reason],
        after=None if page.after is None else tuple(page.after),
        limit=page.limit,
        viewer=viewer,
    )
    listed = [one.as_dict() for one in found.decided]
    return answer({"total": found.total, "feedback": listed, "next": page.next(found.place)})


@router.get(
    "/feedback/reasons",
    summary="拒绝的理由",
    responses={200: {"model": ReasonsAnswer}},
)
def feedback_reasons() -> Response:
    """代码、中文名称，以及是否说明了合不合适。"""
    return answer({"reasons": [reason.as_dict() for reason in REASONS.values()]})


@router.get(
    "/feedback/{id}",
    summary="一条反馈",
    responses={200: {"model": FeedbackAnswer}, **documented("not_found")},
)
def feedback_of(made: Made, viewer: Seen, id_: Id) -> Response:
    """现在有效的决定，以及此前的。"""
    return answer(Feedback(made.store).get(id_, viewer=viewer).as_dict())


@writing.delete(
    "/feedback/{id}",
    summary="撤回一条反馈",
    responses={200: {"model": FeedbackAnswer}, **documented("not_found", "conflict")},
)
def withdraw_feedback(made: Made, viewer: Seen, id_: Id) -> Response:
    """这个候选又是没有决定过的，不再列出；历史仍在，再作决定时接着记。"""
    return answer(Feedback(made.store).withdraw(id_, viewer=viewer).as_dict())
