"""统一社会信用代码, the unified social credit code of an organisation (GB 32100-2015)."""

from operator import mul

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE = {char: value for value, char in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))


def check_digit(body: str) -> str:
    """The 18th character that belongs to the first 17 (GB 32100-2015, 5.2.5).

    Raises:
        KeyError: a character is outside the code's alphabet.
    """
    return ALPHABET[-sum(map(mul, map(_VALUE.__getitem__, body), _WEIGHTS)) % 31]


def is_valid(code: str) -> bool:
    """Whether 18 characters are a code whose check digit fits."""
    return len(code) == 18 and _VALUE.keys() >= set(code) and check_digit(code[:17]) == code[17]
