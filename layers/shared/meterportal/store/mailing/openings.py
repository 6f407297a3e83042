"""Mails of rounds that led somebody to the portal, noted at their outbox rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from meterportal.store import keys
from meterportal.store.table import Table
from meterportal.store.writes import Write


def note(round_id: str, mailbox: str, company_id: str, *, at: datetime) -> Write:
    """Notes the first session of a mailbox since its mail of a round, for the console, too: what the
    mail asked for becomes a row in the index of changes, `company_id` saying where in it. Fails when
    it was noted before, or there was no such mail.
    """
    return Write(
        key=keys.mail(round_id, mailbox),
        update="SET #opened_at = :at, #row = #requests",
        condition="attribute_exists(pk) AND attribute_not_exists(#opened_at)",
        values={"at": at.isoformat(timespec="seconds")},
        change=keys.change(company_id, f"OPENING#{round_id}#{mailbox}"),
    )


def opened(table: Table, mails: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these mails (round, mailbox) led somebody to the portal. One read per hundred."""
    places = {keys.mail(*mail): mail for mail in mails}
    found = table.batch_get(places)
    return {mail for key, mail in places.items() if "opened_at" in found.get(key, {})}


def forget(round_id: str, mailbox: str) -> Write:
    """Takes an opening out of the index of changes; that there was one stays noted at the mail."""
    return Write(
        key=keys.mail(round_id, mailbox),
        update="REMOVE #changes_pk, #changes_sk, #row",
        condition="attribute_exists(#changes_pk)",
    )
