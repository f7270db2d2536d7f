"""``jiebang alike`` for people and for programs."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from embeddings import factory
from embeddings.fill import fill
from embeddings.hashing import HashingEmbedder
from graph_service.errors import ModelMissingError
from graph_service.model import Batch
from graph_service.store import open_store
from tests.alike_graph import EDGES, NODES


@pytest.fixture
def location(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store with a few demands, and the encoder that its vectors are of."""
    monkeypatch.setenv("JIEBANG_MODEL", "hashing")
    where = str(tmp_path / "store")
    with open_store(where) as store:
        store.apply(Batch(NODES, EDGES))
        fill(store, HashingEmbedder())
    return where


def _alike(location: str, *words: str) -> str:
    done = CliRunner().invoke(app, ["alike", "--store", location, *words])
    assert done.exit_code == 0, done.output
    return "".join(done.output.split())


def test_groups_are_told_in_words(location: str) -> None:
    told = _alike(location)
    assert "9项需求里有2组相近的，共4项" in told
    assert "2项·出自2家机构" in told
    assert "都要求硬度≥60HRC（机器识别）" in told
    assert "最严涂层厚度≥0.02mm，最宽涂层厚度≥10μm（机器识别）" in told
    assert "区县东区1、南区1" in told
    assert "预算50–120万元" in told
    assert "期限2027-06、未知1" in told
    assert "与demand:4原文相同" in told
    assert "1项机构未知·1项原文重复" in told


def test_json_says_the_same(location: str) -> None:
    done = CliRunner().invoke(app, ["alike", "--store", location, "--json", "--firms", "2"])
    told = json.loads(done.stdout)
    assert (told["found"], told["warning"], told["by"]) == (1, None, ["words", "passages"])
    assert told["groups"][0]["firms"] == 2


def test_without_vectors_words_alone_count_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEBANG_MODEL", "hashing")
    with open_store(str(tmp_path / "store")) as store:
        store.apply(Batch(NODES, EDGES))
    done = CliRunner().invoke(app, ["alike", "--store", str(tmp_path / "store")])
    assert "还没有向量，只按字词比较" in done.stderr
    assert "2 组相近的" in done.stdout

    def missing(*_: object, **__: object) -> None:
        raise ModelMissingError("没有模型", hint="make setup")

    monkeypatch.setattr(factory, "open_embedder", missing)
    done = CliRunner().invoke(app, ["alike", "--store", str(tmp_path / "store"), "--json"])
    assert json.loads(done.stdout)["warning"] == "只按字词比较：没有模型"


@pytest.mark.parametrize("threshold", ["nan", "inf", "0", "1.01"])
def test_a_threshold_that_is_none_is_refused(location: str, threshold: str) -> None:
    done = CliRunner().invoke(app, ["alike", "--store", location, "--threshold", threshold])
    assert (done.exit_code, f"相近的门槛 {threshold} 不能用" in done.stderr) == (2, True)
    assert "应大于 0、不大于 1" in done.stderr
