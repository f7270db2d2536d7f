"""Examples of the fictional city (all names invented) that stand in OpenAPI; a test runs each.

An example has a name; the parameters of one request share it.
"""

from typing import Any

DEMAND = "demand:D-001"
RESULT, OTHER_RESULT = "result:R-012", "result:R-028"
FIRM = "org:91999905QJ7228188H"
TEXT = "谐波减速器的柔轮在交变载荷下疲劳开裂，希望寿命提高到一万小时以上，不改变外形尺寸。"


def named(**values: Any) -> dict[str, Any]:
    """Examples of a parameter or a body: name → value."""
    return {name: {"value": value} for name, value in values.items()}
