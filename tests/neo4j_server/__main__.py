"""``python -m tests.neo4j_server [-Xmx3g …]``: a throwaway server to try things on, until its input
ends. Options are for Java."""

import sys
import tempfile
from pathlib import Path

from tests.neo4j_server.running import running

with (
    tempfile.TemporaryDirectory(prefix="neo4j-") as folder,
    running(Path(folder), options=sys.argv[1:]) as server,
):
    print(f"export JIEBANG_STORE={server.uri} JIEBANG_NEO4J_PASSWORD={server.password}", flush=True)
    sys.stdin.read()
