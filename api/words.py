"""The Chinese words for what the graph and the matcher name in English."""

from collections.abc import Mapping

from graph_service.matching.recipes import RECIPES
from graph_service.matching.sentences import TITLES
from graph_service.model import EdgeType, Label

LABELS: Mapping[Label, str] = {
    Label.ORGANIZATION: "机构",
    Label.PRODUCT: "产品",
    Label.INDUSTRY: "行业",
    Label.CHAIN: "产业链",
    Label.REGION: "区域",
    Label.PERSON: "人员",
    Label.DEMAND: "需求",
    Label.RESULT: "成果",
    Label.POLICY: "政策",
    Label.EVENT: "活动",
    Label.COMMUNITY: "群落",
}

EDGES: Mapping[EdgeType, str] = {
    EdgeType.MAKES: "生产",
    EdgeType.NEEDS: "采购",
    EdgeType.SUPPLIES: "供应",
    EdgeType.UPSTREAM_OF: "上游",
    EdgeType.SUBTYPE_OF: "小类",
    EdgeType.ABOUT: "涉及",
    EdgeType.IN_INDUSTRY: "所属行业",
    EdgeType.IN_CHAIN: "所属产业链",
    EdgeType.LEADS: "链主",
    EdgeType.LOCATED_IN: "位于",
    EdgeType.OWNS: "拥有",
    EdgeType.AUTHORED: "作者",
    EdgeType.CONTROLS: "控股",
    EdgeType.POSTED: "发榜",
    EdgeType.BID_ON: "揭榜",
    EdgeType.WON: "中榜",
    EdgeType.PARTNERED: "合作",
    EdgeType.MEMBER_OF: "成员",
    EdgeType.CONFLICTS_WITH: "利益冲突",
    EdgeType.MATCHED: "匹配",
}

KINDS: Mapping[str, str] = {
    "enterprise": "企业",
    "university": "高校",
    "institute": "科研院所",
    "agency": "专业服务机构",
    "patent": "专利",
    "paper": "论文",
    "achievement": "成果",
    "solution": "解决方案",
    "equipment": "仪器设备",
    "service": "服务",
}

#: Sources that are parts of this program.
SOURCES: Mapping[str, str] = {
    "jiebang:mention": "文中提及",
    **{f"jiebang:bulk:{name}": f"成批匹配（{name}）" for name in RECIPES},
}

#: Properties of nodes and edges; others are shown under their own names.
PROPS: Mapping[str, str] = {
    "name": "名称",
    "title": "名称",
    "text": "正文",
    "names": "用过的名称",
    "aliases": "其他名称",
    "merged": "并入的机构",
    "kind": "类别",
    "uscc": "统一社会信用代码",
    "stock_code": "股票代码",
    "exchange": "交易所",
    "list_date": "上市日期",
    "province": "省份",
    "district": "区县",
    "address": "地址",
    "lat": "纬度",
    "lon": "经度",
    "website": "网址",
    "founded": "成立日期",
    "registered_capital_wan": "注册资本（万元）",
    "staff": "职工人数",
    "ownership": "企业性质",
    "revenue_wan": "上年营收（万元）",
    "industry": "行业",
    "tiers": "梯度",
    "qualifications": "资质",
    "level": "层级",
    "department": "主管部门",
    "segment": "链上环节",
    "category": "门类",
    "indicators": "技术指标",
    "field": "领域",
    "budget_wan": "悬赏额（万元）",
    "budget_max_wan": "悬赏额上限（万元）",
    "deadline": "截止日期",
    "duration": "时限",
    "cooperation": "合作方式",
    "ip_terms": "产权归属",
    "payment": "支付方式",
    "conditions": "揭榜条件",
    "experts": "意向专家",
    "stage": "阶段",
    "bids": "揭榜数",
    "teams": "单/多队伍",
    "contact": "联系人",
    "phone": "联系电话",
    "ipc": "国际专利分类",
    "applied": "申请日期",
    "published": "公开日期",
    "status": "状态",
    "licence": "许可方式",
    "keywords": "关键词",
    "discipline": "学科",
    "journal": "期刊",
    "trl": "技术成熟度",
    "trl_by_stage": "技术成熟度（由阶段推定）",
    "phase": "研发阶段",
    "form": "体现形式",
    "price_wan": "价格（万元）",
    "price_max_wan": "价格上限（万元）",
    "registration": "成果登记号",
    "recommender": "推荐单位",
    "started": "起始年月",
    "ended": "终止年月",
    "secrecy": "密级",
    "nature": "成果属性",
    "english": "英文名称",
    "model": "规格型号",
    "maker": "生产厂商",
    "country": "产地",
    "value_wan": "原值（万元）",
    "bought": "购置日期",
    "place": "放置地点",
    "fee": "收费标准",
    "sharing": "开放共享",
    "registered": "登记日期",
    "reference": "出处",
    "revenue_share": "营收占比",
    "weight": "权重",
    "product": "产品",
    "since": "起始日期",
    "reason": "事由",
    "share": "持股比例",
    "content": "内容",
    "remark": "备注",
    "recipe": "匹配方案",
    "rank": "名次",
    "score": "得分",
}

TARGETS: Mapping[str, str] = {
    "results": "成果",
    "organizations": "机构",
    "partners": "供应链伙伴",
    "demands": "需求",
}

#: How a typed text meets a name.
WAYS: Mapping[str, str] = {"name": "名称", "pinyin": "拼音", "initials": "首字母"}

#: Names of signals and of retrievers.
SIGNALS: Mapping[str, str] = {
    **TITLES,
    "id": "编号",
    "name": "名称",
    "graph": "图谱",
}

#: What was decided on a candidate.
DECISIONS: Mapping[str, str] = {"accepted": "接受", "rejected": "拒绝", "withdrawn": "已撤回"}

#: Kinds of indicators, and how a section was told.
INDICATOR_KINDS: Mapping[str, str] = {
    "indicator": "技术指标",
    "money": "金额",
    "count": "数量",
    "term": "期限",
}
TOLD: Mapping[str, str] = {"heading": "标题", "cue": "词句", "place": "位置"}
RELATIONS: Mapping[str, str] = {"=": "", "range": "区间", "order": "数量级", "better": "优于或改善"}
