"""An erasure reaches what a person had before, and takes nothing away from somebody else or from a run."""

from __future__ import annotations

from contextvars import Context
from functools import partial
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.access.erasures import ErasurePiece
from meterportal.store.exchange import imports
from meterportal.store.portfolio import holdings
from meterportal.store.writes import Write

from tests.integration.access.test_personal_data import (
    ERP,
    MAILBOX,
    PEOPLE,
    WORDS,
    a_life,
    all_data,
    erase,
    people,
    to_its_end,
    traces,
)
from tests.support.customers import before_the_next_write, everything
from tests.support.erp_exports import as_zip, codes, imported, upload, with_cells
from tests.support.stage import Stage

MAIDEN = "clara.klein@muster.example"
LATEST = "cs@muster.example"


def move_to(stage: Stage, adapters: Adapters, address: str, number: str = "5001") -> None:
    """Staff give a contact another address."""
    (company,) = holdings.companies_of(adapters.table, "CONTACT", [number]).values()
    contact = holdings.contacts(adapters.table, [(company, number)])[company, number]
    body = {"version": contact.rev, "email": address, "confirm_shared": True}
    told = stage.staff("PATCH", f"/api/staff/contacts/{number}", body)
    assert told.status == 200, told.text


def has_password(adapters: Adapters, address: str) -> bool:
    return bool((adapters.table.get(f"ACCOUNT#{address}", "ACCOUNT") or {}).get("password"))


def left(adapters: Adapters) -> list[str]:
    lines = [f"{key} {item}" for key, item in everything(adapters).items()]
    return [line[:300] for line in lines if any(w in line for w in (MAILBOX, MAIDEN, LATEST))]


@pytest.mark.parametrize("by_import", [False, True], ids=["staff", "import"])
def test_former_addresses_are_exported_and_erased_too(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, by_import: bool
) -> None:
    a_life(stage)
    assert has_password(adapters, MAILBOX)
    before = all_data(stage)
    if by_import:
        changed = with_cells(PEOPLE, 2, **{"e-mail": MAIDEN})
        imported(stage, {**ERP, "ansprechpartner.csv": changed})
    else:
        move_to(stage, adapters, MAIDEN)
    move_to(stage, adapters, LATEST)
    found = all_data(stage)
    for kind in ("links", "password_links", "receipts", "mails", "notices"):
        assert len(found[kind]) >= len(before[kind]), kind
    assert {one["address"] for one in found["address"]} == {MAILBOX, MAIDEN, LATEST}
    assert any(one["has_password"] for one in found["address"])

    to_its_end(stage, monkeypatch)
    assert traces(adapters) == []
    assert left(adapters) == []
    for number, address in (("5008", MAILBOX), ("5009", MAIDEN)):
        again = with_cells(PEOPLE, 2, ansprechpartnernummer=number, **{"e-mail": address})
        told = imported(stage, {**ERP, "ansprechpartner.csv": again})
        assert ("ansprechpartner.csv", 2, "Ansprechpartnernummer", "person_erased") in codes(told)
    assert stage.staff("POST", "/api/staff/contacts/5001/readmission").status == 200
    imported(stage, {**ERP, "ansprechpartner.csv": again})
    assert people(adapters) == {"5002", "5009"}


def test_what_earlier_versions_corrected_is_known_by_the_erp_s_word(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_life(stage)
    move_to(stage, adapters, LATEST)
    item = adapters.table.get("COMPANY#10000", "CONTACT#5001")
    assert item is not None
    assert item.pop("former_mailboxes") == [MAILBOX]
    adapters.table.write(Write(put=item))
    to_its_end(stage, monkeypatch)
    assert left(adapters) == []


def test_a_former_address_that_somebody_has_now_stays_theirs(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_life(stage)
    move_to(stage, adapters, LATEST)
    move_to(stage, adapters, MAILBOX, "5002")
    done = to_its_end(stage, monkeypatch)
    assert done["shared_address"] is False
    assert has_password(adapters, MAILBOX)
    box = adapters.table.get(f"MAILBOX#{MAILBOX}", "MAILBOX")
    assert box is not None
    assert box["listed"] == {"10000/5002"}


def test_who_gets_the_address_between_look_and_write_keeps_it(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_life(stage)
    meddle = partial(Context().run, move_to, stage, adapters, MAILBOX, "5003")
    before_the_next_write(monkeypatch, adapters, meddle)
    assert erase(stage).json["shared_address"] is True
    to_its_end(stage, monkeypatch)
    assert has_password(adapters, MAILBOX)
    box = adapters.table.get(f"MAILBOX#{MAILBOX}", "MAILBOX")
    assert box is not None
    assert box["listed"] == {"10007/5003"}
    kept = with_cells(PEOPLE, 2, ansprechpartnernummer="5008")
    told = imported(stage, {**ERP, "ansprechpartner.csv": kept})
    assert "person_erased" not in {code for _, line, _, code in codes(told) if line == 2}


def test_who_gets_the_address_while_it_is_cleared_keeps_what_is_left(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_life(stage)
    original, writes = adapters.table.transact, 0

    def transact(parts: Any) -> None:
        nonlocal writes
        writes += 1
        if writes == 2:  # the first shuts the person out, from the second on rows go
            monkeypatch.setattr(adapters.table, "transact", original)
            Context().run(move_to, stage, adapters, MAILBOX, "5003")
        original(parts)

    monkeypatch.setattr(adapters.table, "transact", transact)
    erase(stage)
    assert has_password(adapters, MAILBOX)
    to_its_end(stage, monkeypatch)
    assert has_password(adapters, MAILBOX)


def test_what_staff_noted_about_a_value_is_exported_and_loses_the_person_s_words(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(stage, ERP)
    version = stage.staff("GET", "/api/staff/machines/200001").json["version"]
    entered = {"values": {"1": "4.900"}, "version": version, "channel": "PHONE", "reporter": "5002"}
    told = stage.staff("PUT", "/api/staff/machines/200001/readings", entered)
    assert told.status == 200, told.text
    decision = {"decision": "deferred", "until": "2026-11-30", "version": told.json["version"]}
    note = {"note": "Frau Schäfer ruft zurück, 0228 5550141"}
    done = stage.staff("POST", "/api/staff/readings/200001.1.2026-11-28/decision", decision | note)
    assert done.status == 200, done.text
    (remark,) = all_data(stage)["remarks"]
    assert remark == {"machine_id": "200001", "meter_id": "1", "text": note["note"]}
    to_its_end(stage, monkeypatch)
    assert traces(adapters) == []
    (machine,) = stage.staff("GET", "/api/staff/readings?bucket=decided").json["machines"]
    kept = machine["readings"][0]["decision"]
    assert (kept["note"], kept["until"]) == ("Frau … ruft zurück, …", "2026-11-30")


def test_an_erasure_waits_for_an_import_and_says_so(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(stage, ERP)
    started = upload(stage, as_zip(ERP)).json["id"]
    told = [erase(stage).json for _ in range(3)][-1]
    assert (told["state"], told["done"]) == (
        "running",
        list(ErasurePiece).index(ErasurePiece.IMPORTS),
    )
    assert told["waits"] == (
        "Gerade läuft ein Import, dessen Datei gelöscht wird. Danach geht die Löschung weiter."
    )
    english = erase(stage, language="en").json["waits"]
    assert english.startswith("An import is running")
    run = imports.load(adapters.table, started)
    assert run is not None
    assert adapters.files.beginning(*run.place, 1) is not None
    done = to_its_end(stage, monkeypatch)
    assert done["waits"] is None
    ended = stage.staff("GET", f"/api/staff/imports/{started}").json
    assert (ended["state"], ended["rejected"]) == ("done", 1)
    assert adapters.files.beginning(*run.place, 1) is None
    assert [line for line in traces(adapters) if any(word in line for word in WORDS)] == []


def test_files_that_no_import_knows_go_too(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One was sent and never started, the other is of a worker that died in its first piece."""
    known = imported(stage, ERP)["id"]
    told = stage.staff("POST", "/api/staff/imports/uploads", {"file": "ERP.zip", "size": 1})
    sent = f"uploads/{told.json['upload_id']}/ERP.zip"
    keys = {sent, f"uploads/{known}/work/00000-findings-x"}
    bucket = adapters.settings.import_bucket
    for key in keys:
        stage.client("s3").put_object(Bucket=bucket, Key=key, Body=as_zip(ERP))
    to_its_end(stage, monkeypatch)
    assert list(adapters.files.names(bucket, "uploads/")) == []
    start = f"/api/staff/imports?upload={told.json['upload_id']}&file=ERP.zip"
    late = stage.staff("POST", start)
    assert (late.status, late.json["code"]) == (409, "upload_missing")


def test_it_waits_for_the_import_that_takes_over_a_dry_run(
    stage: Stage, adapters: Adapters
) -> None:
    imported(stage, ERP)
    changed = {**ERP, "ansprechpartner.csv": with_cells(PEOPLE, 3, vorname="Bernd")}
    dry = imported(stage, changed, dry_run="true")["id"]
    for _ in range(3):  # so that the dry run and its successor stand on different pages
        imported(stage, ERP, dry_run="true")
    assert stage.staff("POST", f"/api/staff/imports/{dry}/apply").status == 202
    run = imports.load(adapters.table, dry)
    assert run is not None
    for _ in range(3):
        told = erase(stage).json
    assert told["waits"]
    assert adapters.files.beginning(*run.place, 1) is not None
    stage.drain()
    for _ in range(3):
        erase(stage)
    assert adapters.files.beginning(*run.place, 1) is None


def test_a_dry_run_whose_file_goes_is_not_taken_over(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(stage, ERP)
    changed = {**ERP, "ansprechpartner.csv": with_cells(PEOPLE, 3, vorname="Bernd")}
    dry = imported(stage, changed, dry_run="true")["id"]

    def let_go() -> None:
        run = imports.load(adapters.table, dry)
        assert run is not None
        adapters.table.write(imports.let_file_go(run))

    before_the_next_write(monkeypatch, adapters, let_go)
    told = stage.staff("POST", f"/api/staff/imports/{dry}/apply")
    assert (told.status, told.json["code"]) == (409, "file_gone")
