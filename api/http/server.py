"""Runs the app under uvicorn: a socket of ours, a worker of jobs beside it, a graceful end."""

import errno
import ipaddress
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI

from api import logs
from api.bootstrap import Services
from api.http.app import create_app
from api.http.guard import LOOPBACK
from api.http.wire import Connection
from graph_service.errors import InputError

#: Why an address cannot be had, and what to do.
_REFUSED = {
    errno.EADDRINUSE: (
        "端口已被占用",
        "先停下占用它的程序，或用 --port 换一个（--port 0 任选空闲的）",
    ),
    errno.EADDRNOTAVAIL: ("它不是本机的地址", "用 127.0.0.1，或本机的一个地址"),
    errno.EACCES: ("没有权限", "1024 以下的端口须由管理员开放；用 --port 换一个"),
}

_log = structlog.stdlib.get_logger("jiebang.http")


class Server(uvicorn.Server):
    """Says when it listens, and tells the app when it begins to drain."""

    def __init__(self, app: FastAPI, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._state = app.state
        self._say_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._say_started()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Drain; asked once more, be gone: threads at work would hold up any other end. Nothing
        that was acknowledged is lost, and the worker ends with the pipe to it."""
        if self.should_exit:
            os._exit(128 + sig)
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        _log.info("draining", connections=len(self.server_state.connections))
        self._state.held.stopping.set()
        await super().shutdown(sockets)
        _log.info("stopped")


def listen(host: str, port: int, *, insecure: bool = False) -> socket.socket:
    """A socket that is bound, on the loopback address unless ``insecure``.

    Raises:
        InputError: the address is reachable for others, is not this machine's, or is taken.
    """
    if not insecure and not is_loopback(host):
        raise InputError(
            f"{host} 别的机器也能访问，而本服务还没有账号，谁连上都能看、能改",
            hint="用缺省的 127.0.0.1；确有需要（如在受控的内网）加 --insecure",
            host=host,
        )
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        made = socket.socket(family, kind, protocol)
    except OSError as error:
        raise InputError(
            f"{host} 不是可用的地址", hint="用 127.0.0.1，或本机的一个地址", host=host
        ) from error
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(2048)
    except OSError as error:
        made.close()
        reason, hint = _REFUSED.get(error.errno or 0, (str(error.strerror), "用 --port 换一个端口"))
        raise InputError(
            f"不能在 {host} 的端口 {port} 上监听：{reason}",
            hint=hint,
            host=host,
            port=port,
        ) from error
    return made


def serve(
    services: Services,
    listening: socket.socket,
    *,
    started: Callable[[str], None],
    worker: Callable[[], bool] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then answer what is under way and return.

    Args:
        services: of this process; not closed here.
        listening: see ``listen``; closed at the end.
        started: told the base address, once requests are answered.
        worker: whether the worker of jobs runs; None where there is none.
    """

    class Bounded(Connection):
        head_seconds = services.settings.body_seconds

    logs.configure()
    host, port = listening.getsockname()[:2]
    app = create_app(services, hosts=LOOPBACK if is_loopback(host) else (), worker=worker)
    config = uvicorn.Config(
        app,
        http=Bounded,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=services.settings.drain_seconds,
    )
    shown = f"[{host}]" if ":" in host else host
    with _ending_quietly():
        Server(app, config, lambda: started(f"http://{shown}:{port}")).run([listening])


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _ending_quietly() -> Iterator[None]:
    """uvicorn raises the signals that it caught once more when it is done: then they do nothing."""
    ending = (signal.SIGINT, signal.SIGTERM)
    before = {one: signal.signal(one, lambda *_: None) for one in ending}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
