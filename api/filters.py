"""A filter as a query string, a request's body or a job's parameters say it."""

from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from api.asking import DATE, filter_of
from graph_service.model import Filter, Label


def _without_nul(value: str) -> str:
    if "\0" in value:
        raise PydanticCustomError("nul", "{message}", {"message": "不能含有 NUL 字符"})
    return value


#: One value of a condition: a kind, a tier, a district, an industry.
Word = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_without_nul)]


class _Absent:
    """Refuses null where a value may be left out, and leaves null out of the schema."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_not_null, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        made = handler(schema)
        (value,) = (one for one in made.pop("anyOf") if one != {"type": "null"})
        return {**value, **made}


def _not_null(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError("null", "{message}", {"message": "不能是 null；不用时请略去"})
    return value


def without_null(schema: dict[str, Any]) -> None:
    """For ``json_schema_extra``: what may be left out has no default that it could not be given."""
    for one in schema.get("properties", {}).values():
        if one.get("default", ...) is None:
            del one["default"]


Given = TypeVar("Given")
#: What may be left out, and is never null: its default is None.
Maybe = Annotated[Given | None, _Absent()]
#: A day, or a partial date.
Day = Annotated[str, Field(pattern=DATE)]


class Filters(BaseModel):
    """Which nodes; every condition given must hold, one with several values is met by any."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=without_null)

    kind: list[Word] = Field(
        default=[], max_length=20, description="类别，如 enterprise、高校、专利；可给多个"
    )
    tier: list[Word] = Field(
        default=[], max_length=20, description="梯度，如 专精特新、小巨人；现在仍有效的"
    )
    district: list[Word] = Field(
        default=[], max_length=50, description="所在区县，本身的或所属机构的"
    )
    industry: list[Word] = Field(
        default=[], max_length=50, description="行业名称、代码（C3491）或节点编号；含下级行业"
    )
    since: Maybe[Day] = Field(default=None, description="数据日期不早于，如 2024、2024-06-01")
    until: Maybe[Day] = Field(default=None, description="数据日期不晚于，如 2025-12")

    def where(self, labels: list[Label] | None = None) -> Filter:
        """The filter, for nodes of some labels."""
        return filter_of(
            labels=labels or (),
            kinds=self.kind,
            tiers=self.tier,
            districts=self.district,
            industries=self.industry,
            since=self.since,
            until=self.until,
        )


class QueryFilters(Filters):
    """The same in a query string, among other parameters."""

    model_config = ConfigDict(extra="ignore")
