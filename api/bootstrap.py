"""The composition root: builds store, encoder and services from the settings, each at first use.

Everything else takes its collaborators as arguments. A command that never asks for the embedder
never loads a model; one that never asks for the store touches no file.
"""

import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Self

from api.settings import Settings, load_settings, variable
from graph_service.errors import EmbedderError, SettingError, StoreError

if TYPE_CHECKING:
    from api.files import Files
    from graph_service.explore.service import Explorer
    from graph_service.insight.service import Insight
    from graph_service.jobs.service import Jobs
    from graph_service.matching.learned.weights import Learned
    from graph_service.matching.service import Matcher
    from graph_service.ports import Embedder, Whole
    from graph_service.store.bolt.options import ServerOptions

#: Seconds for which it is not tried again to load a model that was missing.
MISSING_SECONDS = 60
#: Seconds after which a process looks again which model is in use.
NOTICE_SECONDS = 2.0


class Services:
    """The services of one process. A context manager: closes the store if it was opened.

    Args:
        settings: see ``api.settings``.
        read_only: open the store for reading; it must exist then, and no lock is taken.
        trial: what is written to the store is undone in the end.
    """

    def __init__(self, settings: Settings, *, read_only: bool = False, trial: bool = False) -> None:
        self.settings = settings
        self._read_only = read_only
        self._trial = trial
        self._loading = Lock()
        self._embedder: Embedder | None = None
        self._opened: str | None = None  # the model that ``_embedder`` is
        self._missing: tuple[float, EmbedderError] | None = None
        self._wanted: str | None = None
        self._looked = float("-inf")
        self._learned: tuple[float, Learned] | None = None

    @cached_property
    def store(self) -> "Whole":
        """The store of ``settings.store``.

        Raises:
            StoreError: it is not there, locked, newer or damaged.
            SettingError: its server's password cannot be read.
        """
        from threadpoolctl import threadpool_limits

        from graph_service.store import open_store

        # Between two products a thread of BLAS spins for milliseconds: a match took twice the
        # processor's time, from others who ask meanwhile, and was no faster.
        threadpool_limits(1, user_api="blas")
        return open_store(
            self.settings.store,
            read_only=self._read_only,
            trial=self._trial,
            server=server_options(self.settings),
        )

    @property
    def embedder(self) -> "Embedder":
        """The encoder in use: that of ``settings.model``, or what the store says stands in for it;
        a switch is noticed within ``NOTICE_SECONDS``. Each is loaded once. That it is missing is
        remembered for a while: finding it out takes long, and every request would.

        Raises:
            EmbedderError: the model or a package that it needs is missing.
        """
        with self._loading:
            wanted = self._in_use()
            if self._embedder is not None and wanted == self._opened:
                return self._embedder
            if self._missing and time.monotonic() < self._missing[0] and wanted == self._opened:
                raise self._missing[1]
            self._embedder, self._opened = None, wanted
            try:
                self._embedder = self.open_model(wanted)
            except EmbedderError as error:
                self._missing = time.monotonic() + MISSING_SECONDS, error
                raise
            return self._embedder

    def open_model(self, id_: str | None) -> "Embedder":
        """The encoder of a model that was made here; None for that of ``settings.model``.

        Raises:
            EmbedderError: it, or a package that it needs, is missing.
        """
        from embeddings.local import open_made

        if id_ is None:
            return self._own
        return open_made(self.models / id_, threads=self.settings.threads)

    @cached_property
    def _own(self) -> "Embedder":
        from embeddings.factory import open_embedder

        settings = self.settings
        return open_embedder(settings.model, settings.cache, threads=settings.threads)

    @property
    def learned(self) -> "Learned":
        """The learned weights in use; that others were put into use is noticed within
        ``NOTICE_SECONDS``."""
        from graph_service.matching.learned import kept

        now = time.monotonic()
        if self._learned is None or now - self._learned[0] >= NOTICE_SECONDS:
            self._learned = now, kept.in_use(self.store)
        return self._learned[1]

    def look_again(self) -> None:
        """Look at once which model and weights are in use: this process has just switched them."""
        self._looked, self._learned = float("-inf"), None

    def _in_use(self) -> str | None:
        """The id of the model in use, by what the store tells; None for the setting's own."""
        now = time.monotonic()
        if now - self._looked >= NOTICE_SECONDS:
            from embeddings.active import active

            self._looked = now
            with suppress(StoreError):  # whoever searches is told
                self._wanted = active(self.store, self.settings.model).id
        return self._wanted

    @cached_property
    def explorer(self) -> "Explorer":
        """Walking the graph."""
        from graph_service.explore.service import Explorer

        return Explorer(self.store)

    @cached_property
    def insight(self) -> "Insight":
        """Communities and gaps; whether something fits a demand is judged beside the requests."""
        return self.insight_of(judging=True, aside=True)

    def insight_of(self, *, judging: bool, aside: bool = False) -> "Insight":
        """The same, without judging demands, or judging all before an answer is given."""
        from graph_service.insight.judging import Judging, by_matching
        from graph_service.insight.service import Insight
        from graph_service.model import EVERYONE

        judge = Judging(by_matching(self.matcher, EVERYONE), aside=aside) if judging else None
        return Insight(self.store, judge)

    @cached_property
    def jobs(self) -> "Jobs":
        """The jobs of the store."""
        from graph_service.jobs.service import Jobs

        return Jobs(self.store)

    @cached_property
    def files(self) -> "Files":
        """What people upload and what jobs write."""
        from api.files import Files
        from graph_service.store import is_folder

        settings = self.settings
        beside = Path(settings.store).expanduser() if is_folder(settings.store) else settings.cache
        return Files(settings.files or beside / "files", most=settings.files_bytes)

    @cached_property
    def models(self) -> Path:
        """The folder of the models that were made here."""
        from graph_service.store import is_folder

        settings = self.settings
        if settings.models:
            return settings.models
        if is_folder(settings.store):
            return Path(settings.store).expanduser() / "models"
        return settings.cache / "adapted"

    def matcher(self, *, by_words: bool = False) -> "Matcher":
        """Matching and search over the store; ``by_words`` does without an encoder."""
        from graph_service.matching.service import Matcher

        embedder = None if by_words else self.embedder
        return Matcher(self.store, embedder, self.learned)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if "insight" in self.__dict__:
            self.insight.close()
        if "store" in self.__dict__:
            self.store.__exit__(*exc)


def server_options(settings: Settings) -> "ServerOptions | None":
    """How to reach the server that the store is on; None where the store is a folder.

    Raises:
        SettingError: the password is given twice, or its file cannot be read or is empty.
    """
    from graph_service.store import is_folder

    if is_folder(settings.store):
        return None
    from graph_service.store.bolt.options import ServerOptions

    return ServerOptions(
        user=settings.neo4j_user,
        password=_password(settings),
        ca=settings.neo4j_ca,
        pool=settings.neo4j_pool,
        connect_seconds=settings.neo4j_connect_seconds,
        query_seconds=settings.neo4j_seconds,
        write_patience=settings.neo4j_write_seconds,
    )


def _password(settings: Settings) -> str:
    given, file = settings.neo4j_password.get_secret_value(), settings.neo4j_password_file
    name = variable("neo4j_password_file")
    if file is None:
        return given
    if given:
        raise SettingError(
            f"{variable('neo4j_password')} 与 {name} 都设了，不知该用哪一个口令。",
            hint="取消其中一个环境变量。",
            setting=name,
        )
    try:
        read = file.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            f"读不了 {name} 所指的口令文件：{file}",
            hint="检查路径是否写对、运行服务的用户能否读它；应是 UTF-8 文本。",
            setting=name,
            value=file,
        ) from error
    if not read:
        raise SettingError(
            f"{name} 所指的口令文件第一行是空的：{file}",
            hint="把口令写在文件的第一行。",
            setting=name,
            value=file,
        )
    return read


def services(store: str | None = None, *, read_only: bool = False, trial: bool = False) -> Services:
    """Services by the environment's settings; ``store`` outweighs ``JIEBANG_STORE``.

    Raises:
        SettingError: a setting has a value that cannot be used.
    """
    return Services(load_settings({"store": store}), read_only=read_only, trial=trial)
