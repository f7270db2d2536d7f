"""A filter as a query string, a request's body or a job's parameters say it."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from api.asking import DATE, filter_of
from graph_service.model import Filter, Label


def _without_nul(value: str) -> str:
    if "\0" in value:
        raise PydanticCustomError("nul", "{message}", {"message": "不能含有 NUL 字符"})
    return value


#: One value of a condition: a kind, a tier, a district, an industry.
Word = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_without_nul)]
#: A day, or a partial date; absent, never null.
Day = Annotated[str, Field(pattern=DATE)]


class Filters(BaseModel):
    """Which nodes; every condition given must hold, one with several values is met by any."""

    model_config = ConfigDict(extra="forbid", frozen=True)

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
    since: Day | SkipJsonSchema[None] = Field(
        default=None, description="数据日期不早于，如 2024、2024-06-01"
    )
    until: Day | SkipJsonSchema[None] = Field(
        default=None, description="数据日期不晚于，如 2025-12"
    )

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
