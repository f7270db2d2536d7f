"""What jobs do, kind by kind, through a worker on a real store: results, files, errors."""

import io
import json
import sqlite3
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from api.bootstrap import Services
from api.jobs.params import PARAMS, RecipeName, validated
from api.jobs.runners import RUNNERS
from api.jobs.work import Done, Work
from api.jobs.worker import Worker
from api.settings import load_settings
from graph_service.errors import InputError
from graph_service.feedback.model import Decision
from graph_service.feedback.service import Feedback
from graph_service.jobs.model import Job, State
from graph_service.matching.recipes import RECIPES
from graph_service.model import EVERYONE, EdgeType, Filter, Label

NEEDS = """编号,需求名称,需求描述,需求单位,截止日期
X-1,柔轮疲劳寿命提升,柔轮在交变载荷下易产生疲劳裂纹,虚构精密传动有限公司,2026-12-31
X-2,粮食低温储藏,稻米储藏期间保鲜,虚构粮油有限公司,2026-12-31
X-3,,没有名称的一行,虚构粮油有限公司,2026-12-31
"""


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setattr("api.jobs.worker.BEAT", 0.02)
    store, cache = str(tmp_path / "store"), tmp_path / "cache"
    with Services(load_settings({"store": store, "model": "hashing", "cache": cache})) as services:
        yield services


def upload(made: Services, name: str, content: bytes | str) -> str:
    data = content.encode() if isinstance(content, str) else content
    return made.files.receive(name, [data], most=10**9, viewer=EVERYONE).id


def finished(made: Services, kind: str, **params: Any) -> Job:
    checked = validated(kind, params).model_dump(mode="json", exclude_none=True)
    job = made.jobs.submit(kind, checked, viewer=EVERYONE)
    assert Worker(made, poll=0.01).run_one()
    ended = made.jobs.get(job.id, viewer=EVERYONE)
    assert ended.state.ended
    return ended


def read(made: Services, job: Job, name: str) -> bytes:
    path = made.files.job_file(job.id, name)
    assert {"name": name, "bytes": path.stat().st_size} in list(job.files)
    return path.read_bytes()


def loaded(made: Services) -> Job:
    return finished(made, "load", uploads=[upload(made, "需求.csv", NEEDS)])


def test_load_reports_and_gives_rejected_rows_back(made: Services) -> None:
    job = loaded(made)
    assert (job.state, job.error) == (State.SUCCEEDED, None)
    assert job.result is not None
    assert (job.result["rows"], job.result["rejected"]) == (3, 1)
    assert job.result["embedding"]["texts"] > 0
    assert [file["name"] for file in job.files] == ["rejected.xlsx", "report.json"]
    report = json.loads(read(made, job, "report.json"))
    assert [error["file"] for error in report["errors"]] == ["需求.csv"]
    book = openpyxl.load_workbook(io.BytesIO(read(made, job, "rejected.xlsx")))
    assert "没有名称的一行" in [cell.value for row in book.active.iter_rows() for cell in row]
    nodes = made.store.scan(Filter(labels=frozenset({Label.DEMAND}))).nodes
    assert [node.title for node in nodes] == ["柔轮疲劳寿命提升", "粮食低温储藏"]
    assert {node.source for node in nodes} == {"需求.csv"}
    log = [line.text for line in made.jobs.log(job.id, viewer=EVERYONE).lines]
    assert (log[0], log[-1]) == ("开始第 1 次执行。", "完成。")
    assert [line for line in log if line.startswith("需求.csv：")] == [
        "需求.csv：技术需求与榜单，3 行"
    ]


def test_the_log_counts_the_rows_that_are_given_back(made: Services) -> None:
    rows = (
        "企业名称,统一社会信用代码,成立日期\n"
        "虚构甲精密有限公司,,2011-13-45\n虚构乙传动有限公司,123,\n,,2011-01-01\n"
        "虚构丙轴承有限公司,,2012-01-01\n虚构乙传动有限公司,,2013-01-01\n"
    )
    job = finished(made, "load", uploads=[upload(made, "名录.csv", rows)])
    assert job.result is not None
    back = job.result["given_back"]
    assert (job.result["rejected"], back["rows"], back["along"]) == (1, 3, 1)
    book = openpyxl.load_workbook(io.BytesIO(read(made, job, "rejected.xlsx")))
    written = [row[-1] for row in book.active.values if isinstance(row[-1], int)]
    log = [line.text for line in made.jobs.log(job.id, viewer=EVERYONE).lines]
    assert sorted(written) == [2, 3, 4, 6]
    assert "拒收 1 行" in log
    assert "有误的 3 行，连同同一对象的 1 行，写在 rejected.xlsx；改好后再上传即可" in log


def test_nothing_tells_where_files_lie(made: Services, tmp_path: Path) -> None:
    jobs = [
        loaded(made),
        finished(made, "load", uploads=[upload(made, "看不懂.csv", "甲,乙\n1,2\n")]),
        finished(made, "load", uploads=[upload(made, "坏.xlsx", b"PK")]),
        finished(made, "load", uploads=[upload(made, "图.jsonl", '{"node": 1}\n')]),
        finished(
            made,
            "load",
            uploads=[upload(made, "需求.csv", NEEDS)],
            mappings=[upload(made, "对照.toml", "= bad")],
        ),
        finished(made, "evaluate", upload=upload(made, "任务.zip", task({"corpus.jsonl": ""}))),
        finished(made, "evaluate", upload=upload(made, "任务.zip", b"PK")),
        finished(made, "match", subject="demand", ids=["demand:none"], to="results"),
    ]
    for job in jobs:
        told = json.dumps(job.as_dict(), ensure_ascii=False)
        told += "".join(line.text for line in made.jobs.log(job.id, viewer=EVERYONE).lines)
        told += "".join(
            read(made, job, file["name"]).decode() for file in job.files if "json" in file["name"]
        )
        assert str(tmp_path) not in told
        assert "/tmp" not in told
        assert "Traceback" not in told
        if job.state is State.FAILED:
            assert job.error is not None
            assert set(job.error) == {"code", "message", "hint"}
            assert job.error["message"]
    assert [job.state.value for job in jobs] == ["succeeded", *["failed"] * 7]


def test_a_load_of_nothing_fails_and_says_why(made: Services) -> None:
    job = finished(made, "load", uploads=[upload(made, "看不懂.csv", "甲,乙\n1,2\n")])
    assert job.state is State.FAILED
    assert job.error is not None
    assert job.error["code"] == "input"
    assert "看不懂.csv" in job.error["hint"]
    assert [file["name"] for file in job.files] == ["report.json"]


def test_a_trial_reports_what_the_load_does_and_writes_nothing(made: Services) -> None:
    trial = finished(made, "load", uploads=[upload(made, "需求.csv", NEEDS)], dry_run=True)
    assert made.store.stats()["nodes"] == {}
    real = loaded(made)
    assert trial.result is not None
    assert real.result is not None
    for key in ("rows", "rejected", "nodes", "edges", "bare"):
        assert trial.result[key] == real.result[key]
    assert (trial.result["dry_run"], real.result["dry_run"]) == (True, False)
    report = json.loads(read(made, trial, "report.json"))
    assert {example["change"] for example in report["examples"]} == {"new"}
    again = finished(made, "load", uploads=[upload(made, "需求.csv", NEEDS)], dry_run=True)
    assert again.result is not None
    assert (again.result["nodes"]["new"], again.result["nodes"]["changed"]) == (0, 0)


def test_loading_again_changes_nothing(made: Services) -> None:
    loaded(made)
    again = loaded(made)
    assert again.result is not None
    assert (again.result["nodes"]["new"], again.result["nodes"]["changed"]) == (0, 0)


def test_two_uploads_of_one_name_are_refused(made: Services) -> None:
    ids = [upload(made, "需求.csv", NEEDS) for _ in range(2)]
    job = finished(made, "load", uploads=ids)
    assert job.error is not None
    assert "同名" in job.error["message"]


def test_embed_and_reindex(made: Services) -> None:
    job = finished(made, "load", uploads=[upload(made, "需求.csv", NEEDS)], embed=False)
    assert job.result is not None
    assert job.result["embedding"] is None
    waiting = len(made.store.pending_texts(made.embedder.fingerprint))
    embedded = finished(made, "embed").result
    assert embedded is not None
    assert embedded["texts"] == waiting > 0
    assert set(finished(made, "reindex").result or {}) == {"seconds"}


def test_reindex_waits_for_who_is_at_the_indexes(made: Services, tmp_path: Path) -> None:
    loaded(made)
    lock = sqlite3.connect(tmp_path / "store" / "projections" / "lock.sqlite", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    job = made.jobs.submit("reindex", {}, viewer=EVERYONE)
    worker = threading.Thread(target=Worker(made).run_one)
    worker.start()
    while made.jobs.get(job.id, viewer=EVERYONE).standing.phase != "重建索引":
        time.sleep(0.01)
    assert not made.jobs.get(job.id, viewer=EVERYONE).state.ended
    lock.close()
    worker.join()
    assert made.jobs.get(job.id, viewer=EVERYONE).state is State.SUCCEEDED


def test_match_gives_what_the_matcher_gives(made: Services) -> None:
    loaded(made)
    finished(made, "load", uploads=[upload(made, "成果.csv", RESULTS)])
    first, _ = made.store.scan(Filter(labels=frozenset({Label.DEMAND}))).nodes
    found, _ = made.store.scan(Filter(labels=frozenset({Label.RESULT}))).nodes
    said = Feedback(made.store).say(
        first.id, found.id, Decision.REJECTED, reason="field", viewer=EVERYONE
    )
    job = finished(made, "match", subject="demand", to="results", recipe="hybrid", top=2)
    assert job.result is not None
    assert (job.result["subjects"], job.result["candidates"]) == (2, 4)
    lines = [json.loads(line) for line in read(made, job, "matches.jsonl").splitlines()]
    from graph_service.matching.types import Query, Target

    for line in lines:
        query = Query.of_node(line["subject"]["id"])
        wanted = made.matcher().match(
            query, to=Target.RESULTS, recipe="hybrid", top=2, viewer=EVERYONE
        )
        decided = [one.pop("feedback") for one in line["candidates"]]
        assert line["candidates"] == json.loads(json.dumps(wanted.as_dict()["candidates"]))
        pairs = [(line["subject"]["id"], one["id"]) for one in line["candidates"]]
        assert [one and one["id"] for one in decided] == [
            said.id if pair == (first.id, found.id) else None for pair in pairs
        ]
    book = openpyxl.load_workbook(io.BytesIO(read(made, job, "matches.xlsx")))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[0][:5] == ("编号", "名称", "名次", "候选编号", "候选名称")
    assert [row[3] for row in rows[1:]] == [
        candidate["id"] for line in lines for candidate in line["candidates"]
    ]
    assert [row[-1] for row in rows if row[-1]] == ["反馈", "拒绝：领域不符"]
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)


RESULTS = """成果名称,成果简介,完成单位,成熟度
柔性齿轮表面强化工艺,以喷丸抑制裂纹萌生，提高柔轮疲劳寿命,虚构理工大学,6
=1+1 稻米保鲜,低温充氮储藏稻米,虚构农业大学,5
"""


def test_match_of_ids_and_filters(made: Services) -> None:
    loaded(made)
    ids = [node.id for node in made.store.scan(Filter(labels=frozenset({Label.DEMAND}))).nodes]
    one = finished(
        made, "match", subject="demand", ids=[ids[1], ids[1]], to="demands", recipe="bm25"
    )
    assert [
        json.loads(line)["subject"]["id"] for line in read(made, one, "matches.jsonl").splitlines()
    ] == [ids[1]]
    none = finished(
        made, "match", subject="demand", filter={"district": ["别处"]}, to="demands", recipe="bm25"
    )
    assert none.result is not None
    assert none.result["subjects"] == 0
    assert openpyxl.load_workbook(io.BytesIO(read(made, none, "matches.xlsx"))).active.max_row == 1


@pytest.mark.parametrize("kind", ["jsonl", "xlsx", "csv", "graphml"])
def test_export_gives_a_file_that_loads_back(made: Services, kind: str, tmp_path: Path) -> None:
    loaded(made)
    job = finished(made, "export", format=kind)
    assert job.result is not None
    name = "graph.zip" if kind == "csv" else f"graph.{kind}"
    assert [file["name"] for file in job.files] == [name]
    content = read(made, job, name)
    if not job.result["reads_back"]:
        return
    settings = load_settings({"store": str(tmp_path / "b"), "model": "hashing"})
    with Services(settings) as other:
        assert finished(other, "load", uploads=[upload(other, name, content)]).error is None
        assert other.store.stats()["nodes"] == made.store.stats()["nodes"]
        assert other.store.stats()["edges"] == made.store.stats()["edges"]


def task(files: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"任务/{name}", text)
    return packed.getvalue()


def test_evaluate_measures_an_uploaded_task(made: Services) -> None:
    files = {
        "corpus.jsonl": '{"_id": "a", "title": "柔轮", "text": "疲劳寿命"}\n'
        '{"_id": "b", "title": "稻米", "text": "储藏保鲜"}\n',
        "queries.jsonl": '{"_id": "q", "text": "柔轮疲劳"}\n',
        "qrels/test.tsv": "query-id\tcorpus-id\tscore\nq\ta\t1\n",
        "../../outside.txt": "x",
    }
    job = finished(made, "evaluate", upload=upload(made, "任务.zip", task(files)), recipes=["bm25"])
    assert job.error is None
    assert job.result is not None
    assert job.result["task"] == "任务"
    assert job.result["recipes"]["bm25"]["mrr@10"] == 1.0
    assert len(read(made, job, "per-query.jsonl").splitlines()) == 1


def test_resolve_fills_the_review_list(made: Services) -> None:
    names = "企业名称,统一社会信用代码\n虚构精密传动有限公司,\n虚构精密传动股份有限公司,\n"
    finished(made, "load", uploads=[upload(made, "企业名录.csv", names)])
    job = finished(made, "resolve")
    assert job.result is not None
    assert (job.result["organisations"], job.result["new"]) == (2, 1)


def test_an_unexpected_error_is_told_without_its_trace(
    made: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(work: Work, params: Any) -> Done:
        (work.folder / "half").write_bytes(b"1")
        raise ZeroDivisionError("secret detail")

    monkeypatch.setitem(RUNNERS, "embed", fails)  # type: ignore[arg-type]
    job = finished(made, "embed")
    assert job.error is not None
    assert job.error["code"] == "internal"
    assert "secret" not in json.dumps(job.as_dict())
    assert "secret detail" in caplog.text
    assert job.files == ()
    assert made.files.listed(job.id) == []


def test_a_result_that_cannot_be_kept_is_an_error_and_odd_names_are_none(
    made: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def odd(work: Work, params: Any) -> Done:
        work.watched.start("坏\udc80名")
        work.watched.say("坏\udc80字")
        return Done({"name": "\udc80"})

    monkeypatch.setitem(RUNNERS, "embed", odd)  # type: ignore[arg-type]
    job = finished(made, "embed")
    assert job.error is not None
    assert job.error["code"] == "internal"
    assert "不能存为 JSON" in caplog.text
    told = [line.text for line in made.jobs.log(job.id, viewer=EVERYONE).lines]
    assert told[1:3] == ["坏?名", "坏?字"]


def until_stopped(began: Callable[[], None]) -> Callable[[Work, Any], Done]:
    def work(work: Work, _params: Any) -> Done:
        work.watched.start("等", 10)
        began()
        while True:
            work.watched.advance(0)

    return work


def test_a_running_job_hears_that_it_is_to_stop(
    made: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = made.jobs.submit("embed", {}, viewer=EVERYONE)
    runs = until_stopped(lambda: made.jobs.cancel(job.id, viewer=EVERYONE) and None)
    monkeypatch.setitem(RUNNERS, "embed", runs)  # type: ignore[arg-type]
    assert Worker(made).run_one()
    ended = made.jobs.get(job.id, viewer=EVERYONE)
    assert (ended.state, ended.error, ended.cancel) == (State.CANCELLED, None, True)
    assert [line.text for line in made.jobs.log(job.id, viewer=EVERYONE).lines][
        -1
    ] == "已按要求取消。"


def test_a_worker_that_stops_hands_its_job_back(
    made: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker(made)
    job = made.jobs.submit("embed", {}, viewer=EVERYONE)
    with monkeypatch.context() as patch:
        patch.setitem(RUNNERS, "embed", until_stopped(worker.stop))  # type: ignore[arg-type]
        worker.run()  # ends by itself
    assert not worker.run_one()
    waiting = made.jobs.get(job.id, viewer=EVERYONE)
    assert (waiting.state, waiting.attempt, waiting.lost) == (State.QUEUED, 1, 0)
    assert Worker(made).run_one()
    ended = made.jobs.get(job.id, viewer=EVERYONE)
    assert (ended.state, ended.attempt) == (State.SUCCEEDED, 2)


def test_old_jobs_go_with_their_files(made: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    old = loaded(made)
    (file,) = (made.files.job_file(old.id, "report.json"),)
    later = made.jobs.clock() + 40 * 24 * 3600
    monkeypatch.setattr(made.jobs, "clock", lambda: later)
    fresh = made.jobs.submit("reindex", {}, viewer=EVERYONE)
    worker = Worker(made, poll=0.01)
    assert worker.run_one()
    worker._tidy()
    assert not file.exists()
    assert [job.id for job in made.jobs.page(viewer=EVERYONE).jobs] == [fresh.id]
    assert made.store.count("job_log") == len(made.jobs.log(fresh.id, viewer=EVERYONE).lines)


@pytest.mark.parametrize(
    ("kind", "params", "place"),
    [
        ("dance", {}, None),
        ("load", {}, "uploads"),
        ("load", {"uploads": ["../x"]}, "uploads.0"),
        ("embed", {"model": "x"}, "model"),
        ("match", {"subject": "text", "to": "results"}, "subject"),
        ("match", {"subject": "demand", "to": "results", "top": 1000}, "top"),
        ("evaluate", {"upload": "0" * 16, "qrels": "../x"}, "qrels"),
    ],
)
def test_parameters_that_cannot_be_are_refused(kind: str, params: Any, place: str | None) -> None:
    with pytest.raises(InputError) as caught:
        validated(kind, params)
    assert caught.value.values.get("param") == place
    assert caught.value.hint


def test_bulk_matches_are_kept_as_inferred_edges(made: Services) -> None:
    loaded(made)
    finished(made, "load", uploads=[upload(made, "成果.csv", RESULTS)])
    params = {"recipe": "bm25", "top": 1, "to": ["results"]}
    first = finished(made, "bulk_match", **params).result
    assert first is not None
    assert (first["demands"], first["edges"]["new"]) == (2, 2)
    hops = made.store.neighbours(
        [node.id for node in made.store.scan(Filter(labels=frozenset({Label.DEMAND}))).nodes],
        types=[EdgeType.MATCHED],
    )
    assert [hop.edge.inferred for some in hops.values() for hop in some] == [True, True]
    again = finished(made, "bulk_match", **params).result
    assert again is not None
    assert again["edges"] == {"new": 0, "changed": 0, "unchanged": 2, "deleted": 0}
    none = finished(made, "bulk_match", filter={"district": ["别处"]}).result
    assert none is not None
    assert (none["demands"], none["edges"]["deleted"]) == (0, 0)


def test_every_kind_has_parameters_and_work() -> None:
    assert list(PARAMS) == list(RUNNERS)
    assert list(RecipeName.__args__) == list(RECIPES)
