"""The outermost layer: request id, one log line and the counters of every request, headers that
every answer bears, and an answer to every error, whatever raised it.
"""

import re
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import uuid4

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.bounds import LIMITS
from api.http.metrics import Metrics
from api.http.problems import respond
from api.settings import Settings
from graph_service.errors import JiebangError

#: A request id that is taken over from the asker.
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
#: On every answer that does not say otherwise. Nothing is fetched from elsewhere or framed.
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
#: Characters of a path that are logged.
_SHOWN = 500
_log = structlog.stdlib.get_logger("jiebang.http")


class Observe:
    """Pure ASGI, around everything else. ``templates``: a route's path by its function."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        metrics: Metrics,
        templates: Mapping[object, str],
    ) -> None:
        self._app = app
        self._templates = templates
        self._settings = settings
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"]
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        LIMITS.set(self._settings)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.perf_counter()
        sent = _Sent(send, request_id)
        answer: Send = sent
        if method == "HEAD":  # as GET, without the body: RFC 9110, 9.3.2
            scope, answer = {**scope, "method": "GET"}, _without_body(sent)
        self._metrics.running.inc()
        try:
            await self._app(scope, receive, answer)
        except Exception as error:
            if not isinstance(error, JiebangError):
                _log.exception("unexpected", path=scope["path"])
            if sent.status:  # too late for another answer: break off, so that nobody takes it whole
                raise
            with suppress(OSError):  # the asker is gone
                await respond(error, request_id)(scope, receive, answer)
        finally:
            self._metrics.running.dec()
            self._told(scope, method, sent, time.perf_counter() - began)

    def _told(self, scope: Scope, method: str, sent: "_Sent", seconds: float) -> None:
        endpoint = getattr(scope.get("route"), "endpoint", None)
        route = self._templates.get(endpoint, "")
        self._metrics.told(method, route, sent.status, seconds)
        _log.info(
            "request",
            method=method,
            path=scope["path"][:_SHOWN],
            route=route,
            status=sent.status or None,
            bytes=sent.bytes,
            ms=round(seconds * 1000, 1),
            client=(scope.get("client") or ("",))[0],
        )


class _Sent:
    """``send`` that adds the headers and remembers what was sent."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id.encode()
        self.status = 0
        self.bytes = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            given: list[Any] = list(message.get("headers", ()))
            names = {name for name, _ in given}
            given.append((b"x-request-id", self._request_id))
            given.extend(pair for pair in _HEADERS if pair[0] not in names)
            message = {**message, "headers": given}
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
        await self._send(message)


def _without_body(send: Send) -> Send:
    """``send`` that ends the answer where its body begins."""
    over = False

    async def bare(message: Message) -> None:
        nonlocal over
        if message["type"] == "http.response.body":
            if over:
                return
            over, message = True, {"type": "http.response.body"}
        await send(message)

    return bare


def _request_id(scope: Scope) -> str:
    given = [value for name, value in scope["headers"] if name == b"x-request-id"]
    if len(given) == 1 and _REQUEST_ID.fullmatch(given[0]):
        return str(given[0].decode())
    return uuid4().hex
