"""Settings: one typed table, read from the environment (``JIEBANG_STORE`` ...).

A field's name, type, default and Chinese description are all there is to know about a setting:
``jiebang settings`` and ``docs/settings.md`` are made from this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_cache_dir
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph_service.errors import SettingError

PREFIX = "JIEBANG_"

_TYPE_NAMES = {str: "文本", int: "整数", bool: "真假", Path: "目录"}
_PROBLEMS = {
    "int_parsing": "应为整数",
    "bool_parsing": "应为 true 或 false",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "string_too_short": "不能为空",
}


class Settings(BaseSettings):
    """Everything that can be set. Empty variables count as unset."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid"
    )

    store: str = Field(
        ".jiebang",
        min_length=1,
        description="数据存放处：一个目录（内置引擎），或 neo4j://、bolt:// 地址；"
        "各命令的 --store 优先于它",
    )
    model: str = Field(
        "default",
        min_length=1,
        description="向量模型：default（内置 e5-small，int8）、hashing（仅供测试），"
        "或 sentence-transformers 模型的目录或名称",
    )
    cache: Path = Field(
        default_factory=lambda: Path(user_cache_dir("jiebang")),
        description="缓存目录：制作好的模型与示例城市的库；缺省为系统的用户缓存目录",
    )
    threads: int = Field(0, ge=0, le=1024, description="计算向量所用线程数；0 表示用全部处理器核")
    examples: Path | None = Field(
        None, description="示例城市所在目录；缺省为程序源码旁的 examples/city"
    )
    debug: bool = Field(False, description="程序内部出错时同时打印调用栈，供报告问题用")

    @field_validator("store")
    @classmethod
    def _home(cls, value: str) -> str:
        return str(Path(value).expanduser()) if value.startswith("~") else value

    @field_validator("cache", "examples")
    @classmethod
    def _home_path(cls, value: Path | None) -> Path | None:
        return value.expanduser() if value else value


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of the table, as shown to people."""

    name: str
    type: str
    default: str
    help: str


def table() -> list[Setting]:
    """All settings in order, under the names of their environment variables."""
    rows = []
    for name, field in Settings.model_fields.items():
        kind = next(kind for kind in _TYPE_NAMES if kind in _members(field.annotation))
        default = "" if field.default_factory else shown(field.default)
        rows.append(Setting(variable(name), _TYPE_NAMES[kind], default, field.description or ""))
    return rows


def variable(field: str) -> str:
    """The environment variable of a field: ``store`` → ``JIEBANG_STORE``."""
    return PREFIX + field.upper()


def shown(value: Any) -> str:
    """A value as it would be written in the environment; "" for unset."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def load_settings(overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings; ``overrides`` (field → value, None left out) outweigh the environment.

    Raises:
        SettingError: a value cannot be used; names the variable, the value and what it should be.
    """
    given = {name: value for name, value in (overrides or {}).items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = variable(str(first["loc"][0]))
        problem = _PROBLEMS.get(first["type"], first["msg"]).format(**first.get("ctx", {}))
        raise SettingError(
            f"设置 {name} 的值 {first['input']!r} 不能用：{problem}",
            hint="用 jiebang settings 查看各项设置的含义；取消该环境变量即恢复缺省值",
            setting=name,
            value=first["input"],
        ) from error


def _members(annotation: Any) -> tuple[Any, ...]:
    """``Path | None`` → (Path, NoneType); ``int`` → (int,)."""
    return getattr(annotation, "__args__", (annotation,))
