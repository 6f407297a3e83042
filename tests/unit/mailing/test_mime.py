"""A mail's MIME: what a mail program reads is what Python's own library would have written."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from meterportal.mail.layout import line
from meterportal.mail.message import Message

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)

_LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200)
_BODIES = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)


def a_mail(**fields: Any) -> Message:
    usual = {
        "to": "clara@muster.example",
        "subject": "Zählerstände",
        "text": "Guten Tag\n",
        "html": "<p>Guten Tag</p>",
        "sender_name": "Büro & Kopie",
        "sender": "zaehler@dealer.example",
        "headers": {"Content-Language": "de"},
    }
    return Message(**(usual | fields))


def by_the_library(mail: Message) -> bytes:
    made = EmailMessage(policy=SMTP)
    made["From"] = formataddr((mail.sender_name, mail.sender))
    made["To"] = mail.to
    if mail.reply_to:
        made["Reply-To"] = mail.reply_to
    made["Subject"] = mail.subject
    made["Date"] = format_datetime(AT)
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    made.set_content(mail.text, cte="quoted-printable")
    made.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    for name, value in mail.headers.items():
        made[name] = value
    return made.as_bytes().replace(b"\r\nSubject:\r\n ", b"\r\nSubject: ", 1)


def read(raw: bytes) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """Headers without the boundary, and the parts: type, encoding, content."""
    mail = message_from_bytes(raw, policy=SMTP)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    headers = {name: str(value) for name, value in mail.items() if name != "Content-Type"}
    parts = [
        (part["Content-Type"], part["Content-Transfer-Encoding"], part.get_content())
        for part in mail.iter_parts()
    ]
    return headers | {"type": mail.get_content_type()}, parts


@given(subject=_LINES, name=_LINES, text=_BODIES, html=_BODIES)
@example(subject="", name="", text="", html="")
@example(subject="x" * 300, name='A "B", C', text=".\n..\nFrom here\n", html="=_alternative\n--")
@example(subject="=?utf-8?q?x?=", name="Ä" * 60, text="a \t\r\nb\rc\n\n", html="-" * 500)
def test_a_mail_reads_as_the_library_s_own(subject: str, name: str, text: str, html: str) -> None:
    mail = a_mail(subject=subject, sender_name=name, text=text, html=html)
    headers, parts = read(mail.mime(at=AT))
    by_library, same_parts = read(by_the_library(mail))
    assert (headers | {"Subject": ""}, parts) == (by_library | {"Subject": ""}, same_parts)
    # The library reads what looks like an encoded word as one, whoever wrote it.
    assert headers["Subject"] in (
        {subject} if subject == line(subject) else {by_library["Subject"]}
    )


@given(_LINES.map(line))
@example("")
@example("Zählerstände Ihrer Geräte: Müller & Söhne KG, Köln (3 Geräte) bis 15.12.2026")
@example("Your meter readings: " + "a very long name of a company " * 4 + "Ltd.")
@example("a=b_c?d =?utf-8?q?x?= 50 % ☃ 🔧 . ..")
@example("x" * 67)
@example("x" * 68)
@example("漢" * 80)
def test_a_subject_reads_as_it_was_written_by_two_parsers(subject: str) -> None:
    raw = a_mail(subject=subject).mime(at=AT)
    assert read(raw)[0]["Subject"] == subject
    # Python's older parser of headers, which shares no code with that of its policies.
    header = message_from_bytes(raw)["Subject"]
    assert str(make_header(decode_header(header))) == subject
    head = raw.partition(b"\r\nDate:")[0].partition(b"\r\nSubject:")[2]
    assert all(len(one) <= 76 for one in (b"Subject:" + head).split(b"\r\n"))
    assert raw.isascii()


@pytest.mark.parametrize(
    "fields",
    [
        {"to": "o'neil@muster.example"},
        {"to": "a!b#c@xn--mnchen-3ya.example"},
        {"to": f"{'x' * 64}@{'y' * 60}.{'z' * 60}.{'w' * 60}.example"},
        {"reply_to": "rück@dealer.example"},
        {"reply_to": "Service <service@dealer.example>"},
        {"sender_name": ""},
    ],
)
def test_every_address_reads_as_the_library_s_own(fields: dict[str, str]) -> None:
    mail = a_mail(**fields)
    assert read(mail.mime(at=AT)) == read(by_the_library(mail))


def test_no_line_is_longer_than_mail_servers_take() -> None:
    raw = a_mail(text="ä" * 5000, html="x" * 5000, subject="wort " * 80).mime(at=AT)
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 76
    assert raw.isascii()


@pytest.mark.parametrize("where", ["to", "subject", "sender_name", "sender", "reply_to"])
def test_a_line_break_in_a_header_is_refused(where: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)linefeed|newline|\\n"):
        a_mail(**{where: "a@b.example\r\nBcc: spy@evil.example"}).mime(at=AT)


def test_headers_that_come_again_are_written_once_and_all_others_never_by_the_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The library's writing takes twenty times as long as the rest."""
    a_mail().mime(at=AT)
    written: list[str] = []
    original = type(SMTP).header_store_parse

    def noting(self: Any, name: str, value: str) -> Any:
        written.append(name)
        return original(self, name, value)

    monkeypatch.setattr(type(SMTP), "header_store_parse", noting)
    for n in range(50):
        mail = a_mail(
            to=f"clara{n}@muster.example", subject=f"Zähler {n}", text=f"{n}", html=f"{n}"
        )
        mail.mime(at=AT)
    assert written == []
