"""Making an adapted model: gather, train, measure, keep; the record says whether it may be used."""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embeddings import local
from embeddings.adapting import floor, gathering, pairs, training
from embeddings.adapting.bases import Base
from embeddings.adapting.columns import Prefixes
from embeddings.adapting.export import blend
from embeddings.adapting.floor import Figure, Trial, Verdict
from embeddings.adapting.gathering import Accepted, Material
from embeddings.adapting.pairs import Pair
from embeddings.adapting.training import Device, Recipe
from embeddings.local import Made
from embeddings.routed import RoutedEmbedder
from graph_service.errors import InputError
from graph_service.ports import Embedder, Floats, GraphStore
from graph_service.progress import Progress, Silent

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

#: What may be kept of a training: so much of it, as weights between those before and after.
SHARES: Mapping[str, float] = {"0.25": 0.25, "0.5": 0.5, "0.75": 0.75, "1": 1.0}
#: Or all of it, beside the base: see ``embeddings.routed``.
ROUTED = "routed"

#: Batches that are worth a training.
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class _Learned:
    """What training gave: weights before and after, for as long as the model is open."""

    base: Base
    model: "SentenceTransformer"
    before: Mapping[str, Floats]
    after: Mapping[str, Floats]

    def write(self, variant: str, folder: Path) -> None:
        """A variant's files, into an empty folder."""
        share = SHARES.get(variant, 1.0)
        self.base.write(self.model, blend(self.before, self.after, share), folder)
        if variant == ROUTED:
            (folder / local.ORIGINAL).mkdir()
            self.base.write(self.model, self.before, folder / local.ORIGINAL)

    def opened(self, variant: str, folder: Path, id_: str = "", hashed: str = "") -> Embedder:
        """What was written."""
        made = self.base.reopened(folder, id_, hashed)
        if variant != ROUTED:
            return made
        original = self.base.reopened(folder / local.ORIGINAL, id_, hashed)
        size = original.dimension + made.dimension
        fingerprint = local.routed_fingerprint(id_, hashed, size)
        return RoutedEmbedder(original, made, fingerprint=fingerprint)


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
    material, batches = _gathered(store, accepted, recipe, progress)
    with training.calm(), base.opened(on) as model:
        training.freeze(model)
        before = training.weights_of(model)
        losses = _train(model, batches, material.short, recipe, base.prefixes, progress)
        learned = _Learned(base, model, before, training.weights_of(model))
        figures = _measure(learned, material.trials, progress)
        verdicts = {
            variant: floor.judge(figures[""], figures[variant]) for variant in figures if variant
        }
        variant = floor.best(verdicts)

        def fill(folder: Path) -> Callable[[str], Made]:
            learned.write(variant, folder)

            def record(hashed: str) -> Made:
                now = datetime.now(UTC)
                id_ = f"{now:%Y%m%d}-{hashed[:6]}"
                opened = learned.opened(variant, folder, id_, hashed)
                return Made(
                    id=id_,
                    made_at=now.isoformat(timespec="seconds"),
                    form=base.form,
                    fingerprint=opened.fingerprint,
                    dimension=opened.dimension,
                    routed=variant == ROUTED,
                    base={"model": base.name, "fingerprint": base.embedder.fingerprint},
                    pairs=dict(Counter(pair.kind.value for batch in batches for pair in batch)),
                    training={
                        **recipe.as_dict(),
                        "batches": len(batches),
                        "short": len(material.short),
                        "variant": variant,
                        "device": on,
                        "loss": {"first": losses[:2], "last": losses[-2:]},
                        "seconds": round(time.perf_counter() - began, 1),
                        "versions": training.versions(),
                    },
                    figures=_told(figures, verdicts),
                    refused=list(verdicts[variant].reasons),
                )

            return record

        return local.keep(models, fill)


def _gathered(
    store: GraphStore, accepted: Accepted, recipe: Recipe, progress: Progress
) -> tuple[Material, list[list[Pair]]]:
    """What the store gives, and its pairs in batches. Raises InputError."""
    progress.start("整理文字对")
    # Some more than are wanted: what fills no batch is left out.
    limit = (recipe.steps + 2) * recipe.batch
    material = gathering.gather(
        store, accepted, limit=limit, seed=recipe.seed, step=lambda: progress.advance(0)
    )
    batches = pairs.batches(material.pairs, recipe.batch)[: recipe.steps]
    progress.finish()
    _require(len(batches), len(material.pairs), recipe)
    return material, batches


def _train(
    model: "SentenceTransformer",
    batches: Sequence[Sequence[Pair]],
    short: Sequence[str],
    recipe: Recipe,
    prefixes: Prefixes,
    progress: Progress,
) -> list[float]:
    """Train the model in place; the losses by step."""
    losses: list[float] = []

    def step(loss: float) -> None:
        losses.append(loss)
        progress.advance()

    progress.start("训练", training.steps_of(len(batches), len(short), recipe))
    training.train(model, batches, short, recipe, prefixes, step=step)
    progress.finish()
    return losses


def _measure(
    learned: _Learned, trials: Mapping[str, Trial], progress: Progress
) -> dict[str, dict[str, Figure]]:
    """Figures of the base (named "") and of every variant."""
    progress.start("度量", 2 + len(SHARES))
    figures = {"": floor.measure(learned.base.embedder, trials)}
    progress.advance()
    for variant in (*SHARES, ROUTED):
        with tempfile.TemporaryDirectory(prefix="jiebang-") as scratch:
            learned.write(variant, Path(scratch))
            figures[variant] = floor.measure(learned.opened(variant, Path(scratch)), trials)
        progress.advance()
    progress.finish()
    return figures


def _require(batches: int, found: int, recipe: Recipe) -> None:
    if batches < _FEWEST:
        raise InputError(
            f"载入的内容只凑得出 {found} 对文字，不够训练（至少 {_FEWEST * recipe.batch} 对）。",
            hint="请先载入带正文的成果或需求；题目与正文、关键词与正文、产品与说明各成一对。",
            pairs=found,
        )


def _told(
    figures: Mapping[str, Mapping[str, Figure]], verdicts: Mapping[str, Verdict]
) -> dict[str, Any]:
    """Figures, JSON-ready: of the base and of each variant that was tried."""
    return {
        "metric": "ndcg@10",
        "base": {kind: asdict(figure) for kind, figure in figures[""].items()},
        "variants": {
            variant: {
                "gain": round(verdict.gain, 5),
                "refused": list(verdict.reasons),
                "figures": {kind: asdict(figure) for kind, figure in figures[variant].items()},
            }
            for variant, verdict in verdicts.items()
        },
    }
