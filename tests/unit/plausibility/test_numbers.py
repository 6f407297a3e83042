"""P1: a counter value is a whole number, however people write it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.domain.plausibility.numbers import (
    Negative,
    NotANumber,
    TooManyDigits,
    ValueMissing,
    ValueRefused,
    normalise,
)

from tests.unit.plausibility.examples import UNHURRIED

SPACES = ["\xa0", "\u202f", "\u2009", " "]
SEPARATORS = [".", ",", "'", "’", *SPACES]
UNITS = ["Seiten", "Seite", "S.", "Stk", "Stk.", "Stück", "Kopien", "Drucke", "Klicks", "pages"]
ENGLISH_UNITS = ["Pages", "page", "prints", "clicks", "copies", "scans", "Scans", "Blatt"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (0, 0),
        (12_345, 12_345),
        ("12345", 12_345),
        ("0", 0),
        ("000", 0),
        ("012345", 12_345),
        ("00012345", 12_345),
        (" 12345\t", 12_345),
        ("\ufeff12345\u200b", 12_345),
        ("12,345", 12_345),
        ("1.234.567", 1_234_567),
        ("012.345", 12_345),
        ("12 345 Seiten", 12_345),
        ("12.345Kopien", 12_345),
    ],
)
def test_a_counter_value_is_understood(text: object, value: int) -> None:
    assert normalise(text, digits=8) == value


@pytest.mark.parametrize("separator", SEPARATORS)
def test_groups_of_three_may_be_separated_by(separator: str) -> None:
    assert normalise(separator.join(["1", "234", "567"]), digits=8) == 1_234_567


@pytest.mark.parametrize("unit", [*UNITS, *ENGLISH_UNITS])
def test_a_unit_may_follow(unit: str) -> None:
    assert normalise(f"12345 {unit}", digits=8) == 12_345
    assert normalise(f"12.345{unit.upper()}", digits=8) == 12_345


@pytest.mark.parametrize(
    "text",
    [
        *("12,5", "1.2", "12.5", "1,23", "12,3456", "1234,567", "1.234,567", "1.23.456"),
        *("12..345", ".345", "12.", "1 2", "12\n345", "1_000", "1e5", "0x10", "+5", "5-", "--5"),
        *("١٢", "１２３", "²", "12a", "a12", "Seiten", "12 Seiten 5", "12 Euro", "-1,5", "nan"),
        *(True, False, 12.5, 12.0, [1], {"value": 1}, b"12"),
    ],
)
def test_what_may_mean_something_else_is_refused(text: object) -> None:
    with pytest.raises(NotANumber) as refused:
        normalise(text, digits=8)
    assert refused.value.code == "not_a_whole_number"


@pytest.mark.parametrize("text", [None, "", "   ", "\xa0", "\u200b"])
def test_nothing_typed_is_named_so(text: object) -> None:
    with pytest.raises(ValueMissing) as refused:
        normalise(text, digits=8)
    assert refused.value.code == "value_missing"


@pytest.mark.parametrize("text", [-1, -(10**30), "-1", "−5", "- 12.345", "-7 Seiten"])
def test_a_negative_value_is_named_so(text: object) -> None:
    with pytest.raises(Negative) as refused:
        normalise(text, digits=8)
    assert refused.value.code == "negative"


@pytest.mark.parametrize("text", [100_000, 10**30, "100000", "100.000", "9" * 81, "9" * 5_000])
def test_more_digits_than_the_meter_has_are_refused_with_their_number(text: object) -> None:
    with pytest.raises(TooManyDigits) as refused:
        normalise(text, digits=5)
    assert refused.value.facts == {"digits": 5}
    assert "5" in refused.value.text("de")


def test_leading_zeros_are_no_digits() -> None:
    assert normalise("0" * 20 + "12345", digits=5) == 12_345


def test_the_highest_value_of_the_meter_is_taken() -> None:
    assert normalise("99999", digits=5) == normalise(99_999, digits=5) == 99_999


def test_a_flood_of_digits_or_groups_costs_next_to_nothing() -> None:
    started = time.process_time()
    for flood in ("9" * 1_000_000, "1" + ".234" * 300_000, " " * 1_000_000 + "x", "0" * 1_000_000):
        with pytest.raises(ValueRefused):
            normalise(flood, digits=8)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "refusal", [ValueMissing(), NotANumber(), Negative(), TooManyDigits(digits=7)]
)
def test_every_refusal_speaks_both_languages(refusal: ValueRefused) -> None:
    assert refusal.text("de") != refusal.text("en")
    assert "{" not in refusal.text("de") + refusal.text("en")


@given(st.integers(0, 10**8 - 1), st.sampled_from(SEPARATORS), st.sampled_from(["", " ", "\xa0"]))
@UNHURRIED
def test_every_way_of_writing_a_value_gives_it_back(value: int, separator: str, gap: str) -> None:
    grouped = f"{value:,}".replace(",", separator)
    for text in (value, str(value), f"{value:08d}", grouped, f"{gap}{grouped}{gap}Seiten"):
        assert normalise(text, digits=8) == value


@given(st.one_of(st.text(), st.text("0123456789.,' -S"), st.floats(), st.integers(), st.binary()))
@UNHURRIED
def test_anything_gives_a_value_of_the_meter_or_a_refusal(text: object) -> None:
    try:
        value = normalise(text, digits=6)
    except ValueRefused:
        return
    assert 0 <= value < 10**6
    assert isinstance(value, int)
