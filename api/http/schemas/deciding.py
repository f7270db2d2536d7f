"""Pairs of organisations that may be one, for a person to decide."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.filters import Maybe, Word, without_null
from api.http.bounds import NodeId
from api.http.schemas.graph import Answer

Status = Literal["open", "accepted", "rejected"]
Level = Literal["probable", "doubtful"]


class Part(Answer):
    """One reason for or against."""

    part: str = Field(description="依据")
    value: float = Field(description="分值；正的支持是同一家，负的反对")
    evidence: str = Field(description="说明")


class Pair(Answer):
    """Two organisations that may be one."""

    id: str = Field(description="这一对的编号")
    version: int = Field(description="改动过几次")
    a: str = Field(description="一方的节点编号")
    b: str = Field(description="另一方的节点编号")
    titles: list[str] = Field(description="两方的名称", min_length=2, max_length=2)
    score: float = Field(description="对数几率 = 先验 + 各项分值")
    probability: float = Field(ge=0, le=1, description="是同一家的可能性")
    level: Level = Field(description="probable 很可能，doubtful 存疑")
    status: Status = Field(description="open 待核对，accepted 已合并，rejected 不是同一家")
    parts: list[Part] = Field(description="逐项的依据")
    kept: str | None = Field(default=None, description="合并后保留的节点编号")
    gone: str | None = Field(default=None, description="合并后并入的节点编号")
    by: str | None = Field(default=None, description="谁作的决定")
    at: str | None = Field(default=None, description="何时（UTC）")


class PairsAnswer(Answer):
    """A page of pairs, the most likely first."""

    total: int = Field(description="符合条件的共有多少对")
    prior: float = Field(description="先验对数几率")
    pairs: list[Pair]
    next: str | None = Field(description="下一页的游标；null 表示已到末尾")


class AcceptBody(BaseModel):
    """How two are made one."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=without_null)

    keep: Maybe[NodeId] = Field(
        default=None, description="保留哪个节点编号；缺省为有信用代码、资料较多的"
    )
    by: Maybe[Word] = Field(default=None, description="谁作的决定")


class RejectBody(BaseModel):
    """Who decided."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=without_null)

    by: Maybe[Word] = Field(default=None, description="谁作的决定")
