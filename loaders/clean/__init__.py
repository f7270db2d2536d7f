"""Cells to values, by named cleaners. Pure.

A cleaner takes a cell (text, number, date or list, as the reader gave it) and the unit that
stands in brackets in the header ("万元", "%"; "" where none does). It returns a value, None for a
cell that says nothing, or raises ``CellError``.
"""

from collections.abc import Callable
from typing import Any

from loaders.clean.dates import date, deadline, period_end, period_start, since, until
from loaders.clean.lists import (
    district,
    district_in,
    ipc_groups,
    items,
    kind,
    licence,
    organization,
    organizations,
    spaced_items,
    tier,
    tiers,
    tiers_in,
)
from loaders.clean.numbers import (
    count,
    money,
    money_to,
    number,
    readiness,
    readiness_by_stage,
    share,
    stage_word,
    unit_of,
)
from loaders.clean.texts import (
    choice,
    credit_code,
    key,
    name,
    registration,
    stock_code,
    text,
    title,
)

__all__ = [
    "CLEANERS",
    "Cleaner",
    "choice",
    "credit_code",
    "date",
    "deadline",
    "district_in",
    "ipc_groups",
    "items",
    "licence",
    "money",
    "money_to",
    "name",
    "organizations",
    "readiness",
    "readiness_by_stage",
    "share",
    "since",
    "stock_code",
    "text",
    "tier",
    "tiers",
    "title",
    "unit_of",
    "until",
]

Cleaner = Callable[[Any, str], Any]

#: Cleaners by the name that mappings use.
CLEANERS: dict[str, Cleaner] = {
    "text": text,
    "name": name,
    "title": title,
    "choice": choice,
    "key": key,
    "stock_code": stock_code,
    "credit_code": credit_code,
    "registration": registration,
    "date": date,
    "deadline": deadline,
    "since": since,
    "until": until,
    "period_start": period_start,
    "period_end": period_end,
    "number": number,
    "count": count,
    "share": share,
    "money": money,
    "money_to": money_to,
    "readiness": readiness,
    "readiness_by_stage": readiness_by_stage,
    "stage_word": stage_word,
    "items": items,
    "spaced_items": spaced_items,
    "organization": organization,
    "organizations": organizations,
    "tier": tier,
    "tiers": tiers,
    "tiers_in": tiers_in,
    "licence": licence,
    "organization_kind": kind("organization_kinds"),
    "result_kind": kind("result_kinds"),
    "ipc_groups": ipc_groups,
    "district": district,
    "district_in": district_in,
}
