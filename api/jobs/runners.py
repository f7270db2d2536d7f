"""The work of each kind of job. What it does is what the command of that name does."""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from api.embedding import embed_pending
from api.jobs.loading import run_load
from api.jobs.matching import run_match
from api.jobs.params import (
    AdaptParams,
    BulkMatchParams,
    EmbedParams,
    EvaluateParams,
    ExportParams,
    ReindexParams,
    ResolveParams,
    TrainParams,
    UseModelParams,
)
from api.jobs.work import Done, Work
from api.words import EDGES, LABELS, PROPS
from graph_service.errors import StoreLockedError, TaskError
from graph_service.exporting.service import READ_BACK, Format, export
from graph_service.exporting.tables import Words

#: The file of an ``evaluate`` job with a line for each recipe and query.
PER_QUERY = "per-query.jsonl"

_WAIT = 0.2  # seconds between two tries

#: What of a task's archive is a part of it: by name, in the folder of corpus.jsonl.
_PARTS = frozenset(
    {"corpus.jsonl", "queries.jsonl", "exclude.tsv", "graph.jsonl", "task.json"}
)  # fmt: skip


def run_embed(work: Work, params: EmbedParams) -> Done:
    """Embed what has no vector. Raises EmbedderError, StoreError."""
    _ = params
    return Done(embed_pending(work.made, work.watched))


def run_reindex(work: Work, params: ReindexParams) -> Done:
    """Make all projections anew from the record; waits while another process is at them.

    Raises:
        StoreError
    """
    _ = params
    began = time.perf_counter()
    work.watched.start("重建索引")
    while True:
        try:
            work.made.store.refresh(rebuild=True)
            break
        except StoreLockedError:
            work.watched.advance(0)  # where somebody wants it no more, this ends it
            time.sleep(_WAIT)
    work.watched.finish()
    return Done({"seconds": round(time.perf_counter() - began, 2)})


def run_export(work: Work, params: ExportParams) -> Done:
    """Export the graph into one file; CSV into a zip of them. Raises StoreError."""
    began = time.perf_counter()
    kind = params.format
    out = work.folder / ("graph" if kind is Format.CSV else f"graph.{kind.value}")
    words = Words(LABELS, EDGES, PROPS)
    export(work.made.store, out, kind, words, viewer=work.viewer, progress=work.watched)
    if kind is Format.CSV:
        work.watched.start("压缩")
        shutil.make_archive(str(out), "zip", out)
        shutil.rmtree(out)
        work.watched.finish()
    return Done(
        {
            "format": kind.value,
            "reads_back": kind in READ_BACK,
            "seconds": round(time.perf_counter() - began, 2),
        }
    )


def run_evaluate(work: Work, params: EvaluateParams) -> Done:
    """Measure recipes on an uploaded task.

    Raises:
        NotFoundError: the upload is not there.
        TaskError: it is no task, or malformed.
        StoreError, EmbedderError
    """
    from api import evaluate

    settings = work.made.settings
    upload = work.made.files.upload_path(params.upload, viewer=work.viewer)
    with work.made.files.scratch() as scratch:
        report = evaluate.run(
            _unpacked(upload, scratch),
            recipes=params.recipes,
            qrels=params.qrels,
            per_query=work.folder / PER_QUERY,
            cache=settings.cache,
            model=settings.model,
            threads=settings.threads,
            progress=work.watched,
        )
    return Done(report.as_dict())


def run_resolve(work: Work, params: ResolveParams) -> Done:
    """Bring the review list of organisations that may be one up to date. Raises StoreError."""
    from graph_service.resolution.review import Review

    _ = params
    return Done(asdict(Review(work.made.store).find(work.watched, viewer=work.viewer)))


def run_bulk_match(work: Work, params: BulkMatchParams) -> Done:
    """Keep what every demand matches as edges; goes on with a run that was stopped.

    Raises:
        StoreLockedError: another process is at the same recipe.
        EmbedderError, StoreError
    """
    from api.bulk.engine import Local
    from api.bulk.matching import TARGETS, Wanted, match_all

    wanted = Wanted(
        params.recipe,
        [target for target in TARGETS if target.value in params.to],
        params.top,
        params.filter.where(),
    )
    report = match_all(work.made, Local(work.made), wanted, work.watched)
    return Done({**asdict(report), "seconds": round(report.seconds, 2)})


def run_adapt(work: Work, params: AdaptParams) -> Done:
    """Train an encoder on what is loaded, and keep it.

    Raises:
        InputError: too little is loaded, or the model cannot be trained.
        EmbedderError: the extra ``models`` is not installed here.
        StoreError
    """
    from api.adapting import adapt_here

    made = adapt_here(work.made, work.watched, **params.model_dump(), viewer=work.viewer)
    for reason in made["refused"]:
        work.watched.say(f"不能换用：{reason}")
    return Done(made)


def run_use_model(work: Work, params: UseModelParams) -> Done:
    """Fill a model's vectors beside those in use, then switch.

    Raises:
        NotFoundError: no such model.
        ModelRefusedError: it was measured to be worse.
        ConflictError: somebody else switched meanwhile.
        EmbedderError, StoreError
    """
    from api.models import use

    return Done(use(work.made, params.model, work.watched, viewer=work.viewer))


def run_train(work: Work, _: TrainParams) -> Done:
    """Learn the weights of ``full`` from the store's feedback, and use them.

    Raises:
        InputError: too few judgements; it is worse than what is in use.
        EmbedderError, StoreError
    """
    from api.learning import as_told, train_here

    done = train_here(work.made, work.watched, viewer=work.viewer)
    return Done(as_told(done.learned, own=True))


#: The work of each kind of ``api.jobs.params.PARAMS``.
RUNNERS: Mapping[str, Callable[[Work, Any], Done]] = {
    "load": run_load,
    "embed": run_embed,
    "reindex": run_reindex,
    "match": run_match,
    "export": run_export,
    "evaluate": run_evaluate,
    "resolve": run_resolve,
    "bulk_match": run_bulk_match,
    "adapt": run_adapt,
    "use_model": run_use_model,
    "train": run_train,
}


def _unpacked(upload: Path, scratch: Path) -> Path:
    """The task folder of an archive, named as the archive is.

    Raises:
        TaskError: it cannot be unpacked.
    """
    from loaders import archive
    from loaders.errors import CellError, RowError

    task = scratch / upload.stem
    raw = scratch / "raw"
    for folder in (task / "qrels", raw):
        folder.mkdir(parents=True)
    try:
        members = archive.unpack(upload, raw).members
    except CellError as error:
        said = RowError(upload.name, error.code, detail=error.detail)
        raise TaskError(f"{upload.name}：{said.message}", hint=said.mend) from error
    for member in members:
        inside, _, name = f"/{member.name}".rpartition("/")
        if name in _PARTS:
            member.path.rename(task / name)
        elif inside.endswith("/qrels") and name.endswith(".tsv"):
            member.path.rename(task / "qrels" / name)
    return task
