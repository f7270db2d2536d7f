"""The built wheel holds the product, the whole product and nothing but the product."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGES = {"graph_service", "loaders", "embeddings", "api"}
BOOT = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from importlib.metadata import distributions
[jiebang] = distributions(name="jiebang", path=sys.path[:1])
[script] = jiebang.entry_points.select(group="console_scripts", name="jiebang")
main = script.load()
assert sys.modules["api"].__file__.startswith(sys.path[0]), sys.modules["api"].__file__
main()
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
    )
    [built] = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def test_holds_the_four_packages_alone(wheel: zipfile.ZipFile) -> None:
    top = {name.split("/")[0] for name in wheel.namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == PACKAGES


def test_holds_every_file_of_the_packages(wheel: zipfile.ZipFile) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *sorted(PACKAGES)],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    )
    tracked = {name for name in listed.stdout.split("\0") if name}
    assert any(name.endswith(".toml") for name in tracked)
    assert tracked - set(wheel.namelist()) == set()


def test_holds_the_built_pages_whole(wheel: zipfile.ZipFile) -> None:
    static = REPOSITORY / "api/static"
    built = {path.relative_to(REPOSITORY).as_posix() for path in static.rglob("*")}
    files = {name for name in built if (REPOSITORY / name).is_file()}
    assert "api/static/index.html" in files, "make setup builds the pages, with Node.js"
    assert {name for name in wheel.namelist() if name.startswith("api/static/")} == files


def test_boots_from_the_wheel_alone(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    answer = subprocess.run(
        [sys.executable, "-I", "-c", BOOT, tmp_path, "--help"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "load" in answer.stdout
    assert "match" in answer.stdout
