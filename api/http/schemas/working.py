"""Jobs: what runs in the background."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.http.schemas.graph import Answer, Listed
from api.jobs.params import (
    AdaptParams,
    BulkMatchParams,
    EmbedParams,
    EvaluateParams,
    ExportParams,
    LoadParams,
    MatchParams,
    ReindexParams,
    ResolveParams,
    TrainParams,
    UseModelParams,
)
from graph_service.jobs.model import State

Kind = Literal[
    "load",
    "embed",
    "reindex",
    "match",
    "export",
    "evaluate",
    "resolve",
    "bulk_match",
    "adapt",
    "use_model",
    "train",
]


class _Submitted(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LoadJob(_Submitted):
    """Load uploads."""

    kind: Literal["load"] = Field(description="载入上传的文件")
    params: LoadParams


class EmbedJob(_Submitted):
    """Embed what has no vector."""

    kind: Literal["embed"] = Field(description="为还没有向量的文字计算向量")
    params: EmbedParams = EmbedParams()


class ReindexJob(_Submitted):
    """Rebuild the indexes."""

    kind: Literal["reindex"] = Field(description="从记录重建全部索引")
    params: ReindexParams = ReindexParams()


class MatchJob(_Submitted):
    """Match many."""

    kind: Literal["match"] = Field(description="成批匹配")
    params: MatchParams


class ExportJob(_Submitted):
    """Export the graph."""

    kind: Literal["export"] = Field(description="导出整张图")
    params: ExportParams = ExportParams()


class EvaluateJob(_Submitted):
    """Measure recipes on a task."""

    kind: Literal["evaluate"] = Field(description="在评测任务上度量各匹配方案")
    params: EvaluateParams


class ResolveJob(_Submitted):
    """Find pairs of organisations that may be one."""

    kind: Literal["resolve"] = Field(description="找出可能是同一家的机构，列入核对清单")
    params: ResolveParams = ResolveParams()


class BulkMatchJob(_Submitted):
    """Keep what every demand matches as edges."""

    kind: Literal["bulk_match"] = Field(description="为每项需求找匹配，记为推断的关系")
    params: BulkMatchParams = BulkMatchParams()


class AdaptJob(_Submitted):
    """Train an encoder on what is loaded."""

    kind: Literal["adapt"] = Field(description="用载入的内容训练向量模型")
    params: AdaptParams = AdaptParams()


class UseModelJob(_Submitted):
    """Use another model."""

    kind: Literal["use_model"] = Field(description="算好一个模型的全部向量，再换用它")
    params: UseModelParams


class TrainJob(_Submitted):
    """Learn the weights of ``full`` from feedback."""

    kind: Literal["train"] = Field(description="由反馈学得方案 full 的权重，再换用")
    params: TrainParams = TrainParams()


JobBody = Annotated[
    LoadJob
    | EmbedJob
    | ReindexJob
    | MatchJob
    | ExportJob
    | EvaluateJob
    | ResolveJob
    | BulkMatchJob
    | AdaptJob
    | UseModelJob
    | TrainJob,
    Field(discriminator="kind"),
]


class Progress(Answer):
    """How far an attempt is."""

    step: int = Field(description="第几个阶段，从 1 起；0 表示还没有开始")
    phase: str = Field(description="阶段")
    done: int = Field(description="已做多少")
    total: int | None = Field(description="共多少；null 表示不知道")
    percent: float | None = Field(ge=0, le=100, description="本阶段的百分比；null 表示不知道")


class JobError(Answer):
    """Why a job failed."""

    code: str = Field(description="稳定的代码")
    message: str = Field(description="说明")
    hint: str = Field(description="怎样改")


class JobFile(Answer):
    """A file that a job wrote."""

    name: str = Field(description="文件名；由 GET /jobs/{id}/files/{name} 取得")
    bytes: int = Field(description="大小，字节")


class JobAnswer(Answer):
    """A job."""

    id: str = Field(description="编号；后提交的较大")
    kind: Kind = Field(description="种类")
    params: dict[str, Any] = Field(description="参数")
    state: State = Field(
        description="queued 排队，running 进行中，succeeded 完成，failed 失败，cancelled 已取消，"
        "broken 中断"
    )
    by: str = Field(description="谁提交的")
    created_at: str = Field(description="提交时间（UTC）")
    started_at: str | None = Field(description="开始时间（UTC）")
    ended_at: str | None = Field(description="结束时间（UTC）")
    attempt: int = Field(description="第几次执行")
    cancel_requested: bool = Field(description="是否有人要求取消")
    progress: Progress
    result: dict[str, Any] | None = Field(description="完成后的结果")
    error: JobError | None = Field(description="失败的原因")
    files: list[JobFile] = Field(description="写下的文件")


class JobsAnswer(Listed):
    """A page of jobs, the newest first."""

    jobs: list[JobAnswer]


class LogLine(Answer):
    """A line of a log."""

    number: int = Field(ge=1, description="行号，从 1 起；日志满了以后旧的略去")
    at: str = Field(description="时间（UTC）")
    text: str = Field(description="内容")


class LogAnswer(Answer):
    """Lines of a job's log, in order."""

    lines: list[LogLine]
    after: int = Field(description="最后一行的行号；放进参数 after 再问，得到其后的")
    more: bool = Field(description="现在是否已经还有")
