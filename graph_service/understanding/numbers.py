"""Numbers as Chinese texts write them: figures, powers of ten, Chinese numerals."""

import math
import re

_FIGURES = r"\d{1,3}(?:,\d{3}){1,5}(?:\.\d+)?(?![\d.]*\d)|\d{1,18}(?:\.\d{1,18})?"
#: A power of ten: 10^6, 10?6 (a raised figure lost on the way), 10-6 and 106 after a sign of
#: multiplication only.
_RAISED = r"10\s?[\^?]\s?[-+]?\d{1,2}"
_LOST = r"10-\d{1,2}|10[2-9](?![\d.])"

#: A number in figures, in folded text.
FIGURES = (
    rf"(?:(?:{_RAISED})|(?:{_FIGURES})(?:\s?[×x*]\s?(?:{_RAISED}|{_LOST})|[eE][-+]?\d{{1,2}})?)"
)

#: A number in Chinese numerals below ten thousand.
NUMERAL = (
    r"(?:(?<![零〇一二两三四五六七八九十])[零〇一二两三四五六七八九十][零〇一二两三四五六七八九十百千]{0,9}"
    r"(?:点[零〇一二三四五六七八九]{1,9})?)"
)

#: Words for some of a power of ten: 数十, 上百, 几千.
VAGUE = r"(?:[数上几](?:十|百|千))"

_PARTS = re.compile(
    rf"(?P<times>{_FIGURES})?\s?[×x*]?\s?10(?:\s?[\^?]\s?)?(?P<power>[-+]?\d{{1,2}})"
)
_TENS = {"十": 10.0, "百": 100.0, "千": 1000.0}


def value_of(written: str) -> float | None:
    """The value of a number found by ``FIGURES``, ``NUMERAL`` or ``VAGUE``; None if it has none
    (三四, 一一二)."""
    value = _value(written.replace(",", "").replace(" ", ""))
    return value if value is not None and math.isfinite(value) else None


def _value(plain: str) -> float | None:
    if plain[-1:] in _TENS and plain[:1] in "数上几":
        return _TENS[plain[-1]]
    if re.search(r"[\^?×x*]", plain):
        found = _PARTS.fullmatch(plain)
        return float(found["times"] or 1) * 10.0 ** int(found["power"]) if found else None
    try:
        return float(plain)
    except ValueError:
        return _spelt(plain)


def _spelt(numeral: str) -> float | None:
    import cn2an

    whole = numeral.partition("点")[0]
    if len(whole) > 1 and not set(whole) & {"十", "百", "千"}:
        return None
    try:
        return float(cn2an.cn2an(numeral.replace("〇", "零"), "smart"))
    except (ValueError, KeyError, IndexError):
        return None
