"""OpenAPI: what FastAPI derives from the routes, with our errors and limits in every operation.

``docs/openapi.json`` is this document under the default settings; a test holds the two equal.
"""

from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.http.bounds import LIMITS
from api.http.problems import MEDIA_TYPE, Problem, documented
from api.settings import Settings

_SUMMARY = "揭榜：产业协同供需匹配与图谱服务"
_ABOUT = (
    "所有答案都是 JSON（UTF-8），所有错误都是 RFC 9457 problem+json：`code` 稳定，供程序判断；"
    "`detail` 与 `hint` 是给人看的中文。每个答案都带 `X-Request-ID`，与日志同号。"
    "各种错误的说明见 `/problems/<code>`。"
)
#: What any operation may answer.
ANYWHERE = (
    "malformed",
    "host",
    "address_too_long",
    "input",
    "limit_exceeded",
    "rate_limited",
    "internal",
)
_WRITING = ("cross_origin", "slow_body", "body_too_large")
_KEYED = ("idempotency_key", "idempotency_mismatch", "idempotency_running")
_SCHEMAS = "#/components/schemas/"


def describe(app: FastAPI, settings: Settings) -> None:
    """Have the app serve the document made here."""

    def made() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(app, settings)
        return app.openapi_schema

    app.openapi = made  # type: ignore[method-assign]


def document(app: FastAPI, settings: Settings) -> dict[str, Any]:
    """The document of an app whose limits are those of the settings."""
    token = LIMITS.set(settings)
    try:
        made = get_openapi(
            title="jiebang",
            version="1",
            summary=_SUMMARY,
            description=_ABOUT,
            routes=app.routes,
        )
    finally:
        LIMITS.reset(token)
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    problem = Problem.model_json_schema(ref_template=_SCHEMAS + "{model}")
    schemas |= problem.pop("$defs")
    schemas["Problem"] = problem
    for path in made["paths"].values():
        for method, operation in path.items():
            names = {one["name"] for one in operation.get("parameters", ())}
            codes = (
                *ANYWHERE,
                *(_WRITING if method != "get" else ()),
                *(_KEYED if "Idempotency-Key" in names else ()),
                *(("cursor",) if "cursor" in names else ()),
            )
            _add_problems(operation["responses"], codes)
    made["components"]["schemas"] = dict(sorted(schemas.items()))
    return made


def written(made: dict[str, Any]) -> str:
    """A document as text that compares well line by line."""
    return orjson.dumps(made, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def _add_problems(responses: dict[str, Any], codes: tuple[str, ...]) -> None:
    """Add what any operation may answer to what this one declares."""
    own = responses.get("422", {}).get("content", {})
    if MEDIA_TYPE not in own:  # FastAPI's own 422, of another shape
        responses.pop("422", None)
    for status, response in documented(*codes).items():
        there = responses.setdefault(str(status), response)
        if there is not response:
            there["description"] += "；" + response["description"]
            there["x-codes"] = [*there["x-codes"], *response["x-codes"]]
    for status in sorted(responses):
        responses[status] = responses.pop(status)
