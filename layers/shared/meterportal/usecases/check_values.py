"""Staff have the values of many machines checked, now or as of a past day. Nothing is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from meterportal.domain.entry import UnknownMeter, earliest_day
from meterportal.domain.findings import Finding, Severity
from meterportal.domain.machines import Machine, Meter
from meterportal.domain.plausibility.backtest import as_known_on
from meterportal.domain.plausibility.models import pages_per_minute, pages_per_year
from meterportal.domain.plausibility.numbers import TooManyDigits, ValueRefused, normalise
from meterportal.domain.plausibility.usage import digits_shown
from meterportal.domain.plausibility.verdict import Check, prepare_machine
from meterportal.domain.readings import Verdict
from meterportal.domain.refusals import MachineTwice, Refusal
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import portfolio
from meterportal.store.portfolio import Holding

MOST_LOOKS = 20_000
"""Looks at another machine that one request may take; a look costs up to 0.3 ms of a function that
ends after 29 seconds. Behind that, doubtful values are not compared with other machines."""
_SPARE_DIGITS = 2
_DOUBTED = frozenset({Severity.BLOCK, Severity.WARN})


class NotInThePast(Refusal):
    code = "as_of_in_the_future"
    de = "Geprüft werden kann nur mit dem Stand von heute oder früher."
    en = "Values can only be checked as of today or an earlier day."


class UnknownMachine(Refusal):
    code = "unknown_machine"
    de = "Ein Gerät mit dieser Nummer gibt es nicht."
    en = "There is no machine with this number."


class Outcome(StrEnum):
    """The worst of a machine's meters. `implausible`: something would be refused or asked about."""

    PLAUSIBLE = "plausible"
    UNCHECKED = "unchecked"
    IMPLAUSIBLE = "implausible"


@dataclass(frozen=True, slots=True)
class Typed:
    """Values by meter id as somebody typed them. Without `read_on` they are of the day asked for."""

    machine_id: str
    values: Mapping[str, object]
    read_on: date | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found about one machine; `verdict` is None for an unknown one.

    `faults` says by meter id why a value could not be judged at all (None: the whole machine).
    """

    machine_id: str
    verdict: Outcome | None
    findings: tuple[Finding, ...] = ()
    faults: Mapping[str | None, Refusal] = field(default_factory=dict)


@dataclass(slots=True)
class _Search:
    """How many looks at other machines are left."""

    looks: int

    def take(self, number: int) -> bool:
        allowed = number <= self.looks
        self.looks -= number if allowed else 0
        return allowed


def check_values(
    doors: Doors, at: Moment, asked: Sequence[Typed], *, as_of: date | None = None
) -> list[Judged]:
    """Judge every machine's values by its own history, in the order asked.

    With `as_of` only readings of earlier days are known, and neither today's contract nor today's
    due date limits the day of reading. A closed slot is no reason not to judge. Reads the pointers
    in batches and each company once. Raises MachineTwice, NotInThePast.
    """
    if as_of is not None and as_of > at.today:
        raise NotInThePast(field="as_of")
    wanted = _once(asked)
    companies: dict[str, list[Typed]] = {}
    for machine_id, company_id in portfolio.companies_of(doors.table, "MACHINE", wanted).items():
        companies.setdefault(company_id, []).append(wanted[machine_id])
    search = _Search(MOST_LOOKS)
    judged: dict[str, Judged] = {}
    for company_id, typed in sorted(companies.items()):
        held = portfolio.load(doors.table, company_id)
        if held is not None:
            found = _of_company(held, typed, at.today, as_of, search)
            judged |= {one.machine_id: one for one in found}
    return [judged.get(one.machine_id) or _unknown(one.machine_id) for one in asked]


def _once(asked: Sequence[Typed]) -> dict[str, Typed]:
    wanted: dict[str, Typed] = {}
    for number, typed in enumerate(asked):
        if typed.machine_id in wanted:
            raise MachineTwice(field=f"machines.{number}.machine_id")
        wanted[typed.machine_id] = typed
    return wanted


def _unknown(machine_id: str) -> Judged:
    return Judged(machine_id, None, faults={None: UnknownMachine()})


def _of_company(
    held: Holding, asked: Iterable[Typed], today: date, as_of: date | None, search: _Search
) -> Iterable[Judged]:
    fleet = held.machines
    if as_of is not None:
        fleet = {number: as_known_on(machine, as_of) for number, machine in fleet.items()}
    for typed in asked:
        machine = fleet.get(typed.machine_id)
        if machine is None:
            continue
        contract = held.contracts.get(machine.contract_id)
        starts_on = contract.starts_on if contract else None
        earliest = earliest_day(machine, starts_on) if as_of is None else None
        others = [other for other in fleet.values() if other.id != machine.id]
        yield _of_machine(machine, typed, as_of or today, earliest, others, search)


def _of_machine(
    machine: Machine,
    typed: Typed,
    day: date,
    earliest: date | None,
    others: Sequence[Machine],
    search: _Search,
) -> Judged:
    values, faults = _read(machine, typed.values)
    prepared = prepare_machine(
        machine,
        read_on=typed.read_on or day,
        today=day,
        pages_per_minute=pages_per_minute(machine.model),
        model_volume=pages_per_year(machine.model),
        earliest=earliest,
        meter_ids=values,
    )
    check = prepared.check(values)
    doubted = [meter_id for meter_id in check.meters if _doubts(check.of(meter_id))]
    if doubted and others and search.take(len(doubted) * len(others)):
        check = prepared.check(values, others=others)
    return Judged(machine.id, _outcome(check, faults), check.findings, faults)


def _read(
    machine: Machine, typed: Mapping[str, object]
) -> tuple[dict[str, int], dict[str | None, Refusal]]:
    """What was typed as numbers, for any meter of the machine, and why some of it is none."""
    values: dict[str, int] = {}
    faults: dict[str | None, Refusal] = {}
    for meter_id, text in typed.items():
        meter = machine.meter(meter_id)
        if meter is None:
            faults[meter_id] = UnknownMeter()
            continue
        try:
            values[meter_id] = _number(meter, text)
        except ValueRefused as refused:
            faults[meter_id] = refused
    return values, faults


def _number(meter: Meter, text: object) -> int:
    """The number typed. A digit or two too many are left to the check, which offers what is meant."""
    digits = digits_shown(meter)
    try:
        return normalise(text, digits=digits + _SPARE_DIGITS)
    except TooManyDigits:
        return normalise(text, digits=digits)


def _outcome(check: Check, faults: Mapping[str | None, Refusal]) -> Outcome:
    if faults or _doubts(check.findings):
        return Outcome.IMPLAUSIBLE
    if any(check.verdict(meter_id) is Verdict.UNCHECKED for meter_id in check.meters):
        return Outcome.UNCHECKED
    return Outcome.PLAUSIBLE


def _doubts(findings: Iterable[Finding]) -> bool:
    return any(finding.severity in _DOUBTED for finding in findings)
