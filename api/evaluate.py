"""Evaluation on real parts: a store with the task's corpus and graph, the encoder, the matcher.

The store of a task stands in the cache and is used again as long as the files that went into it are
the same. It is written under another name and renamed when complete; vectors are added afterwards,
for whichever model is asked for. Either may be interrupted and goes on where it stopped. A store
may be named instead, on whichever engine: an empty one, or one that was made for this very task.
"""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import orjson

from embeddings.factory import open_embedder
from embeddings.fill import fill
from graph_service.errors import InputError, StoreUnavailableError, TaskError
from graph_service.evaluation.beir import Task, read_task
from graph_service.evaluation.run import Report, evaluate
from graph_service.matching.learned.weights import Learned
from graph_service.matching.recipes import RECIPES, recipe
from graph_service.matching.service import Matcher
from graph_service.matching.types import Target
from graph_service.model import EVERYONE, Batch, Label, Node, Put, UnitOfWork
from graph_service.ports import Embedder, GraphStore, Store
from graph_service.progress import Progress, Silent
from graph_service.store import open_store
from loaders import graph_jsonl
from loaders.errors import ErrorLog

#: Raised when the same files make another store: they are written otherwise, or
#: ``graph_service.text`` tells tokens or passages otherwise.
COMPOSITION = 2

_BATCH = 2_000
#: Kind and id of the record that says which task a store holds.
_TASK = "task"

#: What is looked for in a task, by the label of its corpus.
TARGETS = {
    Label.RESULT: Target.RESULTS,
    Label.ORGANIZATION: Target.ORGANIZATIONS,
    Label.DEMAND: Target.DEMANDS,
}


def run(
    folder: Path,
    *,
    recipes: Sequence[str] = (),
    qrels: str | None = None,
    per_query: Path | None = None,
    cache: Path,
    model: str = "default",
    threads: int = 0,
    on: Store | None = None,
    learned: Learned | None = None,
    progress: Progress | None = None,
) -> Report:
    """Measure recipes on a task folder.

    Args:
        folder: a task in BEIR layout.
        recipes: names of recipes; none means all.
        qrels: which judgements, where there are several.
        per_query: where to write a record for each recipe and query.
        cache: the cache folder; the task's store stands in ``evaluate`` under it.
        model, threads: of the encoder, see ``embeddings.factory``.
        on: the store to measure on in place of that in the cache.
        learned: the weights of ``full``; None takes what comes with the product.
        progress: who watches.

    Raises:
        TaskError: the task is malformed, or ``per_query`` cannot be written.
        InputError: an unknown recipe; ``on`` holds something else.
        StoreError, EmbedderError
    """
    progress = progress or Silent()
    chosen = [recipe(name) for name in dict.fromkeys(recipes or RECIPES)]
    if per_query and not per_query.parent.is_dir():
        raise TaskError(f"没有目录“{per_query.parent}”。", hint="先建好 --per-query 所在的目录。")
    task = read_task(folder, qrels=qrels)
    names = [each.name for each in chosen]
    wanted = any(each.needs_vectors for each in chosen)
    embedder = open_embedder(model, cache, threads=threads) if wanted else None
    if on is not None:
        _hold(folder, task, on, progress)
        if embedder is not None:
            fill(on, embedder, progress=progress)
        report = measure(task, on, embedder, names, learned=learned, progress=progress)
    else:
        with prepared(folder, task, cache, embedder, progress=progress) as store:
            report = measure(task, store, embedder, names, learned=learned, progress=progress)
    if per_query:
        report.write_per_query(per_query)
    return report


@contextmanager
def prepared(
    folder: Path,
    task: Task,
    cache: Path,
    embedder: Embedder | None,
    *,
    progress: Progress | None = None,
) -> Iterator[Store]:
    """The task's store in the cache, to read, with the vectors of an encoder; made where it lacks.

    Raises:
        TaskError, StoreError, EmbedderError
    """
    progress = progress or Silent()
    location = _stored(folder, task, cache, progress)
    if embedder is not None:
        _embed(location, embedder, progress)
    with open_store(location, read_only=True) as store:
        yield store


def measure(
    task: Task,
    store: GraphStore,
    embedder: Embedder | None,
    recipes: Sequence[str],
    *,
    learned: Learned | None = None,
    progress: Progress | None = None,
) -> Report:
    """Measure recipes on a store that holds the task (``compose``) and its vectors."""
    matcher, target = Matcher(store, embedder, learned), TARGETS[task.label]

    def rank(
        text: str, name: str, depth: int, excluded: frozenset[str]
    ) -> Sequence[tuple[str, float]]:
        return matcher.rank(text, target, name, depth=depth, exclude=excluded, viewer=EVERYONE)

    return evaluate(task, rank, recipes, progress=progress)


def read_learned(path: Path) -> Learned:
    """The weights in a file of ``jiebang train --output``.

    Raises:
        TaskError: there is no such file, or it is no JSON.
        InputError: it holds something else.
    """
    try:
        return Learned.of_dict(orjson.loads(path.read_bytes()))
    except (OSError, orjson.JSONDecodeError) as error:
        raise TaskError(
            f"“{path}”读不出权重。", hint="应是 jiebang train --output 写下的文件。", file=path
        ) from error


def compose(task: Task, store: GraphStore, *, progress: Progress | None = None) -> None:
    """Write a task's corpus and graph into a store.

    A node of graph.jsonl whose id is in the corpus adds its properties to the document; label and
    texts are the corpus's.

    Raises:
        TaskError: a line of graph.jsonl is wrong.
    """
    progress = progress or Silent()
    documents = list(task.documents.values())
    progress.start("写入语料", len(documents))
    for start in range(0, len(documents), _BATCH):
        some = documents[start : start + _BATCH]
        store.apply(Batch(nodes=some))
        progress.advance(len(some))
    progress.finish()
    if task.graph:
        progress.start("写入图谱")
        log = ErrorLog()
        for batch in graph_jsonl.batches(task.graph, log=log):
            _refuse(task.graph, log)
            store.apply(replace(batch, nodes=[_merged(task, node) for node in batch.nodes]))
            progress.advance(len(batch.nodes) + len(batch.edges))
        _refuse(task.graph, log)
        progress.finish()
    store.refresh()


def _refuse(path: Path, log: ErrorLog) -> None:
    """Raise the first error of a file: figures on half a graph would mislead."""
    for error in log.errors:
        raise TaskError(
            f"{path} 第 {error.row} 行：{error.message}（{error.value}）。",
            hint=error.mend,
            file=path,
            line=error.row,
        )


def _merged(task: Task, node: Node) -> Node:
    document = task.documents.get(node.id)
    if document is None:
        return node
    texts = {"title", "name", "text"}
    props = {key: value for key, value in node.props.items() if key not in texts}
    return replace(node, label=document.label, props=props)


def _stored(folder: Path, task: Task, cache: Path, progress: Progress) -> str:
    """The location of the task's store, written first where it is not there."""
    complete = cache / "evaluate" / _composition(folder)
    part = complete.with_suffix(".part")
    try:
        if not complete.is_dir():
            part.mkdir(parents=True, exist_ok=True)
            try:
                with open_store(str(part)) as store:
                    compose(task, store, progress=progress)
            except InputError:
                shutil.rmtree(part)
                raise
            part.rename(complete)
    except OSError as error:
        raise StoreUnavailableError(
            f"无法写入缓存目录“{complete.parent}”：{error.strerror}。",
            hint="用 JIEBANG_CACHE 指定一个可写、空间足够的目录。",
            cache=cache,
        ) from error
    return str(complete)


def _hold(folder: Path, task: Task, store: Store, progress: Progress) -> None:
    """Let a store hold the task.

    Raises:
        InputError: it holds something else.
    """
    composition = _composition(folder)
    held = store.get(_TASK, [_TASK]).get(_TASK)
    if held is None and any(store.stats()["nodes"].values()):
        raise InputError(
            "用来评测的库里已有别的内容。", hint="请用一个空的库，或先前为这个任务建的库。"
        )
    if held is not None and held.data["composition"] != composition:
        raise InputError(
            "用来评测的库是为别的任务建的，或任务的文件改动过。", hint="请换一个空的库。"
        )
    if held is None or not held.data["complete"]:
        said = {"composition": composition, "complete": False}
        store.commit(UnitOfWork([Put(_TASK, _TASK, said)]))
        compose(task, store, progress=progress)
        store.commit(UnitOfWork([Put(_TASK, _TASK, {**said, "complete": True})]))


def _composition(folder: Path) -> str:
    """What a task's store is made from, as a digest."""
    key = hashlib.blake2b(f"{COMPOSITION}".encode(), digest_size=12)
    for name in ("corpus.jsonl", "task.json", "graph.jsonl"):
        path = folder / name
        key.update(hashlib.blake2b(path.read_bytes()).digest() if path.is_file() else b"-")
    return key.hexdigest()


def _embed(location: str, embedder: Embedder, progress: Progress) -> None:
    """Embed what has no vector of this model yet; a store that lacks none is not locked."""
    with open_store(location, read_only=True) as store:
        if not store.pending_texts(embedder.fingerprint, limit=1):
            return
    with open_store(location) as store:
        fill(store, embedder, progress=progress)
