"""``store copy``: a whole store into an empty one, of whatever engine, without embedding again.

Portions are written each in a transaction with how far the copy is, so that it goes on after a
kill; all may be written twice. In the end both stores are read through and compared.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graph_service.copying import checksum, portions, state
from graph_service.copying.portions import Portion
from graph_service.copying.state import DONE, State
from graph_service.errors import ForbiddenError, StoreCorruptError, StoreLockedError
from graph_service.model import Batch, Put, Viewer
from graph_service.ports import Mark, Whole
from graph_service.progress import Progress, Silent

_SILENT = Silent()


@dataclass(frozen=True, slots=True)
class _Phase:
    """What is copied, in which words, how it is read, and how much it is by the counts."""

    name: str
    title: str
    read: Callable[[Whole, str | None], Iterator[Portion[Any]]]
    size: Callable[[Mapping[str, Any]], int]


_PHASES = (
    _Phase("nodes", "复制节点", portions.nodes, lambda told: sum(told["nodes"].values())),
    # Before there are edges, nothing but the nodes themselves has to be moved.
    _Phase("merges", "合并", portions.merges, lambda _: 0),
    _Phase(
        "edges",
        "复制关系",
        portions.edges,
        lambda told: sum(sum(by.values()) for by in told["edges"].values()),
    ),
    _Phase("records", "复制记录", portions.records, lambda told: sum(told["records"].values())),
    _Phase(
        "vectors",
        "复制向量",
        portions.vectors,
        lambda told: sum(held["texts"] for held in told["vectors"].values()),
    ),
)
_COMPARE = "compare"


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy that was found to be the same as its source.

    Attributes:
        parts: what both hold, part by part.
        resumed: whether an earlier run had begun it.
    """

    parts: checksum.Parts
    resumed: bool

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {
            "parts": {
                name: {"count": part.count, "sha256": part.digest}
                for name, part in self.parts.items()
            },
            "checksum": checksum.whole(self.parts),
            "resumed": self.resumed,
        }


def copy(source: Whole, target: Whole, *, viewer: Viewer, progress: Progress = _SILENT) -> Copied:
    """Copy everything: what each source said, merges, records with their versions, vectors.

    Versions of nodes and edges begin anew. A target that holds a begun copy of this source is
    completed.

    Raises:
        InputError: the target holds something else, or is the source.
        ForbiddenError: the viewer may not see all.
        StoreLockedError: someone wrote to the source meanwhile, or copies into the same target.
        StoreCorruptError: the copy is not the same as its source.
        StoreError: one of them cannot be read or written.
    """
    _refuse_strangers(viewer)
    mark = source.mark()
    now = begun = state.begin(mark, target, _PHASES[0].name)
    told = source.stats()
    names = [phase.name for phase in _PHASES]
    for phase in _PHASES[names.index(now.phase) if now.phase in names else len(names) :]:
        if now.phase != phase.name:
            now = replace(now, phase=phase.name, place=None, count=0)
        now = _run(phase, source, target, now, phase.size(told), progress)
        _refuse_writers(source, mark)
    if now.phase != DONE:
        now = state.advance(target, replace(now, phase=_COMPARE, place=None, count=0))
    same = _compare(source, target, mark, now, progress)
    if now.phase != DONE:
        state.advance(target, replace(now, phase=DONE))
    target.refresh()
    return Copied(same, resumed=begun.version > 0)


def sketch(source: Whole, target: Whole, *, viewer: Viewer, progress: Progress = _SILENT) -> None:
    """Copy the graph and the records as they are now, without vectors, to try something on them.

    What others write meanwhile may be in it or not.

    Raises:
        ForbiddenError: the viewer may not see all.
        StoreError: one of them cannot be read or written.
    """
    _refuse_strangers(viewer)
    told = source.stats()
    now = state.begin(source.mark(), target, _PHASES[0].name)
    for phase in _PHASES[:-1]:
        now = replace(now, phase=phase.name, place=None, count=0)
        now = _run(phase, source, target, now, phase.size(told), progress)


def _run(
    phase: _Phase, source: Whole, target: Whole, now: State, size: int, progress: Progress
) -> State:
    """Copy what a phase has left."""
    progress.start(phase.title, size or None)
    progress.advance(now.count)
    merged = dict(target.merges()) if phase.name == "merges" else {}
    for portion in phase.read(source, now.place):
        after = replace(now, place=portion.place or now.place, count=now.count + portion.count)
        match phase.name:
            case "nodes":
                now = state.advance(target, after, batch=Batch(nodes=portion.items))
            case "merges":
                pairs = [pair for pair in portion.items if pair[0] not in merged]
                now = state.advance(target, after, batch=Batch(merges=pairs))
            case "edges":
                now = state.advance(target, after, batch=Batch(edges=portion.items))
            case "records":
                puts = [
                    Put(record.kind, record.id, record.data, version=record.version)
                    for record in portion.items
                ]
                now = state.advance(target, after, puts)
            case _:
                fingerprint, kept = portion.items
                target.put_vectors(fingerprint, kept.hashes, kept.matrix)
                now = state.advance(target, after)
        progress.advance(portion.count)
    progress.finish()
    return now


def _compare(
    source: Whole, target: Whole, mark: Mark, now: State, progress: Progress
) -> checksum.Parts:
    read: list[checksum.Parts] = []
    for store, title in ((source, "核对来源"), (target, "核对目标")):
        progress.start(title, sum(part.count for part in read[0].values()) if read else None)
        read.append(checksum.parts(store, progress))
        progress.finish()
        _refuse_writers(source, mark)
    wrong = [name for name, part in read[0].items() if read[1][name] != part]
    if wrong:
        hint = "复制完成之后，目标又有改动；要再复制请另指一个空的目标。"
        if now.phase != DONE:  # the next run goes over everything again
            state.advance(target, replace(now, phase=_PHASES[0].name))
            hint = "没有别的程序写目标时，再运行一次会从头补上；仍不符请换一个空的目标。"
        names = "、".join(f"{_TITLES[name]} {_beside(read, name)}" for name in wrong)
        raise StoreCorruptError(
            f"目标与来源不符：{names}。",
            hint=hint,
            parts=wrong,
        )
    return read[0]


_TITLES = {
    "nodes": "节点",
    "edges": "关系",
    "merges": "合并",
    "records": "记录",
    "vectors": "向量",
}


def _beside(read: list[checksum.Parts], name: str) -> str:
    one, other = (parts[name].count for parts in read)
    return f"（{one:,} 与 {other:,}）" if one != other else "（数目相同，内容不同）"


def _refuse_writers(source: Whole, mark: Mark) -> None:
    writes = source.mark().writes
    if writes != mark.writes:
        raise StoreLockedError(
            f"复制期间有别的程序写了来源（{mark.writes} → {writes}），目标还不完整。",
            hint="请先停止写入来源的程序（服务、任务、载入），再运行同一条命令。",
            before=mark.writes,
            now=writes,
        )


def _refuse_strangers(viewer: Viewer) -> None:
    if not viewer.sees_all:
        raise ForbiddenError("没有权限复制图谱库。", hint="请用有权限的账号。")
