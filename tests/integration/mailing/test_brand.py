"""The dealer's name, colours and addresses: set, refused in words, shown by page and mails."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.adapters import Adapters
from meterportal.domain.mailing.brands import ENOUGH, contrast, ink_on

from tests.support.builders import settle
from tests.support.requesting import ask, text_of, token_of
from tests.support.stage import Answer, Stage

PATH = "/api/staff/brand"
LOOK = {
    "name": "Kopierladen Möller",
    "head": "#F5C400",
    "accent": "#7a1f5c",
    "imprint": "https://moeller.example/impressum",
    "privacy": "https://moeller.example/datenschutz",
}


def put(stage: Stage, seen: int = 0, /, groups: str = "admin", **changes: Any) -> Answer:
    return stage.staff("PUT", PATH, LOOK | {"version": seen} | changes, groups=groups)


def test_page_and_mail_show_what_was_set(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    assert put(stage).json["version"] == 1
    ask(stage)
    (mail,) = stage.mails()
    assert mail["From"].startswith("Kopierladen Möller <")
    html = mail.get_body(preferencelist=("html",))
    assert html is not None
    for said in ("#f5c400;color:#000000", 'bgcolor="#7a1f5c"', LOOK["imprint"], LOOK["privacy"]):
        assert said in html.get_content()
    assert f"Impressum: {LOOK['imprint']}" in text_of(mail)
    opened = stage.customer("POST", "/api/session", {"token": token_of(mail)}).json
    assert opened["dealer"] == {
        **LOOK,
        "set": True,
        "head": "#f5c400",
        "head_ink": "#000000",
        "accent_ink": "#ffffff",
    }


def test_without_a_look_the_installation_s_name_counts(stage: Stage) -> None:
    told = stage.staff("GET", PATH, groups="read").json
    assert (told["version"], told["name"], told["usual_name"]) == (0, "", "Meterportal")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("accent", "#f5c400"),
        ("accent", "red"),
        ("head", "#12345"),
        ("head", "#123456;}"),
        ("imprint", "http://moeller.example"),
        ("imprint", "javascript:alert(1)"),
        ("privacy", 'https://moeller.example/"><b>'),
        ("privacy", "https://user@moeller.example/"),
        ("name", "x" * 101),
    ],
)
def test_what_cannot_be_shown_is_refused_at_its_field(stage: Stage, field: str, value: str) -> None:
    refused = put(stage, **{field: value})
    assert (refused.status, refused.json["code"]) == (422, "brand_refused")
    assert refused.json["field"] == field
    assert stage.staff("GET", PATH).json["version"] == 0


def test_a_colour_too_light_is_refused_with_its_contrast(stage: Stage) -> None:
    assert "Kontrast 1,4" in put(stage, accent="#f5c400").json["detail"]


def test_two_people_do_not_undo_each_other(stage: Stage) -> None:
    assert put(stage).status == 200
    late = put(stage, 0, name="Anders")
    assert (late.status, late.json["code"], late.json["version"]) == (412, "changed_meanwhile", 1)
    assert put(stage, 0).json["version"] == 1
    assert put(stage, 1, name="Anders").json["version"] == 2


@pytest.mark.parametrize("group", ["read", "remind", "release"])
def test_only_administrators_set_it(stage: Stage, group: str) -> None:
    assert put(stage, groups=group).status == 403


@given(st.integers(0, 0xFFFFFF))
def test_every_colour_has_a_text_colour_that_can_be_read(colour: int) -> None:
    shown = f"#{colour:06x}"
    assert contrast(ink_on(shown), shown) >= ENOUGH
