"""Files changed by chance: whatever comes out is read, or refused in words; nothing else happens."""

from __future__ import annotations

import pytest

from tests.support.hostile.mutations import mutated, sound
from tests.support.packed import unpacked
from tests.support.reading import refusal

MANY = 10_000
PART = 500
"""A test each, so that a failing one names its numbers."""


def test_sound_files_are_read_and_the_same_on_every_day() -> None:
    assert [refusal(content) for content in sound()] == ["", "", "", ""]
    for content in sound():
        for name, part in unpacked(content).items():
            assert b"2026-11-23T09:00:00Z" in part or name != "docProps/core.xml"
    assert mutated(7) == mutated(7)


@pytest.mark.parametrize("first", range(0, MANY, PART))
@pytest.mark.long
def test_10000_mutated_files_are_read_or_refused(first: int) -> None:
    _try(range(first, first + PART))


def test_mutated_files_are_read_or_refused() -> None:
    """The short form of the test above."""
    assert _try(range(400)) > {"", "zip_broken", "workbook_broken"}


def _try(numbers: range) -> set[str]:
    """The codes of what came of these files; the number of one that ends otherwise is told."""
    codes = set()
    for number in numbers:
        try:
            codes.add(refusal(mutated(number)))
        except Exception as error:
            raise AssertionError(f"mutated({number})") from error
    return codes
