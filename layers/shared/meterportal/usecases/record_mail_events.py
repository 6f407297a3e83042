"""What SES tells of a mail: its fate, and whether its address may be written to again.

Events come in any order and number; what is stored depends only on which ones came.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from meterportal.domain.contracts import Delivery
from meterportal.domain.mails import Fate, MailState, OutboxMail
from meterportal.doors import Doors
from meterportal.queues import UnknownMessage
from meterportal.settings import Moment
from meterportal.store import links, mailboxes, marks, rounds
from meterportal.store.table import ConditionFailed, Write
from meterportal.usecases.hand_over import tag_of

_FATES = {
    "Send": Fate.ACCEPTED,
    "DeliveryDelay": Fate.DELAYED,
    "Delivery": Fate.DELIVERED,
    "Reject": Fate.REJECTED,
    "Rendering Failure": Fate.NOT_RENDERED,
    "RenderingFailure": Fate.NOT_RENDERED,
    "Complaint": Fate.COMPLAINED,
}
_IGNORED = {"Open", "Click", "Subscription"}
"""Never asked for by the configuration set, and nothing to us."""

_NEVER_SENT = {Fate.REJECTED, Fate.NOT_RENDERED}
_PAYLOADS = {Fate.BOUNCED: "bounce", Fate.SOFT_BOUNCED: "bounce", Fate.COMPLAINED: "complaint"}


@dataclass(frozen=True, slots=True)
class MailEvent:
    """One event of ours: `about` are the addresses that it names, `at` its time (ISO, UTC)."""

    fate: Fate
    message_id: str
    round_id: str | None
    tag: str | None
    destinations: tuple[str, ...]
    about: tuple[str, ...]
    at: str
    sent_at: str


def record_mail_event(doors: Doors, body: str, at: Moment) -> Fate | None:
    """Record one event; None for kinds that do not matter.

    `body` is an EventBridge envelope or the bare event. Raises `UnknownMessage` for what is no such
    event or tells of a mail that we do not (yet) know.
    """
    event = read_event(body, at)
    if event is None:
        return None
    mail = _find(doors, event)
    if mail is None:
        raise UnknownMessage("event of an unknown mail")
    for write in _about_mail(mail, event):
        _once(doors, write)
    if _concerns(mail, event):
        if event.fate is Fate.BOUNCED:
            _once(doors, mailboxes.note_failure(mail.mailbox, Delivery.BOUNCED, at=event.at))
            if mail.link:
                _once(doors, links.revoke(mail.link, at=at.now))
            marks.forget_all(doors.table, mail)
        elif event.fate is Fate.COMPLAINED:
            _once(doors, mailboxes.note_failure(mail.mailbox, Delivery.COMPLAINED, at=event.at))
        if event.fate in _NEVER_SENT:
            marks.unmark_all(doors.table, mail)
    return event.fate


def _once(doors: Doors, write: Write) -> None:
    """A write whose condition says whether it is news."""
    with suppress(ConditionFailed):
        doors.table.write(write)


def _about_mail(mail: OutboxMail, event: MailEvent) -> Iterable[Write]:
    """The mail left us (or never will): that settles a row in doubt, or one put back in error."""
    waiting = [MailState.PLANNED, MailState.SENDING]
    if event.fate in _NEVER_SENT:
        state, among = MailState.UNDELIVERABLE, [*waiting, MailState.SENT]
    else:
        state, among = MailState.SENT, waiting
    yield rounds.settle_by_event(
        mail, state, among=among, message_id=event.message_id, at=event.sent_at
    )
    yield rounds.note_fate(mail, event.fate)


def _concerns(mail: OutboxMail, event: MailEvent) -> bool:
    """Whether the event is about this mailbox, or about another recipient."""
    return not event.about or len(event.destinations) <= 1 or mail.mailbox in event.about


def _find(doors: Doors, event: MailEvent) -> OutboxMail | None:
    """The mail by its tags (one read), else by its message id from the index."""
    if event.round_id is not None and event.tag is not None:
        for address in event.destinations:
            if tag_of(address) == event.tag:
                return rounds.mail(doors.table, event.round_id, address)
        for mail in rounds.mails(doors.table, event.round_id):
            if tag_of(mail.mailbox) == event.tag:
                return mail
        return None
    return rounds.sent_as(doors.table, event.message_id)


def read_event(body: str, at: Moment) -> MailEvent | None:
    """Read an event; None for kinds that do not matter, `UnknownMessage` for no event at all."""
    try:
        parsed = json.loads(body)
    except json.JSONDecodeError as error:
        raise UnknownMessage("not JSON") from error
    detail = _mapping(parsed)
    detail = _mapping(detail["detail"]) if "detail" in detail else detail
    kind = detail.get("eventType", detail.get("notificationType"))
    if kind in _IGNORED:
        return None
    fate = _fate(kind, detail)
    mail = _mapping(detail.get("mail"))
    message_id = mail.get("messageId")
    if not isinstance(message_id, str) or not message_id:
        raise UnknownMessage("event without a message id")
    payload = _mapping(detail.get(_PAYLOADS.get(fate, ""), {}))
    tags = _mapping(mail.get("tags", {}))
    return MailEvent(
        fate=fate,
        message_id=message_id,
        round_id=_tag(tags, "round"),
        tag=_tag(tags, "mailbox"),
        destinations=tuple(_addresses(mail.get("destination"))),
        about=tuple(_recipients(payload)),
        at=_time(payload.get("timestamp") or mail.get("timestamp"), at),
        sent_at=_time(mail.get("timestamp"), at),
    )


def _fate(kind: object, detail: Mapping[str, Any]) -> Fate:
    if kind == "Bounce":
        # A permanent bounce is also how SES tells that the address is on its suppression list.
        hard = _mapping(detail.get("bounce", {})).get("bounceType") == "Permanent"
        return Fate.BOUNCED if hard else Fate.SOFT_BOUNCED
    if not isinstance(kind, str) or kind not in _FATES:
        raise UnknownMessage("unknown kind of event")
    return _FATES[kind]


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise UnknownMessage("no mail event")
    return value


def _tag(tags: Mapping[str, Any], name: str) -> str | None:
    values = tags.get(name)
    first = values[0] if isinstance(values, list) and values else values
    return first if isinstance(first, str) and first else None


def _addresses(values: object) -> Iterable[str]:
    """Addresses without their display names, in lower case."""
    for value in values if isinstance(values, list) else []:
        if isinstance(value, str):
            yield value.rpartition("<")[2].rstrip("> ").strip().casefold()


def _recipients(payload: Mapping[str, Any]) -> Iterable[str]:
    for name in ("bouncedRecipients", "complainedRecipients"):
        listed = payload.get(name)
        for entry in listed if isinstance(listed, list) else []:
            if isinstance(entry, dict):
                yield from _addresses([entry.get("emailAddress")])


def _time(value: object, at: Moment) -> str:
    """The time in one form that sorts as text; now, when the event tells none."""
    try:
        told = datetime.fromisoformat(value) if isinstance(value, str) else at.now
    except ValueError:
        told = at.now
    told = told if told.tzinfo else told.replace(tzinfo=UTC)
    return told.astimezone(UTC).isoformat(timespec="milliseconds")
