"""Native libraries that must live in one process, in whatever order they are loaded."""

import subprocess
import sys
from itertools import permutations

import pytest

LOADS = {
    "usearch": "from graph_service.store.vector_index import usearch_index; usearch_index()",
    "onnxruntime": "import onnxruntime",
    "tantivy": "import tantivy",
}


@pytest.mark.parametrize("order", list(permutations(LOADS)), ids="-".join)
def test_native_libraries_load_in_any_order(order: tuple[str, ...]) -> None:
    code = "\n".join(LOADS[name] for name in order)
    ended = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
