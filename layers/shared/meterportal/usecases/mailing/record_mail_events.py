"""Events of SES: the fate of a mail, and whether its address may receive mail again.

Events come in any order and number; what is stored depends only on which ones came.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.domain.mailing.mail_events import Asking, Effect, meaning
from meterportal.domain.mailing.mails import HARD, Fate, MailState, OutboxMail
from meterportal.queues import UnknownMessage
from meterportal.settings import Moment
from meterportal.store.access import links, mailboxes
from meterportal.store.mailing import marks, rounds
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.mailing.hand_over import tag_of
from meterportal.usecases.mailing.stop_rounds import stop_after_return

_TYPES = {
    "bounce": ("bounce", "bounceType", "bounceSubType"),
    "complaint": ("complaint", "complaintFeedbackType", "complaintSubType"),
    "deliverydelay": ("deliveryDelay", "delayType", ""),
    "reject": ("reject", "reason", ""),
}
"""By the event's name in lower case: the names of the part with details, its
type and its subtype.
"""


@frozen
class MailEvent:
    """One event about a mail of ours: `about` are the addresses that it names, `at` its time (ISO,
    UTC).
    """

    effect: Effect
    message_id: str
    round_id: str | None
    tag: str | None
    destinations: tuple[str, ...]
    about: tuple[str, ...]
    at: str
    sent_at: str


def record_mail_event(adapters: Adapters, body: str, at: Moment) -> Fate | None:
    """Records one event; returns the fate that it shows, or None.

    `body` is an EventBridge envelope or the bare event. Raises `UnknownMessage` for what is no such
    event or is about a mail that is not stored (yet).
    """
    event = read_event(body, at)
    if event is None:
        return None
    mail = _find(adapters, event)
    if mail is None:
        raise UnknownMessage("event of an unknown mail")
    effect = event.effect
    for write in _about_mail(mail, event):
        _once(adapters, write)
    if mail.erased or not _concerns(mail, event):
        return effect.fate
    if effect.mailbox is not None:
        _once(adapters, mailboxes.note_failure(mail.mailbox, effect.mailbox, at=event.at))
    if effect.ends_link and mail.link:
        _once(adapters, links.revoke(mail.link, at=at.now))
    match effect.asking:
        case Asking.FORGOTTEN:
            marks.forget_all(adapters.table, mail)
        case Asking.TAKEN_BACK:
            marks.unmark_all(adapters.table, mail)
    if effect.fate in HARD | {Fate.COMPLAINED}:
        stop_after_return(adapters, mail.round_id, at)
    return effect.fate


def _once(adapters: Adapters, write: Write) -> None:
    """Carries out a write that fails when the fact is known already; then nothing changes."""
    with suppress(ConditionFailed):
        adapters.table.write(write)


def _about_mail(mail: OutboxMail, event: MailEvent) -> Iterable[Write]:
    """The mail was sent, or never will be: this ends the doubt, also for a mail that was put back
    in error.
    """
    waiting = [MailState.PLANNED, MailState.SENDING]
    if event.effect.never_sent:
        state, among = MailState.UNDELIVERABLE, [*waiting, MailState.SENT]
    else:
        state, among = MailState.SENT, waiting
    yield rounds.settle_by_event(
        mail, state, among=among, message_id=event.message_id, at=event.sent_at
    )
    if event.effect.fate is not None:
        yield rounds.note_fate(mail, event.effect.fate)


def _concerns(mail: OutboxMail, event: MailEvent) -> bool:
    """Whether the event is about this mailbox, and not about another recipient."""
    return not event.about or len(event.destinations) <= 1 or mail.mailbox in event.about


def _find(adapters: Adapters, event: MailEvent) -> OutboxMail | None:
    """The mail by its tags (one read), else by its message id from the index."""
    # A mail to somebody who was erased since is known by its message id only.
    tagged = _find_by_tag(adapters, event.round_id, event.tag, event.destinations)
    return tagged or rounds.sent_as(adapters.table, event.message_id)


def _find_by_tag(
    adapters: Adapters, round_id: str | None, tag: str | None, destinations: Iterable[str]
) -> OutboxMail | None:
    if round_id is None or tag is None:
        return None
    for address in destinations:
        if tag_of(address) == tag:
            return rounds.mail(adapters.table, round_id, address)
    for mail in rounds.mails(adapters.table, round_id):
        if tag_of(mail.mailbox) == tag:
            return mail
    return None


def read_event(body: str, at: Moment) -> MailEvent | None:
    """Reads an event; None for kinds that do not matter. Raises `UnknownMessage` for what is no
    event.
    """
    try:
        parsed = json.loads(body)
    except json.JSONDecodeError as error:
        raise UnknownMessage("not JSON") from error
    detail = _mapping(parsed)
    detail = _mapping(detail["detail"]) if "detail" in detail else detail
    name = detail.get("eventType", detail.get("notificationType"))
    place, kind, subtype = _TYPES.get(str(name).casefold(), ("", "", ""))
    payload = _mapping(detail.get(place, {}))
    row = meaning(str(name), _word(payload, kind), _word(payload, subtype))
    if row is None:
        raise UnknownMessage("unknown kind of event")
    if row.effect is None:
        return None
    mail = _mapping(detail.get("mail"))
    message_id = mail.get("messageId")
    if not isinstance(message_id, str) or not message_id:
        raise UnknownMessage("event without a message id")
    tags = _mapping(mail.get("tags", {}))
    return MailEvent(
        effect=row.effect,
        message_id=message_id,
        round_id=_tag(tags, "round"),
        tag=_tag(tags, "mailbox"),
        destinations=tuple(_addresses(mail.get("destination"))),
        about=tuple(_recipients(payload)),
        at=_time(payload.get("timestamp") or mail.get("timestamp"), at),
        sent_at=_time(mail.get("timestamp"), at),
    )


def _word(payload: Mapping[str, Any], name: str) -> str:
    value = payload.get(name)
    return value if isinstance(value, str) else ""


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
    """The time in one form that sorts as text; the current time if the event has none."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else at.now
    except ValueError:
        moment = at.now
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
