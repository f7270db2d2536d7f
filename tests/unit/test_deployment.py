"""Dockerfile, docker-compose.yml and the scripts they call: right by their schema, and safe."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from api.jobs.supervise import GRACE
from api.settings import Settings, table
from tests.deployment import COMPOSE, LINES, REPOSITORY, SERVICES, context, last, words
from tests.neo4j_server import running

COMPOSE_FILE = REPOSITORY / "docker-compose.yml"
PAGE = REPOSITORY / "docs" / "deployment.md"
SCRIPTS = sorted((REPOSITORY / "docker").glob("*.sh"))
#: What start.sh takes from the environment that is no setting of the program.
IMAGE_ONLY = {"JIEBANG_SECRET_FILE", "PORT", "START_SECONDS"}
#: What docker-compose.yml takes from its caller.
ASKED = re.compile(r"\$\{(\w+):-")
#: What it takes where its caller gives nothing.
DEFAULT = re.compile(r"\$\{\w+:-(.*?)\}")
#: The example of a Neo4j that speaks TLS.
[ENCRYPTED] = [
    yaml.safe_load(block)
    for block in re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    if "ssl_policy" in block
]
PAGES = [["npm", "ci"], ["npm", "run", "build"]]
BUILD = ["/src/docker/build.sh", "/opt/jiebang"]
READY = ["start.sh", "ready"]


def test_compose_meets_the_official_schema() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run([*check, COMPOSE_FILE], capture_output=True, check=False, text=True)
    assert checked.returncode == 0, checked.stdout


def test_only_this_machine_reaches_a_port() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) == 3
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_may_more_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    if "build" in service:
        assert service["read_only"] is True
        assert [mount for mount in service["tmpfs"] if not mount.startswith("/tmp:size=")] == []
    else:
        assert service["user"].split(":")[0] != "0"
    if name != "secrets":
        assert service["deploy"]["resources"]["limits"]["memory"]
        assert service["stop_grace_period"]
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"]


def test_each_service_waits_for_what_it_needs() -> None:
    waits = {
        name: {on: how["condition"] for on, how in service.get("depends_on", {}).items()}
        for name, service in SERVICES.items()
    }
    assert waits == {
        "secrets": {},
        "neo4j": {"secrets": "service_completed_successfully"},
        "api": {"neo4j": "service_healthy"},
    }


def test_passwords_come_from_files() -> None:
    given = [name for service in SERVICES.values() for name in service.get("environment", {})]
    assert [name for name in given if re.search("PASSWORD|AUTH|SECRET", name)] == [
        "NEO4J_AUTH_FILE",
        "JIEBANG_NEO4J_PASSWORD_FILE",
    ]


def test_the_server_knows_the_settings_that_it_is_given_neo4j(tmp_path: Path) -> None:
    given = SERVICES["neo4j"]["environment"] | ENCRYPTED["services"]["neo4j"]["environment"]
    lines = [
        f"{_setting(name)}={DEFAULT.sub(lambda found: found[1], value)}"
        for name, value in given.items()
        if name != "NEO4J_AUTH_FILE"
    ]
    (tmp_path / "neo4j.conf").write_text("\n".join(lines))
    validate = ("org.neo4j.server.startup.Neo4jAdminCommand", "server", "validate-config")
    told = subprocess.run(
        ["java", "-cp", f"{running._jars()}{os.sep}*", *validate],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "NEO4J_HOME": str(tmp_path), "NEO4J_CONF": str(tmp_path)},
    )
    assert "No issues found" in told.stdout, told


def _setting(variable: str) -> str:
    """The official image's way to name a setting in the environment."""
    return re.sub("_+", lambda found: {"_": ".", "__": "_"}[found[0]], variable[len("NEO4J_") :])


def test_named_volumes_are_those_declared() -> None:
    used = {
        ASKED.sub("", mount).replace("}", "").split(":")[0]
        for service in SERVICES.values()
        for mount in service.get("volumes", [])
    }
    assert used == set(COMPOSE["volumes"])


def test_variables_are_settings_of_the_program() -> None:
    said = " ".join([last("ENV"), *(script.read_text("utf-8") for script in SCRIPTS)])
    given = {*SERVICES["api"]["environment"], *re.findall(r"JIEBANG_\w+", said)}
    assert given - {setting.name for setting in table()} - IMAGE_ONLY == set()


def test_what_can_be_chosen_is_documented() -> None:
    documented = re.findall(r"^\| `(\w+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert set(documented) == {*ASKED.findall(COMPOSE_FILE.read_text("utf-8")), *IMAGE_ONLY}


def test_the_time_to_stop_covers_what_the_service_takes() -> None:
    grace = int(SERVICES["api"]["stop_grace_period"].removesuffix("s"))
    assert grace > Settings.model_fields["drain_seconds"].default + GRACE


def test_the_dockerfile_builds_the_pages_and_calls_the_two_scripts() -> None:
    assert [words(value) for name, value in LINES if name == "RUN"] == [*PAGES, BUILD]
    makefile = (REPOSITORY / "Makefile").read_text("utf-8")
    assert all(f"cd web && {' '.join(command)}\n" in makefile for command in PAGES)
    assert words(last("ENTRYPOINT")) == ["start.sh"]
    assert words(last("CMD")) == SERVICES["api"]["command"] == ["serve"]
    assert words(last("HEALTHCHECK")) == READY
    assert SERVICES["api"]["healthcheck"]["test"] == ["CMD", *READY]


def test_the_image_is_small_and_nobodys() -> None:
    stages = [value for name, value in LINES if name == "FROM"]
    python = "python:3.11-slim-bookworm"
    assert stages == ["node:22-bookworm-slim AS web", f"{python} AS build", python]
    user, group = map(int, last("USER").split(":"))
    assert min(user, group) >= 1000
    assert last("VOLUME") == "/var/lib/jiebang"
    owned = [value for name, value in LINES if name == "COPY" and "--chown=" in value]
    assert len(owned) == 2
    assert all(f"--chown={user}:{group} " in value for value in owned)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_scripts_are_sound(script: Path) -> None:
    text = script.read_text("utf-8")
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "\nset -euo pipefail\n" in text
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", script], check=True)


def test_the_context_of_the_build_is_the_product_alone() -> None:
    names = context()
    packages = {"api", "embeddings", "graph_service", "loaders"}
    folders = packages | {"requirements", "web"}
    files = {name for name in names if name.split("/")[0] not in folders}
    scripts = {"docker/build.sh", "docker/start.sh"}
    assert files == {"README.md", "docs/openapi.json", "pyproject.toml", *scripts}
    assert {name.split("/")[0] for name in names} >= packages
