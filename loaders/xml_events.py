"""XML as events, from expat, safe to use on files of strangers.

A document type declaration is refused before anything in it is read, so there are no entities to
expand (billion laughs) or to fetch (XXE). Nothing is kept but what the handlers keep.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any
from xml.parsers import expat

from graph_service.deadline import check
from loaders.errors import CellError

_CHUNK = 1 << 18

Start = Callable[[str, Mapping[str, str]], Any]


def parser(start: Start) -> "expat.XMLParserType":
    """A parser with a handler of start tags; further handlers are set by the caller."""
    made = expat.ParserCreate()
    made.buffer_text = True
    made.StartElementHandler = start
    made.StartDoctypeDeclHandler = _refuse
    return made


def feed(made: "expat.XMLParserType", stream: IO[bytes]) -> Iterator[None]:
    """Parse a stream, chunk by chunk, each at a step of the iteration.

    Raises:
        CellError: it is not well-formed (``file_unreadable``), or declares a DTD (``unsafe_xml``).
        QueryTimeoutError
    """
    last = False
    while not last:
        check()
        chunk = stream.read(_CHUNK)
        last = not chunk
        try:
            made.Parse(chunk, last)
        except expat.ExpatError as error:
            raise CellError("file_unreadable", f"XML 第 {error.lineno} 行有误") from error
        yield


def local(tag: str) -> str:
    """A tag or attribute without its prefix."""
    return tag.rpartition(":")[2]


def _refuse(*_: object) -> None:
    raise CellError("unsafe_xml")
