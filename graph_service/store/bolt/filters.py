"""A ``Filter`` as Cypher over what nodes carry for it: as ``store.filters``, on the other engine.

Nodes carry the values that filters look for in lists (``kinds``, ``districts``, ``industries``,
``names`` of industries); ``tiers`` are texts of name, first and last day (``TIER_PARTS``), ``day``
is ``observed_at`` as a full day.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from graph_service.model import EdgeType, Filter, Label
from graph_service.store.facts import filled

#: Between name, first and last day of a tier, of which the days may be empty.
TIER_PARTS: Final = "\x1f"

#: What is looked up once for the whole query.
_HOMES: Final = """
CALL () {
    UNWIND $q.ids AS asked OPTIONAL MATCH (k:Alias {id: asked})
    RETURN collect(coalesce(k.kept_id, asked)) AS homes
}"""
_BRANCH: Final = f"""
CALL () {{
    CALL () {{
        MATCH (i:Node) WHERE i.id IN $q.industries RETURN i
        UNION
        MATCH (i:Industry) WHERE any(name IN i.names WHERE name IN $q.industries) RETURN i
    }}
    MATCH (i)<-[:{EdgeType.SUBTYPE_OF}*0..]-(below:Node)
    RETURN collect(DISTINCT below.id) AS branch
}}"""

_AMONG: Final = "any(one IN {0}.{1} WHERE one IN $q.{1})"
# A date of a tier may be partial: "until 2026" is until its last day, "from 2026" from its first.
_HELD: Final = """any(tier IN [one IN {0}.tiers | split(one, $q.between)]
    WHERE tier[0] IN $q.tiers AND tier[1] <= left($q.today, size(tier[1]))
    AND (tier[2] = '' OR tier[2] >= left($q.today, size(tier[2]))))"""
# What is said of an organisation holds for the results it owns and the demands it posted.
_OWN_OR_OWNER: Final = (
    "({own} OR EXISTS {{ (n)<-[e:OWNS|POSTED]-(o:Node) WHERE NOT e.inferred AND {owner} }})"
)
_INDUSTRY: Final = f"""({_AMONG.format("n", "industries")}
    OR EXISTS {{ (n)-[:{EdgeType.IN_INDUSTRY}]->(i:Node) WHERE i.id IN branch }})"""


@dataclass(frozen=True, slots=True)
class Passing:
    """A filter: subqueries to begin with, labels as a pattern has them, a condition on ``n``
    (empty: all pass), values."""

    before: str
    labels: str
    condition: str
    values: Mapping[str, Any]

    @property
    def where(self) -> str:
        """Labels and condition together, as a condition on ``n``; "true" where all pass."""
        parts = [f"n{self.labels}"] if self.labels != ":Node" else []
        return " AND ".join([*parts, *([self.condition] if self.condition else [])]) or "true"


def passing(where: Filter) -> Passing:
    """The filter as Cypher."""
    before: list[str] = []
    parts: list[str] = []
    values: dict[str, Any] = {}
    if where.ids:
        before.append(_HOMES)
        parts.append("n.id IN homes")
        values["ids"] = sorted(where.ids)
    if where.kinds:
        parts.append(_AMONG.format("n", "kinds"))
        values["kinds"] = sorted(where.kinds)
    if where.tiers:
        parts.append(_OWN_OR_OWNER.format(own=_HELD.format("n"), owner=_HELD.format("o")))
        today = date.today().isoformat()  # noqa: DTZ011 - the day as people here have it
        values |= {"tiers": sorted(where.tiers), "today": today, "between": TIER_PARTS}
    if where.districts:
        own, owner = (_AMONG.format(one, "districts") for one in "no")
        parts.append(_OWN_OR_OWNER.format(own=own, owner=owner))
        values["districts"] = sorted(where.districts)
    if where.industries:
        before.append(_BRANCH)
        parts.append(_INDUSTRY)
        values["industries"] = sorted(where.industries)
    for compare, name, day in (
        (">=", "first_day", where.observed_from),
        ("<=", "last_day", where.observed_to),
    ):
        if day:
            parts.append(f"n.day {compare} $q.{name}")
            values[name] = filled(day)[:10]
    labels = f":{spelled(Label, where.labels)}" if where.labels else ":Node"
    return Passing("".join(before), labels, " AND ".join(parts), values)


def spelled(words: type[StrEnum], wanted: Collection[str]) -> str:
    """Labels or types as a pattern has them: of our own words alone, whatever strings a caller
    gives; where it has none of them, nothing is found, as on the embedded engine."""
    return "|".join(sorted(one.value for one in words if one in wanted)) or "!%"
