"""Jobs: submitted, followed, stopped, and what they leave."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated

import anyio
from fastapi import APIRouter, Body, Depends, Header, Path, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from api.bootstrap import Services
from api.http.answers import answer
from api.http.bounds import PageSize
from api.http.deps import STREAM, TIMED, Made, Page, Seen, held
from api.http.idempotency import stable_id
from api.http.problems import documented
from api.http.routes.exact import Exact, ExactOnce
from api.http.routes.examples import named
from api.http.schemas.working import JobAnswer, JobBody, JobsAnswer, Kind, LogAnswer
from api.jobs.params import EvaluateParams, LoadParams, Params
from graph_service.jobs.model import Job, State
from graph_service.model import Viewer

router = APIRouter(route_class=Exact, tags=["任务"])
writing = APIRouter(route_class=ExactOnce, tags=["任务"])

#: Seconds between two looks at a job whose events are followed.
_PAUSE = 0.5

Id = Annotated[str, Path(alias="id", min_length=1, max_length=64, description="任务的编号")]
_MISSING = documented("not_found")


@writing.post(
    "/jobs",
    status_code=202,
    summary="提交一项任务",
    responses={
        202: {"model": JobAnswer, "headers": {"Location": {"schema": {"type": "string"}}}},
        **documented("not_found", "jobs_full"),
    },
)
def submit_job(
    made: Made,
    viewer: Seen,
    key: Annotated[str | None, Depends(stable_id)],
    asked: Annotated[
        JobBody,
        Body(
            openapi_examples=named(
                embed={"kind": "embed"},
                match={
                    "kind": "match",
                    "params": {"subject": "demand", "to": "results", "top": 5},
                },
                export={"kind": "export", "params": {"format": "xlsx"}},
            )
        ),
    ],
) -> Response:
    """载入、计算向量、重建索引、成批匹配、导出、评测、找可能是同一家的机构，都作为任务在后台做；
    由 `Location` 查看进度。"""
    _check_uploads(made, asked.params, viewer)
    params = asked.params.model_dump(mode="json", exclude_none=True)
    job = made.jobs.submit(asked.kind, params, key=key or "", viewer=viewer)
    return answer(job.as_dict(), 202, {"Location": f"/api/v1/jobs/{job.id}"})


@router.get(
    "/jobs",
    summary="逐页列出任务",
    dependencies=[TIMED],
    responses={200: {"model": JobsAnswer}},
)
def jobs(
    made: Made,
    viewer: Seen,
    page: Page,
    state: Annotated[
        list[State], Query(description="只看这些状态的", openapi_examples=named(open=["queued"]))
    ] = [],  # noqa: B006 - never changed; FastAPI shows it as the default
    kind: Annotated[list[Kind], Query(description="只看这些种类的")] = [],  # noqa: B006
) -> Response:
    """新的在前。"""
    found = made.jobs.page(
        states=state, kinds=kind, after=page.after, limit=page.limit, viewer=viewer
    )
    return answer({"jobs": [job.as_dict() for job in found.jobs], "next": page.next(found.cursor)})


@router.get(
    "/jobs/{id}",
    summary="一项任务",
    responses={200: {"model": JobAnswer}, **_MISSING},
)
def job(made: Made, viewer: Seen, id_: Id) -> Response:
    """状态、进度、结果或失败的原因，以及写下的文件。"""
    return answer(made.jobs.get(id_, viewer=viewer).as_dict())


@writing.post(
    "/jobs/{id}/cancel",
    summary="取消一项任务",
    responses={200: {"model": JobAnswer}, **documented("not_found", "job_ended")},
)
def cancel_job(made: Made, viewer: Seen, id_: Id) -> Response:
    """排队的立即取消；进行中的在下一步停下，已写入的内容仍有效。再取消一次无妨。"""
    return answer(made.jobs.cancel(id_, viewer=viewer).as_dict())


@router.get(
    "/jobs/{id}/log",
    summary="任务的日志",
    responses={200: {"model": LogAnswer}, **_MISSING},
)
def job_log(
    made: Made,
    viewer: Seen,
    id_: Id,
    after: Annotated[int, Query(ge=0, lt=2**53, description="只要这一行之后的；缺省从头")] = 0,
    limit: Annotated[PageSize, Query(description="最多几行")] = 200,
) -> Response:
    """按时间先后。"""
    found = made.jobs.log(id_, after=after, limit=limit, viewer=viewer)
    lines = [line.as_dict() for line in found.lines]
    return answer({"lines": lines, "after": found.after, "more": found.more})


_LAST = Header(
    alias="Last-Event-ID",
    max_length=200,
    description="断线重连时浏览器自己带上；状态没有变过就不重报，已经报过结束的答 204",
)
_Last = Annotated[str | None, _LAST]


async def _followed(made: Made, viewer: Seen, id_: Id, last: _Last = None) -> Job:
    """The job, before the answer begins: an unknown one is a problem, not a stream.

    Whoever has heard the end is told by 204 to come no more, which browsers heed:
    https://html.spec.whatwg.org/multipage/server-sent-events.html#server-sent-events-intro
    """
    job = await run_in_threadpool(made.jobs.get, id_, viewer=viewer)
    if job.state.ended and _mark(job) == last:
        raise HTTPException(HTTPStatus.NO_CONTENT)
    return job


@router.get(
    "/jobs/{id}/events",
    summary="任务的进度，随变随报（server-sent events）",
    response_class=EventSourceResponse,
    dependencies=[STREAM],
    responses={204: {"description": "结束已经报过，不必再连"}, **documented("not_found", "busy")},
)
async def job_events(
    request: Request,
    made: Made,
    viewer: Seen,
    job: Annotated[Job, Depends(_followed)],
    last: _Last = None,
) -> AsyncIterator[ServerSentEvent]:
    """每次有变化报一个 `progress` 事件，数据与 `GET /jobs/{id}` 相同；任务结束时报 `end`，随即
    断开；带着它的编号再来的答 204。"""
    stopping = held(request).stopping
    while True:
        mark = _mark(job)
        if job.state.ended:
            yield ServerSentEvent(data=job.as_dict(), event="end", id=mark)
            return
        if mark != last:
            yield ServerSentEvent(data=job.as_dict(), event="progress", id=mark)
            last = mark
        if stopping.is_set():
            return
        await anyio.sleep(_PAUSE)
        job = await run_in_threadpool(made.jobs.get, job.id, viewer=viewer)


@router.get(
    "/jobs/{id}/files/{name}",
    summary="任务写下的一个文件",
    response_class=FileResponse,
    responses={
        200: {
            "description": "文件的内容",
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        },
        **_MISSING,
    },
)
def job_file(
    made: Made,
    viewer: Seen,
    id_: Id,
    name: Annotated[str, Path(min_length=1, max_length=255, description="文件名")],
) -> Response:
    """文件名列在任务的 `files` 里；过了保留期会被清除。"""
    found = made.jobs.get(id_, viewer=viewer)
    path = made.files.job_file(found.id, name)
    return FileResponse(path, media_type="application/octet-stream", filename=path.name)


def _check_uploads(made: Services, params: Params, viewer: Viewer) -> None:
    """Refuse a job whose uploads are not there, before it waits in the queue."""
    wanted: list[str] = []
    if isinstance(params, LoadParams):
        wanted = [*params.uploads, *params.mappings]
    elif isinstance(params, EvaluateParams):
        wanted = [params.upload]
    for id_ in wanted:
        made.files.upload(id_, viewer=viewer)


def _mark(job: Job) -> str:
    """What names a moment of a job: the same as long as nothing changed."""
    standing = job.standing
    parts = (job.attempt, standing.step, standing.done, job.state.value, int(job.cancel))
    return ".".join(map(str, parts))
