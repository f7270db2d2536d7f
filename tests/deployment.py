"""What the Dockerfile, .dockerignore and docker-compose.yml say."""

import json
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml
from dockerfile_parse import DockerfileParser

REPOSITORY = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_bytes())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
#: The PATH of the images that ours is made from.
PATH = "/usr/local/bin:/usr/bin:/bin"

_PARSED = DockerfileParser(
    fileobj=BytesIO((REPOSITORY / "Dockerfile").read_bytes()), parent_env={"PATH": PATH}
)
#: The Dockerfile's lines as (instruction, value).
LINES = [(line["instruction"], line["value"]) for line in _PARSED.structure]


def _of_stage(stage: str, instruction: str) -> str:
    """The one value of an instruction in ``FROM … AS stage``."""
    begin = next(
        at
        for at, line in enumerate(LINES)
        if line[0] == "FROM" and line[1].endswith(f" AS {stage}")
    )
    end = next(at for at, line in enumerate(LINES) if at > begin and line[0] == "FROM")
    [value] = [value for name, value in LINES[begin:end] if name == instruction]
    return value


#: The environment of what makes the image: of the stage that runs docker/build.sh.
BUILD_ENV = {
    "HOME": "/root",
    "PATH": PATH,
    **dict([_of_stage("build", "ENV").split("=", 1)]),
}
#: The environment of what runs in the image.
ENV: dict[str, str] = _PARSED.envs


def last(instruction: str) -> str:
    """What counts of an instruction that is given more than once."""
    return [value for name, value in LINES if name == instruction][-1]


def words(value: str) -> list[str]:
    """The command in ``--some=option ["command", "word"]``."""
    found: list[str] = json.loads(value[value.index("[") :])
    return found


def context() -> list[str]:
    """The files that a build is given: those of git that .dockerignore lets through."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    )
    lines = (REPOSITORY / ".dockerignore").read_text("utf-8").splitlines()
    kept = [line.removeprefix("!") for line in lines if line.startswith("!")]
    return [
        name
        for name in listed.stdout.split("\0")
        if any(name == one or name.startswith(f"{one}/") for one in kept)
        and (REPOSITORY / name).is_file()
    ]
