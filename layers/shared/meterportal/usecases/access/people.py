"""Administrators see who works in the console, invite people, and change what they may do.

A change ends at once what the person's tokens allow: every writing transaction asks (`journal.entries`).
It is noted before Cognito hears of it, and once more behind it, for a token renewed in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace

from meterportal.adapters import Adapters
from meterportal.crypto import digest
from meterportal.domain.access.colleagues import (
    GROUPS,
    Colleague,
    ColleagueKnown,
    PeopleBusy,
    PersonChanged,
    check_change,
)
from meterportal.domain.access.journal import (
    Action,
    Deed,
    FieldChange,
    StaffMember,
    added,
)
from meterportal.domain.frozen import frozen
from meterportal.domain.plain_text import plain
from meterportal.domain.refusals import Invalid, NotFound
from meterportal.mail.addresses import mailbox
from meterportal.settings import Moment, moment
from meterportal.store.access import journal, people_lock
from meterportal.store.writes import ConditionFailed

LONGEST_NAME = 100


@frozen
class ShownColleague:
    """`version` changes with groups and state; `acted_at` is when the person last changed something
    (ISO, UTC), None if never."""

    colleague: Colleague
    version: str
    acted_at: str | None


def list_people(adapters: Adapters) -> list[ShownColleague]:
    """Everybody in the user pool, by name. Five requests per sixty people, one read per hundred."""
    found = adapters.staff_directory.everybody()
    acts = journal.last_acts(adapters.table, [one.id for one in found])
    return sorted(
        (_shown(one, acts) for one in found),
        key=lambda one: ((one.colleague.name or one.colleague.email).casefold(), one.colleague.id),
    )


def invite(
    adapters: Adapters,
    at: Moment,
    email: str,
    name: str,
    groups: Iterable[str],
    *,
    by: StaffMember,
) -> ShownColleague:
    """Adds somebody; Cognito mails the invitation. Who was cut off sends it again. Raises Invalid, TextRefused, ColleagueKnown,
    PeopleBusy."""
    wanted = _checked(groups)
    called = plain(name, field="name", longest=LONGEST_NAME)
    address = mailbox(email.strip())[0]
    if address is None:
        raise Invalid(
            field="email",
            de="Das ist keine gültige E-Mail-Adresse",
            en="This is no valid e-mail address",
        )
    directory = adapters.staff_directory
    with _alone(adapters, at, by):
        made = _invited(adapters, address, called, wanted)
        changes = added(groups=" ".join(sorted(wanted)))
        deed = Deed(Action.COLLEAGUE_INVITED, "colleague", made.id, changes=changes)
        adapters.table.transact(journal.entries(adapters.new_number(), by, at.now, deed))
        for group in sorted(wanted):
            directory.join(made.username, group)
    return _shown(replace(made, groups=wanted), {})


def _invited(adapters: Adapters, address: str, name: str, wanted: frozenset[str]) -> Colleague:
    """The person, new or from the same invitation that broke off."""
    try:
        return adapters.staff_directory.invite(address, name, adapters.new_password())
    except ColleagueKnown:
        for one in adapters.staff_directory.everybody():
            if one.email == address and one.invited and one.groups < wanted:
                return one
        raise


def change(
    adapters: Adapters,
    at: Moment,
    person_id: str,
    groups: Iterable[str],
    *,
    enabled: bool,
    seen: str,
    by: StaffMember,
) -> ShownColleague:
    """Sets the groups of a person, and whether they may sign in; `seen` is the version that the caller
    saw. Raises NotFound, Invalid, PersonChanged, OwnRights, LastAdmin, PeopleBusy."""
    wanted = _checked(groups)
    directory = adapters.staff_directory
    with _alone(adapters, at, by):
        everybody = directory.everybody()
        before = next((one for one in everybody if one.id == person_id), None)
        if before is None:
            raise NotFound
        after = replace(before, groups=wanted, enabled=enabled)
        if after == before:
            return _shown(before, journal.last_acts(adapters.table, [before.id]))
        if _version(before) != seen:
            raise PersonChanged(field="version")
        check_change(before, after, everybody, by=by.id)
        deed = Deed(
            Action.COLLEAGUE_CHANGED, "colleague", before.id, changes=_changes(before, after)
        )
        ended = journal.end_rights(before.id, at=at.now)
        noted = journal.entries(adapters.new_number(), by, at.now, deed)
        if before.id == by.id:
            adapters.table.transact(noted)  # one's own tokens stay good
        else:
            adapters.table.transact([ended, *noted])
        _carry_out(adapters, before, after)
        if before.id != by.id:
            # Tokens that were renewed meanwhile have the groups of before.
            adapters.table.write(journal.end_rights(before.id, at=moment().now))
    return _shown(after, journal.last_acts(adapters.table, [after.id]))


def _carry_out(adapters: Adapters, before: Colleague, after: Colleague) -> None:
    """What is taken away goes first."""
    directory = adapters.staff_directory
    if before.enabled and not after.enabled:
        directory.disable(before.username)
    for group in sorted(before.groups - after.groups):
        directory.leave(before.username, group)
    for group in sorted(after.groups - before.groups):
        directory.join(before.username, group)
    if after.enabled and not before.enabled:
        directory.enable(before.username)


@contextmanager
def _alone(adapters: Adapters, at: Moment, by: StaffMember) -> Iterator[None]:
    """Keeps other administrators from changing rights meanwhile. Raises PeopleBusy."""
    try:
        adapters.table.write(people_lock.take(by.id, at=at.now))
    except ConditionFailed:
        raise PeopleBusy from None
    try:
        yield
    finally:
        with suppress(ConditionFailed):
            adapters.table.write(people_lock.give_back(by.id))


def _checked(groups: Iterable[str]) -> frozenset[str]:
    wanted = frozenset(groups)
    if not wanted or not wanted <= set(GROUPS):
        raise Invalid(
            field="groups",
            de="Bitte wählen Sie mindestens eines der Rechte read, remind, release, admin",
            en="Please choose at least one of the groups read, remind, release, admin",
        )
    return wanted


def _changes(before: Colleague, after: Colleague) -> tuple[FieldChange, ...]:
    pairs = (
        ("groups", " ".join(sorted(before.groups)), " ".join(sorted(after.groups))),
        ("enabled", before.enabled, after.enabled),
    )
    return tuple(FieldChange(name, old, new) for name, old, new in pairs if old != new)


def _version(one: Colleague) -> str:
    return digest(f"{sorted(one.groups)} {one.enabled}")[:16]


def _shown(one: Colleague, acts: Mapping[str, str]) -> ShownColleague:
    return ShownColleague(one, _version(one), acts.get(one.id))
