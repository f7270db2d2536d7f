"""The browser app: its files as ``web/`` builds them into ``api/static``, and its first page for
each address that is the app's own.

Answered last, after all routes: nothing under their first words (``/api``, ``/docs``, …) is ever
the app's. Only what a browser goes to (it accepts HTML) falls back to the app; a file that is not
there, and a program's wrong address, stay the problem that they are.
"""

from collections.abc import Collection
from os import PathLike, stat_result
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http import pages

#: Where the build lies, in a wheel and in the source tree alike; not there without a build.
BUILT = Path(__file__).parents[1] / "static"
#: Nothing from elsewhere, nothing inline, no code from text. ``data:`` and ``blob:`` are pictures
#: that the app draws itself.
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
#: Files whose names change with their content.
_HASHED = "assets/"
_INDEX = "index.html"
#: Encodings that the build wrote beside a file, the smallest first.
_WRITTEN = (("br", ".br"), ("gzip", ".gz"))
_UNBUILT = """\
<p>这个服务没有带网页：安装时没有构建浏览器应用。接口照常工作。</p>
<p>装上 Node.js 20.19 或更新的版本，在源码目录里运行 <code>make setup</code>，再打开这个地址。</p>
<p><a href="/docs">接口文档</a> · <a href="/readyz">是否就绪</a></p>
"""


class WebApp:
    """ASGI: a file, else the app's first page, else ``missing``.

    Args:
        missing: answers what is neither.
        reserved: first words of the paths that are never the app's.
        folder: the build; not there, ``/`` says so.
    """

    def __init__(self, missing: ASGIApp, reserved: Collection[str], folder: Path = BUILT) -> None:
        self._missing = missing
        self._reserved = frozenset(reserved)
        self._folder = folder
        self._files = _Files(directory=folder, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = None
        if scope["type"] == "http" and scope["method"] == "GET":
            answer = await self._answer(scope)
        await (answer or self._missing)(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response | None:
        path = scope["path"].removeprefix("/")
        if path.partition("/")[0] in self._reserved:
            return None
        if not (self._folder / _INDEX).is_file():
            return _unbuilt() if not path else None
        try:
            return await self._files.get_response(path or _INDEX, scope)
        except HTTPException:
            if path.startswith(_HASHED) or not _goes_there(scope):
                return None
            return await self._files.get_response(_INDEX, scope)


def _unbuilt() -> Response:
    headers = {"Content-Security-Policy": pages.POLICY}
    return HTMLResponse(pages.page("没有网页", _UNBUILT), headers=headers)


class _Files(StaticFiles):
    """Files by their names, as the build compressed them, kept as long as their names hold."""

    def file_response(
        self,
        full_path: str | PathLike[str],
        stat_result: stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        accepted = Headers(scope=scope).get("accept-encoding", "")
        path = Path(full_path)
        written = next(
            (
                (encoding, path.with_name(path.name + ending))
                for encoding, ending in _WRITTEN
                if _accepts(accepted, encoding) and path.with_name(path.name + ending).is_file()
            ),
            None,
        )
        if written is None:
            answer = super().file_response(path, stat_result, scope, status_code)
        else:
            encoding, compressed = written
            answer = super().file_response(compressed, compressed.stat(), scope, status_code)
            answer.headers["content-encoding"] = encoding
        # Of the file itself, whatever it is compressed to.
        answer.headers["content-type"] = _type(path)
        answer.headers["vary"] = "accept-encoding"
        answer.headers["content-security-policy"] = POLICY
        answer.headers["cache-control"] = (
            "public, max-age=31536000, immutable"
            if path.parent.name == _HASHED.strip("/")
            else "no-cache"
        )
        return answer


_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


def _type(path: Path) -> str:
    """Not from the machine's own table of types, which may say anything of ``.js``."""
    return _TYPES.get(path.suffix, "application/octet-stream")


def _accepts(header: str, encoding: str) -> bool:
    """Whether ``Accept-Encoding`` names it, and not with a weight of 0."""
    for one in header.lower().split(","):
        name, _, weight = one.partition(";")
        if name.strip() == encoding:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _goes_there(scope: Scope) -> bool:
    """Whether a browser goes to this address, rather than fetching it for a page."""
    return "text/html" in Headers(scope=scope).get("accept", "")
