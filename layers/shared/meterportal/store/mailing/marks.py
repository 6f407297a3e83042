"""The marks on contracts: conditional writes, so that of two concurrent rounds only one marks a
contract.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from meterportal.domain.mailing.mails import OutboxMail
from meterportal.domain.mailing.marks import entry, noted
from meterportal.domain.mailing.requests import Request
from meterportal.domain.portfolio.contracts import Contract
from meterportal.store import keys
from meterportal.store.table import Table
from meterportal.store.writes import ConditionFailed, Write


def mark(
    request: Request,
    contract: Contract,
    round_id: str,
    on: date,
    *,
    estimate_on: date | None = None,
) -> Write:
    """Notes on the contract that this round asks, or reminds, a contact for the contract's period, or
    announces an estimate of that day.

    `contract` is as just read. Fails when another round did so meanwhile, or the period has
    changed.
    """
    if request.reminder:
        return _remind(request, contract, round_id, on, estimate_on)
    due, contact = request.due_on.isoformat(), request.contact_id
    text = noted(round_id, round_id, on)
    if contract.asked_for != request.due_on:
        return _write(
            request,
            "SET #asked_for = :due, #asked = :asked, #mailed = :mailed",
            "attribute_exists(pk) AND (attribute_not_exists(#asked_for) OR #asked_for <> :due)",
            {"due": due, "asked": {contact: round_id}, "mailed": {entry(contact, 0): text}},
        )
    condition = (
        "#asked_for = :due AND (attribute_not_exists(#asked.#contact) OR #asked.#contact = :round)"
    )
    return _with_mail(
        request, contract, "#asked.#contact = :round", condition, text, {"round": round_id}
    )


def _remind(
    request: Request, contract: Contract, round_id: str, on: date, estimate_on: date | None
) -> Write:
    """The condition is the state as read: the contact was asked by that round, and no other round
    has sent this reminder. A reminder that belongs to an earlier request is overwritten.
    """
    asked_by = contract.asked.get(request.contact_id, "")
    condition = "#asked_for = :due AND #asked.#contact = :asked"
    if contract.mailed is not None:
        condition += (
            " AND (attribute_not_exists(#mailed.#entry) OR NOT begins_with(#mailed.#entry, :since)"
            " OR #mailed.#entry = :text)"
        )
    more = {"asked": asked_by}
    if contract.mailed is not None:
        more["since"] = f"{asked_by} "
    return _with_mail(
        request, contract, "", condition, noted(asked_by, round_id, on, estimate_on), more
    )


def _with_mail(
    request: Request,
    contract: Contract,
    set_: str,
    condition: str,
    text: str,
    values: dict[str, Any],
) -> Write:
    """Adds an entry to `mailed`, or creates `mailed` where the contract has none."""
    name = entry(request.contact_id, request.reminder)
    added: dict[str, Any]
    if contract.mailed is None:
        change, added = "#mailed = :mailed", {"mailed": {name: text}}
        condition += " AND attribute_not_exists(#mailed)"
    else:
        change, added = "#mailed.#entry = :text", {"text": text}
    update = "SET " + ", ".join(filter(None, [set_, change]))
    due = {"due": request.due_on.isoformat()}
    return _write(request, update, condition, values | added | due)


def put_off(
    request: Request, contract: Contract, on: date, *, estimate_on: date | None = None
) -> Write:
    """Moves the day of a mail that went out later than it was planned, with that of the estimate that it
    announces. `contract` is as just read, with
    the mark; fails when the mark is another by now.
    """
    old = (contract.mailed or {})[entry(request.contact_id, request.reminder)]
    asked_by, round_id, *_ = old.split(" ")
    return _write(
        request,
        "SET #mailed.#entry = :text",
        "#asked_for = :due AND #mailed.#entry = :old",
        {
            "due": request.due_on.isoformat(),
            "old": old,
            "text": noted(asked_by, round_id, on, estimate_on),
        },
    )


def unmark(request: Request, round_id: str) -> Write:
    """Removes the mark, so that a later round asks or reminds again; fails when the mark is of
    another round.
    """
    if request.reminder:
        return _of_reminder(request, round_id, "REMOVE #mailed.#entry")
    return _write(
        request,
        "REMOVE #asked.#contact",
        "#asked_for = :due AND #asked.#contact = :round",
        {"due": request.due_on.isoformat(), "round": round_id},
    )


def forget(request: Request, round_id: str) -> Write:
    """Removes the mark that the contact was asked: mail cannot reach the address, and a later round
    asks again after the contact has changed. Fails when the mark is of another round.
    """
    if request.reminder:
        return _of_reminder(request, round_id, "REMOVE #asked.#contact")
    return unmark(request, round_id)


def _of_reminder(request: Request, round_id: str, update: str) -> Write:
    values = {"due": request.due_on.isoformat(), "round": f" {round_id} "}
    return _write(request, update, "#asked_for = :due AND contains(#mailed.#entry, :round)", values)


def unmark_all(table: Table, mail: OutboxMail) -> None:
    """Removes the marks of a mail's contracts. One write each; repeating changes nothing."""
    _all(table, mail, unmark)


def forget_all(table: Table, mail: OutboxMail) -> None:
    """The same for an address that cannot receive mail: see `forget`."""
    _all(table, mail, forget)


def _all(table: Table, mail: OutboxMail, write: Callable[[Request, str], Write]) -> None:
    for request in mail.requests:
        try:
            table.write(write(request, mail.round_id))
        except ConditionFailed:
            continue  # removed before, or another round has written since


def _write(request: Request, update: str, condition: str, values: dict[str, Any]) -> Write:
    names = {
        "contact": request.contact_id,
        "entry": entry(request.contact_id, request.reminder),
    }
    return Write(
        key=keys.contract(request.company_id, request.contract_id),
        update=update,
        condition=condition,
        values=values,
        names=names,
        change=keys.change(request.company_id, f"CONTRACT#{request.contract_id}"),
    )
