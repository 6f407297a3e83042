"""What staff's routes and the ERP's refuse by what stands at that moment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NoReturn

import meterportal.adapters
import pytest
from meterportal.domain.access.erasures import ErasurePiece
from meterportal.domain.portfolio.contracts import PortalRights
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import StaffSignedOut
from meterportal.settings import moment
from meterportal.store import keys
from meterportal.store.access import erasures, mailboxes, people_lock
from meterportal.store.exchange import imports
from meterportal.store.portfolio import holdings, provisional
from meterportal.store.writes import Write

from tests.support.builders import a_contact, a_machine, settle_machine
from tests.support.customers import CLARA, change, save_contact, second_company, stored
from tests.support.faults import failing
from tests.support.faults import refused as refusing
from tests.support.handing_over import ERIKA
from tests.support.outages.refused import (
    READING,
    Sent,
    bounced,
    by_hand,
    closed,
    cold,
    limited,
    lines,
    provoked,
    reported_by,
    settled,
)
from tests.support.replacing import replaced
from tests.support.reported import (
    a_reported_machine,
    export,
    settle_reported,
    start_release,
)
from tests.support.requesting import work
from tests.support.stage import Answer

# staff: people

_SESSIONS = "/api/staff/session"


class _Unwilling:
    """A pool that knows nobody."""

    def trade(self, *_: str) -> NoReturn:
        raise StaffSignedOut


@provoked("POST", _SESSIONS, 401, "signed_out")
def _unknown_code(sent: Sent) -> Answer:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sent.scene.adapters.__dict__, "staff_pool", _Unwilling())
        return sent.again()


provoked("POST", f"{_SESSIONS}/renew", 401, "signed_out")(lambda sent: sent.again(cookies={}))

_PEOPLE = ("POST", "/api/staff/people", 409)
_RIGHTS = ("PUT", "/api/staff/people/{person_id}", 409)
provoked(*_PEOPLE, "colleague_known")(lambda sent: sent.first(sent.again()).again())


def _busy(sent: Sent) -> Answer:
    sent.scene.adapters.table.write(people_lock.take("staff-9", at=sent.scene.at.now))
    return sent.again()


provoked(*_PEOPLE, "people_busy")(_busy)
provoked(*_RIGHTS, "people_busy")(_busy)


def _an_administrator(sent: Sent) -> dict[str, Any]:
    """Eva is the only one; what she is changed to."""
    assert sent.anew(groups=["admin"]).status == 200
    (eva,) = sent.staff("GET", "/api/staff/people").json["people"]
    return {"groups": ["read"], "version": eva["version"]}


provoked(*_RIGHTS, "last_admin")(lambda sent: sent.anew(**_an_administrator(sent)))


@provoked(*_RIGHTS, "own_rights")
def _own(sent: Sent) -> Answer:
    own = {**sent.more["claims"], "sub": sent.path.rpartition("/")[2]}
    return sent.again(body=sent.body | _an_administrator(sent), claims=own)


@provoked("PUT", "/api/staff/people/{person_id}", 412, "changed_meanwhile")
def _changed_person(sent: Sent) -> Answer:
    assert sent.again().status == 200
    return sent.anew(groups=["read"])


# staff: contacts

_CONTACT = ("PATCH", "/api/staff/contacts/{contact_id}", 409)


@provoked(*_CONTACT, "address_taken")
def _taken(sent: Sent) -> Answer:
    save_contact(sent.scene.adapters, a_contact("5002", email=sent.body["email"]))
    return sent.again()


@provoked(*_CONTACT, "address_known_elsewhere")
def _elsewhere(sent: Sent) -> Answer:
    second_company(sent.scene.adapters)
    other = replace(a_contact("6001", email=sent.body["email"]), company_id="10007")
    save_contact(sent.scene.adapters, other)
    sent.scene.adapters.table.write(mailboxes.list_contact(other))
    return sent.again()


@provoked(*_CONTACT, "rights_not_granted")
def _no_rights(sent: Sent) -> Answer:
    place = keys.contact("10000", "5001")
    update = "SET #rights = :none"
    sent.scene.adapters.table.write(Write(key=place, update=update, values={"none": None}))
    return sent.again(body={"version": sent.body["version"], "rights": {"machines": True}})


provoked("POST", "/api/staff/contacts/{contact_id}/lift", 412, "changed_meanwhile")(
    lambda sent: sent.anew(delivery="complained")
)


@provoked("POST", "/api/staff/contacts/{contact_id}/readmission", 409, "erasure_running")
def _still_erased(sent: Sent) -> Answer:
    table = sent.scene.adapters.table
    erasure = erasures.load(table, "5001")
    assert erasure
    table.write(erasures.move(erasure, piece=ErasurePiece.SNAPSHOTS)[1])
    return sent.again()


provoked("POST", "/api/staff/notes/{note_id}/withdrawal", 409, "note_stays")(
    lambda sent: sent.again(claims={**sent.more["claims"], "sub": "staff-9"})
)
provoked("POST", "/api/staff/notes", 404, "not_found")(lambda sent: sent.anew(machine_id="299999"))

_SUCCESSOR = ("POST", "/api/staff/successors/{successor_id}/decision", 409)
provoked(*_SUCCESSOR, "successor_decided")(
    lambda sent: sent.first(sent.again()).anew(decision="refused", note="Nein")
)
provoked(*_SUCCESSOR, "address_unreachable")(lambda sent: bounced(sent, ERIKA).again())
provoked(*_SUCCESSOR, "nothing_to_hand_over")(lambda sent: reported_by(sent, "5009").again())


@provoked(*_SUCCESSOR, "address_taken")
def _taken_by_the_inactive(sent: Sent) -> Answer:
    save_contact(sent.scene.adapters, a_contact("5002", email=ERIKA, active=False))
    return sent.again()


@provoked(*_SUCCESSOR, "reporting_withdrawn")
def _not_allowed(sent: Sent) -> Answer:
    rights = PortalRights(machines=True)
    person = a_contact("5002", email=ERIKA, rights=rights)
    save_contact(sent.scene.adapters, person)
    sent.scene.adapters.table.write(holdings.grant(person, rights, at="2026-11-01"))
    return sent.again()


provoked("POST", "/api/staff/problems/{problem_id}/decision", 409, "problem_decided")(
    lambda sent: sent.first(sent.again()).anew(decision="rejected", note="Nein")
)
provoked("POST", "/api/staff/answers/{answer_id}/decision", 409, "answer_decided")(
    lambda sent: sent.first(sent.again()).anew(decision="dismissed", note="")
)

# staff: mails

_ROUND = "/api/staff/rounds/{round_id}"
_EVERYTHING: dict[str, Any] = {"selection": {"filter": {}}}


@provoked("POST", f"{_ROUND}/sending", 409, "not_proposed")
def _sent_already(sent: Sent) -> Answer:
    number = sent.staff("POST", "/api/staff/rounds", _EVERYTHING).json["id"]
    return sent.again(f"/api/staff/rounds/{number}/sending")


provoked("GET", f"{_ROUND}/mails/{{contact_id}}", 409, "nothing_to_show")(settled)
provoked("POST", f"{_ROUND}/mails/{{contact_id}}/test", 409, "nothing_to_show")(settled)
_MACHINE = {"token_use": "id", "sub": "machine", "cognito:groups": ["admin"]}
provoked("POST", f"{_ROUND}/mails/{{contact_id}}/test", 409, "no_own_address")(
    lambda sent: sent.again(claims=_MACHINE)
)

provoked("POST", "/api/staff/text-blocks/{name}/{language}/test-mail", 409, "no_own_address")(
    lambda sent: sent.again(claims=_MACHINE)
)


@provoked("POST", f"{_ROUND}/resume", 409, "not_stopped")
def _never_stopped(sent: Sent) -> Answer:
    number = sent.staff("POST", "/api/staff/rounds", _EVERYTHING).json["id"]
    return sent.again(f"/api/staff/rounds/{number}/resume")


@provoked("POST", f"{_ROUND}/resume", 409, "round_ended")
def _ended(sent: Sent) -> Answer:
    number = sent.staff("POST", "/api/staff/rounds", _EVERYTHING).json["id"]
    sent.staff("POST", f"/api/staff/rounds/{number}/end")
    return sent.again(f"/api/staff/rounds/{number}/resume")


@provoked("POST", f"{_ROUND}/pause", 409, "nothing_waits")
@provoked("POST", f"{_ROUND}/end", 409, "nothing_waits")
def _only_tried(sent: Sent) -> Answer:
    number = sent.staff("POST", "/api/staff/rounds", _EVERYTHING | {"dry_run": True}).json["id"]
    return sent.again(f"/api/staff/rounds/{number}/{sent.path.rpartition('/')[2]}")


_LINK = ("POST", "/api/staff/contacts/{contact_id}/links", 409)
provoked(*_LINK, "address_blocked")(lambda sent: bounced(sent, CLARA).again())


@provoked(*_LINK, "no_address")
def _no_address(sent: Sent) -> Answer:
    save_contact(sent.scene.adapters, a_contact(email=""))
    return sent.again()


@provoked(*_LINK, "no_portal_rights")
def _left(sent: Sent) -> Answer:
    save_contact(sent.scene.adapters, a_contact(active=False))
    return sent.again()


@provoked(*_LINK, "enough_links")
def _enough(sent: Sent) -> Answer:
    for number in range(4):
        answer = sent.again(headers={"idempotency-key": str(number)})
    return answer


@provoked("POST", "/api/staff/contacts/{contact_id}/links", 422, "idempotency_key_reused")
def _key_of_another(sent: Sent) -> Answer:
    other = next(iter(second_company(sent.scene.adapters).contacts))
    return sent.first(sent.again()).again(f"/api/staff/contacts/{other}/links")


# staff: replacements

_REPLACEMENT = ("POST", "/api/staff/machines/{machine_id}/replacement", 409)
provoked(*_REPLACEMENT, "no_period")(lambda sent: closed(sent).again())


@provoked(*_REPLACEMENT, "serial_known")
def _known(sent: Sent) -> Answer:
    settle_machine(sent.scene.adapters, a_machine("200002"))
    told = replaced(sent.scene.stage, "200002", serial=sent.body["serial"])
    assert told.status == 200, told.text
    return sent.again()


provoked(*_REPLACEMENT, "needs_confirmation")(
    lambda sent: sent.anew(values=sent.body["values"] | {"1": 90_000})
)


@provoked(*_REPLACEMENT, "already_released")
def _end_released(sent: Sent) -> Answer:
    entered = {"values": {"1": 10_850}, "version": 1, "channel": "PHONE"}
    told = sent.staff("PUT", "/api/staff/machines/200001/readings", entered)
    assert told.status == 200, told.text
    return by_hand(sent, 2).anew(version=3)


_TAKE_BACK = ("POST", "/api/staff/machines/{machine_id}/replacement/withdrawal")
provoked(*_TAKE_BACK, 412, "changed_meanwhile")(lambda sent: sent.anew(version=1))
provoked(*_TAKE_BACK, 409, "not_replaced")(lambda sent: sent.first(sent.again()).anew(version=2))


@provoked(*_TAKE_BACK, 409, "replacement_taken_over")
def _brought(sent: Sent) -> Answer:
    new = _new_machine(sent)
    settle_machine(sent.scene.adapters, a_machine("200077"))
    writes = provisional.take_over(new, "200077", at=moment().now)
    sent.scene.adapters.table.transact(writes)
    return sent.again()


@provoked(*_TAKE_BACK, 409, "replaced_again")
def _twice(sent: Sent) -> Answer:
    new = _new_machine(sent)
    ends = {meter.id: meter.history[-1].value + 5 for meter in new.meters}
    told = replaced(sent.scene.stage, new.id, serial="NEU-2", read_on="2026-11-21", values=ends)
    assert told.status == 200, told.text
    return sent.again()


@provoked(*_TAKE_BACK, 409, "end_released")
def _end_is_final(sent: Sent) -> Answer:
    return by_hand(sent, 2).anew(version=3)


def _new_machine(sent: Sent) -> Machine:
    other = stored(sent.scene.adapters).replaced_by
    assert other
    return stored(sent.scene.adapters, other.machine_id)


# staff: decisions and releases

_DECISION = ("POST", "/api/staff/readings/{reading_id}/decision", 409)
provoked(*_DECISION, "already_released")(lambda sent: by_hand(sent, 2).again())
provoked(*_DECISION, "findings_differ")(lambda sent: sent.anew(findings=[]))
provoked(*_DECISION, "already_accepted")(lambda sent: sent.first(sent.again()).anew(version=3))
provoked(*_DECISION, "same_person")(lambda sent: sent.first(limited(sent).again()).anew(version=3))
provoked(*_DECISION, "no_period")(lambda sent: closed(sent).anew(decision="taken", value=10_900))
provoked(*_DECISION, "needs_confirmation")(lambda sent: sent.anew(decision="taken", value=70_000))
provoked(*_DECISION, "nobody_to_ask")(lambda sent: bounced(sent, CLARA).anew(decision="asked_back"))


@provoked(*_DECISION, "same_value")
def _as_it_is(sent: Sent) -> Answer:
    plausible = stored(sent.scene.adapters).reading("2")
    assert plausible
    path = f"{READING.replace('.1.', '.2.')}/decision"
    return sent.anew(path, decision="taken", value=plausible.value)


@provoked(*_DECISION, "no_basis")
def _no_history(sent: Sent) -> Answer:
    meters = tuple(replace(one, history=()) for one in stored(sent.scene.adapters).meters)
    change(sent.scene.adapters, meters=meters)
    return sent.anew(decision="estimated")


_UNDO = ("POST", "/api/staff/readings/{reading_id}/undo", 409)
provoked(*_UNDO, "already_released")(lambda sent: by_hand(sent, 3).anew(version=4))
provoked(*_UNDO, "nothing_decided")(lambda sent: sent.first(sent.again()).anew(version=4))


@provoked(*_UNDO, "question_sent")
def _question_sent(sent: Sent) -> Answer:
    told = sent.staff("POST", f"{READING}/decision", {"decision": "asked_back", "version": 3})
    assert told.status == 200, told.text
    reading = stored(sent.scene.adapters).reading("1")
    assert reading
    assert reading.decision
    number = reading.decision.question
    body = {"schema": 1, "kind": "question", "question_id": number}
    assert work(sent.scene.stage, "send_mail", body) == []
    return sent.anew(version=4)


_BY_HAND = ("POST", "/api/staff/readings/{reading_id}/release", 409)
provoked(*_BY_HAND, "already_released")(lambda sent: by_hand(sent, 2).anew(version=3))
provoked(*_BY_HAND, "second_person_missing")(lambda sent: limited(sent).again())


@provoked(*_BY_HAND, "same_person")
def _alone(sent: Sent) -> Answer:
    limited(sent)
    body = {"decision": "accepted", "version": 2, "value": 10_850, "findings": []}
    told = sent.staff("POST", f"{READING}/decision", body)
    assert told.status == 200, told.text
    return sent.anew(version=3)


@provoked(*_BY_HAND, "not_in_erp")
def _of_our_number(sent: Sent) -> Answer:
    told = replaced(sent.scene.stage, version=2)
    assert told.status == 200, told.text
    new = told.json["machine_id"]
    entered = {"values": {"1": 50}, "version": 1, "channel": "PHONE"}
    told = sent.staff("PUT", f"/api/staff/machines/{new}/readings", entered)
    assert told.status == 200, told.text
    return sent.anew(f"/api/staff/readings/{new}.1.2026-11-28/release", version=2)


_WITHDRAWAL = ("POST", "/api/staff/readings/{reading_id}/withdrawal", 409)
provoked(*_WITHDRAWAL, "not_released")(lambda sent: sent.first(sent.again()).anew(version=4))
provoked(*_WITHDRAWAL, "already_exported")(
    lambda sent: sent.first(export(sent.scene.stage)).again()
)
_REVERSAL = ("POST", "/api/staff/readings/{reading_id}/reversal", 409)
provoked(*_REVERSAL, "same_value")(lambda sent: sent.anew(value=10_850))


@provoked(*_REVERSAL, "not_exported_yet")
def _still_waiting(sent: Sent) -> Answer:
    assert sent.again().status == 200
    return sent.anew(f"{READING}~3/reversal", version=4, value=10_950)


@provoked(*_REVERSAL, "not_released")
def _only_reported(sent: Sent) -> Answer:
    settle_reported(sent.scene.adapters, [a_reported_machine("200002")])
    return sent.anew(READING.replace("200001", "200002") + "/reversal", version=2)


@provoked("POST", "/api/staff/releases", 409, "snapshot_running")
def _running_snapshot(sent: Sent) -> Answer:
    waiting = start_release(sent.scene.stage, {"filter": {}}, dry_run=True).json["id"]
    return sent.anew(selection={"filter": {}, "snapshot": waiting})


@provoked("GET", "/api/staff/releases/{release_id}/protocol.xlsx", 409, "too_long_for_a_workbook")
def _long_report(sent: Sent) -> Answer:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("staff_api.releases._SHEET", 0)
        return sent.again()


# exchange

_ACK = ("POST", "/api/staff/exports/{export_id}/ack", 409)


@provoked(*_ACK, "not_exported_yet")
def _running_export(sent: Sent) -> Answer:
    number = sent.staff("POST", "/api/staff/exports", {}).json["id"]
    return sent.again(f"/api/staff/exports/{number}/ack")


provoked(*_ACK, "already_billed")(
    lambda sent: sent.first(sent.again()).anew(
        accepted=[], refused=[{"reading_id": "200001.1.2026-11-28", "reason": "zu hoch"}]
    )
)


@provoked("POST", "/api/staff/runs/{kind}/{run_id}/restart", 409, "not_failed")
def _running(sent: Sent) -> Answer:
    number = sent.staff("POST", "/api/staff/exports", {}).json["id"]
    return sent.again(f"/api/staff/runs/exports/{number}/restart")


provoked("POST", "/api/staff/imports", 415, "letters_lost")(
    lambda sent: sent.again(headers={"content-type": "text/plain"})
)
provoked("POST", "/api/staff/imports", 422, "nothing_uploaded")(lambda sent: sent.again(body=b""))
provoked("POST", "/api/staff/imports", 409, "upload_missing")(
    lambda sent: sent.again(f"/api/staff/imports?file=a.zip&upload={'a' * 20}", body=b"")
)


@provoked("POST", "/api/staff/imports", 409, "upload_started")
def _other_settings(sent: Sent) -> Answer:
    announced = {"file": "a.zip", "size": len(sent.body)}
    upload = sent.staff("POST", "/api/staff/imports/uploads", announced).json["upload_id"]
    bucket = meterportal.adapters.adapters().settings.import_bucket
    client = sent.scene.stage.client("s3")
    client.put_object(Bucket=bucket, Key=f"uploads/{upload}/a.zip", Body=sent.body)
    start = f"/api/staff/imports?file=a.zip&upload={upload}"
    return sent.first(sent.again(start, body=b"")).again(f"{start}&dry_run=true", body=b"")


provoked("POST", "/api/staff/imports/uploads", 422, "nothing_uploaded")(
    lambda sent: sent.again(body={"file": "a.zip", "size": 0})
)


# The address is computed.
provoked("POST", "/api/staff/imports/uploads", 503, "unavailable")(cold)


_APPLY = ("POST", "/api/staff/imports/{import_id}/apply", 409)
provoked(*_APPLY, "no_dry_run")(lambda sent: sent.again(f"/api/staff/imports/{lines(sent)}/apply"))
provoked(*_APPLY, "imported_meanwhile")(lambda sent: sent.first(lines(sent)).again())


@provoked(*_APPLY, "file_gone")
def _file_gone(sent: Sent) -> Answer:
    run = imports.load(sent.scene.adapters.table, sent.path.split("/")[4])
    assert run
    sent.scene.adapters.files.erase(*run.place)
    return sent.again()


_END = ("POST", "/api/staff/imports/{import_id}/missing/end", 409)
provoked(*_END, "no_full_export")(
    lambda sent: sent.again(f"/api/staff/imports/{lines(sent)}/missing/end")
)
provoked(*_END, "not_the_latest_import")(lambda sent: sent.first(lines(sent)).again())

# reads

_FEED = ("GET", "/api/staff/readings/feed", 422)
provoked(*_FEED, "two_beginnings")(
    lambda sent: sent.again(f"{sent.path.partition('?')[0]}?after=x&from=2026-11-01")
)
provoked(*_FEED, "day_to_come")(
    lambda sent: sent.again(f"{sent.path.partition('?')[0]}?from=2027-01-01")
)
provoked("GET", "/api/staff/help/{model}", 422, "text_refused")(
    lambda sent: sent.again(f"/api/staff/help/{'x' * 400}")
)
provoked("PUT", "/api/staff/help/{model}", 412, "help_changed")(lambda sent: sent.anew(version=7))


def _unbuilt(sent: Sent) -> Answer:
    sent.scene.adapters.table.write(erasures.erase(keys.snapshot()))
    return sent.again()


for _path in ("/api/staff/portfolio", "/api/staff/search"):
    provoked("GET", _path, 404, "no_snapshot")(_unbuilt)
provoked("PUT", "/api/session/company", 404, "not_found")(
    lambda sent: sent.anew(company_id="99999")
)
provoked("POST", "/api/successors", 404, "not_found")(
    lambda sent: sent.anew(contract_ids=["79999"])
)
provoked("POST", "/api/staff/plausibility/backtest", 404, "not_found")(
    lambda sent: sent.anew(company_id="99999")
)
for _method in ("GET", "PUT"):  # any name has a page, but this is none
    provoked(_method, "/api/staff/help/{model}", 404, "not_found")(
        lambda sent: sent.again("/api/staff/help/a%0Ab")
    )


@provoked("GET", "/api/staff/sender", 503, "unavailable")
def _ses_is_busy(sent: Sent) -> Answer:
    with failing("GetEmailIdentity", refusing("TooManyRequestsException")):
        return sent.again()
