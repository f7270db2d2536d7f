"""Writing a view to disk as the next base."""

import sqlite3

from graph_service.model import Label
from graph_service.store import changed
from graph_service.store.name_index import NameIndex
from graph_service.store.numbers import Ids
from graph_service.store.snapshots import Pointer, Snapshots
from graph_service.store.text_index import TextIndex
from graph_service.store.vector_index import Vectors
from graph_service.store.view import (
    ADJACENCY,
    FORWARD,
    IDS,
    NAMES,
    View,
    text_part,
    vector_part,
)
from graph_service.text import EMBEDDED_LABELS

#: So many nodes' names are read from the record in a moment.
_FEW_NAMES = 1000


def write_parts(
    view: View, connection: sqlite3.Connection, snapshots: Snapshots, identity: str
) -> Pointer:
    """Write those parts of a view that differ from its base; what then is the pointer.

    The connection's snapshot is of the view's change, and no other process writes projections.
    """
    base, news = view.base, view.changed
    parts: dict[str, str] = {}
    kept = base.pointer.parts

    documents = base.documents
    if news.everything or len(news.documents):
        tail = view.forward(connection).tail
        documents = tail if news.everything else documents.replaced(news.documents, tail)
        path = snapshots.new(FORWARD)
        documents.save(path)
        parts[FORWARD] = path.name
    else:
        parts[FORWARD] = kept[FORWARD]

    parts[IDS] = _write_ids(view, connection, snapshots)
    parts[NAMES] = _write_names(view, connection, snapshots)
    for label in sorted(documents.held):
        parts[text_part(label)] = _write_text(view, connection, snapshots, label)

    if news.everything or len(news.edges):
        graph = view.adjacency(connection).tail
        path = snapshots.new(ADJACENCY)
        (graph if news.everything else base.graph.replaced(news.edges, graph)).save(path)
        parts[ADJACENCY] = path.name
    else:
        parts[ADJACENCY] = kept[ADJACENCY]

    for num, dimension in connection.execute("SELECT num, dimension FROM fingerprints").fetchall():
        for label in sorted(EMBEDDED_LABELS):
            name = vector_part((num, label))
            fresh = Vectors.build(changed.stored_vectors(connection, num, label, news), dimension)
            before = base.vectors.get(name)
            if before is not None and not len(fresh.nums) and not before.has(news.vectors):
                parts[name] = kept[name]
                continue
            after = fresh if before is None else before.replaced(news.vectors, fresh)
            if len(after.nums):
                path = snapshots.new(name)
                older = None if before is None else snapshots.folder / kept[name]
                after.save(path, older=older, stale=news.vectors)
                parts[name] = path.name
    return Pointer(identity, view.change, parts)


def _write_ids(view: View, connection: sqlite3.Connection, snapshots: Snapshots) -> str:
    """The name of the part of ids, written where it differs from the base's or is not there."""
    kept, news = view.base.pointer.parts.get(IDS), view.changed
    if kept is not None and not len(news.documents):
        return kept
    path = snapshots.new(IDS)
    if kept is None:
        Ids.build(changed.ids(connection, changed.Changed(everything=True))).save(path)
    else:
        fresh = Ids.build(changed.ids(connection, news))
        view.base.ids.replaced(news.documents, fresh).save(path)
    return path.name


def _write_text(
    view: View, connection: sqlite3.Connection, snapshots: Snapshots, label: Label
) -> str:
    """The place of a label's text index: where none of its documents changed, the base's."""
    base, news, name = view.base, view.changed, text_part(label)
    if label not in base.texts:  # also where it alone was torn
        path = snapshots.new(name)
        everything = changed.Changed(everything=True)
        TextIndex.write(path, news.documents[:0], changed.words(connection, label, everything))
        return path.name
    kept = base.pointer.parts[name]
    touched = base.documents.labels_of(news.documents) | view.forward(connection).tail.held
    if label not in touched:
        return kept
    path = snapshots.new(name, after=kept)
    TextIndex.write(path, news.documents, changed.words(connection, label, news))
    return path.name


def _write_names(view: View, connection: sqlite3.Connection, snapshots: Snapshots) -> str:
    """The place of the names: where few have changed, the base's, for the tail is soon read."""
    names = view.base.names
    news = changed.since(connection, names.change)
    if not news.everything and len(news.documents) <= max(_FEW_NAMES, len(names.base.nums) // 20):
        return view.base.pointer.parts[NAMES]
    path = snapshots.new(NAMES)
    everything = changed.names(connection, changed.Changed(everything=True))
    NameIndex.build(view.change, everything).save(path)
    return path.name
