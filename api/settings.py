"""Settings: one typed table, read from the environment (``JIEBANG_STORE`` ...).

A field's name, type, default and Chinese description are all there is to know about a setting:
``jiebang settings`` and ``docs/settings.md`` are made from this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from platformdirs import user_cache_dir
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from graph_service.errors import SettingError

PREFIX = "JIEBANG_"

#: A path that is a file's; any other is a folder's.
_File = Annotated[Path, "file"]

_TYPE_NAMES: Mapping[Any, str] = {
    str: "文本",
    SecretStr: "文本",
    int: "整数",
    bool: "真假",
    _File: "文件",
    Path: "目录",
}
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
    neo4j_user: str = Field("neo4j", min_length=1, description="Neo4j 的用户名")
    neo4j_password: SecretStr = Field(
        SecretStr(""), description="Neo4j 的口令；与 JIEBANG_NEO4J_PASSWORD_FILE 只设一个"
    )
    neo4j_password_file: _File | None = Field(
        None, description="写有 Neo4j 口令的文件，只读第一行（如容器的 secret）"
    )
    neo4j_ca: _File | None = Field(
        None,
        description="自建证书机构的证书（PEM）：给出后以 TLS 连接并只信任它；"
        "地址写 neo4j:// 或 bolt://，不带 +s",
    )
    neo4j_pool: int = Field(50, ge=2, le=1_000, description="每个进程与 Neo4j 的连接数的上限")
    neo4j_connect_seconds: int = Field(
        10, ge=1, le=600, description="连接 Neo4j、等待空闲连接的时限，秒"
    )
    neo4j_seconds: int = Field(
        300,
        ge=1,
        le=86_400,
        description="一次读 Neo4j 的时限，秒；写入只限等待的时间，除非服务器不再应答",
    )
    neo4j_write_seconds: int = Field(
        30, ge=1, le=3_600, description="写 Neo4j 时等待其他写入者的时限，秒"
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
    models: Path | None = Field(
        None,
        description="存放 jiebang adapt 所训练的模型的文件夹；缺省为库所在目录下的 models，"
        "库在服务器上时为缓存目录下的 adapted",
    )
    threads: int = Field(0, ge=0, le=1024, description="计算向量所用线程数；0 表示用全部处理器核")
    examples: Path | None = Field(
        None, description="示例城市所在目录；缺省为程序源码旁的 examples/city"
    )
    files: Path | None = Field(
        None,
        description="存放上传的文件与任务结果的文件夹；缺省为库所在目录下的 files，"
        "库在服务器上时为缓存目录下的 files",
    )
    files_bytes: int = Field(
        20_000_000_000,
        ge=1_000_000,
        le=10_000_000_000_000,
        description="上传的文件与任务结果合计的上限，字节",
    )
    retention_days: int = Field(
        30, ge=1, le=3_650, description="结束的任务、它们的结果与上传的文件保留的天数"
    )
    lease_seconds: int = Field(
        30,
        ge=2,
        le=3_600,
        description="任务的租约，秒：执行任务的进程这么久不应答，任务即由别的进程接着做",
    )
    secret: SecretStr = Field(
        SecretStr(""),
        description="签发分页游标所用的密钥；缺省时自动生成一个，存放在库里",
    )
    body_bytes: int = Field(
        1_000_000, ge=1_000, le=100_000_000, description="请求体的上限，字节（上传文件除外）"
    )
    upload_bytes: int = Field(
        200_000_000, ge=1_000, le=10_000_000_000, description="上传一个文件的上限，字节"
    )
    body_seconds: int = Field(
        10,
        ge=1,
        le=3600,
        description="请求的首部、请求体各自到达的时限，秒；较大的请求体按每秒至少 64 KB 另加时间",
    )
    address_bytes: int = Field(
        8_000, ge=500, le=32_000, description="请求地址（路径与查询参数）的上限，字节"
    )
    query_chars: int = Field(500, ge=10, le=10_000, description="检索词与输入提示的上限，字")
    text_chars: int = Field(20_000, ge=100, le=200_000, description="用来匹配的一段文字的上限，字")
    page_size: int = Field(200, ge=1, le=1_000, description="一页的上限，条")
    results: int = Field(200, ge=1, le=1_000, description="一次检索或匹配给出的结果的上限，条")
    path_hops: int = Field(6, ge=1, le=8, description="路径步数的上限")
    path_count: int = Field(20, ge=1, le=100, description="一次给出的路径的上限，条")
    subgraph_nodes: int = Field(2_000, ge=1, le=100_000, description="子图节点数的上限")
    subgraph_edges: int = Field(10_000, ge=1, le=500_000, description="子图关系数的上限")
    query_seconds: int = Field(20, ge=1, le=600, description="一次查询的时限，秒")
    rate: int = Field(
        6_000, ge=0, le=10_000_000, description="每个客户端地址每分钟的请求上限；0 表示不限"
    )
    heavy: int = Field(
        0,
        ge=0,
        le=1024,
        description="同时进行的较重查询（匹配、检索、路径、子图、比较）；0 表示与处理器核数相同",
    )
    queue: int = Field(128, ge=0, le=10_000, description="排队等待的较重查询的上限")
    queue_seconds: int = Field(30, ge=1, le=600, description="较重查询排队的时限，秒")
    drain_seconds: int = Field(30, ge=1, le=600, description="停止服务时等待未完请求的时限，秒")
    debug: bool = Field(False, description="程序内部出错时同时打印调用栈，供报告问题用")

    @field_validator("store")
    @classmethod
    def _home(cls, value: str) -> str:
        return str(Path(value).expanduser()) if value.startswith("~") else value

    @field_validator("cache", "examples", "files", "models", "neo4j_password_file", "neo4j_ca")
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


def listed(current: Settings) -> list[dict[str, Any]]:
    """All settings with their values, JSON-ready; a secret shows as asterisks."""
    values = [getattr(current, name) for name in Settings.model_fields]
    return [
        {
            "name": row.name,
            "type": row.type,
            "value": value if isinstance(value, bool | int | None) else str(value),
            "default": row.default,
            "help": row.help,
        }
        for row, value in zip(table(), values, strict=True)
    ]


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
        settings = Settings(**given)
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
    refuse_user_info(settings.store)
    return settings


def refuse_user_info(location: str) -> None:
    """An address with a user or a password would be logged and shown with them.

    Raises:
        SettingError: there are some; the address is not repeated.
    """
    if "://" in location and "@" in location:  # a password may hold what ends the name of a host
        raise SettingError(
            "库的地址里写有用户名或口令，会随地址留在日志里。",
            hint="请从地址中去掉，改用 JIEBANG_NEO4J_USER 与 JIEBANG_NEO4J_PASSWORD_FILE。",
            setting=variable("store"),
        )


def _members(annotation: Any) -> tuple[Any, ...]:
    """``Path | None`` → (Path, NoneType); ``int`` → (int,)."""
    return getattr(annotation, "__args__", (annotation,))
