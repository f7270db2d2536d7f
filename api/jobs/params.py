"""What the jobs of each kind are asked: one model a kind, for routes, command line and worker."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
)

from api.filters import Filters, Maybe, without_null
from graph_service.errors import InputError
from graph_service.exporting.service import Format
from graph_service.matching.types import Target

RecipeName = Literal["bm25", "dense", "rrf", "hybrid", "full"]
#: The id of an upload.
UploadId = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
#: A name of judgements.
QrelsName = Annotated[str, Field(pattern=r"^\w[\w.-]{0,99}$")]
#: The id of a node.
NodeId = Annotated[str, Field(min_length=1, max_length=500)]


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


#: An integer as JSON Schema has it: 2.0 is one, "2" and true are none.
Whole = Annotated[StrictInt, BeforeValidator(_whole)]


class Params(BaseModel):
    """Parameters of a kind of job."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=without_null)


class LoadParams(Params):
    """载入上传的文件：出错的行写到 rejected.xlsx，其余照常载入；重复载入不改变任何东西。"""

    uploads: list[UploadId] = Field(
        min_length=1, max_length=100, description="上传的文件的编号，一并辨认与归并"
    )
    mappings: list[UploadId] = Field(
        [], max_length=20, description="上传的表头对照（.toml）的编号，先于内置的"
    )
    embed: StrictBool = Field(True, description="末尾是否为新的文字计算向量")
    dry_run: StrictBool = Field(
        False, description="只报告会有什么变化，并举例；在库的一份副本上试，库里什么也不写"
    )


class EmbedParams(Params):
    """为还没有向量的文字计算向量。"""


class ReindexParams(Params):
    """从记录重建全部索引；不重新计算向量。"""


class MatchParams(Params):
    """成批匹配：为许多需求、成果或机构逐一找匹配对象，写到 matches.jsonl 与 matches.xlsx。"""

    subject: Literal["demand", "result", "organization"] = Field(
        description="为哪一种节点找：demand 需求、result 成果、organization 机构"
    )
    ids: list[NodeId] = Field(
        [], max_length=10_000, description="只为这些节点找；缺省为所有符合 filter 的"
    )
    filter: Filters = Field(default_factory=Filters, description="只为符合这些条件的节点找")
    to: Target = Field(
        description="找什么：results 成果、organizations 揭榜方或用户企业、"
        "partners 供应链伙伴、demands 需求"
    )
    recipe: RecipeName = Field("full", description="匹配方案：bm25、dense、rrf、hybrid、full")
    top: int = Field(10, ge=1, le=50, description="每个节点给出前几名")
    group: StrictBool = Field(
        True,
        description="找成果时，同一机构的只给出最好的一个，其余计入它的 also；false 则全部列出",
    )
    candidates: Filters = Field(default_factory=Filters, description="只在符合这些条件的对象里找")


class ExportParams(Params):
    """导出整张图到一个文件：graph.jsonl、graph.xlsx、graph.graphml 或 graph.zip（CSV）。"""

    format: Format = Field(default=Format.JSONL, description="格式：jsonl、xlsx、csv、graphml")


class EvaluateParams(Params):
    """在上传的评测任务（BEIR 格式，一个 .zip）上度量各匹配方案。"""

    upload: UploadId = Field(description="上传的 .zip 的编号")
    recipes: list[RecipeName] = Field([], max_length=5, description="只测这些方案；缺省为全部")
    qrels: Maybe[QrelsName] = Field(
        default=None, description="有几份判据时选哪一份：qrels/名称.tsv"
    )


class ResolveParams(Params):
    """比较全部机构，把可能是同一家的列入核对清单；什么也不合并。"""


class BulkMatchParams(Params):
    """为每项需求找成果与机构，把前几名记为推断的匹配关系（MATCHED），取代同一方案上次所记的；中途停下的，再提交一次即接着做。"""

    filter: Filters = Field(default_factory=Filters, description="只为符合这些条件的需求找")
    to: list[Literal["results", "organizations"]] = Field(
        default=["results", "organizations"],
        min_length=1,
        max_length=2,
        description="找什么：results 成果、organizations 机构；缺省两样都找",
    )
    recipe: RecipeName = Field(
        default="full", description="匹配方案：bm25、dense、rrf、hybrid、full"
    )
    top: int = Field(default=50, ge=1, le=200, description="每项需求各保留前几名")


class AdaptParams(Params):
    """用载入的内容训练向量模型，度量后留下，不换用；执行任务的机器须装有 models 附加组件。"""

    steps: Whole = Field(
        default=259,
        ge=1,
        le=10_000,
        description="最多训练几批，每批 32 对；259 批在两个核上约半小时",
    )
    seed: Whole = Field(
        default=1, ge=0, le=2**31 - 1, description="随机种子：同样的库与种子，同样的模型"
    )
    negatives: Whole = Field(
        default=0, ge=0, le=5, description="每对另找几段相近而不对的文字来对照"
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", description="在哪里训练：auto 有 GPU 就用"
    )


class UseModelParams(Params):
    """换用一个模型：先在旁边算好全部向量，再一次换过去；其间照常用原来的模型。"""

    model: str = Field(
        pattern=r"^(base|[0-9]{8}-[0-9a-f]{6})$",
        description="模型的编号；base 为 JIEBANG_MODEL 所指的",
    )


class TrainParams(Params):
    """由库里的反馈学得方案 full 的权重，在没见过的需求上度量后换用；比现在用的差就不换。"""


#: The kinds of jobs.
PARAMS: Mapping[str, type[Params]] = {
    "load": LoadParams,
    "embed": EmbedParams,
    "reindex": ReindexParams,
    "match": MatchParams,
    "export": ExportParams,
    "evaluate": EvaluateParams,
    "resolve": ResolveParams,
    "bulk_match": BulkMatchParams,
    "adapt": AdaptParams,
    "use_model": UseModelParams,
    "train": TrainParams,
}


def validated(kind: str, params: Mapping[str, Any]) -> Params:
    """The parameters of a job; ``model_dump(mode="json", exclude_none=True)`` is what is kept.

    Raises:
        InputError: no such kind, or parameters that it does not take.
    """
    if kind not in PARAMS:
        raise InputError(
            f"没有 {kind!r} 这种任务。", hint=f"可用的种类：{'、'.join(PARAMS)}", kind=kind
        )
    model = PARAMS[kind]
    try:
        return model.model_validate(dict(params))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        known = "；".join(
            f"{name}：{field.description}" for name, field in model.model_fields.items()
        )
        raise InputError(
            f"任务 {kind} 的参数 {place} 不能用。",
            hint=f"{kind} 的参数有 {known}。" if known else f"{kind} 没有参数。",
            kind=kind,
            param=place,
            reason=first["msg"],
        ) from error
