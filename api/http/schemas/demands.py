"""Demands together: which are alike."""

from typing import Literal

from pydantic import Field

from api.http.schemas.graph import Answer, Ref


class AlikeMember(Answer):
    """A demand of a group."""

    id: str = Field(description="需求的节点编号")
    title: str = Field(description="名称")
    likeness: float = Field(description="与同组其余各项相近程度的平均，0–1")
    posters: list[Ref] = Field(description="发布的机构（观测）；未知则为空")
    district: str | None = Field(description="需求或发布机构所在区县；null 表示未知")
    budget_wan: float | None = Field(description="预算，万元；null 表示未知")
    deadline: str | None = Field(description="期限；null 表示未知")
    repeats: str | None = Field(
        description="与它原文相同、排在它前面的同组需求的编号；没有则为 null"
    )
    own_words: list[str] = Field(description="只有它说到的词语，机器识别")


class SharedProduct(Ref):
    """A product of more than half of a group."""

    members: list[str] = Field(description="涉及它的需求的编号")
    inferred: bool = Field(description="没有一项写明涉及它，由文字推断")


class SharedWord(Answer):
    """A word of more than half of a group."""

    word: str = Field(description="词语")
    members: int = Field(description="几项里有")


class AskedValue(Answer):
    """What one demand asks of a property."""

    demand: str = Field(description="需求的编号")
    said: str = Field(description="原文")
    confidence: float = Field(description="这样读出的指标有多大比例读对")


class AskedProperty(Answer):
    """A property that several demands ask for, machine-read."""

    name: str = Field(description="指标名称")
    unit: str = Field(description="比较所用的单位；1 表示没有单位")
    tightest: str | None = Field(description="最严的要求；各项相同或看不出哪个更严时为 null")
    loosest: str | None = Field(description="最宽的要求")
    asked: list[AskedValue] = Field(description="各项的要求，看得出时从严到宽")
    inferred: Literal[True] = Field(description="机器识别，未经人核对")


class Core(Answer):
    """What a group shares."""

    products: list[SharedProduct] = Field(description="半数以上涉及的产品")
    words: list[SharedWord] = Field(description="半数以上说到的词语，最能说明内容的在前")
    indicators: list[AskedProperty] = Field(description="两项以上提出且要求相同的指标")


class Counted(Answer):
    """How many members have each value."""

    counts: dict[str, int] = Field(description="值 → 几项")
    unknown: int = Field(description="几项未知")


class Budgets(Answer):
    """The range of budgets, in 万元."""

    least: float | None = Field(description="最少，万元；都未知时为 null")
    most: float | None = Field(description="最多，万元")
    unknown: int = Field(description="几项未知")


class Deadlines(Answer):
    """The range of deadlines."""

    first: str | None = Field(description="最早；都未知时为 null")
    last: str | None = Field(description="最晚")
    unknown: int = Field(description="几项未知")


class Differences(Answer):
    """Where a group differs."""

    indicators: list[AskedProperty] = Field(description="两项以上提出而要求不同的指标")
    districts: Counted = Field(description="区县")
    budget_wan: Budgets = Field(description="预算")
    deadline: Deadlines = Field(description="期限")


class SuggestedTitle(Answer):
    """A title for all: that of the most central."""

    text: str = Field(description="名称")
    of: str = Field(description="取自哪一项需求")
    inferred: Literal[True] = Field(description="由程序取用（推断），请人改定")


class AlikeGroup(Answer):
    """Demands that could be posted as one."""

    title: SuggestedTitle = Field(description="建议的名称：最居中的一项的")
    firms: int = Field(description="出自几家已知的机构")
    poster_unknown: int = Field(description="其中几项不知是谁发布的")
    repeated: int = Field(description="其中几项与另一项原文相同，多半是重复登记")
    least_likeness: float = Field(description="最不相近的两项有多相近，0–1")
    members: list[AlikeMember] = Field(description="最居中的在前")
    core: Core = Field(description="共同的要求")
    differences: Differences = Field(description="不同之处")


class AlikeAnswer(Answer):
    """Groups of like demands."""

    demands: int = Field(description="比较了几项需求")
    found: int = Field(description="一共有几组")
    grouped: int = Field(description="各组一共有几项需求")
    threshold: float = Field(description="同组任意两项至少这样相近")
    by: list[Literal["words", "passages"]] = Field(
        description="凭什么比较：words 字词，passages 段落的向量"
    )
    took_ms: float = Field(description="用时，毫秒")
    groups: list[AlikeGroup] = Field(
        description="机构多的在前，其次是（不计重复的）项数多的、更相近的"
    )
    warning: str | None = Field(description="没有向量模型、只按字词比较时说明原因")
