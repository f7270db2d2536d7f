"""A store as a whole, for who keeps it: which schema it has, the newest one, is it whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graph_service.store import ServerOptions, driver_needed, is_folder
from graph_service.store.checks import Verified

if TYPE_CHECKING:
    from graph_service.store.bolt.connection import Connection


@dataclass(frozen=True, slots=True)
class Versions:
    """Of the schema: the store's (0 where there is no store yet), and the newest one known."""

    found: int
    known: int


def versions(location: str, server: ServerOptions | None = None) -> Versions:
    """Which schema a store has; nothing is written.

    Raises:
        StoreNewerError: a newer one than is known.
        StoreError: the store cannot be opened or read.
    """
    if is_folder(location):
        from graph_service.store import schema
        from graph_service.store.record import FILE, Record

        folder, known = Path(location).expanduser(), len(schema.MIGRATIONS)
        if not (folder / FILE).is_file():
            return Versions(0, known)
        record = Record(folder, read_only=True)
        try:
            return Versions(schema.version(record.read()), known)
        finally:
            record.close()
    with _connected(location, server, read_only=True) as connection:
        from graph_service.store.bolt import schema as server_schema

        return Versions(server_schema.version(connection) or 0, len(server_schema.MIGRATIONS))


def migrate(location: str, server: ServerOptions | None = None) -> Versions:
    """Bring a store to the newest schema, and make an empty one where there is none; what it had
    before.

    Raises:
        StoreNewerError: it has a newer one than is known.
        StoreError: the store cannot be opened or written.
    """
    before = versions(location, server)
    if is_folder(location):
        from graph_service.store.record import Record

        Record(Path(location).expanduser()).close()
        return before
    with _connected(location, server) as connection:
        from graph_service.store.bolt import schema

        schema.migrate(connection)
    return before


def verify(location: str, server: ServerOptions | None = None) -> Verified:
    """Look at everything that a store holds; nothing is changed.

    Raises:
        StoreError: it cannot be opened or read at all.
    """
    if is_folder(location):
        from graph_service.store.verify import verify as look

        return look(Path(location).expanduser())
    with _connected(location, server, read_only=True) as connection:
        from graph_service.store.bolt.verify import verify as look_at_server

        return look_at_server(connection)


@contextmanager
def _connected(
    location: str, server: ServerOptions | None, *, read_only: bool = False
) -> Iterator["Connection"]:
    with driver_needed(location):
        from graph_service.store.bolt.connection import Connection
    connection = Connection(location, server, read_only=read_only)
    try:
        yield connection
    finally:
        connection.close()
