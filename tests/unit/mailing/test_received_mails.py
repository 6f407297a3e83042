"""Messages as they come in: read like a second parser reads them, and held against what is hostile."""

from __future__ import annotations

from contextlib import suppress
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from meterportal.domain.mailing.answers import html_text, limits, messages
from meterportal.domain.mailing.answers.addresses import answer_address, fingerprints_in
from meterportal.domain.mailing.answers.authentication import (
    Verdicts,
    authentic,
    of_one_house,
    suspicion,
)
from meterportal.domain.mailing.answers.kinds import automatic, listed
from meterportal.domain.mailing.answers.lines import MOST_LINES, lines_of
from meterportal.domain.mailing.answers.messages import ReceivedMail, Unparsable

COLLECTED = sorted((Path(__file__).parents[2] / "support" / "mails").glob("*.eml"))
LARGE = 999_000


@pytest.mark.parametrize("path", COLLECTED, ids=lambda path: path.stem)
def test_a_collected_message_reads_as_another_parser_reads_it(path: Path) -> None:
    raw = path.read_bytes()
    assert limits.exceeded(raw) == ""
    ours = messages.parse(raw)
    theirs = message_from_bytes(raw, policy=policy.SMTP)
    (sender,) = theirs["From"].addresses
    assert ours.sender == sender.addr_spec.casefold()
    assert ours.subject.split() == str(theirs["Subject"]).split()
    assert ours.sent_at == theirs["Date"].datetime
    assert f"<{ours.message_id}>" == theirs["Message-ID"]
    body = theirs.get_body(("plain",))
    if body is not None:
        text = body.get_content().replace("\ufeff", "").replace("\t", " ")
        assert ours.text.replace("\t", " ").split() == text.split()
    else:
        assert "128,455" in ours.text
    names = [part.get_filename() for part in theirs.iter_attachments() if part.get_filename()]
    assert [one.partition(" (")[0] for one in ours.attachments] == names


def a_message(headers: bytes, body: bytes = b"x") -> bytes:
    return headers + b"\r\n\r\n" + body


MULTI = b'From: a@b.example\r\nContent-Type: multipart/mixed; boundary="b"'
HOSTILE = [
    ("a megabyte and a byte", a_message(b"From: a@b.example", b"x" * 1_000_001), "too_large"),
    ("empty parts", a_message(MULTI, b"--b\r\n\r\n" * 100_000), "many_parts"),
    ("a long From", a_message(b"From: " + b"a@b.example, " * 20_000), "long_header"),
    ("many headers", a_message(b"X-A: b\r\n" * 10_000 + b"From: a@b.example"), "long_header"),
    ("no end of headers", b"X" * 70_000, "long_header"),
    (
        "a part's long header",
        a_message(MULTI, b"--b\r\nContent-Type: text/plain" + b"; a=b" * 1_000 + b"\r\n\r\nx"),
        "long_header",
    ),
    (
        "a part's folded header",
        a_message(MULTI, b"--b\r\nContent-Disposition: a" + b"\r\n ; a=b" * 1_000 + b"\r\n\r\nx"),
        "long_header",
    ),
    (
        "messages in messages",
        b"Content-Type: message/rfc822\r\n\r\n" * 30_000,
        "many_parts",
    ),
    ("lines", a_message(b"From: a@b.example", b"\n" * LARGE), "many_lines"),
]


@pytest.mark.parametrize(("raw", "why"), [one[1:] for one in HOSTILE], ids=[h[0] for h in HOSTILE])
def test_what_is_above_a_bound_is_never_parsed(raw: bytes, why: str) -> None:
    assert limits.exceeded(raw[: limits.LARGEST + 1]) == why


NESTED = b"".join(
    b'--%d\r\nContent-Type: multipart/mixed; boundary="%d"\r\n\r\n' % (n, n + 1) for n in range(150)
)


@pytest.mark.parametrize(
    "raw",
    [
        a_message(b'Content-Type: multipart/mixed; boundary="0"', NESTED),
        a_message(b"From: " + b"(" * 3_900 + b" a@b.example"),
        a_message(b"From: a@b.example\r\nContent-Type: text/plain; charset=nonsense", b"S/W 1"),
        a_message(b"From: a@b.example\r\nContent-Type: text/plain; charset=idna", b"a." * 90_000),
        a_message(b"From: a@b.example\r\nContent-Type: text/plain; charset=zlib", b"x" * 1_000),
        a_message(b"Content-Transfer-Encoding: base64", b"!!!" * 1_000),
        a_message(b"Subject: =?utf-8?b?!!!?= =?nonsense?q?a?=\r\nFrom: <>\r\nDate: 99 Foo 9999999"),
        a_message(b"From: a@b.example, c@d.example\r\nFrom: e@f.example"),
        a_message(b"Subject: =?utf-8?B?A?=\r\nFrom: a@b.example"),
        a_message(MULTI, b'--b\r\nContent-Type: a/b; name="=?utf-8?B?A?="\r\n\r\nx\r\n--b--'),
        b"",
        b"\0" * 1_000,
    ],
)
def test_what_is_broken_is_read_or_refused_in_one_way(raw: bytes) -> None:
    assert limits.exceeded(raw) == ""
    try:
        found = messages.parse(raw)
    except Unparsable:
        return
    assert len(found.text) <= limits.LONGEST_TEXT
    assert found.sender in {"", "a@b.example"}


@given(st.binary(max_size=3_000))
def test_no_bytes_make_the_parser_fail_in_another_way(raw: bytes) -> None:
    if not limits.exceeded(raw):
        with suppress(Unparsable):
            lines_of(messages.parse(raw).text)


def test_words_that_cannot_be_decoded_are_shown_as_they_stand() -> None:
    raw = a_message(
        b"Subject: =?utf-8?B?A?=\r\n" + MULTI,
        b'--b\r\nContent-Type: a/b; name="=?utf-8?B?A?="\r\n\r\nx\r\n--b--',
    )
    found = messages.parse(raw)
    assert (found.subject, found.attachments) == ("=?utf-8?B?A?=", ("=?utf-8?B?A?= (a/b)",))


def test_a_lone_carriage_return_ends_a_line_for_the_bounds_as_for_the_parser() -> None:
    for raw, why in [
        (a_message(b"From: a@b.example", b"\r" * LARGE), "many_lines"),
        (a_message(MULTI, b"--b\r\r" * 100_000), "many_parts"),
    ]:
        assert limits.exceeded(limits.plain_lines(raw)) == why
    plain = a_message(b"From: a@b.example", b"a\r\nb")
    assert limits.plain_lines(plain) is plain
    large = b"\r" * (limits.LARGEST + 1)
    assert limits.plain_lines(large) is large


def test_a_long_text_is_cut_and_says_so() -> None:
    found = messages.parse(a_message(b"From: a@b.example", b"wort " * 100_000))
    assert found.clipped
    assert len(found.text) <= limits.LONGEST_TEXT
    assert len(lines_of("a\n" * 100_000)) <= MOST_LINES


@pytest.mark.parametrize("unit", ["<", "<!--", "<!", "<p>", "<blockquote>", "</x>", "&#", "<a "])
def test_html_is_read_once_however_it_is_broken(unit: str) -> None:
    """One step for each tag, up to a number of them: no look ahead."""
    assert len(html_text.text_of(unit * 40_000)) <= 40_000 * len(unit)


def test_html_as_mail_programs_write_it() -> None:
    page = (
        "<html><head><style>p { color: red }</style></head><body><!-- 111 --><p>Guten&nbsp;Tag,</p>"
        '<div style="display:none">222</div><table><tr><td>S/W</td><td>12.345</td></tr>'
        "<tr><td>Farbe</td><td>3.456</td></tr></table>Gru&szlig;<br>P. Holm"
        "<script>333</script><blockquote>S/W 444</blockquote></body></html>"
    )
    lines = [line for line in html_text.text_of(page).split("\n") if line]
    assert lines == [
        "Guten\xa0Tag,",
        "S/W\t12.345",
        "Farbe\t3.456",
        "Gruß",
        "P. Holm",
        "> S/W 444",
    ]


def test_attachments_are_named_and_nothing_of_them_is_read() -> None:
    raw = a_message(
        MULTI,
        b"--b\r\nContent-Type: text/plain\r\n\r\nsiehe Anhang\r\n"
        b"--b\r\nContent-Type: text/plain; name=zahlen.txt\r\n\r\nS/W 12345\r\n"
        b'--b\r\nContent-Type: application/zip\r\nContent-Disposition: attachment; filename="../a\\b\xe2\x80\xae.zip"'
        b"\r\n\r\nx\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\n\r\nS/W 99\r\n--b--\r\n",
    )
    found = messages.parse(raw)
    assert found.text.strip() == "siehe Anhang"
    assert [one.partition(" (")[2] for one in found.attachments] == [
        "text/plain)",
        "application/zip)",
        "message/rfc822)",
    ]
    assert all(sign not in "".join(found.attachments) for sign in "\u202e\\")


@pytest.mark.parametrize(
    ("kind", "sealed"),
    [
        (b"application/pkcs7-mime", True),
        (b"application/ms-tnef", True),
        (b"text/plain", False),
    ],
)
def test_what_nobody_can_read_says_so(kind: bytes, sealed: bool) -> None:
    assert messages.parse(a_message(b"Content-Type: " + kind)).sealed is sealed


def a_received(subject: str = "", sender: str = "a@b.example", **headers: str) -> ReceivedMail:
    told = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return ReceivedMail(sender, subject, "", headers=told)


@pytest.mark.parametrize(
    ("mail", "why"),
    [
        (a_received("Automatische Antwort: Zählerstand"), "auto_reply"),
        (a_received("Abwesenheitsnotiz"), "auto_reply"),
        (a_received("Abwesenheit: Petra Holm"), "auto_reply"),
        (a_received("Abwesenheitsvertretung Kollegin: Zählerstände"), ""),
        (a_received(sender="postmaster@kunde.example"), ""),
        (a_received("Out of Office: Re: readings"), "auto_reply"),
        (a_received("Automatic reply: readings"), "auto_reply"),
        (a_received(auto_submitted="auto-replied; x"), "auto_reply"),
        (a_received(x_autorespond="1"), "auto_reply"),
        (a_received(sender="mailer-daemon@b.example"), "bounce"),
        (a_received(sender="own@dealer.example"), "loop"),
        (a_received(auto_submitted="auto-generated"), ""),
        (a_received(auto_submitted="no"), ""),
        (a_received("Re: Zählerstand, automatische Antwort folgt"), ""),
        (a_received(precedence="bulk"), ""),
    ],
)
def test_what_answers_by_itself(mail: ReceivedMail, why: str) -> None:
    assert automatic(mail, "x@b.example", {"own@dealer.example"}) == why


def test_what_a_postmaster_s_server_sends_is_no_answer() -> None:
    assert automatic(a_received(sender="postmaster@b.example"), "<>", ()) == "bounce"


def test_what_went_to_a_list() -> None:
    assert listed(a_received(list_id="<x.y>"))
    assert listed(a_received(precedence="bulk"))
    assert not listed(a_received())


@pytest.mark.parametrize(
    ("spf", "dkim", "dmarc", "envelope", "signed", "expected"),
    [
        ("PASS", "PASS", "PASS", "x@b.example", (), True),
        ("FAIL", "FAIL", "PASS", "x@b.example", (), True),
        ("PASS", "GRAY", "GRAY", "x@b.example", (), True),
        ("PASS", "GRAY", "GRAY", "x@other.example", (), False),
        ("GRAY", "PASS", "GRAY", "x@other.example", ("b.example",), True),
        ("GRAY", "PASS", "GRAY", "x@other.example", ("mail.b.example",), True),
        ("GRAY", "PASS", "GRAY", "x@other.example", ("evilb.example",), False),
        ("PASS", "PASS", "FAIL", "x@b.example", ("b.example",), False),
        ("PASS", "PASS", "PROCESSING_FAILED", "x@b.example", ("b.example",), False),
    ],
)
def test_what_proves_a_sender(
    spf: str, dkim: str, dmarc: str, envelope: str, signed: tuple[str, ...], expected: bool
) -> None:
    found = Verdicts("PASS", "PASS", spf, dkim, dmarc, envelope)
    assert authentic("a@b.example", found, signed) is expected
    assert not authentic("", found, signed)


def test_virus_before_spam() -> None:
    assert suspicion(Verdicts("FAIL", "FAIL", "", "", "", "")) == "virus"
    assert suspicion(Verdicts("FAIL", "GRAY", "", "", "", "")) == "spam"


def test_devices_of_one_house() -> None:
    people = ["p.holm@holm.example", "holm@gmx.de"]
    assert of_one_house("kopierer@HOLM.example", people)
    assert not of_one_house("kopierer@gmx.de", people)
    assert not of_one_house("kopierer@other.example", people)


@given(st.binary(min_size=32, max_size=32))
def test_an_address_for_answers_names_its_mail_in_any_case(content: bytes) -> None:
    address = answer_address(content.hex(), "answers.example")
    assert len(address.partition("@")[0]) <= 64
    for told in (address, address.upper(), f"<{address}>"):
        assert list(fingerprints_in([told], "answers.example")) == [content.hex()]
    assert list(fingerprints_in([address, "z-abc@answers.example"], "other.example")) == []
