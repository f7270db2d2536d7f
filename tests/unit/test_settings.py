"""Settings: the table, and what a bad value is told."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from api.bootstrap import server_options
from api.cli import app
from api.http.routes.service import HIDDEN
from api.settings import Settings, listed, load_settings, table, variable
from graph_service.errors import SettingError
from graph_service.store import is_folder

SERVER = "neo4j://graph.example:7687"


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)


def test_defaults_need_no_environment() -> None:
    settings = load_settings()
    assert (settings.store, settings.model, settings.threads) == (".jiebang", "default", 0)
    assert settings.cache.is_absolute()
    assert settings.cache.name == "jiebang"


def test_environment_is_outweighed_by_what_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEBANG_STORE", "one")
    assert load_settings().store == "one"
    assert load_settings({"store": "two"}).store == "two"
    assert load_settings({"store": None}).store == "one"


def test_empty_variables_count_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEBANG_MODEL", "")
    assert load_settings().model == "default"


def test_home_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEBANG_CACHE", "~/x")
    monkeypatch.setenv("JIEBANG_STORE", "~/y")
    settings = load_settings()
    assert settings.cache == Path.home() / "x"
    assert settings.store == str(Path.home() / "y")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("JIEBANG_THREADS", "many", "应为整数"),
        ("JIEBANG_THREADS", "-1", "不能小于 0"),
        ("JIEBANG_THREADS", "5000", "不能大于 1024"),
        ("JIEBANG_DEBUG", "perhaps", "应为 true 或 false"),
    ],
)
def test_a_bad_value_names_setting_value_and_remedy(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as caught:
        load_settings()
    error = caught.value
    assert name in error.message
    assert repr(value) in error.message
    assert said in error.message
    assert "jiebang settings" in error.hint
    assert error.values == {"setting": name, "value": value}


def test_the_table_tells_every_field_in_chinese() -> None:
    rows = table()
    assert [row.name for row in rows] == [variable(name) for name in Settings.model_fields]
    for row in rows:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in row.help)
        assert row.type in {"文本", "整数", "真假", "目录", "文件"}
    assert {row.name: row.default for row in rows}["JIEBANG_STORE"] == ".jiebang"


def test_a_folder_needs_no_server_and_a_server_takes_what_is_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JIEBANG_NEO4J_PASSWORD", "verborgen")
    assert server_options(load_settings()) is None
    monkeypatch.setenv("JIEBANG_STORE", SERVER)
    for name, value in {"USER": "mei", "CA": tmp_path / "ca.pem", "POOL": 7, "SECONDS": 9}.items():
        monkeypatch.setenv(f"JIEBANG_NEO4J_{name}", str(value))
    monkeypatch.setenv("JIEBANG_NEO4J_CONNECT_SECONDS", "3")
    monkeypatch.setenv("JIEBANG_NEO4J_WRITE_SECONDS", "4")
    options = server_options(load_settings())
    assert options is not None
    assert (options.user, options.password) == ("mei", "verborgen")
    assert (options.ca, options.pool) == (tmp_path / "ca.pem", 7)
    waits = options.connect_seconds, options.query_seconds, options.write_patience
    assert waits == (3, 9, 4)
    assert "verborgen" not in repr(options)


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEBANG_NEO4J_PASSWORD", "verborgen")
    monkeypatch.setenv("JIEBANG_SECRET", "verborgen")
    settings = load_settings()
    assert "verborgen" not in repr(settings) + str(listed(settings))


@pytest.mark.parametrize("written", [b"geheim", b"geheim\n", b"geheim\r\nmore\n"])
def test_the_password_is_the_first_line_of_its_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: bytes
) -> None:
    (tmp_path / "password").write_bytes(written)
    monkeypatch.setenv("JIEBANG_STORE", SERVER)
    monkeypatch.setenv("JIEBANG_NEO4J_PASSWORD_FILE", str(tmp_path / "password"))
    options = server_options(load_settings())
    assert options is not None
    assert options.password == "geheim"


@pytest.mark.parametrize(
    ("content", "said"), [(None, "读不了"), (b"", "是空的"), (b"\n", "是空的"), (b"\xff", "读不了")]
)
def test_a_password_file_that_tells_none_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "password").write_bytes(content)
    monkeypatch.setenv("JIEBANG_STORE", SERVER)
    monkeypatch.setenv("JIEBANG_NEO4J_PASSWORD_FILE", str(tmp_path / "password"))
    with pytest.raises(SettingError) as caught:
        server_options(load_settings())
    assert said in caught.value.message
    assert str(tmp_path / "password") in caught.value.message
    assert caught.value.hint


def test_a_password_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JIEBANG_STORE", SERVER)
    monkeypatch.setenv("JIEBANG_NEO4J_PASSWORD", "verborgen")
    monkeypatch.setenv("JIEBANG_NEO4J_PASSWORD_FILE", str(tmp_path / "password"))
    with pytest.raises(SettingError) as caught:
        server_options(load_settings())
    assert "JIEBANG_NEO4J_PASSWORD_FILE" in caught.value.message
    assert "verborgen" not in str(caught.value.as_dict())


@pytest.mark.parametrize(
    "address", ["neo4j://mei:geheim@host:7687", "bolt+s://geheim@host", "neo4j://a:geheim@[::1"]
)
def test_an_address_with_a_password_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(SettingError) as caught:
        load_settings({"store": address})
    assert "geheim" not in str(caught.value.as_dict())
    assert "JIEBANG_NEO4J_PASSWORD_FILE" in caught.value.hint


def test_what_is_a_server_and_what_a_folder() -> None:
    for location in (SERVER, "bolt://x", "NEO4J+S://x", "bolt+ssc://[::1"):
        assert not is_folder(location)
    for location in ("neo4j", "bolt", "/a/neo4j:", "a@b", "x:/y", "neo4j:7687"):
        assert is_folder(location)


def test_no_command_shows_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEBANG_NEO4J_PASSWORD", "verborgen")
    for words in (("settings",), ("settings", "--json")):
        shown = CliRunner().invoke(app, words)
        assert shown.exit_code == 0
        assert "JIEBANG_NEO4J_PASSWORD" in shown.stdout
        assert "verborgen" not in shown.output


def test_the_service_tells_no_secret_and_no_path() -> None:
    kinds = {row.name: row.type for row in table()}
    for name, field in Settings.model_fields.items():
        if field.annotation is SecretStr or kinds[variable(name)] in {"目录", "文件"}:
            assert name in HIDDEN
    assert {"store", "neo4j_user"} <= HIDDEN
