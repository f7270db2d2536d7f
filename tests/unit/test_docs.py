"""The documents say what the code does: every setting, command, exit code, mapping, package."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
from packaging.requirements import Requirement

from api import settings, words
from api.cli.commands import app
from api.cli.frame import REJECTED
from graph_service import errors
from graph_service.model import ENDPOINTS, Label
from loaders.errors import CODES
from loaders.mapping import Declared, declared

REPOSITORY = Path(__file__).parents[2]


def _commands(group: Any, name: str = "") -> dict[str, Any]:
    """All commands by their words: ``load``, ``store backup``."""
    found = {}
    for word, command in group.commands.items():
        words = f"{name} {word}".strip()
        found |= _commands(command, words) if hasattr(command, "commands") else {words: command}
    return found


COMMANDS = _commands(typer.main.get_command(app))
OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z-]*")


def _document(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def _sections(text: str, mark: str) -> dict[str, str]:
    """Heading (without its mark) → the text below it, up to the next heading of that depth."""
    _, *parts = re.split(rf"^{mark} ", text, flags=re.MULTILINE)
    return {heading: body for heading, _, body in (part.partition("\n") for part in parts)}


CLI = {
    heading.strip("`").removeprefix("jiebang "): body
    for heading, body in _sections(_document("docs/cli.md"), "##").items()
    if heading.startswith("`jiebang ")
}

FORMATS = _sections(_sections(_document("docs/data-formats.md"), "##")["认得的表"], "###")


def test_every_setting_stands_with_its_default_and_meaning() -> None:
    rows = [
        f"| `{row.name}` | {row.type} | {f'`{row.default}`' if row.default else '—'} | {row.help} |"
        for row in settings.table()
    ]
    lines = [line for line in _document("docs/settings.md").splitlines() if line.startswith("| `")]
    assert lines == rows


def test_every_command_is_documented() -> None:
    assert list(CLI) == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_options_of_a_command_are_documented(name: str) -> None:
    parameters = [p for p in COMMANDS[name].params if p.param_type_name == "option"]
    options = {option for p in parameters for option in (*p.opts, *p.secondary_opts)}
    assert set(OPTION.findall(CLI[name])) == options


def test_exit_codes_are_documented() -> None:
    documented = re.findall(r"^\| (\d+) \|", _document("docs/cli.md"), flags=re.MULTILINE)
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    raised = {kind.exit_code for kind in kinds if issubclass(kind, errors.JiebangError)}
    assert {int(code) for code in documented} == raised | {0, REJECTED, 130}


@pytest.mark.parametrize("mapping", declared(), ids=lambda mapping: mapping.title)
def test_headers_of_a_mapping_are_documented(mapping: Declared) -> None:
    rows = re.findall(
        r"^\| ([^|]+) \| (必需|至少有其一|) ?\|$", FORMATS[mapping.title], re.MULTILINE
    )
    assert [(tuple(headers.split("、")), need) for headers, need in rows] == [
        (
            field.headers,
            "必需" * (field.name in mapping.required) or "至少有其一" * (field.name in mapping.any),
        )
        for field in mapping.fields.values()
        if field.headers
    ]


@pytest.mark.parametrize("mapping", declared(), ids=lambda mapping: mapping.title)
def test_words_that_make_an_edge_are_documented(mapping: Declared) -> None:
    lists = re.findall(r"^- “\w+”写作([^：]+)：.*`(\w+)`", FORMATS[mapping.title], re.MULTILINE)
    assert [(frozenset(cells.split("、")), kind) for cells, kind in lists] == [
        (cells, edge.type) for edge in mapping.edges for cells in edge.when.values()
    ]


def test_every_mapping_is_documented() -> None:
    assert list(FORMATS) == [mapping.title for mapping in declared()]
    assert FORMATS


def test_row_errors_are_documented() -> None:
    codes = _sections(_document("docs/data-formats.md"), "##")["出错代码"]
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", codes, re.MULTILINE)
    assert {code: (problem, mend) for code, problem, mend in rows} == CODES


def test_words_of_the_graph_are_documented() -> None:
    words = _sections(_document("docs/data-formats.md"), "##")["graph.jsonl"]
    listed = re.findall(r"^\| `(\w+)` \|", words, re.MULTILINE)
    assert listed == [*(label.value for label in Label), *(kind.value for kind in ENDPOINTS)]


def test_every_package_we_name_is_documented_with_its_licence() -> None:
    project = tomllib.loads(_document("pyproject.toml"))
    tables = project["project"]["optional-dependencies"] | project["dependency-groups"]
    lines = project["project"]["dependencies"] + [
        line for group in tables.values() for line in group
    ]
    pages = json.loads(_document("web/package.json"))
    named = {Requirement(line).name for line in lines}
    named |= {*pages["dependencies"], *pages["devDependencies"]}
    table = re.findall(r"^\| `([\w.@/-]+)` \|", _document("docs/dependencies.md"), re.MULTILINE)
    assert set(table) == named
    assert len(table) == len(named)


def test_the_pages_say_what_the_program_says() -> None:
    said = json.loads(_document("web/src/locales/graph/zh-CN.json"))
    tables = {name: getattr(words, name.upper()) for name in said}
    assert said == {
        name: {_key(key): value for key, value in table.items()} for name, table in tables.items()
    }


def _key(word: str) -> str:
    """A word as a key of vue-i18n, to which a colon is nothing and a point a step down."""
    return str(word).removeprefix("jiebang:").replace(":", "_")


def test_the_lock_of_the_pages_names_no_registry() -> None:
    lock = json.loads(_document("web/package-lock.json"))
    assert all(package.get("integrity") for name, package in lock["packages"].items() if name)
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


def test_every_link_between_documents_leads_somewhere() -> None:
    broken = [
        f"{document.name}: {target}"
        for document in [REPOSITORY / "README.md", *(REPOSITORY / "docs").glob("*.md")]
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text("utf-8"))
        if not (document.parent / target).exists()
    ]
    assert broken == []
