"""A viewer who may not see all sees nothing, whatever service he asks."""

import inspect
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from api.files import Files
from api.words import EDGES, LABELS, PROPS
from embeddings.fill import fill
from embeddings.hashing import HashingEmbedder
from graph_service.errors import ForbiddenError, NotFoundError
from graph_service.explore.service import Explorer
from graph_service.exporting.service import Format, export
from graph_service.exporting.tables import Words
from graph_service.feedback.judgements import judgements
from graph_service.feedback.model import Decision, Row, stated
from graph_service.feedback.service import Feedback
from graph_service.feedback.taking import take
from graph_service.insight.saved import SavedSets
from graph_service.insight.scope import Scope
from graph_service.insight.service import Insight
from graph_service.jobs.service import Jobs
from graph_service.matching.alike.service import like_demands
from graph_service.matching.exposure.service import exposure
from graph_service.matching.kept import matched
from graph_service.matching.recipes import RECIPES
from graph_service.matching.service import Matcher
from graph_service.matching.types import Query, Target
from graph_service.model import (
    EVERYONE,
    Batch,
    Edge,
    EdgeType,
    Label,
    Node,
    Put,
    UnitOfWork,
    Viewer,
)
from graph_service.ports import Store
from graph_service.resolution.review import Review, pair_id
from graph_service.store import open_store
from graph_service.visibility import seen

STRANGER = Viewer("某人", sees_all=False)
SECRET = "柔轮"
DEMAND, ALIKE, RESULT = "demand:柔轮", "demand:柔轮二", "result:柔轮"
A, B = "org:柔轮甲", "org:柔轮乙"
DENIED = "denied"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Holds a node of each kind, all of them secret, and a pair to be reviewed."""
    with open_store(str(tmp_path_factory.mktemp("secret"))) as opened:
        opened.apply(
            Batch(
                nodes=[
                    Node(DEMAND, Label.DEMAND, {"title": "柔轮寿命", "text": "柔轮疲劳断裂"}),
                    Node(ALIKE, Label.DEMAND, {"title": "柔轮寿命短", "text": "柔轮疲劳断裂"}),
                    Node(RESULT, Label.RESULT, {"title": "柔轮强化", "text": "柔轮喷丸"}),
                    Node(A, Label.ORGANIZATION, {"name": "苏州柔轮精密传动有限公司"}),
                    Node(B, Label.ORGANIZATION, {"name": "苏州柔轮精密传动股份有限公司"}),
                ],
                edges=[
                    Edge(EdgeType.OWNS, A, RESULT),
                    Edge(EdgeType.MAKES, B, "product:柔轮"),
                    Edge(EdgeType.PARTNERED, A, B),
                    Edge(EdgeType.NEEDS, A, "product:柔轮钢"),
                    Edge(EdgeType.POSTED, B, DEMAND),
                    Edge(EdgeType.ABOUT, DEMAND, "product:柔轮"),
                    *matched(DEMAND, "full", [(RESULT, 1.0)]),
                ],
            )
        )
        fill(opened, HashingEmbedder())
        Review(opened).find(viewer=EVERYONE)
        yield opened


def _calls(store: Store, folder: Path) -> dict[str, Callable[[Viewer], Any]]:
    """A call of every method of every service, by its name."""
    matcher, explorer, review = Matcher(store, HashingEmbedder()), Explorer(store), Review(store)
    node, text, pair = Query.of_node(DEMAND), Query.of_text(SECRET), pair_id(A, B)
    feedback, accepted = Feedback(store), Decision.ACCEPTED
    said = feedback.say(DEMAND, RESULT, accepted, viewer=EVERYONE).id
    row = Row(DEMAND, A, stated(accepted, at="2026-01-01", by=SECRET))
    jobs, files = Jobs(store), Files(folder / "files", most=1_000_000)
    insight, sets, scope = Insight(store), SavedSets(store), Scope()
    made = insight.picture(scope, viewer=EVERYONE)
    community = next(iter(made.communities))
    kept, gone = (sets.save(made, SECRET, viewer=EVERYONE)["id"] for _ in range(2))
    job = jobs.submit("load", {"text": SECRET}, viewer=EVERYONE).id
    jobs.change(job, lambda one: one, tell=lambda *_: [SECRET])
    upload = files.receive(f"{SECRET}.csv", [b"x"], most=1, viewer=EVERYONE).id

    def exported(viewer: Viewer) -> list[str]:
        said = []
        for kind in Format:
            out = folder / f"{viewer.name}-{kind}"
            export(store, out, kind, Words(LABELS, EDGES, PROPS), viewer=viewer)
            files = [out] if out.is_file() else sorted(out.iterdir())
            said += [file.read_bytes().decode("utf-8", "replace") for file in files]
        return said

    return {
        "Matcher.match": lambda v: [
            matcher.match(text, to=to, recipe=recipe, viewer=v).candidates
            for to in Target
            for recipe in RECIPES
        ],
        "Matcher.match by node": lambda v: matcher.match(node, to=Target.RESULTS, viewer=v),
        "Matcher.compare": lambda v: matcher.compare(
            text, to=Target.ORGANIZATIONS, candidates=[A, B], viewer=v
        ),
        "Matcher.rank": lambda v: matcher.rank(SECRET, Target.RESULTS, "full", viewer=v),
        "Matcher.ranking": lambda v: (
            matcher.ranking(SECRET, Target.RESULTS, "full", viewer=v).pool.ids
        ),
        "Matcher.search": lambda v: [
            matcher.search(asked, viewer=v) for asked in (SECRET, DEMAND, RESULT)
        ],
        "like_demands": lambda v: like_demands(store, None, viewer=v),
        "exposure": lambda v: exposure(
            store, to=Target.RESULTS, recipe="full", today=date(2026, 11, 23), viewer=v
        ),
        "Explorer.node": lambda v: explorer.node(DEMAND, viewer=v),
        "Explorer.nodes": lambda v: explorer.nodes(viewer=v),
        "Explorer.neighbours": lambda v: explorer.neighbours(A, viewer=v),
        "Explorer.paths": lambda v: explorer.paths(A, B, max_hops=6, viewer=v),
        "Explorer.subgraph": lambda v: explorer.subgraph(viewer=v),
        "Explorer.suggest": lambda v: [
            explorer.suggest(asked, viewer=v) for asked in ("柔轮", "rl")
        ],
        "Explorer.stats": lambda v: explorer.stats(viewer=v),
        "Insight.picture": lambda v: insight.picture(scope, viewer=v).facts,
        "Insight.communities": lambda v: insight.communities(scope, viewer=v),
        "Insight.open": lambda v: insight.open(community, scope, viewer=v)[1],
        "Insight.community": lambda v: insight.community(community, scope, viewer=v),
        "Insight.find": lambda v: insight.find(SECRET, scope, viewer=v)["organizations"],
        "Insight.gaps": lambda v: insight.gaps(scope, viewer=v),
        "Insight.lacking": lambda v: insight.lacking(scope, viewer=v).found,
        "Insight.verdicts": lambda v: insight.verdicts([DEMAND], made.change, viewer=v)[1],
        "SavedSets.save": lambda v: sets.save(made, SECRET, viewer=v),
        "SavedSets.page": lambda v: sets.page(viewer=v),
        "SavedSets.get": lambda v: sets.get(kept, viewer=v),
        "SavedSets.groups": lambda v: sets.groups(kept, viewer=v),
        "SavedSets.change": lambda v: sets.change(kept, note=SECRET, viewer=v),
        "SavedSets.delete": lambda v: sets.delete(gone, viewer=v),
        "Review.find": lambda v: review.find(viewer=v),
        "Review.list": lambda v: review.list(status=(), viewer=v),
        "Review.pair": lambda v: review.pair(pair, viewer=v),
        "Review.reject": lambda v: review.reject(pair, by="某人", viewer=v),
        "Review.undo": lambda v: review.undo(pair, viewer=v),
        "Review.accept": lambda v: review.accept(pair, by="某人", viewer=v),
        "export": exported,
        "Feedback.say": lambda v: feedback.say(DEMAND, RESULT, accepted, viewer=v),
        "Feedback.get": lambda v: feedback.get(said, viewer=v),
        "Feedback.page": lambda v: feedback.page(viewer=v),
        "Feedback.standing": lambda v: list(feedback.standing(viewer=v)),
        "Feedback.on": lambda v: feedback.on(
            [(store.nodes([DEMAND])[DEMAND], store.nodes([RESULT])[RESULT])], viewer=v
        ),
        "take": lambda v: (
            take(store, [(1, row)], refuse=lambda *_: None, viewer=v),
            feedback.page(viewer=v),
        ),
        "judgements": lambda v: judgements(store, viewer=v),
        "Feedback.withdraw": lambda v: feedback.withdraw(said, viewer=v),
        "Jobs.submit": lambda v: jobs.submit("load", {"text": SECRET}, viewer=v),
        "Jobs.get": lambda v: jobs.get(job, viewer=v),
        "Jobs.page": lambda v: jobs.page(viewer=v),
        "Jobs.log": lambda v: jobs.log(job, viewer=v),
        "Jobs.cancel": lambda v: jobs.cancel(job, viewer=v),
        "Files.receive": lambda v: files.receive(f"{SECRET}.csv", [b""], most=1, viewer=v),
        "Files.upload": lambda v: files.upload(upload, viewer=v),
        "Files.upload_path": lambda v: files.upload_path(upload, viewer=v),
    }


#: What only the worker calls, on behalf of nobody, and what is asked about a job seen before.
OF_THE_WORKER = frozenset(
    {"Insight.close", "Jobs.claim", "Jobs.change", "Jobs.prune"}
    | {f"Files.{name}" for name in ("job_folder", "scratch", "listed", "forget", "prune")}
    | {"Files.job_file"}
)
FUNCTIONS = {"export", "take", "judgements", "like_demands", "exposure"}
SERVICES = (Matcher, Explorer, Insight, SavedSets, Review, Jobs, Files, Feedback)


def _methods(*services: type) -> set[str]:
    return {
        f"{service.__name__}.{name}"
        for service in services
        for name, _ in inspect.getmembers(service, inspect.isfunction)
        if not name.startswith("_")
    } - OF_THE_WORKER


def test_the_walk_misses_no_method(store: Store, tmp_path: Path) -> None:
    called = {name.partition(" ")[0] for name in _calls(store, tmp_path)}
    assert called == _methods(*SERVICES) | FUNCTIONS


def test_no_service_can_be_asked_without_saying_who_looks() -> None:
    for service in SERVICES:
        for name, method in inspect.getmembers(service, inspect.isfunction):
            if f"{service.__name__}.{name}" in _methods(service):
                asked = inspect.signature(method).parameters["viewer"]
                assert asked.default is inspect.Parameter.empty, name
                assert asked.kind is inspect.Parameter.KEYWORD_ONLY, name


def test_a_stranger_sees_and_changes_nothing(store: Store, tmp_path: Path) -> None:
    calls = _calls(store, tmp_path)
    before, told = store.stats(), {}
    kept = {
        kind: store.query(kind).records
        for kind in ("resolution", "job", "job_open", "feedback", "community_set")
    }
    for name, call in calls.items():
        try:
            told[name] = repr(call(STRANGER))
        except (NotFoundError, ForbiddenError):
            told[name] = DENIED
    assert [name for name, answer in told.items() if SECRET in answer] == []
    for name in ("Matcher.match by node", "Matcher.compare", "Explorer.node", "Explorer.paths"):
        assert told[name] == DENIED
    assert store.stats() == before
    assert {kind: store.query(kind).records for kind in kept} == kept
    assert len(list((tmp_path / "files" / "uploads").iterdir())) == 1


def test_who_may_see_all_sees_it_by_the_same_calls(store: Store, tmp_path: Path) -> None:
    """So that the test above cannot pass for want of anything to see."""
    for name, call in _calls(store, tmp_path).items():
        answer = repr(call(EVERYONE))
        assert SECRET in answer or name in {"Explorer.stats", "Insight.verdicts", "Review.find"}, (
            name
        )


def test_the_store_of_a_stranger_answers_every_method_and_takes_nothing(store: Store) -> None:
    empty = seen(store, STRANGER)
    for name, method in inspect.getmembers(Store, inspect.isfunction):
        if not name.startswith("_"):
            assert callable(getattr(empty, name)), method
    for write in (
        lambda: empty.apply(Batch()),
        lambda: empty.commit(UnitOfWork([Put("job", "1", {})])),
        lambda: empty.put_vectors("p", [], HashingEmbedder().embed_queries([])),
        empty.refresh,
    ):
        with pytest.raises(ForbiddenError):
            write()
    features = empty.lexical_features(["a", "b"], Label.DEMAND, [DEMAND])
    assert (features.counts.shape, features.frequency.shape) == ((1, 2), (2,))
    assert seen(store, EVERYONE) is store
