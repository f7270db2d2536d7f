"""What pydantic finds wrong with a field, in Chinese."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_SAID = {
    "missing": "必须给出",
    "extra_forbidden": "没有这一项",
    "given_twice": "只能给一次",
    "int_parsing": "应为整数",
    "int_parsing_size": "应为整数，且不能这么大",
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


def told(error: Mapping[str, Any], body: Any = None) -> dict[str, str]:
    """One of pydantic's errors as ``{"field", "code", "message"}``; never shows the value.

    Args:
        error: as pydantic gives it.
        body: what was sent, where the error is about that.
    """
    kind = str(error["type"])
    context = {key: str(value) for key, value in error.get("ctx", {}).items()}
    plain = _Blank({key: _plain(value) for key, value in context.items()})
    if kind in _SAID:
        said = _SAID[kind].format_map(plain)
    elif "message" in context:  # our own (PydanticCustomError)
        said = context["message"]
    else:
        said = str(error["msg"]).removeprefix("Value error, ")
    place, *names = error["loc"]  # query, path, header or body, then the way to the field
    if kind == "json_invalid":
        names = []
    way = _way(names, body)
    if kind.startswith("union_tag_"):
        way.append(plain["discriminator"])
    return {"field": ".".join(way) or str(place), "code": kind, "message": said}


def _way(names: Sequence[Any], body: Any) -> list[str]:
    """The way to a field in what was sent: without the tags of unions, which pydantic names too."""
    way, here = [], body
    for at, name in enumerate(names, start=1):
        if isinstance(here, dict):
            if name not in here and at < len(names):
                continue
            here = here.get(name)
        elif isinstance(here, list) and isinstance(name, int) and name < len(here):
            here = here[name]
        else:
            here = None
        way.append(str(name))
    return way


def _plain(words: str) -> str:
    """Without pydantic's English and quotes: ``'out', 'in' or 'both'`` as ``out、in、both``."""
    return re.sub(r"(?<=')(?:, | or )(?=')", "、", words).replace("'", "")


class _Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""
