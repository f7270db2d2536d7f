"""Saved sets of communities, and comparisons."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.filters import Maybe, without_null
from api.http.bounds import NO_NUL
from api.http.schemas.graph import Answer, Listed, Ref
from api.http.schemas.insight import DividedAnswer
from api.insight import DividedBody
from graph_service.insight.saved import BLANK, NAME_CHARS, NOTE_CHARS

SetId = Annotated[str, Field(min_length=1, max_length=64), NO_NUL]


class SetAnswer(Answer):
    """A saved division."""

    id: str = Field(description="存档的编号")
    version: int = Field(description="第几版，从 1 起")
    name: str = Field(description="名称")
    note: str = Field(description="说明；可能为空")
    by: str = Field(description="谁存的")
    at: str = Field(description="何时（UTC）")
    change: int = Field(description="当时图谱的变更序号")
    scope: DividedAnswer
    organizations: int = Field(description="范围内的机构")
    count: int = Field(description="群落数")
    modularity: float = Field(description="模块度")
    agreement: float = Field(description="各次划分的一致程度")


class SetsAnswer(Listed):
    """A page of saved divisions, the newest first."""

    sets: list[SetAnswer]


class SavedCommunity(Answer):
    """A community as it was saved."""

    id: str = Field(description="编号")
    name: str = Field(description="机器拟名")
    size: int = Field(description="机构数")
    leaders: list[Ref] = Field(description="链主")
    members: list[Ref] = Field(description="机构，以当时的名称")


class SetContentAnswer(SetAnswer):
    """A saved division with its communities."""

    communities: list[SavedCommunity]


_Name = Annotated[
    str,
    Field(min_length=1, max_length=NAME_CHARS, pattern=f"[^{BLANK}]", description="名称"),
    NO_NUL,
]
_Note = Annotated[str, Field(max_length=NOTE_CHARS, description="说明"), NO_NUL]


class SaveBody(BaseModel):
    """What is saved, and under which name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: _Name
    note: _Note = ""
    scope: DividedBody = Field(default_factory=DividedBody, description="范围与设置")


class ChangeBody(BaseModel):
    """Another name or note; what is left out stays."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=without_null)

    name: Maybe[_Name] = None
    note: Maybe[_Note] = None


class SideBody(BaseModel):
    """A saved set; or, without one, a scope as it is now."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=without_null)

    set: Maybe[SetId] = Field(default=None, description="存档的编号；不给则按 scope 现在划分")
    scope: DividedBody = Field(default_factory=DividedBody, description="范围与设置")


class ComparisonBody(BaseModel):
    """Two divisions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    before: SideBody = Field(description="前")
    after: SideBody = Field(description="后")


class SideAnswer(Answer):
    """One of two that are compared."""

    set: str | None = Field(description="存档的编号；null 为现在的划分")
    title: str = Field(description="名称")
    at: str | None = Field(description="何时存的（UTC）；null 为现在")
    count: int = Field(description="群落数")
    organizations: int = Field(description="机构数")


class Compared(Answer):
    """A community in a comparison."""

    id: str = Field(description="编号")
    name: str = Field(description="机器拟名")
    size: int = Field(description="机构数")


class Piece(Answer):
    """A part of a community that has split, or one that merged into another."""

    id: str = Field(description="编号")
    name: str = Field(description="机器拟名")
    members: int = Field(description="几家在其中")


class MatchedPair(Answer):
    """Two communities that are one, then and now."""

    before: Compared | None = Field(description="null：新出现的")
    after: Compared | None = Field(description="null：不再有的")
    jaccard: float = Field(description="相似度：共有的机构 ÷ 任一边的机构")
    stayed: int = Field(description="留下几家")
    came: list[Ref] = Field(description="来的")
    left: list[Ref] = Field(description="走的")


class Split(Answer):
    """A community whose members are in several."""

    before: Compared
    into: list[Piece]


class Merge(Answer):
    """A community whose members were in several."""

    after: Compared
    from_: list[Piece] = Field(alias="from")


class CommunityComparison(Answer):
    """Two divisions beside each other."""

    before: SideAnswer
    after: SideAnswer
    method: str = Field(description="怎样对应")
    agreement: float = Field(description="两边都有的机构，划分的一致程度（调整兰德系数）")
    pairs: list[MatchedPair] = Field(description="原来大的在前，新出现的在后")
    splits: list[Split] = Field(description="拆分的")
    merges: list[Merge] = Field(description="合并的")
    came: list[Ref] = Field(description="原来不在任何群落里、现在在的机构")
    left: list[Ref] = Field(description="现在不在任何群落里的机构")
