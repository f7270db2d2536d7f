"""Communities and gaps as the command line and the service ask for them."""

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from api.filters import Day, Maybe, Word, without_null
from api.words import EDGES
from graph_service.insight.scope import LINKING, Scope
from graph_service.model import EdgeType

if TYPE_CHECKING:
    from api.bootstrap import Services
    from graph_service.insight.comparing import Group
    from graph_service.insight.service import Insight
    from graph_service.model import Viewer

#: Kinds of links, as they are asked for.
Linking = Literal["SUPPLIES", "PARTNERED", "CONTROLS", "NEEDS", "UPSTREAM_OF", "OWNS", "MAKES"]
_NodeId = Annotated[str, Field(min_length=1, max_length=512, pattern=r"^[^\x00]*$")]

#: Gaps of each kind in a table.
TABLE_GAPS = 1000


class Scoped(BaseModel):
    """Which organisations, and what may link them."""

    model_config = ConfigDict(extra="ignore", frozen=True, json_schema_extra=without_null)

    district: list[Word] = Field(
        default=[], max_length=50, description="只看这些区县的机构，可给多个；缺省为全部"
    )
    chain: Maybe[_NodeId] = Field(
        default=None,
        description="只看这条产业链（节点编号）：在链上、是链主，或生产链上产品的机构",
    )
    type: list[Linking] = Field(
        default=["SUPPLIES", "PARTNERED", "CONTROLS", "NEEDS", "UPSTREAM_OF", "OWNS"],
        min_length=1,
        max_length=len(LINKING),
        description="凭哪些关系相连：SUPPLIES 供应、PARTNERED 合作、CONTROLS 控股、"
        "NEEDS 一方生产另一方采购、UPSTREAM_OF 双方产品为上下游、OWNS 共有成果、"
        "MAKES 生产同一产品；缺省为除末项外的全部",
    )
    inferred: bool = Field(default=False, description="推断的事实也计入；缺省只用观测到的")
    until: Maybe[Day] = Field(
        default=None, description="只看不晚于这一天开始的关系，如 2024、2024-06-01"
    )

    def scope(self) -> Scope:
        """The scope that was asked for."""
        return Scope(
            districts=frozenset(self.district),
            chain=self.chain,
            types=frozenset(map(EdgeType, self.type)),
            inferred=self.inferred,
            until=self.until,
        )


class Divided(Scoped):
    """How finely besides."""

    resolution: float = Field(
        default=1.0, ge=0.05, le=20, description="分辨率，越大群落越小；如 0.5、1、2"
    )


class DividedBody(Divided):
    """The same in a request's body."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=without_null)

    inferred: StrictBool = Field(default=False, description="推断的事实也计入；缺省只用观测到的")
    resolution: float = Field(
        default=1.0, ge=0.05, le=20, strict=True, description="分辨率，越大群落越小；如 0.5、1、2"
    )


@dataclass(frozen=True, slots=True)
class Side:
    """One of two that are compared: a saved set, or a scope as it is now."""

    saved: str | None = None
    scope: Scope = field(default_factory=Scope)
    resolution: float = 1.0


def communities_table(
    insight: "Insight", scope: Scope, resolution: float, *, judge: bool, viewer: "Viewer"
) -> bytes:
    """The tables of the communities of a scope, .xlsx."""
    from graph_service.exporting.sheets import workbook
    from graph_service.insight import answers
    from graph_service.insight.service import posters
    from graph_service.insight.tables import about, picture_sheets

    made = insight.picture(scope, resolution, viewer=viewer)
    top = made.children(None)
    ids = sorted({id_ for one in top for id_ in one.demands})
    verdicts, progress = insight.verdicts(ids, made.change, judge=judge, viewer=viewer)
    told = answers.picture_dict(made, verdicts, progress)
    demands = [answers.demand_dict(made, id_, verdicts, posters(made)) for id_ in ids]
    sheets = picture_sheets(made, told["communities"], EDGES, told["bundles"], demands)
    return workbook([about(told, EDGES, _today()), *sheets])


def community_table(
    insight: "Insight",
    id_: str,
    scope: Scope,
    resolution: float,
    *,
    judge: bool,
    viewer: "Viewer",
) -> bytes:
    """The tables of one community, .xlsx."""
    from graph_service.exporting.sheets import workbook
    from graph_service.insight.tables import about, picture_sheets

    made, _ = insight.open(id_, scope, resolution, viewer=viewer)
    told = insight.community(id_, scope, resolution, links=0, judge=judge, viewer=viewer)
    shown = told["children"] or [told["community"]]
    sheets = picture_sheets(made, shown, EDGES, told["bundles"], told["demands"])
    head = {**told, "organizations": told["community"]["size"]}
    return workbook([about(head, EDGES, _today()), *sheets])


def gaps_table(
    insight: "Insight",
    scope: Scope,
    *,
    community: str | None = None,
    resolution: float = 1.0,
    judge: bool,
    viewer: "Viewer",
) -> bytes:
    """The tables of gaps, .xlsx."""
    from graph_service.exporting.sheets import workbook
    from graph_service.insight.tables import about, gap_sheets

    told = insight.gaps(
        scope,
        community=community,
        resolution=resolution,
        limit=TABLE_GAPS,
        judge=judge,
        viewer=viewer,
    )
    return workbook([about(told, EDGES, _today()), *gap_sheets(told)])


def comparison(made: "Services", before: Side, after: Side, *, viewer: "Viewer") -> dict[str, Any]:
    """Two divisions beside each other, JSON-ready.

    Raises:
        NotFoundError: no such set, no such chain.
        QueryTimeoutError
    """
    from graph_service.insight.compared import comparison_dict
    from graph_service.insight.comparing import compare

    titles: dict[str, str] = {}
    then, were = _side(made, before, titles, viewer)
    now, are = _side(made, after, titles, viewer)
    return comparison_dict(compare(were, are), then, now, titles)


def comparison_table(told: dict[str, Any]) -> bytes:
    """The tables of a comparison, .xlsx."""
    from graph_service.exporting.sheets import workbook
    from graph_service.insight.tables import comparison_sheets

    return workbook(comparison_sheets(told))


def _side(
    made: "Services", side: Side, titles: dict[str, str], viewer: "Viewer"
) -> tuple[dict[str, Any], "list[Group]"]:
    from graph_service.insight.saved import SavedSets, groups_of

    if side.saved is not None:
        told, groups = SavedSets(made.store).groups(side.saved, viewer=viewer)
        titles |= {one["id"]: one["title"] for of in told["communities"] for one in of["members"]}
        at, title, organizations = told["at"], told["name"], told["organizations"]
    else:
        found = made.insight.picture(side.scope, side.resolution, viewer=viewer)
        groups = groups_of(found)
        titles |= {id_: node.title for id_, node in found.facts.firms.items()}
        at, title, organizations = None, "现在的划分", len(found.network.ids)
    return {
        "set": side.saved,
        "title": title,
        "at": at,
        "count": len(groups),
        "organizations": organizations,
    }, groups


def _today() -> date:
    return date.today()  # noqa: DTZ011 - a day of the office's calendar
