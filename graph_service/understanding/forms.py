"""The forms that numbers with units take in folded text, as regular expressions."""

import re
from functools import cache

from graph_service.understanding import numbers, relations, units

#: What has figures and measures nothing: standards, dates, addresses, numbering, sequences.
_NOTHING = re.compile(
    r"(?:GB|ISO|ASTM|DIN|JIS|IEC|ANSI|AATCC|FZ|JB|HG|YB|QB|SH|DB|CJ|HJ|EN|UL|API|SEQ\s?ID\s?NO)"
    r"[/A-Z]{0,3}[\s:.]{0,2}\d[-\d.]*(?:[-:]\d+)*(?!\s?%)"
    r"|https?://[\w./?=&%#-]+|(?<![\w.])[\w.]{1,64}@[\w.]{1,64}"
    r"|(?:19|20)\d\d\s?(?:[-~至到]\s?(?:19|20)?\d\d\s?)?年(?:\s?\d{1,2}\s?月(?:\s?\d{1,2}\s?[日号])?)?"
    r"|(?<![≥≤<>=±~\d.至到-])(?:19|20)\d\d\s?[-./]\s?[01]?\d(?:\s?[-./]\s?[0-3]?\d)?"
    r"(?=[\s,。;、)]|$)"
    r"|\d{1,2}\s?月(?:\s?\d{1,2}\s?[日号]|[上中下]旬|份|底|初)|(?<![\d.])\d{1,2}世纪"
    r"|(?<![\d.])\d0\s?年代|世纪\d0年|(?:^|\n)[ \t]{0,9}\(?\d{1,2}[)、.](?!\d)"
    r"|\(\d{1,4}[a-hA-F]?'?\)"
    r"|(?<!\d)(?:201|202|30[1-4]|310|316|321|430)[A-Z]{0,2}(?=不锈|[、,(]|原材|钢|$)"
    r"|十[一二三四]五|第\s?[\d一二三四五六七八九十]+|(?<!\d)\d{1,2}\s?[gG](?=网|通信|基站|技术|信号)"
    r"|(?:1[3-9]\d{9}|0\d{2,3}-?\d{7,8})(?!\d)"
)

_FILLED = "\x00"


def masked(text: str) -> str:
    """Folded text with what measures nothing blanked out, at its length."""
    return _NOTHING.sub(lambda found: _FILLED * len(found[0]), text)


#: ≤ 常温的 1.8 倍: what the value is a multiple of stands between.
_OF = r"\s?[\u4e00-\u9fff]{1,8}的"


@cache
def whole() -> re.Pattern[str]:
    """A number with its unit and bounds; the group that matched says of which form."""
    figures, numeral, unit = numbers.FIGURES, numbers.NUMERAL, units.pattern()
    number = rf"(?<!\d)(?<!\d\.){figures}(?!\.?\d)"
    begin = rf"(?:(?:{relations.BEFORE})\s?(?:{relations.BEFORE})?(?:{_OF})?)?\s?"
    end = rf"(?:\s?(?:{relations.AFTER}))?"
    hedge = r"(?:约|近|大于|小于|低于|高于|不超过|不大于|[<>≤≥])?\s?"
    sep = r"~+|-{1,2}|至|到|±|\+/-|\.\.\.|:|/"
    small = r"(?:≤|<|<=)"
    part = rf"[百千万]分之\s?(?:{figures}|{numeral})"
    return re.compile(
        rf"(?P<chain>(?<![\w.])-?{number}\s?(?:{unit})?\s?{small}\s?[^\d\s,。;、:<≤]{{1,12}}?\s?{small}"
        rf"\s?-?{number}\s?(?:{unit})?)"
        rf"|(?P<bracketed>{begin}\(\s?{number}\s?(?:~|-|至|到)\s?{number}\s?\)\s?{unit}{end})"
        rf"|(?P<share>{begin}{part}(?:(?:{sep}){part})?{end})"
        rf"|(?P<figures>{begin}(?:(?<![A-Za-z\d)%°])-\s?|零下)?{number}\s?[多余几]?\s?(?:{unit})?[多余]?"
        rf"(?:\s?(?:{sep})\s?{hedge}[-+]?{number}\s?(?:{unit})?)?{end})"
        rf"|(?P<vague>{begin}(?:{numbers.VAGUE}|[数上几](?=万|亿|百万|千万))\s?{unit}{end})"
        rf"|(?P<spelt>{begin}(?:{numeral}(?:[到至]{numeral})?|半(?=年|小时|个月|天))[多余]?(?:{unit}){end})"
    )


@cache
def parts() -> re.Pattern[str]:
    """The parts of what ``whole`` found, but for inequalities around a name (``chained``)."""
    figures, numeral, unit = numbers.FIGURES, numbers.NUMERAL, units.pattern()
    return re.compile(
        rf"(?:(?P<before>(?:{relations.BEFORE})\s?(?:{relations.BEFORE})?)(?:{_OF})?)?\s?"
        rf"(?P<minus>-\s?|零下)?(?P<share>[百千万]分之)?\s?"
        rf"(?P<one>{figures}|{numbers.VAGUE}|[数上几](?=万|亿|百万|千万)|{numeral}|半)\s?(?P<few>[多余几])?"
        rf"\s?(?P<unit>{unit})?(?P<few2>[多余])?"
        rf"(?:\s?(?P<sep>~+|-{{1,2}}|至|到|±|\+/-|\.\.\.|:|/)\s?(?:约|近|大于|小于|低于|高于|不超过|不大于|[<>≤≥])?\s?"
        rf"(?P<minus2>[-+])?(?:[百千万]分之)?(?P<two>{figures}|{numeral})\s?(?P<unit2>{unit})?)?"
        rf"\s?(?P<after>{relations.AFTER})?"
    )


@cache
def chained() -> re.Pattern[str]:
    """The parts of 0.6 ≤ x < 3 mm: sign, number, unit, name, sign, number, unit."""
    figures, unit = numbers.FIGURES, units.pattern()
    return re.compile(
        rf"(-?)({figures})\s?({unit})?\s?[≤<]=?\s?(.+?)\s?[≤<]=?\s?(-?)({figures})\s?({unit})?"
    )
