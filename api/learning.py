"""The learned weights of a deployment: what is in use, learning anew, going back.

The command line and the service do the same: examples are what was decided on candidates
(``feedback``), judged tasks beside it where the command line names some.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph_service.errors import ForbiddenError, WorseError
from graph_service.matching.learned import kept
from graph_service.matching.learned.weights import Learned, shipped
from graph_service.model import Filter, Label, Viewer
from graph_service.text import document

if TYPE_CHECKING:
    from api.bootstrap import Services
    from api.train import Trained
    from graph_service.progress import Progress

#: What is learned must not lose more than this share of nDCG@10, nor this much of Brier skill,
#: against what is in use.
_TOLERANCE = 0.01
#: How strongly feedback is held at the weights that come with the product.
_PULL = 1.0


def told(made: "Services", *, viewer: Viewer) -> dict[str, Any]:
    """The weights in use, where they come from and how good they are, JSON-ready; a viewer who may
    not see all is told of those that come with the product.

    Raises:
        StoreError
    """
    learned = kept.in_use(made.store) if viewer.sees_all else shipped()
    return as_told(learned, own=learned is not shipped())


def as_told(learned: Learned, *, own: bool) -> dict[str, Any]:
    """Without the vectors, which nobody reads."""
    data = learned.as_dict()
    return {
        "own": own,
        "targets": data["targets"],
        "words": data["words"],
        "encoders": sorted(data["centres"]),
        "record": data["record"],
    }


def train_here(
    made: "Services",
    progress: "Progress",
    *,
    tasks: Sequence[Path] = (),
    judged: Path | None = None,
    demands: Path | None = None,
    use: bool = True,
    viewer: Viewer,
) -> "Trained":
    """Learn from the store's feedback, and from tasks; keep it in the store if ``use``.

    Args:
        made: store and encoder.
        progress: who watches.
        tasks: judged tasks.
        judged: more judgements for the tasks, see ``api.train.more_judgements``.
        demands: their texts, see ``api.train.background``; what all demands have in common is told
            by these, else by the store's.
        use: whether what is learned is put into use.
        viewer: who asks.

    Raises:
        ForbiddenError: the viewer may not.
        InputError: too few judgements.
        WorseError: it is worse than what is in use, on the same judgements.
        TaskError, EmbedderError, StoreError
    """
    from api import train
    from graph_service.feedback.judgements import judgements
    from graph_service.matching.learned.fitting import Start

    if not viewer.sees_all:
        raise ForbiddenError("没有权限训练权重。", hint="请用有权限的账号。")
    embedder, before = made.embedder, kept.in_use(made.store)
    given = train.background(demands) if demands else {}
    texts = list(given.values()) or _stored_demands(made, viewer)
    learned = train.with_common(before, texts, embedder, documents=train.documents_of(tasks))
    examples = train.of_tasks(
        tasks,
        learned,
        more=train.more_judgements(judged) if judged else None,
        texts=given,
        cache=made.settings.cache,
        embedder=embedder,
        progress=progress,
    )
    said = judgements(made.store, viewer=viewer)
    examples += train.of_feedback(made.store, said, learned, embedder=embedder, viewer=viewer)
    origin = {
        "encoder": embedder.fingerprint,
        "tasks": [task.resolve().name for task in tasks],
        "feedback": len(said),
        "demands": len(texts),
    }
    # What was trained here has seen this feedback, what is shipped may have seen the tasks. And
    # feedback is on what was shown alone: it says who is better, hardly how probable anybody is.
    start = {
        target: Start(one, pull=_PULL, prior_pull=_PULL)
        for target, one in shipped().targets.items()
        if not tasks
    }
    done = train.train(examples, learned, start=start, made=origin)
    if use:
        _refuse_worse(done)
        kept.use(made.store, done.learned)
        made.look_again()
    return done


def go_back(made: "Services", *, viewer: Viewer) -> dict[str, Any]:
    """Use the weights that were in use before; what is in use then, as ``told``.

    Raises:
        ForbiddenError: the viewer may not.
        NotFoundError: nothing was trained here.
        ConflictError, StoreError
    """
    if not viewer.sees_all:
        raise ForbiddenError("没有权限换用权重。", hint="请用有权限的账号。")
    learned = kept.roll_back(made.store)
    made.look_again()
    return as_told(learned, own=learned is not shipped())


def _stored_demands(made: "Services", viewer: Viewer) -> list[str]:
    from graph_service.explore.service import Explorer
    from graph_service.matching.learned.common import MOST

    page = Explorer(made.store).nodes(
        where=Filter(labels=frozenset({Label.DEMAND})), limit=MOST, viewer=viewer
    )
    return [document(node) for node in page.nodes]


def _refuse_worse(done: "Trained") -> None:
    """What is new was measured on demands that it never saw; what is in use may have seen them:
    where in doubt it stays."""
    for target, found in done.figures.items():
        old = found.get("before")
        if old is None:
            continue
        if found["ndcg@10"] < old["ndcg@10"] * (1 - _TOLERANCE):
            was, now, what = old["ndcg@10"], found["ndcg@10"], "nDCG@10"
        elif _skill(found) < _skill(old) - _TOLERANCE:
            was, now, what = _skill(old), _skill(found), "概率的 Brier 技巧"
        else:
            continue
        raise WorseError(
            f"学到的权重（{target.value}）在没见过的需求上{what}为 {now:.4f}，"
            f"不如现在用的 {was:.4f}，没有换用。",
            hint="请积累更多反馈后再训练。",
            target=target.value,
        )


def _skill(figures: Mapping[str, Any]) -> float:
    return float(figures["reliability"]["skill"])
