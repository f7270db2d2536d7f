"""Divisions that people keep: named, dated, annotated, for all who may see the graph.

The record of a set holds what a list shows; its communities stand in a second one under the same
id, written in the same unit of work.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from graph_service.errors import InputError, NotFoundError
from graph_service.insight.answers import head
from graph_service.insight.communities import Picture
from graph_service.insight.comparing import Group
from graph_service.model import Put, Record, UnitOfWork, Viewer
from graph_service.ports import Store
from graph_service.visibility import seen

#: Kinds of records.
SET, CONTENT = "community_set", "community_content"

NAME_CHARS, NOTE_CHARS = 100, 2000

#: What a name does not begin or end with.
BLANK = " \t\r\n\u3000"


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of sets, the newest first; ``cursor`` continues after it, None at the end."""

    sets: Sequence[Mapping[str, Any]]
    cursor: str | None


class SavedSets:
    """Keeps divisions.

    Args:
        store: the records.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def save(self, made: Picture, name: str, note: str = "", *, viewer: Viewer) -> dict[str, Any]:
        """Keep the uppermost communities of a picture under a name.

        Raises:
            InputError: the name is empty, or it or the note is too long.
        """
        store = seen(self._store, viewer)
        now = datetime.now(UTC)
        id_ = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        top = made.children(None)
        data = {
            "name": _name(name),
            "note": _note(note),
            "by": viewer.name,
            "at": now.isoformat(timespec="seconds"),
            **head(made),
            "organizations": len(made.network.ids),
            "count": len(top),
            "modularity": round(made.division.modularity, 6),
            "agreement": round(made.division.agreement, 6),
        }
        content = {
            "communities": [
                {
                    "id": one.id,
                    "name": one.name,
                    "leaders": [edge.from_id for edge in one.leaders],
                    "members": [[firm, made.title(firm)] for firm in one.members],
                }
                for one in top
            ]
        }
        unit = UnitOfWork([Put(SET, id_, data, 0), Put(CONTENT, id_, content, 0)])
        return _told(store.commit(unit).records[0])

    def page(self, *, after: str | None = None, limit: int = 50, viewer: Viewer) -> Listed:
        """Sets, the newest first."""
        found = seen(self._store, viewer).query(SET, after=after, limit=limit, newest_first=True)
        return Listed([_told(one) for one in found.records], found.cursor)

    def get(self, id_: str, *, viewer: Viewer) -> dict[str, Any]:
        """A set with its communities.

        Raises:
            NotFoundError: there is none of this id.
        """
        store = seen(self._store, viewer)
        told = _told(_record(store, SET, id_))
        titles = dict(
            member
            for one in _record(store, CONTENT, id_).data["communities"]
            for member in one["members"]
        )
        told["communities"] = [
            {
                "id": one["id"],
                "name": one["name"],
                "size": len(one["members"]),
                "leaders": [
                    {"id": firm, "title": titles[firm]} for firm in dict.fromkeys(one["leaders"])
                ],
                "members": [{"id": firm, "title": title} for firm, title in one["members"]],
            }
            for one in _record(store, CONTENT, id_).data["communities"]
        ]
        return told

    def change(
        self, id_: str, *, name: str | None = None, note: str | None = None, viewer: Viewer
    ) -> dict[str, Any]:
        """Give a set another name or note; what is None stays.

        Raises:
            NotFoundError, InputError
            ConflictError: someone else changed it meanwhile.
        """
        store = seen(self._store, viewer)
        record = _record(store, SET, id_)
        data = dict(record.data)
        if name is not None:
            data["name"] = _name(name)
        if note is not None:
            data["note"] = _note(note)
        put = Put(SET, id_, data, record.version)
        return _told(store.commit(UnitOfWork([put])).records[0])

    def delete(self, id_: str, *, viewer: Viewer) -> dict[str, Any]:
        """Forget a set; tells what it was.

        Raises:
            NotFoundError: there is none of this id.
            ConflictError: someone else changed it meanwhile.
        """
        store = seen(self._store, viewer)
        record = _record(store, SET, id_)
        store.commit(UnitOfWork([Put(SET, id_, None, record.version), Put(CONTENT, id_, None)]))
        return _told(record)

    def groups(self, id_: str, *, viewer: Viewer) -> tuple[dict[str, Any], list[Group]]:
        """A set and its communities for a comparison. Raises as ``get``."""
        told = self.get(id_, viewer=viewer)
        return told, [
            Group(one["id"], one["name"], frozenset(member["id"] for member in one["members"]))
            for one in told["communities"]
        ]


def groups_of(made: Picture) -> list[Group]:
    """The uppermost communities of a picture for a comparison."""
    return [Group(one.id, one.name, frozenset(one.members)) for one in made.children(None)]


def _record(store: Store, kind: str, id_: str) -> Record:
    found = store.get(kind, [id_])
    if id_ not in found:
        raise NotFoundError(
            f"没有编号为 {id_} 的群落存档。", hint="编号列在存档的列表里；可能已被删除。", id=id_
        )
    return found[id_]


def _told(record: Record) -> dict[str, Any]:
    return {"id": record.id, "version": record.version, **record.data}


def _name(text: str) -> str:
    said = text.strip(BLANK)
    if not 0 < len(said) <= NAME_CHARS:
        raise InputError(
            "存档须有名称", hint=f"写 1–{NAME_CHARS} 个字，如“2026 年三季度”", field="name"
        )
    return said


def _note(text: str) -> str:
    if len(text) > NOTE_CHARS:
        raise InputError("说明太长", hint=f"至多 {NOTE_CHARS} 个字", field="note")
    return text.strip()
