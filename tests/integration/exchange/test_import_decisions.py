"""A dry run that staff look at and take over: by cause, for the month, the very same file, once."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import quote_plus

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.exchange.import_runs import ImportedMeanwhile
from meterportal.domain.exchange.imports.texts import TEXTS
from meterportal.settings import moment
from meterportal.store.exchange import imports
from meterportal.store.portfolio import holdings
from meterportal.usecases.exchange.import_master_data import run_import
from meterportal.usecases.exchange.take_over_import import take_over

from tests.support.erp_exports import (
    COMPANIES,
    CONTACTS,
    CONTRACTS,
    FILES,
    MACHINES,
    READINGS,
    Table,
    as_csv,
    as_zip,
    imported,
    report,
    upload,
    with_cells,
)
from tests.support.interleaving import every_order
from tests.support.master_rows import rewindable, rows_of
from tests.support.stage import ANNA, Answer, Stage

CHANGED: dict[str, Table] = {
    **FILES,
    "ansprechpartner.csv": with_cells(CONTACTS, 2, email="neu@muster.example"),
    "vertraege.csv": with_cells(
        with_cells(CONTRACTS, 2, nachste="28.02.2027"), 3, zahlermeldung="MPS"
    ),
    "maschinen.csv": [
        *with_cells(MACHINES, 4, aktiv="N", raum="7"),
        ["200004", "70002", "SN200004", "Canon", "DX", "", "Werk 2", "B", "UG", "2", "J"],
    ],
}


def take(stage: Stage, import_id: str, *, groups: str = "admin") -> Answer:
    return stage.staff("POST", f"/api/staff/imports/{import_id}/apply", groups=groups)


def city(adapters: Adapters) -> str:
    found = holdings.load(adapters.table, "10000")
    return found.company.city if found else ""


def moved(place: str) -> dict[str, Table]:
    return {"firmen.csv": with_cells(COMPANIES, 2, ort=place)}


def test_findings_are_told_by_cause_with_one_of_them(stage: Stage) -> None:
    rows = [["299999", str(n), "28.08.2026", "1", "", "", "", "", "", ""] for n in range(1500)]
    rows += [["200001", "1", "32.13.2026", "1", "", "", "", "", "", ""]] * 3
    files: dict[str, bytes | Table] = {**FILES, "lies.txt.exe": b"x"}
    files["zaehlerstaende.csv"] = [READINGS[0], *rows]
    found = imported(stage, as_zip(files), dry_run="true")
    told = {(c["file"], c["code"], c["severity"]): c for c in found["causes"]}
    unknown = told["zaehlerstaende.csv", "unknown_machine", "error"]
    assert (unknown["count"], unknown["line"]) == (1500, 2)
    assert unknown["text"] == "Das Gerät 299999 ist nicht bekannt."
    assert sum(cause["count"] for cause in found["causes"]) == found["finding_count"]
    severities = [cause["severity"] for cause in found["causes"]]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)

    lines: list[int] = []
    path = f"/api/staff/imports/{found['id']}/findings?cause={unknown['number']}"
    page = stage.staff("GET", path, groups="read").json
    while True:
        assert {f["code"] for f in page["findings"]} == {"unknown_machine"}
        lines += [f["line"] for f in page["findings"]]
        if page["next_cursor"] is None:
            break
        page = stage.staff("GET", f"{path}&cursor={quote_plus(page['next_cursor'])}").json
    assert lines == list(range(2, 1502))
    assert stage.staff("GET", path.replace("cause=", "cause=99")).status == 404
    assert stage.staff("GET", "/api/staff/imports/none/findings?cause=0").status == 404


def test_a_cause_that_stands_far_behind_is_found(stage: Stage) -> None:
    rows = [["299999", str(n), "28.08.2026", "1", "", "", "", "", "", ""] for n in range(2500)]
    doubled = with_cells([*READINGS[:2], *rows], 2, stand="4000")
    files: dict[str, bytes | Table] = {**FILES, "zaehlerstaende.csv": doubled, "notiz.exe": b"x"}
    found = imported(stage, as_zip(files), dry_run="true")
    (last,) = (cause for cause in found["causes"] if cause["code"] == "file_ignored")
    path = f"/api/staff/imports/{found['id']}/findings?cause={last['number']}"
    page = stage.staff("GET", path).json
    assert [f["file"] for f in page["findings"]] == ["notiz.exe"]
    assert page["next_cursor"] is None


def test_findings_leave_as_csv_all_or_by_severity(stage: Stage) -> None:
    rows = [["299999", str(n), "28.08.2026", "1", "", "", "", "", "", ""] for n in range(1200)]
    found = imported(stage, as_csv([READINGS[0], *rows]), file="zaehlerstaende.csv")
    path: str | None = f"/api/staff/imports/{found['id']}/findings.csv"
    lines: list[str] = []
    while path:
        answer = stage.staff("GET", path, groups="read")
        lines += answer.text.removeprefix("\ufeff").splitlines()
        link = answer.headers.get("Link", "")
        path = link.partition("<")[2].partition(">")[0] or None
    assert lines[0] == "Datei;Zeile;Feld;Gewicht;Befund;Code"
    assert len(lines) == 1201
    assert lines[1] == (
        "zaehlerstaende.csv;2;Maschinennummer;abgewiesen;"
        "Das Gerät 299999 ist nicht bekannt.;unknown_machine"
    )
    none = stage.staff("GET", f"/api/staff/imports/{found['id']}/findings.csv?severity=warning")
    assert len(none.text.splitlines()) == 1
    assert (
        stage.staff("GET", f"/api/staff/imports/{found['id']}/findings.csv?severity=x").status
        == 400
    )


def test_a_dry_run_says_what_it_means_for_the_month(stage: Stage) -> None:
    imported(stage, FILES)
    found = imported(stage, CHANGED, dry_run="true")
    assert found["effects"] == {
        "machines_new": 1,
        "machines_ended": 1,
        "due_new": 1,
        "due_gone": 3,
        "from_portal": 1,
        "addresses": 1,
    }
    told = {(f["kind"], f["field"]): (f["count"], f["old"], f["new"]) for f in found["fields"]}
    assert told["contracts", "Nächste Abrechnung"] == (1, "2026-11-28", "2027-02-28")
    assert told["machines", "Raum"] == (1, "1", "7")
    assert told["contacts", "E-Mail"] == (1, "c.schaefer@muster.example", "neu@muster.example")


def test_a_dry_run_is_taken_over_without_its_file_being_sent_again(
    stage: Stage, adapters: Adapters
) -> None:
    imported(stage, FILES, as_of="2026-11-20")
    preview = imported(stage, moved("Berlin"), dry_run="true", as_of="2026-11-21", full="true")
    assert (city(adapters), preview["checksum"]) != ("Berlin", None)
    answer = take(stage, preview["id"])
    assert answer.status == 202, answer.text
    stage.drain()
    run = report(stage, answer.json["id"])
    assert (run["state"], run["dry_run"], run["applies"]) == ("done", False, preview["id"])
    same = ("file", "as_of", "checksum", "full", "changes", "files")
    assert {name: run[name] for name in same} == {name: preview[name] for name in same}
    assert city(adapters) == "Berlin"
    assert report(stage, preview["id"])["applied"] == run["id"]
    entries = stage.staff("GET", "/api/staff/audit?action=import_started").json["entries"]
    assert [one["record"]["id"] for one in entries].count(run["id"]) == 1

    before = rows_of(adapters)
    again = take(stage, preview["id"])
    assert (again.status, again.json["id"]) == (202, run["id"])
    stage.drain()
    assert rows_of(adapters) == before


def test_what_cannot_be_taken_over_is_refused_in_words(stage: Stage, adapters: Adapters) -> None:
    def code(import_id: str, groups: str = "admin") -> tuple[int, str]:
        answer = take(stage, import_id, groups=groups)
        return answer.status, answer.json["code"]

    done = imported(stage, FILES)
    assert code(done["id"]) == (409, "no_dry_run")
    assert code("none") == (404, "not_found")
    waiting = upload(stage, as_zip(moved("Berlin")), dry_run="true").json["id"]
    assert code(waiting) == (409, "no_dry_run")
    stage.drain()
    assert code(waiting, "release") == (403, "not_allowed")
    spoilt = imported(stage, b"\0", dry_run="true")
    assert code(spoilt["id"]) == (409, "no_dry_run")

    place = imports.load(adapters.table, waiting).place  # type: ignore[union-attr]
    adapters.files._client.delete_object(Bucket=place[0], Key=place[1])
    assert code(waiting) == (409, "file_gone")


def test_another_import_in_between_is_refused_at_the_door(stage: Stage, adapters: Adapters) -> None:
    preview = imported(stage, moved("Berlin"), dry_run="true")
    imported(stage, FILES)
    answer = take(stage, preview["id"])
    assert (answer.status, answer.json["code"]) == (409, "imported_meanwhile")
    assert city(adapters) == "Bonn"


def test_another_import_in_between_is_refused_in_the_write(
    stage: Stage, adapters: Adapters
) -> None:
    day = "2026-11-23"  # Data of a later second would be refused as newer, before the write.
    imported(stage, FILES, as_of=day)
    preview = imported(stage, moved("Berlin"), dry_run="true", as_of=day)
    run = take(stage, preview["id"]).json["id"]
    other = upload(stage, as_zip(moved("Hamburg")), as_of=day).json["id"]
    assert run_import(adapters, other, moment()).state == "done"
    stage.drain()
    refused = report(stage, run)
    assert (refused["state"], refused["findings"][0]["code"]) == ("failed", "imported_meanwhile")
    assert city(adapters) == "Hamburg"


def test_two_people_take_over_the_same_dry_run_and_get_one_import(
    stage: Stage, adapters: Adapters
) -> None:
    preview = imported(stage, FILES, dry_run="true")
    rewind = rewindable(adapters)
    started: list[set[str]] = []

    def scene(_: int) -> Any:
        rewind()
        started.append(set())
        act = partial(take_over, adapters, preview["id"], moment(), by=ANNA)
        mine = started[-1]
        return (lambda: mine.add(act())), (lambda: mine.add(act()))

    for number, order in every_order(scene, matters=lambda name, _: name == "TransactWriteItems"):
        assert len(started[number]) == 1, order
    assert len(started) > 1


def test_a_long_import_tells_how_far_it_has_come(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    real = imports.tell_progress

    def tell(table: Any, import_id: str, done: int, parts: int) -> None:
        real(table, import_id, done, parts)
        told.append((report(stage, import_id)["progress"]["done"], parts))

    monkeypatch.setattr(imports, "tell_progress", tell)
    rows = [[str(n), f"Firma {n}", "Ring 1", "50667", "Köln", "DE"] for n in range(20000, 21000)]
    found = imported(stage, {"firmen.csv": [COMPANIES[0], *rows]}, dry_run="true")
    assert found["state"] == "done"
    assert told == [(n, 1000) for n in range(50, 1001, 50)]
    assert imported(stage, FILES)["progress"] is None


def test_the_refusal_of_a_run_has_the_words_of_the_door() -> None:
    assert ImportedMeanwhile.code in TEXTS
