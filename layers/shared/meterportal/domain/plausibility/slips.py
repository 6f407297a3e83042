"""P11: which numbers may have been meant if one digit was mistyped or misread.

For every number that one such slip turns into the typed one: the kind of slip, and how likely it
results in exactly the typed number (each place and each digit is equally likely).
"""

from __future__ import annotations

from collections.abc import Iterator

MISSING = "digit_missing"
ADDED = "digit_added"
DOUBLED = "digit_doubled"
WRONG = "digit_wrong"
TRANSPOSED = "digits_transposed"
THOUSANDS = "typed_in_thousands"
FEW_ORIGINS = (DOUBLED, TRANSPOSED)
"""Slips for which only a few numbers can have been meant."""
OF_ONE_DIGIT = (MISSING, ADDED, DOUBLED, WRONG, TRANSPOSED)

Meant = tuple[str, int, float]
"""Kind of slip, number meant, chance that the slip turns it into the typed number."""


def meant(value: int) -> Iterator[Meant]:
    """Every number that one slip of one digit turns into `value` ≥ 0; a number may come twice."""
    digits = str(value)
    yield from _transposed(digits)
    yield from _one_too_many(digits)
    yield from _one_too_few(digits)
    yield from _wrong(digits)


def _transposed(digits: str) -> Iterator[Meant]:
    for place in range(len(digits) - 1):
        first, second = digits[place], digits[place + 1]
        if first != second and not (place == 0 and second == "0"):
            number = digits[:place] + second + first + digits[place + 2 :]
            yield TRANSPOSED, int(number), 1 / (len(digits) - 1)
    if digits[0] != "0":
        # "105" typed as "015" is read as 15.
        yield TRANSPOSED, int(digits[0] + "0" + digits[1:]), 1 / len(digits)


def _one_too_many(digits: str) -> Iterator[Meant]:
    before = len(digits) - 1
    if not before:
        return
    for place, digit in enumerate(digits):
        number = digits[:place] + digits[place + 1 :]
        if number[0] == "0" and before > 1:
            continue
        yield ADDED, int(number), 1 / (10 * len(digits))
        if place and digits[place - 1] == digit:
            yield DOUBLED, int(number), 1 / before


def _one_too_few(digits: str) -> Iterator[Meant]:
    before = len(digits) + 1
    for place in range(before):
        for digit in "0123456789"[place == 0 :]:
            yield MISSING, int(digits[:place] + digit + digits[place:]), 1 / before


def _wrong(digits: str) -> Iterator[Meant]:
    chance = 1 / (9 * len(digits))
    for place, typed in enumerate(digits):
        for digit in "0123456789"[place == 0 and len(digits) > 1 :]:
            if digit != typed:
                yield WRONG, int(digits[:place] + digit + digits[place + 1 :]), chance
