"""``jiebang demo``: the fictional city, and one worked command for each of the three people."""

import io
import shlex
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from api.cli.frame import JsonOption, StoreOption, app
from api.cli.output import print_json
from graph_service.errors import InputError

if TYPE_CHECKING:
    from api.settings import Settings


@dataclass(frozen=True, slots=True)
class Scene:
    """Who comes with what, and the command that answers."""

    who: str
    wants: str
    command: tuple[str, ...]


SCENES = (
    Scene(
        "企业",
        "岚旋的燃料电池空压机频繁起停，烧轴承，有没有现成的成果？",
        ("match", "--demand", "demand:D-011", "--to", "results", "--top", "3"),
    ),
    Scene(
        "高校院所",
        "先进制造研究院有一项激光冲击强化的专利，谁用得上？",
        ("match", "--result", "result:R-012", "--to", "demands", "--top", "3"),
    ),
    Scene(
        "专员",
        "为机器人关节产业链的链主擎枢物色供应链伙伴",
        ("match", "--org", "org:91999905QJ7228188H", "--to", "partners", "--top", "3"),
    ),
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("demo")(demo)


def demo(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """载入示例城市（全部虚构），并为企业、高校院所、专员各演示一条命令。

    库放在缓存目录里，或 --store 指定的地方；不动 JIEBANG_STORE 的库。
    """
    from api.settings import load_settings

    settings = load_settings()
    place = store or str(settings.cache / "demo")
    loading = ("load", str(city(settings)))
    if as_json:
        told = _answer(loading, place)
        steps = [
            {
                "who": scene.who,
                "wants": scene.wants,
                "command": _line(scene.command, place),
                "answer": _answer(scene.command, place),
            }
            for scene in SCENES
        ]
        print_json({"store": place, "load": told, "steps": steps})
        return
    typer.echo("示例城市“汀澜市”：其中的企业、院所、人员、成果与需求全部虚构。\n")
    _show("载入", "读入示例城市的全部表格", loading, place)
    for scene in SCENES:
        _show(scene.who, scene.wants, scene.command, place)


def city(settings: "Settings") -> Path:
    """The folder of the fictional city.

    Raises:
        InputError: it is not there (a wheel does not carry it).
    """
    folder = settings.examples or Path(__file__).parents[2] / "examples" / "city"
    if not folder.is_dir():
        raise InputError(
            f"找不到示例城市：{folder}",
            hint="在源码目录里运行，或用 JIEBANG_EXAMPLES 指出 examples/city 所在",
            path=folder,
        )
    return folder


def _show(who: str, wants: str, command: tuple[str, ...], place: str) -> None:
    typer.secho(f"【{who}】{wants}", bold=True)
    typer.echo(f"$ {_line(command, place)}\n")
    _run(command, place)
    typer.echo()


def _answer(command: tuple[str, ...], place: str) -> Any:
    """What the command prints with ``--json``; an error is passed on as it was told."""
    import orjson

    printed = io.BytesIO()
    held = io.TextIOWrapper(printed, encoding="utf-8")
    try:
        with redirect_stdout(held):
            _run((*command, "--json"), place)
    except SystemExit:
        typer.echo(printed.getvalue(), nl=False)
        raise
    return orjson.loads(printed.getvalue())


def _run(command: tuple[str, ...], place: str) -> None:
    """Run a command of this program as a person would; an error ends the demo."""
    try:
        app(_arguments(command, place))
    except SystemExit as end:
        if end.code:
            raise


def _line(command: tuple[str, ...], place: str) -> str:
    return shlex.join(("jiebang", *_arguments(command, place)))


def _arguments(command: tuple[str, ...], place: str) -> list[str]:
    return [*command, "--store", place]
