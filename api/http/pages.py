"""Pages for people: the documents of the interface, and what each kind of problem means.

Swagger UI comes from the files that the package ``fastapi-offline`` carries; nothing is fetched
from outside, and the pages' policy forbids it.
"""

from functools import cache
from html import escape
from importlib.resources import files

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from api.http.kinds import KINDS, Kind
from graph_service.errors import NotFoundError

#: Of pages that are written here, styles and all.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TYPES = {"js": "text/javascript", "css": "text/css", "png": "image/png"}
_BUNDLED = frozenset({"swagger-ui-bundle.js", "swagger-ui.css"})
_DOCS = """\
<!DOCTYPE html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>揭榜 · 接口文档</title>
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body>
</html>
"""
_START = """\
SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#docs", deepLinking: true, validatorUrl: null,
  docExpansion: "list", defaultModelsExpandDepth: 0, tryItOutEnabled: true
});
"""
_PAGE = """\
<!DOCTYPE html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>body {{ font: 16px/1.6 sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem }}
td, th {{ text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0 }}</style></head>
<body><h1>{title}</h1>{body}</body>
</html>
"""

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def docs() -> Response:
    """The interface, to read and to try."""
    return _html(_DOCS)


@router.get("/docs/start.js")
def start() -> Response:
    """What starts Swagger UI."""
    return _file(_START.encode(), "js")


@router.get("/docs/{name}")
def bundled(name: str) -> Response:
    """A file of Swagger UI."""
    if name not in _BUNDLED:
        raise NotFoundError(f"没有文件 {name}", hint="接口文档在 /docs")
    return _file(_bundled(name), name.rpartition(".")[2])


@router.get("/problems")
def problems() -> Response:
    """All kinds of problems."""
    rows = "".join(
        f'<tr><td><a href="/problems/{kind.code}">{kind.code}</a></td><td>{kind.status}</td>'
        f"<td>{escape(kind.meaning)}</td></tr>"
        for kind in KINDS.values()
    )
    head = "<tr><th>代码</th><th>状态</th><th>含义与改法</th></tr>"
    return _html(page("错误的种类", f"<table>{head}{rows}</table>"))


@router.get("/problems/{code}")
def problem(code: str) -> Response:
    """What a kind of problem means (the ``type`` of problem details leads here)."""
    kind = KINDS.get(code)
    if kind is None:
        raise NotFoundError(f"没有错误代码 {code}", hint="全部代码列在 /problems")
    return _html(page(f"{kind.code} · {kind.title}", _about(kind)))


def page(title: str, body: str) -> str:
    """A small page: ``body`` is HTML, the title is text."""
    return _PAGE.format(title=escape(title), body=body)


def _about(kind: Kind) -> str:
    return (
        f"<p>HTTP 状态 {kind.status}。{escape(kind.meaning)}</p>"
        '<p><a href="/problems">全部种类</a> · <a href="/docs">接口文档</a></p>'
    )


@cache
def _bundled(name: str) -> bytes:
    return (files("fastapi_offline") / "static" / name).read_bytes()


def _html(text: str) -> Response:
    return HTMLResponse(text, headers={"Content-Security-Policy": POLICY})


def _file(content: bytes, kind: str) -> Response:
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(content, headers=headers, media_type=_TYPES[kind])
