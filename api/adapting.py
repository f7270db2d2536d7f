"""Training an encoder on what a store holds, as the command line and the service do it."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graph_service.feedback.judgements import judgements
from graph_service.visibility import seen

if TYPE_CHECKING:
    from api.bootstrap import Services
    from embeddings.adapting.training import Device
    from graph_service.model import Viewer
    from graph_service.progress import Progress


def adapt_here(
    made: "Services",
    progress: "Progress",
    *,
    steps: int,
    seed: int,
    negatives: int,
    device: "Device",
    viewer: "Viewer",
) -> dict[str, Any]:
    """Train the model of ``settings.model`` further and keep what comes of it; JSON-ready.

    Nothing is used by this: that is a step of its own, which refuses what was measured to be worse.

    Raises:
        InputError: the setting names what cannot be trained, or the store gives too little.
        EmbedderError: the extra ``models`` is not installed, or there is no such device.
        StoreError
    """
    from embeddings.adapting import training
    from embeddings.adapting.bases import open_base
    from embeddings.adapting.making import adapt

    settings = made.settings
    base = open_base(settings.model, settings.cache, threads=settings.threads)
    training.set_threads(settings.threads)
    accepted = [
        (one.demand, one.candidate) for one in judgements(made.store, viewer=viewer) if one.accepted
    ]
    kept = adapt(
        seen(made.store, viewer),
        base,
        replace(training.Recipe(), steps=steps, seed=seed, negatives=negatives),
        models=made.models,
        accepted=accepted,
        device=device,
        progress=progress,
    )
    return kept.as_dict()
