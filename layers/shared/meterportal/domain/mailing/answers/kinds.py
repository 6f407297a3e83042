"""What sent a message: a person or a device, or a machine that answers by itself.

After RFC 3834. `auto-generated` stands in what devices send, and in our own mails, so it says nothing;
`X-Auto-Response-Suppress` only asks others not to answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from meterportal.domain.mailing.answers.messages import AUTOMATIC, ReceivedMail

_OUT_OF_OFFICE = re.compile(
    r"^\s*(automatische antwort|abwesenheit(s(notiz|nachricht|meldung|mitteilung|info|assistent|hinweis|agent|benachrichtigung)\w*)?\b|automatic reply|auto(matic)?[- ]?(reply|response)"
    r"|out of (the )?office|r[ée]ponse automatique|ich bin nicht im (b(ü|ue)ro|haus)\b)",
    re.IGNORECASE,
)
_DAEMONS = ("mailer-daemon", "mailerdaemon", "mail-daemon")
"""A postmaster is often a person; what his server sends has no sender of its envelope."""


def automatic(mail: ReceivedMail, envelope_sender: str, own: Collection[str]) -> str:
    """Why nobody has to read a message: "bounce", "auto_reply", "loop" (one of our own addresses), or ""
    for a message to be read. `own` are our addresses in lower case."""
    if mail.sender in own:
        return "loop"
    if mail.report or mail.sender.startswith(_DAEMONS):
        return "bounce"
    submitted = mail.header("auto-submitted").partition(";")[0].strip().casefold()
    precedence = mail.header("precedence").strip().casefold()
    if (
        submitted in {"auto-replied", "auto-notified"}
        or precedence in {"auto_reply", "auto-reply", "autoreply"}
        or any(name in AUTOMATIC for name, _ in mail.headers)
        or mail.header("x-post-messageclass").startswith("9")
        or _OUT_OF_OFFICE.match(mail.subject)
    ):
        return "auto_reply"
    if envelope_sender.strip("<> ") == "":
        return "bounce"
    return ""


def listed(mail: ReceivedMail) -> bool:
    """Whether it went to a list of people: nobody there answers a request of ours."""
    precedence = mail.header("precedence").strip().casefold()
    return bool(mail.header("list-id")) or precedence in {"bulk", "list", "junk"}
