"""A portfolio as rows of the models."""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import apps
from django.db import connection, transaction
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Machine

from tests.benchmarks.peers.relational import models


def keep(holdings: Iterable[Holding]) -> None:
    """Makes the tables and fills them."""
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            editor.create_model(model)
    with transaction.atomic():
        for holding in holdings:
            _keep(holding)


def _keep(held: Holding) -> None:
    company = models.Company.objects.create(id=held.company.id, name=held.company.name)
    models.Mailbox.objects.bulk_create(
        models.Mailbox(address=one.mailbox, delivery="ok")
        for one in held.contacts.values()
        if one.mailbox
    )
    models.Contact.objects.bulk_create(
        models.Contact(
            id=one.id,
            company=company,
            first_name=one.first_name,
            last_name=one.last_name,
            email=one.email,
            mailbox_id=one.mailbox,
            role=one.role,
            active=one.active,
            main=one.main,
        )
        for one in held.contacts.values()
    )
    for one in held.contracts.values():
        contract = models.Contract.objects.create(
            id=one.id,
            company=company,
            name=one.name,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            next_billing_on=one.next_billing_on,
            reading_channel=one.reading_channel.value,
        )
        contract.reporters.set(one.reporters)
    for machine in held.machines.values():
        _keep_machine(machine)


def _keep_machine(one: Machine) -> None:
    machine = models.Machine.objects.create(
        id=one.id,
        company_id=one.company_id,
        contract_id=one.contract_id,
        serial=one.serial,
        model=one.model,
        due_on=one.due_on,
        version=one.version,
    )
    for meter in one.meters:
        kept = machine.meters.create(
            number=meter.id, label=meter.label, kind=meter.kind.value, digits=meter.digits
        )
        models.Effective.objects.bulk_create(
            models.Effective(
                meter=kept, read_on=entry.read_on, value=entry.value, billed=entry.billed
            )
            for entry in meter.history
        )
        models.Reading.objects.bulk_create(
            models.Reading(
                meter=kept,
                due_on=reading.due_on,
                value=reading.value,
                read_on=reading.read_on,
                state=reading.state.value,
                verdict=reading.verdict.value,
                reported_by=reading.reported_by,
                reported_at=reading.reported_at,
            )
            for reading in one.readings
            if reading.meter_id == meter.id
        )
