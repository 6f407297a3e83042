"""Which passwords are taken, and the reason told for those that are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.domain.access import passwords
from meterportal.domain.access.passwords import LONGEST, SHORTEST
from meterportal.domain.refusals import PasswordRefused
from pydantic import TypeAdapter

REASONS = TypeAdapter(list[str])
NAMES = ("Kopier-Haus Bonn", "Muster GmbH", "Clara Schäfer", "clara@muster.example")


def reason(password: str) -> object:
    """The code of the reason against a password, None when it is taken."""
    try:
        passwords.accept(password, names=NAMES)
    except PasswordRefused as refusal:
        told = refusal
    else:
        return None
    assert told.field == "password"
    assert told.text("de") != told.text("en")
    (code,) = REASONS.validate_python(told.facts["reasons"])
    return code


@pytest.mark.parametrize(
    "password",
    [
        "kaffee regen fahrrad lampe",
        "Sommerregen auf dem Fahrradweg",
        "vier müde Elefanten",
        "tr0ub4dor und der Zaun",
        "8xK!q2vRz#Lm4Pw",
        "пять синих слонов",
        "五頭の青い象が走っています速く速く",
        "🐘🚲☕🌧💡🪜🧦🎈🪁🛶🎻🍋🧭🪴🔔",
        "zufällig   mit   Lücken",
        "kein Passwort sondern ein Satz",
    ],
)
def test_a_long_one_of_any_characters_is_taken(password: str) -> None:
    assert reason(password) is None


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("", "too_short"),
        ("kaffee regen f", "too_short"),
        ("x" * 300, "too_long"),
        ("aaaaaaaaaaaaaaaa", "repeated"),
        ("ababababababababab", "repeated"),
        ("               ", "repeated"),
        ("sonnensonnensonnen", "repeated"),
        ("fahrradX fahrradX fahr", "repeated"),
        ("123456789012345", "sequence"),
        ("abcdefghijklmnopq", "sequence"),
        ("zyxwvutsrqponmlk", "sequence"),
        ("qwertzuiopasdfgh", "sequence"),
        ("passwort passwort1", "common"),
        ("MeinPasswort2026!!", "common"),
        ("P@ssw0rt-Geheim-2026", "common"),
        ("Willkommen2026!!!", "common"),
        ("Zählerstand2026!", "common"),
        ("correct horse battery staple", "common"),
        ("Sommer2026Winter2027", "common"),
        ("KopierHausBonn2026", "personal"),
        ("clara@muster.example", "personal"),
        ("Clara.Schäfer.1984", "personal"),
        ("MusterGmbH!MusterGmbH?", "personal"),
    ],
)
def test_what_is_guessed_first_is_refused_with_its_reason(password: str, why: str) -> None:
    assert reason(password) == why


def test_length_is_counted_in_characters_after_normalisation() -> None:
    typed = "u\u0308ber" + "xkqwpvz1mhdrt"  # 17 code points, 16 characters once composed
    assert passwords.accept(typed, names=()) == "überxkqwpvz1mhdrt"
    assert reason("ﬁscher ﬂüsse ru") is None  # 15 as typed, 17 once ligatures are letters
    assert reason("ﬁscher ﬂüsse") == "too_short"
    assert reason("ｋaffee regen fahrrad") is None
    assert passwords.compared("ｋaffee") == "kaffee"


@given(st.text(max_size=300))
def test_any_text_is_taken_or_refused_in_words(password: str) -> None:
    why = reason(password)
    length = len(passwords.compared(password))
    assert (why == "too_short") is (length < SHORTEST)
    assert (why == "too_long") is (length > LONGEST)


WORDS = ["apfel", "birne", "kanu", "lotse", "nadel", "wolke", "zange", "ofen"]


@given(st.lists(st.sampled_from(WORDS), min_size=4, max_size=8, unique=True))
def test_four_different_words_always_do(words: list[str]) -> None:
    assert reason(" ".join(words)) is None
