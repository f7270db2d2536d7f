"""The app and what all commands share: options, exit codes, and how errors reach people.

Expected errors (``graph_service.errors``) are printed in Chinese on standard error, with hint and
code; the exit code is their class's. With ``--json`` standard output holds exactly one JSON value,
the answer or ``{"error": {"code", "message", "hint", "values"}}``, and standard error stays empty.
"""

import os
import re
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any, ClassVar

import typer
from typer.core import TyperGroup

from graph_service.errors import InputError, JiebangError

#: Exit code of ``load --strict`` where a row was rejected; the others belong to error classes.
REJECTED = 3

ABOUT = "揭榜：产业协同供需匹配与图谱服务。从文件到有理有据的匹配，全在命令行上。"
EXIT_CODES = """\b
退出码：
  0    成功
  1    程序内部错误
  2    用法或输入有误；load 什么也没有载入
  3    load --strict 时有行被拒
  4    库不可用
  5    向量模型不可用
  130  被 Ctrl-C 中断"""

#: Root of typer's complaints about usage (not every version exports its name).
_UsageError: type[Exception] = typer.BadParameter.__mro__[1]

#: What typer says, by pattern, and how we say it.
_PHRASES = (
    (r"No such command (.+)\. Did you mean (.+)", r"没有命令 \1，是不是 \2"),
    (r"No such command", "没有命令"),
    (r"Missing command", "后面还要写一条子命令"),
    (r"Got unexpected extra argument(\(?s\)?)?", "多余的参数"),
    (r"Input should be a valid integer.*|.* is not a valid integer", "应为整数"),
    (r"Input should be greater than or equal to ", "不能小于 "),
    (r"Input should be less than or equal to ", "不能大于 "),
)


class InterruptedByUserError(JiebangError):
    """The person pressed Ctrl-C."""

    code = "interrupted"
    exit_code: ClassVar[int] = 130


class InternalError(JiebangError):
    """Something the program did not expect."""

    code = "internal"


class Commands(TyperGroup):
    """The group of all commands; turns errors into words and an exit code, never a traceback."""

    def main(self, args: Sequence[str] | None = None, *_: Any, **__: Any) -> Any:
        """Run, and end in SystemExit as a console script does."""
        arguments = list(sys.argv[1:] if args is None else args)
        try:
            _refuse_undecodable(arguments)
            code = super().main(arguments, "jiebang", standalone_mode=False)
            sys.stdout.flush()
        except JiebangError as error:
            code = _report(error, arguments)
        except _UsageError as error:
            code = _report(_in_chinese(error), arguments)
        except BrokenPipeError:
            code = _hang_up()
        except Exception as error:
            code = _report(_internal(error), arguments)
        sys.exit(code)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; what the base class would report in its own words is caught here."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise InterruptedByUserError(
                "已中断", hint="已写入的内容都有效；再次运行同一条命令即可接着做"
            ) from None
        except BrokenPipeError:
            raise typer.Exit(_hang_up()) from None


def _refuse_undecodable(arguments: Sequence[str]) -> None:
    """Bytes that are no text in the terminal's encoding can be neither searched nor printed."""
    for argument in arguments:
        shown = argument.encode("utf-8", "replace").decode()
        if shown != argument:
            raise InputError(
                f"参数 {shown!r} 的编码与终端的不符",
                hint="检查终端的字符编码（如 UTF-8）；名称不能识别的文件请先改名",
                value=shown,
            )


def _report(error: JiebangError, arguments: Sequence[str]) -> int:
    """Print an error where its reader looks; gives the exit code."""
    if "--json" in arguments:
        from api.cli.output import print_json

        with suppress(OSError):  # where the answer could not be written, people are told
            print_json({"error": error.as_dict()})
            return error.exit_code
    typer.echo(f"错误：{error.message}（{error.code}）", err=True)
    if error.hint:
        typer.echo(f"提示：{error.hint}", err=True)
    return error.exit_code


def _internal(error: Exception) -> InternalError:
    from api.settings import load_settings

    if load_settings().debug:
        traceback.print_exception(error)
    return InternalError(
        f"程序内部错误：{type(error).__name__}: {error}",
        hint="设置 JIEBANG_DEBUG=1 再运行一次，把打印的内容附在问题报告里",
    )


def _in_chinese(error: Any) -> InputError:
    """Typer's complaint about the command line in our words."""
    param = getattr(error, "param", None)
    name = (param.opts[-1] if param.opts[-1].startswith("-") else param.metavar) if param else ""
    message = str(error.message).rstrip(".")
    match type(error).__name__:
        case "NoSuchOption":
            likely = "、".join(error.possibilities or ())
            said = f"没有选项 {error.option_name}" + (f"，是不是 {likely}？" if likely else "")
        case "MissingParameter":
            said = f"缺少 {name}"
        case "BadParameter":
            said = f"{name} 的值不能用：{message}"
        case "BadOptionUsage":
            said = f"选项 {error.option_name} 缺少取值，或用法不对"
        case _:
            said = message
    for english, chinese in _PHRASES:
        said = re.sub(english, chinese, said)
    command = error.ctx.command_path if getattr(error, "ctx", None) else "jiebang"
    return InputError(said, hint=f"用法见 {command} --help")


def _hang_up() -> int:
    """The reader of our output went away (``| head``): stay silent until the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _store(ctx: typer.Context, value: str | None) -> str | None:
    """``--store`` of the command, else the one given before the command or its group."""
    above: Any = ctx.parent
    while not value and above is not None:
        value = above.params.get("store")
        above = above.parent
    return value


StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="STORE",
        callback=_store,
        help="数据存放处：目录或 neo4j:// 地址；优先于 JIEBANG_STORE",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help='输出一个 JSON 值，供程序读取；出错时为 {"error": …}')
]


app = typer.Typer(
    name="jiebang",
    cls=Commands,
    help=ABOUT,
    epilog=EXIT_CODES,
    add_completion=False,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback()
def root(ctx: typer.Context, store: StoreOption = None) -> None:
    """Without a command: the help. ``store`` is read by ``_store``."""
    _ = store
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
