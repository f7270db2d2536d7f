"""What a row tells of a node: its properties, by a declared mapping. Pure."""

from typing import Any

from graph_service.model import Label
from loaders.mapping import NodeSpec, Source
from loaders.resolve import Identity, Known, kind_of

Values = dict[str, Any]


def definition(
    spec: NodeSpec, identity: Identity, known: Known | None, told: Values
) -> Values | None:
    """What a row tells of what it defines; all its names, where it has had several."""
    props: Values = {"name": identity.name}
    names = list(known.names.values()) if known else []
    if len(names) > 1:
        props["names"] = sorted(names)
    if spec.label is Label.ORGANIZATION:
        kind = identity.kind or (known and known.kind) or (known and known.guess)
        props |= {"uscc": identity.code, "kind": kind, "aliases": list(identity.short) or None}
    else:
        props |= {"code": identity.code, "scheme": spec.scheme}
    return {key: value for key, value in (props | told).items() if value is not None}


def mention(spec: NodeSpec, identity: Identity, known: Known | None, told: Values) -> Values | None:
    """What a row tells of what it only mentions: its name, as it goes by, or its bare code.

    None where nothing is told: of what goes by several names.
    """
    if known and len(known.names) > 1:
        return told or None
    name = (known and known.name) or identity.name
    props: Values = {"name": name}
    if spec.label is Label.ORGANIZATION:
        props["kind"] = (known and (known.kind or known.guess)) or (name and kind_of(name))
        props["uscc"] = None if name else identity.code
    else:
        props |= {"code": (known and known.code) or identity.code, "scheme": spec.scheme}
    return {key: value for key, value in (props | told).items() if value is not None}


def properties(spec: NodeSpec, values: Values) -> Values:
    """The properties that a mapping names, as far as the row has them."""
    told = {
        key: value
        for key, source in spec.props.items()
        if (value := first(source, values)) is not None
    }
    for key, source in spec.joined.items():
        if parts := [str(values[name]) for name in source if name in values]:
            told[key] = "\n".join(parts)
    for key, source in spec.united.items():
        if listed := [one for name in source for one in as_list(values.get(name))]:
            told[key] = list(dict.fromkeys(listed))
    if spec.entry:
        told |= _tiers(spec, values)
    return told


def _tiers(spec: NodeSpec, values: Values) -> Values:
    """Entries of ``tiers``: those of the row's tiers, each with what else the row tells of it."""
    more = {
        key: value
        for key, source in spec.entry.items()
        if (value := first(source, values)) is not None
    }
    tiers = more.pop("tier", ())
    return {"tiers": [{**more, **tier} for tier in tiers]} if tiers else {}


def first(source: Source, values: Values) -> Any:
    """The first of some fields that has a value; None where none has."""
    for name in source:
        value = values.get(name)
        if value is not None:
            return value
    return None


def as_list(value: Any) -> list[str]:
    """A value as a list of names; empty for none."""
    if value is None:
        return []
    return value if isinstance(value, list) else [str(value)]
