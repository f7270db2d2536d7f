"""Errors of the driver and of the server as ours: the one place that knows them."""

import ssl
from collections.abc import Iterator

from neo4j.exceptions import (
    AuthConfigurationError,
    AuthError,
    CertificateConfigurationError,
    ConfigurationError,
    ConnectionAcquisitionTimeoutError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from graph_service import deadline
from graph_service.errors import (
    InputError,
    JiebangError,
    QueryTimeoutError,
    StoreError,
    StoreLockedError,
    StoreUnavailableError,
)

#: What the driver raises.
FAILURES = (Neo4jError, DriverError, ConfigurationError, OSError, UnicodeEncodeError)

#: What it raises where there is no server, or none that answers in time.
UNREACHED = (ServiceUnavailable, SessionExpired, ConnectionAcquisitionTimeoutError)

_TIMED_OUT = "Neo.ClientError.Transaction.TransactionTimedOut"
_CHANGE_FIRST = "Neo.ClientError.Security.CredentialsExpired"
_FORBIDDEN = "Neo.ClientError.Security.Forbidden"
_RATE = "Neo.ClientError.Security.AuthenticationRateLimit"
_MEMORY = "Neo.TransientError.General.MemoryPoolOutOfMemoryError"
#: Another process made the same index at the same time: then IF NOT EXISTS does not help.
_MADE_MEANWHILE = "Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists"
_CALL_FAILED, _NO_INDEX = "Neo.ClientError.Procedure.ProcedureCallFailed", "no such"


def passing(error: BaseException) -> bool:
    """Whether the same may well succeed a little later: the server restarts, a leader changes, two
    transactions were in each other's way, two processes made one index."""
    if isinstance(error, Neo4jError):
        if error.code == _MADE_MEANWHILE:
            return True
        return error.is_retryable() and error.code != _MEMORY
    return isinstance(error, (ServiceUnavailable, SessionExpired))


def ours(error: BaseException, location: str, seconds: float) -> JiebangError:
    """The error as the ports' contract has it; ``seconds`` is the limit that a query had."""
    if isinstance(error, UnicodeEncodeError):
        return InputError(
            "有文字不是有效的 Unicode，不能存取。", hint="请检查这些文字的编码。", reason=error
        )
    if isinstance(error, Neo4jError):
        if isinstance(error, AuthError) or error.code in (_CHANGE_FIRST, _FORBIDDEN):
            return _not_let_in(error, location)
        return _refused(error, location, seconds)
    if isinstance(error, ConnectionAcquisitionTimeoutError):
        return StoreUnavailableError(
            f"与图数据库服务器 {location} 的连接都在使用，没有等到空闲的。",
            hint="请稍后再试；常常如此的话请调大连接数。",
            location=location,
        )
    certificate = isinstance(error, (CertificateConfigurationError, ConfigurationError, ValueError))
    if certificate and not isinstance(error, AuthConfigurationError):
        return InputError(
            f"图数据库的地址或连接设置不能用：{location}",
            hint="地址形如 neo4j://主机:7687（加密用 neo4j+s://）；请核对地址与证书设置。",
            location=location,
            reason=error,
        )
    return _away(error, location)


def silent(location: str, seconds: float) -> QueryTimeoutError:
    """The error of a read that not even the server ended at its time limit: it hangs, or is slow to
    break off."""
    return QueryTimeoutError(
        f"图数据库服务器 {location} 在时限内没有应答，查询已中止。",
        hint="请缩小查询的范围；若别的查询也如此，请检查服务器是否卡住、机器是否过载。",
        seconds=seconds,
    )


def _away(error: BaseException, location: str) -> StoreUnavailableError:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return StoreUnavailableError(
                f"没有连接图数据库服务器 {location}：它的证书没有通过核对。",
                hint="请核对地址里的主机名、证书是否过期；证书由自备的机构签发的话，请在设置里给出"
                "该机构的证书，地址用 neo4j:// 或 bolt://。",
                location=location,
                reason=cause.verify_message,
            )
    return StoreUnavailableError(
        f"连不上图数据库服务器：{location}",
        hint="请检查服务器是否已启动、地址与端口是否正确、是否须加密（neo4j+s://）以及证书。",
        location=location,
        reason=_short(error),
    )


def _not_let_in(error: Neo4jError, location: str) -> StoreUnavailableError:
    if error.code == _CHANGE_FIRST:
        message = f"图数据库服务器 {location} 要求先更改初始密码。"
        hint = "请用 Neo4j 的工具改过密码，再把新密码写进设置。"
    elif error.code == _FORBIDDEN:
        message = f"用户没有权限使用图数据库 {location}。"
        hint = "请换一个有读写与建索引权限的用户。"
    else:
        message = f"图数据库服务器 {location} 拒绝登录：用户名或密码不对。"
        hint = "请核对设置里的用户名与密码；多次失败后服务器会拒绝片刻，请稍候再试。"
    return StoreUnavailableError(message, hint=hint, location=location, reason=error.code)


def _refused(error: Neo4jError, location: str, seconds: float) -> JiebangError:
    code = error.code or ""
    if code == _RATE:
        return StoreUnavailableError(
            f"登录失败次数太多，图数据库服务器 {location} 暂时拒绝登录。",
            hint="请稍候片刻，用正确的密码再试。",
            location=location,
            reason=code,
        )
    if code.startswith(_TIMED_OUT):
        return deadline.exceeded() if deadline.over() else _too_long(seconds)
    if code == _MEMORY:
        return StoreError(
            "图数据库服务器的内存不够完成这次操作。",
            hint="请减小每批的行数或查询的范围，或调大服务器的内存。",
            location=location,
            reason=code,
        )
    if code == _CALL_FAILED and _NO_INDEX in str(error):
        return StoreError(
            "图数据库服务器上缺一个检索用的索引，或正在重建。",
            hint="没有人在重建时，请运行 jiebang store migrate，再运行 jiebang reindex；"
            "数据本身完好。",
            location=location,
            reason=_short(error),
        )
    if isinstance(error, TransientError):
        return StoreLockedError(
            "图数据库正忙，多次重试仍未成功。", hint="请稍后再试。", location=location, reason=code
        )
    return StoreError(
        f"图数据库服务器报错：{code}",
        hint="请查看服务器的日志；若反复出现，请把这段信息告诉维护者。",
        location=location,
        reason=_short(error),
    )


def _too_long(seconds: float) -> QueryTimeoutError:
    return QueryTimeoutError(
        f"查询超过了 {seconds:g} 秒的时限，已中止。",
        hint="请缩小范围：加筛选条件，指定关系种类，减少步数或条数。",
        seconds=seconds,
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error, and all that led to it: a router's failures come in a group."""
    yield error
    before = [error.__cause__ or error.__context__, *getattr(error, "exceptions", ())]
    for cause in filter(None, before):
        yield from _causes(cause)


def _short(error: BaseException) -> str:
    """The first line of what the driver says; it never speaks of passwords."""
    return str(error).partition("\n")[0][:300] or type(error).__name__
