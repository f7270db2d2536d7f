"""``jiebang demo``: the fictional city, a worked command and address for each of the three people,
and the service that answers there."""

import io
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlencode

import typer

from api.cli.frame import JsonOption, StoreOption, app
from api.cli.output import print_json
from graph_service.errors import InputError

if TYPE_CHECKING:
    from socket import socket

    from api.settings import Settings

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Scene:
    """Who comes with what: the command and the address that answer alike."""

    who: str
    wants: str
    node: str
    to: str
    top: int = 3

    @property
    def command(self) -> tuple[str, ...]:
        """Arguments of ``jiebang``."""
        asked = {"demand": "--demand", "result": "--result", "org": "--org"}
        option = asked[self.node.partition(":")[0]]
        return ("match", option, self.node, "--to", self.to, "--top", str(self.top))

    @property
    def path(self) -> str:
        """Path and query of the service's address."""
        asked = urlencode({"to": self.to, "top": self.top})
        return f"/api/v1/nodes/{quote(self.node, safe=':')}/matches?{asked}"

    @property
    def page(self) -> str:
        """Path and query of the page that shows the same."""
        return f"/match?{urlencode({'node': self.node, 'to': self.to}, safe=':')}"


SCENES = (
    Scene(
        "企业",
        "燠衣的加热背心洗二十次就断路，谁做得出洗不断的导电纱？",
        "demand:D-040",
        "organizations",
    ),
    Scene(
        "高校院所",
        "先进制造研究院与一家豆制品机械厂做成了豆渣电渗脱水，还有谁用得上？",
        "result:R-066",
        "demands",
    ),
    Scene(
        "专员",
        "水处理链的丝泉浇铸端头总夹气泡，别的链上有没有一样的难题，可以合办一场对接？",
        "demand:D-043",
        "demands",
    ),
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("demo")(demo)


def demo(
    *,
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="演示之后启动服务（缺省），或到此为止")
    ] = True,
    port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65535, help="服务的端口；0 表示任选一个空闲的")
    ] = 8000,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """载入示例城市（全部虚构），为企业、高校院所、专员各演示一条命令和一个网址，然后启动服务。

    库放在缓存目录里，或 --store 指定的地方；不动 JIEBANG_STORE 的库。服务只有本机能访问，
    Ctrl-C 停止；--json 时不启动。
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
                "path": scene.path,
                "page": scene.page,
                "answer": _answer(scene.command, place),
            }
            for scene in SCENES
        ]
        print_json({"store": place, "load": told, "steps": steps})
        return
    with _listening(serve, port) as (listening, address):
        typer.echo("示例城市“汀澜市”：其中的企业、院所、人员、成果与需求全部虚构。\n")
        _show("载入", "读入示例城市的全部表格", loading, place)
        for scene in SCENES:
            _show(scene.who, scene.wants, scene.command, place)
        if listening is None:
            typer.secho(f"启动服务（jiebang serve --store {shlex.quote(place)}）之后", bold=True)
        else:
            typer.secho("在浏览器里看同样的答案", bold=True)
        for scene in SCENES:
            typer.echo(f"【{scene.who}】{address}{scene.path}")
            typer.echo(f"　　网页 {address}{scene.page}")
        typer.echo()
        if listening is not None:
            from api.cli.serve import run

            run(listening, place)


@contextmanager
def _listening(serve: bool, port: int) -> "Iterator[tuple[socket | None, str]]":
    """The socket of the service, if there is to be one, and its address. It is bound before any
    work, so that a port that is taken is told at once."""
    if not serve:
        yield None, f"http://{_HOST}:{port}"
        return
    from api.http.server import listen

    with listen(_HOST, port) as listening:
        yield listening, f"http://{_HOST}:{listening.getsockname()[1]}"


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
