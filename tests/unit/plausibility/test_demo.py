"""How good the check is on the demo export: true values in peace, slips found.

The last reading of every meter is judged by the history before it. The forecast's constants were
chosen on the readings before the last, never on these.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path

import pytest
from meterportal.domain.plausibility.models import pages_per_minute
from meterportal.domain.plausibility.usage import segments
from meterportal.domain.plausibility.verdict import Check
from meterportal.domain.portfolio.machines import Effective, Machine, Meter, MeterKind
from meterportal.domain.reporting.readings import Verdict

from tests.unit.plausibility.examples import check_machine

DEMO = Path(__file__).parents[3] / "infra" / "local" / "demo"
KINDS = {"schwarz/weiss": MeterKind.BW, "Farbe": MeterKind.COLOUR, "Scan": MeterKind.SCAN}


@dataclass(frozen=True)
class Held:
    """A meter's last true reading, held back from the machine that is to judge it."""

    machine: Machine
    meter: Meter
    reading: Effective
    stood_still: bool

    def check(self, value: int) -> Check:
        return check_machine(
            self.machine,
            {self.meter.id: value},
            read_on=self.reading.read_on,
            today=self.reading.read_on,
            pages_per_minute=pages_per_minute(self.machine.model),
        )

    def caught(self, value: int) -> bool:
        checked = self.check(value)
        return checked.blocked or checked.warned(self.meter.id)


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DEMO / name).open(encoding="cp1252", newline="") as file:
        yield from csv.DictReader(file, delimiter=";")


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007  # a date has no zone
    except ValueError:
        return None


def _whole(text: str) -> int | None:
    return int(text) if text else None


@cache
def held_back() -> tuple[Held, ...]:
    history: dict[tuple[str, str], list[Effective]] = defaultdict(list)
    for row in _rows("zaehlerstaende.csv"):
        if on := _day(row["Datum"]):
            history[row["Maschinennummer"], row["Zählernummer"]].append(
                Effective(
                    on,
                    int(row["Stand"]),
                    estimated=row["Geschätzt"] == "J",
                    billed=row["Abgerechnet"] == "J",
                    reset_end=_whole(row["Nullung bei"]),
                    reset_start=_whole(row["Nullung Startzähler"]),
                )
            )
    meters: dict[str, list[Meter]] = defaultdict(list)
    for row in _rows("zaehler.csv"):
        readings = sorted(
            history[row["Maschinennummer"], row["Zählernummer"]], key=lambda entry: entry.read_on
        )
        kind = KINDS[row["Art"]]
        digits, name = int(row["Stellen"]), row["Zählernummer"]
        meters[row["Maschinennummer"]].append(
            Meter(name, row["Zähler"], kind, digits=digits, history=tuple(readings))
        )
    return tuple(
        held
        for row in _rows("maschinen.csv")
        for held in _held(row["Maschinennummer"], row["Modell"], meters[row["Maschinennummer"]])
    )


def _held(number: str, model: str, meters: list[Meter]) -> Iterator[Held]:
    before = tuple(replace(meter, history=meter.history[:-1]) for meter in meters)
    machine = Machine(number, "10000", "70001", model=model, meters=before)
    for full, known in zip(meters, before, strict=True):
        last = full.last
        if last and not last.estimated and last.reset_end is None:
            still = known.last is not None and known.last.value == last.value
            yield Held(machine, known, last, still)


def with_a_history() -> list[Held]:
    """Meters with at least three intervals before the held one, and a page in it."""
    return [h for h in held_back() if len(segments(h.meter)) >= 3 and not h.stood_still]


def test_hardly_a_true_value_is_asked_about() -> None:
    held = held_back()
    asked = [h for h in held if h.caught(h.reading.value)]
    used = [h for h in asked if not h.stood_still]
    assert len(held) > 600
    assert len(used) < 0.01 * len(held)
    assert len(asked) < 0.02 * len(held)


def test_most_true_values_with_a_history_get_their_tick() -> None:
    verdicts = Counter(h.check(h.reading.value).verdict(h.meter.id) for h in with_a_history())
    assert verdicts[Verdict.PLAUSIBLE] > 0.98 * verdicts.total()


def test_meters_with_one_reading_are_called_unchecked() -> None:
    new = [h for h in held_back() if len(h.meter.history) == 1 and not h.stood_still]
    verdicts = {h.check(h.reading.value).verdict(h.meter.id) for h in new}
    assert verdicts <= {Verdict.UNCHECKED}


def test_a_zero_too_many_and_a_digit_too_few_are_caught() -> None:
    held = with_a_history()
    assert all(h.caught(h.reading.value * 10) for h in held)
    assert all(h.caught(h.reading.value // 10) for h in held)


def test_the_value_of_another_meter_of_the_machine_is_mostly_caught() -> None:
    tried = [
        h.caught(other.last.value)
        for h in with_a_history()
        for other in h.machine.meters
        if other.id != h.meter.id and other.last is not None
    ]
    assert sum(tried) > 0.9 * len(tried)


@pytest.mark.parametrize(("factor", "share"), [(3, 0.65), (5, 0.95), (20, 0.995)])
def test_several_times_the_true_usage_is_caught(factor: int, share: float) -> None:
    """Three times a quiet month may be a usual one; the more, the surer."""
    held = with_a_history()
    found = [
        h.caught(h.meter.last.value + factor * (h.reading.value - h.meter.last.value))
        for h in held
        if h.meter.last is not None and h.reading.value > h.meter.last.value
    ]
    assert sum(found) >= share * len(found)
