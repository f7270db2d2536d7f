"""``jiebang demo`` as a person runs it: the addresses that it prints answer as its commands did."""

import signal
import subprocess
from pathlib import Path

import httpx

from api.cli.demo import SCENES
from tests.e2e.store_faults import command, environment

#: As a browser goes to a page; `make setup` has built it.
GOING = {"accept": "text/html"}


def test_the_printed_addresses_answer_as_the_commands_did(tmp_path: Path) -> None:
    with subprocess.Popen(
        command("demo", "--port", 0, "--store", tmp_path / "store"),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout is not None
            told = []
            for line in process.stdout:
                told.append(line.rstrip())
                if line.startswith("服务已启动"):
                    break
            for scene in SCENES:
                (address,) = (
                    line.removeprefix(f"【{scene.who}】")
                    for line in told
                    if line.startswith(f"【{scene.who}】http")
                )
                assert address.endswith(scene.path)
                candidates = httpx.get(address, timeout=60).raise_for_status().json()["candidates"]
                assert len(candidates) == scene.top
                page = httpx.get(address.replace(scene.path, scene.page), headers=GOING)
                assert page.headers["content-type"].startswith("text/html"), page.text
                shown = told[told.index(f"【{scene.who}】{scene.wants}") :]
                for candidate in candidates:
                    assert any(candidate["title"] in line for line in shown)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()
