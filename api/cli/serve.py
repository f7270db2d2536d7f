"""``jiebang serve`` and ``jiebang openapi``."""

import shlex
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame import StoreOption

if TYPE_CHECKING:
    from socket import socket

_LOCAL = (
    "只有本机能访问：还没有账号，谁连上都能看、能改，所以缺省不对外开放（--insecure 可以放开）。"
)
_OPEN = "注意：还没有账号，别的机器上谁连上都能看、能改；只应在受控的网络里这样用。"

_NEW = (
    "注意：{place} 原来没有图谱库，现在新建了一个，里面是空的。"
    "写错了地方就停下，用 --store 另指；没有错，用 jiebang load 文件 --store {quoted} 装入数据。"
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("serve")(serve)
    app.command("openapi")(openapi)


def serve(
    *,
    host: Annotated[
        str, typer.Option(metavar="HOST", help="监听的地址；缺省只有本机能访问")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="PORT", min=0, max=65535, help="端口；0 表示任选一个空闲的")
    ] = 8000,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="允许监听别的机器也能访问的地址（还没有账号）")
    ] = False,
    jobs: Annotated[
        bool,
        typer.Option("--worker/--no-worker", help="是否同时执行任务；不执行时另开 jiebang worker"),
    ] = True,
    store: StoreOption = None,
) -> None:
    """启动 HTTP 服务，并执行任务：接口在 /api/v1，文档在 /docs；Ctrl-C 停止。

    日志在标准错误，一行一个 JSON。
    """
    from api.http.server import listen

    with listen(host, port, insecure=insecure) as listening:
        run(listening, store, jobs=jobs, warning=_OPEN if insecure else _LOCAL)


def run(
    listening: "socket", store: str | None, *, jobs: bool = True, warning: str = _LOCAL
) -> None:
    """Serve until Ctrl-C; says where once requests are answered.

    Args:
        listening: see ``api.http.server.listen``.
        store: as ``--store``.
        jobs: whether a worker runs beside.
        warning: who can reach it.
    """
    from api.bootstrap import services
    from api.http.server import serve
    from api.jobs.supervise import Supervisor

    notices = [warning]

    def started(address: str) -> None:
        typer.echo(f"服务已启动：{address}（文档 {address}/docs，Ctrl-C 停止）")
        for notice in notices:
            typer.echo(notice)
        sys.stdout.flush()

    with services(store) as made:
        if _is_new(place := made.settings.store):
            notices.append(_NEW.format(place=place, quoted=shlex.quote(place)))
        made.store  # noqa: B018 - a store that cannot be opened is told at once
        if not jobs:
            serve(made, listening, started=started)
            return
        with Supervisor(made.settings.store) as child:
            serve(made, listening, started=started, worker=lambda: child.alive)


def _is_new(location: str) -> bool:
    """Whether opening the store at a location makes it."""
    from graph_service.store import is_folder, store_folder
    from graph_service.store.record import FILE

    return is_folder(location) and not (store_folder(location) / FILE).is_file()


def openapi() -> None:
    """打印接口的 OpenAPI 3.1 文档（JSON，按缺省的设置）。"""
    from api.http.app import openapi_json

    typer.echo(openapi_json(), nl=False)
