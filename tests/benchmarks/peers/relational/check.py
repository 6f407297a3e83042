"""Portal Ready: judges all contracts, gives rights, keeps results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from meterportal.domain.access.mailboxes import Mailbox
from meterportal.domain.access.permissions import granted
from meterportal.domain.portfolio import readiness, rights
from meterportal.domain.portfolio.contracts import (
    Contact,
    Contract,
    Delivery,
    PortalRights,
    ReadingChannel,
    reporters_of,
)

from tests.benchmarks.peers.relational import models, pages


def check(now: datetime, today: date, *, keep: bool = False) -> int:
    """How many contracts are ready. Leaves nothing behind unless told to `keep` it."""
    with transaction.atomic():
        ready = sum(_checked(page, now, today) for page in pages(models.Company.objects))
        transaction.set_rollback(not keep)
    return ready


def _checked(page: Sequence[str], now: datetime, today: date) -> int:
    people, contracts = _contacts(page), list(_contracts(page))
    boxes = _boxes(
        person.mailbox
        for contract in contracts
        for person in reporters_of(contract, people[contract.company_id])
        if person.mailbox
    )
    results: list[models.Result] = []
    missing: dict[str, Contact] = {}
    for contract in contracts:
        found = readiness.judge(contract, people[contract.company_id], boxes, today)
        told = [(r.code, r.contact_id, dict(r.facts)) for r in found.reasons]
        results.append(models.Result(contract_id=contract.id, ready=found.ready, reasons=told))
        for one in found.reporters if found.ready else ():
            if not granted(one, boxes.get(one.mailbox or "")):
                missing[one.id] = one
    models.Result.objects.bulk_create(results)
    if missing:
        _grant(missing, now)
    return sum(result.ready for result in results)


def _grant(missing: Mapping[str, Contact], now: datetime) -> None:
    given = rights.resolve()
    models.Contact.objects.filter(pk__in=missing).update(
        readings=given.readings,
        machines=given.machines,
        service_orders=given.service_orders,
    )
    models.Claim.objects.bulk_create(
        models.Claim(mailbox_id=one.mailbox, company_id=one.company_id, contact_id=one.id)
        for one in missing.values()
    )
    models.JournalEntry.objects.bulk_create(
        models.JournalEntry(at=now, who="staff-1", action="rights_granted", about=number)
        for number in missing
    )


def _boxes(addresses: Iterable[str]) -> dict[str, Mailbox]:
    wanted = set(addresses)
    listed: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for address, *who in models.Contact.objects.filter(mailbox__in=wanted).values_list(
        "mailbox_id", "company_id", "pk"
    ):
        listed[address].add((who[0], who[1]))
    claims: dict[str, dict[str, str]] = defaultdict(dict)
    for address, company, contact in models.Claim.objects.filter(mailbox__in=wanted).values_list(
        "mailbox_id", "company_id", "contact_id"
    ):
        claims[address][company] = contact
    found = models.Mailbox.objects.filter(pk__in=wanted).values_list("address", "delivery")
    return {
        address: Mailbox(
            address,
            frozenset(listed[address]),
            claims[address],
            Delivery(delivery),
            known=True,
        )
        for address, delivery in found
    }


def _contacts(companies: Sequence[str]) -> dict[str, dict[str, Contact]]:
    """By company and number."""
    people: dict[str, dict[str, Contact]] = defaultdict(dict)
    for row in models.Contact.objects.filter(company__in=companies).values_list(
        "pk",
        "company_id",
        "first_name",
        "last_name",
        "email",
        "mailbox_id",
        "role",
        "active",
        "main",
        "readings",
        "machines",
        "service_orders",
    ):
        contact = _contact(*row)
        people[contact.company_id][contact.id] = contact
    return people


def _contact(
    number: str,
    company: str,
    first_name: str,
    last_name: str,
    email: str,
    mailbox: str | None,
    role: str,
    active: bool,
    main: bool,
    *given: Any,
) -> Contact:
    return Contact(
        number,
        company,
        first_name=first_name,
        last_name=last_name,
        email=email,
        mailbox=mailbox,
        role=role,
        active=active,
        main=main,
        rights=None if given[0] is None else PortalRights(*given),
    )


def _contracts(companies: Sequence[str]) -> Iterator[Contract]:
    reporters: dict[str, list[str]] = defaultdict(list)
    reporting = models.Contract.reporters.through.objects
    for contract, contact in reporting.filter(contract__company__in=companies).values_list(
        "contract_id", "contact_id"
    ):
        reporters[contract].append(contact)
    for (
        number,
        company,
        name,
        starts_on,
        ends_on,
        next_billing_on,
        channel,
    ) in models.Contract.objects.filter(company__in=companies).values_list(
        "pk",
        "company_id",
        "name",
        "starts_on",
        "ends_on",
        "next_billing_on",
        "reading_channel",
    ):
        yield Contract(
            number,
            company,
            name,
            starts_on,
            ends_on,
            next_billing_on=next_billing_on,
            reading_channel=ReadingChannel(channel),
            reporters=tuple(reporters[number]),
        )
