"""What a text says: sections, passages, indicators."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.http.bounds import LongText
from api.http.schemas.graph import Answer
from graph_service.understanding.kinds import Kind
from graph_service.understanding.reading import Field as TextField
from graph_service.understanding.sections import SectionPart, Told

_CHARS = "字符位置，从 0 起"
_FIELD = "在哪里：title 名称，text 正文"
_PART = "所在的部分；名称与不分部分的正文为 null"


class Section(Answer):
    """A run of sentences about one thing; the sections tile the text."""

    part: SectionPart = Field(
        description="讲什么：background 背景，present 现状，problem 难点，need 需求，"
        "goals 指标与目标，cooperation 合作，budget 预算，term 期限，other 其他"
    )
    title: str = Field(description="中文名称")
    start: int = Field(ge=0, description=f"正文里的起点，{_CHARS}")
    end: int = Field(ge=0, description="正文里的终点（不含）")
    told: Told = Field(description="依据：heading 标题，cue 词句，place 位置")
    inferred: bool = Field(description="不是标题写明的，为推断")
    confidence: float = Field(ge=0, le=1, description="置信度")


class Passage(Answer):
    """A piece of the text with a declared weight."""

    field: TextField = Field(description=_FIELD)
    part: SectionPart | None = Field(description=_PART)
    start: int = Field(ge=0, description=f"起点，{_CHARS}")
    end: int = Field(ge=0, description="终点（不含）")
    weight: float = Field(ge=0, le=1, description="权重；声明的，未学习")


class Indicator(Answer):
    """A quantity with its value, as a machine read it."""

    field: TextField = Field(description=_FIELD)
    part: SectionPart | None = Field(description=_PART)
    kind: Kind = Field(description="类别：indicator 技术指标，money 金额，count 数量，term 期限")
    quantity: str | None = Field(description="量的名称，照原文；旁边没有名称时为 null")
    relation: Literal["≥", ">", "≤", "<", "=", "±", "~", "range", "order", "better"] = Field(
        description="关系；~ 约，range 区间，order 数量级，better 优于或改善了这么多"
    )
    value: float = Field(description="数值，照原文；万、亿在单位里")
    value2: float | None = Field(description="区间的上限、公差、比的后项")
    unit: str = Field(description="单位，照原文；没有为空")
    unit_normalised: str = Field(description="规范的单位，如 MPa、1e4 t/a、%；没有为 1")
    condition: str | None = Field(description="在什么条件下，照原文")
    start: int = Field(ge=0, description=f"起点，{_CHARS}")
    end: int = Field(ge=0, description="终点（不含）")
    inferred: bool = Field(description="总是 true：机器识别")
    confidence: float = Field(ge=0, le=1, description="置信度")


class ReadingAnswer(Answer):
    """A text as read; places are in ``text``, those of the field title in ``title``."""

    title: str = Field(description="名称；没有为空")
    text: str = Field(description="正文")
    sections: list[Section] = Field(description="各部分；成果、机构等不分，为空")
    passages: list[Passage] = Field(description="段落与权重，名称在前")
    indicators: list[Indicator] = Field(description="指标，名称里的在前")


class ReadingBody(BaseModel):
    """What is to be read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: LongText = Field(description="需求的文字")
