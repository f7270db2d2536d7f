"""The commands on a small graph: JSON shapes, exit codes, and what people read."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from graph_service.errors import ModelMissingError

GRAPH: list[dict[str, Any]] = [
    {
        "node": "demand:D-1",
        "label": "Demand",
        "props": {
            "title": "谐波减速器柔轮疲劳寿命提升",
            "text": "柔轮在交变载荷下易产生疲劳裂纹，要求寿命≥10000小时。",
            "district": "云湖区",
        },
        "source": "榜单.xlsx",
        "observed_at": "2026-03-01",
    },
    {
        "node": "result:R-1",
        "label": "Result",
        "props": {
            "title": "柔性齿轮表面强化工艺",
            "text": "以喷丸抑制裂纹萌生，提高柔轮疲劳寿命。",
            "kind": "patent",
            "trl": 6,
        },
        "source": "成果.csv",
        "observed_at": "2025-10",
    },
    {
        "node": "result:R-2",
        "label": "Result",
        "props": {"title": "稻米储藏保鲜方法", "text": "低温充氮储藏稻米。", "kind": "paper"},
    },
    {
        "node": "org:A",
        "label": "Organization",
        "props": {
            "name": "虚构精密传动有限公司",
            "kind": "enterprise",
            "district": "云湖区",
            "tiers": [{"tier": "小巨人", "from": "2023-07", "until": "2099-06"}],
        },
    },
    {
        "node": "org:U",
        "label": "Organization",
        "props": {"name": "虚构理工大学", "kind": "university", "district": "石桥区"},
    },
    {"node": "product:柔轮", "label": "Product", "props": {"name": "柔轮"}},
    {
        "edge": "ABOUT",
        "from": "demand:D-1",
        "to": "product:柔轮",
        "source": "榜单.xlsx",
        "observed_at": "2026-03-01",
    },
    {
        "edge": "ABOUT",
        "from": "result:R-1",
        "to": "product:柔轮",
        "source": "名称比对",
        "confidence": 0.7,
        "inferred": True,
    },
    {
        "edge": "MAKES",
        "from": "org:A",
        "to": "product:柔轮",
        "source": "年报.csv",
        "observed_at": "2025-04",
    },
    {"edge": "OWNS", "from": "org:U", "to": "result:R-1", "source": "成果.csv"},
]


@pytest.fixture(autouse=True)
def _place(location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has its own store, of each engine, its own cache, and the small encoder."""
    monkeypatch.setenv("JIEBANG_STORE", location)
    monkeypatch.setenv("JIEBANG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("JIEBANG_MODEL", "hashing")


@pytest.fixture
def graph(tmp_path: Path) -> Path:
    """The folder of the graph's file."""
    folder = tmp_path / "data"
    folder.mkdir()
    lines = (json.dumps(line, ensure_ascii=False) for line in GRAPH)
    (folder / "graph.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture
def loaded(graph: Path) -> Path:
    """The same, loaded into the store."""
    assert run("load", graph).exit_code == 0
    return graph


def _no_model(*_: object, **__: object) -> None:
    raise ModelMissingError("没有模型", hint="运行 make setup")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def answer(*arguments: object) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return json.loads(result.stdout)


def test_load_reports_and_loading_again_changes_nothing(graph: Path) -> None:
    first = answer("load", graph)
    assert first["rows"] == len(GRAPH)
    assert first["nodes"] == {"new": 6, "changed": 0, "unchanged": 0}
    assert first["edges"] == {"new": 4, "changed": 0, "unchanged": 0}
    assert (first["rejected"], first["skipped"], first["errors"]) == (0, [], [])
    assert first["embedding"]["texts"] == 6
    again = answer("load", graph)
    assert again["nodes"] == {"new": 0, "changed": 0, "unchanged": 6}
    assert again["edges"] == {"new": 0, "changed": 0, "unchanged": 4}
    assert again["embedding"]["texts"] == 0


def test_load_in_words(graph: Path) -> None:
    result = run("load", graph)
    assert result.exit_code == 0
    assert "进度 10 graph.jsonl" in result.stderr
    assert "进度 6/6 生成向量" in result.stderr
    assert "新增" in result.stdout
    assert "向量：6 段文字" in result.stdout
    assert "\x1b[" not in result.stdout


def test_a_bad_row_is_listed_and_the_rest_loads(graph: Path) -> None:
    with (graph / "graph.jsonl").open("a", encoding="utf-8") as file:
        file.write('\n{"edge": "DREAMS_OF", "from": "org:A", "to": "org:U"}\n')
    report = answer("load", graph)
    assert report["rejected"] == 1
    (error,) = report["errors"]
    assert {"file", "sheet", "row", "column", "value", "code", "mend"} <= set(error)
    assert error["row"] == len(GRAPH) + 1
    assert report["nodes"]["new"] == 6
    strict = run("load", graph, "--strict")
    assert strict.exit_code == 3
    assert "拒收 1 行" in strict.stdout
    assert "DREAMS_OF" in strict.stdout


def test_nothing_to_load_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("# 随手记\n", encoding="utf-8")
    result = run("load", tmp_path / "notes.md")
    assert result.exit_code == 2
    assert "跳过" in result.stdout
    assert "什么也没有载入" in result.stderr
    in_json = run("load", tmp_path / "notes.md", "--json")
    assert in_json.exit_code == 2
    assert len(json.loads(in_json.stdout)["skipped"]) == 1


def test_embedding_may_wait(graph: Path) -> None:
    assert answer("load", graph, "--no-embed")["embedding"] is None
    assert "还没有向量" in run("stats").stdout
    by_words = answer("match", "--demand", "demand:D-1", "--to", "results")
    assert by_words["candidates"][0]["id"] == "result:R-1"
    asked = ("match", "--demand", "demand:D-1", "--to", "results")
    assert "没有用上向量" in run(*asked).stdout
    assert "jiebang embed" in run(*asked, "--recipe", "dense").stdout
    done = answer("embed")
    assert "向量" not in run(*asked).stdout
    assert done["texts"] == 6
    assert answer("embed")["texts"] == 0
    (vectors,) = answer("stats")["vectors"].values()
    assert (vectors["texts"], vectors["pending"]) == (6, 0)


def test_a_missing_model_leaves_the_data_loaded(
    graph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("embeddings.factory.open_embedder", _no_model)
    report = answer("load", graph)
    assert report["nodes"]["new"] == 6
    assert report["embedding"]["error"]["code"] == "model_missing"
    result = run("embed")
    assert result.exit_code == 5
    found = run("search", "柔轮")
    assert found.exit_code == 0
    assert "只按字词" in found.stderr
    assert "product:柔轮" in found.stdout
    assert run("match", "--text", "柔轮", "--to", "results").exit_code == 5
    assert run("match", "--text", "柔轮", "--to", "results", "--recipe", "bm25").exit_code == 0


@pytest.mark.usefixtures("loaded")
def test_match_gives_the_shape_of_the_issue() -> None:
    found = answer("match", "--demand", "demand:D-1", "--to", "results", "--top", 5)
    assert found["recipe"] == "full"
    assert found["took_ms"] >= 0
    assert [candidate["rank"] for candidate in found["candidates"]] == [1, 2]
    best = found["candidates"][0]
    assert (best["id"], best["label"]) == ("result:R-1", "Result")
    assert best["title"] == "柔性齿轮表面强化工艺"
    for candidate in found["candidates"]:
        parts = candidate["contributions"]
        assert all(
            {"signal", "value", "weight", "contribution", "learned", "sentence", "evidence"}
            == set(part)
            for part in parts
        )
        total = candidate["prior"] + sum(part["contribution"] for part in parts)
        assert candidate["score"] == pytest.approx(total)
    assert {"retriever", "rank"} == set(best["found_by"][0])
    assert [hop["inferred"] for hop in best["path"]] == [False, True]
    assert best["path"][0]["source"] == "榜单.xlsx"
    assert best["path"][1]["confidence"] == 0.7


@pytest.mark.usefixtures("loaded")
def test_match_in_words_shows_every_reason() -> None:
    result = run("match", "--demand", "demand:D-1", "--to", "results", "--top", 1)
    assert result.exit_code == 0
    for shown in (
        "柔性齿轮表面强化工艺",
        "虚构理工大学",
        "专利",
        "成熟度 6 级",
        "先验",
        "字词第 1",
        "疲劳",
        "余弦",
        "谐波减速器柔轮疲劳寿命提升 ──涉及→ 柔轮",
        "观测 · 榜单.xlsx · 2026-03-01 · 置信 1.00",
        "←涉及┄┄",
        "推断 · 名称比对",
        "置信 0.70",
    ):
        assert shown in result.stdout
    assert "稻米" not in result.stdout
    assert "\x1b[" not in result.stdout


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("recipe", ["bm25", "dense", "rrf", "hybrid", "full"])
def test_every_recipe_answers_for_every_subject(recipe: str) -> None:
    for subject, to in (
        (("--demand", "demand:D-1"), "results"),
        (("--demand", "demand:D-1"), "organizations"),
        (("--result", "result:R-1"), "demands"),
        (("--org", "org:A"), "demands"),
        (("--org", "org:A"), "partners"),
        (("--text", "柔轮开裂怎么办"), "results"),
    ):
        found = answer("match", *subject, "--to", to, "--recipe", recipe)
        assert found["recipe"] == recipe
        assert found["to"] == to


@pytest.mark.usefixtures("loaded")
def test_filters_leave_out_what_does_not_pass() -> None:
    def titles(*filters: str) -> set[str]:
        text = ("--text", "柔轮 传动 大学", "--to", "organizations")
        return {found["title"] for found in answer("match", *text, *filters)["candidates"]}

    assert titles() == {"虚构精密传动有限公司", "虚构理工大学"}
    assert titles("--kind", "高校") == {"虚构理工大学"}
    assert titles("--kind", "enterprise") == {"虚构精密传动有限公司"}
    assert titles("--district", "石桥区") == {"虚构理工大学"}
    assert titles("--tier", "小巨人") == {"虚构精密传动有限公司"}
    since = answer("match", "--text", "柔轮", "--to", "results", "--until", "2025-12")
    assert {found["id"] for found in since["candidates"]} == {"result:R-1"}


@pytest.mark.usefixtures("loaded")
def test_nothing_left_by_filters_is_not_for_want_of_vectors() -> None:
    asked = ("match", "--demand", "demand:D-1", "--to", "results", "--since", "2099-01-01")
    told = run(*asked).stdout
    assert "没有找到；可放宽筛选条件。" in told
    assert "embed" not in told


def test_an_industry_is_named_by_name_code_or_id(loaded: Path) -> None:
    node = {
        "node": "industry:gbt4754:C3491",
        "label": "Industry",
        "props": {"name": "工业机器人制造"},
    }
    edge = {"edge": "IN_INDUSTRY", "from": "org:A", "to": node["node"]}
    lines = "\n".join(json.dumps(line, ensure_ascii=False) for line in (node, edge))
    (loaded / "industry.jsonl").write_text(lines, encoding="utf-8")
    assert run("load", loaded).exit_code == 0
    for industry in ("工业机器人制造", "c3491", "industry:gbt4754:C3491"):
        found = answer(
            "match", "--text", "柔轮 大学", "--to", "organizations", "--industry", industry
        )
        assert [candidate["id"] for candidate in found["candidates"]] == ["org:A"]


@pytest.mark.usefixtures("loaded")
def test_a_subject_of_another_kind_is_refused() -> None:
    result = run("match", "--demand", "result:R-1", "--to", "organizations")
    assert result.exit_code == 2
    assert "result:R-1 是成果" in result.stderr
    assert "--result result:R-1" in result.stderr
    missing = run("match", "--demand", "demand:D-9", "--to", "results")
    assert missing.exit_code == 2
    assert "（not_found）" in missing.stderr


@pytest.mark.usefixtures("loaded")
def test_search_finds_by_name_and_words() -> None:
    found = answer("search", "虚构理工大学")
    assert set(found) == {"query", "took_ms", "hits", "warning"}
    assert found["hits"][0]["id"] == "org:U"
    assert {"retriever", "rank"} == set(found["hits"][0]["found_by"][0])
    only = answer("search", "柔轮", "--label", "result")
    assert {hit["label"] for hit in only["hits"]} == {"Result"}
    assert "product:柔轮" in run("search", "柔轮").stdout
    assert len(answer("search", "柔轮", "--limit", 1)["hits"]) == 1


@pytest.mark.usefixtures("loaded")
def test_suggest_completes_names_in_characters_and_pinyin() -> None:
    found = answer("suggest", "xugouligong")
    assert set(found) == {"query", "took_ms", "suggestions"}
    assert found["suggestions"][0] == {
        "id": "org:U",
        "label": "Organization",
        "title": "虚构理工大学",
        "name": "虚构理工大学",
        "by": "pinyin",
    }
    shown = run("suggest", "柔", "--label", "product").stdout
    assert "product:柔轮" in shown
    assert "名称" in shown
    assert answer("suggest", "柔", "--label", "region")["suggestions"] == []
    assert "没有这样的名称" in run("suggest", "没有这个").stdout


@pytest.mark.usefixtures("loaded")
def test_search_finds_by_pinyin_too() -> None:
    found = answer("search", "roul")["hits"][0]
    assert found["id"] == "product:柔轮"
    assert {"retriever": "name", "rank": 1} in found["found_by"]


@pytest.mark.usefixtures("loaded")
def test_show_tells_props_origin_and_edges() -> None:
    shown = answer("show", "demand:D-1")
    assert shown["node"]["props"]["district"] == "云湖区"
    assert (shown["node"]["source"], shown["node"]["observed_at"]) == ("榜单.xlsx", "2026-03-01")
    (edge,) = shown["edges"]
    assert (edge["type"], edge["to"]["title"], edge["inferred"]) == ("ABOUT", "柔轮", False)
    words = run("show", "org:A").stdout
    for part in ("虚构精密传动有限公司", "小巨人（2023–2099）", "──生产→", "观测 · 年报.csv"):
        assert part in words
    assert "推断 · 名称比对" in run("show", "result:R-1").stdout
    assert answer("show", "product:柔轮", "--type", "makes", "--direction", "out")["edges"] == []
    assert "用 --limit 看更多" not in run("show", "product:柔轮", "--limit", 3).stdout
    assert (
        "只列出前 2 条关系；用 --limit 看更多" in run("show", "product:柔轮", "--limit", 2).stdout
    )
    assert run("show", "nobody").exit_code == 2


@pytest.mark.usefixtures("loaded")
def test_paths_are_told_hop_by_hop() -> None:
    found = answer("paths", "org:A", "org:U")
    (path,) = found["paths"]
    assert path["hops"] == 3
    assert [hop["type"] for hop in path["path"]] == ["MAKES", "ABOUT", "OWNS"]
    assert [hop["forward"] for hop in path["path"]] == [True, False, False]
    words = run("paths", "org:A", "org:U").stdout
    assert "虚构精密传动有限公司 ──生产→ 柔轮" in words
    assert "柔轮 ←涉及┄┄ 柔性齿轮表面强化工艺" in words
    assert "没有路径" in run("paths", "org:A", "org:U", "--max-hops", 1).stdout
    assert "同一个节点" in run("paths", "org:A", "org:A").stdout
    assert run("paths", "org:A", "nobody").exit_code == 2


@pytest.mark.usefixtures("loaded")
def test_stats_count_nodes_edges_and_vectors() -> None:
    counts = answer("stats")
    assert counts["nodes"] == {"Demand": 1, "Result": 2, "Organization": 2, "Product": 1}
    assert counts["edges"]["ABOUT"] == {"observed": 1, "inferred": 1}
    words = run("stats").stdout
    assert "成果 Result" in words
    assert "涉及 ABOUT" in words


@pytest.mark.usefixtures("loaded")
def test_reindex_changes_no_answer() -> None:
    def ranked() -> list[tuple[str, float]]:
        found = answer("match", "--demand", "demand:D-1", "--to", "results")
        return [(one["id"], one["score"]) for one in found["candidates"]]

    before = ranked()
    assert answer("reindex")["seconds"] >= 0
    assert ranked() == before


def test_store_is_named_before_or_after_the_command(
    graph: Path, location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEBANG_STORE", str(tmp_path / "elsewhere"))
    assert run("load", graph, "--store", location).exit_code == 0
    assert answer("--store", location, "stats")["store"] == location
    assert answer("stats", "--store", location)["nodes"]["Result"] == 2
    assert run("stats").exit_code == 4
