"""Imports one after the other: what changes is written, what is known is not touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import ReadingChannel
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Effective
from meterportal.domain.reporting.readings import Reading, ReadingState
from meterportal.store.access import mailboxes
from meterportal.store.portfolio import holdings, machines

from tests.support.builders import DUE
from tests.support.erp_exports import (
    COMPANIES,
    CONTACTS,
    CONTRACTS,
    FILES,
    MACHINES,
    READINGS,
    Table,
    codes,
    imported,
    with_cells,
)
from tests.support.master_rows import rows_of
from tests.support.stage import Stage

EVERYTHING = {
    "companies": 2,
    "contacts": 3,
    "contracts": 2,
    "machines": 3,
    "meters": 4,
    "readings": 5,
}


def changed(found: Any) -> dict[str, tuple[int, int]]:
    """Kind -> (new, changed), without what has neither."""
    return {
        kind: (numbers["new"], numbers["changed"])
        for kind, numbers in found["changes"].items()
        if numbers["new"] or numbers["changed"]
    }


def held(adapters: Adapters, company_id: str = "10000") -> Holding:
    found = holdings.load(adapters.table, company_id)
    assert found is not None
    return found


def test_the_same_files_again_leave_the_table_as_it_is(stage: Stage, adapters: Adapters) -> None:
    first = imported(stage, FILES)
    assert changed(first) == {kind: (n, 0) for kind, n in EVERYTHING.items()}
    before = rows_of(adapters)
    second = imported(stage, FILES)
    assert changed(second) == {}
    assert {k: n["unchanged"] for k, n in second["changes"].items()} == EVERYTHING
    assert rows_of(adapters) == before
    subset = imported(stage, {"firmen.csv": COMPANIES[:2], "zaehlerstaende.csv": READINGS[:3]})
    assert (changed(subset), subset["rows"]) == ({}, 3)
    assert rows_of(adapters) == before


def test_a_dry_run_says_the_same_as_the_run_and_writes_nothing(
    stage: Stage, adapters: Adapters
) -> None:
    imported(stage, FILES)
    before = rows_of(adapters)
    files = {
        **FILES,
        "firmen.csv": with_cells(COMPANIES, 2, ort="Berlin"),
        "vertraege.csv": with_cells(CONTRACTS, 2, nachste="28.02.2027", meldeansprech="5001,5002"),
        "maschinen.csv": with_cells(MACHINES, 2, raum="102"),
        "zaehlerstaende.csv": with_cells(
            [*READINGS, ["200001", "1", "20.11.2026", "5100", "Techniker", "", "", "N", "", ""]],
            2,
            stand="4004",
        ),
    }
    preview = imported(stage, files, dry_run="true")
    assert rows_of(adapters) == before
    assert changed(preview) == {
        "companies": (0, 1),
        "contracts": (0, 1),
        "machines": (0, 1),
        "readings": (1, 1),
    }
    told = {(s["file"], s["key"], s["field"], s["old"], s["new"]) for s in preview["sample"]}
    assert told == {
        ("firmen.csv", "10000", "Ort", "Bonn", "Berlin"),
        ("vertraege.csv", "70001", "Nächste Abrechnung", "2026-11-28", "2027-02-28"),
        ("vertraege.csv", "70001", "Melde-Ansprechpartner", "5001", "5001, 5002"),
        ("maschinen.csv", "200001", "Raum", "101", "102"),
        ("zaehlerstaende.csv", "200001 / 1 / 2026-08-28", "Stand", "4000", "4004"),
        ("zaehlerstaende.csv", "200001 / 1 / 2026-11-20", "Stand", None, "5100"),
    }
    found = imported(stage, files)
    assert found["changes"] == preview["changes"]
    assert found["findings"] == preview["findings"]
    assert [f["code"] for f in found["findings"]] == ["reading_corrected"]
    machine = held(adapters).machines["200001"]
    assert (machine.version, machine.due_on) == (2, date(2027, 2, 28))
    other = held(adapters).machines["200002"]
    assert (other.version, other.due_on) == (1, date(2027, 2, 28))
    events = list(machines.history(adapters.table, "10000", "200001"))
    assert [e["event"] for e in events] == ["imported", "imported"]
    assert [(e["value"], e.get("was")) for e in events[1]["entries"]] == [
        (4004, 4000),
        (5100, None),
    ]


def test_a_changed_address_moves_in_the_list_of_its_mailbox(
    stage: Stage, adapters: Adapters
) -> None:
    imported(stage, FILES)
    files = {"ansprechpartner.csv": with_cells(CONTACTS, 2, email="neu@Muster.example")}
    imported(stage, files)
    assert held(adapters).contacts["5001"].mailbox == "neu@muster.example"
    assert mailboxes.load(adapters.table, "c.schaefer@muster.example").listed == frozenset()
    assert mailboxes.load(adapters.table, "neu@muster.example").listed == {("10000", "5001")}
    imported(stage, {"ansprechpartner.csv": with_cells(CONTACTS, 2, email="")})
    assert held(adapters).contacts["5001"].mailbox is None
    assert mailboxes.load(adapters.table, "neu@muster.example").listed == frozenset()
    imported(stage, FILES)
    assert mailboxes.load(adapters.table, "c.schaefer@muster.example").listed == {("10000", "5001")}


def test_an_address_at_two_people_is_doubted_also_against_what_is_stored(
    stage: Stage, adapters: Adapters
) -> None:
    imported(stage, FILES)
    third = ["5009", "10000", "", "Tom", "Weiß", "C.SCHAEFER@muster.example", "IT", "DE", "J"]
    found = imported(stage, {"ansprechpartner.csv": [CONTACTS[0], third]})
    assert codes(found) == [("ansprechpartner.csv", 2, "E-Mail", "email_doubled")]
    assert "5001" in found["findings"][0]["text"]
    both = imported(
        stage, {"ansprechpartner.csv": [CONTACTS[0], CONTACTS[1], third]}, dry_run="true"
    )
    assert [(f["line"], f["code"]) for f in both["findings"]] == [
        (2, "email_doubled"),
        (3, "email_doubled"),
    ]
    away = ["5009", "10007", "", "Tom", "Weiß", "C.SCHAEFER@muster.example", "IT", "DE", "J"]
    elsewhere = imported(stage, {"ansprechpartner.csv": [CONTACTS[0], away]}, dry_run="true")
    assert [(f["severity"], f["code"]) for f in elsewhere["findings"]] == [
        ("info", "mailbox_at_companies")
    ]


def test_a_serial_number_is_doubted_also_against_what_is_stored(stage: Stage) -> None:
    imported(stage, FILES)
    new = ["200009", "70002", "sn 200001", "Ricoh", "IM C3000", "", "", "", "", "", "J"]
    found = imported(stage, {"maschinen.csv": [MACHINES[0], new]})
    assert codes(found) == [("maschinen.csv", 2, "Seriennummer", "serial_doubled")]
    assert "200001" in found["findings"][0]["text"]
    zeros = with_cells(MACHINES, 2, seriennummer="000123")
    imported(stage, {"maschinen.csv": zeros})
    lost = imported(stage, {"maschinen.csv": with_cells(MACHINES, 2, seriennummer="123")})
    assert codes(lost) == [("maschinen.csv", 2, "Seriennummer", "sound_value_kept")]


def test_missing_columns_and_absent_rows_change_nothing(stage: Stage, adapters: Adapters) -> None:
    imported(stage, FILES)
    slim: Table = [[row[0], row[1]] for row in COMPANIES[:2]]
    found = imported(stage, {"firmen.csv": slim})
    assert changed(found) == {}
    assert held(adapters).company.city == "Bonn"
    off = imported(stage, {"maschinen.csv": with_cells(MACHINES, 2, aktiv="N")[:2]})
    assert changed(off) == {"machines": (0, 1)}
    assert [m.active for m in held(adapters).machines.values()] == [False, True]


def test_an_older_export_is_refused_as_a_whole(stage: Stage, adapters: Adapters) -> None:
    imported(stage, FILES, as_of="2026-11-20")
    before = rows_of(adapters)
    older = {**FILES, "firmen.csv": with_cells(COMPANIES, 2, ort="Berlin")}
    for dry_run in ("true", "false"):
        found = imported(stage, older, as_of="2026-11-19", dry_run=dry_run)
        assert (found["state"], found["accepted"], found["rejected"]) == (
            "failed",
            0,
            found["rows"],
        )
        assert [(f["code"], f["severity"]) for f in found["findings"]] == [
            ("stale_import", "error")
        ]
        assert found["findings"][0]["text"] == (
            "Dieser Export ist älter (19.11.2026) als der zuletzt eingelesene (20.11.2026). "
            "Es wurde nichts übernommen."
        )
    assert rows_of(adapters) == before
    assert imported(stage, older, as_of="2026-11-20")["state"] == "done"
    assert imported(stage, older)["state"] == "done"
    assert imported(stage, {"firmen.csv": COMPANIES}, as_of="2026-11-22")["state"] == "failed"


def test_a_contract_that_changes_company_takes_its_machines_along(
    stage: Stage, adapters: Adapters
) -> None:
    imported(stage, FILES)
    move = {
        "vertraege.csv": with_cells(CONTRACTS, 2, firmennummer="10007", meldeansprech="5003")[:2]
    }
    found = imported(stage, move)
    assert changed(found) == {"contracts": (0, 1)}
    left, new = held(adapters), held(adapters, "10007")
    assert set(left.contracts) == set()
    assert [m.active for m in left.machines.values()] == [False, False]
    assert left.machines["200001"].meters[0].history
    assert set(new.contracts) == {"70001", "70002"}
    assert {n: m.contract_id for n, m in new.machines.items()} == {
        "200001": "70001",
        "200002": "70001",
        "200003": "70002",
    }
    assert [(e.read_on, e.value) for e in new.machines["200001"].meters[0].history] == [
        (date(2026, 8, 28), 4000)
    ]
    assert new.machines["200001"].version == 2
    assert machines.find(adapters.table, ["200001"])["200001"].company_id == "10007"
    before = rows_of(adapters)
    everything = {
        **FILES,
        "vertraege.csv": with_cells(CONTRACTS, 2, firmennummer="10007", meldeansprech="5003"),
    }
    again = imported(stage, everything)
    assert changed(again) == {}
    assert rows_of(adapters) == before


def test_a_contact_that_changes_company_leaves_nothing_behind(
    stage: Stage, adapters: Adapters
) -> None:
    imported(stage, FILES)
    imported(stage, {"ansprechpartner.csv": with_cells(CONTACTS, 3, firmennummer="10007")})
    assert "5002" not in held(adapters).contacts
    moved = held(adapters, "10007").contacts["5002"]
    assert (moved.mailbox, moved.rights) == ("b.gross@muster.example", None)
    assert mailboxes.load(adapters.table, "b.gross@muster.example").listed == {("10007", "5002")}


@pytest.mark.parametrize("state", [ReadingState.RELEASED, ReadingState.BILLED])
def test_a_released_reading_is_never_reopened(
    stage: Stage, adapters: Adapters, state: ReadingState
) -> None:
    imported(stage, FILES)
    _release(adapters, state)
    row = ["200001", "1", "20.11.2026", "5001", "Techniker", "", "", "J", "", ""]
    before = held(adapters).machines["200001"]
    found = imported(stage, {"zaehlerstaende.csv": [READINGS[0], row, *READINGS[1:]]})
    assert codes(found) == [("zaehlerstaende.csv", 2, "Stand", "conflict")]
    assert (found["rows"], found["accepted"], found["rejected"]) == (6, 5, 1)
    assert held(adapters).machines["200001"] == before


def test_our_reading_coming_back_is_acknowledged_once(stage: Stage, adapters: Adapters) -> None:
    imported(stage, FILES)
    _release(adapters, ReadingState.RELEASED)
    row = ["200001", "1", "20.11.2026", "5000", "CO Portal", "", "", "J", "", ""]
    files = {"zaehlerstaende.csv": [READINGS[0], row]}
    assert changed(imported(stage, files)) == {"readings": (0, 1)}
    machine = held(adapters).machines["200001"]
    assert [r.state for r in machine.readings] == [ReadingState.BILLED]
    assert machine.version == 3
    assert changed(imported(stage, files)) == {}


def test_a_reading_released_long_ago_is_known_from_the_history(
    stage: Stage, adapters: Adapters
) -> None:
    imported(stage, FILES)
    _release(adapters, ReadingState.BILLED)
    imported(stage, {"vertraege.csv": with_cells(CONTRACTS, 2, nachste="28.02.2027")})
    assert held(adapters).machines["200001"].readings == ()
    row = ["200001", "1", "20.11.2026", "5001", "Techniker", "", "", "J", "", ""]
    found = imported(stage, {"zaehlerstaende.csv": [READINGS[0], row]})
    assert codes(found) == [("zaehlerstaende.csv", 2, "Stand", "conflict")]


def _release(adapters: Adapters, state: ReadingState) -> None:
    """Meter 1 of machine 200001 read on 20.11.: 5000, released as the release run leaves it."""
    machine = held(adapters).machines["200001"]
    meter = machine.meters[0]
    effective = Effective(date(2026, 11, 20), 5000, billed=state is ReadingState.BILLED)
    reading = Reading("1", DUE, 5000, date(2026, 11, 20), state=state)
    released = replace(
        machine,
        meters=(replace(meter, history=(*meter.history, effective)), *machine.meters[1:]),
        readings=(reading,),
        version=machine.version + 1,
    )
    event = machines.event(
        "released",
        [reading],
        at=datetime(2026, 11, 21, tzinfo=UTC),
        by="staff-1",
        channel=ReadingChannel.PORTAL,
    )
    adapters.table.transact(machines.save(released, seen=machine, event=event))
