"""What routes ask for, each in one place: services, viewer, paging, the gate, the time limit."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from threading import Event
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from api.bootstrap import Services
from api.http.admission import Gate, Streams
from api.http.bounds import PageSize
from api.http.cursors import Cursors, query_of
from graph_service.deadline import time_limit
from graph_service.model import EVERYONE, Viewer


@dataclass(frozen=True, slots=True)
class Held:
    """What one app holds for all its requests (``app.state.held``).

    ``stopping`` is set when the server begins to drain: what streams ends then.
    """

    services: Services
    gate: Gate
    cursors: Cursors
    stopping: Event
    streams: Streams


def held(request: Request) -> Held:
    """What the app of a request holds."""
    found: Held = request.app.state.held
    return found


async def services(request: Request) -> Services:
    """The services of this process."""
    return held(request).services


async def viewer() -> Viewer:
    """Who asks: until accounts exist, whoever can reach the loopback address may see all."""
    return EVERYONE


async def _timed(request: Request) -> AsyncIterator[None]:
    with time_limit(held(request).services.settings.query_seconds):
        yield


async def _heavy(request: Request) -> AsyncIterator[None]:
    one = held(request)
    async with one.gate.passing():
        with time_limit(one.services.settings.query_seconds):
            yield


async def _stream(request: Request) -> AsyncIterator[None]:
    with held(request).streams.following():
        yield


class Paging:
    """Where a listing begins, how long a page is, and the cursor to the next one.

    Attributes:
        limit: how many entries are wanted.
        after: the position handed to ``next`` on the page before; None on the first.
    """

    def __init__(self, cursors: Cursors, query: str, cursor: str | None, limit: int) -> None:
        self._cursors = cursors
        self._query = query
        self.limit = limit
        self.after: Any = cursors.read(query, cursor) if cursor else None

    def next(self, position: Any) -> str | None:
        """The signed cursor after ``position`` (JSON-ready); None where there is no more."""
        return None if position is None else self._cursors.sign(self._query, position)


async def _page(
    request: Request,
    cursor: Annotated[
        str | None, Query(max_length=4000, description="上一页答案里的 next；缺省从头开始")
    ] = None,
    limit: Annotated[PageSize, Query(description="一页几条")] = 50,
) -> Paging:
    query = query_of(request.url.path, request.query_params.multi_items())
    return Paging(held(request).cursors, query, cursor, limit)


Made = Annotated[Services, Depends(services)]
Seen = Annotated[Viewer, Depends(viewer)]
Page = Annotated[Paging, Depends(_page)]
#: For ``dependencies=[...]`` of routes that read: the time limit of a query.
TIMED = Depends(_timed, scope="function")
#: For ``dependencies=[...]`` of heavy routes: a place at the gate, and the time limit.
HEAVY = Depends(_heavy, scope="function")
#: For ``dependencies=[...]`` of routes that stream: a place among the streams until the end.
STREAM = Depends(_stream, scope="request")
