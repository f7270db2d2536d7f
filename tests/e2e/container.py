"""What stands in for a container engine: a Debian of its own, entered with the kernel's namespaces.

No engine runs where the tests do. ``debian`` is what ``python:3.11-slim-bookworm`` is made of: the
same Debian, with the Python 3.11 that it ships.
"""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

import platformdirs
import pytest

SUITE = "bookworm"
PACKAGES = ("ca-certificates", "python3", "python3-venv")
#: Where something may be mounted.
POINTS = (
    *("opt/jiebang", "secrets", "src", "var/lib/jiebang"),
    *("var/cache/packages/pip", "var/cache/packages/uv"),
)
ENTER = Path(__file__).with_name("enter.sh")
ROOT = "0"


def debian() -> Path:
    """The root folder of a small Debian, made once and then only read."""
    if os.geteuid():
        pytest.fail("the image's test enters a root folder of its own: run it as root")
    if shutil.which("debootstrap") is None:
        pytest.fail("the image's test makes a small Debian: apt-get install debootstrap")
    cache = platformdirs.user_cache_path("jiebang")
    cache.mkdir(parents=True, exist_ok=True)
    root = cache / f"debian-{SUITE}-{crc32(repr((PACKAGES, POINTS)).encode()):08x}"
    with (cache / "debian.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.is_dir():
            partial = root.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            include = f"--include={','.join(PACKAGES)}"
            made = subprocess.run(
                ["debootstrap", "--variant=minbase", include, SUITE, partial],
                check=False,
                capture_output=True,
                text=True,
            )
            if made.returncode:
                pytest.fail(f"debootstrap could not make a Debian:\n{made.stdout}{made.stderr}")
            for point in POINTS:
                (partial / point).mkdir(parents=True, exist_ok=True)
            partial.rename(root)
    return root


@dataclass(frozen=True)
class Container:
    """How a command is run: the first process of its own, in a root that can only be read.

    Attributes:
        user: ``uid:gid``, without any capability; ``ROOT`` has them all.
        env: all that the command finds in its environment.
        mounts: (from, to, may be written).
    """

    root: Path
    user: str
    env: Mapping[str, str]
    mounts: tuple[tuple[Path, str, bool], ...] = field(default=())

    def command(self, *words: str, **env: str) -> list[str]:
        mounts = [f"{a}:{b}:{'rw' if writable else 'ro'}" for a, b, writable in self.mounts]
        given = [f"{name}={value}" for name, value in {**self.env, **env}.items()]
        entering = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", str(ENTER)]
        return [*entering, str(self.root), self.user, *mounts, "--", *given, *words]

    def run(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words, **env), check=False, capture_output=True, text=True, timeout=600
        )

    @contextmanager
    def running(self, log: Path, *words: str, **env: str) -> Iterator["Running"]:
        """Run a command beside what the block does; ``log`` takes what it says."""
        with (
            log.open("w") as said,
            subprocess.Popen(self.command(*words, **env), stdout=said, stderr=said) as process,
        ):
            try:
                yield Running(process, log)
            finally:
                process.kill()  # and with it, by --kill-child, all that runs inside


@dataclass(frozen=True)
class Running:
    """A container that runs."""

    process: subprocess.Popen[bytes]
    log: Path

    def stop(self, sign: int, seconds: float) -> int:
        """Send a signal to the first process, as ``docker stop`` does; the exit code."""
        outside = self.process.pid
        [first] = Path(f"/proc/{outside}/task/{outside}/children").read_text().split()
        os.kill(int(first), sign)
        return self.process.wait(seconds)
