"""Where projections lie on disk: parts under new names, and one pointer file swapped over them.

::

    projections/
        pointer.json        {"format": 2, "identity": "5f3a...", "change": 812,
                             "parts": {"forward": "forward-7", ...},
                             "files": {"forward-7/nums.npy": [4128, 3735928559], ...}}
        forward-7/  adjacency-7/  text-Result-3/  vectors-1-Organization-5/ ...

A part is written whole before the pointer names it, and parts that the pointer names no more are
removed; who still has one open keeps it (memory maps outlive the name). The pointer holds the size
and CRC-32 of every file, which are compared before it is opened (2 GB/s): anything torn reads as
missing, for a projection can always be made again from the record.
"""

import json
import os
import shutil
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

#: Raised whenever the shape of any part changes; pointers of another format are not used.
FORMAT = 2

_CHUNK = 1 << 20

Nums = npt.NDArray[np.int32]  # node or edge numbers of the record
Integers = npt.NDArray[np.integer]
Rows = npt.NDArray[np.int64]  # positions in a part
Mask = npt.NDArray[np.bool_]
Scored = tuple[Nums, npt.NDArray[np.float64]]  # node numbers, and a score for each
Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Pointer:
    """Which parts hold which record as of which change; change 0 is the empty record.

    ``files`` are the size and CRC-32 of each file of the parts.
    """

    identity: str = ""
    change: int = 0
    parts: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Sequence[int]] = field(default_factory=dict)


class Snapshots:
    """The projections' folder. One process writes (the caller sees to it), any number read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "pointer.json"
        self._whole: set[tuple[str, int, int]] = set()  # files found whole: name, size, CRC

    def stamp(self) -> tuple[int, int] | None:
        """Changes whenever the pointer does; cheap enough to ask before each request."""
        try:
            stat = self._file.stat()
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns

    def read(self) -> Pointer:
        """The pointer; that of an empty folder where there is none, or none that can be used."""
        try:
            found = json.loads(self._file.read_text("utf-8"))
            if found["format"] != FORMAT:
                return Pointer()
            return Pointer(
                str(found["identity"]), int(found["change"]), dict(found["parts"]), found["files"]
            )
        except (OSError, ValueError, KeyError, TypeError):
            return Pointer()

    def new(self, part: str, *, after: str | None = None) -> Path:
        """A folder for a new generation of a part: an empty one, or with links to the files of the
        one before, at a place (copies, where there can be no links)."""
        self.folder.mkdir(parents=True, exist_ok=True)
        taken = [
            int(number)
            for path in self.folder.iterdir()
            if (number := path.name.rpartition("-")[2]).isdigit()
        ]
        path = self.folder / f"{part}-{max(taken, default=0) + 1}"
        path.mkdir()
        for file in (self.folder / after).iterdir() if after else ():
            if file.suffix != ".lock":
                try:
                    (path / file.name).hardlink_to(file)
                except OSError:
                    shutil.copyfile(file, path / file.name)
        return path

    def check(self, pointer: Pointer, place: str) -> None:
        """See that the files of a part are as they were written; each is read once a process.

        Raises:
            OSError, ValueError: a file is missing or torn.
        """
        for name, (size, crc) in pointer.files.items():
            if name.startswith(f"{place}/") and (name, size, crc) not in self._whole:
                path = self.folder / name
                if path.stat().st_size != size or _crc(path) != crc:
                    raise ValueError(f"torn file {name}")
                self._whole.add((name, size, crc))

    def torn(self, pointer: Pointer) -> list[str]:
        """The files that are missing or torn, all of them read anew."""
        return [
            name
            for name, (size, crc) in pointer.files.items()
            if not (path := self.folder / name).is_file()
            or path.stat().st_size != size
            or _crc(path) != crc
        ]

    def publish(self, pointer: Pointer) -> None:
        """Swap the pointer, then remove what it names no more; its ``files`` are filled in."""
        self.folder.mkdir(parents=True, exist_ok=True)
        pointer = replace(pointer, files=self._files(pointer))
        draft = self._file.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as file:
            json.dump({"format": FORMAT, **asdict(pointer)}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._file)
        named = set(pointer.parts.values())
        for path in self.folder.iterdir():
            if path.is_dir() and path.name not in named:
                shutil.rmtree(path, ignore_errors=True)

    def _files(self, pointer: Pointer) -> dict[str, Sequence[int]]:
        before = self.read()
        kept = set(before.parts.values())
        return {
            name: before.files[name]
            if place in kept and name in before.files
            else (path.stat().st_size, _crc(path))
            for place in pointer.parts.values()
            for path in sorted((self.folder / place).rglob("[!.]*"))  # not the text index's locks
            if path.is_file()
            for name in [path.relative_to(self.folder).as_posix()]
        }


def _crc(path: Path) -> int:
    crc = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            crc = zlib.crc32(chunk, crc)
    return crc


def save_arrays(folder: Path, arrays: Arrays) -> None:
    """Write arrays as ``NAME.npy``."""
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)


def load_arrays(folder: Path, names: tuple[str, ...]) -> dict[str, npt.NDArray[Any]]:
    """Memory-map what ``save_arrays`` wrote.

    Raises:
        OSError, ValueError: a file is missing or torn.
    """
    return {name: _map(folder / f"{name}.npy") for name in names}


def _map(path: Path) -> npt.NDArray[Any]:
    # A plain view of the map: numpy's memmap subclass makes every small operation slower.
    return np.asarray(np.load(path, mmap_mode="r")).view(np.ndarray)


def positions(sorted_nums: Integers, nums: Integers) -> tuple[Rows, Mask]:
    """Where each of ``nums`` stands in rising ``sorted_nums``, and whether it is there at all."""
    at = np.searchsorted(sorted_nums, nums)
    if len(sorted_nums) == 0:
        return at, np.zeros(len(nums), dtype=bool)
    at = np.minimum(at, len(sorted_nums) - 1)
    return at, sorted_nums[at] == nums


def members(nums: Integers, chosen: Integers) -> Mask:
    """Which of ``nums`` are in rising ``chosen``."""
    return positions(chosen, nums)[1]


def spans(starts: Rows, ends: Rows) -> Rows:
    """The positions start..end-1 of several ranges, one range after the other."""
    lengths = ends - starts
    total = int(lengths.sum())
    shift = np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
    entries: Rows = np.arange(total, dtype=np.int64) + shift
    return entries
