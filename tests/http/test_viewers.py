"""A viewer who may not see all sees nothing on any route; inferred edges are always marked."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import quote

import httpx
import openpyxl
import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from api.http.app import create_app
from api.http.deps import viewer
from api.settings import load_settings
from embeddings.active import Choice, active, switch
from embeddings.fill import fill
from embeddings.hashing import HashingEmbedder
from graph_service.feedback.model import Decision
from graph_service.feedback.service import Feedback
from graph_service.insight.compared import METHOD
from graph_service.insight.saved import SavedSets
from graph_service.insight.scope import Scope
from graph_service.matching.alike.types import THRESHOLD
from graph_service.matching.learned import kept
from graph_service.matching.learned.weights import shipped
from graph_service.model import EVERYONE, Batch, Edge, EdgeType, Label, Node, Viewer
from graph_service.resolution.review import Review, pair_id
from tests.http.conftest import BASE

API = "/api/v1"
STRANGER = Viewer("某人", sees_all=False)

DEMAND, RESULTS = "demand:秘密", ["result:秘密1", "result:秘密2"]
PRODUCT, MAKER = "product:秘密", "org:秘密"
A, B = "org:秘密甲", "org:秘密乙"
PAIR = pair_id(A, B)
SECRET = "秘密"
LEAKS = (SECRET, quote(SECRET), "secret")

NODES = [
    Node(DEMAND, Label.DEMAND, {"title": "秘密柔轮寿命", "text": "柔轮疲劳断裂"}),
    *(Node(id_, Label.RESULT, {"title": f"{id_}强化", "text": "柔轮喷丸"}) for id_ in RESULTS),
    Node(PRODUCT, Label.PRODUCT, {"name": "秘密柔轮"}),
    Node(MAKER, Label.ORGANIZATION, {"name": "秘密精工", "kind": "enterprise"}),
    Node(A, Label.ORGANIZATION, {"name": "苏州秘密精密传动有限公司"}),
    Node(B, Label.ORGANIZATION, {"name": "苏州秘密精密传动股份有限公司"}),
]
EDGES = [
    Edge(EdgeType.ABOUT, DEMAND, PRODUCT, confidence=0.6, inferred=True),
    Edge(EdgeType.ABOUT, RESULTS[0], PRODUCT),
    Edge(EdgeType.MAKES, MAKER, PRODUCT, confidence=0.7, inferred=True),
    Edge(EdgeType.PARTNERED, MAKER, A),
    Edge(EdgeType.NEEDS, A, "product:秘密钢"),
]


class Looking:
    """A client whose viewer can be changed, over a store that holds one thing of every kind."""

    def __init__(self, client: TestClient, services: Services) -> None:
        self.client = client
        self.made = services
        kept = services.files.receive("secret.csv", [b"a"], most=10, viewer=EVERYONE)
        self.upload = kept.id
        job = services.jobs.submit("reindex", {}, viewer=EVERYONE)
        self.job = job.id
        with services.files.job_folder(job.id) as folder:
            (folder / "secret.txt").write_text(SECRET)
        self._said = {"demand": DEMAND, "candidate": MAKER, "decision": "accepted"}
        given = Decision.ACCEPTED
        self.said = Feedback(services.store).say(DEMAND, MAKER, given, viewer=EVERYONE).id
        made = services.insight.picture(Scope(), viewer=EVERYONE)
        [self.community] = made.communities
        sets = SavedSets(services.store)
        self.set, self.gone = (sets.save(made, SECRET, viewer=EVERYONE)["id"] for _ in range(2))

    def addresses(self) -> dict[str, tuple[str, str, Any]]:
        """Operation → method, address, body, for every operation under the root."""
        node = f"/nodes/{quote(DEMAND)}"
        pair, job = f"/resolution/pairs/{PAIR}", f"/jobs/{self.job}"
        community, kept = f"/communities/{self.community}", f"/community-sets/{self.set}"
        two: dict[str, Any] = {"before": {}, "after": {}}
        return {
            "search": ("GET", f"/search?q={SECRET}", None),
            "suggestions": ("GET", f"/suggestions?q={SECRET}", None),
            "match": ("POST", "/match", {"text": "柔轮", "to": "results"}),
            "match_table": ("POST", "/match/table", {"text": "柔轮", "to": "results"}),
            "node_matches": ("GET", f"{node}/matches?to=results", None),
            "compare": (
                "POST",
                "/comparisons",
                {"text": "柔轮", "to": "results", "candidates": RESULTS},
            ),
            "alike": ("GET", "/alike", None),
            "exposure": ("GET", "/exposure", None),
            "node_reading": ("GET", f"{node}/reading", None),
            "text_reading": ("POST", "/readings", {"text": "柔轮寿命≥3000h"}),
            "nodes": ("GET", "/nodes", None),
            "node": ("GET", node, None),
            "neighbours": ("GET", f"{node}/neighbours", None),
            "paths": ("GET", f"/paths?from={quote(DEMAND)}&to={quote(MAKER)}", None),
            "subgraph": ("GET", "/subgraph", None),
            "statistics": ("GET", "/statistics", None),
            "communities": ("GET", "/communities", None),
            "communities_table": ("GET", "/communities/table", None),
            "community_organizations": ("GET", "/communities/organizations?q=秘密", None),
            "community": ("GET", community, None),
            "community_table": ("GET", f"{community}/table", None),
            "gaps": ("GET", "/gaps", None),
            "gaps_table": ("GET", "/gaps/table", None),
            "save_communities": ("POST", "/community-sets", {"name": "新"}),
            "community_sets": ("GET", "/community-sets", None),
            "community_set": ("GET", kept, None),
            "change_community_set": ("PATCH", kept, {"note": "又"}),
            "delete_community_set": ("DELETE", f"/community-sets/{self.gone}", None),
            "community_comparison": ("POST", "/community-comparisons", two),
            "community_comparison_table": ("POST", "/community-comparisons/table", two),
            "upload": ("POST", "/uploads?name=new.csv", b"x"),
            "upload_of": ("GET", f"/uploads/{self.upload}", None),
            "recognition": ("GET", f"/uploads/{self.upload}/recognition", None),
            "mappings": ("GET", "/mappings", None),
            "mapping_of": ("GET", "/mappings/demands", None),
            "submit_job": ("POST", "/jobs", {"kind": "reindex"}),
            "jobs": ("GET", "/jobs", None),
            "job": ("GET", job, None),
            "job_log": ("GET", f"{job}/log", None),
            "job_events": ("GET", f"{job}/events", None),
            "job_file": ("GET", f"{job}/files/secret.txt", None),
            "cancel_job": ("POST", f"{job}/cancel", None),
            "pairs": ("GET", "/resolution/pairs", None),
            "pair": ("GET", pair, None),
            "accept_pair": ("POST", f"{pair}/accept", {}),
            "reject_pair": ("POST", f"{pair}/reject", {}),
            "undo_pair": ("POST", f"{pair}/undo", None),
            "feedback": ("GET", "/feedback", None),
            "add_feedback": ("POST", "/feedback", self._said),
            "feedback_reasons": ("GET", "/feedback/reasons", None),
            "feedback_of": ("GET", f"/feedback/{self.said}", None),
            "withdraw_feedback": ("DELETE", f"/feedback/{self.said}", None),
            "learned": ("GET", "/learned", None),
            "roll_back_learned": ("POST", "/learned/roll-back", None),
            "models": ("GET", "/models", None),
            "use_model": ("POST", "/models/base/use", None),
            "roll_back_model": ("POST", "/models/roll-back", None),
            "settings": ("GET", "/settings", None),
        }

    def ask(self, operation: str, who: Viewer = EVERYONE) -> httpx.Response:
        method, address, body = self.addresses()[operation]
        self.client.app.dependency_overrides[viewer] = lambda: who  # type: ignore[attr-defined]
        content = {"content": body} if isinstance(body, bytes) else {"json": body}
        given = {} if body is None else content
        return self.client.request(method, API + address, **given)


@pytest.fixture
def looking(location: str) -> Iterator[Looking]:
    settings = load_settings({"store": location})
    with Services(settings) as services:
        services.store.apply(Batch(nodes=NODES, edges=EDGES))
        fill(services.store, HashingEmbedder())
        Review(services.store).find(viewer=EVERYONE)
        own = services.embedder.fingerprint
        was = active(services.store, settings.model)
        switch(services.store, was, Choice(None, f"{own} 又一个"), own=own)
        kept.use(services.store, shipped())
        with TestClient(create_app(services), BASE, raise_server_exceptions=False) as client:
            yield Looking(client, services)


NO_LISTS = "这些需求没有成批匹配的结果（方案 full）；请先做成批匹配（任务 bulk_match，"
NO_LISTS += "to 为 results，recipe 为 full）。"
#: What everyone may know: it comes with the program, or with the request.
OPEN = {"learned", "mappings", "mapping_of", "text_reading", "feedback_reasons"}
_SCOPE: dict[str, Any] = {
    "district": [],
    "chain": None,
    "inferred": False,
    "until": None,
    "type": ["SUPPLIES", "PARTNERED", "CONTROLS", "NEEDS", "UPSTREAM_OF", "OWNS"],
}
_SIDE = {"set": None, "title": "现在的划分", "at": None, "count": 0, "organizations": 0}
#: Workbooks: for a viewer of nothing with headers alone.
TABLES = {"match_table", "communities_table", "gaps_table", "community_comparison_table"}
#: What is the same for a viewer of nothing, and tells nothing of what there is.
EMPTY: dict[str, dict[str, Any]] = {
    "search": {"query": SECRET, "hits": [], "warning": None},
    "suggestions": {"query": SECRET, "suggestions": []},
    "match": {"recipe": "full", "to": "results", "nothing_fits": True, "candidates": []},
    "alike": {
        "demands": 0,
        "found": 0,
        "grouped": 0,
        "threshold": THRESHOLD,
        "by": ["words"],
        "groups": [],
        "warning": None,
    },
    "exposure": {
        "recipe": "full",
        "to": "results",
        "top": 10,
        "group": True,
        **dict.fromkeys(("demands", "matched", "shown", "owner_unknown"), 0),
        **dict.fromkeys(("since", "until")),
        **{name: [] for name in ("tiers", "districts", "most_shown")},
        "organizations": {
            "shown": 0,
            "pool": 0,
            **dict.fromkeys(("gini_shown", "gini_pool", "share_of_ten")),
        },
        "warning": NO_LISTS,
    },
    "nodes": {"nodes": [], "next": None},
    "subgraph": {"nodes": [], "edges": [], "more_nodes": False, "more_edges": False},
    "statistics": {
        "nodes": {},
        "edges": {},
        "passages": 0,
        "vectors": {},
        "records": {},
        "change": 0,
    },
    "communities": {
        "change": 0,
        "scope": {**_SCOPE, "resolution": 1.0},
        "organizations": 0,
        "linked": 0,
        "method": {
            "algorithm": "hierarchical Leiden",
            "seed": 20261123,
            "trials": 5,
            "iterations": 4,
            "modularity": 0.0,
            "agreement": 1.0,
        },
        "links": {"observed": 0, "inferred": 0},
        "outside": 0,
        **{name: [] for name in ("left_out", "communities", "bundles")},
        "layout": {"since": None, "anew": False},
        "judging": {"done": 0, "of": 0, "warning": None},
    },
    "gaps": {
        "change": 0,
        "scope": _SCOPE,
        "organizations": 0,
        "products": 0,
        **{name: {"total": 0, "gaps": []} for name in ("missing", "single_source")},
        "leaderless": {"total": 0, "chains": []},
        "demands": dict.fromkeys(("open", "unmet", "fitting", "unknown", "unjudged"), 0),
        "unmet": {"total": 0, "demands": []},
        "judging": {"done": 0, "of": 0, "warning": None},
    },
    "community_organizations": {
        "change": 0,
        "scope": {**_SCOPE, "resolution": 1.0},
        "query": SECRET,
        "organizations": [],
    },
    "community_sets": {"sets": [], "next": None},
    "community_comparison": {
        **dict.fromkeys(("before", "after"), _SIDE),
        "method": METHOD,
        "agreement": 0.0,
        **{name: [] for name in ("pairs", "splits", "merges", "came", "left")},
    },
    "jobs": {"jobs": [], "next": None},
    "pairs": {"total": 0, "prior": -3.0, "pairs": [], "next": None},
    "feedback": {"total": 0, "feedback": [], "next": None},
    "models": {"setting": "", "active": "base", "before": None, "since": None, "models": []},
    "settings": {"settings": []},
}
WRITES = {
    "save_communities",
    "upload",
    "submit_job",
    "use_model",
    "roll_back_model",
    "roll_back_learned",
}


def test_every_operation_is_walked(looking: Looking) -> None:
    document = looking.client.get("/openapi.json").json()
    operations = {
        one["operationId"]
        for path, methods in document["paths"].items()
        if path.startswith(API)
        for one in methods.values()
    }
    assert set(looking.addresses()) == operations


def test_who_sees_nothing_gets_nothing_on_any_route(looking: Looking) -> None:
    for operation in looking.addresses():
        answer = looking.ask(operation, STRANGER)
        if operation in OPEN:
            assert answer.status_code == 200
        elif operation in TABLES:
            assert not any(leak in _said(answer.content) for leak in LEAKS), operation
        elif operation in EMPTY:
            told = {key: value for key, value in answer.json().items() if key != "took_ms"}
            assert told == EMPTY[operation], operation
        elif operation in WRITES:
            assert answer.json()["code"] == "forbidden", (operation, answer.text)
        else:
            assert answer.json()["code"] == "not_found", (operation, answer.text)
            assert not any(leak in answer.json()["hint"] for leak in LEAKS)
    assert looking.made.store.get("resolution", [PAIR])[PAIR].data["status"] == "open"
    assert Feedback(looking.made.store).get(looking.said, viewer=EVERYONE).version == 1
    assert looking.made.jobs.get(looking.job, viewer=EVERYONE).state.value == "queued"


def test_the_same_questions_are_answered_to_who_may_see(looking: Looking) -> None:
    """Else the walk above would prove nothing."""
    asked = [name for name in looking.addresses() if name not in OPEN]
    asked.remove("job_events")  # of a queued job they do not end
    asked.sort(key=["accept_pair", "undo_pair", "reject_pair", "cancel_job"].__contains__)
    for operation in asked:
        answer = looking.ask(operation)
        refused = operation == "reject_pair"  # it is accepted already
        assert answer.is_success is not refused, (operation, answer.text)
        if operation in TABLES:
            assert SECRET in _said(answer.content), operation
        if operation in EMPTY:
            told = {key: value for key, value in answer.json().items() if key != "took_ms"}
            assert told != EMPTY[operation], operation


def _said(content: bytes) -> str:
    """All that stands in a workbook."""
    book = openpyxl.load_workbook(BytesIO(content), read_only=True)
    return repr([list(sheet.values) for sheet in book.worksheets])


def _steps(value: Any) -> Iterator[dict[str, Any]]:
    """Everything in an answer that is an edge: it has ends and a type."""
    if isinstance(value, dict):
        if {"from", "to", "type"} <= set(value):
            yield value
        for one in value.values():
            yield from _steps(one)
    elif isinstance(value, list):
        for one in value:
            yield from _steps(one)


@pytest.mark.parametrize(
    ("address", "body"),
    [
        (f"/nodes/{quote(DEMAND)}/neighbours", None),
        (f"/nodes/{quote(DEMAND)}/matches?to=organizations", None),
        ("/match", {"demand": DEMAND, "to": "results"}),
        ("/comparisons", {"demand": DEMAND, "to": "results", "candidates": RESULTS}),
        (f"/paths?from={quote(DEMAND)}&to={quote(MAKER)}", None),
        ("/subgraph", None),
    ],
)
def test_inferred_edges_are_marked_wherever_edges_are_shown(
    looking: Looking, address: str, body: Any
) -> None:
    client = looking.client
    answer = client.post(API + address, json=body) if body else client.get(API + address)
    said = {(edge.type.value, *sorted((edge.from_id, edge.to_id))): edge for edge in EDGES}
    shown = list(_steps(answer.json()))
    for step in shown:
        ends = (one["id"] if isinstance(one, dict) else one for one in (step["from"], step["to"]))
        edge = said[(step["type"], *sorted(ends))]
        assert (step["inferred"], step["confidence"]) == (edge.inferred, edge.confidence)
    assert any(step["inferred"] for step in shown)
    counted = client.get(f"{API}/statistics").json()["edges"]
    assert counted["ABOUT"] == {"observed": 1, "inferred": 1}
