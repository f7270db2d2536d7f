"""The engines behind the ports, and the one way to open one."""

from pathlib import Path
from urllib.parse import urlsplit

from graph_service.ports import Store

_NEO4J = frozenset({"neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"})


def open_store(location: str, *, read_only: bool = False, today: str | None = None) -> Store:
    """The store at a location: a folder, or a Neo4j server (``neo4j://…``, ``bolt://…``).

    Args:
        location: a folder is made where it is missing, unless ``read_only``.
        read_only: never write.
        today: ISO date of statements that come without one; the day of the write where not given.

    Raises:
        StoreError: it cannot be opened.
    """
    if urlsplit(location).scheme in _NEO4J:
        from graph_service.store.neo4j import Neo4jStore

        return Neo4jStore(location, read_only=read_only)
    from graph_service.store.embedded import EmbeddedStore

    return EmbeddedStore(Path(location).expanduser(), read_only=read_only, today=today)
