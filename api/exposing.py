"""The report of exposure as the command line and the service give it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from api.bootstrap import Services
    from graph_service.matching.types import Target
    from graph_service.model import Filter, Viewer


def exposure(
    made: "Services",
    *,
    to: "Target",
    recipe: str,
    top: int,
    group: bool,
    demands: Collection[str],
    where: "Filter",
    viewer: "Viewer",
) -> dict[str, Any]:
    """Who stands in the lists that ``bulk match`` kept, JSON-ready; ``warning`` says where there
    are none, else None. ``demands`` narrows ``where`` to these ids, empty does not.

    Raises:
        InputError: no such recipe.
    """
    from graph_service.matching.exposure.service import exposure as report
    from graph_service.matching.recipes import recipe as named

    found = report(
        made.store,
        to=to,
        recipe=named(recipe).name,
        top=top,
        group=group,
        where=replace(where, ids=frozenset(demands)),
        today=date.today(),  # noqa: DTZ011 - a status ends on a day of the office's calendar
        viewer=viewer,
    )
    warning = None
    if not found.matched:
        warning = (
            f"这些需求没有成批匹配的结果（方案 {recipe}）；"
            f"请先做成批匹配（任务 bulk_match，to 为 {to.value}，recipe 为 {recipe}）。"
        )
    return {**found.as_dict(), "warning": warning}
