"""Search, suggestions, matches and comparisons."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from api.asking import SUBJECTS, Subject, subject_of
from api.filters import Filters, Maybe, without_null
from api.http.bounds import LongText, NodeId, Top
from api.http.schemas.graph import Answer, Ref, Step
from api.jobs.params import RecipeName
from graph_service.feedback.model import ReasonCode
from graph_service.matching.comparison import FEWEST, MOST
from graph_service.matching.sentences import TITLES
from graph_service.matching.types import Target
from graph_service.model import Label

_RECIPE = "匹配方案；full 用上全部依据，其余供比较"
#: What the parameter ``group`` says.
GROUP = "找成果时，同一机构的只给出最好的一个，其余计入它的 also；false 则全部列出"
_SIGNALS = "依据：" + "、".join(f"{signal} {title}" for signal, title in TITLES.items())
_TO = "找什么：成果、揭榜方或用户企业、供应链伙伴、需求"


class Found(Answer):
    """Which retriever found it."""

    retriever: str = Field(
        description="检索方式：id 编号、text 字词、dense 语义、passage 段落、graph 图谱"
    )
    rank: int = Field(ge=1, description="在其中排第几")


class Hit(Answer):
    """A node found by a search."""

    id: str = Field(description="节点编号")
    label: Label = Field(description="种类")
    title: str = Field(description="名称")
    score: float = Field(description="得分，只用于排列")
    found_by: list[Found]


class SearchAnswer(Answer):
    """Nodes found by id, name, words and meaning."""

    query: str = Field(description="检索词")
    took_ms: float = Field(description="用时，毫秒")
    hits: list[Hit] = Field(description="最相近的在前")
    warning: str | None = Field(description="没有向量模型而只按字词查找时说明原因")


class Suggestion(Answer):
    """A name that begins or contains what was typed."""

    id: str = Field(description="节点编号")
    label: Label = Field(description="种类")
    title: str = Field(description="名称")
    name: str = Field(description="对上的名称；可能是别名")
    by: Literal["name", "pinyin", "initials"] = Field(
        description="怎样对上的：name 名称，pinyin 全拼，initials 拼音首字母"
    )


class SuggestionsAnswer(Answer):
    """Names for a search box."""

    query: str = Field(description="输入的文字")
    suggestions: list[Suggestion]


class Contribution(Answer):
    """One signal's part of a score."""

    signal: str = Field(description=_SIGNALS)
    value: float | None = Field(description="数值；null 表示未知")
    weight: float = Field(description="权重")
    contribution: float = Field(description="权重 × 数值；未知为 0")
    learned: bool = Field(description="权重是否由判定学得；false 为声明的权重（未学习）")
    sentence: str = Field(description="这一项依据的一句话：比的是什么，是否未知、推断，加减多少分")
    evidence: dict[str, Any] = Field(description="可以核对的依据：字词、段落、经过的产品")


class Facts(Answer):
    """What tells candidates apart at a glance; only what is known."""

    kind: str | None = Field(default=None, description="类别")
    district: str | list[str] | None = Field(default=None, description="区县")
    tiers: list[Any] | None = Field(default=None, description="梯度，含起止与来源")
    trl: int | str | None = Field(default=None, description="技术成熟度")
    licence: str | list[str] | None = Field(default=None, description="许可方式")
    stage: str | None = Field(default=None, description="阶段")


class Told(Answer):
    """What was decided on a candidate before."""

    id: str = Field(description="反馈的编号")
    decision: Literal["accepted", "rejected"] = Field(description="accepted 接受，rejected 拒绝")
    reason: ReasonCode | None = Field(description="拒绝的理由；接受时为 null")
    at: str = Field(description="何时（UTC）；可能只有日期")


class Candidate(Answer):
    """A candidate with its reasons: score = prior + the sum of contributions."""

    id: str = Field(description="节点编号")
    label: Label = Field(description="种类")
    title: str = Field(description="名称")
    rank: int = Field(ge=1, description="第几名；归并不改变名次，所以会有空缺")
    score: float = Field(description="得分 = 先验 + 各项之和")
    prior: float = Field(description="先验")
    probability: float | None = Field(
        description="值得推荐的概率，即得分的 sigmoid；权重未学习的方案或对象为 null"
    )
    contributions: list[Contribution]
    found_by: list[Found]
    path: list[Step] = Field(description="图谱中连到它的路径；没有则为空")
    owners: list[Ref] = Field(description="拥有成果、发布需求的机构")
    also: list[str] = Field(
        description="归并到这里的：同一机构、名次更低的候选的编号；不归并时为空"
    )
    facts: Facts
    feedback: Told | None = Field(description="对这一对已有的决定，不影响得分与名次；没有则为 null")


class MatchAnswer(Answer):
    """Ranked candidates with their reasons."""

    recipe: RecipeName = Field(description="匹配方案")
    to: Target = Field(description=_TO)
    took_ms: float = Field(description="用时，毫秒")
    nothing_fits: bool | None = Field(
        description="前十名里是否多半没有一个合适（概率低于学得的界限）；界限未学习时为 null"
    )
    candidates: list[Candidate] = Field(description="得分高的在前")


class SignalRow(Answer):
    """One signal of all candidates, in their order."""

    signal: str = Field(description="依据")
    weight: float = Field(description="权重")
    values: list[float | None] = Field(description="各候选的数值；null 表示未知")
    contributions: list[float] = Field(description="各候选的得分；未知为 0")
    ahead: str | None = Field(description="这一项领先的候选的编号；不分上下时为 null")


class ComparisonAnswer(Answer):
    """Candidates side by side, in the order asked for."""

    recipe: RecipeName = Field(description="匹配方案")
    to: Target = Field(description=_TO)
    took_ms: float = Field(description="用时，毫秒")
    ranked: int = Field(description="一共排了多少个候选")
    signals: list[SignalRow] = Field(description="逐项依据的对照")
    candidates: list[Candidate] = Field(description="按请求中的次序")


def _one_subject(schema: dict[str, Any]) -> None:
    """OpenAPI: exactly one of the subjects, as ``subject_of`` demands."""
    without_null(schema)
    schema["oneOf"] = [{"required": [name]} for name in SUBJECTS]


class Asked(BaseModel):
    """For whom or what: exactly one of ``SUBJECTS``; and what is looked for."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=_one_subject)

    demand: Maybe[NodeId] = Field(default=None, description="为这项需求找：节点编号")
    result: Maybe[NodeId] = Field(default=None, description="为这项成果找：节点编号")
    organization: Maybe[NodeId] = Field(default=None, description="为这家机构找：节点编号")
    text: Maybe[LongText] = Field(default=None, description="为这段文字找：写出需求或成果的内容")
    to: Target = Field(description=_TO)
    recipe: RecipeName = Field(default="full", description=_RECIPE)

    @property
    def subject(self) -> Subject:
        """For whom or what.

        Raises:
            InputError: none of the four was given, or several.
        """
        given = {name: getattr(self, name) for name in SUBJECTS}
        return subject_of(given, example='{"demand": "demand:D-001", "to": "results"}')


class MatchBody(Asked):
    """What a match is asked for."""

    top: Top = Field(default=10, description="给出前几名")
    group: StrictBool = Field(default=True, description=GROUP)
    filter: Filters = Field(default_factory=Filters, description="候选须符合的条件")


class CompareBody(Asked):
    """What a comparison is asked for."""

    candidates: list[NodeId] = Field(
        min_length=FEWEST,
        max_length=MOST,
        description="要比较的候选的节点编号，各不相同",
        json_schema_extra={"uniqueItems": True},
    )
