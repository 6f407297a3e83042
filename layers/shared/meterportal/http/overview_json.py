"""A contact's machines as both APIs show them: to the contact, and to staff who look as the contact does."""

from datetime import date
from functools import lru_cache
from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from meterportal.domain.portfolio.machines import MeterKind, Problem, ProblemKind
from meterportal.domain.portfolio.outlines import OverviewMachine
from meterportal.domain.reporting.entry import reported_at, reporter
from meterportal.domain.reporting.overviews import Overview
from meterportal.domain.reporting.readings import Reading, ReadingState, Verdict
from meterportal.http.answers import Written, as_json
from meterportal.http.finding_json import FindingJson, findings_as_json
from meterportal.http.json_types import (
    IsoDay,
    IsoTime,
    LastJson,
    LocationJson,
    NamedJson,
    PersonJson,
    company_as_json,
    location_as_json,
)


class ReadingJson(TypedDict):
    """A value of the current period."""

    value: int
    read_on: IsoDay
    state: ReadingState
    verdict: Verdict
    reason: str
    findings: list[FindingJson]
    released_on: IsoDay | None


class ReportedReadingJson(ReadingJson):
    """A value with when and by whom it came in."""

    reported_at: IsoTime | None
    reported_by: Annotated[
        PersonJson | None, Field(description="null: none of the company's contacts")
    ]


class MeterJson(TypedDict):
    """A billable meter: its last value, and the one of the current period."""

    id: str
    label: str
    display_label: str
    kind: MeterKind
    last: LastJson | None
    reading: ReportedReadingJson | None


class ProblemJson(TypedDict):
    """A problem with a machine; accepted: staff agreed that nobody is asked for this period."""

    id: str
    kind: ProblemKind
    reported_on: IsoDay
    state: Literal["open", "accepted"]
    text: str
    meter_id: str | None


class MachineJson(TypedDict):
    """A machine with what is due and what is reported."""

    id: str
    serial: str
    maker: str
    model: str
    location: LocationJson
    customer_no: str

    due_on: Annotated[IsoDay | None, Field(description="null only with scope=company")]
    version: int
    complete: bool
    problem: ProblemJson | None
    meters: list[MeterJson]
    opens_on: NotRequired[
        Annotated[IsoDay, Field(description="Only where the period takes no reading yet")]
    ]
    may_report: NotRequired[Annotated[bool, Field(description="Only with scope=company")]]


class ProgressJson(TypedDict):
    """Machines that are complete, of those that are due."""

    reported: int
    total: int


class OverviewJson(TypedDict):
    """A page of machines, in walking order. The first page holds the first of all; the pages behind it
    go through all machines by stretches of their numbers, those of the first page among them."""

    company: NamedJson
    today: IsoDay
    due_on: IsoDay | None
    progress: ProgressJson
    next_cursor: str | None
    machines: Written[list[MachineJson]]
    opens_on: NotRequired[
        Annotated[IsoDay, Field(description="The first day on which a waiting machine opens")]
    ]
    order: NotRequired[
        Annotated[
            list[str],
            Field(
                description="Only on the first of several pages: the ids of the machines that it does not hold, in walking order"
            ),
        ]
    ]


def overview_as_json(
    found: Overview, next_cursor: str | None, today: date, language: str
) -> OverviewJson:
    """One page of the overview."""
    facts = found.facts
    told: OverviewJson = {
        "company": company_as_json(found.company),
        "today": today.isoformat(),
        "due_on": facts.due_on.isoformat() if facts.due_on else None,
        "progress": {"reported": facts.reported, "total": facts.total},
        "next_cursor": next_cursor,
        "machines": _machines(found, language),
    }
    if facts.opens_on:
        told["opens_on"] = facts.opens_on.isoformat()
    if found.order:
        told["order"] = list(found.order)
    return told


def _machines(found: Overview, language: str) -> Written[list[MachineJson]]:
    return Written(f"[{','.join(_machine(one, found, language) for one in found.machines)}]")


def _machine(machine: OverviewMachine, found: Overview, language: str) -> str:
    """A `MachineJson` as text; its meters come last."""
    silent = found.reportable is not None and machine.id not in found.reportable
    problem = problem_as_json(machine.problem) if machine.problem else None
    if problem and silent:
        problem["text"] = ""
    card: dict[str, object] = {
        "id": machine.id,
        "serial": machine.serial,
        "maker": machine.maker,
        "model": machine.model,
        "location": location_as_json(machine.location),
        "customer_no": machine.customer_no,
        "due_on": machine.due_on.isoformat() if machine.due_on else None,
        "version": machine.version,
        "complete": machine.complete,
        "problem": problem,
    }
    if machine.id in found.waiting:
        card["opens_on"] = found.waiting[machine.id].isoformat()
    if found.reportable is not None:
        card["may_report"] = not silent
    meters = []
    for meter_id, label, display_label, kind, last, reading in machine.meters:
        names = _names(meter_id, label, display_label, kind)
        told = as_json(_reported(reading, found, language, silent=silent)) if reading else "null"
        meters.append(f'{names},"last":{_last(*last) if last else "null"},"reading":{told}}}')
    return f'{as_json(card)[:-1]},"meters":[{",".join(meters)}]}}'


@lru_cache(maxsize=4096)
def _names(meter_id: str, label: str, display_label: str, kind: str) -> str:
    """The beginning of a `MeterJson` as text; kept, because machines have meters of the same names."""
    told = {"id": meter_id, "label": label, "display_label": display_label, "kind": kind}
    return as_json(told)[:-1]


def _last(value: int, read_on: date, estimated: bool) -> str:
    """A `LastJson` as text."""
    day, truth = _iso(read_on), "true" if estimated else "false"
    return f'{{"value":{value},"read_on":"{day}","estimated":{truth}}}'


_iso = lru_cache(maxsize=4096)(date.isoformat)


def problem_as_json(problem: Problem) -> ProblemJson:
    return {
        "id": problem.id,
        "kind": problem.kind,
        "reported_on": problem.reported_on.isoformat(),
        "state": "accepted" if problem.accepted else "open",
        "text": problem.text,
        "meter_id": problem.meter_id or None,
    }


def _reported(
    reading: Reading, found: Overview, language: str, *, silent: bool
) -> ReportedReadingJson:
    """`silent`: for who only looks. Values, days and names, but not what a reporter and the dealer tell
    each other: the reason, and what was asked about the value."""
    known = reporter(reading, found.contact_id, found.people)
    told = reading_as_json(reading, language)
    if silent:
        told["reason"], told["findings"] = "", []
    return {
        **told,
        "reported_at": reported_at(reading),
        "reported_by": {"name": known[0], "me": known[1]} if known else None,
    }


def reading_as_json(reading: Reading, language: str) -> ReadingJson:
    released = reading.released_at
    return {
        "value": reading.value,
        "read_on": reading.read_on.isoformat(),
        "state": reading.state,
        "verdict": reading.verdict,
        "reason": reading.reason,
        "findings": findings_as_json(reading.findings, language, {}),
        "released_on": released.date().isoformat() if released else None,
    }
