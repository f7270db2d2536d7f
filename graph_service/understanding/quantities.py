"""The names of what numbers measure, read leftwards from a number, in folded text."""

import re
from dataclasses import dataclass

from graph_service.understanding import relations
from graph_service.understanding.words import words

#: Words that join a name to its value.
_JOINING = re.compile(
    r"(?:[ \t:=的]|(?<![产性功节智储热电动光势])能够?|最[高低大小][可能]?|"
    + "|".join(sorted(words("joining"), key=lambda word: (-len(word), word)))
    + ")+$"
)
_AFTER_GAIN = re.compile(r"(?:[\s了:]|可|可达|达|约|近|至少|大约|幅度|幅|率|在|超过|超|有|为)*$")
_NOT_BY = re.compile(r"(?:到|至|达到|提高为|为)\s?$")
_GAIN = re.compile(relations.GAIN + "$")
_RAISED = re.compile(rf"[\s,左右]*{relations.GAIN}(?:到|至|为)\s?")
_SHORT_GAIN = frozenset("降升少省低高快短长大小翻")

#: What a name cannot reach over.
_EDGE = re.compile("[,，。;；:!?！？、\n\x00|“”\"'‘’<>=≥≤~+×【】\\[\\]{}→/]")

#: Words that stand before a name and are no part of it.
_STOP = words("before_names")
#: A name's bracket: 延伸率(A).
_BRACKET = re.compile(r"\s?\([^()]{0,24}\)\s?$")
#: 比 is part of the name there: 比表面积, 比容量.
_SPECIFIC = re.compile("表面|容量|强度|电容|热|能|功率|模量|重|例|值")
_LONGEST = 16
#: Names of one character; others are verbs or measure words (做, 用, 约).
_SINGLE = frozenset("厚长宽高重深径硫磷碳硅锰铬镍铜铝钛铁锌氮氧氢水锂铌钼钒硼钨金银")
_HAN = re.compile("[\u4e00-\u9fff]")
_WORDY = re.compile(r"[A-Za-zα-ωΑ-Ω\u4e00-\u9fff]")

#: Names that a number without a unit may have.
UNITLESS = re.compile(
    r"(?:系数|比|因子|值|pH|PH|折射率|指数|倍数|数|率|度|Cpk|CPK|功率因素|信噪比|等级|级|量|性|分|精度)$"
)


@dataclass(frozen=True, slots=True)
class Named:
    """Where the name of a quantity stands, and whether a gain (提高, 降低) stands behind it.

    Attributes:
        start, end: of the name.
        gain: a gain or saving by the value.
    """

    start: int
    end: int
    gain: bool


def named(
    text: str, floor: int, at: int, *, bounded: bool, relative: bool
) -> tuple[Named | None, bool]:
    """The name that stands beside a value, and whether the value is a gain.

    Args:
        text: folded and masked.
        floor: where the mention before ends.
        at: where the relation or number begins.
        bounded: an upper bound is stated, so that 下降 is part of the name (下降≤15%).
        relative: a share stands bare: what follows 提高 … 20% is by how much.
    """
    begin = max(floor, at - 48)
    left = text[begin:at]
    if left.rstrip().endswith("("):
        left = left.rstrip()[:-1]
    gain = False
    head = left
    tail = _AFTER_GAIN.search(head)
    before = head[: tail.start()] if tail else head
    verb = _GAIN.search(before)
    if bounded:
        verb = None
    if verb and not _NOT_BY.search(head) and (verb[0] not in _SHORT_GAIN or _compared(before)):
        gain = not re.match("率", before[verb.end() :] + head[len(before) :])
        if gain:
            head = before[: verb.start()]
    head = _JOINING.sub("", head)
    if not gain and not bounded:
        verb = _GAIN.search(head)
        if verb and verb[0] not in _SHORT_GAIN:
            head = _JOINING.sub("", head[: verb.start()])
    head = _BRACKET.sub("", head)
    place = _tail(head)
    if place is None:
        return None, gain
    if relative and re.search(
        "(?:提高|提升|增加|降低|减少|减小|缩短|节约|节省|减轻)(?:了)?$", head[: place[0]]
    ):
        gain = True
    return Named(begin + place[0], begin + place[1], gain), gain


def raised(between: str) -> bool:
    """Whether a value is what the one before it is brought to (由 85% 提高到 95%)."""
    return bool(_RAISED.fullmatch(between))


def _compared(before: str) -> bool:
    """A short word such as 低 is a gain only where something is compared with (比现有的低)."""
    return bool(re.search(r"[比较][^,，。;；]{1,24}$", before))


def _tail(head: str) -> tuple[int, int] | None:
    """The trailing words of a name."""
    import rjieba

    edges = [found.end() for found in _EDGE.finditer(head)]
    opened = head.rfind("(")
    at = max([0, *edges, opened + 1 if opened > head.rfind(")") else 0])
    closed = head.rfind(")")
    at = max(at, closed + 1)
    words = rjieba.cut(head[at:])
    kept: list[str] = []
    for word in reversed(words):
        if word == "比" and (not kept or _SPECIFIC.match(kept[-1])):
            kept.append(word)
            continue
        if word.strip() in _STOP or sum(map(len, kept)) + len(word) > _LONGEST:
            break
        if re.fullmatch(r"[\d.]+", word) and not kept:
            break
        kept.append(word)
    name = "".join(reversed(kept))
    end = len(head.rstrip())
    begin = len(head) - len(name)
    begin += len(name) - len(name.lstrip(" .-·0123456789%°"))
    name = head[begin:end]
    if not _WORDY.search(name) or (_HAN.fullmatch(name) and name not in _SINGLE):
        return None
    return begin, end
