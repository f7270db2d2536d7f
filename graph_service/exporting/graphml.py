"""GraphML for other programs (Gephi, yEd, networkx); written only.

A node and an edge are what is read of them, the merge of all sources. Texts are attributes, other
values are their JSON; characters that XML cannot hold are left out.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import orjson

from graph_service.exporting.statements import PAGE
from graph_service.model import ANY, Edge, Node
from graph_service.paging import node_pages
from graph_service.ports import GraphStore
from graph_service.progress import Progress

_NODE = {"label": "string", "title": "string", "source": "string", "observed_at": "string"}
_EDGE = {
    "type": "string",
    "key": "string",
    "source": "string",
    "observed_at": "string",
    "confidence": "double",
    "inferred": "boolean",
}
_UNKEPT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'


def write(store: GraphStore, path: Path, progress: Progress) -> None:
    """Write all nodes and edges; the store is read twice, for what attributes there are."""
    kinds: tuple[dict[str, None], dict[str, None]] = {}, {}
    for item in _items(store, progress):
        kinds[isinstance(item, Edge)].update(dict.fromkeys(item.props))
    keys: list[dict[str, str]] = []
    with path.open("w", encoding="utf-8", newline="\n") as file:
        print(_HEAD, file=file)
        for domain, own, props in (("node", _NODE, kinds[0]), ("edge", _EDGE, kinds[1])):
            types = own | {f"prop:{name}": "string" for name in props}
            keys.append({name: f"{domain[0]}{place}" for place, name in enumerate(types)})
            for (name, id_), type_ in zip(keys[-1].items(), types.values(), strict=True):
                print(
                    f'<key id="{id_}" for="{domain}" attr.name={_quoted(name)} '
                    f'attr.type="{type_}"/>',
                    file=file,
                )
        print('<graph edgedefault="directed">', file=file)
        for item in _items(store, progress):
            print(
                _edge(item, keys[1]) if isinstance(item, Edge) else _node(item, keys[0]), file=file
            )
        print("</graph></graphml>", file=file)


def _items(store: GraphStore, progress: Progress) -> Iterator[Node | Edge]:
    for wanted in ("nodes", "edges"):
        for nodes in node_pages(store, ANY, PAGE):
            if wanted == "nodes":
                yield from nodes
            else:
                ids = [node.id for node in nodes]
                for hops in store.neighbours(ids, direction="out", limit=1 << 31).values():
                    yield from (hop.edge for hop in hops)
            progress.advance(len(nodes))


def _node(node: Node, keys: dict[str, str]) -> str:
    told = {
        "label": node.label,
        "title": node.title,
        "source": node.source,
        "observed_at": node.observed_at,
        **{f"prop:{name}": value for name, value in node.props.items()},
    }
    return f"<node id={_quoted(node.id)}>{_data(told, keys)}</node>"


def _edge(edge: Edge, keys: dict[str, str]) -> str:
    told = {
        "type": edge.type,
        "key": edge.key or None,
        "source": edge.source,
        "observed_at": edge.observed_at,
        "confidence": edge.confidence,
        "inferred": edge.inferred,
        **{f"prop:{name}": value for name, value in edge.props.items()},
    }
    ends = f"source={_quoted(edge.from_id)} target={_quoted(edge.to_id)}"
    return f"<edge {ends}>{_data(told, keys)}</edge>"


def _data(told: dict[str, Any], keys: dict[str, str]) -> str:
    return "".join(
        f'<data key="{keys[name]}">{escape(_text(value))}</data>'
        for name, value in told.items()
        if value is not None and name in keys  # a property may have come since the first reading
    )


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return _UNKEPT.sub("", text)


def _quoted(text: str) -> str:
    return quoteattr(_UNKEPT.sub("", text))
