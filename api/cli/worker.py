"""``jiebang worker``: runs the jobs that wait in a store."""

import os
import signal
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.frame import StoreOption

if TYPE_CHECKING:
    from api.jobs.worker import Worker

#: Seconds in which a job must come to a step at which it can be handed back.
GRACE = 15.0
#: How much a child gives way to the server beside it (``nice``).
_NICE = 5


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("worker")(worker)


def worker(
    *,
    child: Annotated[
        bool,
        typer.Option("--child", help="标准输入一关闭就停止：由 jiebang serve 启动时用"),
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="做完眼下排队的任务就结束")] = False,
    store: StoreOption = None,
) -> None:
    """执行排队的任务，直到按 Ctrl-C；可同时开几个，一项任务只由其中一个做。

    停止时把手上的任务交回排队；进程被杀，租约到期后由别的进程接着做。
    """
    from api import logs
    from api.bootstrap import services
    from api.jobs.worker import Worker

    logs.configure()
    if child:
        os.nice(_NICE)
    with services(store) as made:
        running = Worker(made)
        made.store  # noqa: B018 - a store that cannot be opened is told at once
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, lambda *_: _stop(running))
        if child:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which tells us
            threading.Thread(target=_until_closed, args=(running,), daemon=True).start()
        if once:
            while running.run_one():
                pass
        else:
            running.run()


def _until_closed(running: "Worker") -> None:
    # Not sys.stdin: a thread inside its buffer would hold up the end of the program.
    while os.read(0, 4096):
        pass
    _stop(running)


def _stop(running: "Worker") -> None:
    """Let the worker end; where its job comes to no step in time, its lease will run out."""
    running.stop()
    timer = threading.Timer(GRACE, os._exit, (0,))
    timer.daemon = True
    timer.start()
