"""Training a tiny model from a store: what comes of it, and that breaking off leaves nothing."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from embeddings import local
from embeddings.adapting import making, training
from embeddings.adapting.bases import E5Base, SentenceBase, open_base
from embeddings.adapting.export import blend, export
from embeddings.adapting.original import WORDS
from embeddings.adapting.pairs import Kind
from embeddings.adapting.training import Recipe
from embeddings.factory import open_embedder
from graph_service.errors import EmbedderError, InputError, ModelMissingError
from graph_service.ports import Store
from graph_service.progress import Silent
from graph_service.store import open_store
from tests.tiny_model import WHAT, material, save_sentence_model, tiny, write_tiny

torch = pytest.importorskip("torch", reason="没有安装 models 附加组件")

RECIPE = Recipe(steps=3, batch=8, rate=1e-3, tokens=48, negatives=1)


@pytest.fixture(autouse=True)
def one_torch_thread() -> Iterator[None]:
    """Torch's threads wait for each other by spinning, for minutes on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """What can be trained on."""
    with open_store(str(tmp_path_factory.mktemp("store"))) as opened:
        opened.apply(material())
        yield opened


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> E5Base:
    return E5Base(write_tiny(tmp_path_factory.mktemp("tiny") / "model"), tiny(), threads=1)


def test_the_exported_model_gives_the_vectors_of_the_trained_one(
    base: E5Base, tmp_path: Path
) -> None:
    with base.opened("cpu") as model:
        training.freeze(model)
        before = training.weights_of(model)
        assert WORDS not in before
        draw = np.random.default_rng(0)
        after = {
            name: (value + draw.normal(0, 0.5, value.shape)).astype(np.float32)
            for name, value in before.items()
        }
        training.set_weights(model, blend(before, after, 0.5))
        expected = model.encode([f"query: {text}" for text in WHAT], normalize_embeddings=True)
        base.write(model, blend(before, after, 0.5), tmp_path)
    made = base.reopened(tmp_path, "x", "y")
    assert (made.embed_queries(WHAT) * expected).sum(axis=1).min() > 0.99
    assert (base.embedder.embed_queries(WHAT) * expected).sum(axis=1).max() < 0.98
    assert made.fingerprint != base.embedder.fingerprint


def test_a_model_whose_words_were_trained_cannot_be_exported(tmp_path: Path) -> None:
    words = tiny().dense("emb.word", tiny().shape.vocabulary, 32)
    with pytest.raises(ValueError, match="word table"):
        export(tiny(), {WORDS: words + 0.1}, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_adapting_keeps_a_model_with_its_record(store: Store, base: E5Base, tmp_path: Path) -> None:
    models = tmp_path / "models"
    made = making.adapt(
        store, base, RECIPE, models=models, accepted=[("d1", "r1"), ("d2", "gone")], device="cpu"
    )
    assert local.listed(models) == [made] == [local.read(models / made.id)]
    assert sum(made.pairs.values()) == 3 * 8
    assert set(made.pairs) <= {kind.value for kind in Kind}
    assert made.pairs["accepted"] == 1, "accepted matches are taken before all others"
    assert made.training["seed"] == RECIPE.seed
    measured = {"held", "keywords", "names", "general_names", "general_keywords"}
    assert measured >= set(made.figures["base"]) >= {"held", "general_names", "general_keywords"}
    variants = made.figures["variants"]
    assert list(variants) == ["0.25", "0.5", "0.75", "1", "routed"]
    assert list(made.refused) == variants[made.training["variant"]]["refused"]
    assert made.routed == (made.training["variant"] == "routed")
    assert made.base == {"model": "default", "fingerprint": base.embedder.fingerprint}

    opened = open_embedder(str(models / made.id), tmp_path, threads=1)
    assert (opened.fingerprint, opened.dimension) == (made.fingerprint, 32)
    cosines = (opened.embed_queries(WHAT) * base.embedder.embed_queries(WHAT)).sum(axis=1)
    assert 0.2 < cosines.min() < 0.9999, "another model, but not any other"
    assert sorted(path.name for path in models.iterdir()) == [made.id]
    assert json.loads((models / made.id / local.RECORD).read_text())["format"] == local.FORMAT


def test_a_routed_model_serves_with_the_original_inside_it(
    store: Store, base: E5Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embeddings.adapting.floor.best", lambda _: making.ROUTED)
    quick = Recipe(steps=2, batch=8, rate=1e-3, tokens=32)
    made = making.adapt(store, base, quick, models=tmp_path / "models", device="cpu")
    assert made.routed
    opened = open_embedder(str(tmp_path / "models" / made.id), tmp_path, threads=1)
    assert (opened.fingerprint, opened.dimension) == (made.fingerprint, 64)
    short = ["水泵", "油泵"]
    both = opened.embed_queries(short) @ opened.embed_documents(WHAT).T
    alone = base.embedder.embed_queries(short) @ base.embedder.embed_documents(WHAT).T
    np.testing.assert_allclose(both, alone, atol=0.01)


def test_the_same_seed_trains_the_same_model(store: Store, base: E5Base, tmp_path: Path) -> None:
    quick = Recipe(steps=2, batch=8, rate=1e-3, tokens=32)
    one, two = (
        making.adapt(store, base, quick, models=tmp_path / name, device="cpu") for name in "ab"
    )
    assert one.fingerprint == two.fingerprint


class _Stopping(Silent):
    """Somebody presses Ctrl-C in a phase."""

    def __init__(self, phase: str) -> None:
        self._phase, self._now = phase, ""

    def start(self, phase: str, total: int | None = None) -> None:
        self._now = phase

    def advance(self, count: int = 1) -> None:
        if self._now == self._phase:
            raise KeyboardInterrupt


@pytest.mark.parametrize("phase", ["整理文字对", "训练", "度量"])
def test_breaking_off_leaves_nothing(
    store: Store, base: E5Base, tmp_path: Path, phase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "scratch"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "scratch").mkdir()
    with pytest.raises(KeyboardInterrupt):
        making.adapt(
            store, base, RECIPE, models=tmp_path / "models", device="cpu", progress=_Stopping(phase)
        )
    assert local.listed(tmp_path / "models") == []
    assert list((tmp_path / "scratch").glob("jiebang-*")) == []


def test_any_sentence_model_can_be_adapted(store: Store, base: E5Base, tmp_path: Path) -> None:
    folder = save_sentence_model(tmp_path / "own", tmp_path)
    made = making.adapt(
        store,
        SentenceBase(str(folder), threads=1),
        Recipe(steps=2, batch=8, rate=1e-3, tokens=32),
        models=tmp_path / "models",
        device="cpu",
    )
    opened = open_embedder(str(tmp_path / "models" / made.id), tmp_path, threads=1)
    assert opened.fingerprint == made.fingerprint
    assert ("|routed|64" if made.routed else "|问：|答：|32") in made.fingerprint
    assert np.isfinite(opened.embed_documents(WHAT)).all()


def test_too_little_to_train_on_is_said(base: E5Base, tmp_path: Path) -> None:
    with open_store(str(tmp_path / "empty")) as empty, pytest.raises(InputError) as caught:
        making.adapt(empty, base, RECIPE, models=tmp_path / "models", device="cpu")
    assert "16 对" in caught.value.message


def test_what_cannot_be_trained_is_refused(
    tmp_path: Path, base: E5Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError):
        open_base("hashing", tmp_path)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert training.device_of("auto") == "cpu"
    with pytest.raises(EmbedderError):
        training.device_of("cuda")


def test_without_the_extra_the_error_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ModelMissingError) as caught:
        open_base("default", tmp_path)
    assert "pip install 'jiebang[models]'" in caught.value.hint


def test_a_damaged_record_is_told_and_listed_no_more(tmp_path: Path) -> None:
    folder = tmp_path / "20261123-abcdef"
    folder.mkdir()
    (folder / local.RECORD).write_text("{}")
    assert local.listed(tmp_path) == []
    with pytest.raises(ModelMissingError):
        local.open_made(folder)
