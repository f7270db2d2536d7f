"""What a clean clone, or the next reader, would stumble over."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).parents[2]
LARGEST_FILE = 5 * 1024 * 1024
LONGEST_MODULE = 500
MACHINE_PATH = re.compile(r"(?<![\w./-])/(work|root|farm|home|tmp/bash_jobs)/")
REGISTRY = re.compile(
    r'"resolved": *"http|^--(extra-)?index-url|^ *registry = "http|source = \{ registry = ',
    re.MULTILINE,
)
PIN = re.compile(r"^([a-z0-9._-]+)==([^ \\\n]+)( \\\n    --hash=sha256:)?", re.MULTILINE)


def _git(*arguments: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *arguments],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    )
    return [name for name in listed.stdout.split("\0") if (REPOSITORY / name).is_file()]


def _text(name: str) -> str:
    data = (REPOSITORY / name).read_bytes()
    return "" if b"\0" in data else data.decode()


FILES = _git()


def _pins(name: str) -> dict[str, tuple[str, bool]]:
    """Package → (version, has a hash)."""
    found = PIN.findall(_text(f"requirements/{name}.txt"))
    return {package: (version, bool(hashed)) for package, version, hashed in found}


def _required(*groups: str) -> list[Requirement]:
    project = tomllib.loads(_text("pyproject.toml"))
    tables = project["project"]["optional-dependencies"] | project["dependency-groups"]
    lines = project["project"]["dependencies"] + [line for name in groups for line in tables[name]]
    return [Requirement(line) for line in lines]


def test_no_path_of_one_machine() -> None:
    assert [name for name in FILES if MACHINE_PATH.search(_text(name))] == []


def test_no_registry_address() -> None:
    assert [name for name in FILES if REGISTRY.search(_text(name))] == []


def test_no_large_file() -> None:
    assert [name for name in FILES if (REPOSITORY / name).stat().st_size > LARGEST_FILE] == []


def test_no_generated_file_is_tracked() -> None:
    assert _git("--cached", "--ignored", "--exclude-standard") == []


def test_no_module_is_too_long() -> None:
    modules = [name for name in FILES if name.endswith((".py", ".ts", ".vue"))]
    assert [name for name in modules if _text(name).count("\n") > LONGEST_MODULE] == []


def test_ci_can_be_run() -> None:
    assert os.access(REPOSITORY / ".ci/run", os.X_OK)


@pytest.mark.parametrize(
    ("pins", "groups"), [("core", ["model"]), ("dev", ["model", "dev", "models", "neo4j"])]
)
def test_pins_meet_the_requirements_with_hashes(pins: str, groups: list[str]) -> None:
    pinned = _pins(pins)
    versions = {name: version for name, (version, _) in pinned.items()}
    missed = [
        str(requirement)
        for requirement in _required(*groups)
        if not requirement.specifier.contains(
            versions.get(canonicalize_name(requirement.name), "0")
        )
    ]
    assert missed == []
    assert [name for name, (_, hashed) in pinned.items() if not hashed] == []


def test_torch_stays_in_a_pin_file_of_its_own() -> None:
    core, dev, torch = _pins("core"), _pins("dev"), _pins("torch")
    assert "torch" in torch
    assert not any(hashed for _, hashed in torch.values())
    assert torch.keys() & (core.keys() | dev.keys()) == set()
    assert core.items() <= dev.items()
