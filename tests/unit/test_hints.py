"""What an error advises holds for whoever reads it: over HTTP nobody types a command."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SAID = re.compile(r"jiebang [a-z]|(?<![-\w])--[a-z]")
#: Modules (folders end with a slash) whose words only the person at the command line reads, or
#: whoever runs the server.
AT_THE_MACHINE = (
    "api/bulk/",
    "api/cli/",
    "api/evaluate.py",
    "api/http/kinds.py",
    "api/http/server.py",
    "api/jobs/supervise.py",
    "api/settings.py",
    "embeddings/build.py",
    "graph_service/evaluation/compare.py",
    "graph_service/exporting/service.py",
    "graph_service/store/",
    "loaders/discover.py",
)
#: Words for both: a mapping is proposed by either.
FOR_BOTH = ("loaders/given.py", "loaders/suggest_toml.py")


def _texts(file: Path) -> Iterator[str]:
    """The strings of a module that are no docstrings."""
    tree = ast.parse(file.read_text("utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def test_no_command_is_advised_to_those_who_ask_over_http() -> None:
    modules = {
        file.relative_to(ROOT).as_posix(): file
        for package in ("graph_service", "loaders", "embeddings", "api")
        for file in (ROOT / package).rglob("*.py")
    }
    naming = {name for name, file in modules.items() if any(map(SAID.search, _texts(file)))}
    assert {name for name in naming if not name.startswith(AT_THE_MACHINE + FOR_BOTH)} == set()
    assert naming.issuperset(FOR_BOTH)
