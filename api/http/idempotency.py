"""Idempotency keys: a write sent twice is done once, and answered twice alike.

After https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/. The first request
with a key is remembered as running, under a lease that it renews; a success is kept for a day with
the digest of its body. Anything else changed nothing and is forgotten: the key may be used again.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from threading import Lock
from typing import Annotated, Any, ClassVar

from fastapi import Depends, Header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive

from api.http.deps import held
from api.http.errors import (
    IdempotencyKeyError,
    IdempotencyMismatchError,
    IdempotencyRunningError,
)
from api.http.strict import Handler, Strict
from graph_service.errors import ConflictError, StoreError
from graph_service.model import Put, Record, UnitOfWork
from graph_service.ports import Records

KIND = "idempotency"
#: Seconds that an answer is kept, and that a running request's lease lasts.
KEPT = 24 * 3600
LEASE = 60
_KEY = r"[!-~]{1,255}"


async def _declared(
    _key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            pattern=f"^{_KEY}$",
            description="同一个键、同样内容的请求只做一次，一天之内再发得到同一个答案",
        ),
    ] = None,
) -> None:
    """Only so that OpenAPI tells of the header; ``Once`` reads it."""


async def stable_id(request: Request) -> str | None:
    """An id that every try of a request under one key shares; None without a key.

    What a write makes gets this id, so that a try after a crash finds it made already.
    """
    return getattr(request.state, "idempotency_id", None)


class Once(Strict):
    """For ``APIRouter(route_class=Once)``: its writes take an ``Idempotency-Key``."""

    _WRITES: ClassVar[frozenset[str]] = frozenset({"POST", "PUT", "PATCH", "DELETE"})

    def __init__(self, path: str, endpoint: Any, *, dependencies: Any = None, **given: Any) -> None:
        if self._WRITES & set(given.get("methods") or ()):
            dependencies = [*(dependencies or ()), Depends(_declared)]
        super().__init__(path, endpoint, dependencies=dependencies, **given)

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def once(request: Request) -> Response:
            key = request.headers.get("idempotency-key")
            if key is None or request.method not in self._WRITES:
                return await handler(request)
            if not re.fullmatch(_KEY, key):
                raise IdempotencyKeyError(
                    "Idempotency-Key 不能用", hint="应为 1–255 个可见 ASCII 字符，如一个 UUID"
                )
            return await _once(request, key, handler)

        return once


async def _once(request: Request, key: str, handler: Handler) -> Response:
    records = held(request).services.store
    id_ = sha256(f"{request.method} {request.url.path}\n{key}".encode()).hexdigest()[:32]
    body = _Hashed(request.receive, request.url.query)
    record = await run_in_threadpool(_claim, records, id_)
    if record.data["state"] == "done":
        if record.data["body"] != await body.digest():
            raise IdempotencyMismatchError(
                "这个 Idempotency-Key 已用于内容不同的请求",
                hint="新的请求换一个新的键；重发时内容须一字不差",
            )
        return _replayed(record.data)
    request.state.idempotency_id = id_
    held_record = _Lease(records, record)
    done: dict[str, Any] | None = None
    try:
        async with held_record.renewed():
            response = await handler(Request(request.scope, body.receive))
        if 200 <= response.status_code < 300:
            done = _kept(response, await body.digest())
    finally:
        await run_in_threadpool(held_record.end, done)
    return response


def _claim(records: Records, id_: str) -> Record:
    """The record of an answer that is kept, or a fresh one that says that we are at work.

    Raises:
        IdempotencyRunningError: someone else is.
    """
    found = records.get(KIND, [id_]).get(id_)
    now = time.time()
    if found is not None and found.data["until"] > now:
        if found.data["state"] == "done":
            return found
        raise _running(found.data["until"] - now)
    data = {"state": "running", "until": now + LEASE}
    put = Put(KIND, id_, data, expected=found.version if found else 0)
    try:
        return records.commit(UnitOfWork([put])).records[0]
    except ConflictError:
        raise _running(1) from None


def _running(seconds: float) -> IdempotencyRunningError:
    return IdempotencyRunningError(
        "用这个 Idempotency-Key 的前一个请求还没有结束",
        hint="稍等片刻，照原样重发",
        seconds=seconds,
    )


def _kept(response: Response, digest: str) -> dict[str, Any]:
    headers = [
        (name, value) for name, value in response.headers.items() if name != "content-length"
    ]
    return {
        "state": "done",
        "until": time.time() + KEPT,
        "body": digest,
        "status": response.status_code,
        "headers": headers,
        "answer": bytes(response.body).decode(),
    }


def _replayed(data: Any) -> Response:
    headers = {**dict(data["headers"]), "Idempotency-Replayed": "true"}
    return Response(data["answer"].encode(), data["status"], headers)


def forget_old(records: Records) -> int:
    """Delete the records whose time is over; gives how many."""
    gone, after = 0, None
    while True:
        page = records.query(KIND, after=after, limit=500)
        old = [one for one in page.records if one.data["until"] <= time.time()]
        for one in old:
            with suppress(ConflictError):  # used again this very moment
                records.commit(UnitOfWork([Put(KIND, one.id, None, expected=one.version)]))
                gone += 1
        after = page.cursor
        if after is None:
            return gone


class _Lease:
    """The record of a running request, kept alive while the request is."""

    def __init__(self, records: Records, record: Record) -> None:
        self._records = records
        self._record = record
        self._putting = Lock()
        self._ended = False

    @asynccontextmanager
    async def renewed(self) -> AsyncIterator[None]:
        """Renew the lease again and again for the length of the block."""
        task = asyncio.create_task(self._renew())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def end(self, done: dict[str, Any] | None) -> None:
        """Keep an answer, or forget the request. What was done is answered for even where that
        cannot be written: another process writes for long, or has taken the key over."""
        with self._putting, suppress(StoreError):
            self._ended = True
            self._put(done)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(LEASE / 3)
            await asyncio.shield(run_in_threadpool(self._prolong))

    def _prolong(self) -> None:
        with self._putting, suppress(StoreError):
            if not self._ended:
                self._put({"state": "running", "until": time.time() + LEASE})

    def _put(self, data: dict[str, Any] | None) -> None:
        one = self._record
        put = Put(one.kind, one.id, data, expected=one.version)
        for record in self._records.commit(UnitOfWork([put])).records:
            self._record = record


class _Hashed:
    """``receive`` that takes the digest of a body while it passes."""

    def __init__(self, receive: Receive, query: str) -> None:
        self._receive = receive
        self._hash = sha256(query.encode() + b"\n")
        self._whole = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._hash.update(message.get("body", b""))
            self._whole = self._whole or not message.get("more_body", False)
        else:
            self._whole = True
        return message

    async def digest(self) -> str:
        """Of the query and the whole body; what nobody has read is read now."""
        while not self._whole:
            await self.receive()
        return self._hash.hexdigest()
