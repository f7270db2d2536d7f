"""Using another model while the old one serves, going back at once, and what is refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api import bootstrap, models
from api.bootstrap import Services
from api.settings import load_settings
from embeddings import local
from embeddings.active import Choice, active, switch
from embeddings.build import write
from embeddings.fill import fill
from embeddings.local import Made
from graph_service.errors import (
    ConflictError,
    ForbiddenError,
    InputError,
    ModelMissingError,
    ModelRefusedError,
    NotFoundError,
)
from graph_service.model import EVERYONE, Batch, Filter, Label, Node, Viewer
from graph_service.progress import Silent
from tests.tiny_model import tiny

HASHING = "hashing-1|256"
TEXTS = ["谐波减速器柔轮疲劳裂纹", "污水处理药物检测", "焊接机器人轴承", "芯片散热涂料"]


def _keep(folder: Path, seed: int, *, setting: str = "hashing", refused: str = "") -> Made:
    """A tiny model among those made here."""

    def filled(place: Path) -> object:
        write(tiny(seed), place)
        return lambda hashed: Made(
            id=f"20261123-{hashed[:6]}",
            made_at=f"2026-11-23T0{seed}:00:00+00:00",
            form="onnx",
            fingerprint=f"tiny {seed}|{hashed}",
            dimension=32,
            base={"model": setting, "fingerprint": HASHING},
            refused=[refused] if refused else [],
        )

    return local.keep(folder, filled)  # type: ignore[arg-type]


@pytest.fixture
def made(location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """A store whose texts have vectors by the hashing encoder, open for writing."""
    monkeypatch.setattr(bootstrap, "NOTICE_SECONDS", 0.0)
    settings = load_settings({"store": location, "model": "hashing", "models": tmp_path / "made"})
    with Services(settings) as services:
        nodes = [Node(f"d{n}", Label.DEMAND, {"title": text}, "甲") for n, text in enumerate(TEXTS)]
        services.store.apply(Batch(nodes))
        fill(services.store, services.embedder)
        yield services


#: For tests of what no engine has a part in.
only_embedded = pytest.mark.parametrize("location", ["embedded"], indirect=True)


def _found(services: Services) -> tuple[str, list[str]]:
    """By which vectors a process searches, and what they find."""
    embedder = services.embedder
    vector = embedder.embed_queries([TEXTS[1]])[0]
    hits = services.store.search_vectors(vector, embedder.fingerprint, Filter())
    assert services.matcher().search(TEXTS[1], viewer=EVERYONE)[0].node.id == "d1"
    return embedder.fingerprint, [hit.node_id for hit in hits]


class _Watching(Silent):
    """Asks a process that serves, each time that vectors were committed."""

    def __init__(self, serving: Services) -> None:
        self.serving, self.seen = serving, list[str]()

    def advance(self, count: int = 1) -> None:
        self.seen.append(_found(self.serving)[0])


def test_the_old_model_serves_until_the_new_ones_vectors_are_there(made: Services) -> None:
    first, second = (_keep(made.models, seed) for seed in (1, 2))
    with Services(made.settings, read_only=True) as serving:
        watching = _Watching(serving)
        done = models.use(made, first.id, watching, viewer=EVERYONE)
        assert watching.seen == [HASHING]
        assert (done["active"], done["before"], done["texts"]) == (first.id, "base", len(TEXTS))
        fingerprint, found = _found(serving)
        assert fingerprint == first.fingerprint
        assert (found[0], len(found)) == ("d1", len(TEXTS))

        # Going back and forth computes nothing.
        back = models.go_back(made, viewer=EVERYONE)
        assert (back["active"], back["before"], back["pending"]) == ("base", first.id, 0)
        assert _found(serving)[0] == HASHING
        assert models.go_back(made, viewer=EVERYONE)["active"] == first.id
        assert _found(serving)[0] == first.fingerprint

        # The next switch drops what is older than the one before.
        done = models.use(made, second.id, Silent(), viewer=EVERYONE)
        assert (done["before"], done["dropped"]) == (first.id, len(TEXTS))
        assert _found(serving)[0] == second.fingerprint
        assert set(made.store.stats()["vectors"]) == {first.fingerprint, second.fingerprint}

        told = models.listed(serving, viewer=EVERYONE)
        assert (told["active"], told["before"]) == (second.id, first.id)
        assert [(one["id"], one["active"], one["before"]) for one in told["models"]] == [
            ("base", False, False),
            (second.id, True, False),
            (first.id, False, True),
        ]
        assert [one["vectors"] and one["vectors"]["texts"] for one in told["models"]] == [
            None,
            4,
            4,
        ]


def test_what_came_since_is_told_when_going_back(made: Services) -> None:
    kept = _keep(made.models, 1)
    models.use(made, kept.id, Silent(), viewer=EVERYONE)
    made.store.apply(Batch([Node("new", Label.DEMAND, {"title": "玻璃纤维"}, "甲")]))
    fill(made.store, made.embedder)
    assert models.go_back(made, viewer=EVERYONE)["pending"] == 1
    fill(made.store, made.embedder)
    assert made.store.stats()["vectors"][HASHING]["pending"] == 0


class _Stopping(Silent):
    def advance(self, count: int = 1) -> None:
        raise KeyboardInterrupt


@only_embedded
def test_a_switch_that_is_broken_off_changes_nothing_and_goes_on(made: Services) -> None:
    kept = _keep(made.models, 1)
    with pytest.raises(KeyboardInterrupt):
        models.use(made, kept.id, _Stopping(), viewer=EVERYONE)
    assert _found(made)[0] == HASHING
    done = models.use(made, kept.id, Silent(), viewer=EVERYONE)
    assert (done["active"], done["texts"]) == (kept.id, 0), "its vectors were there already"


@only_embedded
def test_what_must_not_be_used_is_refused(made: Services) -> None:
    worse = _keep(made.models, 1, refused="短产品名差了 3%")
    other = _keep(made.models, 2, setting="default")
    with pytest.raises(ModelRefusedError) as caught:
        models.use(made, worse.id, Silent(), viewer=EVERYONE)
    assert "短产品名差了 3%" in caught.value.message
    with pytest.raises(InputError, match="default"):
        models.use(made, other.id, Silent(), viewer=EVERYONE)
    for unknown in ("20261123-000000", "../made", ""):
        with pytest.raises(NotFoundError):
            models.use(made, unknown, Silent(), viewer=EVERYONE)
    with pytest.raises(ModelRefusedError):
        models.go_back(made, viewer=EVERYONE)
    stranger = Viewer("某人", sees_all=False)
    with pytest.raises(ForbiddenError):
        models.use(made, "base", Silent(), viewer=stranger)
    with pytest.raises(ForbiddenError):
        models.go_back(made, viewer=stranger)
    assert _found(made)[0] == HASHING


@only_embedded
def test_of_two_who_switch_at_once_one_is_told(made: Services) -> None:
    was = active(made.store, "hashing")
    switch(made.store, was, Choice("a", "x"), own=HASHING)
    with pytest.raises(ConflictError):
        switch(made.store, was, Choice("b", "y"), own=HASHING)
    now = active(made.store, "hashing")
    assert (now.id, now.before) == ("a", Choice(None, HASHING))


@only_embedded
def test_another_setting_is_not_stood_in_for(made: Services) -> None:
    models.use(made, _keep(made.models, 1).id, Silent(), viewer=EVERYONE)
    assert active(made.store, "default").id is None
    assert active(made.store, "hashing").id is not None


@only_embedded
def test_a_model_is_dropped_unless_it_is_in_use(made: Services) -> None:
    kept = _keep(made.models, 1)
    models.use(made, kept.id, Silent(), viewer=EVERYONE)
    with pytest.raises(InputError, match="正在使用"):
        models.drop(made, kept.id, viewer=EVERYONE)
    gone = models.drop(made, "base", viewer=EVERYONE)
    assert gone == {"dropped": "base", "vectors": len(TEXTS)}
    with pytest.raises(ModelRefusedError):
        models.go_back(made, viewer=EVERYONE)
    models.use(made, "base", Silent(), viewer=EVERYONE)
    assert models.drop(made, kept.id, viewer=EVERYONE)["vectors"] == len(TEXTS)
    assert local.listed(made.models) == []
    assert list(made.store.stats()["vectors"]) == [HASHING]


@only_embedded
def test_a_model_in_use_that_is_gone_is_told_and_can_be_left(made: Services) -> None:
    kept = _keep(made.models, 1)
    models.use(made, kept.id, Silent(), viewer=EVERYONE)
    local.drop(made.models, kept.id)
    with Services(made.settings) as anew:
        with pytest.raises(ModelMissingError) as caught:
            _ = anew.embedder
        assert "回到前一个" in caught.value.hint
        models.go_back(anew, viewer=EVERYONE)
        assert _found(anew)[0] == HASHING
