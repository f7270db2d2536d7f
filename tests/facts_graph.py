"""A demand that asks for all that facts know; a result that fits, one that does not, a bare one."""

from graph_service.model import Edge, EdgeType, Label, Node

ORG, DEMAND, RESULT = Label.ORGANIZATION, Label.DEMAND, Label.RESULT

NODES = [
    Node("org:poster", ORG, {"name": "甲整机厂", "district": "东区"}),
    Node("org:maker", ORG, {"name": "乙精工", "district": "东区", "tiers": ["小巨人"]}),
    Node("org:busy", ORG, {"name": "丙轴承", "district": "西区"}),
    Node(
        "demand:1",
        DEMAND,
        {
            "title": "柔轮强化技术中试",
            "text": "需求内容：柔轮的抗拉强度≥900MPa，伸长率≥10%。",
            "budget_wan": 100,
            "duration": "12个月",
            "cooperation": ["专利许可"],
        },
    ),
    Node("demand:old", DEMAND, {"title": "齿轮降噪", "stage": "绩效评价"}),
    Node("demand:now", DEMAND, {"title": "轴承点蚀", "stage": "过程管理"}),
    Node(
        "result:fit",
        RESULT,
        {
            "title": "一种柔轮及其强化方法",
            "text": "所得柔轮抗拉强度为950MPa。交货期6个月。",
            "trl": 7,
            "licence": ["许可"],
            "price_wan": 60,
        },
    ),
    Node(
        "result:unfit",
        RESULT,
        {
            "title": "一种柔轮的制造方法",
            "text": "所得柔轮抗拉强度为700MPa。交货期3年。",
            "trl_by_stage": 3,
            "licence": ["转让"],
            "price_wan": 500,
        },
    ),
    Node("result:bare", RESULT, {"title": "柔轮齿形设计", "text": "修形减小柔轮的间隙。"}),
]
EDGES = [
    Edge(EdgeType.POSTED, "org:poster", "demand:1"),
    Edge(EdgeType.POSTED, "org:poster", "demand:old"),
    Edge(EdgeType.WON, "org:maker", "demand:old", observed_at="2023-04"),
    Edge(EdgeType.WON, "org:busy", "demand:now"),
    Edge(EdgeType.OWNS, "org:maker", "result:fit"),
    Edge(EdgeType.OWNS, "org:busy", "result:unfit"),
]
