"""The one file of a ``multipart/form-data`` body (RFC 7578), read as it arrives. Pure.

The frameworks' form parsers keep a whole part on disk before anybody sees it; here its bytes go
straight to whoever keeps them.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from api.http.errors import MalformedError

_HINT = "multipart/form-data 中放一个文件（filename 写文件名），或直接以文件内容为请求体"


def boundary_of(content_type: str) -> bytes | None:
    """The boundary of a multipart body; None where the body is none.

    Raises:
        MalformedError: multipart without a boundary.
    """
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data":
        return None
    boundary = options.get(b"boundary", b"")
    if not 1 <= len(boundary) <= 200:
        raise MalformedError("multipart/form-data 没有写明 boundary", hint=_HINT)
    return bytes(boundary)


def file_of(boundary: bytes, chunks: Iterable[bytes]) -> tuple[str, Iterator[bytes]]:
    """The name and the content of the file; other fields are passed over.

    The content raises MalformedError where the body breaks off, or holds a second file.

    Raises:
        MalformedError: it is no multipart body, or holds no file.
    """
    reading = _Reading(boundary)
    content = reading.content(iter(chunks))
    first = next(content, None)  # reads on to the file
    if reading.name is None:
        raise MalformedError("请求体里没有文件", hint=_HINT)

    def whole() -> Iterator[bytes]:
        if first is not None:
            yield first
        yield from content

    return reading.name, whole()


class _Reading:
    """What the parser tells. ``name`` is the file's, once its headers were read."""

    def __init__(self, boundary: bytes) -> None:
        self.name: str | None = None
        self._ready: list[bytes] = []
        self._field = self._value = b""
        self._headers: dict[bytes, bytes] = {}
        self._in_file = self._ended = False
        callbacks: Any = {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._part,
            "on_part_data": self._data,
            "on_end": self._end,
        }
        self._parser = MultipartParser(boundary, callbacks)

    def content(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The file's bytes; an empty file gives one empty piece."""
        begun = False
        for chunk in chunks:
            try:
                self._parser.write(chunk)
            except MultipartParseError as error:
                raise MalformedError("请求体不是有效的 multipart/form-data", hint=_HINT) from error
            if self.name is not None and not begun:
                begun = True
                yield b""
            yield from self._ready
            self._ready.clear()
        if not self._ended:
            raise MalformedError("请求体不完整", hint="请重新上传")

    def _begin(self) -> None:
        self._headers = {}
        self._field = self._value = b""
        self._in_file = False

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._field.lower()] = self._value
        self._field = self._value = b""

    def _part(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if b"filename" not in options:
            return
        if self.name is not None:
            raise MalformedError("请求体里有不止一个文件", hint="请一次上传一个文件")
        self.name = options[b"filename"].decode("utf-8", "replace")
        self._in_file = True

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._ready.append(data[start:end])

    def _end(self) -> None:
        self._ended = True
