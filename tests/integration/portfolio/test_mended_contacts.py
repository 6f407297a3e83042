"""Staff correct addresses, phone numbers and people; the old address loses the company and is told."""

from __future__ import annotations

from contextvars import Context
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Contact, Delivery
from meterportal.settings import Moment
from meterportal.store.access import mailboxes
from meterportal.store.portfolio import holdings
from meterportal.usecases.mailing.sweep_rounds import sweep

from tests.support import clock
from tests.support.access import a_code
from tests.support.builders import a_contact, a_holding, a_link, settle
from tests.support.customers import (
    CLARA,
    before_the_next_write,
    open_by,
    second_company,
    signed_in,
)
from tests.support.erp_exports import CONTACTS, FILES, as_zip, imported, upload, with_cells
from tests.support.faults import failing
from tests.support.requesting import text_of
from tests.support.stage import Answer, Stage
from tests.support.wire import counted

NEW = "c.schaefer@muster.example"


def contact(adapters: Adapters, number: str = "5001", company_id: str = "10000") -> Contact:
    place = (company_id, number)
    return holdings.contacts(adapters.table, [place])[place]


def patch(stage: Stage, adapters: Adapters, number: str = "5001", **fields: Any) -> Answer:
    body = {"version": contact(adapters).rev} | fields
    return stage.staff("PATCH", f"/api/staff/contacts/{number}", body, groups="remind")


def card(stage: Stage, number: str = "5001") -> Any:
    people = stage.staff("GET", "/api/staff/companies/10000").json["contacts"]
    return next(one for one in people if one["id"] == number)


def test_address_and_phone_are_changed_and_shown_as_on_the_page(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    seen = contact(adapters).rev
    told = patch(stage, adapters, email=f" {NEW}\u200b ", phone="0228 1234")
    assert told.status == 200, told.text
    assert (told.json["email"], told.json["phone"], told.json["version"]) == (
        NEW,
        "0228 1234",
        seen + 1,
    )
    assert told.json["erp"] == {"email": CLARA, "phone": "", "active": None}
    assert told.json == card(stage)
    (entry,) = stage.staff("GET", "/api/staff/audit").json["entries"]
    assert (entry["action"], entry["contact"]["id"]) == ("contact_changed", "5001")
    assert entry["changes"] == [
        {"field": "email", "before": None, "after": "changed"},
        {"field": "phone", "before": None, "after": "changed"},
    ]


def test_the_claim_moves_and_what_the_old_address_had_opens_nothing_more(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    old, code = a_link(adapters), a_code(adapters)
    assert stage.customer("GET", "/api/machines").status == 200
    assert patch(stage, adapters, email=NEW).status == 200
    assert stage.customer("GET", "/api/machines").status == 401
    assert open_by(stage, old).status == 401
    assert stage.customer("POST", "/api/session", {"email": CLARA, "code": code}).status == 401
    before, after = (mailboxes.load(adapters.table, one) for one in (CLARA, NEW))
    assert (before.listed, before.claims) == (frozenset(), {})
    assert (after.listed, after.claims) == (frozenset({("10000", "5001")}), {"10000": "5001"})
    assert open_by(stage, a_link(adapters, mailbox=NEW)).status == 201
    assert stage.customer("GET", "/api/machines").status == 200


def test_the_old_address_keeps_its_other_companies(stage: Stage, adapters: Adapters) -> None:
    second_company(adapters)
    settle(adapters)
    old = a_link(adapters)
    assert patch(stage, adapters, email=NEW).status == 200
    opened = open_by(stage, old)
    assert opened.status == 201
    assert [one["id"] for one in opened.json["companies"]] == ["10007"]


def test_the_old_address_is_told_by_a_mail_that_opens_nothing(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    patch(stage, adapters, email=NEW)
    stage.drain()
    (mail,) = stage.mails()
    assert (mail["To"], mail["Subject"]) == (CLARA, "Ihre E-Mail-Adresse bei Muster GmbH")
    for kind in ("plain", "html"):
        text = text_of(mail, kind)
        assert "nicht mehr für" in text
        for secret in ("#t=", "Code:", NEW, "Schäfer"):
            assert secret not in text


def test_the_notice_that_was_not_queued_is_sent_by_the_next_sweep(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    settle(adapters)
    with failing("SendMessageBatch", ReadTimeoutError(endpoint_url="sqs")):
        assert patch(stage, adapters, email=NEW).status == 200
    stage.drain()
    assert stage.mails() == []
    for _ in range(2):
        sweep(adapters, Moment(clock.now().replace(year=2027), at.today))
        stage.drain()
    assert [mail["To"] for mail in stage.mails()] == [CLARA]


def test_an_address_that_opened_nothing_is_not_written_to(stage: Stage, adapters: Adapters) -> None:
    settle(adapters, claimed=False)
    assert patch(stage, adapters, email=NEW).status == 200
    stage.drain()
    assert stage.mails() == []


def test_an_address_that_no_mail_reaches_is_not_written_to(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    bounced = mailboxes.note_failure(CLARA, Delivery.BOUNCED, at="2026-11-20T00:00:00Z")
    adapters.table.write(bounced)
    assert patch(stage, adapters, email=NEW).status == 200
    stage.drain()
    assert stage.mails() == []


def test_an_address_is_taken_away(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    told = patch(stage, adapters, email=None)
    assert (told.json["email"], told.json["delivery"]) == ("", None)
    assert mailboxes.load(adapters.table, CLARA).claims == {}
    back = patch(stage, adapters, email=CLARA)
    assert (back.json["email"], back.json["erp"]) == (CLARA, None)
    assert mailboxes.load(adapters.table, CLARA).claims == {"10000": "5001"}


def test_an_address_of_another_company_needs_a_confirmation(
    stage: Stage, adapters: Adapters
) -> None:
    second_company(adapters)
    settle(adapters, a_holding(contacts=[a_contact(email="alt@muster.example")]))
    told = patch(stage, adapters, email=CLARA)
    assert (told.status, told.json["code"]) == (409, "address_known_elsewhere")
    assert told.json["known_at"] == [
        {"company": {"id": "10007", "name": "Abakus AG"}, "contact": {"id": "6001", "name": "C. Schäfer"}}
    ]  # fmt: skip
    assert "Abakus AG (C. Schäfer)" in told.json["detail"]
    assert contact(adapters).email == "alt@muster.example"
    assert patch(stage, adapters, email=CLARA, confirm_shared=True).status == 200
    assert mailboxes.load(adapters.table, CLARA).claims == {"10000": "5001", "10007": "6001"}
    (entry,) = stage.staff("GET", "/api/staff/audit").json["entries"]
    assert {"field": "confirm_shared", "before": None, "after": True} in entry["changes"]


def test_who_shared_an_address_before_comes_back_without_a_question(
    stage: Stage, adapters: Adapters
) -> None:
    second_company(adapters)
    settle(adapters)
    assert patch(stage, adapters, active=False).status == 200
    assert patch(stage, adapters, active=True).status == 200


def test_an_address_of_a_colleague_is_refused(stage: Stage, adapters: Adapters) -> None:
    colleague = a_contact("5002", first_name="Erik", email="erik@muster.example")
    settle(adapters, a_holding(contacts=[a_contact(), colleague]))
    told = patch(stage, adapters, email="Erik@muster.example", confirm_shared=True)
    assert (told.status, told.json["code"]) == (409, "address_taken")
    left = patch(stage, adapters, "5002", active=False, version=contact(adapters, "5002").rev)
    assert (left.status, left.json["active"], left.json["erp"]["active"]) == (200, False, True)
    assert patch(stage, adapters, email="erik@muster.example").status == 200
    assert mailboxes.load(adapters.table, "erik@muster.example").claims == {"10000": "5001"}
    again = patch(stage, adapters, "5002", active=True, version=contact(adapters, "5002").rev)
    assert (again.status, again.json["code"]) == (409, "address_taken")


def test_a_stale_page_gets_the_newer_state(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    seen = contact(adapters).rev
    for _ in range(2):
        assert patch(stage, adapters, version=seen, phone="0228 1").status == 200
    told = patch(stage, adapters, version=seen, email=NEW)
    assert (told.status, told.json["code"], told.json["version"]) == (
        412,
        "changed_meanwhile",
        seen + 1,
    )
    assert told.json["contact"] == {"email": CLARA, "phone": "0228 1", "active": True}
    assert len(stage.staff("GET", "/api/staff/audit").json["entries"]) == 1


@pytest.mark.parametrize("conditions", [True, False])
def test_of_two_at_once_the_second_sees_the_first(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch, conditions: bool
) -> None:
    """Without the conditions two addresses would hold the claim."""
    settle(adapters)
    seen = contact(adapters).rev
    other = "andere@muster.example"
    meddle = partial(patch, stage, adapters, email=other)
    before_the_next_write(monkeypatch, adapters, meddle, conditions=conditions)
    told = patch(stage, adapters, email=NEW)
    held = [one for one in (CLARA, NEW, other) if mailboxes.load(adapters.table, one).claims]
    if conditions:
        assert (told.status, told.json["version"]) == (412, seen + 1)
        assert (contact(adapters).email, held) == (other, [other])
    else:
        assert held == [NEW, other]


def test_who_comes_to_the_address_meanwhile_is_seen(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(adapters, a_holding(contacts=[a_contact(email="alt@muster.example")]))
    before_the_next_write(monkeypatch, adapters, partial(Context().run, second_company, adapters))
    assert patch(stage, adapters, email=CLARA).json["code"] == "address_known_elsewhere"


def test_rights_are_changed_and_end_sessions_at_once(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    told = patch(stage, adapters, rights={"machines": False})
    assert told.status == 200, told.text
    assert told.json["rights"] == {"readings": True, "machines": False, "service_orders": "none"}
    assert told.json["erp"] is None
    assert stage.customer("GET", "/api/machines").status == 200
    patch(stage, adapters, rights={"readings": False})
    assert stage.customer("GET", "/api/machines").status == 401
    entries = stage.staff("GET", "/api/staff/audit").json["entries"]
    assert [one["changes"] for one in entries] == [
        [{"field": "readings", "before": True, "after": False}],
        [{"field": "machines", "before": True, "after": False}],
    ]
    back = patch(stage, adapters, rights={"readings": True, "machines": True})
    assert back.json["rights"]["readings"] is True
    assert stage.customer("GET", "/api/machines").status == 200


def test_rights_that_nobody_granted_are_not_changed(stage: Stage, adapters: Adapters) -> None:
    settle(adapters, a_holding(contacts=[a_contact(rights=None)]))
    told = patch(stage, adapters, rights={"readings": True})
    assert (told.status, told.json["code"]) == (409, "rights_not_granted")
    assert contact(adapters).rights is None


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"email": "clara(at)muster.example"}, "email", "email_refused"),
        ({"email": "a@b.example, c@d.example"}, "email", "email_refused"),
        ({"email": "сlara@muster.example"}, "email", "email_refused"),
        ({"email": "x" * 300 + "@muster.example"}, "email", "text_refused"),
        ({"phone": "0228\n12"}, "phone", "text_refused"),
        ({"phone": "1" * 61}, "phone", "text_refused"),
        ({"phone": 228}, "phone", "invalid"),
        ({"active": "no"}, "active", "invalid"),
        ({"version": None}, "version", "invalid"),
        ({"name": "Neu"}, "name", "invalid"),
    ],
)
def test_bad_input_is_refused_in_words(
    stage: Stage, adapters: Adapters, fields: dict[str, Any], field: str, code: str
) -> None:
    settle(adapters)
    told = patch(stage, adapters, **fields)
    assert (told.status, told.json["field"]) == (422, field), told.text
    assert code == "invalid" or told.json["code"] == code


def test_rights_and_unknown_contacts(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    for number in ("5999", "x" * 65):
        assert patch(stage, adapters, number, phone="1").status == 404
    for groups in ("read", "release"):
        body = {"phone": "1", "version": 1}
        told = stage.staff("PATCH", "/api/staff/contacts/5001", body, groups=groups)
        assert told.status == 403


def test_it_costs_four_reads_a_transaction_and_a_message(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    seen = contact(adapters).rev
    with counted(adapters.table._client) as counts:
        assert patch_as(stage, {"phone": "0228 1", "version": seen}).status == 200
    reads = {"dynamodb.BatchGetItem": 2, "dynamodb.Query": 1, "dynamodb.GetItem": 1}
    assert counts == {**reads, "dynamodb.TransactWriteItems": 1}


def patch_as(stage: Stage, body: dict[str, Any]) -> Answer:
    return stage.staff("PATCH", "/api/staff/contacts/5001", body)


# what an import makes of it

OLD = "c.schaefer@muster.example"


def erp(**cells: str) -> dict[str, Any]:
    people = with_cells(CONTACTS, 2, **cells) if cells else CONTACTS
    return {**FILES, "ansprechpartner.csv": people}


def test_the_same_export_again_leaves_the_correction(stage: Stage, adapters: Adapters) -> None:
    assert imported(stage, erp())["state"] == "done"
    told = patch(stage, adapters, email=CLARA, phone="0228 1", active=False)
    assert told.status == 200, told.text
    again = imported(stage, erp())
    assert sum(n["changed"] + n["new"] for n in again["changes"].values()) == 0
    now = contact(adapters)
    assert (now.email, now.mailbox, now.phone, now.active) == (CLARA, CLARA, "0228 1", False)
    assert (now.email_in_erp, now.phone_in_erp, now.active_in_erp) == (OLD, "", True)


@pytest.mark.parametrize("said", ["dritte@muster.example", CLARA])
def test_what_the_erp_says_anew_ends_the_correction(
    stage: Stage, adapters: Adapters, said: str
) -> None:
    imported(stage, erp())
    patch(stage, adapters, email=CLARA, phone="0228 1")
    imported(stage, erp(e_mail=said))
    now = contact(adapters)
    assert (now.email, now.mailbox, now.email_in_erp) == (said, said, None)
    assert (now.phone, now.phone_in_erp) == ("0228 1", "")


def test_what_staff_correct_during_an_import_is_not_overwritten(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(stage, erp())
    assert upload(stage, as_zip(erp(nachname="Neu"))).status == 202
    # In a context of its own: staff do not act under the import's rights.
    meddle = partial(Context().run, patch, stage, adapters, phone="0228 1")
    before_the_next_write(monkeypatch, adapters, meddle)
    stage.drain()
    assert (contact(adapters).last_name, contact(adapters).phone) == ("Neu", "0228 1")
