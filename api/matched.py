"""What was matched, as a workbook to take along: the candidates, every part of each score, the ways
through the graph with their sources. Pure: an answer in, sheets out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from api.words import DECISIONS, EDGES, LABELS, SIGNALS, TARGETS
from graph_service.exporting.sheets import Sheet
from graph_service.feedback.model import REASONS
from graph_service.model import EdgeType, Label

_Rows = Iterator[Sequence[Any]]
_NOTHING = {
    True: "多半没有合适的：前十名里至少一个合适的概率低于学得的界限",
    False: "有可能合适的",
    None: "未知：这里还没有学得“没有合适的”的界限",
}


def match_sheets(told: Mapping[str, Any], subject: str, today: date) -> list[Sheet]:
    """The sheets of a match.

    Args:
        told: an answer of ``POST /match``.
        subject: for whom or what, by name or in its own words.
        today: the day of the table.
    """
    found = told["candidates"]
    return [
        Sheet("说明", ("项目", "内容"), _about(told, subject, today)),
        Sheet("候选", _CANDIDATES, _candidates(found)),
        Sheet("指标", _INDICATORS, _indicators(found)),
        Sheet("依据", _PARTS, _parts(found)),
        Sheet("路径", _HOPS, _hops(found)),
    ]


def _about(told: Mapping[str, Any], subject: str, today: date) -> list[Sequence[Any]]:
    return [
        ("制表日期", today.isoformat()),
        ("为谁找", subject),
        ("找什么", TARGETS[told["to"]]),
        ("匹配方案", told["recipe"]),
        ("候选", len(told["candidates"])),
        ("有没有合适的", _NOTHING[told["nothing_fits"]]),
        ("得分", "先验与“依据”各项之和；未知的不加分也不减分"),
        ("概率", "值得推荐的概率，由得分换算；权重未学习时空着"),
        ("指标", "由机器从双方文字中识别，请与原文核对"),
        ("观测与推断", "“路径”逐步写明；推断的不是观测到的事实"),
        ("来源", "揭榜图谱；各步的来源与日期见“路径”"),
    ]


_CANDIDATES = (
    "名次", "候选", "种类", "权属单位或发榜方", "概率", "得分", "先验", "同一机构另有",
    "区县", "梯度", "许可方式", "成熟度", "作过的决定", "编号",
)  # fmt: skip


def _candidates(found: Sequence[Mapping[str, Any]]) -> _Rows:
    for one in found:
        facts = one["facts"]
        yield (
            one["rank"], one["title"], LABELS[Label(one["label"])],
            _joined(owner["title"] for owner in one["owners"]),
            one["probability"], one["score"], one["prior"], len(one["also"]),
            _joined(_several(facts.get("district"))),
            _joined(_tier(held) for held in facts.get("tiers") or ()),
            _joined(_several(facts.get("licence"))), facts.get("trl"),
            _decided(one["feedback"]), one["id"],
        )  # fmt: skip


_INDICATORS = ("名次", "候选", "判断", "需求要", "对方写明", "把握")
_VERDICTS = {"met": "满足", "unmet": "不满足", "unknown": "未知"}


def _indicators(found: Sequence[Mapping[str, Any]]) -> _Rows:
    """Figures that were read off both texts (机器识别), held against each other."""
    for one in found:
        for part in one["contributions"]:
            for held in part["evidence"].get("indicators", ()):
                offered = held["offered"]["passage"] if held["offered"] else "没有写明"
                yield (
                    one["rank"], one["title"], _VERDICTS[held["verdict"]],
                    held["asked"]["passage"], offered, held["confidence"],
                )  # fmt: skip


_PARTS = ("名次", "候选", "依据", "数值", "权重", "得分", "权重从何而来", "说明")


def _parts(found: Sequence[Mapping[str, Any]]) -> _Rows:
    for one in found:
        for part in one["contributions"]:
            learned = "由判定学得" if part["learned"] else "声明，未学习"
            value = "未知" if part["value"] is None else part["value"]
            yield (
                one["rank"], one["title"], SIGNALS.get(part["signal"], part["signal"]),
                value, part["weight"], part["contribution"], learned, part["sentence"],
            )  # fmt: skip


_HOPS = (
    "名次", "候选", "第几步", "由", "关系", "到", "方向", "观测或推断", "置信度", "来源", "日期",
)  # fmt: skip


def _hops(found: Sequence[Mapping[str, Any]]) -> _Rows:
    for one in found:
        for number, step in enumerate(one["path"], start=1):
            yield (
                one["rank"], one["title"], number, step["from"]["title"],
                EDGES[EdgeType(step["type"])], step["to"]["title"],
                "顺向" if step["forward"] else "逆向", "推断" if step["inferred"] else "观测",
                step["confidence"], step["source"], step["observed_at"],
            )  # fmt: skip


def _several(value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


def _tier(held: Any) -> str:
    """A tier, with the time in which it holds."""
    if not isinstance(held, Mapping):
        return str(held)
    since, until = held.get("from"), held.get("until")
    return f"{held['tier']}（{since or ''}—{until or ''}）" if since or until else str(held["tier"])


def _joined(words: Iterator[Any] | Sequence[Any]) -> str:
    return "、".join(map(str, words))


def _decided(told: Mapping[str, Any] | None) -> str:
    if told is None:
        return ""
    reason = f"：{REASONS[told['reason']].title}" if told["reason"] else ""
    return DECISIONS[told["decision"]] + reason
