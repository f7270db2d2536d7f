"""Opening stores in tests as the product opens them: either engine, in child processes too.

Where a server's password, CA or patience stands: in the environment, by the product's settings.
"""

import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from api.settings import load_settings
from graph_service import store
from graph_service.ports import Store

REPOSITORY = Path(__file__).parents[1]


def open_store(location: str, **options: Any) -> Store:
    """As ``graph_service.store.open_store``, with the server's options from the settings."""
    if store.is_folder(location):
        return store.open_store(location, **options)
    from api.bootstrap import server_options

    server = server_options(load_settings({"store": location}))
    return store.open_store(location, server=server, **options)


def open_impatient(location: str) -> Store:
    """A store that hardly waits for other writers."""
    if store.is_folder(location):
        from graph_service.store.embedded import EmbeddedStore

        return EmbeddedStore(Path(location), patience=0.05)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JIEBANG_NEO4J_WRITE_SECONDS", "1")
        return open_store(location)


def child(program: str, *words: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """Python running a program, its input and output as lines; modules of the tests are there."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", program, *words],
        cwd=REPOSITORY,
        stdin=pipe,
        stdout=pipe,
        text=True,
        bufsize=1,
    )
