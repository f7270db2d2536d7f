"""Two small chains with a bridge between them, and whatever a chain may lack."""

from graph_service.model import Edge, EdgeType, Label, Node

ORG, PRODUCT, CHAIN = Label.ORGANIZATION, Label.PRODUCT, Label.CHAIN
MAKES, NEEDS, UP = EdgeType.MAKES, EdgeType.NEEDS, EdgeType.UPSTREAM_OF
DAY = "2024-01-01"

_FIRMS = {
    "org:钢": {"name": "甲钢厂", "district": "东区", "tiers": ["专精特新"]},
    "org:轮": {"name": "乙柔轮厂", "district": "东区", "tiers": ["小巨人"]},
    "org:器": {"name": "丙减速器厂", "district": "东区"},
    "org:机": {"name": "丁机器人", "district": "西区", "tiers": ["单项冠军"]},
    "org:膜": {"name": "戊膜厂", "district": "西区"},
    "org:堆": {"name": "己电堆", "district": "西区"},
    "org:车": {"name": "庚重卡", "district": "西区"},
    "org:孤": {"name": "辛孤家", "district": "东区"},
    "org:校": {"name": "壬大学", "district": "北区", "kind": "university"},
}
NODES = [
    *(Node(id_, ORG, props, "名录.csv", DAY) for id_, props in _FIRMS.items()),
    *(
        Node(f"product:{name}", PRODUCT, {"name": name}, "目录.csv", DAY)
        for name in (
            "钢管",
            "柔轮",
            "减速器",
            "谐波减速器",
            "机器人",
            "膜",
            "电堆",
            "重卡",
            "传感器",
        )
    ),
    Node("chain:1", CHAIN, {"name": "机器人链"}),
    Node("chain:2", CHAIN, {"name": "氢能链"}),
    Node(
        "demand:1", Label.DEMAND, {"title": "柔轮寿命", "text": "柔轮开裂", "deadline": "2999-01"}
    ),
    Node("demand:2", Label.DEMAND, {"title": "旧题", "text": "早已结题", "stage": "已结题"}),
    Node("demand:3", Label.DEMAND, {"title": "已授", "text": "膜太厚"}),
    Node("result:1", Label.RESULT, {"title": "传感新法", "text": "传感器"}),
]


def _edge(type_: EdgeType, start: str, end: str, **more: object) -> Edge:
    given = {"source": "关系.csv", "observed_at": DAY, **more}
    return Edge(type_, start, end, **given)  # type: ignore[arg-type]


EDGES = [
    _edge(MAKES, "org:钢", "product:钢管"),
    _edge(MAKES, "org:轮", "product:柔轮"),
    _edge(MAKES, "org:器", "product:谐波减速器"),
    _edge(MAKES, "org:机", "product:机器人"),
    _edge(MAKES, "org:膜", "product:膜"),
    _edge(MAKES, "org:堆", "product:电堆"),
    _edge(MAKES, "org:车", "product:重卡"),
    _edge(NEEDS, "org:轮", "product:钢管"),
    _edge(NEEDS, "org:机", "product:减速器"),
    _edge(NEEDS, "org:机", "product:传感器"),
    _edge(NEEDS, "org:堆", "product:膜"),
    _edge(EdgeType.SUBTYPE_OF, "product:谐波减速器", "product:减速器"),
    _edge(UP, "product:柔轮", "product:谐波减速器"),
    _edge(UP, "product:电堆", "product:重卡"),
    _edge(EdgeType.SUPPLIES, "org:钢", "org:轮", key="product:钢管", props={"since": "2019"}),
    _edge(EdgeType.SUPPLIES, "org:轮", "org:器", key="product:柔轮", props={"since": "2022"}),
    _edge(EdgeType.SUPPLIES, "org:器", "org:机", key="product:谐波减速器"),
    _edge(EdgeType.SUPPLIES, "org:膜", "org:堆", key="product:膜"),
    _edge(EdgeType.SUPPLIES, "org:堆", "org:车", key="product:电堆"),
    _edge(EdgeType.PARTNERED, "org:膜", "org:车", inferred=True, confidence=0.6),
    _edge(EdgeType.PARTNERED, "org:机", "org:车", confidence=0.5),
    _edge(EdgeType.PARTNERED, "org:校", "org:轮"),
    _edge(EdgeType.LEADS, "org:机", "chain:1"),
    *(
        _edge(EdgeType.IN_CHAIN, f"org:{name}", f"chain:{number}")
        for number, names in ((1, "钢轮器机"), (2, "膜堆车"))
        for name in names
    ),
    _edge(EdgeType.POSTED, "org:轮", "demand:1"),
    _edge(EdgeType.POSTED, "org:轮", "demand:2"),
    _edge(EdgeType.POSTED, "org:膜", "demand:3"),
    _edge(EdgeType.WON, "org:校", "demand:3"),
    _edge(EdgeType.ABOUT, "result:1", "product:传感器", inferred=True, confidence=0.7),
    _edge(EdgeType.OWNS, "org:校", "result:1"),
]
