"""Models of sentence-transformers: what is missing is said, and prefixes are chosen by name."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from embeddings.factory import open_embedder
from embeddings.sentence import _prefixes
from graph_service.errors import ModelMissingError


def test_without_the_extra_the_error_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ModelMissingError) as caught:
        open_embedder("BAAI/bge-small-zh-v1.5", tmp_path)
    assert "jiebang[models]" in caught.value.hint


def test_a_folder_that_holds_no_model_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers", reason="没有安装 models 附加组件")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelMissingError) as caught:
        open_embedder(str(tmp_path), tmp_path)
    assert "JIEBANG_MODEL" in caught.value.hint


@pytest.mark.parametrize(
    ("model", "query", "passage"),
    [
        ("intfloat/multilingual-e5-small", "query: ", "passage: "),
        ("intfloat/multilingual-e5-large-instruct", "Instruct: ", ""),
        ("BAAI/bge-small-zh-v1.5", "为这个句子生成表示", ""),
        ("BAAI/bge-base-en-v1.5", "Represent this sentence", ""),
        ("BAAI/bge-m3", "", ""),
        ("shibing624/text2vec-base-chinese", "", ""),
    ],
)
def test_prefixes_follow_the_family(model: str, query: str, passage: str) -> None:
    found = _prefixes(SimpleNamespace(prompts={"query": "", "document": ""}), model)
    assert found[0].startswith(query)
    assert bool(found[0]) == bool(query)
    assert found[1] == passage


def test_the_models_own_prompts_come_first() -> None:
    own = SimpleNamespace(prompts={"query": "检索：", "document": "文档："})
    assert _prefixes(own, "intfloat/multilingual-e5-small") == ("检索：", "文档：")


def test_a_renamed_folder_is_known_by_its_configuration(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"_name_or_path": "BAAI/bge-large-zh-v1.5"}))
    plain = SimpleNamespace(prompts={})
    assert _prefixes(plain, str(tmp_path))[0].startswith("为这个句子")
