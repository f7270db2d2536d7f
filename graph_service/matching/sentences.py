"""A sentence for each signal, as a broker reads it: what was compared, how sure, what it adds.

The command line, the API and the workbooks tell the same sentences. What is not known is said to be
未知 and adds nothing; what a machine concluded is said to be 推断.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from graph_service.matching.types import Contribution

#: Names of the signals.
TITLES: Mapping[str, str] = {
    "text": "字词",
    "dense": "语义",
    "passage": "段落",
    "products": "产品",
    "chain": "产业链",
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

#: Words and characters quoted in a sentence; the rest is in the evidence.
_WORDS, _QUOTED = 5, 60

#: Words of less weight than this are not quoted (nor rounded to 0.0).
TELLING = 0.05

Evidence = Mapping[str, Any]


def told(part: Contribution) -> Contribution:
    """The same with its sentence."""
    return replace(part, sentence=sentence(part))


def sentence(part: Contribution) -> str:
    """One signal's part of a score in one sentence of Chinese."""
    name = TITLES.get(part.signal, part.signal)
    if part.value is None:
        return f"{name}：未知，不加分也不减分{_why(part)}。"
    say = _SAYING.get(part.signal, _plainly)
    return f"{name}：{say(part.value, part.evidence)}{_guessed(part.evidence)}，{_adds(part)}。"


def _guessed(evidence: Evidence) -> str:
    """``（推断，把握 0.70）`` where what was compared was read by a machine or concluded."""
    sure = evidence.get("confidence")
    return f"（推断，把握 {sure:.2f}）" if evidence.get("inferred") and sure is not None else ""


def _adds(part: Contribution) -> str:
    """``加 0.200 分``; at three places, as scores are shown."""
    amount = f"{abs(part.contribution):.3f}"
    if float(amount) == 0.0:
        return "不加分也不减分"
    return f"{'加' if part.contribution > 0 else '减'} {amount} 分"


def _why(part: Contribution) -> str:
    known = _HALF_KNOWN.get(part.signal)
    reason = known(part.evidence) if known and part.evidence else _UNKNOWN.get(part.signal)
    return f"（{reason}）" if reason else ""


#: Why a signal may be unknown.
_UNKNOWN: Mapping[str, str] = {
    "dense": "没有向量",
    "passage": "没有向量",
    "products": "没有由所述产品直接相连",
    "chain": "产业链上没有相连",
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


def _plainly(value: float, _: Evidence) -> str:
    return f"数值 {value:.3f}"


def _words(value: float, evidence: Evidence) -> str:
    shared = [word["word"] for word in evidence.get("words", ()) if word["bm25"] >= TELLING]
    quoted = "".join(f"“{word}”" for word in shared[:_WORDS])
    common = f"共有{quoted}{'等词' if len(shared) > _WORDS else ''}" if shared else "没有共同的词"
    return f"{common}，{_measured('BM25', evidence.get('bm25'), value, evidence)}"


def _dense(value: float, evidence: Evidence) -> str:
    return _measured("全文余弦", evidence.get("cosine"), value, evidence)


def _passage(value: float, evidence: Evidence) -> str:
    said = " ".join(str(evidence.get("passage", "")).split())
    quoted = said[:_QUOTED] + ("…" if len(said) > _QUOTED else "")
    measured = _measured("余弦", evidence.get("cosine"), value, evidence)
    return f"最相近的一段是“{quoted}”，{measured}" if said else f"最相近的一段{measured}"


def _measured(name: str, raw: float | None, value: float, evidence: Evidence) -> str:
    """A raw score, and how it became the value: as it is, as a standard score, or by rank."""
    shown = f"{name} {raw:.3f}" if raw is not None else f"{name}未知"
    if "mean" in evidence:
        return f"{shown}，比前列的平均{'高' if value >= 0 else '低'} {abs(value):.2f} 个标准差"
    by_rank = raw is None or abs(raw - value) > 1e-3
    return f"{shown}，按名次折合 {value:.4f}" if by_rank else shown


def _over(direct: str) -> Callable[[float, Evidence], str]:
    def say(value: float, evidence: Evidence) -> str:
        over = "、".join(f"“{name}”" for name in evidence.get("names", ()))
        guessed = "，其中有推断" if evidence.get("inferred") else ""
        way = f"经由{over}{direct}{guessed}" if over else f"{direct}{guessed}"
        return f"{way}，强度 {value:.2f}"

    return say


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


_PAIRS = 2
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


_SAYING: Mapping[str, Callable[[float, Evidence], str]] = {
    "text": _words,
    "dense": _dense,
    "passage": _passage,
    "products": _over("直接相关"),
    "chain": _over("在产业链上相连"),
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
_HALF_KNOWN: Mapping[str, Callable[[Evidence], str]] = {
    "indicators": _indicators_unknown,
    "trl": _trl_unknown,
    "budget": _amounts_unknown("预算", "价格"),
    "term": _amounts_unknown("期限", "交付时间"),
    "licence": _licence_unknown,
}
