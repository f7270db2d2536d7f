"""What is refused before anything reads the request: unreadable bytes, foreign hosts and pages,
too many requests, bodies too large or too slow.
"""

import time
from collections.abc import Collection
from urllib.parse import unquote_to_bytes, urlsplit

import anyio
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.errors import (
    AddressTooLongError,
    BodyTooLargeError,
    CrossOriginError,
    HostError,
    MalformedError,
    RateError,
    SlowBodyError,
)
from api.settings import Settings
from graph_service.errors import UploadTooLargeError

#: Whose POST carries a file: the larger limit holds.
UPLOADS = "/api/v1/uploads"
#: Names of this machine, whatever the port.
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
#: Bytes a second at which a large body must come at least.
PACE = 64_000

_ONCE = ("host", "content-length", "content-type", "idempotency-key", "x-request-id")
_UNLIMITED = frozenset({"/healthz", "/readyz", "/metrics"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """Pure ASGI. ``hosts`` are the names by which the server may be asked; empty means any."""

    def __init__(self, app: ASGIApp, settings: Settings, hosts: Collection[str]) -> None:
        self._app = app
        self._settings = settings
        self._hosts = hosts
        self._rates = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._rate = RateLimitItemPerMinute(settings.rate) if settings.rate else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        self._check_address(scope)
        _check_headers(headers)
        self._check_host(headers)
        _check_origin(scope["method"], headers)
        self._check_rate(scope)
        body = _Body(receive, self._settings, upload=scope["path"].startswith(UPLOADS))
        body.check(headers.get("content-length"))
        await self._app(scope, body.receive, send)

    def _check_address(self, scope: Scope) -> None:
        path: bytes = scope.get("raw_path") or scope["path"].encode()
        query: bytes = scope["query_string"]
        length, most = len(path) + len(query), self._settings.address_bytes
        if length > most:
            raise AddressTooLongError(
                f"请求地址有 {length} 字节，上限是 {most}",
                hint="长文字请放在 POST 的请求体里",
                limit=most,
            )
        try:
            written = unquote_to_bytes(path).decode() + unquote_to_bytes(query).decode()
        except UnicodeDecodeError as error:
            raise MalformedError(
                "请求地址不是有效的 UTF-8", hint="把参数按 UTF-8 编码后再作百分号编码"
            ) from error
        if "\0" in written:
            raise MalformedError("请求地址含有 NUL 字符", hint="去掉 %00")

    def _check_host(self, headers: Headers) -> None:
        if self._hosts and _host_name(headers.get("host", "")) not in self._hosts:
            raise HostError(
                "Host 首部不是本服务的地址", hint="用启动时打印的地址访问，如 http://127.0.0.1:8000"
            )

    def _check_rate(self, scope: Scope) -> None:
        client = (scope.get("client") or ("",))[0]
        if self._rate is None or scope["path"] in _UNLIMITED:
            return
        if not self._rates.hit(self._rate, client):
            window = self._rates.get_window_stats(self._rate, client)
            raise RateError(
                f"这个地址一分钟内的请求超过 {self._settings.rate} 次",
                hint="按 Retry-After 稍后再试；上限由 JIEBANG_RATE 设定",
                seconds=max(1.0, window.reset_time - time.time()),
            )


class _Body:
    """``receive`` that stops at a size and at a time.

    The time is ``body_seconds`` and more for what has come, so that only a slow sender meets it.
    """

    def __init__(self, receive: Receive, settings: Settings, *, upload: bool) -> None:
        self._receive = receive
        self._upload = upload
        self._most = settings.upload_bytes if upload else settings.body_bytes
        self._seconds = settings.body_seconds
        self._began = time.monotonic()
        self._got = 0
        self._whole = False

    def check(self, length: str | None) -> None:
        """Refuse by the length that is declared, before a byte is read."""
        if length and length.isdecimal() and int(length) > self._most:
            raise self._too_large()

    async def receive(self) -> Message:
        if self._whole:  # now it tells of the asker's leaving, which may be late
            return await self._receive()
        until = self._began + self._seconds + self._got / PACE
        with anyio.move_on_after(max(0.0, until - time.monotonic())):
            message = await self._receive()
            self._got += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            if self._got > self._most:
                raise self._too_large()
            return message
        raise SlowBodyError(
            "请求体没有及时到达", hint="检查网络后重发；时限由 JIEBANG_BODY_SECONDS 设定"
        )

    def _too_large(self) -> BodyTooLargeError | UploadTooLargeError:
        if self._upload:
            return UploadTooLargeError(
                f"文件超过上限 {self._most / 1e6:g} MB",
                hint="把文件拆开分几次上传；上限由 JIEBANG_UPLOAD_BYTES 设定",
                limit=self._most,
            )
        return BodyTooLargeError(
            f"请求体超过上限 {self._most / 1e6:g} MB",
            hint="缩短内容；文件请用 POST /api/v1/uploads；上限由 JIEBANG_BODY_BYTES 设定",
            limit=self._most,
        )


def _host_name(host: str) -> str | None:
    """The name in a Host header; None where it is not well-formed."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _check_headers(headers: Headers) -> None:
    for name in _ONCE:
        if len(headers.getlist(name)) > 1:
            raise MalformedError(f"首部 {name} 给了不止一次", hint="只给一次", header=name)


def _check_origin(method: str, headers: Headers) -> None:
    """A page of another site may send us simple requests; none of them may write.

    https://fetch.spec.whatwg.org/#http-requests-by-origin; https://www.w3.org/TR/fetch-metadata/
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    own = origin is None or origin.partition("://")[2] == headers.get("host")
    if method not in _SAFE and (not own or site in {"cross-site", "same-site"}):
        raise CrossOriginError(
            "别的网站的页面不能向本服务写入", hint="从本服务自己的页面，或用程序直接请求"
        )
