"""A machine that was replaced by another: the old one's last values, the new one's first.

The old machine's end readings are readings of its period like any others, so they are checked, released
and exported as these are. From then on it is asked for no more, whatever the ERP says. The new machine has
the old one's contract, place and counters, and a number of ours until the ERP brings it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from meterportal.domain.frozen import frozen
from meterportal.domain.plain_text import plain
from meterportal.domain.plausibility.neighbours import Neighbours
from meterportal.domain.plausibility.numbers import ValueRefused, normalise
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.plausibility.verdict import InTheFuture
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import (
    PROVISIONAL,
    Effective,
    Exchange,
    Machine,
    Meter,
    fold_serial,
)
from meterportal.domain.refusals import ChangedMeanwhile, Conflict, Invalid
from meterportal.domain.reporting import entry
from meterportal.domain.reporting.entry import Submission
from meterportal.domain.reporting.readings import ReadingState

LONGEST = 60
"""Signs of a serial number, of a maker and of a model."""


class SerialKnown(Conflict):
    """Facts: `machine_id`, the machine that has this serial number already."""

    code = "serial_known"
    de = "Die Seriennummer gehört schon zum Gerät {machine_id}."
    en = "Machine {machine_id} has this serial number already."


class NotReplaced(Conflict):
    code = "not_replaced"
    de = "Für dieses Gerät ist kein Austausch (mehr) eingetragen."
    en = "No replacement is entered for this machine (any more)."


class ReplacementTakenOver(Conflict):
    """Facts: `machine_id`, the ERP's number of the new machine."""

    code = "replacement_taken_over"
    de = "Das ERP hat das neue Gerät schon gebracht (Nummer {machine_id}). Bitte berichtigen Sie den Austausch im ERP."
    en = "The ERP has brought the new machine already (number {machine_id}). Please correct the replacement in the ERP."


class ReplacedAgain(Conflict):
    """Facts: `serial`, of the machine that took the new one's place."""

    code = "replaced_again"
    de = "Das neue Gerät ist selbst ausgetauscht, gegen {serial}. Bitte nehmen Sie zuerst diesen Austausch zurück."
    en = "The new machine has itself been replaced, by {serial}. Please take that replacement back first."


class EndReleased(Conflict):
    code = "end_released"
    de = "Ein Endstand ist schon freigegeben. Bitte nehmen Sie zuerst dessen Freigabe zurück; ist er übergeben, bleibt der Austausch stehen."
    en = "An end reading has been released. Please withdraw its release first; once it is exported, the replacement stays."


@frozen
class Replacement:
    """What was read and put there on the day `read_on`: the old machine's `ends` and the new one's
    `starts` by meter id, as typed; `reasons` for ends in doubt. Without `maker`: the old one's."""

    read_on: date
    ends: Mapping[str, object]
    starts: Mapping[str, object]
    serial: str
    model: str
    maker: str = ""
    reasons: Mapping[str, str] | None = None


@frozen
class Replaced:
    """`done` is the old machine with its end readings, as it is to be stored; `new` the other one."""

    done: Submission
    new: Machine


def replace_machine(
    machine: Machine,
    given: Replacement,
    *,
    number: str,
    seen: int,
    by: str,
    now: datetime,
    today: date,
    starts_on: date | None = None,
    tolerances: ToleranceSettings | None = None,
    neighbours: Neighbours | None = None,
) -> Replaced:
    """The old machine without a place in its period, and the new one under the provisional `number`.

    A swap may be on any day, so the period need not be open yet. Raises ChangedMeanwhile, InTheFuture,
    Invalid for counters without a value or the old serial number, TextRefused, ValueRefused, and the
    refusals of `entry.submit`; AlreadyReleased unless the released value is the end reading.
    """
    if seen != machine.version:
        current = entry.shown(machine, by)
        raise ChangedMeanwhile(field="version", version=machine.version, readings=current)
    if given.read_on > today:
        raise InTheFuture(field="read_on")
    _refuse_gaps(machine, given)
    new = _new_machine(machine, given, f"{PROVISIONAL}{number}")
    done = Submission(machine)
    typed = {
        meter_id: end
        for meter_id, end in given.ends.items()
        if not _final(machine, given, meter_id)
    }
    if typed:
        taken = entry.read(machine, typed, read_on=given.read_on, reasons=given.reasons)
        done = entry.submit(
            machine,
            taken,
            seen=seen,
            by=by,
            now=now,
            today=today,
            starts_on=starts_on,
            tolerances=tolerances,
            neighbours=neighbours,
            channel=ReadingChannel.TECHNICIAN,
        )
    gone = replace(
        done.machine,
        active=False,
        problem=None,
        replaced_by=Exchange(new.id, new.serial, given.read_on),
    )
    return Replaced(replace(done, machine=gone), new)


def take_back(machine: Machine, new: Machine, *, seen: int, by: str) -> Machine:
    """The old machine as if `new` had never been put in its place. Its end readings stay what they are:
    values that wait and can be corrected by whoever may report.

    Raises ChangedMeanwhile, ReplacementTakenOver, ReplacedAgain, EndReleased.
    """
    if seen != machine.version:
        current = entry.shown(machine, by)
        raise ChangedMeanwhile(field="version", version=machine.version, readings=current)
    if not new.provisional:
        raise ReplacementTakenOver(machine_id=new.id)
    if new.replaced_by:
        raise ReplacedAgain(serial=new.replaced_by.serial)
    swapped_on = machine.replaced_by.on if machine.replaced_by else None
    ends = [one for one in machine.readings if one.read_on == swapped_on]
    if any(one.state is not ReadingState.REPORTED for one in ends):
        raise EndReleased
    return replace(machine, active=True, replaced_by=None)


def _refuse_gaps(machine: Machine, given: Replacement) -> None:
    needed = {meter.id for meter in machine.billable_meters}
    for field, values in (("values", given.ends), ("starts", given.starts)):
        for meter_id in sorted(needed - values.keys()):
            raise Invalid(
                field=f"{field}.{meter_id}",
                de="Bitte geben Sie für jeden Zähler den End- und den Anfangsstand an.",
                en="Please give the end and the start value of each counter.",
            )
        if values.keys() - needed:
            raise entry.UnknownMeter(field=field)


def _final(machine: Machine, given: Replacement, meter_id: str) -> bool:
    """Whether the end reading is released already, exactly as given."""
    reading, meter = machine.reading(meter_id), machine.meter(meter_id)
    if reading is None or meter is None or reading.state is ReadingState.REPORTED:
        return False
    try:
        value = entry.number_of(meter, given.ends[meter_id])
    except ValueRefused:
        return False
    return (reading.value, reading.read_on) == (value, given.read_on)


def _new_machine(machine: Machine, given: Replacement, number: str) -> Machine:
    serial = plain(given.serial, field="serial", longest=LONGEST)
    if fold_serial(serial) == fold_serial(machine.serial):
        raise Invalid(
            field="serial",
            de="Das ist die Seriennummer des alten Geräts.",
            en="This is the old machine's serial number.",
        )
    model = plain(given.model, field="model", longest=LONGEST)
    maker = plain(given.maker, field="maker", longest=LONGEST, needed=False) or machine.maker
    return Machine(
        number,
        machine.company_id,
        machine.contract_id,
        serial=serial,
        maker=maker,
        model=model,
        customer_no=machine.customer_no,
        location=machine.location,
        due_on=machine.due_on,
        meters=tuple(_started(meter, given, machine) for meter in machine.billable_meters),
        replaces=Exchange(machine.id, machine.serial, given.read_on),
    )


def _started(meter: Meter, given: Replacement, machine: Machine) -> Meter:
    """The counter of the new machine, which begins at its start value."""
    try:
        value = normalise(given.starts[meter.id], digits=meter.digits)
    except ValueRefused as refused:
        refused.field = f"starts.{meter.id}"
        raise
    begun = Effective(given.read_on, value, ReadingChannel.TECHNICIAN)
    kept = meter.display_label if machine.model == given.model else ""
    return replace(meter, display_label=kept, history=(begun,))
