"""The ERP brings a machine that staff put in place of another: found by its serial number, once."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from meterportal.adapters import Adapters
from meterportal.settings import moment
from meterportal.store.exchange import imports
from meterportal.store.mailing import questions
from meterportal.store.portfolio import machines
from meterportal.usecases.exchange import apply_import, read_feed
from meterportal.usecases.exchange.import_master_data import run_import
from meterportal.usecases.exchange.start_imports import start_import

from tests.support.builders import a_link
from tests.support.customers import put, stored
from tests.support.erp_exports import (
    CONTRACTS,
    FILES,
    METERS,
    READINGS,
    as_zip,
    codes,
    imported,
    report,
    upload,
    with_cells,
)
from tests.support.exported import lines
from tests.support.faults import interrupted
from tests.support.feed import Erp
from tests.support.master_rows import rewindable, rows_of
from tests.support.redelivery import work_off
from tests.support.replacing import BROUGHT, NEW_SERIAL, erp_brings, replaced
from tests.support.reported import export, release, seen
from tests.support.requesting import text_of, work
from tests.support.stage import ANNA, Stage

ENDS = {"1": 4_900, "2": 950}


@pytest.fixture
def new(stage: Stage, adapters: Adapters) -> str:
    """The number of the new machine in place of 200001; its contact has reported 50 and 9."""
    assert imported(stage, FILES)["state"] == "done"
    stage.staff("POST", "/api/staff/readiness", {"selection": {"ids": ["70001"]}})
    token = a_link(adapters, mailbox="c.schaefer@muster.example")
    assert stage.customer("POST", "/api/session", {"token": token}).status == 201
    number: str = swapped(stage, adapters)
    assert put(stage, number, values={"1": 50, "2": 9}, version=1).status == 200
    return number


def swapped(stage: Stage, adapters: Adapters) -> str:
    version = stored(adapters).version
    told = replaced(stage, values=ENDS, version=version, confirm={"1": "gezählt", "2": "gezählt"})
    assert told.status == 200, told.text
    number: str = told.json["machine_id"]
    return number


def shown(stage: Stage) -> list[tuple[str, str]]:
    found = stage.customer("GET", "/api/machines").json["machines"]
    return [(one["id"], one["serial"]) for one in found]


def values(adapters: Adapters, number: str = BROUGHT) -> dict[str, int]:
    return {one.meter_id: one.value for one in stored(adapters, number).readings}


def test_everything_moves_to_the_erp_s_number(stage: Stage, adapters: Adapters, new: str) -> None:
    note = {"machine_id": new, "text": "steht im Keller"}
    assert stage.staff("POST", "/api/staff/notes", note).status < 300
    found = imported(stage, erp_brings())
    assert [f["code"] for f in found["findings"]] == []
    assert found["changes"]["machines"]["new"] == 1
    there = stored(adapters, BROUGHT)
    assert (there.active, there.asked_for, there.former, there.version) == (True, True, new, 3)
    assert values(adapters) == {"1": 50, "2": 9}
    assert [meter.digits for meter in there.meters] == [8, 8]
    assert [meter.last.value for meter in there.meters if meter.last] == [12, 0]
    assert shown(stage) == [(BROUGHT, NEW_SERIAL), ("200002", "SN200002")]
    assert [row["event"] for row in machines.history_of(adapters.table, there)] == [
        "started",
        "reported",
        "merged",
    ]
    page = stage.staff("GET", f"/api/staff/machines/{BROUGHT}").json
    assert not page["provisional"]
    assert [one["text"] for one in page["timeline"]] == [
        "Vom ERP unter eigener Nummer gebracht",
        "Notiz",
        "Gemeldet",
        "Als Austauschgerät angelegt",
    ]
    # By the number that people knew until now, everybody is led to it.
    assert stage.staff("GET", f"/api/staff/machines/{new}").json["id"] == BROUGHT
    again = put(stage, new, values={"1": 60}, version=3)
    assert again.status == 200, again.text
    assert values(adapters) == {"1": 60, "2": 9}
    old = stage.staff("GET", "/api/staff/machines/200001").json
    assert not old["active"], "the ERP calls it active still"


def test_a_second_import_changes_nothing(stage: Stage, adapters: Adapters, new: str) -> None:
    imported(stage, erp_brings())
    before = rows_of(adapters)
    again = imported(stage, erp_brings())
    assert sum(n["changed"] + n["new"] for n in again["changes"].values()) == 0
    assert again["findings"] == []
    assert rows_of(adapters) == before
    assert values(adapters) == {"1": 50, "2": 9}


def test_an_import_without_the_machine_leaves_both(
    stage: Stage, adapters: Adapters, new: str
) -> None:
    moved = with_cells(CONTRACTS, 2, nachste="28.02.2027")
    found = imported(stage, {**FILES, "vertraege.csv": moved}, full="true")
    assert not stored(adapters).active
    assert stored(adapters, new).due_on == stored(adapters).due_on
    missing = stage.staff("GET", f"/api/staff/imports/{found['id']}/missing?kind=machines")
    assert missing.json["records"] == []


def test_it_is_exported_under_the_erp_s_number(stage: Stage, adapters: Adapters, new: str) -> None:
    imported(stage, erp_brings())
    by_hand = {"reason": "gezählt", "version": stored(adapters).version}
    for meter in ("1", "2"):
        number = f"200001.{meter}.2026-11-28"
        path = f"/api/staff/readings/{number}/release"
        assert stage.staff("POST", path, by_hand).status == 200
        by_hand["version"] = stored(adapters).version
    for meter in ("1", "2"):
        by_hand["version"] = stored(adapters, BROUGHT).version
        path = f"/api/staff/readings/{BROUGHT}.{meter}.2026-11-28/release"
        assert stage.staff("POST", path, by_hand).status == 200
    told = {(one["machine_id"], one["meter_id"]): one for one in lines(adapters, export(stage))}
    assert set(told) == {(number, m) for number in ("200001", BROUGHT) for m in ("1", "2")}
    end, first = told["200001", "1"], told[BROUGHT, "1"]
    assert (end["value"], end["replaced_by"]["serial"]) == (4_900, NEW_SERIAL)
    assert (first["value"], first["replaced_by"]) == (50, None)
    assert first["replaces"] == {
        "machine_id": "200001",
        "serial": "SN200001",
        "read_on": "2026-11-20",
        "start": 12,
    }


@pytest.mark.parametrize("both", [True, False], ids=["brought", "never brought"])
def test_no_line_names_a_number_of_ours_after_two_swaps_between_imports(
    stage: Stage, adapters: Adapters, new: str, both: bool
) -> None:
    """The first new machine is replaced, too, before the ERP has brought it."""
    last = replaced(
        stage,
        new,
        serial="NEU-2",
        read_on="2026-11-22",
        values={"1": 60, "2": 10},
        starts={"1": 0, "2": 0},
        version=stored(adapters, new).version,
    )
    assert last.status == 200, last.text
    second = "200078"
    files = erp_brings(NEW_SERIAL if both else "ANDERS")
    machine, meters = files["maschinen.csv"], files["zaehler.csv"]
    also = {
        "maschinen.csv": [*machine, [second, machine[-1][1], "NEU-2", *machine[-1][3:]]],
        "zaehler.csv": [*meters, *([second, *row[1:]] for row in meters[-2:])],
    }
    assert imported(stage, files | also)["findings"] == []
    body = {"values": {"1": 30, "2": 4}, "channel": "PHONE"}
    path = f"/api/staff/machines/{second}/readings"
    told = stage.staff("PUT", path, body | {"version": stored(adapters, second).version})
    assert told.status == 200, told.text
    for meter in ("1", "2"):
        released = f"/api/staff/readings/{second}.{meter}.2026-11-28/release"
        reason = {"reason": "gezählt", "version": stored(adapters, second).version}
        assert stage.staff("POST", released, reason).status == 200
    for line in lines(adapters, export(stage)):
        assert line["replaces"]["machine_id"] == (BROUGHT if both else None)
        assert line["replaces"]["serial"] == NEW_SERIAL


def test_the_feed_tells_again_under_the_erp_s_number(
    stage: Stage, adapters: Adapters, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_feed, "HELD_BACK", timedelta())
    erp = Erp(stage)
    erp.look()
    imported(stage, erp_brings())
    told = [
        (event["type"].rpartition(".")[2], event["data"]["reading_id"], event["data"]["value"])
        for event in erp.look()
        if event["data"]["machine_id"] == BROUGHT
    ]
    assert told == [
        ("started", None, 12),
        ("started", None, 0),
        ("reported", f"{BROUGHT}.1.2026-11-28", 50),
        ("reported", f"{BROUGHT}.2.2026-11-28", 9),
    ]


def test_the_erp_s_counters_have_their_own_numbers(
    stage: Stage, adapters: Adapters, new: str
) -> None:
    meters = [
        *METERS,
        [BROUGHT, "11", "Farbe", "Farbe", "", "8", "J", "1", "J", "0"],
        [BROUGHT, "10", "S/W", "schwarz/weiss", "", "8", "J", "1", "J", "0"],
    ]
    reading = [BROUGHT, "10", "20.11.2026", "12", "Techniker", "", "", "N", "", ""]
    files = erp_brings(zaehler=meters, zaehlerstaende=[*READINGS, reading])
    assert imported(stage, files)["findings"] == []
    assert values(adapters) == {"10": 50, "11": 9}
    there = stored(adapters, BROUGHT)
    assert [(m.id, len(m.history)) for m in there.meters] == [("10", 1), ("11", 1)]
    assert there.version == 3


def test_what_the_erp_has_read_itself_is_taken_in(
    stage: Stage, adapters: Adapters, new: str
) -> None:
    reading = [BROUGHT, "1", "21.11.2026", "20", "Techniker", "", "", "N", "", ""]
    imported(stage, erp_brings(zaehlerstaende=[*READINGS, reading]))
    there = stored(adapters, BROUGHT)
    assert [entry.value for entry in there.meters[0].history] == [12, 20]
    assert there.version == 4
    told = [row["event"] for row in machines.history_of(adapters.table, there)]
    assert told == ["started", "reported", "merged", "imported"]


def test_under_another_contract_it_is_refused_in_words(
    stage: Stage, adapters: Adapters, new: str
) -> None:
    more = [*CONTRACTS, ["70003", "10000", *CONTRACTS[1][2:]]]
    for contract in ("70002", "70003"):
        files = erp_brings(contract=contract, vertraege=more)
        found = imported(stage, files)
        texts = {f["code"]: f["text"] for f in found["findings"] if f["field"] == "Seriennummer"}
        assert list(texts) == ["replacement_elsewhere"], contract
        assert new in texts["replacement_elsewhere"]
        assert "70001" in texts["replacement_elsewhere"]
        assert machines.find(adapters.table, [BROUGHT]) == {}
        assert values(adapters, new) == {"1": 50, "2": 9}


def test_twice_it_is_refused_in_words(stage: Stage, adapters: Adapters, new: str) -> None:
    files = erp_brings()
    twin = ["200078", *files["maschinen.csv"][-1][1:]]
    found = imported(stage, {**files, "maschinen.csv": [*files["maschinen.csv"], twin]})
    refused = [line for _, line, _, code in codes(found) if code == "replacement_twice"]
    assert refused == [5, 6]
    assert machines.find(adapters.table, [BROUGHT, "200078"]) == {}
    assert values(adapters, new) == {"1": 50, "2": 9}


def test_once_it_is_struck_off_the_erp_s_word_counts(
    stage: Stage, adapters: Adapters, new: str
) -> None:
    told = stage.customer("POST", f"/api/machines/{new}/problems", {"kind": "not_ours"})
    assert told.status < 300, told.text
    (problem,) = stage.staff("GET", "/api/staff/problems").json["problems"]
    path = f"/api/staff/problems/{problem['id']}/decision"
    assert stage.staff("POST", path, {"decision": "accepted"}).status == 200
    found = imported(stage, erp_brings(contract="70002"))
    assert found["findings"] == []
    there = stored(adapters, BROUGHT, "10007")
    assert (there.readings, there.former) == ((), "")


def test_a_worker_may_die_at_any_call(
    stage: Stage, adapters: Adapters, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply_import, "_WRITES", 8)
    files = erp_brings(vertraege=with_cells(CONTRACTS, 2, nachste="28.12.2026"))
    rewind = rewindable(adapters)
    bucket = adapters.settings.import_bucket
    stage.client("s3").put_object(Bucket=bucket, Key="config/columns.toml", Body=b"")
    deaths, wanted = 0, None
    for call in range(-1, 60):
        rewind()
        number = upload(stage, as_zip(files)).json["id"]
        died = work_off(stage, "import_master_data", adapters.settings.import_queue, call=call)
        assert report(stage, number)["state"] == "done", call
        found = _state(adapters)
        wanted = wanted or found
        assert found == wanted, call
        if call >= 0 and not died:
            break
        deaths += died
    assert deaths > 4


def _state(adapters: Adapters) -> Any:
    there = stored(adapters, BROUGHT)
    told = [row["event"] for row in machines.history_of(adapters.table, there)]
    numbers = sorted(key[1] for key in rows_of(adapters) if key[1].startswith("MACHINE#"))
    return there.version, values(adapters), there.due_on, told, numbers


def test_a_replacement_in_the_middle_of_an_import_is_found(
    stage: Stage, adapters: Adapters
) -> None:
    """Whenever it comes: nothing lost, and no machine twice."""
    imported(stage, FILES)
    rewind, at, ends = rewindable(adapters), moment(), set()
    for call in range(100):
        rewind()
        number = start_import(adapters, as_zip(erp_brings()), at, by=ANNA)
        with interrupted(call, partial(_try_to_replace, stage, adapters)) as made:
            assert run_import(adapters, number, at).state == "done", call
        there = stored(adapters, BROUGHT)
        old = stored(adapters)
        provisional = [key for key in rows_of(adapters) if key[1].startswith("MACHINE#portal-")]
        assert [key for key in provisional if key[0].startswith("COMPANY#")] == [], call
        held = imports.holders(adapters.table, [NEW_SERIAL])
        assert held == {NEW_SERIAL: frozenset({BROUGHT})}, call
        ends.add((bool(there.former), old.active))
        assert bool(there.former) is not old.active, call
        if len(made) <= call:
            break
    assert ends == {(True, False), (False, True)}


def _try_to_replace(stage: Stage, adapters: Adapters) -> None:
    version = stored(adapters).version
    reasons = {"1": "gezählt", "2": "gezählt"}
    told = replaced(stage, values=ENDS, version=version, confirm=reasons)
    assert told.status in {200, 409}, told.text


def test_a_report_in_the_middle_of_an_import_is_kept(
    stage: Stage, adapters: Adapters, new: str
) -> None:
    rewind, at = rewindable(adapters), moment()
    for call in range(100):
        rewind()
        number = start_import(adapters, as_zip(erp_brings()), at, by=ANNA)
        version = stored(adapters, new).version
        told: list[int] = []

        def report_(version: int = version, told: list[int] = told) -> None:
            told.append(put(stage, new, values={"1": 70}, version=version).status)

        with interrupted(call, report_) as made:
            assert run_import(adapters, number, at).state == "done", call
        kept = values(adapters)["1"] == 70
        assert kept is (told == [200]), (call, told)
        assert values(adapters)["2"] == 9
        if len(made) <= call:
            break


def test_release_knows_it_by_the_new_number(stage: Stage, adapters: Adapters, new: str) -> None:
    imported(stage, erp_brings())
    run = release(stage, seen(stored(adapters, BROUGHT)))
    assert {line["machine_id"] for line in run["protocol"]} == {BROUGHT}
    assert "provisional" not in {line["code"] for line in run["protocol"]}


def test_no_two_counters_get_the_same_number(stage: Stage, adapters: Adapters, new: str) -> None:
    """Ours are 1, black and white, and 2, colour; the ERP's 2 is black and white."""
    meters = [*METERS, [BROUGHT, "2", "S/W", "schwarz/weiss", "", "8", "J", "1", "J", "0"]]
    imported(stage, erp_brings(zaehler=meters))
    there = stored(adapters, BROUGHT)
    told = {meter.id: meter.kind.value for meter in there.meters}
    assert told == {"2": "BW", "3": "COLOUR"}
    assert values(adapters) == {"2": 50, "3": 9}
    assert [[one.value for one in meter.history] for meter in there.meters] == [[12], [0]]


def test_one_that_the_erp_moves_here_keeps_what_staff_entered(
    stage: Stage, adapters: Adapters
) -> None:
    before = erp_brings("ALT-1", contract="70002")
    imported(stage, before)
    assert stored(adapters, BROUGHT, "10007").active
    stage.staff("POST", "/api/staff/readiness", {"selection": {"ids": ["70001"]}})
    token = a_link(adapters, mailbox="c.schaefer@muster.example")
    assert stage.customer("POST", "/api/session", {"token": token}).status == 201
    number = swapped(stage, adapters)
    assert put(stage, number, values={"1": 50, "2": 9}, version=1).status == 200
    imported(stage, erp_brings())
    there = stored(adapters, BROUGHT)
    assert there.former == number
    assert there.replaces
    assert there.replaces.machine_id == "200001"
    assert values(adapters) == {"1": 50, "2": 9}
    assert [[one.value for one in meter.history] for meter in there.meters] == [[12], [0]]
    assert not stored(adapters, BROUGHT, "10007").active
    assert machines.find(adapters.table, [number]) == {}


def test_its_photos_are_shown_with_it(stage: Stage, adapters: Adapters, new: str) -> None:
    body = {"meter_id": "1", "content_type": "image/jpeg", "size": 60}
    told = stage.customer("POST", f"/api/machines/{new}/photos", body)
    assert told.status == 201, told.text
    key = unquote(urlsplit(told.json["upload"]["url"]).path).removeprefix("/")
    photo = b"\xff\xd8\xff\xe0" + b"\0" * 56
    adapters.files.put(adapters.settings.photo_bucket, key, photo, content_type="image/jpeg")
    imported(stage, erp_brings())
    for number in (BROUGHT, new):
        found = stage.staff("GET", f"/api/staff/machines/{number}/photos").json["photos"]
        assert [one["photo_id"] for one in found] == [told.json["photo_id"]], number
    listed = stage.staff("GET", "/api/staff/readings?bucket=reported").json["machines"]
    beside = [
        photo["photo_id"]
        for machine in listed
        if machine["id"] == BROUGHT
        for one in machine["readings"]
        for photo in one["photos"]
    ]
    assert beside == [told.json["photo_id"]]


def test_a_question_asked_before_is_sent_for_it(stage: Stage, adapters: Adapters, new: str) -> None:
    body = {"decision": "asked_back", "version": 2}
    told = stage.staff("POST", f"/api/staff/readings/{new}.1.2026-11-28/decision", body)
    assert told.status == 200, told.text
    imported(stage, erp_brings())
    mails = [mail for mail in stage.mails() if mail["Subject"].startswith("Rückfrage")]
    assert mails == []
    asked = questions.waiting(adapters.table, until=moment().now + timedelta(hours=1))
    bodies = [{"schema": 1, "kind": "question", "question_id": number} for number in asked]
    assert work(stage, "send_mail", *bodies) == []
    (mail,) = (one for one in stage.mails() if one["Subject"].startswith("Rückfrage"))
    assert f"&m={BROUGHT}" in text_of(mail)


def test_a_problem_told_before_names_it(stage: Stage, adapters: Adapters, new: str) -> None:
    told = stage.customer("POST", f"/api/machines/{new}/problems", {"kind": "moved"})
    assert told.status < 300, told.text
    imported(stage, erp_brings())
    (problem,) = stage.staff("GET", "/api/staff/problems?state=open").json["problems"]
    assert problem["machine"]["serial"] == NEW_SERIAL
