"""How a text bounds a number: 不低于, ≤, 以上, 提高 … by."""

import re

#: Relations of an indicator to its value.
RELATIONS = ("≥", ">", "≤", "<", "=", "±", "~", "range", "order", "better")

_NOT = r"不[应能得可]?(?:会|再)?"
_BEFORE: dict[str, str] = {
    "≥": r"≥|>=|=>|(?:大于|高于)或?等于|大于或者等于|≮|最少|起码|下限为?"
    rf"|{_NOT}(?:低于|小于|少于|短于|少於)"
    r"|至少(?:要|应|可|能)?(?:达到?|为|有|具有|低|高)?",
    "≤": r"≤|<=|=<|严禁(?:超过|大于|高于)|禁止超过|(?:小于|低于|少于)或?等于|≯|至多|上限为?"
    rf"|{_NOT}(?:高于|大于|超过|多于|长于|超出|超)|最多(?:不超过)?|最大不超过",
    ">": r">|大于|高于|超过|多于|长于|超出|突破|超|逾",
    "<": r"<|小于|低于|少于|短于|不足|不到|未超过",
    "better": r"优于|好于|优於",
    "~": r"≈|~|大约为?|约为?|近似为?|接近|将近|近|左右",
    "±": r"±|\+/-|\+-|正负",
    "=": r"=",
}
_AFTER: dict[str, str] = {
    "≥": r"及?或?\s?(?:以上|之上)|或更[多高长大]|起(?=[,;。、\s]|$)",
    "≤": r"及?或?\s?(?:以下|之下|以内|之内)|或更[低少短小]"
    r"|内(?![部径壁衬层置外含容存蒙圈孔酯])",
    "~": r"左右|上下",
}

BEFORE = "|".join(_BEFORE.values())
AFTER = "|".join(_AFTER.values())

#: Verbs of a gain or a saving over something: by how much, not how much.
GAIN = (
    r"(?:提高|提升|增加|增长|增大|增强|改善|减低|节材|减产|增产|增收|提效|延长|加快|扩大|翻|降低|下降|减少|减小|减轻|减重|缩短|节约|节省"
    r"|节能|节电|节水|降本|增效|降幅|增幅|缩小|降|升|少|省|低|高|快|短|长|大|小)"
)

_COMPILED = {
    "before": [(relation, re.compile(rf"(?:{words})$")) for relation, words in _BEFORE.items()],
    "after": [(relation, re.compile(rf"(?:{words})")) for relation, words in _AFTER.items()],
}


def before(words: str) -> str | None:
    """The relation that words before a number state."""
    return next((one for one, found in _COMPILED["before"] if found.fullmatch(words)), None)


def after(words: str) -> str | None:
    """The relation that words after a number state."""
    return next((one for one, found in _COMPILED["after"] if found.fullmatch(words)), None)
