"""How to reach a Neo4j server: what settings say of it."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Who asks a server, and how patiently.

    Attributes:
        user: name on the server.
        password: never shown.
        ca: a file of certificates (PEM) that alone are trusted; the connection is encrypted then.
        database: the database's name; Community has one.
        pool: connections at most that a process holds to one server; two at least, for a write
            that waits too long is broken off through another one.
        connect_seconds: for a connection to be made, or to become free in the pool.
        query_seconds: for one read, unless ``graph_service.deadline`` ends sooner.
        write_patience: seconds that a write waits for others to end theirs.
        retry_seconds: for which what fails in passing (a server that restarts) is tried again.
    """

    user: str = "neo4j"
    password: str = field(default="", repr=False)
    ca: Path | None = None
    database: str = "neo4j"
    pool: int = 50
    connect_seconds: float = 10.0
    query_seconds: float = 60.0
    write_patience: float = 10.0
    retry_seconds: float = 30.0
