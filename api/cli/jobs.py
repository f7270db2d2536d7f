"""``jiebang jobs``: the jobs of a store, and submitting one."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.asking import choose
from api.cli.frame import JsonOption, StoreOption
from api.cli.output import console, print_json, table
from graph_service.errors import InputError, NotFoundError
from graph_service.jobs.model import Job, LogLine, State
from graph_service.model import EVERYONE

if TYPE_CHECKING:
    from api.bootstrap import Services

group = typer.Typer(
    name="jobs", help="后台任务：提交、查看、取消；由 jiebang worker 执行。", rich_markup_mode=None
)

STATES: Mapping[str, str] = {
    "queued": "排队",
    "running": "进行中",
    "succeeded": "完成",
    "failed": "失败",
    "cancelled": "已取消",
    "broken": "中断",
}

JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="任务的编号，见 jobs list")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group.command("run")(run)
    group.command("list")(listing)
    group.command("show")(show)
    group.command("log")(log)
    group.command("cancel")(cancel)
    app.add_typer(group)


def run(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="load、embed、reindex、match、export、evaluate、resolve、bulk_match、adapt、use_model、train",
        ),
    ],
    *,
    params: Annotated[
        str, typer.Option("--params", metavar="JSON", help="参数，一个 JSON 对象")
    ] = "{}",
    files: Annotated[
        list[Path] | None,
        typer.Option(
            "--file", metavar="FILE", help="先上传这个文件：load 的数据或 evaluate 的 .zip，可重复"
        ),
    ] = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """提交一项任务，由 jiebang worker（或正在运行的服务）执行。"""
    from api.bootstrap import services
    from api.jobs.params import PARAMS, validated

    given = _object(params)
    for path in files or ():
        if not path.is_file():
            raise InputError(f"找不到文件 {path}", hint="检查路径是否写对", path=path)
    if kind not in PARAMS:
        validated(kind, {})  # says which there are
    with services(store) as made:
        ids = [_upload(made, path) for path in files or ()]
        if ids:
            given |= {"upload": ids[0]} if kind == "evaluate" else {"uploads": ids}
        checked = validated(kind, given)
        job = made.jobs.submit(
            kind, checked.model_dump(mode="json", exclude_none=True), viewer=EVERYONE
        )
    if as_json:
        print_json(job.as_dict())
    else:
        console().print(f"任务 {job.id} 已排队；用 jiebang jobs show {job.id} 查看。")


def listing(
    *,
    states: Annotated[
        list[str] | None,
        typer.Option(
            "--state", metavar="STATE", help="只看这些状态的，可重复：" + "、".join(STATES)
        ),
    ] = None,
    kinds: Annotated[
        list[str] | None, typer.Option("--kind", metavar="KIND", help="只看这些种类的，可重复")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="最多几项")] = 20,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出任务，最近提交的在前。"""
    from api.bootstrap import services

    wanted = [choose(State, state, "--state") for state in states or ()]
    with services(store, read_only=True) as made:
        found = made.jobs.page(states=wanted, kinds=kinds or (), limit=limit, viewer=EVERYONE)
    if as_json:
        print_json({"jobs": [job.as_dict() for job in found.jobs]})
        return
    if not found.jobs:
        console().print("没有任务。")
        return
    shown = table("编号", "种类", "状态", "进度", "提交时间")
    for job in found.jobs:
        told = job.as_dict()
        shown.add_row(
            job.id, job.kind, STATES[job.state], progress_line(told), told["created_at"][:19]
        )
    console().print(shown)


def show(job: JobArgument, store: StoreOption = None, as_json: JsonOption = False) -> None:
    """一项任务的状态、进度、结果与文件。"""
    from api.bootstrap import services

    with services(store, read_only=True) as made:
        found = made.jobs.get(job, viewer=EVERYONE)
        told = found.as_dict()
        paths = []
        for file in found.files:
            with suppress(NotFoundError):  # somebody has removed it
                paths.append(str(made.files.job_file(job, file["name"])))
    if as_json:
        print_json(told)
    else:
        _print_job(found, told, paths)


def log(
    job: JobArgument,
    *,
    after: Annotated[
        int, typer.Option("--after", min=0, metavar="N", help="只看第 N 行之后的")
    ] = 0,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="最多几行")] = 1000,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """一项任务的日志；只保留最后一千行。"""
    from api.bootstrap import services

    with services(store, read_only=True) as made:
        page = made.jobs.log(job, after=after, limit=limit, viewer=EVERYONE)
    if as_json:
        print_json({"lines": [line.as_dict() for line in page.lines], "more": page.more})
        return
    for line in page.lines:
        console().print(_log_line(line))


def cancel(job: JobArgument, store: StoreOption = None, as_json: JsonOption = False) -> None:
    """取消一项任务：排队的立即取消，进行中的到下一步时停下。"""
    from api.bootstrap import services

    with services(store) as made:
        found = made.jobs.cancel(job, viewer=EVERYONE)
    if as_json:
        print_json(found.as_dict())
    elif found.state is State.CANCELLED:
        console().print(f"任务 {job} 已取消。")
    else:
        console().print(f"已要求任务 {job} 停下；它会在下一步停住，已写入的内容都有效。")


def progress_line(job: Mapping[str, Any]) -> str:
    """How far a job is (``Job.as_dict()``): ``写入 400/1000（40.0%）``."""
    progress = job["progress"]
    if not progress["phase"]:
        return ""
    of = "" if progress["total"] is None else f"/{progress['total']:,}（{progress['percent']}%）"
    return f"{progress['phase']} {progress['done']:,}{of}"


def _print_job(job: Job, told: Mapping[str, Any], paths: list[str]) -> None:
    out = console()
    out.print(f"任务 {job.id}：{job.kind}，{STATES[job.state]}", style="bold")
    rows = {
        "提交": told["created_at"],
        "开始": told["started_at"],
        "结束": told["ended_at"],
        "次数": f"第 {job.attempt} 次执行" if job.attempt else None,
        "进度": progress_line(told),
        "错误": f"{job.error['message']}{job.error['hint']}" if job.error else None,
    }
    for name, value in rows.items():
        if value:
            out.print(f"{name}  {value}")
    for path in paths:
        out.print(f"文件  {path}")
    for name, value in (job.result or {}).items():
        if isinstance(value, (str, int, float)):
            out.print(f"结果  {name} {value}")
    if job.cancel and not job.state.ended:
        out.print("已要求停下。")


def _log_line(line: LogLine) -> str:
    return f"{line.as_dict()['at'][:19]}  {line.text}"


def _object(text: str) -> dict[str, Any]:
    import orjson

    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InputError(
            "--params 不是有效的 JSON", hint='例如 --params \'{"format": "xlsx"}\''
        ) from error
    if not isinstance(value, dict):
        raise InputError("--params 应为一个 JSON 对象", hint='例如 --params \'{"format": "xlsx"}\'')
    return value


def _upload(made: "Services", path: Path) -> str:
    with path.open("rb") as file:
        chunks = iter(lambda: file.read(1 << 20), b"")
        return made.files.receive(
            path.name, chunks, most=made.settings.upload_bytes, viewer=EVERYONE
        ).id
