"""What all mails have in common: headers, both parts, numbers and days, and nothing slipped in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from meterportal.domain.mailing.receipts import ReceiptLine, ReceiptMachine
from meterportal.domain.mailing.text_blocks import RECEIPT
from meterportal.domain.portfolio.contracts import Company
from meterportal.mail.layout import Access, SenderIdentity, compose, day, number, sealed
from meterportal.mail.message import Message
from meterportal.mail.receipt import MACHINES, Receipt, receipt_mail
from meterportal.mail.text_blocks import text_block

from tests.support.builders import DUE, a_contact, a_machine
from tests.support.reported import a_confirmed_reading, a_reading

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ACCESS = Access("https://portal.example/#t=v1.k1.token", "ABCD-EFGH")
SENDER = SenderIdentity(
    "Büro & Kopie", "zaehler@dealer.example", "rück@dealer.example", "https://p.example"
)
EVIL = "x\r\nBcc: spy@evil.example\n\nGanz neuer Text\u2028\x00"


def parsed(mail: Message) -> EmailMessage:
    read = message_from_bytes(mail.mime(at=AT), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def a_receipt(**fields: object) -> Receipt:
    machine = replace(a_machine(), readings=(a_reading("1"), a_reading("2")))
    meters = dict(zip("12", machine.meters, strict=True))
    lines = tuple(ReceiptLine(meters[r.meter_id], r) for r in machine.readings)
    given_ = {
        "company": Company("10000", "Muster GmbH"),
        "contact": a_contact(),
        "entries": (ReceiptMachine(machine, DUE, lines, corrected=False),),
        "missing": (),
        "people": {"5001": "Clara Schäfer"},
        "zone": ZoneInfo("Europe/Berlin"),
    }
    return Receipt(**given_ | fields)  # type: ignore[arg-type]


def mail_of(receipt: Receipt, language: str = "de", sender: SenderIdentity = SENDER) -> Message:
    block = text_block(RECEIPT, language)
    return receipt_mail(
        receipt, block=block, to="clara@muster.example", access=ACCESS, sender=sender
    )


def test_headers_are_those_of_a_machine_that_wants_answers_to_reach_people() -> None:
    mail = parsed(mail_of(a_receipt()))
    assert mail["From"] == "Büro & Kopie <zaehler@dealer.example>"
    assert mail["Reply-To"] == "rück@dealer.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "de"
    assert mail["Date"].datetime == AT
    parts = [part.get_content_type() for part in mail.iter_parts()]
    assert parts == ["text/plain", "text/html"]


@pytest.mark.parametrize("where", ["dealer", "address", "reply_to"])
def test_no_setting_slips_a_header_in(where: str) -> None:
    changed: dict[str, Any] = {where: f"{getattr(SENDER, where)}\r\nBcc: spy@evil.example"}
    sender = replace(SENDER, **changed)
    mail = parsed(mail_of(a_receipt(), sender=sender))
    assert mail["Bcc"] is None
    assert "spy@evil.example" not in str(mail["To"])


@given(st.sampled_from(["company", "people"]), st.text(max_size=80) | st.just(EVIL))
def test_no_name_breaks_a_mail(where: str, name: str) -> None:
    value: object = Company("1", name) if where == "company" else {"5001": name}
    mail = parsed(mail_of(a_receipt(**{where: value})))
    assert mail["Bcc"] is None
    assert mail["To"] == "clara@muster.example"
    assert len(list(mail.iter_parts())) == 2
    assert "\n" not in mail["Subject"]


def test_html_is_escaped_and_plain_text_is_not() -> None:
    mail = mail_of(a_receipt(company=Company("1", "<b>Meier & Söhne</b>")))
    assert "<b>Meier & Söhne</b>" in mail.text
    assert "<b>" not in mail.html
    assert "&lt;b&gt;Meier &amp; Söhne&lt;/b&gt;" in mail.html
    assert mail.subject == "Zählerstände erhalten: <b>Meier & Söhne</b>, 1 Gerät"


def test_who_reported_stands_once_where_it_was_the_same_person() -> None:
    machine = a_machine()
    meters = dict(zip("12", machine.meters, strict=True))
    mixed = (
        ReceiptLine(meters["1"], a_confirmed_reading(reported_by="5002")),
        ReceiptLine(meters["2"], a_reading("2", reported_by="staff-7")),
    )
    people = {"5001": "Clara Schäfer", "5002": "Anna König"}
    text = mail_of(
        a_receipt(entries=(ReceiptMachine(machine, DUE, mixed, False),), people=people)
    ).text
    assert "Gemeldet von Anna König, 22.11.2026, 09:00 Uhr" in text
    assert "Gemeldet von Büro & Kopie, 22.11.2026, 09:00 Uhr" in text
    assert "Bestätigt mit Begründung: Großauftrag im Herbst" in text
    assert mail_of(a_receipt()).text.count("Gemeldet von") == 1


def test_a_reason_that_the_check_did_not_need_is_not_shown_as_one() -> None:
    meter = a_machine().meters[0]
    entry = ReceiptMachine(
        a_machine(), DUE, (ReceiptLine(meter, a_reading(reason="weil")),), corrected=False
    )
    assert "weil" not in mail_of(a_receipt(entries=(entry,))).text


def test_so_many_machines_are_listed_and_the_others_counted() -> None:
    entry = a_receipt().entries[0]
    mail = mail_of(a_receipt(entries=(entry,) * (MACHINES + 5)), "en")
    assert mail.text.count("SN200001") == MACHINES
    assert "and 5 more" in mail.text
    assert "and 5 more" in mail.html
    missing = tuple(a_machine(str(n)) for n in range(12))
    text = mail_of(a_receipt(missing=missing)).text
    assert "Noch offen: 12 Geräte." in text
    assert "und 2 weitere" in text


def test_a_mail_never_says_what_nobody_told_it() -> None:
    with pytest.raises(UndefinedError):
        compose("password_notice", "de", to="a@b.example", sender=SENDER, access=ACCESS)


def test_long_gaps_in_plain_text_are_closed() -> None:
    mail = sealed(
        to="a@b.example", sender=SENDER, language="de", subject="s", text="\n\na\n\n\n\nb", html=""
    )
    assert mail.text == "a\n\nb\n"


def test_numbers_and_days_are_written_as_the_reader_writes_them() -> None:
    assert (number(1_234_567, "de"), number(1_234_567, "en")) == ("1.234.567", "1,234,567")
    assert (number(0, "de"), number(999, "en")) == ("0", "999")
    assert day(date(2026, 3, 5), "de") == "05.03.2026"
    assert day(date(2026, 3, 5), "en") == "5 March 2026"
