"""Models: which there are, and which is in use."""

from typing import Any

from pydantic import Field

from api.http.schemas.graph import Answer

_ID = "编号；base 为设置 JIEBANG_MODEL 所指的模型"


class Vectors(Answer):
    """How many texts have a vector by a model."""

    texts: int = Field(description="已有向量的文字")
    pending: int = Field(description="还没有的")


class Model(Answer):
    """A model."""

    id: str = Field(description=_ID)
    active: bool = Field(description="是否正在使用")
    before: bool = Field(description="是否前一个：可以立即回到它")
    fingerprint: str = Field(description="模型、版本、前缀与维数；不同的向量绝不相比")
    vectors: Vectors | None = Field(description="库里由它算出的向量；null 表示没有")
    made_at: str | None = Field(description="训练的时间（UTC）；null 表示不是在这里训练的")
    base: str | None = Field(description="由哪个模型训练而来")
    pairs: dict[str, int] | None = Field(description="训练用的文字对：种类到数目")
    training: dict[str, Any] | None = Field(description="怎样训练的：步数、种子、损失、用时、版本")
    figures: dict[str, Any] | None = Field(description="量得的 nDCG@10：原来的与各种插值的")
    refused: list[str] = Field(description="不能换用的原因；空的可以换用")


class ModelsAnswer(Answer):
    """All models."""

    setting: str = Field(description="设置 JIEBANG_MODEL 的值")
    active: str = Field(description=f"正在使用的，{_ID}")
    before: str | None = Field(description="前一个；null 表示没有")
    since: str | None = Field(description="何时换用的（UTC）；null 表示没有换过")
    models: list[Model] = Field(description="设置所指的在前，其余新的在前")


class RolledBackAnswer(Answer):
    """What is in use after a roll back."""

    active: str = Field(description=f"现在使用的，{_ID}")
    before: str | None = Field(description="刚才使用的")
    fingerprint: str = Field(description="现在使用的指纹")
    pending: int = Field(description="还没有向量的文字：换用之后才载入的，暂时只按词找到")
    job: str | None = Field(description="为它们计算向量的任务；null 表示不需要")
