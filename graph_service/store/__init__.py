"""The engines behind the ports, and the one way to open one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graph_service.errors import InputError, StoreError, StoreUnavailableError
from graph_service.ports import Whole
from graph_service.store.bolt.options import ServerOptions

__all__ = ["ServerOptions", "driver_needed", "is_folder", "open_store", "store_folder"]

_NEO4J = frozenset({"neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"})


def open_store(
    location: str,
    *,
    read_only: bool = False,
    today: str | None = None,
    trial: bool = False,
    server: ServerOptions | None = None,
) -> Whole:
    """The store at a location: a folder, or a Neo4j server (``neo4j://…``, ``bolt://…``).

    Args:
        location: a folder is made where it is missing, unless ``read_only``.
        read_only: never write.
        today: ISO date of statements that come without one; the day of the write where not given.
        trial: what is written is seen by this store alone and undone when it closes; nothing is
            made on disk. For one thread; others cannot write meanwhile. Cypher: one transaction,
            but where a server holds nothing yet, a store in memory stands for it.
        server: how to reach a server; of no matter for a folder.

    Raises:
        InputError: the location is no address of a server, but looks like one.
        StoreError: it cannot be opened.
    """
    folder = Path(location).expanduser()
    if not is_folder(location):
        with driver_needed(location):
            from graph_service.store.neo4j import Neo4jStore
        from graph_service.store import upkeep

        # In one transaction no index can be made: without one every look-up reads everything.
        if not trial or upkeep.versions(location, server).found:
            return Neo4jStore(location, server, read_only=read_only, today=today, trial=trial)
        folder = Path(os.devnull, "trial")  # where nothing is, nor can be
    from graph_service.store.embedded import EmbeddedStore

    return EmbeddedStore(folder, read_only=read_only, today=today, trial=trial)


@contextmanager
def driver_needed(location: str) -> Iterator[None]:
    """Around an import that needs the driver of a server.

    Raises:
        StoreError: it is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise StoreError(
            "没有安装 Neo4j 的驱动程序。",
            hint="请安装附加组件：pip install 'jiebang[neo4j]'。",
            location=location,
        ) from error


def is_folder(location: str) -> bool:
    """Whether the store at a location is a folder; else it is a server's.

    Raises:
        InputError: it is an address, but not of a server that we know.
    """
    scheme, mark, _ = location.partition("://")
    if mark and scheme.lower() not in _NEO4J:
        raise InputError(
            f"不认得以 {scheme}:// 开头的库地址。",
            hint="请写一个文件夹，或 Neo4j 的地址，如 neo4j://主机:7687（加密用 neo4j+s://）。",
            scheme=scheme,
        )
    return not mark


def store_folder(location: str) -> Path:
    """The folder of an embedded store, whose files can be backed up and restored.

    Raises:
        StoreUnavailableError: the location is a server's.
    """
    if not is_folder(location):
        raise StoreUnavailableError(
            f"{location} 是服务器上的图谱库，这条命令只用于文件夹。",
            hint="服务器上的图谱库请用 jiebang store copy 复制到文件夹（复制时停止写入），"
            "再备份那个文件夹。",
            location=location,
        )
    return Path(location).expanduser()
