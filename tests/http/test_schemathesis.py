"""schemathesis against the running service, its worker beside it: nothing is found.

Every check it has, in all its phases: the examples, the edges of every schema, random requests that
fit the schema and that do not, and chains of requests along what answers give. What is excepted
stands with its reason in ``schemathesis.toml`` and ``schemathesis_hooks.py``.
"""

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.store_faults import call
from tests.http.running import running

CONFIG = Path(__file__).with_name("schemathesis.toml")
#: Chains of requests, as the file has them; ``make test`` tries fewer.
CHAINS = "[phases.stateful.generation]\nmax-examples = 60\n"
ALIKE = [
    {"node": f"org:{kind}", "label": "Organization", "props": {"name": f"虚构精密传动{kind}公司"}}
    for kind in ("有限", "股份有限")
]
PROGRAM = Path(sys.executable).with_name("schemathesis")
RUNS = [
    pytest.param(5, 15, 1123, id="5"),
    pytest.param(
        *(400, 60, random.randrange(10**9)),
        id="400",
        marks=[pytest.mark.soak, pytest.mark.timeout(7200)],
    ),
]


@pytest.mark.parametrize(("examples", "chains", "seed"), RUNS)
def test_schemathesis_finds_nothing(
    examples: int, chains: int, seed: int, city_store: Path, tmp_path: Path
) -> None:
    print(f"seed {seed}")
    config = tmp_path / CONFIG.name
    whole = CONFIG.read_text()
    assert CHAINS in whole
    config.write_text(whole.replace(CHAINS, CHAINS.replace("60", str(chains))))
    store = tmp_path / "store"
    shutil.copytree(city_store, store)
    alike = tmp_path / "alike.jsonl"  # a pair to decide on
    alike.write_text("".join(f"{json.dumps(firm)}\n" for firm in ALIKE))
    for words in (("load", alike), ("resolve", "find")):
        assert call(*words, "--store", store).exit_code == 0
    with running(store, tmp_path / "log") as service:
        command = [PROGRAM, "--config-file", config, "run", f"{service.address}/openapi.json"]
        command += ["--seed", str(seed), "--max-examples", str(examples), "--continue-on-failure"]
        found = subprocess.run(
            command,
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
    print(found.stdout)
    assert found.returncode == 0, found.stdout[-20_000:] + found.stderr[-2_000:]
    unexpected = [line for line in service.log.read_text().splitlines() if '"unexpected"' in line]
    assert unexpected == []
