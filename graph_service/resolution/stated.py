"""Merges that a file states (``graph.jsonl``): on the review list like those that a person decided,
so that they are seen there and can be undone.
"""

from dataclasses import replace

from graph_service.errors import InputError
from graph_service.model import Batch, Record
from graph_service.ports import Store
from graph_service.resolution.records import ALIAS, PAIR, REJECTED, joined, pair_data, pair_id
from graph_service.resolution.scoring import Comparison, Part

#: Log-odds of what a file states: nearly certain, and more than any evidence by likeness.
_STATED = 10.0


def join(store: Store, gone: str, into: str, *, file: str) -> bool:
    """Let two nodes be one because a file says so; whether that wrote anything.

    Two that are one already get their record if they have none.

    Args:
        store: the graph and the list.
        gone: the id that is to name ``into`` from now on.
        into: the id of the node that stays.
        file: what states it, as it is cited.

    Raises:
        InputError: one of them is no node, they are of two labels, ``gone`` is part of another
            node, or a person decided that they are two.
        ConflictError: someone decided on the pair meanwhile.
    """
    found = store.nodes([gone, into])
    ids = {found[id_].id for id_ in (gone, into) if id_ in found}
    one_already = len(found) == 2 and len(ids) == 1
    if one_already and gone in ids:
        gone, into = into, gone
    if one_already and (gone == into or store.get(ALIAS, [gone])):
        return False
    kept = found[into].id if into in found else into
    id_ = pair_id(gone, kept)
    record = store.get(PAIR, [id_]).get(id_)
    if record is None:
        stated = Part("stated", _STATED, f"文件“{file}”写明是同一家")
        titles = {one: found[one].title if one in found else one for one in (gone, kept)}
        if one_already:
            titles[gone] = str(found[into].props["merged"][gone].get("name") or gone)
        record = Record(PAIR, id_, 0, pair_data(Comparison(gone, kept, (stated,)), titles))
    elif record.data["status"] == REJECTED and not one_already:
        raise InputError(
            f"{gone} 与 {kept} 经人核对不是同一家，没有合并。",
            hint=f"确为同一家的，请先撤销对 {id_} 的决定，再载入或接受。",
            id=id_,
        )
    unit = joined(record, by=f"文件 {file}", kept=kept, gone=gone)
    store.commit(replace(unit, batch=Batch()) if one_already else unit)
    return True
