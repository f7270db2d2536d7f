"""The service itself."""

from pydantic import Field

from api.http.schemas.graph import Answer


class SettingRow(Answer):
    """A setting as the service sees it."""

    name: str = Field(description="环境变量的名称")
    type: str = Field(description="类型")
    value: str | int | bool | None = Field(description="当前值；null 表示未设")
    default: str = Field(description="缺省值；空表示没有")
    help: str = Field(description="含义")


class SettingsAnswer(Answer):
    """Settings; secrets and places on the machine are left out."""

    settings: list[SettingRow]
