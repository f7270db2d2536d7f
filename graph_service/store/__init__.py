"""The engines behind the ports, and the one way to open one."""

from pathlib import Path
from urllib.parse import urlsplit

from graph_service.errors import StoreUnavailableError
from graph_service.ports import Store

_NEO4J = frozenset({"neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"})


def open_store(
    location: str, *, read_only: bool = False, today: str | None = None, trial: bool = False
) -> Store:
    """The store at a location: a folder, or a Neo4j server (``neo4j://…``, ``bolt://…``).

    Args:
        location: a folder is made where it is missing, unless ``read_only``.
        read_only: never write.
        today: ISO date of statements that come without one; the day of the write where not given.
        trial: what is written is seen by this store alone and undone when it closes; nothing is
            made on disk. For one thread; others cannot write meanwhile. Cypher: one transaction.

    Raises:
        StoreError: it cannot be opened.
    """
    if not is_folder(location):
        from graph_service.store.neo4j import Neo4jStore

        return Neo4jStore(location, read_only=read_only, trial=trial)
    from graph_service.store.embedded import EmbeddedStore

    return EmbeddedStore(Path(location).expanduser(), read_only=read_only, today=today, trial=trial)


def is_folder(location: str) -> bool:
    """Whether the store at a location is a folder; else it is a server's."""
    return urlsplit(location).scheme not in _NEO4J


def store_folder(location: str) -> Path:
    """The folder of an embedded store, whose files can be backed up, restored and verified.

    Raises:
        StoreUnavailableError: the location is a server's.
    """
    if not is_folder(location):
        raise StoreUnavailableError(
            f"{location} 是服务器上的图谱库，这条命令只用于文件夹。",
            hint="服务器上的图谱库请用它自己的工具备份与检查（neo4j-admin database dump、check）。",
            location=location,
        )
    return Path(location).expanduser()
