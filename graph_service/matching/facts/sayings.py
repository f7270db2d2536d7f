"""What each fact says, as a broker reads it: pieces of the sentences of ``matching.sentences``."""

from collections.abc import Callable, Mapping
from typing import Any

Evidence = Mapping[str, Any]

#: Names of the signals.
TITLES: Mapping[str, str] = {
    "indicators": "技术指标",
    "trl": "成熟度",
    "budget": "预算",
    "term": "期限",
    "licence": "合作方式",
    "district": "区县",
    "tier": "梯度",
    "cooperation": "以往合作",
    "load": "在手任务",
}

#: Characters quoted of a passage, and pairs of passages.
_QUOTED, _PAIRS = 60, 2

#: Why a fact may be unknown.
UNKNOWN: Mapping[str, str] = {
    "indicators": "需求没有写明可以对照的指标，或名次靠后没有对照",
    "trl": "需求没有写明阶段，成果没有写明成熟度",
    "budget": "预算与价格都没有写明",
    "term": "期限与交付时间都没有写明",
    "licence": "双方都没有写明合作方式",
    "district": "一方没有写明区县",
    "tier": "没有有效的梯度记录",
    "cooperation": "没有合作记录",
    "load": "没有可以判断的中榜记录",
}


def _district(value: float, evidence: Evidence) -> str:
    here, there = evidence.get("asked"), evidence.get("offered")
    return f"同在{there}" if value > 0 else f"需求方在{here}，候选在{there}，不同区县"


def _tier(_: float, evidence: Evidence) -> str:
    return f"现为{evidence.get('offered')}"


def _indicators(_: float, evidence: Evidence) -> str:
    counts = f"达到 {evidence['met']} 项、未达到 {evidence['unmet']} 项"
    missing = f"、未知 {evidence['unknown']} 项" if evidence["unknown"] else ""
    pairs = [one for one in evidence["indicators"] if one["verdict"] != "unknown"][:_PAIRS]
    shown = "；".join(
        f"要求“{_short(one['asked']['passage'])}”，候选写明“{_short(one['offered']['passage'])}”"
        f"{_VERDICTS[one['verdict']]}"
        for one in pairs
    )
    return f"{counts}{missing}：{shown}"


def _indicators_unknown(evidence: Evidence) -> str:
    near = [one for one in evidence["indicators"] if one["offered"]][:1]
    shown = "".join(
        f"；相近的说法：要求“{_short(one['asked']['passage'])}”，"
        f"候选写明“{_short(one['offered']['passage'])}”，对象、条件或比法不同，不作判断"
        for one in near
    )
    return f"需求的 {evidence['unknown']} 项指标，候选都没有可以对照的说法{shown}"


_VERDICTS = {"met": "（达到）", "unmet": "（未达到）"}


def _short(passage: str) -> str:
    said = " ".join(passage.split())
    return said if len(said) <= _QUOTED else f"…{said[-_QUOTED:]}"


def _trl(value: float, evidence: Evidence) -> str:
    asked = f"需求要{evidence['asked']}（一般需 {evidence['asked_level']} 级）"
    concluded = "（由阶段推定）" if evidence["offered_inferred"] else ""
    offered = f"成果为 {evidence['offered']} 级{concluded}"
    short = evidence["asked_level"] - evidence["offered"]
    return f"{asked}，{offered}，{'已够' if value >= 1 else f'还差 {short} 级'}"


def _trl_unknown(evidence: Evidence) -> str:
    if evidence["asked"] is None:
        return f"成果为 {evidence['offered']} 级，需求没有写明要到哪个阶段"
    return f"需求要{evidence['asked']}，成果没有写明成熟度"


def _amounts(asks: str, takes: str) -> Callable[[float, Evidence], str]:
    def say(value: float, evidence: Evidence) -> str:
        unit = evidence["unit"]
        asked, offered = (_amount(evidence[side], unit) for side in ("asked", "offered"))
        fits = "够" if value >= 1 else "有一部分够" if value == _PARTLY else "不够"
        return f"{asks} {asked}，{takes} {offered}，{fits}"

    return say


_PARTLY = 0.5


def _amounts_unknown(asks: str, takes: str) -> Callable[[Evidence], str]:
    def say(evidence: Evidence) -> str:
        told, missing = (asks, takes) if evidence["asked"] else (takes, asks)
        amount = _amount(evidence["asked"] or evidence["offered"], evidence["unit"])
        return f"{told} {amount}，{missing}没有写明"

    return say


def _amount(told: Mapping[str, Any], unit: str) -> str:
    low, high = (f"{round(told[end], 1):g}" for end in ("low", "high"))
    if told["low"] == 0.0:
        return f"{high} {unit}以内"
    return f"{low} {unit}" if low == high else f"{low}–{high} {unit}"


def _licence(value: float, evidence: Evidence) -> str:
    asked, offered = "、".join(evidence["asked"]), "、".join(evidence["offered"])
    return f"需求要{asked}，候选给{offered}，{'相合' if value > 0 else '不相合，可以再谈'}"


def _licence_unknown(evidence: Evidence) -> str:
    asked, offered = "、".join(evidence["asked"]), "、".join(evidence["offered"])
    if asked and offered:
        return f"需求要{asked}，候选给{offered}，不能对照"
    return f"需求要{asked}，候选没有写明" if asked else f"候选给{offered}，需求没有写明"


def _cooperation(_: float, evidence: Evidence) -> str:
    one = evidence["records"][0]
    how = "中过对方的榜" if one["type"] == "WON" else "有合作记录"
    since = f"（{one['since']}）" if one["since"] else ""
    more = f"，共 {len(evidence['records'])} 条" if len(evidence["records"]) > 1 else ""
    return f"与{one['title']}{how}{since}{more}"


def _load(_: float, evidence: Evidence) -> str:
    names = "、".join(f"“{one['title']}”" for one in evidence["open"])
    shown = f"手上有 {len(evidence['open'])} 项中榜任务：{names}" if names else "中过的榜都已了结"
    unclear = f"，另有 {evidence['unclear']} 项不明" if evidence["unclear"] else ""
    return f"{shown}{unclear}"


#: What a fact says where it is known.
SAYING: Mapping[str, Callable[[float, Evidence], str]] = {
    "indicators": _indicators,
    "trl": _trl,
    "budget": _amounts("预算", "价格"),
    "term": _amounts("期限", "交付"),
    "licence": _licence,
    "district": _district,
    "tier": _tier,
    "cooperation": _cooperation,
    "load": _load,
}

#: What is known of a signal that is unknown, where one side tells.
HALF_KNOWN: Mapping[str, Callable[[Evidence], str]] = {
    "indicators": _indicators_unknown,
    "trl": _trl_unknown,
    "budget": _amounts_unknown("预算", "价格"),
    "term": _amounts_unknown("期限", "交付时间"),
    "licence": _licence_unknown,
}
