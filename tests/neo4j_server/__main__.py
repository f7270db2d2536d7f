"""``python -m tests.neo4j_server``: a throwaway server to try things on, until its input ends."""

import sys
import tempfile
from pathlib import Path

from tests.neo4j_server.running import running

with tempfile.TemporaryDirectory(prefix="neo4j-") as folder, running(Path(folder)) as server:
    print(f"export JIEBANG_STORE={server.uri} JIEBANG_NEO4J_PASSWORD={server.password}", flush=True)
    sys.stdin.read()
