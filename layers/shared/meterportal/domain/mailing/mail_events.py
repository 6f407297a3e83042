"""What the mail system's events mean for the mail, for its mailbox, and for the round that sent it.

One table with everything that Amazon SES documents (Developer Guide, "Contents of event data"), and
with the meaning of undocumented kinds, types and subtypes. Names are compared without case.
"""

from __future__ import annotations

from enum import StrEnum

from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.mails import Fate
from meterportal.domain.portfolio.contracts import Delivery

ANY = "*"
"""Every type or subtype without a row of its own, and a missing one."""


class Asking(StrEnum):
    """What happens to the contract's mark that a contact was asked.

    stands: they were asked. taken_back: nothing was sent, so a later round asks again. forgotten:
    the address cannot be used any more; who has it next is asked as if for the first time.
    """

    STANDS = "stands"
    TAKEN_BACK = "taken_back"
    FORGOTTEN = "forgotten"


@frozen
class Effect:
    """What an event changes. `fate` is None if it only says that the mail has left us; `mailbox` is
    the new state of the address, None if it does not change."""

    fate: Fate | None
    mailbox: Delivery | None = None
    asking: Asking = Asking.STANDS

    @property
    def never_sent(self) -> bool:
        """Whether the mail has not left us and never will."""
        return self.asking is Asking.TAKEN_BACK

    @property
    def ends_link(self) -> bool:
        """Whether it is certain that nobody received the mail's link."""
        return self.asking is Asking.FORGOTTEN


@frozen
class EventRow:
    """One line of the table; `effect` is None for events without a meaning here."""

    event: str
    kind: str
    subtype: str
    effect: Effect | None


_SENT = Effect(Fate.ACCEPTED)
_DELAYED = Effect(Fate.DELAYED)
_SOFT = Effect(Fate.SOFT_BOUNCED)
"""A delivery outweighs it: SES also reports automatic replies as transient bounces."""

_REFUSED = Effect(Fate.CONTENT_REFUSED)
_FULL = Effect(Fate.MAILBOX_FULL)
_DEAD = Effect(Fate.BOUNCED, Delivery.BOUNCED, Asking.FORGOTTEN)
_UNKNOWN = Effect(Fate.ADDRESS_UNKNOWN, Delivery.BOUNCED, Asking.FORGOTTEN)
_SUPPRESSED = Effect(Fate.SUPPRESSED, Delivery.BOUNCED, Asking.FORGOTTEN)
_UNWANTED = Effect(Fate.COMPLAINED, Delivery.COMPLAINED)
_HELD_BACK = Effect(Fate.SUPPRESSED, Delivery.COMPLAINED, Asking.FORGOTTEN)
"""SES accepted the mail but did not send it, because the address had complained before."""

TABLE: tuple[EventRow, ...] = (
    EventRow("Send", ANY, ANY, _SENT),
    EventRow("Delivery", ANY, ANY, Effect(Fate.DELIVERED)),
    *(
        EventRow("DeliveryDelay", kind, ANY, _DELAYED)
        for kind in (
            "InternalFailure",
            "General",
            "MailboxFull",
            "SpamDetected",
            "RecipientServerError",
            "IPFailure",
            "TransientCommunicationFailure",
            "BYOIPHostNameLookupUnavailable",
            "Undetermined",
            "SendingDeferral",
            ANY,
        )
    ),
    *(
        EventRow("Bounce", "Permanent", subtype, effect)
        for subtype, effect in (
            ("General", _DEAD),
            ("NoEmail", _UNKNOWN),
            ("Suppressed", _SUPPRESSED),
            ("OnAccountSuppressionList", _SUPPRESSED),
            ("OnTenantSuppressionList", _SUPPRESSED),
            ("EmailValidationSuppressed", _SUPPRESSED),
            ("UnsubscribedRecipient", _SUPPRESSED),
            (ANY, _DEAD),
        )
    ),
    *(
        EventRow("Bounce", "Transient", subtype, effect)
        for subtype, effect in (
            ("General", _SOFT),
            ("MailboxFull", _FULL),
            ("MessageTooLarge", _REFUSED),
            ("CustomTimeoutExceeded", _SOFT),
            ("ContentRejected", _REFUSED),
            ("AttachmentRejected", _REFUSED),
            (ANY, _SOFT),
        )
    ),
    EventRow("Bounce", "Undetermined", "Undetermined", Effect(Fate.UNDETERMINED)),
    EventRow("Bounce", ANY, ANY, Effect(Fate.UNDETERMINED)),
    EventRow("Complaint", ANY, "OnAccountSuppressionList", _HELD_BACK),
    EventRow("Complaint", ANY, "OnTenantSuppressionList", _HELD_BACK),
    EventRow("Complaint", "not-spam", ANY, Effect(None)),
    *(
        EventRow("Complaint", kind, ANY, _UNWANTED)
        for kind in ("abuse", "auth-failure", "fraud", "other", "virus", ANY)
    ),
    EventRow("Reject", "Bad content", ANY, Effect(Fate.REJECTED, asking=Asking.TAKEN_BACK)),
    EventRow("Reject", ANY, ANY, Effect(Fate.REJECTED, asking=Asking.TAKEN_BACK)),
    EventRow("Rendering Failure", ANY, ANY, Effect(Fate.NOT_RENDERED, asking=Asking.TAKEN_BACK)),
    EventRow("Open", ANY, ANY, None),
    EventRow("Click", ANY, ANY, None),
    EventRow("Subscription", ANY, ANY, None),
)


def _plain(name: str) -> str:
    """The name without spaces and case: SES writes "Rendering Failure" and "RenderingFailure", and
    its other API writes types in capitals."""
    return name.replace(" ", "").casefold()


_BY_NAME = {(_plain(row.event), _plain(row.kind), _plain(row.subtype)): row for row in TABLE}


def meaning(event: str, kind: str, subtype: str) -> EventRow | None:
    """The row of an event; None for an event that the mail system does not document.

    `kind` is a bounce's type, a complaint's feedback type, a delay's type or the reason of a
    rejection, "" if the event has none. The row of a subtype is preferred to that of its type.
    """
    name, kind, subtype = _plain(event), _plain(kind), _plain(subtype)
    places = ((kind, subtype), (ANY, subtype), (kind, ANY), (ANY, ANY))
    return next((_BY_NAME[name, *place] for place in places if (name, *place) in _BY_NAME), None)
