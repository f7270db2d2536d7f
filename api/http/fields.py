"""What pydantic finds wrong with a field, in Chinese."""

from collections.abc import Mapping
from typing import Any

_SAID = {
    "missing": "必须给出",
    "extra_forbidden": "没有这一项",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "int_from_float": "应为整数",
    "float_parsing": "应为数",
    "float_type": "应为数",
    "finite_number": "应为有限的数",
    "bool_parsing": "应为 true 或 false",
    "bool_type": "应为 true 或 false",
    "string_type": "应为文字",
    "string_too_short": "至少 {min_length} 个字符",
    "string_too_long": "至多 {max_length} 个字符",
    "string_pattern_mismatch": "写法应合 {pattern}",
    "string_unicode": "不是有效的 Unicode 文字",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "too_short": "至少 {min_length} 项",
    "too_long": "至多 {max_length} 项",
    "literal_error": "应为 {expected} 之一",
    "enum": "应为 {expected} 之一",
    "greater_than_equal": "不能小于 {ge}",
    "greater_than": "应大于 {gt}",
    "less_than_equal": "不能大于 {le}",
    "less_than": "应小于 {lt}",
    "json_invalid": "不是有效的 JSON",
    "union_tag_invalid": "应为 {expected_tags} 之一",
    "union_tag_not_found": "缺少 {discriminator}",
    "date_from_datetime_parsing": "应为日期（如 2026-03-01）",
    "date_parsing": "应为日期（如 2026-03-01）",
}


def told(error: Mapping[str, Any]) -> dict[str, str]:
    """One of pydantic's errors as ``{"field", "code", "message"}``; never shows the value."""
    kind = str(error["type"])
    context = {key: str(value) for key, value in error.get("ctx", {}).items()}
    said = _SAID.get(kind)
    if said is not None:
        said = said.format_map(_Blank(context))
    elif "message" in context:  # our own (PydanticCustomError)
        said = context["message"]
    else:
        said = str(error["msg"]).removeprefix("Value error, ")
    place, *names = error["loc"]  # query, path, header or body, then the way to the field
    if kind == "json_invalid":
        names = []
    return {"field": ".".join(map(str, names)) or str(place), "code": kind, "message": said}


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""
