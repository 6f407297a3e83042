"""Reading instructions: which page fits, what is shipped, what a dealer may write."""

from __future__ import annotations

import csv
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from meterportal.domain.portfolio.machines import MeterKind
from meterportal.domain.refusals import Refusal
from meterportal.domain.reporting.help import pages, shipped
from meterportal.domain.reporting.help.pages import (
    LONGEST_SENTENCE,
    LONGEST_STEP,
    LONGEST_TITLE,
    MOST_STEPS,
    choose,
    where,
    where_unnamed,
)
from meterportal.domain.reporting.help.shipped import HelpText, normal

from infra.aws.site import pages as site_pages
from infra.local.template import ROOT
from tests.support.builders import a_meter

DEMO = ROOT / "infra" / "local" / "demo" / "maschinen.csv"
OWN = {"de": HelpText("Eigene", ("Eins",)), "en": HelpText("Own", ("One",))}


def demo_models() -> list[tuple[str, str]]:
    rows = csv.DictReader(DEMO.read_text(encoding="cp1252").splitlines(), delimiter=";")
    return sorted({(row["Hersteller"], row["Modell"]) for row in rows})


def all_shipped() -> list[tuple[str, dict[str, HelpText]]]:
    found = [("general", dict(shipped.general()))]
    for maker in shipped.makers():
        found.append((maker, dict(shipped.of_maker(maker))))
        found += [(family.name, dict(family.texts)) for family in shipped.families(maker)]
    return found


@pytest.mark.parametrize(("maker", "model"), demo_models(), ids=str)
@pytest.mark.parametrize("language", pages.LANGUAGES)
def test_every_model_of_the_demo_has_its_family_s_page(
    maker: str, model: str, language: str
) -> None:
    chosen = choose(maker, model, {}, language)
    assert chosen.match is pages.Match.FAMILY
    assert not chosen.stored


@pytest.mark.parametrize(("name", "texts"), all_shipped(), ids=lambda value: str(value)[:20])
def test_what_is_shipped_is_what_a_dealer_could_have_written(
    name: str, texts: dict[str, HelpText]
) -> None:
    assert set(texts) == set(pages.LANGUAGES)
    assert len(texts["de"].steps) == len(texts["en"].steps)
    for language, text in texts.items():
        given = {"title": text.title, "steps": list(text.steps), "picture": text.picture}
        assert pages.text_of(language, given) == text, name


def test_every_drawing_is_there_and_draws_only() -> None:
    site = site_pages()
    drawings = {key for key in site if key.startswith("help/")}
    assert drawings == {f"help/{name}.svg" for name in shipped.pictures()}
    for key in drawings:
        text = site[key].read_text(encoding="utf-8")
        for element in ElementTree.fromstring(text).iter():  # noqa: S314 - our own file
            assert element.tag.rpartition("}")[2] in {"svg", "g", "path", "rect", "circle"}, key
            # The policy of the site forbids inline styles and scripts, in drawings too.
            assert not {name for name in element.attrib if name.startswith(("style", "on"))}, key
        assert "currentColor" not in text  # an <img> has nobody to take the colour from
    for name in shipped.pictures():
        assert all(shipped.alternative(name, language) for language in pages.LANGUAGES)


@pytest.mark.parametrize(
    ("maker", "model", "name", "match"),
    [
        ("Kyocera", "FS-1000", "Kyocera", "maker"),
        ("KYOCERA ", "taskalfa  3554CI", "TASKalfa", "family"),
        ("Kyocera", "Kyocera TASKalfa 3554ci", "TASKalfa", "family"),
        ("", "TASKalfa 3554ci", "TASKalfa", "family"),
        ("Canon", "imageRUNNER 1643i II", "imageRUNNER", "family"),
        ("Canon", "imageRUNNER ADVANCE DX C5840i", "imageRUNNER ADVANCE", "family"),
        ("Lexmark", "MX-3071", "Lexmark", "maker"),  # Sharp's name, another maker's machine
        ("Ricoh", "IMC 3000", "Ricoh", "maker"),
        ("Utax", "TASKalfa 3554ci", "general", "general"),
        ("", "", "general", "general"),
        ("x" * 500, "y " * 500, "general", "general"),
    ],
)
def test_the_closest_page_is_found(maker: str, model: str, name: str, match: str) -> None:
    chosen = choose(maker, model, {}, "de")
    assert (chosen.name, chosen.match.value) == (name, match)


def test_a_dealer_s_page_wins_at_its_own_distance() -> None:
    maker, model = "Canon", "imageRUNNER ADVANCE DX C5840i"
    order = [
        ("imageRUNNER ADVANCE DX C5840i", "model"),
        ("imageRUNNER  advance dx", "family"),
        ("imageRUNNER ADVANCE", "family"),
    ]
    stored: dict[str, Any] = {
        normal(name): OWN for name in ("general", "Canon", *(name for name, _ in order))
    }
    for name, match in order:
        chosen = choose(maker, model, stored, "de")
        assert (normal(chosen.name), chosen.match.value) == (normal(name), match)
        assert chosen.stored
        del stored[normal(name)]
    # The dealer's page for the maker does not reach as close as the shipped one for the family.
    assert not choose(maker, model, stored, "de").stored
    assert choose(maker, "LBP 7", stored, "de").stored
    assert choose("Unbekannt", "X", stored, "en").text == OWN["en"]


def test_a_family_that_is_a_model_s_whole_name_is_found_shipped_and_stored() -> None:
    assert choose("Konica Minolta", "bizhub 4752", {}, "de").name == "bizhub 4752"
    stored = {"bizhub 4752": OWN}
    assert choose("Konica Minolta", "bizhub 4752", stored, "de").match is pages.Match.MODEL


def test_a_page_without_the_reader_s_language_is_passed_over() -> None:
    stored = {"im c3000": {"de": OWN["de"]}}
    assert choose("Ricoh", "IM C3000", stored, "de").stored
    assert choose("Ricoh", "IM C3000", stored, "en").name == "IM"


def test_a_meter_is_described_by_its_name_on_the_display() -> None:
    meter = a_meter(display_label="109: Gesamt (S/W 1)")
    assert where(meter, {}, "de") == (
        "Am Gerät heißt dieser Zähler „109: Gesamt (S/W 1)“. Er steht hinter der Nummer 109. "
        "Gemeint sind die schwarzweiß gedruckten und kopierten Seiten insgesamt."
    )
    assert "“Seiten {x}”" in where(a_meter(display_label="Seiten {x}"), {}, "en")


@pytest.mark.parametrize("kind", list(MeterKind))
@pytest.mark.parametrize("language", pages.LANGUAGES)
def test_a_meter_without_such_a_name_is_described_by_its_kind(
    kind: MeterKind, language: str
) -> None:
    text = where(a_meter(kind=kind, display_label=" "), {}, language)
    assert re.search("[„“]", text)
    assert "{" not in text
    assert text == where_unnamed(kind, {}, language)


def test_a_dealer_s_sentence_follows_the_machine_s_own_name_for_the_meter() -> None:
    own = {"BW": "Die zweite Zeile von oben."}
    assert where(a_meter(display_label="109: Gesamt (S/W 1)"), own, "de") == (
        "Am Gerät heißt dieser Zähler „109: Gesamt (S/W 1)“. Er steht hinter der Nummer 109. "
        "Die zweite Zeile von oben."
    )
    assert where(a_meter(display_label=""), own, "de") == own["BW"]
    colour = a_meter(kind=MeterKind.COLOUR, display_label="")
    assert where(colour, own, "de") == where(colour, {}, "de")


def said(**meters: str) -> dict[str, HelpText]:
    return {"de": HelpText("Eigene", ("Eins",), None, meters)}


def test_each_kind_of_meter_takes_its_sentence_from_the_closest_page_that_has_one() -> None:
    stored = {
        "im c3000": said(BW="Modell"),
        "im": said(BW="Reihe", COLOUR="Reihe"),
        "ricoh": said(COLOUR="Hersteller", SCAN="Hersteller"),
        "general": said(SCAN="Allgemein", TOTAL="Allgemein"),
        "mx": said(TOTAL="fremd"),
    }
    chosen = choose("Ricoh", "IM C3000", stored, "de")
    assert chosen.meters == {
        "BW": "Modell",
        "COLOUR": "Reihe",
        "SCAN": "Hersteller",
        "TOTAL": "Allgemein",
    }
    assert choose("Ricoh", "IM C3000", stored, "en").meters == {}  # written in German only


def test_a_wide_page_s_sentence_reaches_below_a_closer_page_without_one() -> None:
    # The shipped page of the family is closer than the dealer's for the maker; it says no sentences.
    chosen = choose("Ricoh", "IM C3000", {"ricoh": said(BW="Zeile 2")}, "de")
    assert (chosen.name, chosen.stored) == ("IM", False)
    assert chosen.meters == {"BW": "Zeile 2"}
    # So is a page of the dealer's own, written before there were sentences.
    stored = {"ricoh": said(BW="Zeile 2"), "im": OWN}
    chosen = choose("Ricoh", "IM C3000", stored, "de")
    assert (chosen.text, chosen.meters) == (OWN["de"], {"BW": "Zeile 2"})


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"title": ""}, "title", "text_refused"),
        ({"title": "x" * (LONGEST_TITLE + 1)}, "title", "text_refused"),
        ({"title": "a\nb"}, "title", "text_refused"),
        ({"title": "<b>fett</b>"}, "title", "markup_refused"),
        ({"steps": []}, "steps", "steps_refused"),
        ({"steps": ["x"] * (MOST_STEPS + 1)}, "steps", "steps_refused"),
        ({"steps": ["gut", " "]}, "steps.1", "text_refused"),
        ({"steps": ["x" * (LONGEST_STEP + 1)]}, "steps.0", "text_refused"),
        ({"steps": ["[hier](https://x.example)"]}, "steps.0", "markup_refused"),
        ({"steps": ["<!-- -->"]}, "steps.0", "markup_refused"),
        ({"steps": ["a\u0007b"]}, "steps.0", "text_refused"),
        ({"picture": "../../secret"}, "picture", "picture_unknown"),
        ({"meters": {"BW": " "}}, "meters.BW", "text_refused"),
        ({"meters": {"SCAN": "x" * (LONGEST_SENTENCE + 1)}}, "meters.SCAN", "text_refused"),
        ({"meters": {"BW": "gut", "TOTAL": "a\nb"}}, "meters.TOTAL", "text_refused"),
        ({"meters": {"COLOUR": "<b>fett</b>"}}, "meters.COLOUR", "markup_refused"),
        ({"meters": {"bw": "gut"}}, "meters.bw", "meter_kind_unknown"),
        ({"meters": {"FAX": None}}, "meters.FAX", "meter_kind_unknown"),
    ],
)
def test_what_no_page_may_hold_is_refused_by_field(
    change: dict[str, Any], field: str, code: str
) -> None:
    given = {"title": "Titel", "steps": ["Eins"], "picture": None} | change
    with pytest.raises(Refusal) as refused:
        pages.text_of("de", given)
    assert refused.value.code == code
    assert refused.value.field == f"languages.de.{field}"
    assert refused.value.text("de") != refused.value.text("en")


def test_signs_that_are_no_markup_are_taken() -> None:
    given = {"title": "Zähler < 10 & > 3", "steps": ["Taste „123“ > OK"], "picture": "web-page"}
    assert pages.text_of("de", given).title == "Zähler < 10 & > 3"


@pytest.mark.parametrize("meters", [None, {}, {"BW": None, "SCAN": None}])
def test_no_sentence_may_be_said_in_several_ways(meters: Any) -> None:
    given = {"title": "Titel", "steps": ["Eins"], "picture": None, "meters": meters}
    assert pages.text_of("de", given) == HelpText("Titel", ("Eins",))


def test_a_sentence_may_be_as_long_as_a_step_and_is_trimmed() -> None:
    meters = {kind.value: f" {'x' * LONGEST_SENTENCE} " for kind in MeterKind}
    given = {"title": "Titel", "steps": ["Eins"], "picture": None, "meters": meters}
    assert set(pages.text_of("de", given).meters.values()) == {"x" * LONGEST_SENTENCE}
