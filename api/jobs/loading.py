"""The ``load`` job: uploads into the graph; a report and the rejected rows as files."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from api.embedding import embed_new
from api.jobs.params import LoadParams
from api.jobs.work import Done, Work
from graph_service.errors import InputError
from graph_service.ports import Store

if TYPE_CHECKING:
    from loaders.report import LoadReport

#: Files of the job.
REPORT, REJECTED = "report.json", "rejected.xlsx"

#: Sheets told of in the result; the report has all.
_SHEETS = 50


def run_load(work: Work, params: LoadParams) -> Done:
    """Load uploads.

    Raises:
        NotFoundError: an upload is not there.
        InputError: two are named alike, or a mapping cannot be used.
        StoreError: the store cannot be written; batches written before stay.
    """
    from loaders import given
    from loaders.service import load

    files, viewer = work.made.files, work.viewer
    paths = [files.upload_path(id_, viewer=viewer) for id_ in dict.fromkeys(params.uploads)]
    _refuse_namesakes(paths)
    mappings = [given.read(files.upload_path(id_, viewer=viewer)) for id_ in params.mappings]
    with _target(work, params) as store:
        loaded = load(
            paths,
            store,
            progress=work.watched,
            given=mappings,
            give_back=work.folder / REJECTED,
            examples=params.dry_run,
        )
    report = _without_folders(loaded.as_dict(), paths)
    embed = params.embed and not params.dry_run
    report["embedding"] = embed_new(work.made, work.watched) if embed else None
    report["dry_run"] = params.dry_run
    (work.folder / REPORT).write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    for sheet in report["loaded"][:_SHEETS]:
        work.watched.say(f"{_place(sheet)}：{sheet['kind']}，{sheet['rows']:,} 行")
    for skipped in report["skipped"][:_SHEETS]:
        work.watched.say(f"跳过 {_place(skipped)}：{skipped['reason']}")
    for line in _wrong(loaded):
        work.watched.say(line)
    return Done(_result(report), None if loaded.anything else _nothing(report))


@contextmanager
def _target(work: Work, params: LoadParams) -> Iterator[Store]:
    """The store to be loaded into; for a trial a copy, so that others can write meanwhile."""
    if not params.dry_run:
        yield work.made.store
        return
    from graph_service.store import is_folder, open_store, store_folder

    location = work.made.settings.store
    with work.made.files.scratch() as scratch:
        if is_folder(location):
            from graph_service.store.backup import copy

            work.watched.start("复制库")
            copy(store_folder(location), scratch)
            work.watched.finish()
        else:
            from graph_service.copying.service import sketch

            with open_store(str(scratch)) as target:
                sketch(work.made.store, target, viewer=work.viewer, progress=work.watched)
        with open_store(str(scratch), trial=True) as store:
            yield store


def _refuse_namesakes(paths: list[Path]) -> None:
    """What is loaded cites its file by name; loaded again, it must cite the same."""
    twice = [name for name, count in Counter(path.name for path in paths).items() if count > 1]
    if twice:
        raise InputError(
            f"有两个上传的文件同名：{twice[0]}",
            hint="请改名后再上传，或分两次载入。",
            name=twice[0],
        )


def _wrong(loaded: "LoadReport") -> Iterator[str]:
    """What was left out, and what stands in ``REJECTED``: also rows that are loaded but for a cell,
    and those that must come along; rows of graphs do not stand there."""
    if loaded.rejected:
        yield f"拒收 {loaded.rejected:,} 行"
    back = loaded.given_back
    if back and back.rows:
        along = f"，连同同一对象的 {back.along:,} 行，" if back.along else ""
        yield f"有误的 {back.rows:,} 行{along}写在 {REJECTED}；改好后再上传即可"


def _nothing(report: Mapping[str, Any]) -> InputError:
    reasons = [f"{_place(skipped)}：{skipped['reason']}" for skipped in report["skipped"][:3]]
    reasons += [f"{error['file']}：{error['message']}" for error in report["errors"][:3]]
    return InputError("什么也没有载入。", hint="；".join(reasons)[:400] or "文件里没有数据行。")


def _result(report: Mapping[str, Any]) -> dict[str, Any]:
    counts = (
        "rows",
        "rejected",
        "dropped",
        "nodes",
        "edges",
        "bare",
        "error_counts",
        "seconds",
        "dry_run",
    )
    loaded = [
        {key: sheet[key] for key in ("file", "sheet", "kind", "rows")}
        for sheet in report["loaded"][:_SHEETS]
    ]
    skipped = [
        {key: sheet[key] for key in ("file", "sheet", "reason")}
        for sheet in report["skipped"][:_SHEETS]
    ]
    back = report["given_back"]
    return {
        **{key: report[key] for key in counts},
        "loaded": loaded,
        "skipped": skipped,
        "given_back": back if back and back["rows"] else None,
        "embedding": report["embedding"],
    }


def _place(sheet: Mapping[str, Any]) -> str:
    return f"{sheet['file']}〔{sheet['sheet']}〕" if sheet["sheet"] else str(sheet["file"])


def _without_folders(report: dict[str, Any], paths: list[Path]) -> dict[str, Any]:
    """The report with the names of files as they came, in place of where they lie here."""
    names = {str(path): path.name for path in paths}
    for key in ("loaded", "skipped", "errors", "notices"):
        report[key] = [{**one, "file": names.get(one["file"], one["file"])} for one in report[key]]
    if back := report["given_back"]:
        report["given_back"] = {**back, "file": Path(back["file"]).name}
    return report
