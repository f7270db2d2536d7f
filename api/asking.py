"""What people may ask, checked in one place: the command line, the service and jobs share it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from api.words import KINDS, LABELS
from graph_service.errors import InputError
from graph_service.matching.types import Query
from graph_service.model import Filter, Label, Viewer

if TYPE_CHECKING:
    from graph_service.ports import GraphStore

#: A day, or a partial date: 2024, 2024-06, 2024-06-01.
DATE = r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"

#: Whom or what a match may be for, and the label that asks; None for free text.
SUBJECTS: Mapping[str, Label | None] = {
    "demand": Label.DEMAND,
    "result": Label.RESULT,
    "organization": Label.ORGANIZATION,
    "text": None,
}

Choice = TypeVar("Choice", bound=StrEnum)


def choose(kind: type[Choice], value: str, name: str) -> Choice:
    """The member of an enumeration that a person named, in any case.

    Raises:
        InputError: there is no such member; lists those there are.
    """
    for member in kind:
        if member.value.lower() == value.strip().lower():
            return member
    known = "、".join(member.value for member in kind)
    raise InputError(
        f"{name} 的值 {value!r} 不能用", hint=f"可用的值：{known}", option=name, value=value
    )


def filter_of(
    *,
    labels: Collection[Label] = (),
    kinds: Collection[str] = (),
    tiers: Collection[str] = (),
    districts: Collection[str] = (),
    industries: Collection[str] = (),
    since: str | None = None,
    until: str | None = None,
    prefix: str = "",
) -> Filter:
    """Which nodes a person means.

    Args:
        labels: labels.
        kinds: as stored (``enterprise``) or in Chinese (企业).
        tiers: 梯度.
        districts: 区县.
        industries: names or codes (C3491) of 行业.
        since: data not older than this date, which may be partial.
        until: data not newer.
        prefix: what stands before a parameter's name where it is asked: ``--``.

    Raises:
        InputError: a date that is none.
    """
    for name, day in (("since", since), ("until", until)):
        if day is not None and not re.fullmatch(DATE, day):
            raise InputError(
                f"{prefix}{name} 的日期 {day!r} 不能用",
                hint="写成 2024、2024-06 或 2024-06-01",
                value=day,
            )
    english = {chinese: kind for kind, chinese in KINDS.items()}
    return Filter(
        labels=frozenset(labels),
        kinds=frozenset(english.get(kind, kind) for kind in kinds),
        tiers=frozenset(tiers),
        districts=frozenset(districts),
        industries=frozenset(
            name for given in industries for name in (given, f"industry:gbt4754:{given.upper()}")
        ),
        observed_from=since,
        observed_to=until,
    )


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom or what a match is for, by the parameter that said it (``demand``, ``--demand``)."""

    name: str
    label: Label | None
    query: Query
    others: Mapping[str, Label | None]

    def check(self, store: "GraphStore", viewer: Viewer) -> None:
        """Whether the node is what the parameter says; an unknown one is left to the matcher.

        Raises:
            InputError: it is of another label; names the parameter that fits.
        """
        node_id = self.query.node_id
        from graph_service.visibility import seen  # here: it needs numpy, the command line not

        node = seen(store, viewer).nodes([node_id]).get(node_id) if node_id else None
        if node and node.label is not self.label:
            fitting = next((o for o, label in self.others.items() if label is node.label), None)
            text = next(name for name, label in self.others.items() if label is None)
            raise InputError(
                f"{node_id} 是{LABELS[node.label]}，不能用于 {self.name}",
                hint=f"改用 {fitting} {node_id}" if fitting else f"可用 {text} 直接写出内容",
                id=node_id,
                label=node.label.value,
            )


def subject_of(
    given: Mapping[str, str | None], names: Mapping[str, Label | None] = SUBJECTS, *, example: str
) -> Subject:
    """The one subject that was given.

    Args:
        given: parameter → value, by the names of ``names``.
        names: what the parameters are called where they are asked, with their labels.
        example: a right way to ask, for the hint.

    Raises:
        InputError: none was given, or several.
    """
    said = [(name, value) for name, value in given.items() if value]
    if len(said) != 1:
        raise InputError(f"需在 {'、'.join(names)} 中给出一个，且只给一个", hint=f"例如 {example}")
    name, value = said[0]
    query = Query.of_text(value) if names[name] is None else Query.of_node(value)
    return Subject(name, names[name], query, names)
