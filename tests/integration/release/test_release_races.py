"""Release against everybody else, in every order of the calls that touch the machine.

Each scene is told twice: with the conditions of the writes, where every order ends well, and with
them taken off, where some order ends badly: so the conditions are what protects.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.machines import Machine

from tests.support.builders import a_holding, settle_machine
from tests.support.customers import events, put, signed_in, stored
from tests.support.interleaving import every_order, of_machine, unconditional
from tests.support.redelivery import deliver
from tests.support.reported import a_reported_machine, run_of, seen, start_release
from tests.support.stage import Stage

Act = Callable[[], object]


class Scene:
    """One machine at a time, numbered, and the actors around it."""

    def __init__(self, stage: Stage, adapters: Adapters) -> None:
        self.stage, self.adapters = stage, adapters
        self.runs: list[str] = []
        self.machine = a_reported_machine()
        self.answers: dict[str, Any] = {}

    def open(self, number: int) -> Machine:
        self.runs, self.answers = [], {}
        self.machine = settle_machine(self.adapters, a_reported_machine(str(200_001 + number)))
        return self.machine

    def releases(self) -> Act:
        """A run up to its chunk; the actor works the chunk off."""
        run = start_release(self.stage, seen(self.machine)).json["id"]
        assert deliver(self.stage, "release_readings", {"release_id": run, "step": "plan"}) == []
        self.runs.append(run)
        chunk = {"release_id": run, "step": "chunk", "chunk": 0}
        return lambda: deliver(self.stage, "release_readings", chunk)

    def corrects(self) -> Act:
        def act() -> None:
            self.answers["put"] = put(
                self.stage, self.machine.id, read_on="2026-11-22", values={"1": "10900"}, version=2
            )

        return act

    def releases_by_hand(self) -> Act:
        path = f"/api/staff/readings/{self.machine.id}.1.2026-11-28/release"
        body = {"reason": "Telefonat", "version": 2}

        def act() -> None:
            self.answers["hand"] = self.stage.staff("POST", path, body)

        return act

    def imports(self, value: int) -> Act:
        """An import of a technician's reading; the actor works it off."""
        sheet = f"Maschinennummer;Zählernummer;Datum;Stand;Meldung durch\n{self.machine.id};1;20.11.2026;{value};Techniker\n"
        answer = self.stage.staff(
            "POST",
            "/api/staff/imports?file=zaehlerstaende.csv",
            sheet.encode(),
            headers={"content-type": "text/csv"},
        )
        assert answer.status == 202, answer.text
        message = {"import_id": answer.json["id"]}
        return lambda: deliver(self.stage, "import_master_data", message)

    def protocols(self) -> list[dict[str, Any]]:
        return [line for run in self.runs for line in run_of(self.stage, run)["protocol"]]

    def faults(self) -> list[str]:
        """What must never be: a released value that no release report shows so, or released twice."""
        machine = stored(self.adapters, self.machine.id)
        lines = self.protocols()
        if "hand" in self.answers and self.answers["hand"].status == 200:
            lines += run_of(self.stage, self.answers["hand"].json["release_id"])["protocol"]
        told = [(line["meter_id"], line["value"]) for line in lines if line["result"] == "released"]
        final = [(r.meter_id, r.value) for r in machine.readings if r.state.value == "released"]
        found = [] if sorted(told) == sorted(final) else [f"told {told}, stored {final}"]
        corrected = self.answers.get("put")
        values = [reading.value for reading in machine.readings]
        if corrected is not None and (corrected.status == 200) != (10_900 in values):
            found.append(f"answered {corrected.status}, stored {values}")
        if len(events(self.adapters, machine.id)) != machine.version - 2:
            found.append(f"version {machine.version}, {events(self.adapters, machine.id)}")
        return found


def test_a_correction_and_a_release_never_both_win(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters, a_holding(machines=[]))
    scene = Scene(stage, adapters)

    def act(number: int) -> tuple[Act, Act]:
        scene.open(number)
        return scene.corrects(), scene.releases()

    ends = set()
    for _, order in every_order(act, matters=lambda *call: of_machine(scene.machine.id)(*call)):
        assert scene.faults() == [], order
        codes = {line["code"] for line in scene.protocols()}
        ends.add((scene.answers["put"].status, *codes))
    assert ends == {(200, "changed_meanwhile"), (409, None)}

    unconditional(monkeypatch, adapters.table)
    orders = every_order(
        lambda number: act(number + 100), matters=lambda *c: of_machine(scene.machine.id)(*c)
    )
    assert any(scene.faults() for _ in orders)


def test_two_runs_never_release_the_same_reading(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters, a_holding(machines=[]))
    scene = Scene(stage, adapters)

    def act(number: int) -> tuple[Act, Act]:
        scene.open(number)
        return scene.releases(), scene.releases()

    for _, order in every_order(act, matters=lambda *call: of_machine(scene.machine.id)(*call)):
        assert scene.faults() == [], order
        assert {line["code"] for line in scene.protocols()} == {None, "already_released"}

    unconditional(monkeypatch, adapters.table)
    orders = every_order(
        lambda number: act(number + 100), matters=lambda *c: of_machine(scene.machine.id)(*c)
    )
    assert any(scene.faults() for _ in orders)


def test_a_hand_and_a_run_never_release_the_same_reading(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters, a_holding(machines=[]))
    scene = Scene(stage, adapters)

    def act(number: int) -> tuple[Act, Act]:
        scene.open(number)
        return scene.releases_by_hand(), scene.releases()

    ends = set()
    for _, order in every_order(act, matters=lambda *call: of_machine(scene.machine.id)(*call)):
        assert scene.faults() == [], order
        ends.add((scene.answers["hand"].status, *{line["code"] for line in scene.protocols()}))
    assert ends == {(409, None), (200, "changed_meanwhile")}

    unconditional(monkeypatch, adapters.table)
    orders = every_order(
        lambda number: act(number + 100), matters=lambda *c: of_machine(scene.machine.id)(*c)
    )
    assert any(scene.faults() for _ in orders)


def test_an_import_in_between_is_neither_lost_nor_overlooked(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A technician's higher reading: either it comes first and the run lets go, or it comes after."""
    signed_in(stage, adapters, a_holding(machines=[]))
    scene = Scene(stage, adapters)

    def act(number: int) -> tuple[Act, Act]:
        scene.open(number)
        return scene.imports(12_000), scene.releases()

    def ended() -> tuple[bool, frozenset[str | None]]:
        history = stored(adapters, scene.machine.id).meters[0].history
        codes = frozenset(line["code"] for line in scene.protocols())
        return any(entry.value == 12_000 for entry in history), codes

    ends = set()
    for _, order in every_order(act, matters=lambda *call: of_machine(scene.machine.id)(*call)):
        assert scene.faults() == [], order
        ends.add(ended())
    assert ends == {(True, frozenset({None})), (True, frozenset({"changed_meanwhile"}))}

    unconditional(monkeypatch, adapters.table)
    orders = every_order(
        lambda number: act(number + 100), matters=lambda *c: of_machine(scene.machine.id)(*c)
    )
    assert any(scene.faults() or not ended()[0] for _ in orders)
