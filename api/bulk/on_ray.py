"""The engine on Ray: each worker is a process, on this machine or another, that only reads.

Workers open the store by the settings of this process, secrets excepted: those are in their own
environment, which workers on this machine inherit, so that they stand in no log of Ray's. A worker
has one thread for matrices and one for encoding. A cluster that is started here listens on this
machine alone, wants a token that nobody else has, sends no statistics anywhere, and ends with this
process, however that ends; its logs go with it.
"""

import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from pydantic import SecretStr

from api.bootstrap import Services
from api.bulk.engine import Answer, EngineError, EngineName, Shard, Task
from api.settings import Settings, load_settings
from graph_service.store import is_folder

#: How often a worker that died is started again, and the shard it had in hand tried again.
_AGAIN = 3


#: Seconds in which a cluster must answer.
_CONNECT = 5

#: Bytes of memory for answers on their way.
_ON_THE_WAY = 128 * 1024 * 1024

_INSTALL = "请安装附加组件：pip install 'jiebang[ray]'；或改用 --engine local。"


class OnRay:
    """Port ``Engine`` on Ray; see ``open_engine``."""

    name = EngineName.RAY

    def __init__(self, settings: Settings, *, workers: int, address: str | None) -> None:
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        if address is None:  # before the import, which reads them
            os.environ.setdefault("RAY_AUTH_MODE", "token")
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        try:
            import ray
        except ImportError as error:
            raise EngineError("没有安装 Ray。", hint=_INSTALL) from error
        self._ray: Any = ray
        with ExitStack() as opened:
            self._connect(opened, workers, address)
            there = int(self._ray.cluster_resources().get("CPU", 1))
            self.workers = max(1, min(workers or there, there))
            worker = self._ray.remote(_Worker).options(
                num_cpus=1, max_restarts=_AGAIN, max_task_retries=_AGAIN
            )
            told = _told(settings)
            self._workers = [worker.remote(told) for _ in range(self.workers)]
            self._opened = opened.pop_all()

    def run(
        self, task: Task[Shard, Answer], shards: Iterable[Shard]
    ) -> Iterator[tuple[Shard, Answer]]:
        """See ``Engine``. A worker gets a shard when it is ready for one, and only then."""
        waiting = iter(shards)
        busy: dict[Any, tuple[Any, list[Shard]]] = {
            worker.ready.remote(): (worker, []) for worker in self._workers
        }
        while busy:
            (done,), _ = self._ray.wait(list(busy), num_returns=1)
            worker, worked_on = busy.pop(done)
            answer = self._answer(done)
            for shard in waiting:
                busy[worker.run.remote(task, shard)] = worker, [shard]
                break
            for shard in worked_on:
                yield shard, answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._opened.close()

    def _connect(self, opened: ExitStack, workers: int, address: str | None) -> None:
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        if address is None:
            folder = tempfile.TemporaryDirectory(prefix="jiebang-ray-", ignore_cleanup_errors=True)
            quiet |= {
                "num_cpus": workers or os.cpu_count(),
                "include_dashboard": False,
                "object_store_memory": _ON_THE_WAY,
                "_node_ip_address": "127.0.0.1",
                "_temp_dir": opened.enter_context(folder),
            }
        try:
            if address is not None:
                _answers(address)
            self._ray.init(address=address or "local", **quiet)
        except (OSError, RuntimeError, ValueError, self._ray.exceptions.RayError) as error:
            raise EngineError(
                f"连不上 Ray 集群 {address}。" if address else "启动不了 Ray。",
                hint="请检查地址、集群是否在运行、版本是否相同。"
                if address
                else "请检查内存与磁盘的余量，或减少 --workers。",
                reason=error,
            ) from error
        opened.callback(self._ray.shutdown)

    def _answer(self, done: Any) -> Any:
        try:
            return self._ray.get(done)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from None
        except self._ray.exceptions.RayError as error:
            raise EngineError(
                "工作进程一再意外结束。",
                hint="多半是内存不足：请减少 --workers，再运行同一条命令即接着做。",
                reason=type(error).__name__,
            ) from error


class _Worker:
    """A process that works on shards."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._made = Services(load_settings(settings), read_only=True)

    def ready(self) -> None:
        """Answers once the process stands."""

    def run(self, task: Callable[[Services, Any], Any], shard: Any) -> Any:
        return task(self._made, shard)


def _answers(address: str) -> None:
    """Ray itself tries for minutes. Raises OSError where nobody answers at HOST:PORT."""
    host, _, port = address.rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT).close()


def _told(settings: Settings) -> dict[str, Any]:
    """What workers are told of the settings: all but the secrets; one thread each."""
    told = {
        name: value
        for name in Settings.model_fields
        if not isinstance(value := getattr(settings, name), SecretStr)
    }
    if is_folder(settings.store):
        told["store"] = str(Path(settings.store).absolute())
    return {**told, "threads": 1}
