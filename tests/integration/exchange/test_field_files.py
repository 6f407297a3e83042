"""Files as the field writes them: read as they were meant, or refused in words; never misread in silence."""

from __future__ import annotations

import pytest
from meterportal.adapters import Adapters
from meterportal.store.portfolio import holdings

from tests.support.erp_exports import as_csv, upload
from tests.support.field_base import base, table, taken_in, told
from tests.support.field_records import COMPANY, CONTRACT, contact, last, machine, reading
from tests.support.stage import Stage


def test_a_body_that_lost_its_letters_on_the_way_is_refused(stage: Stage) -> None:
    lossy = as_csv(table("firmen", COMPANY), encoding="cp1252").decode(errors="replace")
    for kind in ("text/csv", "text/plain"):
        answer = stage.staff(
            "POST", "/api/staff/imports?file=firmen.csv", lossy, headers={"content-type": kind}
        )
        assert (answer.status, answer.json["code"]) == (415, "letters_lost")
    assert "octet-stream" in answer.json["detail"]
    whole = as_csv(table("firmen", COMPANY), encoding="utf-8").decode()
    sent = stage.staff(
        "POST", "/api/staff/imports?file=firmen.csv", whole, headers={"content-type": "text/csv"}
    )
    assert sent.status == 202


@pytest.mark.parametrize("encoding", ["cp1252", "cp850", "mac_roman", "utf-16-le", "utf-16-be"])
def test_the_encoding_of_old_machines_is_found_out_and_told(
    stage: Stage, adapters: Adapters, encoding: str
) -> None:
    base(stage)
    rows = [
        ["8502", "81000", "Bärbel", "Größe-Schäfer", "b@oedoen.example", "Einkauf", "J", ""],
        ["8503", "81000", "Jürgen", "Weiß", "j@oedoen.example", "Einkauf", "J", ""],
    ]
    content = as_csv(table("ansprechpartner", *rows), encoding=encoding)
    found = taken_in(stage, "ansprechpartner", content)
    assert (found["accepted"], told(found)) == (2, [])
    assert contact(adapters, "8502").last_name == "Größe-Schäfer"
    assert contact(adapters, "8503").name == "Jürgen Weiß"
    assert found["files"][0]["encoding"] is not None
    noted = [f["text"] for f in found["findings"] if f["code"] == "encoding_read"]
    assert bool(noted) == (encoding != "cp1252")
    umlaut_heading = as_csv(table("vertraege", CONTRACT), encoding=encoding)
    assert taken_in(stage, "vertraege", umlaut_heading)["accepted"] == 1


def test_two_files_joined_by_somebody_are_read_line_by_line(
    stage: Stage, adapters: Adapters
) -> None:
    base(stage)
    utf8 = as_csv(table("firmen", ["81001", "Bäckerei", "", "", "Köln", "DE"]), encoding="utf-8")
    ansi = as_csv([["81002", "Gärtnerei", "", "", "Fürth", "DE"]], encoding="cp1252")
    cut = "81003;Müller & Söhn".encode() + b"\xc3;;;;DE\r\n"
    found = taken_in(stage, "firmen", utf8 + ansi + cut)
    names = {
        c.id: c.name
        for c in holdings.companies(adapters.table, ["81001", "81002", "81003"]).values()
    }
    assert names == {"81001": "Bäckerei", "81002": "Gärtnerei", "81003": "Müller & Söhn\ufffd"}
    assert told(found) == [(3, "encoding_mixed"), (4, "letters_lost")]


def test_titles_above_the_headings_are_passed_over(stage: Stage) -> None:
    base(stage)
    content = (
        "Export Firmen vom 28.11.2026;;;;;\r\nErstellt von: Büro; 1 Datensatz\r\n\r\n".encode()
    )
    content += as_csv(table("firmen", COMPANY), encoding="utf-8")
    found = taken_in(stage, "firmen", content)
    assert (found["rows"], found["accepted"], told(found)) == (1, 1, [])
    assert found["files"][0]["headings_line"] == 4
    assert "title_lines" in {f["code"] for f in found["findings"]}


def test_of_two_columns_of_one_meaning_the_first_named_is_read(
    stage: Stage, adapters: Adapters
) -> None:
    base(stage)
    rows = [
        ["Maschinennummer", "Vertragsnummer", "Typ", "Modell"],
        ["820001", "87001", "MFP", "IM C300"],
    ]
    found = taken_in(stage, "maschinen", rows)
    assert told(found) == [(1, "doubled_column")]
    assert machine(adapters).model == "IM C300"


def test_imported_readings_are_judged_and_stay(stage: Stage, adapters: Adapters) -> None:
    base(stage)
    rows = [
        reading("820001", "310"),
        reading("820002", "345000"),
        reading("820003", "24100"),
        reading("820004", "310", reset="24000"),
    ]
    found = taken_in(stage, "zaehlerstaende", table("zaehlerstaende", *rows))
    assert found["accepted"] == 4
    assert told(found) == [(2, "lower_than_last"), (3, "usage_too_high")]
    assert "22.000" in found["findings"][0]["text"]
    assert (last(adapters, "820001"), last(adapters, "820002")) == (310, 345_000)


def test_a_base_that_breaks_its_own_history_offers_no_digits(stage: Stage) -> None:
    base(stage)
    rows = [reading("820001", "310"), reading("820002", "345000")]
    taken_in(stage, "zaehlerstaende", table("zaehlerstaende", *rows))
    for number in ("820001", "820002"):
        body = {
            "machines": [{"machine_id": number, "read_on": "2026-11-23", "values": {"1": 24_900}}]
        }
        answer = stage.staff("POST", "/api/staff/check", body)
        assert answer.status == 200, answer.text
        findings = answer.json["machines"][0]["findings"]
        assert [f["suggestion"] for f in findings] == [None] * len(findings), number
        assert "base_doubtful" in {f["code"] for f in findings}


def test_a_request_may_not_hide_the_file_s_own_name(stage: Stage) -> None:
    answer = upload(stage, b"x", kind="application/json")
    assert answer.status == 415
