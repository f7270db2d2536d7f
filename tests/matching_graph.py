"""A small graph in which every way of matching has something to find, and somebody to leave out."""

from graph_service.model import Edge, EdgeType, Label, Node

#: At most so many for a stored query whose poster has sisters, for a text, and for a mere ranking
#: of a text. Four of a stored query's are bound to follow each other: the node; the rarest of its
#: words, and whom the poster is related to; who has the words, and who are the sisters; how well,
#: and what the sisters own. Then come the reasons of the best, and for ``full`` first what tells
#: the best apart.
MOST = {
    "bm25": (5, 3, 2),
    "dense": (5, 3, 2),
    "rrf": (5, 3, 2),
    "hybrid": (5, 4, 3),
    "full": (6, 5, 4),
}

ORG, PRODUCT, DEMAND, RESULT = Label.ORGANIZATION, Label.PRODUCT, Label.DEMAND, Label.RESULT
NODES = [
    Node("org:poster", ORG, {"name": "甲整机厂"}),
    Node("org:group", ORG, {"name": "己集团"}),
    Node("org:sister", ORG, {"name": "庚减速器厂", "district": "东区"}),
    Node("org:maker", ORG, {"name": "乙精工", "text": "做谐波减速器的柔轮，寿命长"}),
    Node("org:needer", ORG, {"name": "丙整机"}),
    Node("product:谐波减速器", PRODUCT, {"name": "谐波减速器"}),
    Node("product:柔轮", PRODUCT, {"name": "柔轮"}),
    Node("product:锰酸锂", PRODUCT, {"name": "锰酸锂"}),
    Node(
        "demand:1",
        DEMAND,
        {"title": "谐波减速器寿命提升", "text": "柔轮疲劳断裂，要求寿命长；镍钴锰酸锂供电。"},
    ),
    Node("demand:2", DEMAND, {"title": "柔轮开裂", "text": "谐波减速器柔轮在高速下疲劳断裂。"}),
    Node("result:1", RESULT, {"title": "柔轮表面强化方法", "text": "提升柔轮疲劳寿命的喷丸工艺。"}),
    Node("result:3", RESULT, {"title": "电极分析", "text": "看粒径。"}),
    Node("result:2", RESULT, {"title": "柔轮疲劳试验", "text": "柔轮寿命试验。"}),
]
EDGES = [
    Edge(EdgeType.POSTED, "org:poster", "demand:1"),
    Edge(EdgeType.CONTROLS, "org:group", "org:poster"),
    Edge(EdgeType.CONTROLS, "org:group", "org:sister"),
    Edge(EdgeType.OWNS, "org:sister", "result:2"),
    Edge(EdgeType.ABOUT, "demand:1", "product:谐波减速器"),
    Edge(EdgeType.MAKES, "org:maker", "product:柔轮"),
    Edge(EdgeType.MAKES, "org:sister", "product:谐波减速器"),
    Edge(EdgeType.NEEDS, "org:needer", "product:谐波减速器"),
    Edge(EdgeType.UPSTREAM_OF, "product:柔轮", "product:谐波减速器"),
    Edge(EdgeType.OWNS, "org:maker", "result:1"),
    Edge(EdgeType.ABOUT, "result:1", "product:柔轮"),
    Edge(EdgeType.ABOUT, "result:3", "product:锰酸锂"),
]
