"""Fleet sheets: a contact downloads the fleet as a spreadsheet, fills it in, and hands it in.

Plausible values are stored at once. Doubtful values, and values that replace a stored one, are
returned for confirmation. Each row that is refused is returned with its line and the reason.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from meterportal import crypto, workbooks
from meterportal.adapters import Adapters
from meterportal.archives import REQUEST
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.portfolio.progress import reported_of
from meterportal.domain.refusals import AlreadyReleased, NotFound, Refusal
from meterportal.domain.reporting import periods
from meterportal.domain.reporting.fleet import filled, handed_back, handed_out, matching
from meterportal.domain.reporting.fleet.filled import Filled
from meterportal.domain.reporting.fleet.matching import Claim, Left
from meterportal.domain.reporting.fleet.refusals import SheetRefused
from meterportal.domain.reporting.periods import NotOpenYet
from meterportal.domain.reporting.readings import Reading
from meterportal.domain.sheets import BOM, csv_of
from meterportal.domain.tables.records import Record
from meterportal.domain.unreadable import Unreadable
from meterportal.settings import Moment
from meterportal.usecases.access import sign_in
from meterportal.usecases.reporting import report_fleet
from meterportal.usecases.reporting.report_fleet import Asked, Fleet, Outcome
from meterportal.usecases.reporting.report_readings import Report, Reported


@frozen
class TakenMachine:
    """`told` is the state after storing; in a dry run, the state that storing would give."""

    claim: Claim
    told: Reported


@frozen
class ToCheck:
    """A machine of which nothing was stored. `refusal` says why (None: only because other values
    are stored already), `standing` holds those readings by meter id.
    """

    claim: Claim
    report: Report
    refusal: Refusal | None
    standing: Mapping[str, Reading]


@frozen
class HandedIn:
    """`sheet_name` is empty for text. `blank` are rows of known machines without a new value, `ignored` values in columns of meters
    that a machine does not bill. `reported` of `total` machines are complete with the values taken,
    as the overview counts them.
    """

    sheet: Filled
    sheet_name: str
    taken: Sequence[TakenMachine]
    to_check: Sequence[ToCheck]
    left: Sequence[Left]
    blank: int
    ignored: int
    reported: int
    total: int
    language: str


def as_workbook(adapters: Adapters, at: Moment, cookie: str | None, language: str | None) -> bytes:
    """The fleet as a workbook to fill in. Three reads. `language` is the contact's if not given."""
    fleet = _fleet(adapters, at, cookie)
    sheet_language = language or fleet.language
    title = "Meter readings" if sheet_language == "en" else "Zählerstände"
    rows = handed_out.table(fleet.machines.values(), sheet_language)
    return workbooks.workbook(rows, title=title, widths=handed_out.WIDTHS)


def as_csv(adapters: Adapters, at: Moment, cookie: str | None, language: str | None) -> str:
    """The same as CSV."""
    fleet = _fleet(adapters, at, cookie)
    rows = handed_out.table(fleet.machines.values(), language or fleet.language)
    return BOM + csv_of(rows)


def hand_in(
    adapters: Adapters,
    at: Moment,
    cookie: str | None,
    content: bytes,
    *,
    dry_run: bool,
    key: str | None = None,
) -> HandedIn:
    """Reads a workbook, a CSV file or cells pasted as text; returns what became of each row.

    Three reads, and a transaction for each 48 machines that are stored. Raises SheetRefused,
    ReusedKey, NotSignedIn.
    """
    session = sign_in.session_of(adapters, at, cookie)
    asked = Asked(key, crypto.digest(content.hex())) if key and not dry_run else None
    fleet = report_fleet.look(adapters, at, session, asked)
    sign_in.keep_alive(adapters, at, session)
    sheet, sheet_name = _read(content, fleet.machines.values())
    matched = matching.match(sheet, fleet.machines)
    left = list(matched.left)
    settled = [found for claim in matched.claims if (found := _standing_already(claim))]
    done = {taken.claim.machine.id for taken in settled}
    asking = [claim for claim in matched.claims if claim.machine.id not in done]
    reports = {claim.machine.id: _report(claim, at) for claim in asking}
    replacing = {
        claim.machine.id: standing
        for claim in asking
        if claim.machine.id not in fleet.told and (standing := _replaced(claim))
    }
    outcomes = _outcomes(adapters, at, fleet, reports, replacing, asked, dry_run=dry_run)
    taken, to_check = [*settled], []
    for claim in asking:
        report, outcome = reports[claim.machine.id], outcomes[claim.machine.id]
        standing = replacing.get(claim.machine.id, {})
        if isinstance(outcome, NotFound | AlreadyReleased | NotOpenYet):
            left += [Left(line, outcome) for line in claim.lines.values()]
        elif isinstance(outcome, Refusal):
            to_check.append(ToCheck(claim, _now(report, outcome), outcome, standing))
        elif standing:
            to_check.append(ToCheck(claim, report, None, standing))
        else:
            taken.append(TakenMachine(claim, outcome))
    after = _with(fleet.machines, taken).values()
    waiting = periods.waiting(after, fleet.contracts, today=at.today, grace=fleet.grace)
    reported, total = reported_of(after, waiting)
    return HandedIn(
        sheet=sheet,
        sheet_name=sheet_name,
        taken=sorted(taken, key=lambda one: one.claim.first),
        to_check=to_check,
        left=sorted(left, key=lambda one: one.line.number),
        blank=len(matched.blank),
        ignored=len(matched.ignored),
        reported=reported,
        total=total,
        language=fleet.language,
    )


def rejected(
    adapters: Adapters, at: Moment, cookie: str | None, content: bytes, language: str | None
) -> bytes:
    """The refused rows of a sheet, as a workbook to correct. Nothing is stored."""
    result = hand_in(adapters, at, cookie, content, dry_run=True)
    sheet_language = language or result.language
    title = "To mend" if sheet_language == "en" else "Zu berichtigen"
    rows = list(handed_back.table(result.sheet, result.left, sheet_language))
    return workbooks.workbook(rows, title=title, widths=[20] * (len(rows[0]) - 1) + [80])


def _with(machines: Mapping[str, Machine], taken: Iterable[TakenMachine]) -> dict[str, Machine]:
    """The machines with the readings that were taken."""
    after = dict(machines)
    for one in taken:
        machine = after[one.claim.machine.id]
        new = {(reading.meter_id, reading.due_on): reading for reading in one.told.readings}
        kept = (r for r in machine.readings if (r.meter_id, r.due_on) not in new)
        after[machine.id] = replace(machine, readings=(*kept, *new.values()))
    return after


def _fleet(adapters: Adapters, at: Moment, cookie: str | None) -> Fleet:
    session = sign_in.session_of(adapters, at, cookie)
    fleet = report_fleet.look(adapters, at, session)
    sign_in.keep_alive(adapters, at, session)
    return fleet


def _read(content: bytes, machines: Iterable[Machine]) -> tuple[Filled, str]:
    """Reads the values that are filled in, and the name of the sheet. Raises SheetRefused."""
    meters = (meter for machine in machines for meter in machine.billable_meters)
    labels = {label for meter in meters for label in (meter.label, meter.display_label) if label}
    stream = io.BytesIO(content)
    try:
        if workbooks.recognised(stream, REQUEST) is workbooks.FileKind.TEXT:
            return filled.read_text(content, labels), ""
        book = workbooks.opened(stream, REQUEST)
        sheet = _sheet(book, filled.score_of(labels))
        rows = (Record(number, 0, cells) for number, cells in book.rows(sheet)) if sheet else ()
        return filled.filled(rows, labels), sheet.name if sheet else ""
    except Unreadable as unreadable:
        facts: dict[str, Any] = {"de": unreadable.text("de"), "en": unreadable.text("en")}
        raise SheetRefused(**{**unreadable.facts, **facts}) from unreadable


def _sheet(
    book: workbooks.Book, score: Callable[[Sequence[object]], int]
) -> workbooks.WorkbookSheet | None:
    """The first sheet whose headings are known; if there is none, the first that is not empty."""
    held = [sheet for sheet in book.sheets if sheet.head]
    known = (sheet for sheet in held if any(score(cells) for _, cells in sheet.head))
    return next(known, held[0] if held else None)


def _report(claim: Claim, at: Moment) -> Report:
    return Report(claim.values, {}, claim.machine.version, claim.read_on or at.today)


def _standing_already(claim: Claim) -> TakenMachine | None:
    """The answer for a claim whose values are all stored already: without a date of its own it is
    no correction.
    """
    machine = claim.machine
    readings = tuple(r for meter_id in claim.values if (r := machine.reading(meter_id)))
    if {r.meter_id: r.value for r in readings} != claim.values:
        return None
    if claim.read_on is not None and any(r.read_on != claim.read_on for r in readings):
        return None
    return TakenMachine(claim, Reported(machine.version, readings, ""))


def _replaced(claim: Claim) -> dict[str, Reading]:
    """Readings with another value that the claim would replace: only after the
    contact confirms it.
    """
    return {
        meter_id: reading
        for meter_id, value in claim.values.items()
        if (reading := claim.machine.reading(meter_id)) and reading.value != value
    }


def _outcomes(
    adapters: Adapters,
    at: Moment,
    fleet: Fleet,
    reports: Mapping[str, Report],
    replacing: Mapping[str, object],
    asked: Asked | None,
    *,
    dry_run: bool,
) -> dict[str, Outcome]:
    """Judges all reports and stores those that replace nothing, unless it is a dry run."""
    judged = {
        number: report_fleet.decided(fleet, number, report, at)
        for number, report in reports.items()
        if dry_run or number in replacing
    }
    storing = {number: report for number, report in reports.items() if number not in judged}
    return judged | report_fleet.store(adapters, at, fleet, storing, asked)


def _now(report: Report, outcome: Refusal) -> Report:
    """The report, based on the current version where somebody else wrote meanwhile."""
    version = outcome.facts.get("version")
    return replace(report, version=version) if isinstance(version, int) else report
