"""A match as people read it: one block a candidate, its reasons below its name."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from api.cli.output import console, facts_line, path_table, print_block
from api.words import DECISIONS, LABELS, SIGNALS, TARGETS
from graph_service.feedback.model import REASONS
from graph_service.matching.recipes import RECIPES
from graph_service.matching.sentences import cosine
from graph_service.model import Label
from graph_service.text import DOC_CHARS

if TYPE_CHECKING:
    from rich.console import RenderableType


#: As many ids of what is grouped with a candidate are shown.
_SHOWN = 5

#: Words of less weight than this are not shown (nor rounded to 0.0).
TELLING = 0.05


#: Signals that have a line, or the path, of their own.
_SHOWN_APART = frozenset({"text", "dense", "title", "passage", "standing", "products", "chain"})


def print_match(answer: Mapping[str, Any], *, filtered: bool) -> None:
    """Print ``MatchResult.as_dict()``; ``filtered`` where not all could be candidates."""
    out = console()
    candidates = answer["candidates"]
    out.print(
        f"{TARGETS[answer['to']]} {len(candidates)} 个 · 方案 {answer['recipe']} · "
        f"{answer['took_ms']:.0f} 毫秒"
    )
    by_meaning = RECIPES[answer["recipe"]].needs_vectors
    if not candidates and filtered:
        out.print("没有找到；可放宽筛选条件。")
    elif not candidates:
        embed = "；还没有向量的，用 jiebang embed 补算" if by_meaning else ""
        out.print(f"没有找到：库里有什么可看 jiebang stats{embed}。")
    elif by_meaning and not any(map(_has_vector, candidates)):
        out.print("没有用上向量，只凭字词与图谱；可用 jiebang embed 补算。")
    if candidates and answer["nothing_fits"]:
        out.print("库里多半没有合适的，下面的只供参考。", style="bold")
    for candidate in candidates:
        print_block(_block(candidate))


def found_line(found_by: Sequence[Mapping[str, Any]]) -> str:
    """Which retrievers found it at what rank: ``字词第 3 · 语义第 1``."""
    return " · ".join(f"{_name(found['retriever'])}第 {found['rank']}" for found in found_by)


def decided_line(decided: Mapping[str, Any]) -> str:
    """What was decided on a candidate: ``已拒绝：指标不达（2026-11-23）``."""
    reason = f"：{REASONS[decided['reason']].title}" if decided["reason"] else ""
    return f"已{DECISIONS[decided['decision']]}{reason}（{decided['at'][:10]}）"


def _has_vector(candidate: Mapping[str, Any]) -> bool:
    found = {found["retriever"] for found in candidate["found_by"]}
    told = {part["signal"] for part in candidate["contributions"] if part["contribution"]}
    return bool({"dense", "passage"} & (found | told))


def _block(candidate: Mapping[str, Any]) -> Iterator[tuple[str, "RenderableType"]]:
    from rich.text import Text

    yield (f"{candidate['rank']}", Text(candidate["title"], style="bold"))
    facts = facts_line(candidate["facts"])
    owners = "、".join(owner["title"] for owner in candidate["owners"])
    about = (LABELS[Label(candidate["label"])], candidate["id"], facts, owners)
    yield "", " · ".join(part for part in about if part)
    if decided := candidate["feedback"]:
        yield "反馈", Text(decided_line(decided), style="bold")
    yield "得分", _score_line(candidate)
    if also := candidate["also"]:
        yield (
            "归并",
            f"同一机构另有 {len(also)} 项：{'、'.join(also[:_SHOWN])}{'…' * (len(also) > _SHOWN)}",
        )
    if candidate["found_by"]:
        yield "检索", found_line(candidate["found_by"])
    evidence = {part["signal"]: part["evidence"] for part in candidate["contributions"]}
    words = evidence.get("text", {}).get("words", ())
    telling = [word for word in words if word["bm25"] >= TELLING]
    if telling:
        yield "字词", "、".join(f"{word['word']} {word['bm25']:.1f}" for word in telling)
    passage = evidence.get("passage") or evidence.get("dense")
    if passage:
        said = " ".join(passage["passage"].split())
        said += "…" if len(passage["passage"]) >= DOC_CHARS else ""
        quoted = Text(f"{said}（{cosine(passage)} {passage['cosine']:.3f}）")
        quoted.highlight_words([word["word"] for word in words], "bold yellow")
        yield "段落", quoted
    told = [
        part["sentence"]
        for part in candidate["contributions"]
        if part["value"] is not None and part["signal"] not in _SHOWN_APART
    ]
    if told:
        yield "事实", Text("\n".join(told))
    if candidate["path"]:
        yield "路径", path_table(candidate["path"])


def _score_line(candidate: Mapping[str, Any]) -> str:
    """``1.236 = 先验-4.000  字词+2.310 …``; what is unknown adds nothing and is said so."""
    known = [part for part in candidate["contributions"] if part["value"] is not None]
    unknown = [part for part in candidate["contributions"] if part["value"] is None]
    parts = [f"{_name(part['signal'])}{part['contribution']:+.3f}" for part in known]
    if candidate["prior"]:
        parts.insert(0, f"先验{candidate['prior']:+.3f}")
    if unknown:
        parts.append(f"（未知：{'、'.join(_name(part['signal']) for part in unknown)}）")
    probability = candidate["probability"]
    sure = "" if probability is None else f"（值得推荐的概率 {probability:.0%}）"
    return f"{candidate['score']:.3f}{sure} = {'  '.join(parts)}"


def _name(signal: str) -> str:
    return SIGNALS.get(signal, signal)
