"""The learned weights of ``full``."""

from typing import Any

from pydantic import Field

from api.http.schemas.graph import Answer


class TargetWeights(Answer):
    """What was learned for one kind of candidate."""

    prior: float = Field(description="先验：没有任何依据时的得分（对数几率）")
    weights: dict[str, float] = Field(description="依据到权重")
    threshold: float | None = Field(
        description="前十名里至少一个合适的概率低于它，即说没有合适的；null 表示未学习"
    )


class LearnedAnswer(Answer):
    """The weights in use."""

    own: bool = Field(description="是否在这里训练的；false 为随产品附带的")
    targets: dict[str, TargetWeights] = Field(description="找什么到权重；没有的用声明的（未学习）")
    words: dict[str, float] = Field(description="很多需求都说的词，各算多少（0–1）；其余算 1")
    encoders: list[str] = Field(description="已知各需求共同成分的向量模型的指纹")
    record: dict[str, Any] = Field(description="训练记录：由什么判定学得，交叉验证量得如何")
