"""The smoke test's own ground: where it refuses to begin, and that nothing of it stays behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import meterportal.adapters
import meterportal.settings
import pytest
from meterportal.adapters import Adapters
from meterportal.domain.portfolio.contracts import Company
from meterportal.settings import Moment
from meterportal.usecases.access.personal_access import new_access

from tests.smoke import own
from tests.smoke.ground import BOX, Traces, is_left_over, obstacles
from tests.support import clock
from tests.support.builders import a_contact, a_contract, a_holding, a_machine, settle
from tests.support.customers import everything, open_by
from tests.support.erp_exports import FILES, TODAY, imported
from tests.support.reported import a_reading, a_reported_machine, release_at_once, settle_reported
from tests.support.requesting import an_event, start, token_of, work
from tests.support.stage import Answer, Context, Stage

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STAFF = "staff-of-the-smoke-test"


def stored(adapters: Adapters) -> dict[Any, Any]:
    """The table but for the row that names the newest snapshot and what is counted with it: the smoke
    test has another one built. The turns of sending are the account's and go on with each mail."""
    built = ("SNAPSHOT", "STATISTICS", "PACE#mail")
    return {
        key: item
        for key, item in everything(adapters).items()
        if not any(name in str(key) for name in built)
    }


def by_us(stage: Stage, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    claims = {"token_use": "id", "sub": STAFF, "cognito:groups": "[admin]"}
    return stage.request("staff_api", method, path, body, claims=claims, headers=headers)


def started(stage: Stage, path: str, body: Any, **headers: str) -> str:
    """A run of ours, worked off."""
    answer = by_us(stage, "POST", path, body, **headers)
    assert answer.status == 202, answer.text
    stage.drain()
    number: str = answer.json["id"]
    return number


def a_month_of_ours(stage: Stage, adapters: Adapters, traces: Traces) -> None:
    """All that the smoke test does, by the same doors."""
    selection = {"filter": {"company_id": own.COMPANY}}
    kind = {"content-type": "application/octet-stream"}
    started(stage, "/api/staff/imports", own.export(TODAY), **kind)
    started(stage, "/api/staff/imports?file=firmen.csv", own.renamed(), **kind)
    stage.client("s3").put_object(
        Bucket=stage.environment["IMPORT_BUCKET"],
        Key=f"drop/{own.DROP}1.zip",
        Body=own.export(TODAY),
    )
    stage.drain()
    traces.has_imported()
    ready = by_us(stage, "POST", "/api/staff/readiness", {"selection": selection})
    assert ready.json["ready"] == [own.CONTRACT], ready.text
    many = {"ids": [own.CONTRACT, *(f"{own.CONTRACT}-{n}" for n in range(1000))]}
    started(stage, "/api/staff/readiness", {"selection": many, "dry_run": True})
    round_id = started(stage, "/api/staff/rounds", {"selection": selection})
    assert [mail for mail in stage.mails() if own.ADDRESS in str(mail["To"])]
    assert work(stage, "record_mail_events", an_event("Delivery", round_id, BOX)) == []

    at = Moment(NOW, TODAY)
    made = new_access(
        adapters, mailbox=BOX, company_id=own.COMPANY, round_id=round_id, latest_due=TODAY, at=at
    )
    adapters.table.transact(made.writes)
    assert open_by(stage, made.access.url.partition("#t=")[2]).status == 201
    path = f"/api/machines/{own.MACHINE}"
    put = stage.customer("PUT", f"{path}/readings", {"version": 1, "values": {"1": "12.345"}})
    assert put.status == 200, put.text
    photo = {"meter_id": "1", "content_type": "image/jpeg", "size": 64}
    assert stage.customer("POST", f"{path}/photos", photo).status == 201

    dry = started(stage, "/api/staff/releases", {"selection": selection, "dry_run": True})
    selected = {**selection, "snapshot": dry}
    run = started(stage, "/api/staff/releases", {"selection": selected})
    assert by_us(stage, "GET", f"/api/staff/releases/{run}").json["released"] == 1
    batch = started(stage, "/api/staff/exports", {})
    assert by_us(stage, "POST", f"/api/staff/exports/{batch}/ack", {}).status == 200
    late_firings(stage)
    stage.drain()


def late_firings(stage: Stage) -> None:
    """On a day of their own, as on every stage but the local one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STAGE", "test")
        for package, kind in (
            ("check_readiness", "portal_ready"),
            ("plan_requests", "daily_plan"),
        ):
            meterportal.settings.settings.cache_clear()
            meterportal.adapters.adapters.cache_clear()
            scheduled = {"kind": kind, "scheduled_at": f"{own.LONG_AGO}T06:00:00Z"}
            assert stage.handler(package)(scheduled, Context())["late"] is True
    meterportal.settings.settings.cache_clear()
    meterportal.adapters.adapters.cache_clear()


def customers(stage: Stage, adapters: Adapters) -> None:
    """What a real dealer's table holds, at rest."""
    assert imported(stage, FILES)["rejected"] == 0
    everyone: dict[str, Any] = {"selection": {"filter": {}}}
    assert stage.staff("POST", "/api/staff/readiness", everyone).status == 200
    round_id = start(stage)
    stage.drain()
    assert len(stage.mails()) == 2
    assert stage.staff("GET", f"/api/staff/rounds/{round_id}").json["state"] == "done"
    start(stage, dry_run=True)  # whichever round is planned next notes that this one has ended
    stage.drain()


@pytest.mark.parametrize("with_customers", [True, False], ids=["customers", "empty"])
def test_a_whole_month_of_ours_leaves_the_table_as_it_was(
    stage: Stage, adapters: Adapters, with_customers: bool
) -> None:
    if with_customers:
        customers(stage, adapters)
    before = stored(adapters)
    assert obstacles(adapters, NOW) == []
    traces = Traces.begin(adapters, stage.client("dynamodb"))
    traces.staff = {STAFF}
    a_month_of_ours(stage, adapters, traces)
    assert len(traces.found()) > 30
    assert is_left_over(adapters)

    traces.take_away()

    left = stored(adapters)
    assert {key for key in left if key not in before} == set()
    assert left == before


def test_what_a_killed_test_left_is_taken_away_by_the_next(
    stage: Stage, adapters: Adapters
) -> None:
    """The next one knows its company by its name, and the staff by the names of their accounts."""
    before = stored(adapters)
    killed = Traces.begin(adapters, stage.client("dynamodb"))
    killed.staff = {STAFF}
    a_month_of_ours(stage, adapters, killed)

    assert obstacles(adapters, NOW + timedelta(days=1)) == []
    assert is_left_over(adapters)
    following = Traces.begin(adapters, stage.client("dynamodb"))
    following.staff = {STAFF}
    following.take_away()

    # How old the ERP's files were before, only the one that was killed knew.
    ages = {key for key in stored(adapters) if "IMPORT#AGES" in str(key)}
    assert {key for key in stored(adapters) if key not in before} == ages


def test_files_that_came_meanwhile_keep_their_age(stage: Stage, adapters: Adapters) -> None:
    traces = Traces.begin(adapters, stage.client("dynamodb"))
    traces.has_imported()
    imported(stage, FILES)
    before = stored(adapters)
    traces.take_away()
    assert stored(adapters) == before


@pytest.mark.parametrize(
    ("holding", "words"),
    [
        (a_holding(Company(own.COMPANY, "Kunde GmbH")), "is a customer's (Kunde GmbH)"),
        (a_holding(contacts=[a_contact(own.CONTACT)]), "contact 990002 belongs to company 10000"),
        (a_holding(contracts=[a_contract(own.CONTRACT)]), "contract 990003 belongs to company"),
        (a_holding(machines=[a_machine(own.MACHINE)]), "machine 990004 belongs to company 10000"),
        (a_holding(contacts=[a_contact(mailbox=BOX)]), "stands at company 10000"),
    ],
)
def test_it_does_not_begin_where_its_numbers_are_a_customer_s(
    stage: Stage, adapters: Adapters, holding: Any, words: str
) -> None:
    settle(adapters, holding)
    (reason,) = obstacles(adapters, NOW)
    assert words in reason
    assert not is_left_over(adapters)


def test_it_does_not_begin_where_its_serial_number_is_a_customer_s(
    stage: Stage, adapters: Adapters
) -> None:
    machines = [list(row) for row in FILES["maschinen.csv"]]
    machines[1][2] = own.SERIAL
    imported(stage, {**FILES, "maschinen.csv": machines})
    (reason,) = obstacles(adapters, NOW)
    assert own.SERIAL in reason


def test_it_does_not_begin_while_released_readings_wait_for_their_export(
    stage: Stage, adapters: Adapters
) -> None:
    (machine,) = settle_reported(adapters, [a_reported_machine("200001", a_reading())])
    release_at_once(adapters, machine)
    (reason,) = obstacles(adapters, NOW)
    assert "wait for their export" in reason


def test_it_does_not_begin_while_customers_wait_for_a_receipt(
    stage: Stage, adapters: Adapters
) -> None:
    customers(stage, adapters)
    token = next(token_of(mail) for mail in stage.mails() if "schaefer" in str(mail["To"]))
    assert open_by(stage, token).status == 201
    put = stage.customer(
        "PUT", "/api/machines/200002/readings", {"version": 1, "values": {"1": 400}}
    )
    assert put.status == 200, put.text
    (reason,) = obstacles(adapters, clock.now() + timedelta(minutes=1))
    assert "1 receipts of customers wait" in reason


def test_it_does_not_begin_while_a_round_is_being_sent(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    round_id = start(stage)
    (reason,) = obstacles(adapters, clock.now())
    assert reason == f"round {round_id} has not ended yet"
    stage.drain()
    assert obstacles(adapters, clock.now()) == []


def test_our_own_receipt_and_release_are_no_obstacles(stage: Stage, adapters: Adapters) -> None:
    device = replace(a_reported_machine(own.MACHINE, a_reading()), company_id=own.COMPANY)
    settle(adapters, a_holding(Company(own.COMPANY, own.NAME), machines=[device]))
    release_at_once(adapters, device)
    assert not [reason for reason in obstacles(adapters, NOW) if "export" in reason]


def test_the_export_is_due_within_the_lead_time() -> None:
    assert own.export(date(2026, 11, 23)).count(b"vertraege.csv") == 2
