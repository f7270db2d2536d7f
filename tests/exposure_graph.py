"""Three demands with what ``bulk match`` kept of them: one owner has most of the first places."""

from graph_service.matching.kept import matched
from graph_service.model import Edge, EdgeType, Label, Node

ORG, RESULT, DEMAND = Label.ORGANIZATION, Label.RESULT, Label.DEMAND
FROM = {"tier": "小巨人", "from": "2024", "until": "2027"}
ENDED = {"tier": "单项冠军", "from": "2019", "until": "2022"}
NODES = [
    Node("org:大", ORG, {"name": "大集团", "district": "东区", "tiers": [FROM, ENDED]}),
    Node("org:小", ORG, {"name": "小厂", "district": "西区", "tiers": ["创新型", "专精特新"]}),
    Node("org:闲", ORG, {"name": "闲厂"}),
    *(Node(f"result:{n}", RESULT, {"title": f"成果{n}"}) for n in range(5)),
    *(Node(f"demand:{n}", DEMAND, {"title": f"需求{n}", "district": "东区"}) for n in (1, 2)),
    Node("demand:3", DEMAND, {"title": "需求3", "district": "西区"}),
]
RANKED = {
    "demand:1": ["result:0", "result:1", "result:3", "result:4"],
    "demand:2": ["result:1", "result:0"],
}
EDGES = [
    *(Edge(EdgeType.OWNS, "org:大", f"result:{n}") for n in (0, 1, 2)),
    Edge(EdgeType.OWNS, "org:小", "result:3"),
    Edge(EdgeType.OWNS, "org:闲", "result:4", inferred=True, confidence=0.5),
    *(
        edge
        for demand, ranked in RANKED.items()
        for edge in matched(demand, "full", [(it, 1.0 - i / 10) for i, it in enumerate(ranked)])
    ),
    *matched("demand:1", "full", [("org:小", 0.9), ("org:大", 0.8)]),
    *matched("demand:3", "bm25", [("result:2", 9.0)]),
]
