"""Routes that take a request by the letter: ids with any character, no parameter unknown.

An id may hold ``/`` and ``%``. In a path they are written ``%2F`` and ``%25``; servers decode a
path before it is matched, so that ``a%2Fb`` and ``a/b`` look alike. Here the path is matched as it
was written, segment by segment, and each segment is decoded by itself.
"""

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import Any, get_args, get_origin
from urllib.parse import quote, unquote, unquote_to_bytes

from fastapi import params
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from api.http.idempotency import Once
from api.http.strict import Handler, Strict

#: Where a scope keeps itself with its path as it was written.
_WRITTEN = "jiebang.written"


class Exact(Strict):
    """For ``APIRouter(route_class=Exact)``."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As the base class, on the path as it was written."""
        if scope["type"] != "http":
            return super().matches(scope)
        if _WRITTEN not in scope:  # every route is asked in turn, with the same scope
            scope[_WRITTEN] = {**scope, "path": _written(scope)}
        match, child = super().matches(scope[_WRITTEN])
        given: Mapping[str, Any] = child.get("path_params", {})
        decoded = {
            name: unquote(value) if isinstance(value, str) else value
            for name, value in given.items()
        }
        return match, {**child, "path_params": decoded} if given else child

    def get_route_handler(self) -> Handler:
        """As the base class; a parameter that the route does not know is refused, and one given
        twice of which it takes one (FastAPI would take the last)."""
        handler = super().get_route_handler()

        async def exact(request: Request) -> Response:
            given = Counter(name for name, _ in request.query_params.multi_items())
            wrong = [
                {"type": kind, "loc": ("query", name)}
                for name, times in sorted(given.items())
                if (kind := self._refused(name, times))
            ]
            if wrong:
                raise RequestValidationError(wrong)
            return await handler(request)

        return exact

    def _refused(self, name: str, times: int) -> str:
        """What is wrong with a parameter given so many times; "" where nothing is."""
        if name not in self._parameters:
            return "extra_forbidden"
        return "" if times == 1 or self._parameters[name] else "given_twice"

    @cached_property
    def _parameters(self) -> Mapping[str, bool]:
        """The parameters of the query, each with whether it may be given several times."""
        return {
            field.alias: _is_many(field.field_info.annotation)
            for field in get_flat_params(self.dependant)
            if not isinstance(field.field_info, (params.Path, params.Header, params.Cookie))
        }


class ExactOnce(Exact, Once):
    """For routers that write: with an ``Idempotency-Key``."""


def _is_many(annotation: Any) -> bool:
    """Whether a type is a list's, or a list's among others."""
    return get_origin(annotation) is list or any(map(_is_many, get_args(annotation)))


def _written(scope: Scope) -> str:
    """The path with every segment percent-encoded in one way."""
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    segments = (quote(unquote_to_bytes(segment), safe="") for segment in raw.split(b"/"))
    return "/".join(segments)
