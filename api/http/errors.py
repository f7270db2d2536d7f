"""What can go wrong with a request before any service sees it.

::

    InputError
    ├── MalformedError          not a request that can be read
    │   └── HostError           asked by a name that is not this server's
    ├── CrossOriginError        another web page tries to write
    ├── LimitError              larger than a limit allows
    │   ├── BodyTooLargeError
    │   ├── AddressTooLongError
    │   ├── HeadTooLargeError   its headers
    │   └── SlowBodyError       head or body came too slowly
    ├── CursorError             a cursor that we did not make for this query
    ├── IdempotencyKeyError     the key cannot be used
    │   └── IdempotencyMismatchError  the key stands for another request
    └── PassingError            nothing is wrong with the request: come again later
        ├── IdempotencyRunningError  the first request with the key still runs
        ├── NotReadyError       the store or the encoder is not there yet
        ├── RateError           too many requests from one address
        └── BusyError           too many heavy requests at once
"""

from collections.abc import Mapping

from graph_service.errors import InputError


class MalformedError(InputError):
    """Bytes that are no text, NUL, headers given twice."""

    code = "malformed"


class HostError(MalformedError):
    """The Host header names another server (DNS rebinding)."""

    code = "host"


class CrossOriginError(InputError):
    """A page of another origin tries to write."""

    code = "cross_origin"


class LimitError(InputError):
    """A value is larger than a limit allows."""

    code = "limit_exceeded"


class BodyTooLargeError(LimitError):
    """The body has more bytes than allowed."""

    code = "body_too_large"


class AddressTooLongError(LimitError):
    """Path and query are longer than allowed."""

    code = "address_too_long"


class HeadTooLargeError(LimitError):
    """The headers have more bytes than allowed."""

    code = "head_too_large"


class SlowBodyError(LimitError):
    """The request did not arrive in time."""

    code = "slow_body"


class CursorError(InputError):
    """The cursor was made for another query, or not by us."""

    code = "cursor"


class IdempotencyKeyError(InputError):
    """The Idempotency-Key cannot be used."""

    code = "idempotency_key"


class IdempotencyMismatchError(IdempotencyKeyError):
    """The key was used with another body."""

    code = "idempotency_mismatch"


class PassingError(InputError):
    """Come again later. ``seconds`` says when (Retry-After)."""

    code = "later"

    def __init__(self, message: str, *, hint: str = "", seconds: float = 1, **values: object):
        super().__init__(message, hint=hint, seconds=seconds, **values)
        self.seconds = seconds


class IdempotencyRunningError(PassingError):
    """The first request with this key has not ended."""

    code = "idempotency_running"


class NotReadyError(PassingError):
    """What the service needs is not there (yet). ``missing``: what, and why."""

    code = "not_ready"

    def __init__(self, message: str, *, hint: str = "", missing: Mapping[str, str]) -> None:
        super().__init__(message, hint=hint, seconds=2)
        self.missing = missing


class RateError(PassingError):
    """Too many requests a minute from one address."""

    code = "rate_limited"


class BusyError(PassingError):
    """Too many heavy requests at once, or waiting too long for one's turn."""

    code = "busy"
