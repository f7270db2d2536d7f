"""The default model: read, built, and held to the float32 original."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from embeddings import build, e5_weights
from embeddings.factory import open_embedder
from embeddings.onnx_e5 import PASSAGE, QUERY, OnnxEmbedder
from graph_service.errors import ModelMissingError

TEXTS = [
    "泵",
    "一种高强度铝合金压铸件的热处理方法",
    "主营产品：谐波减速器、伺服电机、工业机器人、数控系统",
    "开发抗冲击韧性≥67%的立方氮化硼单晶，粒度40/50目，成本降低20%以上；要求18个月内完成中试。",
    "企业现有喷涂线每天产生漆渣约200公斤，投加硫酸亚铁与双氧水絮凝后效果不稳定。" * 4,
    "Sensors for volatile organic compounds, 0–50 ppm，响应时间小于3 s。",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build.build(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def one_torch_thread() -> Iterator[None]:
    """Torch's threads wait for each other by spinning, for minutes on a busy machine."""
    torch = pytest.importorskip("torch", reason="没有安装 models 附加组件")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_torch_thread")
def test_vectors_are_those_of_the_float32_original(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers", reason="没有安装 models 附加组件")
    from embeddings.adapting.original import float32_model

    reference = float32_model(e5_weights.read(), folder / build.TOKENIZER, tmp_path)
    embedder = OnnxEmbedder(folder)
    for prefix, embed in ((QUERY, embedder.embed_queries), (PASSAGE, embedder.embed_documents)):
        expected = reference.encode([prefix + text for text in TEXTS], normalize_embeddings=True)
        assert (embed(TEXTS) * expected).sum(axis=1).min() > 0.999


def test_queries_find_what_they_mean(folder: Path) -> None:
    embedder = OnnxEmbedder(folder)
    documents = embedder.embed_documents(["新能源汽车蓄电池", "幼儿园教学玩具", "高血压治疗药物"])
    queries = embedder.embed_queries(["电动车用锂电芯", "儿童益智积木", "降压药"])
    assert (queries @ documents.T).argmax(axis=1).tolist() == [0, 1, 2]


def test_a_text_beyond_the_limit_is_cut_there(folder: Path) -> None:
    long = "高强度耐腐蚀合金材料" * 400
    both = OnnxEmbedder(folder).embed_documents([long, long + "毫不相干的结尾" * 50])
    assert both[0] == pytest.approx(both[1], abs=1e-4)


def test_building_again_keeps_the_folder(folder: Path) -> None:
    cache = folder.parents[1]
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert build.build(cache) == folder
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.iterdir()] == [build.NAME], "nothing half-made"


def test_a_build_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(build, "_publish", full)
    with pytest.raises(ModelMissingError) as caught:
        build.build(tmp_path)
    assert "JIEBANG_CACHE" in caught.value.hint
    assert list((tmp_path / "models").iterdir()) == []


def test_another_process_that_was_faster_is_not_disturbed(tmp_path: Path) -> None:
    made, there = tmp_path / "made", tmp_path / "there"
    for number, folder in enumerate((made, there)):
        folder.mkdir()
        (folder / "model.onnx").write_text(str(number))
    build._publish(made, there)
    assert (there / "model.onnx").read_text() == "1"
    assert not made.exists()


def test_weights_with_another_checksum_are_refused(tmp_path: Path) -> None:
    damaged = tmp_path / e5_weights.FILE
    shutil.copyfile(e5_weights.find(), damaged)
    with damaged.open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\0" * 16)
    with pytest.raises(ModelMissingError) as caught:
        e5_weights.read(damaged)
    assert "JIEBANG_MODEL" in caught.value.hint


def test_a_missing_package_names_the_setting_to_use_instead(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(e5_weights, "PACKAGE", "no_such_package")
    with pytest.raises(ModelMissingError) as caught:
        open_embedder("default", tmp_path)
    assert "JIEBANG_MODEL" in caught.value.hint


def test_a_damaged_model_folder_says_how_to_mend_it(folder: Path, tmp_path: Path) -> None:
    (tmp_path / build.MODEL).write_bytes(b"not a model")
    shutil.copyfile(folder / build.TOKENIZER, tmp_path / build.TOKENIZER)
    with pytest.raises(ModelMissingError) as caught:
        OnnxEmbedder(tmp_path).embed_queries(["泵"])
    assert "make setup" in caught.value.hint


def test_four_bit_blocks_unpack_low_nibbles_first() -> None:
    weights = e5_weights.read()
    size = weights.shape.hidden
    nibbles, scales = weights.blocks("l0.q.w", size * size)
    dense = weights.dense("l0.q.w", size, size)
    assert dense[0, 17] == (int(nibbles[0, 17]) - 8) * np.float32(scales[0])
    assert dense[1, 0] == (int(nibbles[size // 32, 0]) - 8) * np.float32(scales[size // 32])
    assert nibbles.max() == 15
    assert len(weights.pieces) == 250_002
    assert weights.pieces[weights.shape.special[1]][0] == "</s>"
