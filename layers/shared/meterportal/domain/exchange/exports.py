"""Exports: released readings as lines from which the ERP bills, and the ERP's answer to them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from meterportal.domain.exchange.exchanges import (
    EXCHANGE_COLUMNS,
    exchange_columns,
    replaced_by,
    replaces,
)
from meterportal.domain.exchange.line_kinds import LineAnswer, LineKind
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.machines import Effective, Machine, Meter, MeterKind
from meterportal.domain.refusals import Conflict, Refusal
from meterportal.domain.reporting.readings import Reading, ReadingState, reading_id
from meterportal.domain.sheets import Cell

ExportLine = Mapping[str, Any]
"""One reading of a batch with the API's names: one object of readings.json."""

Place = tuple[str, str]
"""Company and machine."""

CHANNELS: Mapping[ReadingChannel, str] = {
    ReadingChannel.PORTAL: "CO Portal",
    ReadingChannel.MPS: "MPS",
    ReadingChannel.TECHNICIAN: "Techniker",
    ReadingChannel.PHONE: "Telefon",
    ReadingChannel.EMAIL: "E-Mail",
    ReadingChannel.LETTER: "Brief",
    ReadingChannel.ESTIMATE: "Schätzung",
}
"""The ERP's words, as its own export has them."""

KINDS: Mapping[MeterKind, str] = {
    MeterKind.BW: "schwarz/weiss",
    MeterKind.COLOUR: "Farbe",
    MeterKind.SCAN: "Scan",
    MeterKind.TOTAL: "Gesamt",
}

COLUMNS: Sequence[str] = (
    "Meldungsnummer",
    "Firmennummer",
    "Vertragsnummer",
    "Maschinennummer",
    "Seriennummer",
    "Zählernummer",
    "Art",
    "Fällig am",
    "Datum",
    "Stand",
    "Meldung durch",
    "Melder",
    "Begründung",
    "Freigegeben am",
    "Freigabegrund",
    "Buchung",
    "Storno zu",
    "Nullung am",
    "Endstand alt",
    "Anfangsstand neu",
    *EXCHANGE_COLUMNS,
)


_KINDS_IN_WORDS: Mapping[LineKind, str] = {
    LineKind.READING: "Meldung",
    LineKind.REVERSAL: "Storno",
    LineKind.CORRECTION: "Korrektur",
}


class NotInBatch(Refusal):
    """Facts: `ids`, the reading ids that are not in the batch."""

    code = "not_in_batch"
    de = "Diese Zählerstände stehen nicht in diesem Export."
    en = "These readings are not part of this export."


class AlreadyBilled(Conflict):
    """Facts: `ids`. A reading that was acknowledged as billed can no longer be refused."""

    code = "already_billed"
    de = "Diese Zählerstände sind bereits als abgerechnet quittiert."
    en = "These readings have already been acknowledged as billed."


class NotExportedYet(Conflict):
    code = "not_exported_yet"
    de = "Dieser Export ist noch nicht fertig."
    en = "This export is not finished yet."


REASON_BYTES = 500
"""Bytes of an ERP's reason that are kept, as JSON in UTF-8: a row of many has one for each of its readings, beside
the customers' own, and an item has 400 KB."""


def kept_reason(reason: str) -> str:
    """The beginning of an ERP's reason that is kept, with an ellipsis where it goes on. The same for the same
    reason: an answer that comes again is recognised."""
    left = REASON_BYTES
    for n, sign in enumerate(reason):
        left -= len(json.dumps(sign, ensure_ascii=False).encode()) - 2
        if left < 0:
            return f"{reason[:n]}…"
    return reason


@frozen
class Acknowledgement:
    """The ERP's answer to a batch: `accepted` reading ids (None: all that it does not refuse).

    `refused` maps reading ids to the ERP's reasons. `only_open`: what was refused before stays so.
    """

    accepted: frozenset[str] | None
    refused: Mapping[str, str]
    only_open: bool = False

    def of(self, number: str) -> str | None:
        """The reason for refusing a reading, "" if it is accepted, None if the answer does not name
        it."""
        if number in self.refused:
            return self.refused[number]
        return "" if self.accepted is None or number in self.accepted else None


def export_lines(machine: Machine, released: Sequence[Reading]) -> list[dict[str, Any]]:
    """The lines of a machine's readings that were released together."""
    return [_export_line(machine, reading) for reading in released]


def correction_lines(machine: Machine, before: Reading, after: Reading) -> list[dict[str, Any]]:
    """The lines of a correction: what was exported is reversed, then the new value. `machine` has the
    new one."""
    reversed_id = reading_id(machine.id, before.meter_id, before.due_on, before.number)
    reversal = _export_line(machine, before) | {
        "reading_id": reading_id(machine.id, before.meter_id, before.due_on, before.number + 1),
        "entry": LineKind.REVERSAL.value,
        "reverses": reversed_id,
        "reset": None,
        "replaced_by": None,
        "replaces": None,
        "released_at": _text(after.released_at),
        "released_by": after.released_by,
        "release_reason": after.release_reason,
    }
    correction = _export_line(machine, after) | {
        "entry": LineKind.CORRECTION.value,
        "reverses": reversed_id,
    }
    return [reversal, correction]


def _export_line(machine: Machine, reading: Reading) -> dict[str, Any]:
    meter = machine.meter(reading.meter_id)
    return {
        "reading_id": reading_id(machine.id, reading.meter_id, reading.due_on, reading.number),
        "company_id": machine.company_id,
        "contract_id": machine.contract_id,
        "machine_id": machine.id,
        "serial": machine.serial,
        "meter_id": reading.meter_id,
        "label": meter.label if meter else "",
        "kind": meter.kind.value if meter else None,
        "due_on": reading.due_on.isoformat(),
        "read_on": reading.read_on.isoformat(),
        "value": reading.value,
        "channel": reading.channel.value,
        "reported_by": reading.reported_by,
        "reported_at": _text(reading.reported_at),
        "verdict": reading.verdict.value,
        "reason": reading.reason,
        "released_at": _text(reading.released_at),
        "released_by": reading.released_by,
        "release_reason": reading.release_reason,
        "entry": LineKind.READING.value,
        "reverses": None,
        "reset": _reset_before(meter, reading) if meter else None,
        "replaced_by": replaced_by(machine, reading),
        "replaces": replaces(machine, meter, reading) if meter else None,
    }


def _reset_before(meter: Meter, reading: Reading) -> dict[str, Any] | None:
    """The board swapped since the reading before, without which the ERP cannot tell the pages. Of
    several: the pages of the boards between are part of the last one's end value."""
    resets: list[Effective] = []
    for entry in meter.history:
        if entry.read_on > reading.read_on:
            break
        shown = (entry.read_on, entry.value) == (reading.read_on, reading.value)
        if entry.entered_here:
            resets.append(entry)
        elif not shown:
            resets = []
    if not resets:
        return None
    last = resets[-1]
    end = sum(one.reset_end or 0 for one in resets)
    end -= sum(one.reset_start or 0 for one in resets[:-1])
    return {"read_on": last.read_on.isoformat(), "end": end, "start": last.reset_start or 0}


def own_id(machine: Machine, reading: Reading) -> str:
    """The id of a machine's reading as it stands now."""
    return reading_id(machine.id, reading.meter_id, reading.due_on, reading.number)


def as_columns(line: ExportLine) -> list[Cell]:
    """A line as a row under `COLUMNS`."""
    return [
        line["reading_id"],
        line["company_id"],
        line["contract_id"],
        line["machine_id"],
        line["serial"],
        line["meter_id"],
        KINDS[line["kind"]] if line["kind"] else "",
        _day(line["due_on"]),
        _day(line["read_on"]),
        line["value"],
        CHANNELS[line["channel"]],
        line["reported_by"],
        line["reason"],
        _moment(line["released_at"]) if line["released_at"] else None,
        line["release_reason"],
        _KINDS_IN_WORDS[line.get("entry", LineKind.READING)],
        line.get("reverses"),
        *_reset_columns(line.get("reset")),
        *exchange_columns(line.get("replaced_by"), line.get("replaces")),
    ]


# A batch has few days and moments, many times each.
_day = lru_cache(maxsize=4096)(date.fromisoformat)
_moment = lru_cache(maxsize=4096)(datetime.fromisoformat)


def _reset_columns(reset: Mapping[str, Any] | None) -> list[Cell]:
    if reset is None:
        return [None, None, None]
    return [_day(reset["read_on"]), reset["end"], reset["start"]]


def answer_to(answers: Mapping[str, str], number: str) -> tuple[LineAnswer, str]:
    """What the ERP has said of a line, and its reason for refusing it."""
    if number not in answers:
        return LineAnswer.OPEN, ""
    reason = answers[number]
    return (LineAnswer.REFUSED if reason else LineAnswer.ACCEPTED), reason


def answers_after(
    lines: Sequence[ExportLine], before: Mapping[str, str], acknowledgement: Acknowledgement
) -> dict[str, str]:
    """The answers to lines after this answer of the ERP: "" for billed, else the reason for
    refusing.

    A billed reading stays billed.
    """
    after = dict(before)
    for line in lines:
        number = line["reading_id"]
        answer = acknowledgement.of(number)
        stays = acknowledgement.only_open and number in before and answer == ""
        if answer is not None and before.get(number) != "" and not stays:
            after[number] = answer
    return after


def apply_answers(
    machine: Machine, lines: Sequence[ExportLine], answers: Mapping[str, str], *, batch: str
) -> tuple[Machine, tuple[Reading, ...]]:
    """The machine after the ERP's answers to some lines, and the readings that changed.

    `answers` are all of one kind, because each kind is a separate event. A reading that is gone, or
    that an import marked as billed already, is not changed.
    """
    changed: list[Reading] = []
    for line in lines:
        reason = answers.get(line["reading_id"])
        reading = machine.reading(line["meter_id"], date.fromisoformat(line["due_on"]))
        if reason is None or reading is None or reading.state is not ReadingState.RELEASED:
            continue
        if line["reading_id"] != own_id(machine, reading):
            continue  # of a reading that was corrected since, or the reversal of one
        if reason:
            settled = replace(reading, batch=batch, export_refused=reason)
        else:
            settled = replace(reading, state=ReadingState.BILLED, batch=batch, export_refused=None)
        changed.append(settled)
        machine = _settled(machine, settled)
    if changed:
        machine = replace(machine, version=machine.version + 1)
    return machine, tuple(changed)


def place_of(line: ExportLine) -> Place:
    """The machine of a line, at the time of the release."""
    return line["company_id"], line["machine_id"]


def places(lines: Iterable[ExportLine]) -> list[Place]:
    """The machines of some lines, each once."""
    return list(dict.fromkeys(map(place_of, lines)))


def by_place(lines: Iterable[ExportLine]) -> dict[Place, list[ExportLine]]:
    """Lines by machine."""
    found: dict[Place, list[ExportLine]] = {}
    for line in lines:
        found.setdefault(place_of(line), []).append(line)
    return found


def handed_over(machine: Machine, lines: Sequence[ExportLine], *, batch: str) -> Machine:
    """The machine whose readings know that a batch took them. A reading that is gone, or was corrected
    since, is not changed; nor is the machine's `version`: no value changes."""
    for line in lines:
        reading = machine.reading(line["meter_id"], date.fromisoformat(line["due_on"]))
        if reading is None or reading.state is not ReadingState.RELEASED:
            continue
        if line["reading_id"] == own_id(machine, reading):
            machine = _settled(machine, replace(reading, batch=batch))
    return machine


def _settled(machine: Machine, reading: Reading) -> Machine:
    readings = tuple(
        reading if (r.meter_id, r.due_on) == (reading.meter_id, reading.due_on) else r
        for r in machine.readings
    )
    if reading.state is not ReadingState.BILLED:
        return replace(machine, readings=readings)
    meters = tuple(
        _billed(meter, reading) if meter.id == reading.meter_id else meter
        for meter in machine.meters
    )
    return replace(machine, readings=readings, meters=meters)


def _billed(meter: Meter, reading: Reading) -> Meter:
    history = tuple(
        entry._replace(billed=True)
        if entry.read_on == reading.read_on and entry.value == reading.value
        else entry
        for entry in meter.history
    )
    return replace(meter, history=history)


def _text(at: datetime | None) -> str | None:
    return at.isoformat(timespec="milliseconds") if at else None
