"""What schemathesis cannot know from the schema: requests that are well-formed, yet refused.

Loaded by ``schemathesis.toml`` in schemathesis' own process.
"""

import secrets
from itertools import count
from typing import Any

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.openapi.checks import RejectedPositiveData

#: Refusals that no schema can tell of: code, a part of ``detail``, and why.
UNTOLD = (
    ("address_too_long", "", "the bound is on the whole address, not on one parameter"),
    ("input", "没有给出文件名", "a form names its file, any other body is named in the address"),
    ("input", "没有可用的字词", "a text of signs alone asks for nothing"),
    ("input", "不是这一对中的机构", "which two a pair has, its record says"),
    ("input", "不能用于", "whether an id is a demand's, the graph says"),
    ("input", "不是需求", "the same"),
    ("input", "不是成果，也不是机构", "the same"),
    ("input", "不是产业链", "the same"),
)  # fmt: skip
KEY = "Idempotency-Key"
_RUN, _numbers = secrets.token_hex(4), count()


@schemathesis.hook
def before_call(
    context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, Any]
) -> None:
    """Of valid requests: a key of its own for each, where schemathesis gives all the simplest,
    used up by the first; no cursor, for only an answer's own is one. Both have tests by hand."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.headers and KEY in case.headers:
        case.headers[KEY] = f"{_RUN}-{next(_numbers)}"
    if case.query:
        case.query.pop("cursor", None)


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext,
    failure: Failure,
    case: schemathesis.Case,
    response: Response,
) -> bool:
    """Whether a failure counts."""
    if not isinstance(failure, RejectedPositiveData):
        return True
    said = response.json()
    return not any(said["code"] == code and part in said["detail"] for code, part, _ in UNTOLD)
