"""Staff check the values of many machines, as of now or of a past day. Nothing is stored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import date
from enum import StrEnum

from meterportal.adapters import Adapters
from meterportal.domain.frozen import frozen
from meterportal.domain.plausibility.backtest import as_known_on
from meterportal.domain.plausibility.findings import Finding, Severity
from meterportal.domain.plausibility.models import pages_per_minute, pages_per_year
from meterportal.domain.plausibility.neighbours import check_closely
from meterportal.domain.plausibility.numbers import ValueRefused
from meterportal.domain.plausibility.tolerances import ToleranceSettings
from meterportal.domain.plausibility.verdict import Check, prepare_machine
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import MachineTwice, Refusal
from meterportal.domain.reporting.entry import UnknownMeter, earliest_day, number_of
from meterportal.domain.reporting.readings import Verdict
from meterportal.settings import Moment
from meterportal.store.plausibility import tolerances
from meterportal.store.portfolio import holdings
from meterportal.usecases.plausibility.neighbours import Looks

MOST_LOOKS = 20_000
"""Highest number of comparisons with other machines in one request; each takes up to 0.3 ms, and
the function ends after 29 seconds. Above it doubtful values are not compared with other machines.
"""
_DOUBTED = frozenset({Severity.BLOCK, Severity.WARN})


class NotInThePast(Refusal):
    code = "as_of_in_the_future"
    de = "Geprüft werden kann nur mit dem Stand von heute oder früher."
    en = "Values can only be checked as of today or an earlier day."


class UnknownMachine(Refusal):
    code = "unknown_machine"
    de = "Ein Gerät mit dieser Nummer gibt es nicht."
    en = "There is no machine with this number."


class CheckOutcome(StrEnum):
    """The worst result of a machine's meters. `implausible`: the value would be refused or need a
    confirmation.
    """

    PLAUSIBLE = "plausible"
    UNCHECKED = "unchecked"
    IMPLAUSIBLE = "implausible"


@frozen
class Typed:
    """Values by meter id, as typed. Without `read_on` they are of the day that is asked for."""

    machine_id: str
    values: Mapping[str, object]
    read_on: date | None = None


@frozen
class Judged:
    """The result for one machine; `verdict` is None for an unknown machine.

    `faults` says by meter id why a value could not be judged at all (None: the whole machine).
    """

    machine_id: str
    verdict: CheckOutcome | None
    findings: tuple[Finding, ...] = ()
    faults: Mapping[str | None, Refusal] = field(default_factory=dict)


@frozen
class _CheckBasis:
    """What one request judges by: the day, the dealer's tolerances, and the comparisons left."""

    today: date
    as_of: date | None
    tolerances: ToleranceSettings
    looks: Looks

    @property
    def day(self) -> date:
        return self.as_of or self.today


def check_values(
    adapters: Adapters, at: Moment, asked: Sequence[Typed], *, as_of: date | None = None
) -> list[Judged]:
    """Judges every machine's values by its own history, in the order asked.

    With `as_of` only readings before that day are used, and today's contract and due date do not
    limit the day of reading; the tolerances are always today's. Values are judged even if the
    period is closed. Reads the pointers and the tolerances in batches and each company once. Raises
    MachineTwice, NotInThePast.
    """
    if as_of is not None and as_of > at.today:
        raise NotInThePast(field="as_of")
    wanted = _once(asked)
    companies: dict[str, list[Typed]] = {}
    owners, settings = tolerances.beside_owners(adapters.table, "MACHINE", wanted)
    for machine_id, company_id in owners.items():
        companies.setdefault(company_id, []).append(wanted[machine_id])
    basis = _CheckBasis(at.today, as_of, settings, Looks(MOST_LOOKS))
    judged: dict[str, Judged] = {}
    for company_id, typed in sorted(companies.items()):
        held = holdings.load(adapters.table, company_id)
        if held is not None:
            found = _of_company(held, typed, basis)
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


def _of_company(held: Holding, asked: Iterable[Typed], basis: _CheckBasis) -> Iterable[Judged]:
    fleet = held.machines
    if basis.as_of is not None:
        fleet = {number: as_known_on(machine, basis.as_of) for number, machine in fleet.items()}
    for typed in asked:
        machine = fleet.get(typed.machine_id)
        if machine is None:
            continue
        contract = held.contracts.get(machine.contract_id)
        starts_on = contract.starts_on if contract else None
        earliest = earliest_day(machine, starts_on) if basis.as_of is None else None
        yield _of_machine(machine, typed, earliest, fleet.values(), basis)


def _of_machine(
    machine: Machine,
    typed: Typed,
    earliest: date | None,
    fleet: Collection[Machine],
    basis: _CheckBasis,
) -> Judged:
    values, faults = _read(machine, typed.values)
    prepared = prepare_machine(
        machine,
        read_on=typed.read_on or basis.day,
        today=basis.day,
        pages_per_minute=pages_per_minute(machine.model),
        model_volume=pages_per_year(machine.model),
        earliest=earliest,
        tolerances=basis.tolerances,
        meter_ids=values,
    )
    check = check_closely(prepared, values, basis.looks.among(machine, fleet))
    return Judged(machine.id, _outcome(check, faults), check.findings, faults)


def _read(
    machine: Machine, typed: Mapping[str, object]
) -> tuple[dict[str, int], dict[str | None, Refusal]]:
    """The typed values as numbers, for any meter of the machine, and refusals for the others."""
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


def _outcome(check: Check, faults: Mapping[str | None, Refusal]) -> CheckOutcome:
    if faults or _doubts(check.findings):
        return CheckOutcome.IMPLAUSIBLE
    if any(check.verdict(meter_id) is Verdict.UNCHECKED for meter_id in check.meters):
        return CheckOutcome.UNCHECKED
    return CheckOutcome.PLAUSIBLE


def _doubts(findings: Iterable[Finding]) -> bool:
    return any(finding.severity in _DOUBTED for finding in findings)
