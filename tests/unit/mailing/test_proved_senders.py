"""Who wrote a message: what a sender can write into headers proves nothing."""

from __future__ import annotations

import pytest
from meterportal.domain.mailing.answers import messages
from meterportal.domain.mailing.answers.lines import lines_of

SES = "amazonses.com; spf=pass (spfCheck: ok) client-ip=192.0.2.1"


@pytest.mark.parametrize(
    ("line", "domains"),
    [
        (
            f"{SES}; envelope-from=x@b.example; helo=mx.b.example; dkim=pass header.i=@b.example",
            ("b.example",),
        ),
        (f"{SES}; dkim=pass header.i=@b.example; dmarc=pass", ("b.example",)),
        (f"{SES}; envelope-from=x;dkim=pass header.i=@v.example; helo=mx.b.example;", ()),
        (f'{SES}; envelope-from="a; dkim=pass header.i=@v.example"@b.example;', ()),
        (f"{SES}; helo=mx dkim=pass header.i=@v.example; dkim=fail header.i=@b.example", ()),
        (f'{SES}; helo=mx.b.example; dkim=pass header.i=@b.example; note="x"', ()),
    ],
)
def test_only_what_ses_says_of_signatures_counts(line: str, domains: tuple[str, ...]) -> None:
    raw = f"Authentication-Results: {line}\r\nFrom: a@b.example\r\n\r\nx".encode()
    assert messages.parse(raw).signed_for == domains


@pytest.mark.parametrize(
    ("headers", "sender"),
    [
        ("From: a@b.example", "a@b.example"),
        ('From: "Holm (Kassel)" <a@b.example>', "a@b.example"),
        ("From: a@b.example\r\nX-From : c@d.example", "a@b.example"),
        ("From: a@b.example\r\nFrom : c@d.example", ""),
        ("From : c@d.example\r\nFrom: a@b.example", ""),
        ("From: <@c.example:a@b.example>", ""),
        ("From: a@b.example (c@d.example)", ""),
        ("From: Holm (Kassel) <a@b.example>", ""),
    ],
)
def test_a_sender_is_one_that_everybody_reads_the_same(headers: str, sender: str) -> None:
    assert messages.parse(f"{headers}\r\n\r\nFrom : x".encode()).sender == sender


OURS = "S/W 48210"


@pytest.mark.parametrize(
    "beginning",
    [
        "-----Original-Nachricht-----\nBetreff: x\nDatum: 2026-11-27T08:00\nVon: Dealer\nAn: Holm",
        "Betreff: x\nDatum: 2026-11-27T08:00\nVon: Dealer\nAn: Holm",
        "Gesendet: Freitag, 27. November 2026\nVon: Dealer\nAn: Holm\nBetreff: x",
        "Am 27.11.26, 08:00, Dealer <a@b.de>:",
        "On 27 Nov 2026, at 08:00, a@b.example:",
    ],
)
def test_a_quote_begins_as_mail_programs_begin_it(beginning: str) -> None:
    lines = lines_of(f"S/W 51340\n\n{beginning}\n\n{OURS}")
    assert [line.text for line in lines if line.own and line.text] == ["S/W 51340"]


@pytest.mark.parametrize(
    "text", ["Datum: 20.11.2026\nS/W: 51340", "Am 20.11.2026 abgelesen:\n51340"]
)
def test_what_begins_no_quote(text: str) -> None:
    assert all(line.own for line in lines_of(text))
