"""Answers as JSON: made once by orjson from what the services' ``as_dict`` gives."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

_OPTIONS = orjson.OPT_SERIALIZE_NUMPY


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer. ``value``: dicts, lists, scalars, numpy numbers, dates, dataclasses."""
    body = orjson.dumps(value, option=_OPTIONS)
    return Response(body, status, headers, media_type="application/json")


def tagged(request: Request, value: Any) -> Response:
    """A JSON answer with its strong ETag; 304 without a body where the asker holds it already.

    RFC 9110, 13.1.2: ``If-None-Match`` compares weakly, and ``*`` matches whatever there is.
    """
    body = orjson.dumps(value, option=_OPTIONS | orjson.OPT_SORT_KEYS)
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    held = ",".join(request.headers.getlist("if-none-match"))
    tags = {one.strip().removeprefix("W/") for one in held.split(",")}
    if tag in tags or "*" in tags:
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, media_type="application/json")
