"""A store as a whole, for who keeps it: which schema it has, the newest one, is it whole."""

from dataclasses import dataclass
from pathlib import Path

from graph_service.store import ServerOptions, is_folder
from graph_service.store.checks import Verified


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
    from graph_service.store.bolt import schema as server_schema
    from graph_service.store.bolt.connection import Connection

    connection = Connection(location, server, read_only=True)
    try:
        found = server_schema.version(connection) or 0
        return Versions(found, len(server_schema.MIGRATIONS))
    finally:
        connection.close()


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
    from graph_service.store.bolt import schema
    from graph_service.store.bolt.connection import Connection

    connection = Connection(location, server)
    try:
        schema.migrate(connection)
    finally:
        connection.close()
    return before


def verify(location: str, server: ServerOptions | None = None) -> Verified:
    """Look at everything that a store holds; nothing is changed.

    Raises:
        StoreError: it cannot be opened or read at all.
    """
    if is_folder(location):
        from graph_service.store.verify import verify as look

        return look(Path(location).expanduser())
    from graph_service.store.bolt.connection import Connection
    from graph_service.store.bolt.verify import verify as look_at_server

    connection = Connection(location, server, read_only=True)
    try:
        return look_at_server(connection)
    finally:
        connection.close()
