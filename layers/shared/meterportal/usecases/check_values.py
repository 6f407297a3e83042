"""Staff have the values of many machines checked, now or as of a past day. Nothing is stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from meterportal.domain.entry import UnknownMeter, earliest_day, number_of
from meterportal.domain.findings import Finding, Severity
from meterportal.domain.machines import Machine
from meterportal.domain.plausibility.backtest import as_known_on
from meterportal.domain.plausibility.models import pages_per_minute, pages_per_year
from meterportal.domain.plausibility.neighbours import check_closely
from meterportal.domain.plausibility.numbers import ValueRefused
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.plausibility.verdict import Check, prepare_machine
from meterportal.domain.readings import Verdict
from meterportal.domain.refusals import MachineTwice, Refusal
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import portfolio, tolerances
from meterportal.store.portfolio import Holding
from meterportal.usecases.neighbours import Looks

MOST_LOOKS = 20_000
"""Looks at another machine that one request may take; a look costs up to 0.3 ms of a function that
ends after 29 seconds. Behind that, doubtful values are not compared with other machines."""
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


@dataclass(frozen=True, slots=True)
class _Bench:
    """What one request judges by: the day, the dealer's tolerances, and looks at other machines."""

    today: date
    as_of: date | None
    tolerances: ToleranceSettings
    looks: Looks

    @property
    def day(self) -> date:
        return self.as_of or self.today


def check_values(
    doors: Doors, at: Moment, asked: Sequence[Typed], *, as_of: date | None = None
) -> list[Judged]:
    """Judge every machine's values by its own history, in the order asked.

    With `as_of` only readings of earlier days are known, and neither today's contract nor today's
    due date limits the day of reading; the tolerances are today's all the same. A closed slot is no
    reason not to judge. Reads the pointers and the tolerances in batches and each company once. Raises MachineTwice, NotInThePast.
    """
    if as_of is not None and as_of > at.today:
        raise NotInThePast(field="as_of")
    wanted = _once(asked)
    companies: dict[str, list[Typed]] = {}
    owners, settings = tolerances.beside_owners(doors.table, "MACHINE", wanted)
    for machine_id, company_id in owners.items():
        companies.setdefault(company_id, []).append(wanted[machine_id])
    bench = _Bench(at.today, as_of, settings, Looks(MOST_LOOKS))
    judged: dict[str, Judged] = {}
    for company_id, typed in sorted(companies.items()):
        held = portfolio.load(doors.table, company_id)
        if held is not None:
            found = _of_company(held, typed, bench)
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


def _of_company(held: Holding, asked: Iterable[Typed], bench: _Bench) -> Iterable[Judged]:
    fleet = held.machines
    if bench.as_of is not None:
        fleet = {number: as_known_on(machine, bench.as_of) for number, machine in fleet.items()}
    for typed in asked:
        machine = fleet.get(typed.machine_id)
        if machine is None:
            continue
        contract = held.contracts.get(machine.contract_id)
        starts_on = contract.starts_on if contract else None
        earliest = earliest_day(machine, starts_on) if bench.as_of is None else None
        yield _of_machine(machine, typed, earliest, fleet.values(), bench)


def _of_machine(
    machine: Machine,
    typed: Typed,
    earliest: date | None,
    fleet: Collection[Machine],
    bench: _Bench,
) -> Judged:
    values, faults = _read(machine, typed.values)
    prepared = prepare_machine(
        machine,
        read_on=typed.read_on or bench.day,
        today=bench.day,
        pages_per_minute=pages_per_minute(machine.model),
        model_volume=pages_per_year(machine.model),
        earliest=earliest,
        tolerances=bench.tolerances,
        meter_ids=values,
    )
    check = check_closely(prepared, values, bench.looks.among(machine, fleet))
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
            values[meter_id] = number_of(meter, text)
        except ValueRefused as refused:
            faults[meter_id] = refused
    return values, faults


def _outcome(check: Check, faults: Mapping[str | None, Refusal]) -> Outcome:
    if faults or _doubts(check.findings):
        return Outcome.IMPLAUSIBLE
    if any(check.verdict(meter_id) is Verdict.UNCHECKED for meter_id in check.meters):
        return Outcome.UNCHECKED
    return Outcome.PLAUSIBLE


def _doubts(findings: Iterable[Finding]) -> bool:
    return any(finding.severity in _DOUBTED for finding in findings)
