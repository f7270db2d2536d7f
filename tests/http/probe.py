"""Routes that only tests have: each does one thing that the core must cope with."""

import time
from collections.abc import AsyncIterator
from threading import Event, Lock
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response, StreamingResponse

from api.http.answers import answer, tagged
from api.http.bounds import Hops, LongText, NodeId, Query, SubgraphSize, Top
from api.http.deps import HEAVY, TIMED, Made, Page, Seen
from api.http.idempotency import Once, stable_id
from api.http.strict import Strict
from graph_service import errors
from graph_service.deadline import check
from graph_service.model import Batch, Label, Node


class Note(BaseModel):
    """A body."""

    model_config = ConfigDict(extra="forbid")

    text: LongText
    top: Top = 3


router = APIRouter(route_class=Strict, prefix="/probe")


@router.get("/timed", dependencies=[TIMED])
def timed() -> Response:
    while True:
        time.sleep(0.05)
        check()


@router.get("/slow")
def slow(seconds: float) -> Response:
    time.sleep(seconds)
    return answer({"slept": seconds})


@router.get("/fails")
def fails() -> Response:
    raise RuntimeError("a secret of the inside")


@router.get("/breaks")
def breaks() -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"half of it"
        raise RuntimeError("in the middle")

    return StreamingResponse(parts())


@router.get("/raises/{name}")
def raises(name: str) -> Response:
    raise getattr(errors, name)("出错了", hint="改一改", folder="somewhere")


@router.get("/pages")
def pages(page: Page, viewer: Seen, q: str = "") -> Response:
    first = page.after or 0
    last = min(first + page.limit, 120)
    return answer({"items": list(range(first, last)), "q": q, "viewer": viewer.name,
                   "next": page.next(last if last < 120 else None)})  # fmt: skip


@router.get("/bounds")
def bounds(q: Query = "x", top: Top = 1, hops: Hops = 1, n: SubgraphSize = 1) -> Response:
    return answer({})


@router.get("/tagged/{id:path}")
def tag(request: Request, made: Made, id: NodeId) -> Response:  # noqa: A002
    found = made.store.nodes([id])
    return tagged(request, {"titles": [node.title for node in found.values()]})


@router.post("/echo")
def echo(note: Note) -> Response:
    return answer({"length": len(note.text), "top": note.top})


class Probe:
    """The routes, and what they did."""

    def __init__(self) -> None:
        self.made: list[str | None] = []
        self.open = Event()
        self.entered = 0
        self.writing = APIRouter(route_class=Once, prefix="/probe")
        self.uploads = APIRouter(prefix="/uploads")
        self._guard = Lock()
        self._add()

    @property
    def routers(self) -> tuple[APIRouter, ...]:
        return router, self.writing, self.uploads

    def _add(self) -> None:
        @self.writing.get("/heavy", dependencies=[HEAVY])
        def heavy() -> Response:
            with self._guard:
                self.entered += 1
            assert self.open.wait(30)
            return answer({})

        @self.writing.post("/things", status_code=201)
        def things(
            note: Note, made: Made, id_: Annotated[str | None, Depends(stable_id)]
        ) -> Response:
            with self._guard:
                self.made.append(id_)
                number = len(self.made)
            if note.text == "wait":
                assert self.open.wait(30)
            if note.text == "fail":
                raise errors.NotFoundError("没有这个东西", hint="换一个")
            made.store.apply(node_batch(f"thing:{number}", note.text))
            return answer({"number": number}, 201, {"Location": f"/things/{number}"})

        @self.uploads.post("/probe")
        async def upload(request: Request) -> Response:
            sizes = [len(chunk) async for chunk in request.stream()]
            return answer({"bytes": sum(sizes)})


def node_batch(id_: str, text: str) -> Batch:
    """One product."""
    return Batch(nodes=[Node(id_, Label.PRODUCT, {"name": text})])
