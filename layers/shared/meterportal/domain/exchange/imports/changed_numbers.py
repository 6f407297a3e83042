"""Record numbers that a program has changed: it dropped zeros, or wrote them as amounts."""

from __future__ import annotations

import re
from collections.abc import Iterator

REFERS_TO = {"company_id": "companies", "contract_id": "contracts", "machine_id": "machines"}
"""The field of a row that names a record, and the kind of that record."""

_ZEROS = 7
_LONGEST = 40
_GROUPED = re.compile(r"[0-9]{1,3}([.,])[0-9]{3}(?:\1[0-9]{3})*")
_TAIL = re.compile(r"([0-9]+)[.,]0+")


def alike(number: str) -> Iterator[str]:
    """The numbers from which a program may have made this one, the likeliest first: `01000` for
    `1000`, `97001` for `97001.0` or `97.001`."""
    if tail := _TAIL.fullmatch(number):
        yield tail[1]
    if _GROUPED.fullmatch(number):
        yield number.replace(".", "").replace(",", "")
    if number.isdecimal():
        for width in range(len(number) + 1, min(len(number) + 1 + _ZEROS, _LONGEST + 1)):
            yield number.zfill(width)
