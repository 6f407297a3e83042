"""E-mail addresses: one normal form, or the reason why there is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.mail.addresses import INVALID, LOOKALIKE, SEVERAL, mailbox


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("Clara.Schaefer@Muster.Example", "clara.schaefer@muster.example"),
        (" c.schaefer@muster.example ", "c.schaefer@muster.example"),
        ("info@Müller.de", "info@xn--mller-kva.de"),
        ("info@mu\u0308ller.de", "info@xn--mller-kva.de"),
        ("info@xn--mller-kva.de", "info@xn--mller-kva.de"),
        ("post+zaehler@firma.test", "post+zaehler@firma.test"),
    ],
)
def test_spellings_of_one_address_have_one_normal_form(typed: str, normal: str) -> None:
    assert mailbox(typed) == (normal, "")
    assert mailbox(normal) == (normal, "")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", INVALID),
        ("clara", INVALID),
        ("clara@muster", INVALID),
        ("clara at muster.example", INVALID),
        ("clara..s@muster.example", INVALID),
        ("Clara <clara@muster.example>", INVALID),
        ("clärchen@muster.example", INVALID),
        ("clara@muster.example\r\nBcc: x@y.example", SEVERAL),
        ("clara@muster.example\r\nBcc: x", INVALID),
        ("a@muster.example, b@muster.example", SEVERAL),
        ("a@muster.example b@muster.example", SEVERAL),
        ("a@muster.example/b@muster.example", SEVERAL),
        ("сlara@muster.example", LOOKALIKE),
        ("clara@muѕter.example", LOOKALIKE),
    ],
)
def test_what_is_no_address_says_why(typed: str, reason: str) -> None:
    assert mailbox(typed) == (None, reason)


@given(st.text(max_size=80))
def test_any_text_has_an_answer(typed: str) -> None:
    normal, reason = mailbox(typed)
    assert (normal is None) == bool(reason)
    if normal is not None:
        assert mailbox(normal) == (normal, "")
