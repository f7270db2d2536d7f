"""What was decided on candidates, on each engine: said, listed, withdrawn, through merges."""

import pytest

from graph_service.errors import ConflictError, InputError, NotFoundError
from graph_service.feedback.history import KIND, MOST_SAID
from graph_service.feedback.judgements import judgements
from graph_service.feedback.model import Decision, Row, stated
from graph_service.feedback.service import Feedback
from graph_service.feedback.taking import Taken, take
from graph_service.model import EVERYONE, Batch, Label, Node, Viewer
from graph_service.ports import Store

D, R, A, B = "demand:1", "result:1", "org:甲", "org:乙"
ACCEPTED, REJECTED = Decision.ACCEPTED, Decision.REJECTED
OTHER = Viewer("李四")


@pytest.fixture
def feedback(store: Store) -> Feedback:
    store.apply(
        Batch(
            [
                Node(D, Label.DEMAND, {"title": "柔轮寿命"}, "榜单"),
                Node(R, Label.RESULT, {"title": "柔轮强化"}, "成果"),
                *(Node(id_, Label.ORGANIZATION, {"name": id_}, "名录") for id_ in (A, B)),
            ]
        )
    )
    return Feedback(store)


def listed(feedback: Feedback, **where: object) -> list[tuple[str, str]]:
    page = feedback.page(viewer=EVERYONE, **where)  # type: ignore[arg-type]
    return [(one.candidate.id, one.said.decision.value) for one in page.decided]


def test_a_decision_stands_until_a_later_one_and_nothing_is_lost(
    feedback: Feedback, store: Store
) -> None:
    first = feedback.say(D, R, REJECTED, reason="领域不符", note=" 不是齿轮 ", viewer=EVERYONE)
    assert (first.demand.title, first.candidate.title) == ("柔轮寿命", "柔轮强化")
    assert (first.said.reason, first.said.note, first.said.by) == ("field", "不是齿轮", "everyone")
    again = feedback.say(D, R, REJECTED, reason="field", note="不是齿轮", viewer=EVERYONE)
    assert again == first
    other = feedback.say(D, R, REJECTED, reason="field", note="不是齿轮", viewer=OTHER)
    assert (other.id, other.version, other.history) == (first.id, 2, [first.said])
    later = feedback.say(D, R, ACCEPTED, viewer=EVERYONE)
    assert later.history == [first.said, other.said]
    assert feedback.get(first.id, viewer=EVERYONE) == later
    assert listed(feedback) == [(R, "accepted")]

    gone = feedback.withdraw(first.id, viewer=EVERYONE)
    assert gone.said.decision is Decision.WITHDRAWN
    assert listed(feedback) == [] == judgements(store, viewer=EVERYONE)
    for ask in (feedback.get, feedback.withdraw):
        with pytest.raises(NotFoundError):
            ask(first.id, viewer=EVERYONE)
    back = feedback.say(D, R, ACCEPTED, viewer=EVERYONE)
    assert [one.decision.value for one in back.history] == [
        "rejected", "rejected", "accepted", "withdrawn",
    ]  # fmt: skip


def test_what_is_no_decision_is_refused(feedback: Feedback) -> None:
    refused: list[tuple[str, str, dict[str, object], str]] = [
        (D, R, {"decision": REJECTED}, "reason"),
        (D, R, {"decision": REJECTED, "reason": "不喜欢"}, "reason"),
        (D, R, {"decision": ACCEPTED, "reason": "field"}, "reason"),
        (D, R, {"decision": ACCEPTED, "note": "字" * 501}, "note"),
        (D, R, {"decision": Decision.WITHDRAWN}, "decision"),
        (R, A, {"decision": ACCEPTED}, "demand"),
        (D, D, {"decision": ACCEPTED}, "candidate"),
    ]
    for demand, candidate, said, field in refused:
        with pytest.raises(InputError) as caught:
            feedback.say(demand, candidate, viewer=EVERYONE, **said)  # type: ignore[arg-type]
        assert caught.value.values["field"] == field
        assert caught.value.hint
    for pair in ((D, "result:无"), ("demand:无", R)):
        with pytest.raises(NotFoundError):
            feedback.say(*pair, ACCEPTED, viewer=EVERYONE)
    assert listed(feedback) == []


def test_pages_go_from_the_newest_and_filters_choose(feedback: Feedback, store: Store) -> None:
    said = {R: "2026-03-01", A: "2026-01", B: "2026-03-01T08:00:00.000+00:00"}
    rows = [
        (n, Row(D, id_, stated(REJECTED, reason="ip" if id_ == A else "field", at=at, by="张三")))
        for n, (id_, at) in enumerate(said.items(), start=1)
    ]
    assert take(store, rows, refuse=_never, viewer=EVERYONE) == Taken(new=3)
    order = [(id_, "rejected") for id_ in (B, R, A)]
    assert listed(feedback) == order
    after, seen = None, []
    while True:
        page = feedback.page(after=after, limit=2, viewer=EVERYONE)
        assert page.total == 3
        seen += [(one.candidate.id, one.said.decision.value) for one in page.decided]
        if (after := page.place) is None:
            break
    assert seen == order
    assert listed(feedback, candidate=A) == listed(feedback, reason=["ip"]) == order[2:]
    assert listed(feedback, demand=D, decision=[REJECTED]) == order
    assert listed(feedback, demand=R) == listed(feedback, decision=[ACCEPTED]) == []
    told = judgements(store, viewer=EVERYONE)
    assert [(one.candidate, one.accepted, one.about_fit, one.date) for one in told] == [
        (B, False, True, "2026-03-01"),
        (A, False, False, "2026-01"),
        (R, False, True, "2026-03-01"),
    ]


def test_decisions_follow_a_merge_and_its_undoing(feedback: Feedback, store: Store) -> None:
    feedback.say(D, A, REJECTED, reason="own", viewer=EVERYONE)
    store.apply(Batch(merges=[(A, B)]))
    assert listed(feedback) == listed(feedback, candidate=A) == [(B, "rejected")]
    assert listed(feedback, candidate=B) == [(B, "rejected")]
    nodes = store.nodes([D, B])
    on = feedback.on([(nodes[D], nodes[B])], viewer=EVERYONE)
    assert on[D, B].said.reason == "own"

    feedback.say(D, A, ACCEPTED, viewer=EVERYONE)  # by its old id: what stands is the later one
    on = feedback.on([(nodes[D], nodes[B])], viewer=EVERYONE)
    assert on[D, B].said.decision is ACCEPTED
    assert [(one.candidate, one.accepted) for one in judgements(store, viewer=EVERYONE)] == [
        (B, True)
    ]

    store.apply(Batch(splits=[A]))
    nodes = store.nodes([D, A, B])
    on = feedback.on([(nodes[D], nodes[A]), (nodes[D], nodes[B])], viewer=EVERYONE)
    assert {pair[1]: one.said.decision for pair, one in on.items()} == {A: REJECTED, B: ACCEPTED}
    store.apply(Batch(delete_nodes=[A]))
    assert listed(feedback, candidate=A) == [(A, "rejected")]
    assert [one.candidate for one in judgements(store, viewer=EVERYONE)] == [B]


def test_a_file_is_taken_line_by_line_and_again_changes_nothing(
    feedback: Feedback, store: Store
) -> None:
    now = feedback.say(D, R, ACCEPTED, viewer=EVERYONE)
    rows = [
        Row(D, R, stated(REJECTED, reason="terms", at="2026-02-01", by="张三")),
        Row(D, "result:无", stated(ACCEPTED, at="2026-02-01", by="张三")),
        Row(D, A, stated(ACCEPTED, at="2026-02-02", by="张三")),
        Row(D, A, stated(REJECTED, reason="other", at="2026-02-01", by="张三")),
        Row(A, R, stated(ACCEPTED, at="2026-02-02", by="张三")),
    ]
    lines, refused = list(enumerate(rows, start=1)), dict[int, InputError]()
    taken = take(store, lines, refuse=refused.__setitem__, viewer=EVERYONE)
    assert taken == Taken(new=1, changed=2, refused=2)
    assert {n: type(error) for n, error in refused.items()} == {2: NotFoundError, 5: InputError}
    assert sorted(listed(feedback)) == [(A, "accepted"), (R, "accepted")]
    assert feedback.get(now.id, viewer=EVERYONE).history == [rows[0].said]
    again = take(store, lines, refuse=refused.__setitem__, viewer=EVERYONE)
    assert again == Taken(unchanged=3, refused=2)


def test_too_much_said_of_one_pair_is_refused(feedback: Feedback, store: Store) -> None:
    said = [stated(ACCEPTED, note=str(n), at="2026-01-01", by="程序") for n in range(MOST_SAID + 2)]
    refused: list[int] = []
    rows = [(n, Row(D, R, one)) for n, one in enumerate(said, start=1)]
    taken = take(store, rows, refuse=lambda n, _: refused.append(n), viewer=EVERYONE)
    assert (taken.new, taken.changed, refused) == (1, MOST_SAID - 1, [MOST_SAID + 1, MOST_SAID + 2])
    with pytest.raises(InputError):
        feedback.say(D, R, REJECTED, reason="other", viewer=EVERYONE)


def test_who_is_slower_tries_again(
    feedback: Feedback, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, tried = store.commit, []

    def slower(unit: object) -> object:
        if not tried:
            tried.append(unit)
            feedback.say(D, R, REJECTED, reason="ip", viewer=OTHER)
        return commit(unit)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "commit", slower)
    said = feedback.say(D, R, ACCEPTED, viewer=EVERYONE)
    assert [one.by for one in said.history] == ["李四"]
    monkeypatch.setattr(store, "commit", _conflict)
    with pytest.raises(ConflictError):
        feedback.withdraw(said.id, viewer=EVERYONE)
    assert store.get(KIND, [said.id])[said.id].version == 2


def _never(number: int, error: InputError) -> None:
    raise AssertionError(number) from error


def _conflict(_: object) -> None:
    raise ConflictError("总有人更快")
