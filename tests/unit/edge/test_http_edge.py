"""The HTTP edge: strict JSON, and a status for every refusal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal import http
from meterportal.domain import refusals
from meterportal.http import Answer, Malformed, strict_json
from meterportal.http.answers import Written
from meterportal.http.bodies import check_body

JSONABLE = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(JSONABLE)
def test_clean_json_is_read_as_it_is(value: object) -> None:
    assert strict_json(json.dumps(value)) == value


@given(JSONABLE, JSONABLE, st.text())
def test_what_is_written_already_stands_in_an_answer_as_it_is(
    part: object, other: object, name: str
) -> None:
    body = Answer({"whole": {name: Written(json.dumps(part))}, "other": other}).body
    assert body is not None
    assert json.loads(body) == {"whole": {name: part}, "other": other}
    spaced = Answer({name: Written('[ "ä" ]')}).body
    assert spaced is not None
    assert spaced.endswith(':[ "ä" ]}')


@pytest.mark.parametrize(
    "text",
    [
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": -Infinity}',
        '{"a": 1, "a": 2}',
        '{"a": {"1": 5, "1": 6}}',
        "[" * 21 + "]" * 21,
        "[" * 100_000,
        "{",
        "",
        "{'a': 1}",
        '{"a": 01}',
        '{"a": "\\ud800"}',
        '{"\\uDC00": 1}',
    ],
)
def test_loopholes_of_json_are_refused(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        strict_json(text)
    assert refused.value.text("de")
    assert refused.value.text("en")


def test_a_body_is_not_written_out() -> None:
    """Powertools does so with each, for a log that nobody has switched on."""

    class Sent(http.Body):
        words: str

    assert repr([Sent(words="secret")]) == "[<Sent>]"


@pytest.mark.parametrize("body", ["eyJhIjogIv8ifQ==", "no base64"])
def test_json_that_comes_as_bytes_is_utf_8_in_base64(body: str) -> None:
    event = {"headers": {"content-type": "application/json"}, "isBase64Encoded": True}
    with pytest.raises(Malformed):
        check_body({**event, "body": body}, limits={}, json_only=True)
    check_body({**event, "body": "eyJhIjogMX0="}, limits={}, json_only=True)


def test_a_number_of_thousands_of_digits_stays_text() -> None:
    assert strict_json(f'{{"value": {"9" * 5000}}}') == {"value": "9" * 5000}


def test_every_refusal_has_a_status_and_words_in_both_languages() -> None:
    for kind in every_kind(refusals.Refusal):
        made = kind(de="weil", en="because", name="x", limit=1, expected="y")
        assert 400 <= http.status_of(made) < 600, kind
        assert kind.de, kind
        assert kind.en, kind
        assert kind.de != kind.en or kind.de.startswith("{"), kind


def every_kind(kind: type[refusals.Refusal]) -> set[type[refusals.Refusal]]:
    return {kind}.union(*(every_kind(below) for below in kind.__subclasses__()))


@pytest.mark.parametrize(
    ("accepted", "spoken"),
    [("en-GB,en;q=0.9", "en"), ("fr, de", "de"), ("fr", "de"), ("", "de"), (None, "de")],
)
def test_the_language_is_the_first_that_we_speak(accepted: str | None, spoken: str) -> None:
    assert http.language_of({"headers": {"accept-language": accepted}}) == spoken
