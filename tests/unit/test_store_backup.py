"""A backup is one file of one state; what is restored of it is that state, or nothing."""

import json
import shutil
import sqlite3
import threading
import zipfile
from pathlib import Path

import pytest

from embeddings.fill import fill
from embeddings.hashing import HashingEmbedder
from graph_service.errors import (
    InputError,
    StoreCorruptError,
    StoreNewerError,
    StoreUnavailableError,
)
from graph_service.model import Batch, Edge, EdgeType, Filter, Label, Node, Put, UnitOfWork
from graph_service.store import open_store
from graph_service.store.backup import backup, restore
from graph_service.store.verify import verify

ENCODER = HashingEmbedder(8)


def _batch(number: int) -> Batch:
    """Five products and a firm that makes them: whole or not at all."""
    ids = [f"p{number}-{i}" for i in range(5)]
    return Batch(
        [Node(id_, Label.PRODUCT, {"name": f"阀 {id_}"}, "表") for id_ in ids],
        [Edge(EdgeType.MAKES, f"f{number}", id_, source="表") for id_ in ids],
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with open_store(str(tmp_path / "store")) as store:
        store.apply(_batch(0))
        store.commit(UnitOfWork([Put("bid", "1", {"price": 3})]))
        fill(store, ENCODER)
    return tmp_path / "store"


def _dump(folder: Path) -> list[str]:
    connection = sqlite3.connect(folder / "record.sqlite")
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def test_what_is_restored_is_what_was_backed_up(folder: Path, tmp_path: Path) -> None:
    file, empty = tmp_path / "库.zip", tmp_path / "new"
    written = backup(folder, file)
    empty.mkdir()
    assert restore(file, empty) == written
    assert _dump(empty) == _dump(folder)
    assert verify(empty).ok
    assert written.counts["nodes"] == {"Organization": 1, "Product": 5}
    assert written.counts["records"] == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "store", "库.zip"]
    with open_store(str(folder)) as store, open_store(str(empty)) as other:
        for one in (store, other):
            one.refresh()
        asked = {"阀": 1.0}
        assert store.search_text(asked, Filter()) == other.search_text(asked, Filter())
        vector = ENCODER.embed_queries(["阀 p0-1"])[0]
        near = [one.search_vectors(vector, ENCODER.fingerprint, Filter()) for one in (store, other)]
        assert near[0] == near[1] != []


def test_a_writer_at_work_is_not_in_the_way(folder: Path, tmp_path: Path) -> None:
    ended = threading.Event()

    def write() -> None:
        with open_store(str(folder)) as store:
            number = 0
            while not ended.is_set():
                number += 1
                store.apply(_batch(number))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        changes = []
        for number in range(4):
            file, place = tmp_path / f"{number}.zip", tmp_path / f"restored-{number}"
            counts = backup(folder, file).counts
            restore(file, place)
            assert counts["nodes"]["Product"] == 5 * counts["nodes"]["Organization"]
            assert verify(place).ok
            changes.append(counts["change"])
    finally:
        ended.set()
        writer.join()
    assert changes == sorted(changes)
    assert changes[0] < changes[-1]


def test_an_older_store_is_backed_up_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    connection = sqlite3.connect(folder / "record.sqlite")
    dump = Path(__file__).parents[1] / "data/store_v1.sql"
    connection.executescript(dump.read_text(encoding="utf-8"))
    connection.close()
    assert backup(folder, tmp_path / "old.zip").schema == 1
    restore(tmp_path / "old.zip", tmp_path / "new")
    with open_store(str(tmp_path / "new")) as store:
        assert len(store.scan(Filter()).nodes) == 6
    assert verify(tmp_path / "new").ok


def test_nothing_is_overwritten(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "库.zip"
    file.write_bytes(b"mine")
    with pytest.raises(InputError) as caught:
        backup(folder, file)
    assert caught.value.hint
    assert file.read_bytes() == b"mine"
    file.unlink()
    backup(folder, file)
    before = _dump(folder)
    with pytest.raises(InputError) as caught:
        restore(file, folder)
    assert "空" in caught.value.hint
    assert _dump(folder) == before


def test_where_no_store_is_there_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError):
        backup(tmp_path / "nothing", tmp_path / "库.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError) as caught:
        backup(folder, tmp_path / "no such folder" / "库.zip")
    assert caught.value.hint


def _torn(file: Path, harm: str) -> None:
    content = bytearray(file.read_bytes())
    if harm == "cut":
        content = content[: len(content) * 2 // 3]
    elif harm == "flipped":
        middle = len(content) // 2  # one bit alone may name another of many equal zeros
        for place in range(middle, middle + 16):
            content[place] ^= 0xFF
    else:
        content = bytearray()
    file.write_bytes(content)


@pytest.mark.parametrize("harm", ["cut", "flipped", "emptied"])
def test_a_damaged_backup_restores_nothing(folder: Path, tmp_path: Path, harm: str) -> None:
    file, place = tmp_path / "库.zip", tmp_path / "new"
    backup(folder, file)
    _torn(file, harm)
    with pytest.raises((StoreCorruptError, InputError)) as caught:
        restore(file, place)
    assert caught.value.hint
    assert not place.exists() or not any(place.iterdir())


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"format": 99}, StoreNewerError),
        ({"schema": 99}, StoreNewerError),
        ({"sha256": "0" * 64}, StoreCorruptError),
        ({"bytes": 5}, StoreCorruptError),
        ({"counts": {}}, StoreCorruptError),
        ({"extra": 1}, InputError),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else value.__name__,
)
def test_a_manifest_that_does_not_hold(
    folder: Path, tmp_path: Path, told: dict[str, object], error: type[Exception]
) -> None:
    whole, file = tmp_path / "whole.zip", tmp_path / "库.zip"
    backup(folder, whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(file, "w") as new:
        new.writestr("record.sqlite", old.read("record.sqlite"))
        new.writestr("manifest.json", json.dumps(json.loads(old.read("manifest.json")) | told))
    with pytest.raises(error):
        restore(file, tmp_path / "new")
    assert not (tmp_path / "new/record.sqlite").exists()


@pytest.mark.parametrize("members", [{}, {"manifest.json": b"[]", "record.sqlite": b""}])
def test_a_zip_that_is_no_backup(tmp_path: Path, members: dict[str, bytes]) -> None:
    file = tmp_path / "x.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(InputError) as caught:
        restore(file, tmp_path / "new")
    assert "备份" in caught.value.message
    shutil.rmtree(tmp_path)
