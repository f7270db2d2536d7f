"""Demands together: which are alike, and who is shown to those who post them."""

from typing import Literal

from pydantic import Field

from api.http.schemas.graph import Answer, Ref
from api.jobs.params import RecipeName


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


class ExposureShare(Answer):
    """One class of candidates: a tier, a district."""

    name: str | None = Field(description="梯度或区县；null 表示没有记载")
    shown: int = Field(description="在各名单里占几个名次")
    shown_share: float = Field(description="占全部名次的比例")
    pool: int = Field(description="候选全体里有几个")
    pool_share: float = Field(description="占候选全体的比例")
    ratio: float | None = Field(
        description="两个比例之比；大于 1 即比按数量应有的更常出现；按机构归并时不可比，为 null"
    )


class ExposureSpread(Answer):
    """How the places are spread over organisations."""

    shown: int = Field(description="被展示的机构数")
    pool: int = Field(description="候选的机构数")
    gini_shown: float | None = Field(description="被展示的机构之间的基尼系数；没有则为 null")
    gini_pool: float | None = Field(description="全部候选机构之间的基尼系数，没被展示的按 0 计")
    share_of_ten: float | None = Field(description="最常出现的十家占归属已知的名次的比例")


class ShownFirm(Ref):
    """An organisation that is shown often."""

    shown: int = Field(description="几个名次")
    demands: int = Field(description="出现在几项需求的名单里")
    candidates: int = Field(description="它在候选全体里有几个")
    tier: str | None = Field(description="现在最高的梯度；null 表示没有记载")
    district: str | None = Field(description="区县；null 表示未知")


class ExposureAnswer(Answer):
    """Who is shown to those who post demands, against who could have been."""

    recipe: RecipeName = Field(description="匹配方案")
    to: Literal["results", "organizations"] = Field(description="成果或机构")
    top: int = Field(description="每项需求看前几名")
    group: bool = Field(description="同一机构的成果是否只算最好的一个")
    demands: int = Field(description="看了几项需求")
    matched: int = Field(description="其中几项有成批匹配记下的名单")
    shown: int = Field(description="一共几个名次")
    owner_unknown: int = Field(description="其中几个不知属于哪家机构")
    since: str | None = Field(description="名单最早记于哪一天；没有则为 null")
    until: str | None = Field(description="最晚记于哪一天")
    took_ms: float = Field(description="用时，毫秒")
    tiers: list[ExposureShare] = Field(description="按梯度，从高到低")
    districts: list[ExposureShare] = Field(description="按区县，候选多的在前")
    organizations: ExposureSpread = Field(description="在机构之间有多集中")
    most_shown: list[ShownFirm] = Field(description="最常出现的十家机构")
    warning: str | None = Field(description="没有成批匹配的结果时，说明怎样得到")
