"""Findings in words: every code, both languages, one sentence, numbers as people write them."""

from __future__ import annotations

import re
from datetime import date

import pytest
from meterportal.domain.plausibility.findings import Finding, Severity
from meterportal.domain.plausibility.texts import (
    CAUSES,
    SENTENCES,
    day,
    finding_text,
    reasons,
    thousands,
)

from tests.unit.plausibility import examples as plausibility_examples
from tests.unit.plausibility.examples import EXAMPLES, a_new_meter, check

TOLD = EXAMPLES | plausibility_examples.CAUSES


def _example(code: str) -> Finding:
    return next(finding for finding in TOLD[code]().findings if finding.code == code)


def test_every_finding_has_a_text_and_every_text_a_finding() -> None:
    assert set(SENTENCES) == set(EXAMPLES)
    assert set(CAUSES) == set(plausibility_examples.CAUSES)


@pytest.mark.parametrize("code", TOLD)
def test_a_finding_is_one_complete_sentence_in_both_languages(code: str) -> None:
    german, english = (finding_text(_example(code), language) for language in ("de", "en"))
    assert german != english
    for text in (german, english):
        assert re.fullmatch(r"[^{}–]+[.?]", text), text
        assert not re.search(r"[a-zäöüß][.?] ", text), text
        assert not re.search(r"\d{4}-\d\d", text), text
        assert len(text) < 180
    assert not re.search(r"\d,\d", german)
    assert not re.search(r"\d\.\d", english)


def test_numbers_and_days_are_written_as_the_language_writes_them() -> None:
    finding = _example("usage_too_high")
    german, english = finding_text(finding, "de"), finding_text(finding, "en")
    assert "28.10.2026 wären das 15.000 Seiten" in german
    assert "15,000 pages since 28 October 2026" in english


def test_the_meter_is_named_where_a_label_is_given() -> None:
    text = finding_text(_example("no_usage"), "de", "Drucke gesamt S/W")
    assert text.startswith("Drucke gesamt S/W: Seit dem 28.10.2026")


def test_a_lower_value_asks_for_each_likely_cause() -> None:
    german = finding_text(_example("lower_than_last"), "de")
    english = finding_text(_example("lower_than_last"), "en")
    assert all(cause in german for cause in ("Tippfehler", "anderer Zähler", "neue Platine"))
    assert all(cause in english for cause in ("typing error", "another meter", "new board"))


def test_one_page_is_not_pages() -> None:
    finding = Finding("1", "usage_too_low", Severity.WARN, {"usage": 1, "last_on": "2026-01-02"})
    assert "nur 1 Seite," in finding_text(finding, "de")
    assert "only 1 page since 2 January 2026" in finding_text(finding, "en")


def test_the_volume_that_served_is_named() -> None:
    of_contract = check(a_new_meter(volume=12_000), 1_500).findings[0]
    of_model = check(a_new_meter(), 1_500, model_volume=12_000).findings[0]
    assert "Volumen des Vertrags" in finding_text(of_contract, "de")
    assert "usual volume of the model" in finding_text(of_model, "en")


def test_findings_of_another_version_still_read_as_sentences() -> None:
    unknown = Finding("1", "of_a_later_version", Severity.WARN, {"value": 1})
    lacking = Finding("1", "unchanged", Severity.WARN, {"last_on": None})
    assert finding_text(unknown, "de") == "Bitte prüfen Sie diesen Wert."
    assert finding_text(unknown, "en") == "Please check this value."
    assert finding_text(lacking, "en") == "– is the same reading as on –: has it been read again?"


def test_another_language_reads_german() -> None:
    assert finding_text(_example("unchanged"), "fr") == finding_text(_example("unchanged"), "de")


@pytest.mark.parametrize(
    ("number", "german", "english"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (1_234_567, "1.234.567", "1,234,567"),
        (-1_000, "-1.000", "-1,000"),
    ],
)
def test_thousands(number: int, german: str, english: str) -> None:
    assert (thousands(number, "de"), thousands(number, "en")) == (german, english)


def test_days() -> None:
    assert day(date(2026, 3, 1), "de") == "01.03.2026"
    assert day(date(2026, 3, 1), "en") == "1 March 2026"


def test_reasons_are_offered_for_standing_still_in_both_languages() -> None:
    still = Finding("1", "no_usage", Severity.WARN)
    for language in ("de", "en"):
        assert len(reasons(still, language)) >= 3
    assert reasons(still, "de") != reasons(still, "en")
    assert reasons(Finding("1", "cannot_be_checked", Severity.INFO), "de") == ()
