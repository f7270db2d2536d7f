"""Cursors: where a listing goes on, opaque and signed, good for one query alone.

A cursor carries a position and the fingerprint of the query that it continues; the signature keeps
people from writing their own. It does not expire: a position stays true while nodes come and go.
"""

import hashlib
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from itsdangerous import BadData, URLSafeSerializer

from api.http.errors import CursorError
from graph_service.errors import ConflictError
from graph_service.model import Put, UnitOfWork

if TYPE_CHECKING:
    from graph_service.ports import Records

_KIND, _ID = "secret", "cursors"


class Cursors:
    """Signs and reads cursors with one secret."""

    def __init__(self, secret: str) -> None:
        self._signer = URLSafeSerializer(
            secret, salt="cursor", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def sign(self, query: str, position: Any) -> str:
        """The cursor after ``position`` (JSON-ready) of a query."""
        return str(self._signer.dumps([_digest(query), position]))

    def read(self, query: str, cursor: str) -> Any:
        """The position of a cursor.

        Raises:
            CursorError: it is not ours, or another query's.
        """
        try:
            digest, position = self._signer.loads(cursor)
        except (BadData, ValueError, TypeError):
            digest, position = "", None
        if digest != _digest(query):
            raise CursorError(
                "游标不是为这个查询签发的",
                hint="去掉 cursor 从头开始，此后照搬答案里的 next，并保持其他参数不变",
            )
        return position


def query_of(route: str, parameters: Iterable[tuple[str, str]]) -> str:
    """What a cursor is bound to: the path and its parameters, but for ``cursor`` and ``limit``."""
    kept = sorted(pair for pair in parameters if pair[0] not in {"cursor", "limit"})
    return repr((route, kept))


def secret_of(records: "Records") -> str:
    """The secret kept in the store, made at the first call, the same for every server on it."""
    while True:
        found = records.get(_KIND, [_ID])
        if found:
            return str(found[_ID].data["value"])
        put = Put(_KIND, _ID, {"value": secrets.token_urlsafe(32)}, expected=0)
        try:
            records.commit(UnitOfWork([put]))
        except ConflictError:  # another server was faster: take its
            continue


def _digest(query: str) -> str:
    return hashlib.sha256(query.encode()).hexdigest()[:16]
