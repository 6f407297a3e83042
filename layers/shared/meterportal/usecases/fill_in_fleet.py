"""A contact takes the fleet home as a spreadsheet, fills it in, and hands it in again.

What is plausible is stored at once; what is doubtful, or would replace a value that stands there,
comes back to be confirmed; every row that cannot be taken comes back with its line and the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from meterportal import crypto, workbooks
from meterportal.domain.fleet import filled, handed_out, matching
from meterportal.domain.fleet.filled import MOST_ROWS, Filled
from meterportal.domain.fleet.matching import Claim, Left
from meterportal.domain.machines import Machine
from meterportal.domain.readings import Reading
from meterportal.domain.refusals import AlreadyReleased, NotFound, Refusal
from meterportal.domain.sheets import BOM, rows_as_csv
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.usecases import report_fleet, report_readings, sign_in
from meterportal.usecases.report_fleet import Asked, Fleet, Outcome
from meterportal.usecases.report_readings import Report, Reported


@dataclass(frozen=True, slots=True)
class Taken:
    """`told` is what stands now, or on a dry run would stand."""

    claim: Claim
    told: Reported


@dataclass(frozen=True, slots=True)
class ToCheck:
    """Nothing of this machine was stored. `refusal` says why (None: only because other values stand
    there already), `standing` holds those readings by meter id.
    """

    claim: Claim
    report: Report
    refusal: Refusal | None
    standing: Mapping[str, Reading]


@dataclass(frozen=True, slots=True)
class HandedIn:
    """`blank`: rows that name no new value."""

    taken: Sequence[Taken]
    to_check: Sequence[ToCheck]
    left: Sequence[Left]
    blank: int
    language: str


def as_workbook(doors: Doors, at: Moment, cookie: str | None, language: str | None) -> bytes:
    """The fleet as a workbook to fill in. Three reads. `language` is the contact's if not given."""
    fleet = _fleet(doors, at, cookie)
    spoken = language or fleet.language
    title = "Meter readings" if spoken == "en" else "Zählerstände"
    rows = handed_out.table(fleet.machines.values(), spoken)
    return workbooks.workbook(rows, title=title, widths=handed_out.WIDTHS)


def as_csv(doors: Doors, at: Moment, cookie: str | None, language: str | None) -> str:
    """The same as CSV."""
    fleet = _fleet(doors, at, cookie)
    rows = handed_out.table(fleet.machines.values(), language or fleet.language)
    return BOM + "".join(rows_as_csv(rows))


def hand_in(
    doors: Doors,
    at: Moment,
    cookie: str | None,
    content: bytes,
    *,
    dry_run: bool,
    key: str | None = None,
) -> HandedIn:
    """What became of each row of a workbook, a CSV file or cells pasted as text.

    Three reads, and a transaction for each 48 machines that are stored. Raises SheetRefused, BadKey,
    ReusedKey, NotSignedIn.
    """
    report_readings.refuse_bad_key(key)
    session = sign_in.session_of(doors, at, cookie)
    asked = Asked(key, crypto.digest(content.hex())) if key and not dry_run else None
    fleet = report_fleet.look(doors, at, session, asked)
    sign_in.keep_alive(doors, at, session)
    sheet = _read(content, fleet.machines.values())
    claims, left = matching.match(sheet.lines, fleet.machines)
    settled = [found for claim in claims if (found := _standing_already(claim))]
    done = {taken.claim.machine.id for taken in settled}
    asking = [claim for claim in claims if claim.machine.id not in done]
    reports = {claim.machine.id: _report(claim, at) for claim in asking}
    replacing = {
        claim.machine.id: standing
        for claim in asking
        if claim.machine.id not in fleet.told and (standing := _replaced(claim))
    }
    outcomes = _outcomes(doors, at, fleet, reports, replacing, asked, dry_run=dry_run)
    taken, to_check = [*settled], []
    for claim in asking:
        report, outcome = reports[claim.machine.id], outcomes[claim.machine.id]
        standing = replacing.get(claim.machine.id, {})
        if isinstance(outcome, NotFound | AlreadyReleased):
            left += [Left(line, outcome) for line in claim.lines.values()]
        elif isinstance(outcome, Refusal):
            to_check.append(ToCheck(claim, _now(report, outcome), outcome, standing))
        elif standing:
            to_check.append(ToCheck(claim, report, None, standing))
        else:
            taken.append(Taken(claim, outcome))
    return HandedIn(
        taken=sorted(taken, key=lambda one: one.claim.first),
        to_check=to_check,
        left=sorted(left, key=lambda one: one.line.number),
        blank=sheet.blank,
        language=fleet.language,
    )


def _fleet(doors: Doors, at: Moment, cookie: str | None) -> Fleet:
    session = sign_in.session_of(doors, at, cookie)
    fleet = report_fleet.look(doors, at, session)
    sign_in.keep_alive(doors, at, session)
    return fleet


def _read(content: bytes, machines: Iterable[Machine]) -> Filled:
    if workbooks.is_workbook(content):
        rows = iter(workbooks.rows(content, most=MOST_ROWS))
    else:
        rows = filled.text_rows(content)
    meters = (meter for machine in machines for meter in machine.billable_meters)
    labels = {label for meter in meters for label in (meter.label, meter.display_label) if label}
    return filled.filled(rows, labels)


def _report(claim: Claim, at: Moment) -> Report:
    return Report(claim.values, {}, claim.machine.version, claim.read_on or at.today)


def _standing_already(claim: Claim) -> Taken | None:
    """A claim whose values all stand there already: without a date of its own it is no correction."""
    machine = claim.machine
    readings = tuple(r for meter_id in claim.values if (r := machine.reading(meter_id)))
    if {r.meter_id: r.value for r in readings} != claim.values:
        return None
    if claim.read_on is not None and any(r.read_on != claim.read_on for r in readings):
        return None
    return Taken(claim, Reported(machine.version, readings, ""))


def _replaced(claim: Claim) -> dict[str, Reading]:
    """Readings with another value that the claim would replace: never without being asked."""
    return {
        meter_id: reading
        for meter_id, value in claim.values.items()
        if (reading := claim.machine.reading(meter_id)) and reading.value != value
    }


def _outcomes(
    doors: Doors,
    at: Moment,
    fleet: Fleet,
    reports: Mapping[str, Report],
    replacing: Mapping[str, object],
    asked: Asked | None,
    *,
    dry_run: bool,
) -> dict[str, Outcome]:
    """Judge all, store those that replace nothing unless it is a dry run."""
    judged = {
        number: report_fleet.decided(fleet, number, report, at)
        for number, report in reports.items()
        if dry_run or number in replacing
    }
    storing = {number: report for number, report in reports.items() if number not in judged}
    return judged | report_fleet.store(doors, at, fleet, storing, asked)


def _now(report: Report, outcome: Refusal) -> Report:
    """The report on the version that stands there now, where somebody came between."""
    version = outcome.facts.get("version")
    return replace(report, version=version) if isinstance(version, int) else report
