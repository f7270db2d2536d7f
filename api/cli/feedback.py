"""``jiebang feedback``: what became of candidates, decided by people."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.asking import choose
from api.cli.frame import REJECTED, JsonOption, StoreOption
from api.cli.loading import print_errors
from api.cli.output import console, print_json, table
from api.words import DECISIONS
from graph_service.errors import InputError
from graph_service.feedback.model import REASONS, Decision, reason_named
from graph_service.model import EVERYONE

if TYPE_CHECKING:
    from graph_service.feedback.model import Decided

group = typer.Typer(
    name="feedback", help="反馈：需求的候选被接受，或因何被拒绝。", rich_markup_mode=None
)


class Said(StrEnum):
    """What may be decided, as ``feedback add`` takes it."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Which(StrEnum):
    """Which decisions, as ``--decision`` takes it."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ALL = "all"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group.command("add")(add)
    group.command("list")(show)
    group.command("withdraw")(withdraw)
    group.command("import")(import_)
    group.command("export")(export)
    group.command("reasons")(reasons)
    app.add_typer(group)


def add(
    demand: Annotated[str, typer.Argument(metavar="DEMAND", help="需求的节点编号")],
    candidate: Annotated[
        str, typer.Argument(metavar="CANDIDATE", help="候选的节点编号：成果或机构")
    ],
    decision: Annotated[str, typer.Argument(metavar="accepted|rejected", help="接受，或拒绝")],
    *,
    reason: Annotated[
        str | None,
        typer.Option(
            "--reason", metavar="REASON", help="拒绝的理由（必填）：代码或中文，见 feedback reasons"
        ),
    ] = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="说明，至多 500 字")] = "",
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """记下对一项需求的一个候选的决定；原来的决定留作历史，同样的话再说一遍不改变什么。"""
    from api.bootstrap import services
    from graph_service.feedback.service import Feedback

    wanted = Decision(choose(Said, decision, "决定").value)
    with services(store) as made:
        done = Feedback(made.store).say(
            demand, candidate, wanted, reason=reason, note=note, viewer=EVERYONE
        )
    _told([done], as_json=as_json)


def show(
    *,
    demand: Annotated[
        str | None, typer.Option("--demand", metavar="ID", help="只看对这项需求的")
    ] = None,
    candidate: Annotated[
        str | None, typer.Option("--candidate", metavar="ID", help="只看对这个候选的")
    ] = None,
    decision: Annotated[
        str, typer.Option("--decision", metavar="accepted|rejected|all", help="哪些")
    ] = "all",
    reason: Annotated[
        list[str] | None,
        typer.Option("--reason", metavar="REASON", help="只看因此拒绝的，可重复"),
    ] = None,
    page: Annotated[int, typer.Option("--page", min=1, metavar="N", help="第几页")] = 1,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="每页几条")] = 20,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出反馈，最近的在前。"""
    from api.bootstrap import services
    from graph_service.feedback.service import Feedback

    which = choose(Which, decision, "--decision")
    with services(store, read_only=True) as made:
        found = Feedback(made.store).page(
            demand=demand,
            candidate=candidate,
            decision=() if which is Which.ALL else (Decision(which.value),),
            reason=[reason_named(one) for one in reason or ()],
            limit=page * limit,
            viewer=EVERYONE,
        )
    listed = found.decided[(page - 1) * limit :]
    if as_json:
        told = [one.as_dict() for one in listed]
        print_json({"page": page, "total": found.total, "feedback": told})
        return
    if not listed:
        console().print("没有符合条件的反馈。")
        return
    _print(listed)
    console().print(f"第 {page} 页，本页 {len(listed)} 条，共 {found.total:,} 条。")


def withdraw(
    ids: Annotated[
        list[str], typer.Argument(metavar="ID...", help="feedback list 里的编号，可多个")
    ],
    *,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """撤回决定：这个候选又是没有决定过的；历史仍在。"""
    from api.bootstrap import services
    from graph_service.feedback.service import Feedback

    with services(store) as made:
        done = [Feedback(made.store).withdraw(one, viewer=EVERYONE) for one in ids]
    _told(done, as_json=as_json)


def import_(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="feedback.jsonl")],
    *,
    strict: Annotated[
        bool, typer.Option("--strict", help="有行被拒时以退出码 3 结束（其余行照常读入）")
    ] = False,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """读入 feedback.jsonl；有误的行列出位置与改法，其余照常，再读一遍不改变什么。

    同一对有几行的，日期最近的为准。一行也没有读入时退出码为 2。
    """
    from api.bootstrap import services
    from api.feedback import import_file
    from api.progress import progress

    if not path.exists():
        raise InputError(f"找不到 {path}", hint="检查路径是否写对", path=path)
    with services(store) as made, progress(wanted=not as_json) as bars:
        report = import_file(made.store, path, progress=bars, viewer=EVERYONE)
    anything = report["new"] + report["changed"] + report["unchanged"] > 0
    if as_json:
        print_json(report)
    else:
        _print_import(report)
        if not anything:
            typer.echo("错误：什么也没有读入", err=True)
    if not anything:
        raise typer.Exit(InputError.exit_code)
    if strict and report["rejected"]:
        raise typer.Exit(REJECTED)


def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="写到哪里，如 feedback.jsonl")],
    *,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """把现有的决定写成 feedback.jsonl；已有的文件不覆盖。"""
    from api.bootstrap import services
    from api.feedback import export_file

    out = out.expanduser()
    with services(store, read_only=True) as made:
        count = export_file(made.store, out, viewer=EVERYONE)
    if as_json:
        print_json({"path": str(out), "lines": count})
    else:
        console().print(f"已导出 {count:,} 条到 {out}。")


def reasons(*, as_json: JsonOption = False) -> None:
    """拒绝的理由：代码、中文，以及是否说明了合不合适。"""
    if as_json:
        print_json({"reasons": [reason.as_dict() for reason in REASONS.values()]})
        return
    shown = table("代码", "理由", "说明了合不合适")
    for reason in REASONS.values():
        shown.add_row(reason.code, reason.title, "是" if reason.about_fit else "否，训练时不用")
    console().print(shown)


def _told(done: "Sequence[Decided]", *, as_json: bool) -> None:
    if as_json:
        print_json({"feedback": [one.as_dict() for one in done]})
    else:
        _print(done)


def _print(some: "Sequence[Decided]") -> None:
    out = console()
    for one in some:
        said = one.said
        reason = f"：{REASONS[said.reason].title}" if said.reason else ""
        decision = DECISIONS[said.decision] + reason
        out.print(f"{one.id}  {decision} · {said.at[:10]} · {said.by}", style="bold")
        out.print(f"  需求 {one.demand.title}（{one.demand.id}）")
        out.print(f"  候选 {one.candidate.title}（{one.candidate.id}）")
        if said.note:
            out.print(f"  说明 {said.note}")


def _print_import(report: Mapping[str, Any]) -> None:
    out = console()
    out.print(
        f"{report['file']}：新记 {report['new']:,} 条，更新 {report['changed']:,} 条，"
        f"未变 {report['unchanged']:,} 条，拒收 {report['rejected']:,} 行。"
    )
    print_errors(out, report)
