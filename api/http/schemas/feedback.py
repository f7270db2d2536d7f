"""What was decided on candidates, and why some were rejected."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.filters import Maybe, Word, without_null
from api.http.bounds import NO_NUL, NodeId
from api.http.schemas.graph import Answer, Ref
from graph_service.feedback.model import NOTE_CHARS, REASONS, Decision, ReasonCode

Standing = Literal["accepted", "rejected"]
_DECISION = "accepted 接受，rejected 拒绝"
_REASON = "拒绝的理由；接受时为 null"
_AT = "何时（UTC）；文件里只写了日期的，只有日期"


class Statement(Answer):
    """A decision as it was said."""

    decision: Decision = Field(description=_DECISION + "，withdrawn 已撤回")
    reason: ReasonCode | None = Field(description=_REASON)
    note: str = Field(description="说明；可能为空")
    at: str = Field(description=_AT)
    by: str = Field(description="谁作的决定")


class FeedbackAnswer(Statement):
    """What stands of a pair, with what was said before."""

    id: str = Field(description="反馈的编号：每一对（需求、候选）一个")
    version: int = Field(description="第几版，从 1 起")
    demand: Ref = Field(description="需求；已不在图谱里的以编号为名")
    candidate: Ref = Field(description="候选；合并过的机构给出保留的那一个")
    history: list[Statement] = Field(description="此前的决定，最早的在前")


class FeedbackPage(Answer):
    """A page of decisions, the newest first."""

    total: int = Field(description="符合条件的共有多少条")
    feedback: list[FeedbackAnswer]
    next: str | None = Field(description="下一页的游标；null 表示已到末尾")


class Reason(Answer):
    """Why a candidate may be rejected."""

    code: ReasonCode = Field(description="代码")
    title: str = Field(description="中文名称")
    about_fit: bool = Field(description="是否说明了合不合适；false 的训练时不用")


class ReasonsAnswer(Answer):
    """All reasons, in the order in which they are shown."""

    reasons: list[Reason]


def _reasoned(schema: dict[str, Any]) -> None:
    """OpenAPI: a reason to reject, and none to accept, as ``stated`` demands."""
    without_null(schema)
    schema["oneOf"] = [
        {"properties": {"decision": {"const": "accepted"}}, "not": {"required": ["reason"]}},
        {"properties": {"decision": {"const": "rejected"}}, "required": ["reason"]},
    ]
    schema["properties"]["reason"]["enum"] = [
        name for reason in REASONS.values() for name in (reason.code.value, reason.title)
    ]


class FeedbackBody(BaseModel):
    """A decision on a candidate for a demand."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=_reasoned)

    demand: NodeId = Field(description="需求的节点编号")
    candidate: NodeId = Field(description="候选的节点编号：成果或机构")
    decision: Standing = Field(description=_DECISION)
    reason: Maybe[Word] = Field(
        default=None,
        description="拒绝的理由（必填）：代码或中文名称，见 `GET /feedback/reasons`；接受时不填",
    )
    note: Annotated[str, Field(max_length=NOTE_CHARS), NO_NUL] = Field(
        default="", description="说明，用自己的话"
    )
