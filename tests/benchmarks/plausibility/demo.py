"""The demo export as the benchmark sees it: the last true reading of every machine held back."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from meterportal.domain.portfolio.machines import Effective, Machine, Meter, MeterKind

from tests.benchmarks.plausibility.fleets import Held

DEMO = Path(__file__).parents[3] / "infra" / "local" / "demo"
_KINDS = {"schwarz/weiss": MeterKind.BW, "Farbe": MeterKind.COLOUR, "Scan": MeterKind.SCAN}


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DEMO / name).open(encoding="cp1252", newline="") as file:
        yield from csv.DictReader(file, delimiter=";")


def _entry(row: dict[str, str]) -> Effective | None:
    try:
        on = datetime.strptime(row["Datum"], "%d.%m.%Y").date()  # noqa: DTZ007  # a date has no zone
    except ValueError:
        return None
    return Effective(
        on,
        int(row["Stand"]),
        estimated=row["Geschätzt"] == "J",
        billed=row["Abgerechnet"] == "J",
        reset_end=int(row["Nullung bei"]) if row["Nullung bei"] else None,
        reset_start=int(row["Nullung Startzähler"]) if row["Nullung Startzähler"] else None,
    )


def demo_companies() -> list[list[Held]]:
    """The demo's machines by company, each with the values of its last day of reading as truth.

    Estimates and resets on that day are no truth to judge by: their meters stay without a value.
    """
    history: dict[tuple[str, str], list[Effective]] = defaultdict(list)
    for row in _rows("zaehlerstaende.csv"):
        if entry := _entry(row):
            history[row["Maschinennummer"], row["Zählernummer"]].append(entry)
    meters: dict[str, list[Meter]] = defaultdict(list)
    for row in _rows("zaehler.csv"):
        number, machine = row["Zählernummer"], row["Maschinennummer"]
        known = tuple(sorted(history[machine, number], key=lambda entry: entry.read_on))
        meters[machine].append(
            Meter(
                number, row["Zähler"], _KINDS[row["Art"]], digits=int(row["Stellen"]), history=known
            )
        )
    company_of = {row["Vertragsnummer"]: row["Firmennummer"] for row in _rows("vertraege.csv")}
    companies: dict[str, list[Held]] = defaultdict(list)
    for row in _rows("maschinen.csv"):
        company = company_of.get(row["Vertragsnummer"], "")
        if held := _held(row["Maschinennummer"], company, meters[row["Maschinennummer"]]):
            companies[company].append(held)
    return list(companies.values())


def _held(number: str, company: str, meters: list[Meter]) -> Held | None:
    on = max((meter.last.read_on for meter in meters if meter.last), default=date.min)
    before = [
        replace(meter, history=tuple(entry for entry in meter.history if entry.read_on < on))
        for meter in meters
    ]
    values: dict[str, int] = {}
    pages: dict[str, int] = {}
    for full, known in zip(meters, before, strict=True):
        last, previous = full.last, known.last
        if last is None or previous is None or last.read_on != on:
            continue
        if last.estimated or last.reset_end is not None:
            continue
        limit: int = 10**full.digits
        values[full.id] = last.value
        pages[full.id] = (last.value - previous.value) % limit
    machine = Machine(number, company, "contract", meters=tuple(before))
    return Held(machine, "demo", on, values, pages) if values else None
