"""A mail as a value, and as MIME."""

from __future__ import annotations

import binascii
import re
from dataclasses import field
from datetime import datetime
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from functools import lru_cache

from meterportal.domain.frozen import frozen

_ADDRESS = re.compile(r"[a-z0-9._+-]{1,64}@[a-z0-9.-]{1,190}")
"""An address that stands in a header as it is."""

_AS_THEY_ARE = frozenset(
    ["Date", "Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version", "Content-Type"]
)
_BOUNDARY = "=_alternative"
"""Between the parts. Quoted-printable writes "=" as "=3D": no part contains this."""

_ONE_LINE, _WORD = 67, 55
"""Characters of a subject that stands in one line with its header's name, and of an encoded word's content: with
name and frame 76 again."""
_ENCODED = [
    chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"={byte:02X}"
    for byte in range(256)
]
_ENCODED[ord(" ")] = "_"
"""Bytes in an encoded word (RFC 2047, "Q")."""


@frozen
class Message:
    """One mail to one mailbox. `headers` are added to the usual ones."""

    to: str
    subject: str
    text: str
    html: str
    sender_name: str
    sender: str
    reply_to: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def mime(self, *, at: datetime) -> bytes:
        """RFC 5322: plain text and HTML as alternatives, UTF-8, marked as auto-generated.

        Parts, subject and plain headers are written here; the library's own writing takes longer than
        rendering the mail. Raises ValueError for a line break in a header.
        """
        headers = {
            "From": formataddr((self.sender_name, self.sender)),
            "To": self.to,
            **({"Reply-To": self.reply_to} if self.reply_to else {}),
            "Subject": self.subject,
            "Date": format_datetime(at),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "OOF, AutoReply",
            "MIME-Version": "1.0",
            "Content-Type": f'multipart/alternative; boundary="{_BOUNDARY}"',
            **self.headers,
        }
        parts = (_part("plain", self.text), _part("html", self.html))
        between = f"--{_BOUNDARY}\r\n".encode()
        return b"".join(
            [
                *(_header(name, value) for name, value in headers.items()),
                b"\r\n",
                *(between + part for part in parts),
                f"--{_BOUNDARY}--\r\n".encode(),
            ]
        )


def _header(name: str, value: str) -> bytes:
    if name in _AS_THEY_ARE or (
        # An answer's address is another one in each mail.
        name in {"To", "Reply-To", "References"} and _ADDRESS.fullmatch(value.strip("<>"))
    ):
        return f"{name}: {value}\r\n".encode()
    one_line = value == " ".join(value.split()) and (value.isprintable() or not value.isascii())
    if name == "Subject" and one_line:
        return f"Subject: {_subject(value)}\r\n".encode()
    return _folded(name, value)


def _subject(value: str) -> str:
    """A subject in one line, or as encoded words (RFC 2047), each of whole characters."""
    if value.isascii() and len(value) <= _ONE_LINE and "=?" not in value:
        return value
    words, word = [], ""
    for written in map(_encoded, value):
        if len(word) + len(written) > _WORD:
            words.append(word)
            word = ""
        word += written
    return "\r\n ".join(f"=?utf-8?q?{word}?=" for word in [*words, word])


@lru_cache(maxsize=256)
def _encoded(letter: str) -> str:
    """A letter in an encoded word."""
    return "".join(_ENCODED[byte] for byte in letter.encode())


@lru_cache(maxsize=256)
def _folded(name: str, value: str) -> bytes:
    """A header as the library writes it. Sender and reply address are the same in all mails."""
    written: bytes = SMTP.fold_binary(*SMTP.header_store_parse(name, value))
    # If a subject fits on one line, but not together with its header's name, the library folds
    # it in a way that shows the reader a blank before it.
    return written.replace(b"Subject:\r\n ", b"Subject: ", 1)


def _part(kind: str, content: str) -> bytes:
    """A part of the type text/`kind`, each line of it ended by CRLF."""
    lines = content.encode().splitlines() or [b""]
    return (
        f'Content-Type: text/{kind}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    ).encode() + b"".join([*map(_quoted, lines), b"\r\n"])


@lru_cache(maxsize=1024)
def _quoted(line: bytes) -> bytes:
    """A line as quoted-printable. Most lines of a mail are those of the mail before."""
    return binascii.b2a_qp(line + b"\n", istext=True).replace(b"\n", b"\r\n")
