"""Learning: what was asked about, confirmed and released widens what is expected, once."""

from __future__ import annotations

from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.settings import settings

from tests.support.builders import a_holding, a_machine, a_meter
from tests.support.customers import put, signed_in, stored
from tests.support.erp_exports import CONTRACTS, READINGS, imported, with_cells
from tests.support.reported import codes, release, seen
from tests.support.stage import Answer, Stage

HIGH = 9_000
"""Pages in 26 days at a meter that counted a thousand a month so far."""


class Months:
    """One machine with one meter, month by month, through the front door."""

    def __init__(self, stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stage, self.adapters, self._patch = stage, adapters, monkeypatch
        self.due_on = "2026-11-28"
        signed_in(stage, adapters, a_holding(machines=[a_machine(meters=(a_meter(),))]))

    @property
    def last(self) -> int:
        found = stored(self.adapters).meters[0].last
        assert found is not None
        return found.value

    def report(self, value: int, reason: str | None = None) -> Answer:
        said: dict[str, Any] = {"confirm": {"1": reason}} if reason else {}
        return put(self.stage, values={"1": value}, version=stored(self.adapters).version, **said)

    def release_by_hand(self) -> None:
        path = f"/api/staff/readings/200001.1.{self.due_on}/release"
        body = {"reason": "Mit Frau Schäfer telefoniert", "version": stored(self.adapters).version}
        answer = self.stage.staff("POST", path, body)
        assert answer.status == 200, answer.text

    def release_by_run(self) -> dict[tuple[str, str | None], str | None]:
        return codes(release(self.stage, seen(stored(self.adapters))))

    def next_month(self, today: str, due_on: str) -> None:
        """The ERP opens the next period; days go by."""
        self._patch.setenv("TODAY", today)
        settings.cache_clear()
        day = ".".join(reversed(due_on.split("-")))
        contracts = with_cells(CONTRACTS, 2, nachste=day, intervall="monatlich")[:2]
        report = imported(self.stage, {"vertraege.csv": contracts})
        assert report["rejected"] == 0, report
        self.due_on = due_on
        assert stored(self.adapters).due_on is not None
        assert str(stored(self.adapters).due_on) == due_on


@pytest.fixture
def months(stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> Months:
    return Months(stage, adapters, monkeypatch)


def test_the_level_that_was_confirmed_and_released_is_not_asked_about_again(
    months: Months,
) -> None:
    asked = months.report(months.last + HIGH)
    assert (asked.status, asked.json["code"]) == (409, "needs_confirmation")
    assert months.report(months.last + HIGH, "Großauftrag").status == 200
    assert months.release_by_run() == {("200001", "1"): "confirmed_by_customer"}
    assert [entry.confirmed for entry in stored(months.adapters).meters[0].history[-1:]] == [False]
    months.release_by_hand()
    (entry,) = stored(months.adapters).meters[0].history[-1:]
    assert (entry.value, entry.confirmed) == (10_000 + HIGH, True)

    months.next_month("2026-12-19", "2026-12-28")
    again = months.report(months.last + HIGH)
    assert (again.status, again.json["readings"][0]["verdict"]) == (200, "plausible")
    assert months.release_by_run() == {("200001", "1"): None}
    assert not stored(months.adapters).meters[0].history[-1].confirmed


def test_it_widens_once_and_to_that_level_only(months: Months) -> None:
    months.report(months.last + HIGH, "Großauftrag")
    months.release_by_hand()
    months.next_month("2026-12-19", "2026-12-28")
    more = months.report(months.last + 2 * HIGH)
    assert more.status == 409
    expected = more.json["findings"][0]["expected"]
    assert HIGH <= expected["high"] <= HIGH * 1.01
    assert months.report(months.last + HIGH, None).status == 200
    months.release_by_run()

    months.next_month("2027-01-14", "2027-01-28")
    third = months.report(months.last + 2 * HIGH)
    assert third.status == 409
    # The level has followed two such periods; the confirmation itself reaches no farther than it did.
    assert third.json["findings"][0]["expected"]["high"] <= HIGH * 1.01, third.text


def test_without_the_confirmation_it_would_be_asked_again(months: Months) -> None:
    """The same value, come by the ERP instead of a person's decision, widens nothing."""
    reading = [READINGS[0], ["200001", "1", "23.11.2026", str(10_000 + HIGH), "MPS", *[""] * 5]]
    assert imported(months.stage, {"zaehlerstaende.csv": reading})["rejected"] == 0
    assert months.last == 10_000 + HIGH
    months.next_month("2026-12-19", "2026-12-28")
    assert months.report(months.last + HIGH).status == 409


def test_what_the_erp_sends_back_keeps_the_mark(months: Months) -> None:
    months.report(months.last + HIGH, "Großauftrag")
    months.release_by_hand()
    row = ["200001", "1", "23.11.2026", str(10_000 + HIGH), "CO Portal", "", "", "J", "", ""]
    for _ in range(2):
        assert imported(months.stage, {"zaehlerstaende.csv": [READINGS[0], row]})["rejected"] == 0
    (entry,) = stored(months.adapters).meters[0].history[-1:]
    assert (entry.billed, entry.confirmed) == (True, True)
    months.next_month("2026-12-19", "2026-12-28")
    assert months.report(months.last + HIGH).status == 200


def test_what_only_the_second_check_doubts_counts_as_confirmed_by_staff(
    months: Months,
) -> None:
    months.stage.staff(
        "PUT", "/api/staff/tolerances", {"version": 0, "dealer": {"ceiling": 50, "width": 9}}
    )
    assert months.report(months.last + HIGH).json["readings"][0]["verdict"] == "plausible"
    months.stage.staff("PUT", "/api/staff/tolerances", {"version": 1})
    assert months.release_by_run() == {("200001", "1"): "implausible_now"}
    months.release_by_hand()
    assert stored(months.adapters).meters[0].history[-1].confirmed


def test_a_plausible_reading_released_by_hand_is_no_confirmation(months: Months) -> None:
    months.report(months.last + 870)
    months.release_by_hand()
    assert not stored(months.adapters).meters[0].history[-1].confirmed
