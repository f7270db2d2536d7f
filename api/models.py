"""The models made here, as the command line and the service tell and use them.

``use`` fills the new model's vectors beside the old ones, then switches in one write: whoever
matches meanwhile goes on with the old model. The model before it keeps its vectors, so that a roll
back is one write too; those of the one before that are dropped.
"""

from typing import TYPE_CHECKING, Any

from embeddings import local
from embeddings.active import Active, Choice, active, forget_before, roll_back, switch
from graph_service.errors import ForbiddenError, InputError, ModelRefusedError
from graph_service.model import Viewer

if TYPE_CHECKING:
    from api.bootstrap import Services
    from embeddings.local import Made
    from graph_service.progress import Progress

#: How the setting's own model is called where an id is asked for.
OWN = "base"


def listed(made: "Services", *, viewer: Viewer) -> dict[str, Any]:
    """All models and which is in use, JSON-ready; a viewer who may not see all is told of none.

    Raises:
        EmbedderError: the setting's own model is missing.
        StoreError
    """
    if not viewer.sees_all:
        return {"setting": "", "active": OWN, "before": None, "since": None, "models": []}
    now = active(made.store, made.settings.model)
    vectors = made.store.stats()["vectors"]
    before = now.before.id or OWN if now.before else None

    def entry(id_: str | None, fingerprint: str, record: "Made | None") -> dict[str, Any]:
        held = vectors.get(fingerprint)
        return {
            "id": id_ or OWN,
            "active": now.id == id_,
            "before": before == (id_ or OWN),
            "fingerprint": fingerprint,
            "vectors": held and {"texts": held["texts"], "pending": held["pending"]},
            "made_at": record and record.made_at,
            "base": record and record.base["model"],
            "pairs": record and dict(record.pairs),
            "training": record and dict(record.training),
            "figures": record and dict(record.figures),
            "refused": list(record.refused) if record else [],
        }

    return {
        "setting": made.settings.model,
        "active": now.id or OWN,
        "before": before,
        "since": now.since or None,
        "models": [
            entry(None, made.open_model(None).fingerprint, None),
            *(entry(one.id, one.fingerprint, one) for one in local.listed(made.models)),
        ],
    }


def usable(made: "Services", asked: str, *, viewer: Viewer) -> str | None:
    """The id of a model that may be used; None for the setting's own.

    Raises:
        ForbiddenError: the viewer may not.
        NotFoundError: there is none of that id.
        InputError: it was trained from another model than the setting's.
        ModelRefusedError: it was measured to be worse.
    """
    _allow(viewer)
    if asked == OWN:
        return None
    record = local.read(local.place(made.models, asked))
    if record.base["model"] != made.settings.model:
        raise InputError(
            f"模型 {asked} 由 {record.base['model']} 训练而来，现在设的是 {made.settings.model}。",
            hint="请把 JIEBANG_MODEL 设回原来的值，或重新训练一个。",
            id=asked,
        )
    if record.refused:
        raise ModelRefusedError(
            f"模型 {asked} 不能换用：{'；'.join(record.refused)}。",
            hint="请载入更多内容后再训练，或换一个种子（seed）。",
            id=asked,
        )
    return asked


def use(made: "Services", asked: str, progress: "Progress", *, viewer: Viewer) -> dict[str, Any]:
    """Give every text its vector by a model, then use it; what was done, JSON-ready.

    Raises:
        ForbiddenError, NotFoundError, ModelRefusedError: as ``usable``.
        ConflictError: somebody else switched meanwhile.
        EmbedderError, StoreError
    """
    from embeddings.fill import fill

    id_ = usable(made, asked, viewer=viewer)
    was = active(made.store, made.settings.model)
    own = made.open_model(None)
    embedder = own if id_ is None else made.open_model(id_)
    report = fill(made.store, embedder, progress=progress)
    now = switch(made.store, was, Choice(id_, embedder.fingerprint), own=own.fingerprint)
    made.look_again()
    dropped = _drop_older(made, was, now)
    return {
        "active": now.id or OWN,
        "before": (now.before.id or OWN) if now.before else None,
        "fingerprint": embedder.fingerprint,
        "texts": report.texts,
        "seconds": round(report.seconds, 2),
        "dropped": dropped,
    }


def go_back(made: "Services", *, viewer: Viewer) -> dict[str, Any]:
    """Use the model before again, at once; what is in use then, JSON-ready.

    ``pending`` are the texts that came since and have no vector by it yet: they are found by their
    words until they are embedded.

    Raises:
        ForbiddenError: the viewer may not.
        ModelRefusedError: there is no model before.
        ModelMissingError: its folder is not there.
        ConflictError, StoreError
    """
    _allow(viewer)
    was = active(made.store, made.settings.model)
    if was.before is not None and was.before.id is not None:
        local.read(made.models / was.before.id)  # that it is there
    now = roll_back(made.store, was)
    made.look_again()
    fingerprint = now.now.fingerprint if now.now else ""
    held = made.store.stats()["vectors"].get(fingerprint)
    return {
        "active": now.id or OWN,
        "before": (now.before.id or OWN) if now.before else None,
        "fingerprint": fingerprint,
        "pending": held["pending"] if held else made.store.stats()["passages"],
    }


def drop(made: "Services", asked: str, *, viewer: Viewer) -> dict[str, Any]:
    """Remove a model with its vectors; of ``OWN`` the vectors alone. JSON-ready.

    Raises:
        ForbiddenError: the viewer may not.
        NotFoundError: there is none of that id.
        InputError: it is in use.
        StoreError
    """
    _allow(viewer)
    was = active(made.store, made.settings.model)
    id_ = None if asked == OWN else asked
    fingerprint = (
        made.open_model(None).fingerprint
        if id_ is None
        else local.read(local.place(made.models, id_)).fingerprint
    )
    if was.id == id_:
        raise InputError(
            f"模型 {asked} 正在使用，不能删去。",
            hint="请先换用别的模型，或回到前一个。",
            id=asked,
        )
    if was.before is not None and was.before.id == id_:
        forget_before(made.store, was)
    gone = made.store.drop_vectors(fingerprint)
    made.store.refresh()
    if id_ is not None:
        local.drop(made.models, id_)
    return {"dropped": asked, "vectors": gone}


def _allow(viewer: Viewer) -> None:
    if not viewer.sees_all:
        raise ForbiddenError("没有权限换用模型。", hint="请用有权限的账号。")


def _drop_older(made: "Services", was: Active, now: Active) -> int:
    """Drop the vectors of the model before the one before; how many."""
    kept = {one.fingerprint for one in (now.now, now.before) if one}
    if was.before is None or was.before.fingerprint in kept:
        return 0
    gone = made.store.drop_vectors(was.before.fingerprint)
    made.store.refresh()
    return gone
