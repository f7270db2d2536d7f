"""Telling of vectors that were computed."""

from collections.abc import Mapping
from typing import Any


def embedding_line(done: Mapping[str, Any]) -> str:
    """What was done, in a line."""
    if not done["texts"]:
        return "向量：没有新的文字需要计算。"
    return f"向量：{done['texts']:,} 段文字，用时 {done['seconds']:.1f} 秒。"
