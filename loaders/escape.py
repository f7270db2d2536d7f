"""Text that a spreadsheet would take for a formula: escaped on its way out, undone on its way in.

A cell that begins with ``= + - @``, a tab or a carriage return is led by an apostrophe, as OWASP
("CSV Injection") advises; so is one that already begins so behind apostrophes, which makes the
escape reversible.
"""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED = re.compile(r"''*[=+\-@\t\r]")


def escape(text: str) -> str:
    """The text as no spreadsheet evaluates it."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape(text: str) -> str:
    """The text that ``escape`` was given."""
    return text[1:] if _ESCAPED.match(text) else text
