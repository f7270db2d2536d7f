"""Communities, their insides, gaps."""

from typing import Literal

from pydantic import Field

from api.http.schemas.graph import Answer, Ref, Step
from api.insight import Linking
from graph_service.model import Label

_INFERRED = "是否推断；推断的不是观测到的事实，显示时须标明"
_SOURCE, _DATE = "来源", "数据日期，可能只有年或年月"
_STANDS = "在图上的位置；各级群落与机构同在一个平面"


class ScopeAnswer(Answer):
    """What was looked at."""

    district: list[str] = Field(description="区县；空为全部")
    chain: Ref | None = Field(description="产业链；null 为全部")
    type: list[Linking] = Field(description="凭哪些关系相连")
    inferred: bool = Field(description="推断的事实是否计入")
    until: str | None = Field(description="只看不晚于这一天开始的关系；null 为不限")


class DividedAnswer(ScopeAnswer):
    """What was divided, and how finely."""

    resolution: float = Field(description="分辨率")


class Judging(Answer):
    """How far it is judged whether something fits the open demands."""

    done: int = Field(description="已经判断的在榜需求")
    of: int = Field(description="一共几项；没有判断完时，后台接着判断，过一会儿再问")
    warning: str | None = Field(description="不能判断时说明原因")


class Method(Answer):
    """How the communities were found."""

    algorithm: str = Field(description="算法")
    seed: int = Field(description="随机数种子，固定")
    trials: int = Field(description="做了几次，取模块度最大的一次")
    iterations: int = Field(description="每次几遍")
    modularity: float = Field(description="最上一级的模块度")
    agreement: float = Field(description="各次划分的一致程度：调整兰德系数的平均")


class LayoutAnswer(Answer):
    """From when on places may be compared."""

    since: str | None = Field(
        description="从何时（UTC）起位置可以前后对照：第一次画出，或最近一次重新排过；只在同样的范围与"
        "设置之内；null：什么也没有画"
    )
    anew: bool = Field(description="那一次是否因为数据变动大（过半是新的）而重新排过")


class LinkCounts(Answer):
    """Linked pairs of organisations."""

    observed: int = Field(description="有直接观测到的关系")
    inferred: int = Field(description="只由产品推得，或只凭推断的事实")


class LeftOut(Ref):
    """A product or result too common to link anybody."""

    makers: int = Field(description="几家生产或拥有")
    needers: int = Field(description="几家需要")


class Telling(Ref):
    """A product that sets a community apart."""

    firms: int = Field(description="群落里几家生产")
    z: float = Field(description="与其余群落相比的对数几率比（加先验），以标准差计")


class CommunityName(Answer):
    """A name proposed by machine."""

    text: str = Field(description="机器拟名")
    inferred: Literal[True] = Field(description="由机器拟定，请人改定")
    products: list[Telling] = Field(description="依据：最突出的产品")


class Leader(Ref):
    """An organisation that leads a chain."""

    chain: Ref = Field(description="是哪条产业链的链主")
    inferred: bool = Field(description=_INFERRED)
    source: str | None = Field(description=_SOURCE)
    observed_at: str | None = Field(description=_DATE)


class Spread(Answer):
    """How many have each value."""

    counts: dict[str, int] = Field(description="值 → 几家")
    unknown: int = Field(description="几家没有记载")


class ChainCount(Ref):
    """A chain, and how many of the organisations are in it."""

    firms: int = Field(description="几家")


class Outward(Answer):
    """Links that leave a community."""

    community: str | None = Field(description="通往哪个群落；null 表示范围之外")
    links: int = Field(description="有联系的机构对")
    observed: int = Field(description="其中观测的")


class DemandTally(Answer):
    """Open demands by what is known of them."""

    open: int = Field(description="在榜的需求")
    unmet: int = Field(description="没有合适的候选（机器判断）")
    fitting: int = Field(description="有合适的候选（机器判断）")
    unknown: int = Field(description="界限没有学得，无从判断")
    unjudged: int = Field(description="还没有判断")


class Bubble(Answer):
    """A community."""

    id: str = Field(description="编号；只在同样的范围与设置之内有效")
    level: int = Field(description="第几级，从 0 起")
    parent: str | None = Field(description="由哪个群落细分而来")
    children: int = Field(description="细分为几个群落；0 为不再细分")
    name: CommunityName
    size: int = Field(description="机构数")
    links: int = Field(description="内部有联系的机构对")
    density: float = Field(description="有联系的占全部可能的机构对的比例")
    observed_share: float = Field(description="内部的联系里观测的比例")
    stability: float = Field(description="换种子再做时它还在的程度：最大 Jaccard 相似度的平均，0–1")
    x: float = Field(description=_STANDS)
    y: float = Field(description=_STANDS)
    r: float = Field(description="半径；面积与机构数成正比")
    leaders: list[Leader] = Field(description="链主")
    tiers: Spread = Field(description="按现在最高的梯度")
    districts: Spread = Field(description="按区县")
    chains: list[ChainCount] = Field(description="所属产业链，多的在前")
    outward: list[Outward] = Field(description="向外的联系，多的在前")
    demands: DemandTally


class BundleAnswer(Answer):
    """All links between two communities."""

    a: str = Field(description="群落的编号")
    b: str = Field(description="群落的编号")
    links: int = Field(description="有联系的机构对")
    observed: int = Field(description="其中观测的")
    weight: float = Field(description="强度之和")


class CommunitiesAnswer(Answer):
    """The communities of a scope."""

    took_ms: float = Field(description="用时，毫秒")
    change: int = Field(description="图谱的变更序号")
    scope: DividedAnswer
    method: Method
    organizations: int = Field(description="范围内的机构")
    linked: int = Field(description="其中与别家有联系、因而归入群落的")
    links: LinkCounts
    outside: int = Field(description="范围之外、与范围内有联系的机构")
    left_out: list[LeftOut] = Field(description="太普遍而没有用来相连的产品与成果")
    communities: list[Bubble] = Field(description="最上一级的群落")
    bundles: list[BundleAnswer] = Field(description="群落之间的联系，强的在前")
    layout: LayoutAnswer
    judging: Judging


class Above(Answer):
    """A community above another."""

    id: str = Field(description="编号")
    name: str = Field(description="机器拟名")


class FoundFirm(Ref):
    """An organisation of the scope."""

    path: list[Above] = Field(
        description="它所在的各级群落，最上的在前；空的表示与别家没有联系，不在任何群落里"
    )


class FoundAnswer(Answer):
    """Organisations of a scope by name."""

    took_ms: float = Field(description="用时，毫秒")
    change: int = Field(description="图谱的变更序号")
    scope: DividedAnswer
    query: str = Field(description="输入的文字")
    organizations: list[FoundFirm] = Field(description="名称对得最近的在前")


class MemberAnswer(Ref):
    """An organisation of a community."""

    kind: str | None = Field(description="类别；null 表示未知")
    district: str | None = Field(description="区县；null 表示未知")
    tiers: list[str] = Field(description="现在有效的梯度")
    degree: int = Field(description="与群落里几家有联系")
    weight: float = Field(description="这些联系的强度之和")
    x: float = Field(description=_STANDS)
    y: float = Field(description=_STANDS)
    r: float = Field(description="半径")
    leader: bool = Field(description="是否链主")
    child: str | None = Field(description="在细分出的哪个群落里")
    source: str | None = Field(description=_SOURCE)
    observed_at: str | None = Field(description=_DATE)


class LinkAnswer(Answer):
    """Two linked organisations; why is told by `GET /paths`."""

    from_: str = Field(alias="from", description="机构的编号")
    to: str = Field(description="机构的编号")
    weight: float = Field(description="强度")
    kinds: dict[Linking, int] = Field(description="凭哪些关系，各几条")
    inferred: bool = Field(description="没有一条是观测的")


class OpenDemand(Ref):
    """An open demand."""

    posters: list[Ref] = Field(description="发榜机构")
    deadline: str | None = Field(description="截止日期；null 表示未知")
    verdict: Literal["unmet", "fits", "unknown", "unjudged"] = Field(
        description="机器判断：没有、有合适的候选，未知，还没有判断"
    )
    source: str | None = Field(description=_SOURCE)
    observed_at: str | None = Field(description=_DATE)


class CommunityAnswer(Answer):
    """A community opened."""

    took_ms: float = Field(description="用时，毫秒")
    change: int = Field(description="图谱的变更序号")
    scope: DividedAnswer
    path: list[Above] = Field(description="它上面的各级，最上的在前")
    community: Bubble
    children: list[Bubble] = Field(description="细分出的群落；为空则画各机构")
    bundles: list[BundleAnswer] = Field(description="它们之间的联系")
    members: list[MemberAnswer] = Field(description="联系最强的在前")
    more_members: int = Field(description="没有列出的还有几家")
    links: list[LinkAnswer] = Field(description="机构之间的联系，强的在前")
    more_links: int = Field(description="没有列出的还有几条")
    demands: list[OpenDemand] = Field(description="在榜的需求")
    products: list[Telling] = Field(description="最突出的产品")
    layout: LayoutAnswer
    judging: Judging


class Near(Ref):
    """A firm or a result near to closing a gap."""

    label: Label = Field(description="机构，或成果")
    owners: list[Ref] = Field(description="成果的拥有者")
    inside: bool = Field(description="是否在范围之内（成果则看拥有者）")
    inferred: bool = Field(description=_INFERRED)
    hops: int = Field(description="步数")
    path: list[Step] = Field(description="由它到所缺的产品或需求的路径")
    probability: float | None = Field(description="值得推荐的概率；只有需求的才有")


class GapAnswer(Answer):
    """A product that is needed, and made by nobody or by one."""

    product: Ref = Field(description="产品")
    basis: Literal["needs", "supplies", "upstream"] = Field(
        description="怎样知道需要它：needs 写明采购，supplies 由供应关系，upstream 由上下游推断"
    )
    inferred: bool = Field(description="没有一条观测到的事实说明需要它")
    needed_by: int = Field(description="几家需要")
    needers: list[Ref] = Field(description="需要它的机构，至多五家")
    makers: list[Ref] = Field(description="范围内生产它的机构")
    source: str | None = Field(description=_SOURCE)
    observed_at: str | None = Field(description=_DATE)
    nearest: list[Near] = Field(description="最接近补上它的企业与成果")


class ProductGaps(Answer):
    """Gaps of a kind."""

    total: int = Field(description="一共几项")
    gaps: list[GapAnswer] = Field(description="写明的、需要的机构多的在前")


class Leaderless(Answer):
    """Chains without 链主."""

    total: int = Field(description="一共几条")
    chains: list[ChainCount] = Field(description="机构多的在前")


class UnmetDemand(Answer):
    """A demand that nothing fits."""

    demand: OpenDemand
    nearest: list[Near] = Field(description="最接近的成果与机构；接近是机器判断")


class UnmetDemands(Answer):
    """Demands that nothing fits, as far as they were judged."""

    total: int = Field(description="已判断的里面一共几项")
    demands: list[UnmetDemand]


class GapsAnswer(Answer):
    """What is lacking in a scope."""

    took_ms: float = Field(description="用时，毫秒")
    change: int = Field(description="图谱的变更序号")
    scope: ScopeAnswer
    organizations: int = Field(description="看了几家机构")
    products: int = Field(description="它们需要几种产品")
    missing: ProductGaps = Field(description="范围内没有人生产的产品")
    single_source: ProductGaps = Field(description="范围内只有一家生产的产品")
    leaderless: Leaderless = Field(description="没有链主的产业链")
    demands: DemandTally
    unmet: UnmetDemands = Field(description="没有合适候选的需求")
    judging: Judging
