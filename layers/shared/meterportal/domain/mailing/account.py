"""Why the mails of a round stop: the mail system's account, too many mails that come back, or staff.

What stops a round by itself belongs to the account or to the list of addresses as a whole, never to the mail at hand:
so the mails stay planned and go out when the round goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.mails import HARD, Fate, MailState, OutboxMail


class Stop(StrEnum):
    """sandbox: the account may write to verified addresses only. sender_unverified: the mail system
    does not know the sender's address as ours. sending_paused: it takes no mail of the account.
    quota_reached: as many mails went out within 24 hours as the account may send. many_bounces and
    many_complaints: of the round's mails too many came back. paused and ended: staff want it so, until
    they let it go on, or for good."""

    SANDBOX = "sandbox"
    SENDER_UNVERIFIED = "sender_unverified"
    SENDING_PAUSED = "sending_paused"
    QUOTA_REACHED = "quota_reached"
    MANY_BOUNCES = "many_bounces"
    MANY_COMPLAINTS = "many_complaints"
    PAUSED = "paused"
    ENDED = "ended"

    @property
    def lifted_by_itself(self) -> bool:
        """Whether the account tells when the reason is gone; otherwise staff have to say so."""
        return self in {Stop.SANDBOX, Stop.SENDING_PAUSED, Stop.QUOTA_REACHED}

    @property
    def about_returns(self) -> bool:
        """Whether mails that came back are the reason."""
        return self in {Stop.MANY_BOUNCES, Stop.MANY_COMPLAINTS}

    def text(self, waiting: int, language: str) -> str:
        """What happened, how many mails wait, and how it goes on, for people."""
        english = language == "en"
        mails = _WAITING[english][waiting != 1].format(number=_number(waiting, english=english))
        further = _BY_ITSELF if self.lifted_by_itself else _BY_STAFF
        return f"{_STOPPED[self][english]} {mails} {further[english]}"


_STOPPED = {
    Stop.SANDBOX: (
        "Versand gestoppt: Das Konto bei Amazon SES ist noch in der Sandbox und darf nur an geprüfte Adressen schreiben. Beantragen Sie dort den Produktivzugang.",
        "Sending stopped: the Amazon SES account is still in the sandbox and may write to verified addresses only. Request production access there.",
    ),
    Stop.SENDER_UNVERIFIED: (
        "Versand gestoppt: Amazon SES hat die Absenderadresse noch nicht geprüft. Bestätigen Sie dort Adresse oder Domain.",
        "Sending stopped: Amazon SES has not verified the sender’s address yet. Confirm the address or its domain there.",
    ),
    Stop.SENDING_PAUSED: (
        "Versand gestoppt: Amazon SES nimmt von diesem Konto zurzeit keine E-Mail an. Den Grund nennt dort die Seite des Kontos.",
        "Sending stopped: Amazon SES takes no mail of this account at present. The account’s page there gives the reason.",
    ),
    Stop.QUOTA_REACHED: (
        "Versand gestoppt: Das Tageskontingent bei Amazon SES ist ausgeschöpft.",
        "Sending stopped: the daily quota at Amazon SES is used up.",
    ),
    Stop.MANY_BOUNCES: (
        "Versand gestoppt: Mehr als 4 % der E-Mails dieser Runde kamen als unzustellbar zurück. Prüfen Sie die Adressen, bevor Sie weiter senden.",
        "Sending stopped: more than 4 % of this round’s mails came back as undeliverable. Check the addresses before you go on.",
    ),
    Stop.MANY_COMPLAINTS: (
        "Versand gestoppt: Mehr als 0,1 % der Empfänger dieser Runde haben die E-Mail als Spam gemeldet. Prüfen Sie, wen Sie anschreiben, bevor Sie weiter senden.",
        "Sending stopped: more than 0.1 % of this round’s readers reported the mail as spam. Check whom you write to before you go on.",
    ),
    Stop.PAUSED: (
        "Versand angehalten, von Hand.",
        "Sending paused by hand.",
    ),
}  # fmt: skip


def text_of_end(sent: int, waiting: int, skipped: int, language: str) -> str:
    """What a round that staff have ended leaves behind, for people."""
    english = language == "en"
    facts = {
        name: _number(value, english=english)
        for name, value in (("sent", sent), ("waiting", waiting), ("skipped", skipped))
    }
    begun = _ENDED[english].format(**facts)
    rest = _ENDING[english].format(**facts) if waiting else _LEFT[english].format(**facts)
    return f"{begun} {rest}"


def _number(value: int, *, english: bool) -> str:
    return f"{value:,}" if english else f"{value:,}".replace(",", ".")


_ENDED = (
    "Dieser Versandlauf wurde von Hand beendet. Versendet: {sent}; diese Links gelten weiter.",
    "This round was ended by hand. Sent: {sent}; these links stay valid.",
)
_ENDING = (
    "Noch zurückzunehmen: {waiting}.",
    "Still to be taken back: {waiting}.",
)
_LEFT = (
    "Nicht mehr versendet: {skipped}; was darin stand, kommt in den nächsten Versandlauf.",
    "Not sent any more: {skipped}; what they were about comes into the next round.",
)
_WAITING = (
    ("{number} E-Mail wartet, nichts geht verloren.", "{number} E-Mails warten, nichts geht verloren."),
    ("{number} mail waits, nothing is lost.", "{number} mails wait, nothing is lost."),
)  # fmt: skip
_BY_ITSELF = (
    "Der Versand geht von selbst weiter, sobald das Hindernis weg ist; mit „Weiter senden“ versuchen Sie es sofort.",
    "Sending goes on by itself when the obstacle is gone; “Go on sending” tries at once.",
)
_BY_STAFF = (
    "Mit „Weiter senden“ geht es weiter; niemand bekommt die E-Mail zweimal.",
    "“Go on sending” continues; nobody gets the mail twice.",
)


@frozen
class SendingAccount:
    """The mail system's account. `quota` is how many mails it may send within 24 hours, None without
    a limit; `sent` is how many it has sent in the last 24 hours, `rate` how many it may send a second,
    None where nobody says so."""

    sandbox: bool
    sending: bool
    quota: float | None
    sent: float
    rate: float | None = None

    @property
    def room(self) -> int | None:
        """How many mails it may send now; None without a limit."""
        return None if self.quota is None else max(0, int(self.quota - self.sent))


_WORTHWHILE = 0.05
"""A round that goes on has all its waiting mails looked for."""


def worthwhile(account: SendingAccount) -> bool:
    """Whether so much of the quota is free again that a round which met it goes on."""
    return account.quota is None or account.quota - account.sent >= _WORTHWHILE * account.quota


def obstacle(account: SendingAccount, *, sandbox_accepted: bool = False) -> Stop | None:
    """What keeps the account from sending a round's mails. Staff may accept the sandbox: then mails
    to verified addresses go out."""
    if not account.sending:
        return Stop.SENDING_PAUSED
    if account.sandbox and not sandbox_accepted:
        return Stop.SANDBOX
    if account.quota is not None and account.sent >= account.quota:
        return Stop.QUOTA_REACHED
    return None


_LEAST_BOUNCES, _BOUNCES = 5, 0.04
_LEAST_COMPLAINTS, _COMPLAINTS = 2, 0.001
"""SES reviews an account from 5 % and 0.1 % on; of few mails a single one says nothing."""


def too_many_returned(mails: Iterable[OutboxMail], since: datetime | None) -> Stop | None:
    """Whether too many of a round's mails came back, among those sent after `since`, which is when
    staff last let it go on in spite of that."""
    sent = bounced = complained = 0
    for mail in mails:
        if mail.state is not MailState.SENT:
            continue
        if since is not None and mail.sent_at is not None and mail.sent_at <= since:
            continue
        sent += 1
        bounced += mail.fate in HARD
        complained += mail.fate is Fate.COMPLAINED
    if complained >= _LEAST_COMPLAINTS and complained > _COMPLAINTS * sent:
        return Stop.MANY_COMPLAINTS
    if bounced >= _LEAST_BOUNCES and bounced > _BOUNCES * sent:
        return Stop.MANY_BOUNCES
    return None
