"""The dealer's own words: written, refused, shown as a mail, tried at oneself, and sent to customers."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.store.writes import Write

from tests.support.builders import a_contact, a_holding, a_machine, settle
from tests.support.requesting import ask, text_of
from tests.support.stage import Answer, Stage

NAME = "bwCOPortalZEmailHtml"
PATH = f"/api/staff/text-blocks/{NAME}/de"
OWN = "anna@dealer.example"
WORDS = {
    "subject": "Ihre Zähler bei #HAENDLER#, #ANZAHL#",
    "preheader": "Dauert zwei Minuten.",
    "html": '<p>Moin, #ANREDE#!</p>\n<a class="button" href="#URL#">Los</a>\n#MASCHINEN#\n',
    "text": "",
}


def put(stage: Stage, seen: int = 0, /, path: str = PATH, **changes: Any) -> Answer:
    return stage.staff("PUT", path, WORDS | {"version": seen} | changes, groups="admin")


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("html",))
    assert part is not None
    content: str = part.get_content()
    return content


def test_what_the_dealer_wrote_is_what_customers_get(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    assert put(stage).status == 200
    ask(stage)
    (mail,) = stage.mails()
    assert mail["Subject"] == "Ihre Zähler bei Meterportal, 1 Gerät"
    assert "Moin, Sehr geehrte Frau Schäfer!" in html_of(mail)
    assert "Dauert zwei Minuten." in html_of(mail)
    assert "min-height" not in html_of(mail)
    assert "SN200001" in text_of(mail)
    link = next(line for line in text_of(mail).splitlines() if "#t=" in line)
    assert f'href="{link}"' in html_of(mail)
    again = BytesParser(policy=policy.SMTP).parsebytes(mail.as_bytes(policy=policy.SMTP))
    assert [part.get_content_type() for part in again.iter_parts()] == ["text/plain", "text/html"]
    assert again.defects == []


def test_english_words_stay_as_shipped_while_german_ones_are_written(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters, a_holding(contacts=[a_contact(language="en")]))
    assert put(stage).status == 200
    ask(stage)
    (mail,) = stage.mails()
    assert mail["Subject"].startswith("Meter readings due on")
    assert "black and white, colour" in text_of(mail)
    assert "S/W" not in text_of(mail)


def test_each_version_stays_and_an_earlier_one_comes_back(stage: Stage) -> None:
    shipped = stage.staff("GET", PATH).json
    assert (shipped["version"], shipped["by"], shipped["versions"]) == (0, None, [])
    assert put(stage).json["version"] == 1
    second = put(stage, 1, subject="Bitte melden")
    assert [(one["version"], one["by"]) for one in second.json["versions"]] == [
        (2, "staff-1"),
        (1, "staff-1"),
    ]
    first = stage.staff("GET", f"{PATH}/versions/1").json
    assert first["subject"] == WORDS["subject"]
    back = put(stage, 2, **{part: first[part] for part in WORDS})
    assert (back.json["version"], back.json["subject"]) == (3, WORDS["subject"])
    assert stage.staff("GET", f"{PATH}/versions/0").json["html"] == shipped["html"]
    assert stage.staff("GET", f"{PATH}/versions/9").status == 404
    rows = stage.staff("GET", "/api/staff/text-blocks").json["blocks"]
    assert {(one["name"], one["language"]): one["version"] for one in rows}[NAME, "de"] == 3
    assert len(rows) == 14


def test_two_people_at_one_text_do_not_undo_each_other(stage: Stage) -> None:
    assert put(stage).status == 200
    late = put(stage, 0, subject="Anders")
    assert (late.status, late.json["code"], late.json["version"]) == (412, "changed_meanwhile", 1)
    assert put(stage, 0).json["version"] == 1  # the same words again are no change
    entries = stage.staff("GET", "/api/staff/audit?action=text_changed").json["entries"]
    assert [one["record"]["id"] for one in entries] == [f"{NAME}.de"]


@pytest.mark.parametrize(
    ("changes", "part", "line", "code"),
    [
        ({"html": "<p>ohne Link</p>"}, "html", 1, "url_missing"),
        ({"text": "Guten Tag"}, "text", 1, "url_missing"),
        ({"html": "#URL#\n\n#TELEFFON#"}, "html", 3, "unknown_placeholder"),
        ({"preheader": "#WERTE#"}, "preheader", 1, "unknown_placeholder"),
        ({"html": "#URL#\n{{ 7 * 7 }}"}, "html", 2, "template_code"),
        ({"html": "#URL#\n<script>alert(1)</script>"}, "html", 2, "active_content"),
        ({"html": '#URL#\n<p style="position:fixed">x</p>'}, "html", 2, "style_dropped"),
        ({"subject": "Eins\nBcc: spy@evil.example"}, "subject", 1, "newline"),
        ({"subject": ""}, "subject", 1, "empty"),
        ({"html": "#URL#" + "ü" * 60_000}, "html", 1, "too_large"),
        ({"html": "#URL##MASCHINEN#" + "x" * 101_000}, "html", 1, "too_large"),
    ],
)
def test_what_a_mail_cannot_be_is_refused_with_its_place(
    stage: Stage, changes: dict[str, str], part: str, line: int, code: str
) -> None:
    refused = put(stage, **changes)
    assert (refused.status, refused.json["code"]) == (422, "text_block_refused")
    (fault,) = refused.json["faults"]
    assert (fault["part"], fault["line"], fault["code"]) == (part, line, code)
    assert fault["detail"]
    assert stage.staff("GET", PATH).json["version"] == 0


def test_only_administrators_write(stage: Stage) -> None:
    for group in ("read", "remind", "release"):
        refused = stage.staff("PUT", PATH, WORDS | {"version": 0}, groups=group)
        assert refused.status == 403
        assert stage.staff("POST", f"{PATH}/test-mail", WORDS, groups=group).status == 403
    assert stage.staff("GET", PATH, groups="read").status == 200


@pytest.mark.parametrize("path", ["bwNothing/de", f"{NAME}/fr"])
def test_there_are_no_other_texts(stage: Stage, path: str) -> None:
    other = f"/api/staff/text-blocks/{path}"
    assert stage.staff("GET", other).status == 404
    assert put(stage, path=other).status == 404
    assert stage.staff("POST", f"{other}/preview", WORDS).status == 404


def blocks(stage: Stage) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = stage.staff("GET", "/api/staff/text-blocks").json["blocks"]
    return rows


@pytest.mark.parametrize("contract", ["", "70001"])
def test_every_text_is_shown_as_a_mail(stage: Stage, adapters: Adapters, contract: str) -> None:
    settle(adapters)
    for row in blocks(stage):
        path = f"/api/staff/text-blocks/{row['name']}/{row['language']}"
        words = {part: stage.staff("GET", path).json[part] for part in WORDS}
        tried = stage.staff("POST", f"{path}/preview", words | {"contract_id": contract})
        assert (tried.status, tried.json["faults"]) == (200, []), row
        for part in ("subject", "html", "text"):
            assert "#ANREDE#" not in tried.json[part]
            assert "#FIRMA#" not in tried.json[part]
        assert "#t=" not in tried.json["html"]
        made = stage.staff(
            "POST", f"{path}/preview", words | {"contract_id": contract, "text": ""}
        ).json["text"]
        assert "<" not in made
        assert "http" in made
        stored = put(stage, path=path, **words | {"subject": words["subject"] + "!"})
        assert stored.status == 200, stored.text


def test_the_preview_names_faults_and_writes_nothing(stage: Stage) -> None:
    body = WORDS | {"html": "<p>#KUNDE#</p>"}
    tried = stage.staff("POST", f"{PATH}/preview", body, groups="read").json
    assert [one["code"] for one in tried["faults"]] == ["url_missing", "unknown_placeholder"]
    assert stage.staff("GET", PATH).json["version"] == 0
    unknown = stage.staff("POST", f"{PATH}/preview", WORDS | {"contract_id": "404"})
    assert unknown.status == 404


def test_a_test_mail_of_words_that_are_not_stored_goes_to_who_asks(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    body = WORDS | {"contract_id": "70001", "subject": "Entwurf #FIRMA#"}
    key = {"idempotency-key": "k" * 20}
    for _ in range(2):
        asked = stage.staff("POST", f"{PATH}/test-mail", body, headers=key)
        assert (asked.status, asked.json) == (202, {"to": OWN})
    stage.drain()
    (mail,) = stage.mails()
    assert (mail["To"], mail["Subject"]) == (OWN, "Test: Entwurf Muster GmbH")
    assert "Dies ist eine Testmail" in text_of(mail)
    assert "#t=" not in html_of(mail)
    refused = stage.staff("POST", f"{PATH}/test-mail", body | {"html": "<p>x</p>"})
    assert (refused.status, refused.json["code"]) == (422, "text_block_refused")


def test_markup_that_came_into_the_table_otherwise_is_cleaned_when_it_is_sent(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters, a_holding(machines=[a_machine()]))
    assert put(stage).status == 200
    item = adapters.table.get("TEXTS", f"{NAME}#de")
    assert item is not None
    evil = (
        "#URL#<img src=x onerror=alert(1)><svg><script>alert(2)</script></svg>"
        '<p style="color:red;position:fixed">x</p>'
    )
    adapters.table.write(Write(put=item | {"html": evil}))
    ask(stage)
    (mail,) = stage.mails()
    assert "alert" not in html_of(mail)
    assert "position" not in html_of(mail)
    assert "color:red" in html_of(mail)
