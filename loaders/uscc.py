"""统一社会信用代码, the unified social credit code of an organisation (GB 32100-2015)."""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE = {char: value for value, char in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))


def check_digit(body: str) -> str:
    """The 18th character that belongs to the first 17 (GB 32100-2015, 5.2.5).

    Raises:
        KeyError: a character is outside the code's alphabet.
    """
    total = sum(_VALUE[char] * weight for char, weight in zip(body, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def is_valid(code: str) -> bool:
    """Whether 18 characters are a code whose check digit fits."""
    if len(code) != 18 or not all(char in _VALUE for char in code):
        return False
    return check_digit(code[:17]) == code[17]
