"""Routes that read JSON by the letter: UTF-8 alone, no NaN, no halves of characters."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

import orjson
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class _Request(Request):
    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            self._json = orjson.loads(await self.body())
        return self._json


def _is_json(request: Request) -> bool:
    """Whether the body says that it is JSON; true without a body."""
    headers = request.headers
    if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return True
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


class Strict(APIRoute):
    """For ``APIRouter(route_class=Strict)``: what is not JSON is refused with ``malformed``, what
    does not even say so with ``media_type``."""

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            if self.body_field is not None and not _is_json(request):
                raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
            return await handler(_Request(request.scope, request.receive))

        return strict
