"""The app: services and settings in, an ASGI application out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event

import structlog
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from api.bootstrap import Services
from api.http import health, pages
from api.http.admission import MOST_STREAMS, Gate, Streams
from api.http.cursors import Cursors, secret_of
from api.http.deps import Held
from api.http.guard import LOOPBACK, Guard
from api.http.health import Readiness
from api.http.idempotency import forget_old
from api.http.metrics import Metrics
from api.http.observe import Observe
from api.http.openapi import describe, written
from api.http.problems import handle
from api.http.routes import ROUTERS
from api.http.webapp import BUILT, WebApp
from api.settings import Settings
from graph_service.errors import JiebangError
from graph_service.ports import Records

#: Before every route of the interface.
ROOT = "/api/v1"

_log = structlog.stdlib.get_logger("jiebang.http")


def create_app(
    services: Services,
    *,
    hosts: Collection[str] = LOOPBACK,
    worker: Callable[[], bool] | None = None,
    routers: Sequence[APIRouter] = ROUTERS,
    webapp: Path = BUILT,
) -> FastAPI:
    """The application over these services, which it does not close.

    Args:
        services: made by ``api.bootstrap``; the store opens when the application starts.
        hosts: names by which the server may be asked; empty means any.
        worker: whether the worker of jobs runs; None where there is none.
        routers: what is answered under ``/api/v1``.
        webapp: the folder of the browser app, as it is built.
    """
    settings = services.settings
    metrics = Metrics()
    templates: dict[object, str] = {}
    readiness = Readiness(services, worker)
    gate = Gate(settings.heavy, settings.queue, settings.queue_seconds)
    streams = Streams(MOST_STREAMS)
    metrics.follow("jiebang_streams_open", "Streams of events that are open", lambda: streams.open)
    metrics.follow("jiebang_heavy_running", "Heavy requests at work", lambda: gate.running)
    metrics.follow("jiebang_heavy_waiting", "Heavy requests in the queue", lambda: gate.waiting)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        secret = settings.secret.get_secret_value()
        store = await run_in_threadpool(lambda: services.store)
        secret = secret or await run_in_threadpool(secret_of, store)
        app.state.held = Held(services, gate, Cursors(secret), Event(), streams)
        forgetting = asyncio.create_task(_forgetting(store))
        with readiness.warming():
            yield
        forgetting.cancel()

    app = FastAPI(
        title="jiebang",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
        generate_unique_id_function=_operation,
        telemetry={"auto_configure": False},
        middleware=[
            Middleware(Observe, settings=settings, metrics=metrics, templates=templates),
            Middleware(Guard, settings=settings, hosts=frozenset(hosts)),
        ],
        exception_handlers={
            JiebangError: handle,
            HTTPException: handle,
            RequestValidationError: handle,
        },
    )
    app.state.readiness = readiness
    app.state.metrics = metrics
    app.include_router(health.router)
    app.include_router(pages.router)
    for router in routers:
        app.include_router(router, prefix=ROOT)
    routes = [*iter_route_contexts(app.routes)]
    templates |= {one.endpoint: one.path or "" for one in routes}
    app.state.allowed = {
        one.endpoint: sorted(
            {method for o in routes if o.path == one.path for method in _answered(o.methods or ())}
        )
        for one in routes
    }
    taken = {(one.path or "").split("/")[1] for one in routes}
    app.router.default = WebApp(app.router.default, taken, webapp)
    describe(app, settings)
    return app


def _answered(methods: Collection[str]) -> set[str]:
    """The methods of a route with HEAD, which ``Observe`` answers as GET."""
    return {*methods, "HEAD"} if "GET" in methods else {*methods}


def _operation(route: APIRoute) -> str:
    """The operation's id in OpenAPI: the function's name, so that clients read well."""
    return route.name


async def _forgetting(records: Records) -> None:
    """Every hour, drop the answers of idempotency keys whose time is over."""
    while True:
        try:
            await run_in_threadpool(forget_old, records)
        except JiebangError as error:
            _log.warning("forgetting", problem=error.message)
        await asyncio.sleep(3600)


def openapi_json() -> str:
    """The OpenAPI document under the default settings, as it stands in ``docs/openapi.json``."""
    return written(create_app(Services(Settings.model_construct())).openapi())
