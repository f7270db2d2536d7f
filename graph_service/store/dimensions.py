"""What vectors must be like, on every engine: their number, and the dimension of a fingerprint."""

from collections.abc import Sequence

from graph_service.errors import FingerprintError, InputError
from graph_service.ports import Floats


def dimension_of(hashes: Sequence[bytes], vectors: Floats) -> int:
    """The dimension of vectors, shape (n, d), one for each text.

    Raises:
        InputError: they are not so.
    """
    if vectors.ndim != 2 or len(hashes) != len(vectors):
        raise InputError(
            f"向量与文本的数目不符：{vectors.shape}，{len(hashes)} 条文本。",
            hint="每条文本须有一个向量。",
            shape=vectors.shape,
            texts=len(hashes),
        )
    return int(vectors.shape[1])


def require_kept(fingerprint: str, expected: int, given: int) -> None:
    """Vectors to be kept are of the fingerprint's dimension.

    Raises:
        FingerprintError: they are not.
    """
    if expected != given:
        raise FingerprintError(
            f"向量是 {given} 维的，模型 {fingerprint} 的向量应是 {expected} 维。",
            hint="请检查模型设置；换了模型须用新的指纹。",
            fingerprint=fingerprint,
            expected=expected,
            given=given,
        )


def require_asked(fingerprint: str, expected: int, given: Sequence[int]) -> None:
    """A vector that is asked with, of a shape, is of the fingerprint's dimension.

    Raises:
        FingerprintError: it is not.
    """
    if tuple(given) != (expected,):
        raise FingerprintError(
            f"查询向量的形状是 {given}，模型 {fingerprint} 的是 {expected} 维。",
            hint="请检查模型设置；换了模型须重新计算向量（jiebang embed）。",
            fingerprint=fingerprint,
            expected=expected,
            given=given,
        )
