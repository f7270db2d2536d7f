"""What is known of an organisation that helps to tell who it is."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graph_service.model import EdgeType, Hop, Node
from graph_service.resolution.names import Name, parse, plain

_HOST = re.compile(r"^(?:[a-z]+://)?(?:www\d?\.)?([\w.-]+\.[a-z]{2,})")
_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")

#: Relations that two parties have with each other: who has one with another is not that other.
BETWEEN = frozenset(
    {EdgeType.SUPPLIES, EdgeType.CONTROLS, EdgeType.PARTNERED, EdgeType.CONFLICTS_WITH}
)


@dataclass(frozen=True, slots=True)
class Profile:
    """An organisation as it is compared.

    Attributes:
        id: of the node.
        title: the name to show.
        names: by which it is known in full: the present one first, then former ones.
        full: all that ``names`` can be met as: their plain forms and cores.
        short: short names (简称), in plain form.
        code: valid-looking 统一社会信用代码, else None.
        address: in plain form.
        districts: places by the name, the address and the district.
        founded: ISO date, possibly partial.
        host: of the website.
        products: ids of what it makes.
        people: ids of people who belong to it.
        partners: ids of organisations that it has a relation with.
    """

    id: str
    title: str
    names: tuple[Name, ...]
    full: frozenset[str]
    short: frozenset[str]
    code: str | None = None
    address: str = ""
    districts: tuple[str, ...] = ()
    founded: str = ""
    host: str = ""
    products: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    partners: frozenset[str] = frozenset()


def profile(node: Node, hops: Iterable[Hop] = ()) -> Profile:
    """The profile of an organisation and of the edges at it."""
    props = node.props
    names = [parse(name) for name in (node.title, *_texts(props.get("names")))]
    names += [parse(former) for name in names for former in name.former]
    ends: dict[str, set[str]] = {"products": set(), "people": set(), "partners": set()}
    for hop in hops:
        if hop.edge.type == EdgeType.MAKES:
            ends["products"].add(hop.end)
        elif hop.edge.type == EdgeType.MEMBER_OF and not hop.forward:
            ends["people"].add(hop.end)
        elif hop.edge.type in BETWEEN:
            ends["partners"].add(hop.end)
    address = plain(str(props.get("address") or ""))
    return Profile(
        id=node.id,
        title=node.title,
        names=tuple(dict.fromkeys(names)),
        full=frozenset(text for name in names for text in (name.plain, name.core)),
        short=frozenset(plain(name) for name in _texts(props.get("aliases"))),
        code=_code(props),
        address=address,
        districts=tuple(
            place
            for text in (address[:24], plain(str(props.get("district") or "")))
            for place in parse(text).regions
        ),
        founded=str(props.get("founded") or ""),
        host=_host(str(props.get("website") or "")),
        **{name: frozenset(ids) for name, ids in ends.items()},
    )


def _code(props: Mapping[str, Any]) -> str | None:
    code = str(props.get("uscc") or "").upper()
    return code if _CODE.fullmatch(code) else None


def _host(website: str) -> str:
    found = _HOST.match(plain(website))
    return found[1] if found else ""


def _texts(value: Any) -> list[str]:
    return [str(item) for item in value if item] if isinstance(value, list) else []
