"""Settings: the table, and what a bad value is told."""

from pathlib import Path

import pytest

from api.settings import Settings, load_settings, table, variable
from graph_service.errors import SettingError


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
        assert row.type in {"文本", "整数", "真假", "目录"}
    assert {row.name: row.default for row in rows}["JIEBANG_STORE"] == ".jiebang"
