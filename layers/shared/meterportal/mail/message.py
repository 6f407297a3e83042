"""A mail as a value, and as MIME."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr


@dataclass(frozen=True, slots=True)
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
        """RFC 5322: plain text and HTML as alternatives, UTF-8, marked as auto-generated."""
        mail = EmailMessage(policy=SMTP)
        mail["From"] = formataddr((self.sender_name, self.sender))
        mail["To"] = self.to
        if self.reply_to:
            mail["Reply-To"] = self.reply_to
        mail["Subject"] = self.subject
        mail["Date"] = format_datetime(at)
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(self.text, cte="quoted-printable")
        mail.add_alternative(self.html, subtype="html", cte="quoted-printable")
        # Last, because setting the content moves headers named Content-... into a part.
        for name, value in self.headers.items():
            mail[name] = value
        # If a subject fits on one line, but not together with its header's name, the library folds
        # it in a way that shows the reader a blank before it.
        return mail.as_bytes().replace(b"\r\nSubject:\r\n ", b"\r\nSubject: ", 1)
