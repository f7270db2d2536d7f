"""Two firms' demands that could be posted as one, one posted twice, and others that are alone."""

from graph_service.model import Edge, EdgeType, Label, Node

ORG, PRODUCT, DEMAND = Label.ORGANIZATION, Label.PRODUCT, Label.DEMAND
WEAR = "柔轮齿面磨损快，需要涂层，"
NODES = [
    Node("org:甲", ORG, {"name": "甲整机厂", "district": "东区"}),
    Node("org:乙", ORG, {"name": "乙减速器厂", "district": "西区"}),
    Node("product:柔轮", PRODUCT, {"name": "柔轮"}),
    Node("product:谐波减速器", PRODUCT, {"name": "谐波减速器"}),
    Node(
        "demand:1",
        DEMAND,
        {
            "title": "谐波减速器柔轮耐磨涂层",
            "text": WEAR + "要求涂层厚度≥10μm，硬度≥60HRC。",
            "budget_wan": 50,
            "deadline": "2027-06",
        },
    ),
    Node(
        "demand:2",
        DEMAND,
        {
            "title": "柔轮耐磨涂层的开发",
            "text": WEAR + "要求涂层厚度≥0.02mm，硬度≥60HRC。",
            "budget_wan": 80,
            "budget_max_wan": 120,
            "district": "南区",
        },
    ),
    Node("demand:3", DEMAND, {"title": "口服缓释片", "text": "片剂在胃里释放过快。"}),
    Node("demand:4", DEMAND, {"title": "稻米保鲜", "text": "稻米储藏时陈化。"}),
    Node("demand:5", DEMAND, {"title": "稻米保鲜", "text": "稻米储藏时陈化。"}),
    Node("demand:6", DEMAND, {"title": "电池隔膜", "text": "隔膜厚薄不匀。"}),
    Node("demand:7", DEMAND, {"title": "桥梁检测", "text": "拉索锈蚀难以察觉。"}),
    Node("demand:8", DEMAND, {"title": "污泥干化", "text": "含水率降不下来。"}),
    Node("demand:9", DEMAND, {"title": "种猪育种", "text": "产仔数偏少。"}),
]
EDGES = [
    Edge(EdgeType.POSTED, "org:甲", "demand:1"),
    Edge(EdgeType.POSTED, "org:乙", "demand:2"),
    Edge(EdgeType.POSTED, "org:甲", "demand:4"),
    Edge(EdgeType.ABOUT, "demand:1", "product:柔轮"),
]
