"""A person's data are given in full, and erased without a trace; what was released stays as it is."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from contextvars import Context
from functools import partial
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.crypto import digest
from meterportal.domain.access.erasures import Person
from meterportal.store.portfolio import holdings
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends

from tests.support import clock
from tests.support.answering import a_mail, a_notice
from tests.support.builders import a_contact
from tests.support.customers import before_the_next_write, everything
from tests.support.erp_exports import (
    CONTACTS,
    FILES,
    Table,
    as_zip,
    codes,
    imported,
    upload,
    with_cells,
)
from tests.support.faults import killed
from tests.support.requesting import an_event, text_of, work
from tests.support.stage import INBOUND_DOMAIN, Answer, Stage

MAILBOX = "c.schaefer@muster.example"
WORDS = ("clara", "schäfer", "schaefer", "0228 5550141")
_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 50
PEOPLE: Table = [[*CONTACTS[0], "Telefon"]] + [
    [*row, "0228 5550141" if row[0] == "5001" else ""] for row in CONTACTS[1:]
]
READINGS: Table = [[*row[:5], "", *row[6:]] for row in FILES["zaehlerstaende.csv"][1:]]
ERP: Mapping[str, Table] = {
    **FILES,
    "ansprechpartner.csv": PEOPLE,
    "zaehlerstaende.csv": [FILES["zaehlerstaende.csv"][0], *READINGS],
}


def a_life(stage: Stage, erp: Mapping[str, Table] = ERP) -> dict[str, str]:
    """Everything that a contact leaves behind: mails, links, a password, values, a photo, problems, a
    successor, notes, reports of imports, a release and a batch. The numbers of what came of it."""
    assert imported(stage, erp)["rejected"] == 0
    married = with_cells(PEOPLE, 2, nachname="Schäfer-Lang")
    married.append(["5009", *married[2][1:4], "Neu", "neu@muster.example", *married[2][6:]])
    imported(stage, {**erp, "ansprechpartner.csv": married}, dry_run="true")
    wanted = {"selection": {"ids": ["70001"]}}
    assert stage.staff("POST", "/api/staff/readiness", wanted).status == 200
    asked = stage.staff("POST", "/api/staff/rounds", wanted).json["id"]
    stage.drain()
    assert stage.customer("POST", "/api/session", {"token": token(stage, "t")}).status == 201
    stage.customer("POST", "/api/links", {"email": MAILBOX})
    stage.customer("POST", "/api/password/mail", {"email": MAILBOX})
    stage.drain()
    set_ = {"password": "kaffee regen fahrrad", "token": token(stage, "p")}
    assert stage.customer("PUT", "/api/password", set_).status < 300
    stage.drain()
    values = {"values": {"1": "4.900", "2": "1.100"}, "version": 1}
    told = stage.customer(
        "PUT", "/api/machines/200001/readings", values, headers={"idempotency-key": "c1"}
    )
    assert told.status == 200, told.text
    photo = {"meter_id": "1", "content_type": "image/jpeg", "size": len(_JPEG)}
    number = stage.customer("POST", "/api/machines/200001/photos", photo).json["photo_id"]
    bucket = stage.environment["PHOTO_BUCKET"]
    stage.client("s3").put_object(
        Bucket=bucket, Key=f"photos/10000/200001/{number}", Body=_JPEG + b"Clara"
    )
    problem = {"kind": "gone", "text": "Abgeholt, fragen Sie Clara Schäfer (0228 5550141)"}
    problem_id = stage.customer("POST", "/api/machines/200002/problems", problem).json["id"]
    successor = {"name": "Erika Neu", "email": "erika@muster.example", "text": "Gruß, C. Schäfer"}
    assert stage.customer("POST", "/api/successors", successor).status == 201
    note = {"text": "Frau Schäfer ist dienstags da.", "machine_id": "200001"}
    assert stage.staff("POST", "/api/staff/notes", note).status == 201
    assert stage.staff("GET", "/api/staff/contacts/5001/view").status == 200
    mailed(stage, "Bitte rufen Sie an, Clara Schäfer", MAILBOX)
    mailed(stage, "Das macht Clara Schäfer bei uns.", "erika@muster.example")
    version = stage.staff("GET", "/api/staff/machines/200001").json["version"]
    run = {"selection": {"ids": ["200001"], "versions": {"200001": version}}}
    released = stage.staff("POST", "/api/staff/releases", run).json["id"]
    stage.drain()
    batch = stage.staff("POST", "/api/staff/exports", {}).json["id"]
    stage.drain()
    return {"round": asked, "release": released, "export": batch, "problem": problem_id}


def mailed(stage: Stage, text: str, sender: str) -> None:
    """An answer comes by mail that staff have to look at."""
    raw, number = a_mail(text, sender=sender), digest(text)[:40]
    bucket = stage.environment["INBOUND_BUCKET"]
    stage.client("s3").put_object(Bucket=bucket, Key=f"mails/{number}", Body=raw)
    notice = a_notice(number, f"z-antwort@{INBOUND_DOMAIN}", source=sender)
    assert work(stage, "receive_mail", notice) == []


def token(stage: Stage, kind: str) -> str:
    """The newest token of a kind that a mail brought: t opens, p sets a password."""
    found = [
        one for mail in stage.mails() for one in re.findall(rf"#{kind}=([\w.-]+)", text_of(mail))
    ]
    return str(found[-1])


def stored_text(adapters: Adapters) -> str:
    """The table and all files of all buckets with all their versions, unpacked, as one text."""
    told = [f"{key} {_inflated(item)}" for key, item in everything(adapters).items()]
    for name, bucket in s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets.items():
        for key in bucket.keys:
            for version in bucket.keys.getlist(key):
                content = getattr(version, "value", b"") or b""
                told.append(f"{name}/{key} {_unpacked(content)}")
    return "\n".join(told)


def _inflated(value: Any) -> Any:
    """An item of the table with its packed values as text."""
    match value:
        case bytes():
            with suppress(zlib.error):  # sealed
                return zlib.decompress(value).decode()
        case dict():
            return {name: _inflated(part) for name, part in value.items()}
        case list():
            return [_inflated(part) for part in value]
    return value


def _unpacked(content: bytes) -> str:
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return "\n".join(_unpacked(packed.read(name)) for name in packed.namelist())
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    return content.decode("utf-8", "ignore") + content.decode("cp1252", "ignore")


def traces(adapters: Adapters) -> list[str]:
    """The lines of all that is stored that hold a word of the person."""
    lines = stored_text(adapters).split("\n")
    return [line[:300] for line in lines if any(word in line.casefold() for word in WORDS)]


def erase(stage: Stage, contact: str = "5001", **more: Any) -> Answer:
    return stage.staff("DELETE", f"/api/staff/contacts/{contact}/data?dry_run=false", **more)


def to_its_end(stage: Stage, monkeypatch: pytest.MonkeyPatch, contact: str = "5001") -> Any:
    """Ask again until it is done; time passes in between, and the queues work."""
    for _ in range(40):
        told = erase(stage, contact)
        assert told.status == 200, told.text
        if told.json["state"] == "done":
            return told.json
        stage.drain()
        monkeypatch.setattr(clock, "_started", clock._started - 10)
    raise AssertionError("it never ends")


def all_data(stage: Stage, contact: str = "5001") -> dict[str, list[Any]]:
    """The export, put together."""
    whole: dict[str, list[Any]] = {}
    query = ""
    while True:
        answer = stage.staff("GET", f"/api/staff/contacts/{contact}/data{query}")
        assert answer.status == 200, answer.text
        for kind, rows in answer.json["data"].items():
            whole.setdefault(kind, []).extend(rows)
        if answer.json["next_cursor"] is None:
            return whole
        query = f"?cursor={answer.json['next_cursor']}"


def money(stage: Stage, made: Mapping[str, str]) -> list[Any]:
    """What billing stands on: released values, the release report with its sums, the batch."""
    machine = stage.staff("GET", "/api/staff/machines/200001").json
    release = stage.staff("GET", f"/api/staff/releases/{made['release']}").json
    export = stage.staff("GET", f"/api/staff/exports/{made['export']}").json
    files = [(one["name"], one["sha256"]) for one in export["files"]]
    meters = [(one["history"], one["period"]) for one in machine["meters"]]
    return [machine["released"], meters, release, export["count"], files]


def test_after_an_erasure_no_trace_is_left_and_what_was_released_is_unchanged(
    stage: Stage,
    adapters: Adapters,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    made = a_life(stage)
    kinds = {line.split("#")[0].rpartition("'")[2] for line in traces(adapters)}
    assert len(traces(adapters)) > 15, kinds
    report = next(line for line in stored_text(adapters).split("\n") if "LINE#200001#-" in line)
    assert '"x":"released"' in report, "packed values are looked through, too"
    before = money(stage, made)
    sums = stage.staff("GET", f"/api/staff/rounds/{made['round']}").json
    done = to_its_end(stage, monkeypatch)
    assert (done["done"], done["shared_address"]) == (done["of"], False)
    assert traces(adapters) == []
    assert money(stage, made) == before
    after = stage.staff("GET", f"/api/staff/rounds/{made['round']}").json
    assert {name: after[name] for name in ("planned", "sent", "failed")} == {
        name: sums[name] for name in ("planned", "sent", "failed")
    }
    page = stage.staff("GET", "/api/staff/companies/10000")
    assert [one["id"] for one in page.json["contacts"]] == ["5002"]
    answers = stage.staff("GET", "/api/staff/answers?state=open").json["answers"]
    assert {one["text"] for one in answers} == {"…", "Das macht … bei uns."}
    assert stage.customer("GET", "/api/session").status == 401
    assert caplog.records
    said = str([vars(record) for record in caplog.records]).casefold()
    assert [word for word in WORDS if word in said] == []
    assert erase(stage).json["state"] == "done"
    newest = stage.staff("GET", "/api/staff/audit").json["entries"][0]
    assert (newest["action"], newest["contact"]["id"]) == ("person_erased", "5001")


def test_the_export_holds_every_kind_of_row_that_names_the_person(
    stage: Stage, adapters: Adapters
) -> None:
    a_life(stage)
    found = all_data(stage)
    rows = [f"{key} {item}" for key, item in everything(adapters).items()]
    named = [row for row in rows if any(word in row.casefold() for word in WORDS)]
    prefixes = {re.search(r"([A-Z]+)#", row).group(1) for row in named}  # type: ignore[union-attr]
    kept_as = {
        "COMPANY": "person",
        "MAILBOX": "address",
        "ACCOUNT": "address",
        "LINK": "links",
        "SESSION": "sessions",
        "PASSWORD": "password_links",
        "ROUND": "mails",
        "NOTICE": "notices",
        "RECEIPT": "receipts",
        "SUCCESSOR": "successors",
        "PROBLEM": "problems",
        "MACHINE": "problems",
        "NOTES": "notes",
        "INBOUND": "answers",
        "IMPORT": "imports",
    }
    assert prefixes <= kept_as.keys(), prefixes - kept_as.keys()
    assert {"LINK", "SESSION", "ROUND", "NOTES", "INBOUND", "IMPORT", "PROBLEM"} <= prefixes
    assert {kept_as[one] for one in prefixes} <= {kind for kind, rows in found.items() if rows}
    assert found["person"][0]["phone"] == "0228 5550141"
    values = {row["value"] for row in found["readings"]}
    assert {4900, 1100} <= values
    assert found["photos"][0]["machine_id"] == "200001"
    states = {(row["round_id"].split("-")[0], row["state"]) for row in found["mails"]}
    assert {("link", "sent"), ("password", "sent"), ("notice", "sent")} <= states
    assert "viewed_as_contact" in {row["action"] for row in found["journal"]}
    newest = stage.staff("GET", "/api/staff/audit").json["entries"][0]
    assert newest["action"] == "data_exported"
    assert "$argon2" not in str(found)
    assert {row["sender"] for row in found["answers"]} == {MAILBOX, "erika@muster.example"}


def test_a_dry_run_tells_what_goes_and_changes_nothing(stage: Stage, adapters: Adapters) -> None:
    a_life(stage)
    before = everything(adapters)
    counts: dict[str, int] = {}
    query = ""
    while True:
        told = stage.staff("DELETE", f"/api/staff/contacts/5001/data{query}").json
        assert (told["state"], told["shared_address"]) == ("dry_run", False)
        for kind, count in told["counts"].items():
            counts[kind] = counts.get(kind, 0) + count
        if told["next_cursor"] is None:
            break
        query = f"?cursor={told['next_cursor']}"
    assert counts == {kind: len(rows) for kind, rows in all_data(stage).items()} | {
        "journal": counts["journal"]
    }
    stage.staff("DELETE", "/api/staff/contacts/5001/data")
    changed = {key for key, item in everything(adapters).items() if before.get(key) != item}
    assert all("JOURNAL#" in str(pk) or "STAFF#" in str(pk) for pk, _ in changed)


@pytest.mark.parametrize("every", [1, 4, 9])
def test_killed_in_the_middle_it_goes_on(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, every: int
) -> None:
    made = a_life(stage)
    before = money(stage, made)
    for _ in range(25):
        with killed(every):
            erase(stage)
    to_its_end(stage, monkeypatch)
    assert traces(adapters) == []
    assert money(stage, made) == before
    actions = [one["action"] for one in stage.staff("GET", "/api/staff/audit").json["entries"]]
    assert actions.count("person_erased") == 1


def test_no_import_brings_an_erased_person_back_without_the_word_of_staff(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(stage, ERP)
    to_its_end(stage, monkeypatch)
    told = imported(stage, ERP)
    assert ("ansprechpartner.csv", 2, "Ansprechpartnernummer", "person_erased") in codes(told)
    renumbered = with_cells(PEOPLE, 2, ansprechpartnernummer="5009")
    told = imported(stage, {**ERP, "ansprechpartner.csv": renumbered})
    assert ("ansprechpartner.csv", 2, "Ansprechpartnernummer", "person_erased") in codes(told)
    assert people(adapters) == {"5002"}
    (listed,) = stage.staff("GET", "/api/staff/erasures").json["erasures"]
    assert (listed["contact_id"], listed["state"]) == ("5001", "done")
    assert listed["by"]["name"] == "Anna Weber"

    path = "/api/staff/contacts/5001/readmission"
    assert stage.staff("POST", path, groups="release").status == 403
    assert stage.staff("POST", path).status == 200
    assert stage.staff("POST", path).status == 404
    assert imported(stage, ERP)["rejected"] == 0
    assert people(adapters) == {"5001", "5002"}


def people(adapters: Adapters) -> set[str]:
    held = holdings.people(adapters.table, "10000")
    assert held is not None
    return set(held.contacts)


def test_an_import_that_runs_at_the_same_time_does_not_bring_the_person_back(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(stage, ERP)
    moved = with_cells(PEOPLE, 2, **{"e-mail": "neu@muster.example"})
    assert upload(stage, as_zip({**ERP, "ansprechpartner.csv": moved})).status == 202
    meddle = partial(Context().run, to_its_end_without_queues, stage, monkeypatch)
    before_the_next_write(monkeypatch, adapters, meddle)
    stage.drain()
    to_its_end(stage, monkeypatch)
    assert people(adapters) == {"5002"}


def to_its_end_without_queues(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        erase(stage)


def test_who_shares_an_address_keeps_it(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = with_cells(PEOPLE, 4, **{"e-mail": MAILBOX})
    a_life(stage, {**ERP, "ansprechpartner.csv": both})
    done = to_its_end(stage, monkeypatch)
    assert done["shared_address"] is True
    page = stage.staff("GET", "/api/staff/companies/10007").json
    assert [one["email"] for one in page["contacts"]] == [MAILBOX]
    box = adapters.table.get(f"MAILBOX#{MAILBOX}", "MAILBOX")
    assert box is not None
    assert box["listed"] == {"10007/5003"}
    assert "10000" not in box["claims"]
    left = [line for line in traces(adapters) if "clara" in line.casefold()]
    assert left == []


def test_what_the_mail_system_tells_later_changes_nothing(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = a_life(stage)
    row = adapters.table.get(f"ROUND#{made['round']}", f"MAIL#{MAILBOX}")
    assert row is not None
    to_its_end(stage, monkeypatch)
    for kind in ("Delivery", "Bounce Permanent", "Complaint"):
        event = an_event(kind, made["round"], MAILBOX, mail={"messageId": row["message_id"]})
        assert work(stage, "record_mail_events", event) == []
    assert traces(adapters) == []


def test_only_administrators_and_only_known_contacts(stage: Stage) -> None:
    imported(stage, ERP)
    for groups in ("read", "remind", "release", "erp"):
        assert stage.staff("GET", "/api/staff/contacts/5001/data", groups=groups).status == 403
        assert erase(stage, groups=groups).status == 403
        assert stage.staff("GET", "/api/staff/erasures", groups=groups).status == 403
    for contact in ("5999", "x" * 65):
        assert stage.staff("GET", f"/api/staff/contacts/{contact}/data").status == 404
        assert erase(stage, contact).status == 404
        path = f"/api/staff/contacts/{contact}/readmission"
        assert stage.staff("POST", path).status == 404
    assert stage.staff("GET", "/api/staff/contacts/5001/data?cursor=x").status == 400
    bad = "/api/staff/contacts/5001/data?dry_run=vielleicht"
    assert stage.staff("DELETE", bad).status == 400
    assert erase(stage).json["state"] == "running"
    told = stage.staff("POST", "/api/staff/contacts/5001/readmission")
    assert (told.status, told.json["code"]) == (409, "erasure_running")
    assert stage.staff("GET", "/api/staff/contacts/5001/data").status == 404


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Clara Schäfer ruft an", "… ruft an"),
        ("Frau SCHÄFER: clara@muster.example", "Frau …: …"),
        ("Klara und Schäfers Hof", "Klara und Schäfers Hof"),
        ("Tel. 0228/5550-1", "Tel. …"),
    ],
)
def test_a_person_s_words_are_found_in_texts(text: str, left: str) -> None:
    person = Person(a_contact(phone="0228/5550-1"), alone=True)
    assert person.forget(text) == left


def test_in_texts_about_everybody_a_name_alone_may_be_another_s() -> None:
    person = Person(a_contact(), alone=True)
    assert person.forget_exactly("Schäfer") == "…"
    assert person.forget_exactly("Bäckerei Schäfer") == "Bäckerei Schäfer"
    assert person.forget_exactly("an Clara Schäfer, clara@muster.example") == "an …, …"
