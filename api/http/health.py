"""Is it alive, is it ready, what does it count: for whoever runs it, outside ``/api/v1``."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.bootstrap import Services
from api.http.answers import answer
from api.http.errors import NotReadyError
from api.http.metrics import Metrics
from api.http.problems import documented
from graph_service.deadline import time_limit
from graph_service.errors import JiebangError
from graph_service.matching.facts import comparing

_log = structlog.stdlib.get_logger("jiebang.http")

#: That the store has to answer: who asks whether we are ready waits no longer.
_SECONDS = 5.0


class Readiness:
    """What the service needs before it can answer all questions.

    Args:
        services: whose encoder is warmed and whose store is asked.
        worker: whether the worker of jobs runs; None where there is none to run.
    """

    def __init__(self, services: Services, worker: Callable[[], bool] | None = None) -> None:
        self._services = services
        self._worker = worker
        self._encoder: str | None = "正在装入向量模型"

    @contextmanager
    def warming(self) -> Iterator[None]:
        """Load the encoder, then words and units, in the background for the length of the block."""
        thread = Thread(target=self._warm, name="warm", daemon=True)
        thread.start()
        yield
        thread.join(5)  # a model that is still loading must not hold up the end

    def missing(self) -> dict[str, str]:
        """What is not there, and why (Chinese); empty when all is."""
        found: dict[str, str] = {}
        try:
            with time_limit(_SECONDS):
                self._services.store.count("job")  # a read of the record: one statement
        except JiebangError as error:
            found["store"] = error.message
        if self._encoder is not None:
            found["encoder"] = self._encoder
        if self._worker is not None and not self._worker():
            found["worker"] = "任务进程没有运行，正在重新启动"
        return found

    def _warm(self) -> None:
        try:
            self._services.embedder.embed_queries(["预热"])
        except JiebangError as error:
            _log.warning("encoder", problem=error.message, hint=error.hint)
            self._encoder = f"{error.message}；{error.hint}"
        except Exception as error:
            _log.exception("encoder")
            self._encoder = f"向量模型装入失败：{type(error).__name__}"
        else:
            self._encoder = None
        comparing.load()


async def _readiness(request: Request) -> Readiness:
    found: Readiness = request.app.state.readiness
    return found


async def _metrics(request: Request) -> Metrics:
    found: Metrics = request.app.state.metrics
    return found


router = APIRouter(tags=["运行"])


@router.get("/healthz", summary="是否活着")
async def healthz() -> Response:
    """进程在运行、事件循环没有卡住时答 200。"""
    return answer({"status": "alive"})


@router.get("/readyz", summary="是否就绪", responses=documented("not_ready"))
def readyz(readiness: Annotated[Readiness, Depends(_readiness)]) -> Response:
    """库可读、向量模型已装入、任务进程在运行时答 200；否则 503，errors 列出缺什么。"""
    missing = readiness.missing()
    if missing:
        raise NotReadyError(
            "还没有就绪：" + "；".join(missing.values()), hint="稍后再查", missing=missing
        )
    return answer({"status": "ready"})


@router.get(
    "/metrics",
    summary="Prometheus 指标",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(found: Annotated[Metrics, Depends(_metrics)]) -> Response:
    """请求数、用时、排队与进程的指标，Prometheus 文本格式。"""
    return Response(found.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
