"""The app: services and settings in, an ASGI application out."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from threading import Event

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from api.bootstrap import Services
from api.http import health, pages
from api.http.admission import Gate
from api.http.cursors import Cursors, secret_of
from api.http.deps import Held
from api.http.guard import LOOPBACK, Guard
from api.http.health import Readiness
from api.http.metrics import Metrics
from api.http.observe import Observe
from api.http.openapi import describe, written
from api.http.problems import handle
from api.http.routes import ROUTERS
from api.settings import Settings
from graph_service.errors import JiebangError

#: Before every route of the interface.
ROOT = "/api/v1"


def create_app(
    services: Services,
    *,
    hosts: Collection[str] = LOOPBACK,
    worker: Callable[[], bool] | None = None,
    routers: Sequence[APIRouter] = ROUTERS,
) -> FastAPI:
    """The application over these services, which it does not close.

    Args:
        services: made by ``api.bootstrap``; the store opens when the application starts.
        hosts: names by which the server may be asked; empty means any.
        worker: whether the worker of jobs runs; None where there is none.
        routers: what is answered under ``/api/v1``.
    """
    settings = services.settings
    metrics = Metrics()
    templates: dict[object, str] = {}
    readiness = Readiness(services, worker)
    gate = Gate(settings.heavy, settings.queue, settings.queue_seconds)
    metrics.follow("jiebang_heavy_running", "Heavy requests at work", lambda: gate.running)
    metrics.follow("jiebang_heavy_waiting", "Heavy requests in the queue", lambda: gate.waiting)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        secret = settings.secret.get_secret_value()
        store = await run_in_threadpool(lambda: services.store)
        secret = secret or await run_in_threadpool(secret_of, store)
        app.state.held = Held(services, gate, Cursors(secret), Event())
        with readiness.warming():
            yield

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
    templates |= {one.endpoint: one.path or "" for one in iter_route_contexts(app.routes)}
    describe(app, settings)
    return app


def _operation(route: APIRoute) -> str:
    """The operation's id in OpenAPI: the function's name, so that clients read well."""
    return route.name


def openapi_json() -> str:
    """The OpenAPI document under the default settings, as it stands in ``docs/openapi.json``."""
    return written(create_app(Services(Settings.model_construct())).openapi())
