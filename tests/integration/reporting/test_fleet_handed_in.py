"""A filled-in spreadsheet, told in three parts: taken, to check, not recognised."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from meterportal.adapters import Adapters

from tests.support.builders import a_colour_meter, a_contract, a_holding, a_machine, a_meter
from tests.support.customers import (
    asked_for_all,
    before_the_next_write,
    events,
    everything,
    put,
    release,
    signed_in,
    stored,
)
from tests.support.spreadsheets import (
    GOOD,
    XLSX,
    as_sheets,
    as_workbook,
    fleet,
    hand_in,
    reasons,
    told,
    values,
)
from tests.support.stage import Stage
from tests.support.wire import counted


def test_what_cannot_be_taken_comes_back_with_line_and_reason_and_the_rest_is_stored(
    stage: Stage, adapters: Adapters
) -> None:
    twins = [a_machine(str(n), serial="TWIN") for n in (200_004, 200_005)]
    fleet(stage, adapters, a_machine("200001"), a_machine("200002"), a_machine("200003"), *twins)
    table = """Seriennummer;Zähler;Neuer Stand;Ablesedatum
SN200001;S/W;11.000;20.11.2026
SN200001;Farbe;12,5;20.11.2026
UNKNOWN;S/W;5;
TWIN;S/W;5;
1,23457E+11;S/W;5;
;S/W;5;
SN200002;;5;
SN200002;Fax;5;
SN200002;Farbe;4300;31.02.2026
SN200002;S/W;11.000;
SN200002;S/W;11.000;
SN200003;S/W;11.000;
SN200003;S/W;11.001;
SN200003;Farbe;4300;20.11.2026
SN200003;Farbe;;20.11.2026
"""
    answer = told(stage, table)
    assert reasons(answer) == [
        (3, "not_a_whole_number"),
        (4, "unknown_machine"),
        (5, "serial_ambiguous"),
        (6, "serial_spoilt"),
        (7, "number_missing"),
        (8, "meter_missing"),
        (9, "unknown_meter"),
        (10, "day_unreadable"),
        (12, "row_repeated"),
        (13, "two_values"),
        (14, "two_values"),
        (15, "day_differs"),
    ]
    by_line = {left["line"]: left for left in answer["not_recognised"]}
    assert "200004, 200005" in by_line[5]["reason"]
    assert by_line[4]["text"] == "UNKNOWN; S/W; 5"
    assert "S/W, Farbe" in by_line[8]["reason"]
    assert "Zeile 14" in by_line[13]["reason"]
    assert "Zeile 13" in by_line[14]["reason"]
    assert answer["blank"] == 1
    assert {one["machine_id"] for one in answer["taken"]} == {"200001", "200002"}
    assert stored(adapters).readings[0].read_on.isoformat() == "2026-11-20"
    assert values(adapters, "200002") == {"1": 11_000}
    assert values(adapters, "200003") == values(adapters, "200004") == {}


def test_doubtful_machines_come_back_whole_and_are_confirmed_by_the_bulk_route(
    stage: Stage, adapters: Adapters
) -> None:
    fleet(stage, adapters)
    table = "Maschinennummer\tS/W\tFarbe\n200001\t99000\t4300\n200002\t11.000\t4.300\n"
    answer = told(stage, table)
    assert [one["machine_id"] for one in answer["taken"]] == ["200002"]
    (doubt,) = answer["to_check"]
    assert (doubt["machine_id"], doubt["line"], doubt["version"]) == ("200001", 2, 1)
    assert doubt["values"] == {"1": 99_000, "2": 4300}
    assert doubt["labels"] == {"1": "S/W", "2": "Farbe"}
    assert [finding["severity"] for finding in doubt["findings"]] == ["warn"]
    assert values(adapters) == {}
    confirmed = {
        "machine_id": doubt["machine_id"],
        "values": doubt["values"],
        "read_on": doubt["read_on"],
        "version": doubt["version"],
        "confirm": {doubt["findings"][0]["meter_id"]: "Messe"},
    }
    done = stage.customer("PUT", "/api/readings", {"machines": [confirmed]})
    assert done.json["machines"][0]["status"] == 200
    assert values(adapters) == {"1": 99_000, "2": 4300}


def test_a_date_in_the_future_is_to_be_checked(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters)
    answer = told(stage, "Seriennummer;Zähler;Stand;Datum\nSN200001;S/W;11000;24.12.2026\n")
    (doubt,) = answer["to_check"]
    assert doubt["read_on"] == "2026-12-24"
    assert [finding["severity"] for finding in doubt["findings"]] == ["block"]
    assert values(adapters) == {}


def test_nothing_that_somebody_reported_is_replaced_unasked(
    stage: Stage, adapters: Adapters
) -> None:
    fleet(stage, adapters)
    put(stage, "200001", values={"1": 11_050}, version=1)
    put(stage, "200002", values={"1": 11_000}, read_on="2026-11-20", version=1)
    table = "SN200001\tS/W\t11.000\nSN200001\tFarbe\t4300\nSN200002\tS/W\t11.000\n"
    answer = told(stage, table)
    (doubt,) = answer["to_check"]
    assert (doubt["machine_id"], doubt["version"]) == ("200001", 2)
    (finding,) = doubt["findings"]
    assert (finding["meter_id"], finding["code"]) == ("1", "reported_already")
    assert "11.050 vom 23.11.2026" in finding["text"]
    assert values(adapters) == {"1": 11_050}
    (same,) = answer["taken"]
    assert (same["machine_id"], same["version"]) == ("200002", 2)
    assert same["readings"][0]["read_on"] == "2026-11-20"
    assert events(adapters, "200002") == ["reported"]
    confirmed = {name: doubt[name] for name in ("machine_id", "values", "read_on", "version")}
    done = stage.customer("PUT", "/api/readings", {"machines": [confirmed]})
    assert done.json["machines"][0]["status"] == 200
    assert values(adapters) == GOOD


def test_what_is_released_is_not_taken_again(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters)
    put(stage, values={"1": 11_000}, version=1)
    release(adapters)
    answer = told(stage, "SN200001\tS/W\t11000\nSN200001\tFarbe\t4300\n")
    assert reasons(answer) == [(1, "already_released")]
    assert [one["lines"] for one in answer["taken"]] == [{"2": 2}]
    assert values(adapters) == GOOD


def test_a_dry_run_says_the_same_and_stores_nothing(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters)
    table = "Serial number,Meter,New reading\nSN200001,b/w,11000\nSN200002,b/w,99000\nX,b/w,1\n"
    before = everything(adapters)
    tried = told(stage, table, query="?dry_run=1")
    assert (tried["dry_run"], everything(adapters)) == (True, before)
    done = told(stage, table)
    assert done | {"dry_run": True} == tried | {"taken": done["taken"]}
    tried["taken"][0]["readings"][0].pop("reported_at", None)
    done["taken"][0]["readings"][0].pop("reported_at", None)
    assert done["taken"] == tried["taken"]
    assert values(adapters) == {"1": 11_000}


def test_a_report_that_comes_between_is_shown_not_overwritten(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet(stage, adapters)
    before_the_next_write(
        monkeypatch, adapters, lambda: put(stage, values={"1": 11_050}, version=1)
    )
    answer = told(stage, "SN200001\tS/W\t11000\nSN200002\tS/W\t11000\n")
    (doubt,) = answer["to_check"]
    assert (doubt["machine_id"], doubt["version"]) == ("200001", 2)
    assert doubt["findings"][0]["code"] == "changed_meanwhile"
    assert values(adapters) == {"1": 11_050}
    assert values(adapters, "200002") == {"1": 11_000}


def test_the_same_upload_with_its_key_is_told_again(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters)
    table = "SN200001\tS/W\t11000\nSN200002\tS/W\t99000\n"
    first = told(stage, table, **{"idempotency-key": "k"})
    put(stage, values={"1": 11_010}, version=2)
    again = told(stage, table, **{"idempotency-key": "k"})
    assert again == first
    assert values(adapters) == {"1": 11_010}
    other = hand_in(stage, table + "X\tS/W\t1\n", **{"idempotency-key": "k"})
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")


def test_an_upload_takes_three_reads_and_one_transaction(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters, *(a_machine(str(200_001 + n)) for n in range(20)))
    asked_for_all(adapters)
    table = "".join(f"SN{200_001 + n}\tS/W\t11000\n" for n in range(20))
    with counted(adapters.table._client) as requests:
        answer = told(stage, table)
    assert len(answer["taken"]) == 20
    assert dict(requests) == {
        "dynamodb.GetItem": 1,
        "dynamodb.BatchGetItem": 1,
        "dynamodb.Query": 1,
        "dynamodb.TransactWriteItems": 1,
    }


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "leer"),
        (";;;\r\n;;\r\n", "leer"),
        ("Guten Tag,\nanbei die Zählerstände.\n", "Überschriften"),
        ("a\tb\tc\td\n", "Überschriften"),
        ("Seriennummer;Farbe des Gehäuses\nSN1;grau\n", "Überschriften"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "Kennwort"),
        (b"PK\x03\x04" + b"\0" * 100, "beschädigt"),
        ("\n".join(f"SN{n};1" for n in range(5001)), "5000 neue"),
        ("Seriennummer;Stand\n" + "X;\n" * 20_001, "20000 Zeilen"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(
    stage: Stage, adapters: Adapters, content: str | bytes, words: str
) -> None:
    fleet(stage, adapters)
    before = everything(adapters)
    answer = hand_in(stage, content)
    assert (answer.status, answer.json["code"]) == (422, "sheet_refused"), answer.text
    assert words in answer.json["detail"]
    assert everything(adapters) == before


def test_sizes_types_and_sessions_are_checked_first(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters)
    assert hand_in(stage, b"x" * 1_100_000).status == 413
    assert hand_in(stage, "SN1\t1", **{"content-type": "application/json"}).status == 415
    assert hand_in(stage, "SN1\t1", **{"content-type": XLSX}).status == 200
    assert hand_in(stage, "SN1\t1", query="?dry_run=maybe").status == 400
    assert hand_in(stage, "SN1\t1", **{"sec-fetch-site": "cross-site"}).status == 403
    stage.cookies.clear()
    for method, path in [("POST", "/api/fleet"), ("GET", "/api/fleet.xlsx")]:
        assert stage.customer(method, path).status == 401
    assert stage.customer("GET", "/api/fleet.csv").status == 401


def test_another_reporters_machine_is_unknown_on_a_sheet_too(
    stage: Stage, adapters: Adapters
) -> None:
    contracts = [a_contract("70001"), a_contract("70002", reporters=("5009",))]
    machines = [a_machine("200001"), a_machine("200002", contract_id="70002")]
    signed_in(stage, adapters, a_holding(contracts=contracts, machines=machines))
    answer = told(stage, "SN200002\tS/W\t11000\nSN999999\tS/W\t11000\n")
    foreign, unknown = answer["not_recognised"]
    assert foreign["reason"].replace("SN200002", "") == unknown["reason"].replace("SN999999", "")
    assert values(adapters, "200002") == {}


def test_numbers_of_a_workbook_mean_what_they_show(stage: Stage, adapters: Adapters) -> None:
    meters = (a_meter(), replace(a_colour_meter(), label="Farbe"))
    machine = a_machine("200001", serial="0012300456", meters=meters)
    fleet(stage, adapters, machine, a_machine("200002"))
    rows: list[list[Any]] = [
        ["Serial", "Zählernummer", "Stand", "Datum"],
        [12_300_456, 1, 11_000.0, "20.11.2026"],
        [12_300_456, 2, 4.3, "20.11.2026"],
        [200_002.0, 1, True, None],
    ]
    answer = told(stage, as_workbook(rows))
    assert reasons(answer) == [(3, "not_a_whole_number"), (4, "not_a_whole_number")]
    assert values(adapters) == {"1": 11_000}


def test_the_answer_says_what_was_read(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters)
    told_of_text = told(
        stage,
        "Serial No.;Abteilung;S/W;Farbe\nSN200001;Lager;11.000;4.300\n;;;\nSumme;;11.000;4.300\n",
    )
    assert told_of_text["read"] == {
        "sheet": "",
        "columns": ["Serial No.", "S/W", "Farbe"],
        "rows": 2,
        "separator": ".",
    }
    rows = [("Seriennummer", "S/W"), ("SN200002", 11_000)]
    told_of_book = told(stage, as_sheets({"Deckblatt": [("Hallo",)], "Zähler": rows}))
    assert told_of_book["read"] == {
        "sheet": "Zähler",
        "columns": ["Seriennummer", "S/W"],
        "rows": 1,
        "separator": "",
    }
    bare = told(stage, "SN200001\t11000\n", query="?dry_run=1")["read"]
    assert (bare["columns"], bare["rows"]) == ([], 1)


@pytest.mark.parametrize(
    ("cells", "separator"),
    [
        (("11.000", "4.300"), "."),
        (("11,000", "4300"), ","),
        (("11 000", "4300"), " "),
        (("11000", "4300"), ""),
        (("11.000", "4,300"), ""),
        (("11.000,0", "4300,0"), "."),
    ],
)
def test_the_sign_between_groups_is_told_where_there_is_one(
    stage: Stage, adapters: Adapters, cells: tuple[str, str], separator: str
) -> None:
    fleet(stage, adapters)
    table = f"Seriennummer;S/W;Farbe\nSN200001;{cells[0]};{cells[1]}\n"
    assert told(stage, table, query="?dry_run=1")["read"]["separator"] == separator


def test_a_row_of_sums_and_a_misread_serial_say_so(stage: Stage, adapters: Adapters) -> None:
    fleet(stage, adapters, a_machine("200001", serial="4QPL810337"), a_machine("200002"))
    answer = told(stage, "Seriennummer;S/W\n4QPL81O337;11000\nSumme:;99000\n4QPL81O338;5\n")
    assert [(left["line"], left["code"]) for left in answer["not_recognised"]] == [
        (2, "serial_misread"),
        (3, "row_of_sums"),
        (4, "unknown_machine"),
    ]
    assert "Gemeint ist vielleicht 4QPL810337." in answer["not_recognised"][0]["reason"]
    assert answer["not_recognised"][1]["reason"] == "Summenzeile, kein Gerät."
