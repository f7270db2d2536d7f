"""Making an adapted model: gather, train, measure, keep; the record says whether it may be used."""

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from embeddings import local
from embeddings.adapting import floor, gathering, pairs, training
from embeddings.adapting.bases import Base
from embeddings.adapting.export import blend
from embeddings.adapting.floor import Figure, Verdict
from embeddings.adapting.gathering import Accepted
from embeddings.adapting.training import Device, Recipe
from embeddings.local import Made
from graph_service.errors import InputError
from graph_service.ports import GraphStore
from graph_service.progress import Progress, Silent

#: How much of what was learned is kept: weights between the base's and the trained ones.
SHARES = (0.25, 0.5, 0.75, 1.0)

#: Batches that are worth a training.
_FEWEST = 2


def adapt(
    store: GraphStore,
    base: Base,
    recipe: Recipe,
    *,
    models: Path,
    accepted: Accepted = (),
    device: Device = "auto",
    progress: Progress = Silent(),  # noqa: B008 - stateless
) -> Made:
    """Train a model on what a store holds and keep it; nothing is used until it is switched to.

    Args:
        store: as the viewer sees it; read only.
        base: what is trained further.
        recipe: how.
        models: where it is kept.
        accepted: matches that people accepted, (demand, candidate) by ids.
        device: to train on.
        progress: may raise to break off: then nothing is left.

    Raises:
        InputError: the store gives too few pairs.
        EmbedderError: there is no such device, or the extra ``models`` is not installed.
        StoreError
    """
    began = time.perf_counter()
    on = training.device_of(device)
    wanted = recipe.steps * recipe.batch
    progress.start("整理文字对")
    # Some more than are wanted: what fills no batch is left out.
    material = gathering.gather(
        store,
        accepted,
        limit=wanted + 2 * recipe.batch,
        seed=recipe.seed,
        step=lambda: progress.advance(0),
    )
    batches = pairs.batches(material.pairs, recipe.batch)[: recipe.steps]
    progress.finish()
    _require(len(batches), len(material.pairs), recipe)
    with (
        training.calm(),
        base.opened(on) as model,
        tempfile.TemporaryDirectory(prefix="jiebang-") as scratch,
    ):
        training.freeze(model)
        before = training.weights_of(model)
        steps = training.steps_of(len(batches), len(material.short), recipe)
        losses: list[float] = []

        def step(loss: float) -> None:
            losses.append(loss)
            progress.advance()

        progress.start("训练", steps)
        training.train(model, batches, material.short, recipe, base.prefixes, step=step)
        progress.finish()
        after = training.weights_of(model)

        progress.start("度量", 1 + len(SHARES))
        figures = {0.0: floor.measure(base.embedder, material.trials)}
        progress.advance()
        for share in SHARES:
            folder = _place(scratch, share)
            folder.mkdir()
            base.write(model, blend(before, after, share), folder)
            made = base.reopened(folder, "", "")
            figures[share] = floor.measure(made, material.trials)
            progress.advance()
        progress.finish()
        verdicts = {share: floor.judge(figures[0.0], figures[share]) for share in SHARES}
        share = floor.best(verdicts)

        def fill(folder: Path) -> Any:
            for path in _place(scratch, share).iterdir():
                shutil.move(path, folder / path.name)

            def record(hashed: str) -> Made:
                now = datetime.now(UTC)
                id_ = f"{now:%Y%m%d}-{hashed[:6]}"
                opened = base.reopened(folder, id_, hashed)
                return Made(
                    id=id_,
                    made_at=now.isoformat(timespec="seconds"),
                    form=base.form,
                    fingerprint=opened.fingerprint,
                    dimension=opened.dimension,
                    base={"model": base.name, "fingerprint": base.embedder.fingerprint},
                    pairs=dict(Counter(pair.kind.value for batch in batches for pair in batch)),
                    training={
                        **recipe.as_dict(),
                        "batches": len(batches),
                        "short": len(material.short),
                        "share": share,
                        "device": on,
                        "loss": {"first": losses[:2], "last": losses[-2:]},
                        "seconds": round(time.perf_counter() - began, 1),
                        "versions": training.versions(),
                    },
                    figures=_told(figures, verdicts),
                    refused=list(verdicts[share].reasons),
                )

            return record

        return local.keep(models, fill)


def _require(batches: int, found: int, recipe: Recipe) -> None:
    if batches < _FEWEST:
        raise InputError(
            f"载入的内容只凑得出 {found} 对文字，不够训练（至少 {_FEWEST * recipe.batch} 对）。",
            hint="请先载入带正文的成果或需求；题目与正文、关键词与正文、产品与说明各成一对。",
            pairs=found,
        )


def _place(scratch: str, share: float) -> Path:
    return Path(scratch) / f"share-{share:g}"


def _told(
    figures: Mapping[float, Mapping[str, Figure]], verdicts: Mapping[float, Verdict]
) -> dict[str, Any]:
    """Figures, JSON-ready: of the base and of each share that was tried."""
    return {
        "metric": "ndcg@10",
        "base": {kind: asdict(figure) for kind, figure in figures[0.0].items()},
        "shares": {
            f"{share:g}": {
                "gain": round(verdict.gain, 5),
                "refused": list(verdict.reasons),
                "figures": {kind: asdict(figure) for kind, figure in figures[share].items()},
            }
            for share, verdict in verdicts.items()
        },
    }
