"""The one file of a multipart body, however the body is cut into pieces."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.errors import MalformedError
from api.http.multipart import boundary_of, file_of

BOUNDARY = b"----x"


def _body(*parts: tuple[str, bytes]) -> bytes:
    """Parts of a form: what stands in Content-Disposition, and the content."""
    body = b"".join(
        b"--%b\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n"
        % (BOUNDARY, said.encode(), data)
        for said, data in parts
    )
    return body + b"--%b--\r\n" % BOUNDARY


def _cut(body: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(body), *(place % (len(body) + 1) for place in places)})
    return [body[start:end] for start, end in pairwise(edges)]


@given(
    content=st.binary(max_size=300) | st.just(b"\r\n------x\r\n--"),
    name=st.text(st.characters(codec="utf-8", exclude_characters='"\\;\r\n\0'), min_size=1),
    places=st.lists(st.integers(0, 2000), max_size=20),
)
def test_the_file_comes_out_whole(content: bytes, name: str, places: list[int]) -> None:
    if b"\r\n--" + BOUNDARY in b"\r\n" + content:
        return
    body = _body(
        ('name="note"', b"a"),
        (f'name="file"; filename="{name}"', content),
        ('name="after"', b"b"),
    )
    called, pieces = file_of(BOUNDARY, _cut(body, places))
    assert b"".join(pieces) == content
    assert called.strip() == name.strip()


def test_the_content_is_read_as_it_arrives() -> None:
    body, asked = _body(('name="file"; filename="a.csv"', b"1" * 100 + b"2" * 100)), []

    def chunks() -> Iterator[bytes]:
        for piece in _cut(body, list(range(0, 400, 20))):
            asked.append(piece)
            yield piece

    _, content = file_of(BOUNDARY, chunks())
    before = len(asked)
    for _ in range(4):
        next(content)
    assert before < len(asked) < len(_cut(body, list(range(0, 400, 20))))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "不完整"),
        (_body(), "不是有效的|没有文件"),
        (_body(('name="file"', b"a")), "没有文件"),
        (b"no form at all", "不是有效的"),
        (_body(('name="a"; filename="a"', b"1"), ('name="b"; filename="b"', b"2")), "不止一个"),
        (_body(('name="a"; filename="a"', b"1"))[:-20], "不完整"),
        (_body((f'name="a"; filename="{"x" * 9000}"', b"1")), "不是有效的"),
    ],
)
def test_bodies_that_hold_no_one_file(body: bytes, says: str) -> None:
    with pytest.raises(MalformedError, match=says):
        list(file_of(BOUNDARY, [body])[1])


def test_the_boundary_is_read_from_the_type() -> None:
    assert boundary_of('multipart/form-data; boundary="----x"') == BOUNDARY
    assert boundary_of("application/octet-stream") is None
    assert boundary_of("") is None
    for said in ("multipart/form-data", f"multipart/form-data; boundary={'x' * 300}"):
        with pytest.raises(MalformedError, match="boundary"):
            boundary_of(said)
