"""Comparisons as JSON-ready data."""

from collections.abc import Iterable, Mapping
from typing import Any

from graph_service.insight.comparing import SHARE, Comparison, Group, Matched, Parted

#: How communities were matched, for people.
METHOD = (
    "两次划分的群落一一对应，使各对的 Jaccard 相似度（共有的成员 ÷ 任一边的成员）之和最大；"
    f"原群落仍在的成员有 {SHARE:.0%} 以上分在两个以上的群落里，记为拆分，合并同理"
)


def comparison_dict(
    found: Comparison,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    titles: Mapping[str, str],
) -> dict[str, Any]:
    """A comparison.

    Args:
        found: it.
        before: what is told of the first side: title, at, count, organizations.
        after: of the second.
        titles: of organisations.
    """
    return {
        "before": dict(before),
        "after": dict(after),
        "method": METHOD,
        "agreement": round(found.agreement, 6),
        "pairs": [_pair(one, titles) for one in found.pairs],
        "splits": [{"before": _group(one.whole), "into": _parts(one)} for one in found.splits],
        "merges": [{"after": _group(one.whole), "from": _parts(one)} for one in found.merges],
        "came": _refs(found.came, titles),
        "left": _refs(found.left, titles),
    }


def _pair(one: Matched, titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "before": _group(one.before) if one.before else None,
        "after": _group(one.after) if one.after else None,
        "jaccard": round(one.jaccard, 6),
        "stayed": len(one.stayed),
        "came": _refs(one.came, titles),
        "left": _refs(one.left, titles),
    }


def _group(one: Group) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "size": len(one.members)}


def _parts(one: Parted) -> list[dict[str, Any]]:
    return [{"id": part.id, "name": part.name, "members": count} for part, count in one.parts]


def _refs(ids: Iterable[str], titles: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"id": id_, "title": titles.get(id_, id_)} for id_ in sorted(ids)]
