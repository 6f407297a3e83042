"""The marks on a contract: which mails about its current period went to whom, requests and
reminders.

`Contract.asked` names the round that asked a contact. `Contract.mailed` has an entry for every
mail, by contact and number (0: the request itself, 1 and 2: the reminders, 3: the announcement of an
estimate), as "<round that asked> <round> <day>", of an announcement with the day of the estimate behind it. The day is that of planning, or of sending where the mail went out later. Entries of a
request that was taken back do not count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import Contract

REMINDERS = 2
"""At most so many reminders per period. After them comes the schedule's last step."""

ANNOUNCEMENT = REMINDERS + 1
"""The number of the mail that announces an estimate."""


@frozen
class Mailed:
    """One mail about a period to a contact. `number`: 0 for the request, then the reminders, then the
    announcement of an estimate, which has its day (`estimate_on`)."""

    number: int
    round_id: str
    on: date
    estimate_on: date | None = None


def asked_in_period(contract: Contract, contact_id: str) -> str | None:
    """The round that asked a contact for the contract's current period, None if nobody did."""
    if contract.asked_for is None or contract.asked_for != contract.due_on:
        return None
    return contract.asked.get(contact_id)


def mailed(contract: Contract, contact_id: str) -> list[Mailed]:
    """The mails since the current request, the request first. Empty if the contact was not
    asked."""
    asked_by = asked_in_period(contract, contact_id)
    found = []
    for number in range(ANNOUNCEMENT + 1):
        request_round, _, rest = (
            (contract.mailed or {}).get(entry(contact_id, number), "").partition(" ")
        )
        if asked_by is None or request_round != asked_by:
            continue
        round_id, *days = rest.split(" ")
        found.append(Mailed(number, round_id, *map(date.fromisoformat, days)))
    return found


def reminders(contract: Contract, contact_id: str) -> list[Mailed]:
    return [mail for mail in mailed(contract, contact_id) if 0 < mail.number <= REMINDERS]


def announcement(contract: Contract, contact_id: str) -> Mailed | None:
    """The mail that announced an estimate to a contact; None where nobody did."""
    found = mailed(contract, contact_id)
    return found[-1] if found and found[-1].number == ANNOUNCEMENT else None


def announcements(contract: Contract) -> Iterator[tuple[str, Mailed]]:
    """Who was told of an estimate for the current period, by which mail."""
    for contact_id in contract.asked:
        mail = announcement(contract, contact_id)
        if mail is not None:
            yield contact_id, mail


def estimate_on(contract: Contract) -> date | None:
    """The latest day that was announced; None where nothing was."""
    days = [mail.estimate_on for _, mail in announcements(contract) if mail.estimate_on]
    return max(days, default=None)


def entry(contact_id: str, number: int) -> str:
    """The key of a mail in `Contract.mailed`."""
    return f"{contact_id}#{number}"


def noted(asked_by: str, round_id: str, on: date, estimate_on: date | None = None) -> str:
    """The value of a mail in `Contract.mailed`."""
    days = [on.isoformat(), *([estimate_on.isoformat()] if estimate_on else [])]
    return " ".join([asked_by, round_id, *days])


def marked(
    contract: Contract, contact_id: str, number: int, *, due_on: date, round_id: str, on: date
) -> Contract:
    """The contract with one more mail, as the store writes it."""
    same = contract.asked_for == due_on
    asked = dict(contract.asked) if same else {}
    mails = dict(contract.mailed or {}) if same else {}
    if number == 0:
        asked[contact_id] = round_id
    mails[entry(contact_id, number)] = noted(asked[contact_id], round_id, on)
    return replace(contract, asked_for=due_on, asked=asked, mailed=mails)


def noted_on(
    contract: Contract, contact_id: str, number: int, round_id: str
) -> tuple[date, date | None] | None:
    """The days of a round's mark for a contact, its own and that of the estimate; None where it has none."""
    return next(
        (
            (mail.on, mail.estimate_on)
            for mail in mailed(contract, contact_id)
            if (mail.number, mail.round_id) == (number, round_id)
        ),
        None,
    )


def stands(contract: Contract, contact_id: str, number: int, round_id: str) -> bool:
    """Whether a round's mark for a contact is still valid."""
    if number == 0:
        return asked_in_period(contract, contact_id) == round_id
    return any(
        mail.number == number and mail.round_id == round_id for mail in mailed(contract, contact_id)
    )
