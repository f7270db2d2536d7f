"""One connection: heads of requests have a size and a time, and what is no HTTP is told so as a
problem. uvicorn bounds neither (the parser takes as many headers as come).
"""

from asyncio import TimerHandle, Transport
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import uuid4

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.http.errors import HeadTooLargeError, MalformedError, SlowBodyError
from api.http.problems import respond
from graph_service.errors import JiebangError

#: Bytes of request line and headers, not counting the piece in which they begin.
HEAD_BYTES = 65_536


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, with bounds before the application is asked.

    ``head_seconds``: for a head to arrive, from its first byte or the start of the connection.
    """

    head_seconds: ClassVar[float] = 10

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head = 0
        self._in_head = False
        self._timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_there()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._head += len(data)
        super().data_received(data)
        if self._in_head and self._head > HEAD_BYTES and not self.transport.is_closing():
            self._refuse(
                HeadTooLargeError(f"请求的首部超过 {HEAD_BYTES} 字节", hint="去掉不需要的首部")
            )

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._head = 1  # how much of this piece is the head's is not known
        self._expect_head()

    def on_headers_complete(self) -> None:
        self._head_is_there()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's English
        """What the parser cannot read."""
        self._refuse(MalformedError("这不是有效的 HTTP/1.1 请求", hint="检查请求行与各首部"))

    def _expect_head(self) -> None:
        self._head_is_there()
        self._in_head = True
        self._timer = self.loop.call_later(self.head_seconds, self._too_slow)

    def _head_is_there(self) -> None:
        self._in_head = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        if self._answering:  # the request before: its answer comes first, and may take long
            self._expect_head()
        elif self._head:
            self._refuse(SlowBodyError("请求没有及时到达", hint="检查网络后重发"))
        else:
            self.transport.close()

    @property
    def _answering(self) -> bool:
        """Whether a request on this connection is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def _refuse(self, error: JiebangError) -> None:
        """Answer in place of the application, and hang up."""
        self._head_is_there()
        if self._answering:  # nothing may stand in the middle of another answer
            self.transport.close()
            return
        request_id = uuid4().hex
        response = respond(error, request_id)
        status = HTTPStatus(response.status_code)
        headers = [
            *response.raw_headers,
            (b"x-request-id", request_id.encode()),
            (b"connection", b"close"),
        ]
        written = b"".join(b"%b: %b\r\n" % pair for pair in headers)
        line = f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode()
        self.transport.write(line + written + b"\r\n" + bytes(response.body))
        self.transport.close()
