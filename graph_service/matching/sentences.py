"""A sentence for each signal, as a broker reads it: what was compared, how sure, what it adds.

The command line, the API and the workbooks tell the same sentences. What is not known is said to be
未知 and adds nothing; what a machine concluded is said to be 推断.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from graph_service.matching.facts import sayings
from graph_service.matching.recipes import FAR, LEAST, MOST
from graph_service.matching.types import Contribution

#: Names of the signals.
TITLES: Mapping[str, str] = {
    "text": "字词",
    "pairs": "字串",
    "dense": "语义",
    "title": "标题",
    "passage": "段落",
    "standing": "突出程度",
    "nearness": "相近程度",
    "products": "产品",
    "chain": "产业链",
    **sayings.TITLES,
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
    known = sayings.HALF_KNOWN.get(part.signal)
    reason = known(part.evidence) if known and part.evidence else _UNKNOWN.get(part.signal)
    return f"（{reason}）" if reason else ""


#: Why a signal may be unknown.
_UNKNOWN: Mapping[str, str] = {
    "pairs": "没有中文字串可比",
    "dense": "没有向量",
    "title": "没有标题或没有向量",
    "passage": "没有向量",
    "standing": "没有向量，或候选太少",
    "nearness": "没有向量，或没有学过这个模型通常有多近",
    "products": "没有由所述产品直接相连",
    "chain": "产业链上没有相连",
    **sayings.UNKNOWN,
}


def _plainly(value: float, _: Evidence) -> str:
    return f"数值 {value:.3f}"


def _words(value: float, evidence: Evidence) -> str:
    shared = [word["word"] for word in evidence.get("words", ()) if word["bm25"] >= TELLING]
    quoted = "".join(f"“{word}”" for word in shared[:_WORDS])
    common = f"共有{quoted}{'等词' if len(shared) > _WORDS else ''}" if shared else "没有共同的词"
    return f"{common}，{_measured('BM25', evidence.get('bm25'), value, evidence)}"


def _phrases(value: float, evidence: Evidence) -> str:
    shared = [one["phrase"] for one in evidence.get("phrases", ()) if one["bm25"] >= TELLING]
    quoted = "".join(f"“{phrase}”" for phrase in shared[:_WORDS])
    common = f"都写到{quoted}{'等' if len(shared) > _WORDS else ''}" if shared else "没有共同的字串"
    return f"{common}，{_measured('二字 BM25', evidence.get('bm25'), value, evidence)}"


def cosine(evidence: Evidence) -> str:
    """What a cosine is called: with a query less what all demands have in common it is none."""
    return "去中心后的余弦" if evidence.get("centred") else "余弦"


def _dense(value: float, evidence: Evidence) -> str:
    return _measured(f"全文{cosine(evidence)}", evidence.get("cosine"), value, evidence)


def _title(value: float, evidence: Evidence) -> str:
    return _measured(f"标题与全文的{cosine(evidence)}", evidence.get("cosine"), value, evidence)


def _standing(value: float, _: Evidence) -> str:
    return f"最相近的几个比前列的平均高 {value:.2f} 个标准差，这一项人人相同，只关系到概率"


def _nearness(value: float, _: Evidence) -> str:
    least = "至少" if abs(value) == FAR else ""
    above = "高" if value >= 0 else "低"
    return (
        f"最相近的几个比需求之间通常的{least}{above} {abs(value):.2f} 个标准差，"
        "这一项人人相同，只关系到概率"
    )


def _passage(value: float, evidence: Evidence) -> str:
    said = " ".join(str(evidence.get("passage", "")).split())
    quoted = said[:_QUOTED] + ("…" if len(said) > _QUOTED else "")
    measured = _measured(cosine(evidence), evidence.get("cosine"), value, evidence)
    return f"最相近的一段是“{quoted}”，{measured}" if said else f"最相近的一段{measured}"


def _measured(name: str, raw: float | None, value: float, evidence: Evidence) -> str:
    """A raw score, and how it became the value: as it is, as a standard score, or by rank."""
    shown = f"{name} {raw:.3f}" if raw is not None else f"{name}未知"
    if "mean" in evidence:
        least = "至少" if value in {LEAST, MOST} else ""
        above = "高" if value >= 0 else "低"
        return f"{shown}，比前列的平均{least}{above} {abs(value):.2f} 个标准差"
    by_rank = raw is None or abs(raw - value) > 1e-3
    return f"{shown}，按名次折合 {value:.4f}" if by_rank else shown


def _over(direct: str) -> Callable[[float, Evidence], str]:
    def say(value: float, evidence: Evidence) -> str:
        over = "、".join(f"“{name}”" for name in evidence.get("names", ()))
        guessed = "，其中有推断" if evidence.get("inferred") else ""
        way = f"经由{over}{direct}{guessed}" if over else f"{direct}{guessed}"
        return f"{way}，强度 {value:.2f}"

    return say


_SAYING: Mapping[str, Callable[[float, Evidence], str]] = {
    "text": _words,
    "pairs": _phrases,
    "dense": _dense,
    "title": _title,
    "passage": _passage,
    "standing": _standing,
    "nearness": _nearness,
    "products": _over("直接相关"),
    "chain": _over("在产业链上相连"),
    **sayings.SAYING,
}
