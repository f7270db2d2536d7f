"""Models that were made here: which there are, using another, and going back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from api.http.answers import answer
from api.http.deps import TIMED, Made, Seen
from api.http.idempotency import stable_id
from api.http.problems import documented
from api.http.routes.exact import Exact, ExactOnce
from api.http.routes.examples import named
from api.http.schemas.models import ModelsAnswer, RolledBackAnswer
from api.http.schemas.working import JobAnswer
from api.models import go_back, listed, usable

router = APIRouter(route_class=Exact, tags=["模型"])
writing = APIRouter(route_class=ExactOnce, tags=["模型"])

Id = Annotated[
    str,
    Path(
        alias="id",
        min_length=1,
        max_length=64,
        description="模型的编号；base 为设置 JIEBANG_MODEL 所指的",
        openapi_examples=named(own="base"),
    ),
]


@router.get(
    "/models",
    summary="有哪些向量模型，正在用哪一个",
    dependencies=[TIMED],
    responses={200: {"model": ModelsAnswer}, **documented("query_timeout", "model_missing")},
)
def models(made: Made, viewer: Seen) -> Response:
    """设置所指的，与在这里训练的（任务 `adapt`）：用什么训练、量得如何、库里有多少向量。"""
    return answer(listed(made, viewer=viewer))


@writing.post(
    "/models/{id}/use",
    status_code=202,
    summary="换用一个模型",
    responses={
        202: {"model": JobAnswer, "headers": {"Location": {"schema": {"type": "string"}}}},
        **documented("not_found", "model_refused", "model_missing", "jobs_full"),
    },
)
def use_model(
    made: Made,
    viewer: Seen,
    id_: Id,
    key: Annotated[str | None, Depends(stable_id)],
) -> Response:
    """作为任务 `use_model` 在后台做：先在旁边算好它的全部向量，再一次换过去；其间照常用原来的模型，
    各进程两秒之内察觉。量出来比原来差的拒绝换用。"""
    usable(made, id_, viewer=viewer)
    job = made.jobs.submit("use_model", {"model": id_}, key=key or "", viewer=viewer)
    return answer(job.as_dict(), 202, {"Location": f"/api/v1/jobs/{job.id}"})


@writing.post(
    "/models/roll-back",
    summary="回到前一个模型",
    responses={
        200: {"model": RolledBackAnswer},
        **documented("conflict", "model_refused", "model_missing", "jobs_full"),
    },
)
def roll_back_model(made: Made, viewer: Seen) -> Response:
    """立即换回：前一个模型的向量一直留着。其后载入的文字由所给的任务补算。再做一次即又换过来。"""
    done = go_back(made, viewer=viewer)
    job = made.jobs.submit("embed", {}, viewer=viewer) if done["pending"] else None
    return answer({**done, "job": job and job.id})
