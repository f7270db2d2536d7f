"""Every error the product raises on purpose, in one tree.

::

    JiebangError
    ├── InputError                 the caller's request or file is wrong
    │   ├── SettingError           a setting has a value that cannot be used
    │   ├── NotFoundError          no node of that id
    │   ├── JobEndedError          a job that is over cannot be cancelled
    │   ├── JobsFullError          too many jobs wait already
    │   ├── PairStateError         a pair cannot be decided, or undone, as it stands
    │   ├── UploadTooLargeError    a file has more bytes than it may
    │   ├── ForbiddenError         not for this viewer
    │   └── TaskError              an evaluation task is malformed
    ├── StoreError                 the store cannot do what was asked
    │   ├── StoreUnavailableError  not there, not writable, disk full, server away
    │   │   └── FilesFullError     no room left for uploads and what jobs write
    │   ├── StoreLockedError       another process writes
    │   ├── StoreNewerError        written by a newer jiebang
    │   ├── ConflictError          a record changed since it was read
    │   ├── QueryTimeoutError      reading took longer than it may
    │   └── StoreCorruptError      the record itself is damaged
    └── EmbedderError              vectors cannot be made or used
        ├── ModelMissingError      the model or a package it needs is not installed
        ├── ModelRefusedError      a model made here is worse; or there is none to go back to
        └── FingerprintError       vectors of another model, or of another dimension

Each carries a stable ``code`` (quoted to support), a Chinese ``message`` for the person, a Chinese
``hint`` that says how to mend it, and the ``values`` it speaks of.
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class JiebangError(Exception):
    """Root of all expected errors.

    Args:
        message: what went wrong, in Chinese, in words of the task.
        hint: how to mend it, in Chinese; may be empty.
        values: the values the message speaks of, for logs and JSON.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "", **values: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.values: Mapping[str, Any] = values

    def as_dict(self) -> dict[str, Any]:
        """The error as JSON-ready data."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "values": {key: str(value) for key, value in self.values.items()},
        }


class InputError(JiebangError):
    """The request or the file is wrong."""

    code = "input"
    exit_code = 2


class SettingError(InputError):
    """A setting has a value that cannot be used."""

    code = "setting"


class NotFoundError(InputError):
    """No such node."""

    code = "not_found"

    @classmethod
    def node(cls, node_id: str) -> "NotFoundError":
        """No node of this id, or none that the viewer may see: who asks cannot tell which."""
        return cls(
            f"图谱中没有编号为“{node_id}”的节点",
            hint="可用查找功能按名称查到编号",
            id=node_id,
        )


class ForbiddenError(InputError):
    """The viewer may not do that."""

    code = "forbidden"


class JobEndedError(InputError):
    """The job is over; it cannot be cancelled."""

    code = "job_ended"


class PairStateError(InputError):
    """The pair is decided already, or its two are one; or, to be undone, it is not decided."""

    code = "pair_state"


class JobsFullError(InputError):
    """As many jobs wait as may."""

    code = "jobs_full"


class UploadTooLargeError(InputError):
    """A file has more bytes than it may."""

    code = "upload_too_large"


class TaskError(InputError):
    """An evaluation task is malformed."""

    code = "task"


class StoreError(JiebangError):
    """The store cannot do what was asked."""

    code = "store"
    exit_code = 4


class StoreUnavailableError(StoreError):
    """The store is not there, not writable, or its server is away."""

    code = "store_unavailable"


class FilesFullError(StoreUnavailableError):
    """No room is left for uploads and for what jobs write."""

    code = "files_full"


class StoreLockedError(StoreError):
    """Another process holds the writer lock."""

    code = "store_locked"


class StoreNewerError(StoreError):
    """The store's schema is newer than this program."""

    code = "store_newer"


class ConflictError(StoreError):
    """A record is not at the version that a unit of work expects: someone was faster."""

    code = "conflict"


class QueryTimeoutError(StoreError):
    """Reading took longer than its time limit (``graph_service.deadline``)."""

    code = "query_timeout"


class StoreCorruptError(StoreError):
    """The record is damaged."""

    code = "store_corrupt"


class EmbedderError(JiebangError):
    """Vectors cannot be made or used."""

    code = "embedder"
    exit_code = 5


class ModelMissingError(EmbedderError):
    """The model, or a package that it needs, is not installed."""

    code = "model_missing"


class ModelRefusedError(EmbedderError):
    """A model that was made here must not be used: it was measured to be worse; or there is none
    to go back to."""

    code = "model_refused"


class WorseError(InputError):
    """Weights that were learned are worse than those in use, on the same judgements."""

    code = "weights_worse"


class FingerprintError(EmbedderError):
    """Vectors of another model, or of another dimension, than the active one."""

    code = "fingerprint"
