"""Every error as RFC 9457 problem details: one table of kinds, one shape, one place that makes it.

``{"type": "/problems/<code>", "title", "status", "detail", "hint", "code", "request_id"}``, and
``errors`` (a list of ``{"field", "code", "message"}``) where single fields are wrong. ``title`` is
English and the same for every problem of a kind; ``detail`` and ``hint`` are Chinese, for people.
"""

import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.http.errors import NotReadyError, PassingError
from api.http.fields import told
from api.http.kinds import KINDS, Kind
from graph_service.errors import JiebangError

MEDIA_TYPE = "application/problem+json"
#: Where the pages of the kinds stand.
PAGES = "/problems/"
#: Seconds after which a request may be sent again where the error does not say.
AGAIN = 5


_BY_STATUS = {
    404: ("not_found", "没有这个地址", "地址列在 /docs"),
    405: ("method_not_allowed", "这个地址不接受这种方法", "可用的方法见 Allow 首部"),
    413: ("body_too_large", "请求体太大", ""),
    415: ("media_type", "请求体的类型不对", "JSON 请用 Content-Type: application/json"),
}


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str = Field(description="哪一项：参数名，或请求体中的路径（filter.labels.0）")
    code: str = Field(description="出错的种类")
    message: str = Field(description="说明")


class Problem(BaseModel):
    """RFC 9457 problem details: the shape of every error."""

    type: str = Field(description="种类的说明页", examples=["/problems/not_found"])
    title: str = Field(description="种类（英文，固定）", examples=["Not found"])
    status: int = Field(description="HTTP 状态码", examples=[404])
    detail: str = Field(description="出了什么错", examples=["没有编号为 x 的节点"])
    hint: str = Field(description="怎样改；可能为空")
    code: str = Field(description="稳定的代码，供程序判断", examples=["not_found"])
    request_id: str = Field(description="请求编号，与 X-Request-ID 首部相同")
    errors: list[FieldProblem] | None = Field(None, description="逐项的错误")


def kind_of(error: JiebangError) -> Kind:
    """The kind of an error: by its own code, else by the nearest code among its base classes."""
    codes = (getattr(cls, "code", "") for cls in type(error).__mro__)
    return next(KINDS[code] for code in codes if code in KINDS)


def documented(*codes: str) -> dict[int | str, dict[str, Any]]:
    """FastAPI's ``responses=`` for the problems that a route may answer with."""
    by_status: dict[int, list[Kind]] = {}
    for code in codes:
        by_status.setdefault(KINDS[code].status, []).append(KINDS[code])
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": "；".join(f"`{kind.code}`：{kind.meaning}" for kind in kinds),
            "content": {MEDIA_TYPE: {"schema": schema}},
            "x-codes": [kind.code for kind in kinds],
        }
        for status, kinds in sorted(by_status.items())
    }


def respond(error: Exception, request_id: str) -> Response:
    """The answer to any error; what was not expected says nothing of its inside."""
    # FastAPI wraps what reading the body raises.
    cause = error.__cause__ if isinstance(error, HTTPException) else None
    if isinstance(found := cause or error, JiebangError):
        return _expected(found, request_id)
    if isinstance(error, RequestValidationError):
        return _invalid(error, request_id)
    if isinstance(error, HTTPException):
        return _plain(error, request_id)
    return _made(
        KINDS["internal"],
        request_id,
        "程序内部出错",
        "把请求编号告诉维护者，日志里有同号的记录",
    )


async def handle(request: Request, error: Exception) -> Response:
    """FastAPI's exception handler for every class we answer for."""
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.NO_CONTENT:
        return Response(status_code=error.status_code)  # no problem: there is nothing to stream
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        # Starlette tells the methods of one route; an address may have several.
        endpoint = getattr(request.scope.get("route"), "endpoint", None)
        allowed = request.app.state.allowed.get(endpoint)
        if allowed:
            error.headers = {"Allow": ", ".join(allowed)}
    return respond(error, request.state.request_id)


def _expected(error: JiebangError, request_id: str) -> Response:
    kind = kind_of(error)
    headers = {}
    if kind.status in {429, 503} or isinstance(error, PassingError):
        seconds = error.seconds if isinstance(error, PassingError) else AGAIN
        headers["Retry-After"] = str(max(1, math.ceil(seconds)))
    if kind.status in {408, 413}:
        headers["Connection"] = "close"  # the rest of the body stays unread
    errors = None
    if isinstance(error, NotReadyError):
        errors = [
            {"field": what, "code": "missing", "message": why}
            for what, why in error.missing.items()
        ]
    return _made(kind, request_id, error.message, error.hint, errors=errors, headers=headers)


def _invalid(error: RequestValidationError, request_id: str) -> Response:
    wrong = [told(one, error.body) for one in error.errors()]
    codes = {one["code"] for one in wrong}
    if codes == {"json_invalid"}:
        kind, detail = KINDS["malformed"], "请求体不是有效的 JSON"
    elif codes == {"limit_exceeded"}:
        kind, detail = KINDS["limit_exceeded"], "超过上限"
    else:
        kind, detail = KINDS["input"], "参数有误"
    if kind.code != "malformed":
        detail += "：" + "；".join(f"{one['field']} {one['message']}" for one in wrong[:3])
    return _made(kind, request_id, detail, "各项参数的写法见 /docs", errors=wrong)


def _plain(error: HTTPException, request_id: str) -> Response:
    code, detail, hint = _BY_STATUS.get(
        error.status_code, ("malformed", "请求读不懂", "请求体应为 UTF-8 编码")
    )
    return _made(KINDS[code], request_id, detail, hint, headers=error.headers or {})


def _made(
    kind: Kind,
    request_id: str,
    detail: str,
    hint: str,
    *,
    errors: Sequence[Mapping[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    body = {
        "type": PAGES + kind.code,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "hint": hint,
        "code": kind.code,
        "request_id": request_id,
    }
    if errors is not None:
        body["errors"] = errors
    return Response(orjson.dumps(body), HTTPStatus(kind.status), headers, media_type=MEDIA_TYPE)
