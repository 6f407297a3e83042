"""The request as a mail: texts, languages, escaping, and what a text block may hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.domain.mailing.text_blocks import KINDS, REQUEST, TextBlock
from meterportal.domain.mailing.text_lint import LARGEST, lint
from meterportal.domain.portfolio.contracts import Company
from meterportal.mail.layout import Access, SenderIdentity
from meterportal.mail.message import Message
from meterportal.mail.render import MailPart, language_for, request_mail, salutation
from meterportal.mail.text_blocks import Trusted, fill_html, fill_text, text_block

from tests.support.builders import DUE, a_contact, a_contract, a_machine

URL = "https://portal.example/#t=v1.k1.token"
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SENDER = SenderIdentity(
    "Büro & Kopie GmbH",
    "zaehler@dealer.example",
    "service@dealer.example",
    "https://portal.example",
)


def a_part(machines: int = 1, **fields: Any) -> MailPart:
    given: dict[str, Any] = {
        "company": Company("10000", "Muster GmbH"),
        "contact": a_contact(),
        "contract": a_contract(),
        "due_on": DUE,
        "machines": tuple(a_machine(str(200_001 + n)) for n in range(machines)),
    }
    return MailPart(**given | fields)


def mail_of(*parts: MailPart) -> Message:
    return request_mail(
        parts,
        block=text_block(REQUEST, language_for(parts, "")),
        to="clara@muster.example",
        access=Access(URL, "ABCD-EFGH"),
        sender=SENDER,
    )


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_shipped_blocks_pass_their_own_lint(name: str, language: str) -> None:
    assert lint(text_block(name, language)) == []


def test_the_subject_says_due_date_company_and_number_of_machines() -> None:
    assert mail_of(a_part(2)).subject == (
        "Zählerstände melden, fällig am 28.11.2026: Muster GmbH, 2 Geräte"
    )
    other = a_part(company=Company("10007", "Beispiel AG"), due_on=date(2026, 10, 28))
    assert mail_of(a_part(), other).subject == (
        "Zählerstände melden, fällig am 28.10.2026 und 28.11.2026: 2 Firmen, 2 Geräte"
    )


def test_days_that_differ_are_all_said_and_no_company_s_is_called_another_s() -> None:
    others = [a_part(contract=a_contract(f"7000{n}"), due_on=date(2026, 12, n)) for n in (1, 5)]
    german = "am 28.11.2026 und an weiteren Tagen bis 05.12.2026"
    mail = mail_of(a_part(), *others)
    for said in (
        mail.subject,
        mail.text,
        mail.html.replace("<strong>", "").replace("</strong>", ""),
    ):
        assert f"fällig {german}" in said
    for due in ("28.11.2026", "01.12.2026", "05.12.2026"):
        assert f", fällig {due}" in mail.text
    reader = a_contact(language="EN")
    english = mail_of(a_part(contact=reader), a_part(contact=reader, due_on=date(2026, 12, 5)))
    assert "due on 28 November 2026 and 5 December 2026" in english.subject


def test_an_english_contact_gets_an_english_mail_whatever_the_company_speaks() -> None:
    mail = mail_of(a_part(contact=a_contact(language="EN")))
    assert mail.subject == "Meter readings due on 28 November 2026: Muster GmbH, 1 machine"
    assert mail.text.startswith("Dear Ms Schäfer,")
    assert 'lang="en"' in mail.html
    silent = a_part(contact=a_contact(language=""), company=Company("1", "Acme", language="EN"))
    assert mail_of(silent).text.startswith("Dear Ms")


def test_up_to_ten_machines_are_listed_in_walking_order_then_counted() -> None:
    mail = mail_of(a_part(7), a_part(6, contract=a_contract("70002")))
    for content in (mail.text, mail.html):
        assert content.count("SN2000") == 10
        assert "und 3 weitere" in content
        assert "(70002)" in content
    assert "weitere" not in mail_of(a_part(10)).text


def test_a_machine_is_listed_with_model_serial_place_and_billable_meters() -> None:
    text = mail_of(a_part()).text
    assert (
        "- Ricoh IM C3000, Seriennr. SN200001, Ihre Nr. K-1, Zentrale, A, EG, 101: S/W, Farbe"
        in text
    )


def test_the_link_stands_on_the_button_and_once_more_as_text() -> None:
    mail = mail_of(a_part())
    assert mail.html.count(f'href="{URL}"') == 2
    assert f">{URL}</a>" in mail.html
    assert mail.text.count(URL) == 1
    assert "max-width:580px" in mail.html


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_short_code_stands_in_both_parts_with_the_place_to_type_it(language: str) -> None:
    mail = mail_of(a_part(contact=a_contact(language=language)))
    for content in (mail.text, mail.html):
        assert content.count("ABCD-EFGH") == 1
        assert "https://portal.example/#/login" in content
    part = a_part(contact=a_contact(language=language))
    block = text_block(REQUEST, language)
    without = request_mail([part], block=block, to="c@m.example", access=Access(URL), sender=SENDER)
    assert "Code" not in without.text + without.html
    assert "/#/login" not in without.text + without.html


def test_the_mail_says_what_happens_without_a_report() -> None:
    assert "schätzen" in mail_of(a_part()).text
    assert "estimate" in mail_of(a_part(contact=a_contact(language="en"))).html


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002 - the parser's shape
        self.seen.add(tag)
        if tag not in {"meta", "br", "!doctype"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


EVIL = "<script>alert('#URL#')</script> & \"Söhne\"\r\nBcc: a@b.example\u202e\x00"


def test_master_data_is_escaped_in_html_and_left_alone_in_plain_text() -> None:
    machine = replace(a_machine(), model=EVIL, serial=EVIL, customer_no=EVIL)
    part = a_part(company=Company("10000", EVIL), contract=a_contract(name=EVIL))
    mail = mail_of(replace(part, machines=(machine,)))
    assert "<script" not in mail.html
    assert "<script>alert('#URL#')</script> & \"Söhne\" Bcc: a@b.example" in mail.text
    assert mail.html.count(URL) == 3
    assert "\n" not in mail.subject
    assert "\u202e" not in mail.html + mail.text + mail.subject
    tags = Tags()
    tags.feed(mail.html)
    assert tags.open == []


@given(st.text(max_size=60))
def test_no_company_name_breaks_the_mail(name: str) -> None:
    mail = mail_of(a_part(company=Company("10000", name)))
    raw = replace(mail, sender_name="Dealer").mime(at=AT)
    parsed = message_from_bytes(raw, policy=policy.default)
    assert parsed["To"] == "clara@muster.example"
    assert parsed["Bcc"] is None
    tags = Tags()
    tags.feed(mail.html)
    assert tags.open == []
    assert tags.seen <= {
        "html", "head", "meta", "title", "style", "body", "div", "table", "tr", "td", "p",
        "strong", "a", "br",
    }  # fmt: skip


@pytest.mark.parametrize("length", [10, 68, 69, 70, 76, 77, 78, 90, 300])
def test_a_subject_arrives_as_it_was_written(length: int) -> None:
    subject = ("report " * length)[:length].strip()
    raw = replace(mail_of(a_part()), subject=subject).mime(at=AT)
    assert message_from_bytes(raw, policy=policy.default)["Subject"] == subject


@pytest.mark.parametrize(
    ("contact", "de", "en"),
    [
        (a_contact(), "Sehr geehrte Frau Schäfer", "Dear Ms Schäfer"),
        (a_contact(salutation="Herr"), "Sehr geehrter Herr Schäfer", "Dear Mr Schäfer"),
        (a_contact(salutation=""), "Guten Tag", "Hello"),
        (a_contact(salutation="Firma"), "Guten Tag", "Hello"),
        (a_contact(last_name=""), "Guten Tag", "Hello"),
        (a_contact(last_name="Dvo?ák"), "Guten Tag", "Hello"),
        (a_contact(last_name="Dvo\ufffdák"), "Guten Tag", "Hello"),
        (a_contact(last_name="von der Heide-O’Neill"), "Sehr geehrte Frau von der Heide-O’Neill",
         "Dear Ms von der Heide-O’Neill"),
    ],
)  # fmt: skip
def test_people_are_greeted_by_name_only_where_the_name_is_certain(
    contact: Any, de: str, en: str
) -> None:
    assert salutation([contact], "de") == de
    assert salutation([contact], "en") == en


def test_a_mailbox_of_several_people_is_greeted_neutrally() -> None:
    clara, anna = a_contact(), a_contact("5002", last_name="König")
    assert salutation([clara, clara], "de") == "Sehr geehrte Frau Schäfer"
    assert salutation([clara, anna], "de") == "Guten Tag"


GOOD = TextBlock(REQUEST, "de", "Zählerstände #FIRMA#", "Link: #URL#", '<a href="#URL#">Link</a>')


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        ({"text": "ohne"}, {("text", 0, "url_missing")}),
        ({"html": "<p>ohne</p>"}, {("html", 0, "url_missing")}),
        ({"html": "<p>x</p><!-- #URL# -->"}, {("html", 0, "url_missing")}),
        ({"html": "<p class='#URL#'>x</p>"}, {("html", 0, "url_missing")}),
        ({"html": "<p style='display: none'>#URL#<b>#URL#</b>"}, {("html", 0, "url_missing")}),
        (
            {"html": "<p style='display:none'><a href='#URL#'>x</a></p>x"},
            {("html", 0, "url_missing")},
        ),
        ({"html": "<p style='display:none'>x<br></p><a href='#URL#'>x</a>"}, set()),
        ({"html": "<div style='display:none'><div>x</div></div>#URL#"}, set()),
        ({"text": ""}, set()),
        ({"html": " "}, {("html", 0, "empty")}),
        ({"text": "#URL# #KUNDE#"}, {("text", 6, "unknown_placeholder")}),
        ({"subject": "a\nBcc: x@y.example"}, {("subject", 1, "newline")}),
        ({"html": "#URL#<script>x</script>"}, {("html", 5, "active_content")}),
        ({"html": '#URL#<a href="javascript:x">'}, {("html", 14, "active_content")}),
        ({"html": "#URL#<b onclick=x>"}, {("html", 7, "active_content")}),
        ({"html": "#URL#{{ 7*7 }}"}, {("html", 5, "template_code")}),
        ({"text": "#URL#{% x %}"}, {("text", 5, "template_code")}),
        ({"text": "#URL#" + "x" * LARGEST}, {("text", LARGEST + 5, "too_large")}),
        ({"subject": "#MASCHINEN#"}, {("subject", 0, "list_in_subject")}),
        ({"html": "#URL#<img src=x>"}, {("html", 5, "tag_refused")}),
        ({"html": "#URL#<style>p{}</style>"}, {("html", 5, "style_dropped")}),
        ({"html": "#URL#\n<p style='color:red;position:fixed'>"}, {("html", 26, "style_dropped")}),
        ({"html": "#URL#<p style='width:calc(1px)'>"}, {("html", 15, "style_dropped")}),
        ({"html": "#URL#<p id=x>"}, {("html", 8, "attribute_refused")}),
        ({"html": "#URL#<a href='java&#9;script:x'>"}, {("html", 8, "link_refused")}),
        ({"html": "#URL#<a href='/here'>"}, {("html", 8, "link_refused")}),
    ],
)
def test_the_lint_refuses_with_the_position(changes: dict[str, Any], expected: set[Any]) -> None:
    faults = lint(replace(GOOD, **changes))
    assert {(fault.part, fault.position, fault.code) for fault in faults} == expected


def test_colours_and_anchors_are_no_placeholders() -> None:
    assert lint(replace(GOOD, html='<a href="#URL#" style="color:#ffffff">#1 #a#</a>')) == []


def test_what_was_inserted_is_not_looked_at_again() -> None:
    values = dict.fromkeys(KINDS[REQUEST].placeholders, "#URL# <b>")
    assert fill_text("#FIRMA#", values) == "#URL# <b>"
    assert fill_html("#FIRMA#", values) == "#URL# &lt;b&gt;"
    assert fill_html("#MASCHINEN#", {"MASCHINEN": Trusted("<b>")}) == "<b>"
