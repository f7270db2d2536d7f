"""What a store says and keeps when the disk, the folder, another process or a file is at fault."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from graph_service.store import open_store, schema
from tests.e2e.store_faults import (
    acknowledged,
    answers,
    call,
    command,
    environment,
    missing_rows,
    run,
)
from tests.e2e.store_faults import write_rows as rows_of

ROWS = 8_000
#: As root every folder can be written: then the program is run as nobody.
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.getuid() == 0 else []


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rows_of(tmp_path_factory.mktemp("rows") / "rows.jsonl", ROWS)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "store"
    shutil.rmtree(tmp_path, ignore_errors=True)


def _small(tmp_path: Path, store: Path, rows: int = 40) -> Path:
    path = rows_of(tmp_path / "few.jsonl", rows)
    assert call("load", path, "--store", store).exit_code == 0
    return path


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits by Linux")
def test_a_full_disk_keeps_what_was_acknowledged_embedded(rows: Path, store: Path) -> None:
    # No file may grow past the limit, as on a disk that is full; Python ignores the signal.
    limit = 2_500_000
    done = subprocess.run(
        ["prlimit", f"--fsize={limit}", *command("load", rows, "--no-embed", "--store", store)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4, done.stderr
    lines = done.stderr.splitlines()
    assert "store_unavailable" in lines[-2]
    assert "磁盘" in lines[-2] + lines[-1]
    count = acknowledged(lines, rows.name)
    assert 0 < count < ROWS
    with open_store(str(store)) as opened:
        assert missing_rows(opened, count) == []
    run("load", rows, "--no-embed", "--store", store, check=True)
    with open_store(str(store)) as opened:
        assert missing_rows(opened, ROWS) == []
    assert run("store", "verify", "--store", store).returncode == 0


def test_a_full_disk_under_the_record_embedded(tmp_path: Path, store: Path) -> None:
    _small(tmp_path, store)
    more = rows_of(tmp_path / "more.jsonl", 4_000)
    code = (
        "import sys; from pathlib import Path\n"
        "from graph_service.store.embedded import EmbeddedStore\n"
        "from loaders.service import load\n"
        "store = EmbeddedStore(Path(sys.argv[1]))\n"
        "with store._record.write() as connection: pass\n"
        "pages = connection.execute('PRAGMA page_count').fetchone()[0]\n"
        "connection.execute(f'PRAGMA max_page_count = {pages + 40}')\n"
        "try: load([Path(sys.argv[2])], store)\n"
        "except Exception as error: print(error.code, error.message, error.hint)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, store, more], capture_output=True, text=True, check=True
    ).stdout
    assert said.startswith("store_unavailable")
    assert "磁盘已满" in said
    run("load", more, "--store", store, check=True)


@pytest.mark.skipif(NOBODY != [] and shutil.which("setpriv") is None, reason="needs setpriv")
def test_a_folder_that_cannot_be_written_embedded(tmp_path: Path, store: Path) -> None:
    """The reader still reads; the writer says what to do."""
    _small(tmp_path, store)
    for path in [tmp_path, *tmp_path.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    for path in [*tmp_path.parents][:-2]:  # pytest keeps its folders to their owner
        path.chmod(path.stat().st_mode | 0o055)  # and open they stay: beside this, others pass
    try:

        def program(*words: object) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [*NOBODY, *command(*words, "--store", store)],
                env=environment() | {"HOME": "/nonexistent"},
                capture_output=True,
                text=True,
                check=False,
            )

        if program("settings").returncode == 126 or not _can_start():
            pytest.skip("the program itself cannot be run by another user here")
        refused = program("load", tmp_path / "few.jsonl")
        assert refused.returncode == 4, refused.stderr
        assert "提示：" in refused.stderr
        assert "权限" in refused.stderr
        read = program("stats", "--json")
        assert read.returncode == 0, read.stdout
        assert program("store", "verify").returncode == 0
    finally:
        for path in [tmp_path, *tmp_path.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)


def _can_start() -> bool:
    started = subprocess.run(
        [*NOBODY, *command("--help")], env=environment(), capture_output=True, check=False
    )
    return started.returncode == 0


def test_a_second_writer_waits_and_then_says_so_embedded(tmp_path: Path, store: Path) -> None:
    few = _small(tmp_path, store)
    holder = sqlite3.connect(store / "record.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    more = rows_of(tmp_path / "more.jsonl", 80)
    refused = call("load", more, "--store", store)
    assert refused.exit_code == 4
    assert "另一个程序正在写入" in refused.stderr
    assert call("search", "轴承", "--store", store, "--json").exit_code == 0
    holder.execute("ROLLBACK")
    holder.close()
    assert call("load", few, more, "--store", store).exit_code == 0


def test_a_newer_store_is_refused_and_left_alone_embedded(tmp_path: Path, store: Path) -> None:
    few = _small(tmp_path, store)
    connection = sqlite3.connect(store / "record.sqlite", isolation_level=None)
    connection.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    for words in (("load", few), ("stats",), ("embed",), ("reindex",), ("store", "verify")):
        refused = call(*words, "--store", store)
        assert refused.exit_code == 4, words
        assert "store_newer" in refused.stderr
        assert "升级" in refused.stderr
    connection.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS)}")
    connection.close()
    assert call("store", "verify", "--store", store).exit_code == 0


def test_torn_projections_heal_embedded(tmp_path: Path, store: Path) -> None:
    _small(tmp_path, store, rows=400)
    with open_store(str(store), read_only=True) as whole:
        expected = answers(whole)
    files = [path for path in (store / "projections").rglob("*.npy") if path.stat().st_size > 200]
    for number, path in enumerate(sorted(files)):
        content = bytearray(path.read_bytes())
        content[150 + number % 40] ^= 0x10
        path.write_bytes(content)
    found = call("store", "verify", "--store", store)
    assert found.exit_code == 4
    assert "jiebang reindex" in found.stdout
    with open_store(str(store), read_only=True) as torn:
        assert answers(torn) == expected
    assert call("reindex", "--store", store).exit_code == 0
    assert call("store", "verify", "--store", store).exit_code == 0
    with open_store(str(store), read_only=True) as mended:
        assert answers(mended) == expected


def test_a_damaged_record_says_so_embedded(tmp_path: Path, store: Path) -> None:
    _small(tmp_path, store)
    path = store / "record.sqlite"
    path.write_bytes(b"PK\x03\x04" + os.urandom(20_000))
    for name in ("record.sqlite-wal", "record.sqlite-shm"):
        (store / name).unlink(missing_ok=True)
    for words in (
        ("stats",),
        ("search", "轴承"),
        ("store", "verify"),
        ("store", "backup", "x.zip"),
    ):
        refused = call(*words, "--store", store)
        assert refused.exit_code == 4, (words, refused.stderr)
        assert "store_corrupt" in refused.stderr
    assert not (tmp_path / "x.zip").exists()
