"""Staff's routes, each with a request that succeeds."""

from __future__ import annotations

from datetime import date
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import pytest
from meterportal.domain.portfolio.contracts import Delivery
from meterportal.domain.runs import WHOLE, RunKind
from meterportal.store import runs
from meterportal.store.access import mailboxes
from meterportal.store.portfolio import holdings
from meterportal.usecases.exchange import acknowledge_exports
from meterportal.usecases.portfolio import check_readiness

from tests.support.answering import a_mail, arrive
from tests.support.builders import a_contact, a_contract, a_holding, a_machine, settle
from tests.support.customers import CLARA, signed_in
from tests.support.dying import forget
from tests.support.erp_exports import COMPANIES, FILES, as_csv, as_zip
from tests.support.mail_account import ACCOUNT
from tests.support.outages.contacts import KEY, next_plan
from tests.support.outages.trial import Request, Scene, Sends, listed
from tests.support.replacing import REPLACEMENT, replaced
from tests.support.reported import (
    a_confirmed_reading,
    a_reading,
    a_reported_machine,
    release,
    release_at_once,
    seen,
    settle_reported,
)
from tests.support.stage import INBOUND_DOMAIN, Answer

REQUESTS: list[Request] = []
_route = partial(listed, REQUESTS)
EVERYTHING: dict[str, Any] = {"selection": {"filter": {}}}
_BEGUN = ('"SELECTED#', '"VERSIONS#')
"""What was selected for a run that never came into being: nothing names it."""

_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 50
_VIEWS = {
    "views": [{"list": "contracts", "name": "Offen", "query": "state=unasked"}],
    "columns": {"machines": {"maker": True}},
}
_HELP = {"title": "So geht es bei uns", "steps": ["Eins"], "picture": "counter-key", "meters": {}}


def sends(scene: Scene, method: str, path: str, body: Any = None, **more: Any) -> Sends:
    return lambda: scene.stage.staff(method, path, body, **more)


def reads(scene: Scene, path: str) -> Sends:
    return sends(scene, "GET", path)


def _id(answer: Answer) -> str:
    assert answer.status in {201, 202}, answer.text
    number: str = answer.json["id"]
    return number


# the portfolio


@_route("GET", "/api/staff/contracts")
def _contracts(scene: Scene) -> Sends:
    settle_reported(scene.adapters)
    return reads(scene, "/api/staff/contracts")


@_route("PUT", "/api/staff/machines/{machine_id}/readings", "for a customer")
def _entered(scene: Scene) -> Sends:
    settle(scene.adapters)
    body = {"values": {"1": 11_000}, "version": 1, "channel": "PHONE", "reporter": "5001"}
    return sends(scene, "PUT", "/api/staff/machines/200001/readings", body, headers=KEY)


_RESET = {"meter_id": "1", "read_on": "2026-11-10", "end": 10_400, "start": 0, "version": 1}


@_route("PATCH", "/api/staff/contracts/{contract_id}")
def _mended(scene: Scene) -> Sends:
    settle(scene.adapters)
    seen = holdings.contracts(scene.adapters.table, [("10000", "70001")])["70001"].rev
    body = {"reading_channel": "PHONE", "version": seen}
    return sends(scene, "PATCH", "/api/staff/contracts/70001", body)


@_route("PATCH", "/api/staff/contacts/{contact_id}", after=next_plan)
def _readdressed(scene: Scene) -> Sends:
    settle(scene.adapters)
    place = ("10000", "5001")
    seen = holdings.contacts(scene.adapters.table, [place])[place].rev
    body = {"email": "c.schaefer@muster.example", "version": seen}
    return sends(scene, "PATCH", "/api/staff/contacts/5001", body)


def _bounced(scene: Scene) -> None:
    settle(scene.adapters)
    box = "clara@muster.example"
    failed = mailboxes.note_failure(box, Delivery.BOUNCED, at="2026-11-20T00:00:00.000+00:00")
    scene.adapters.table.write(failed)


@_route("GET", "/api/staff/addresses")
def _addresses(scene: Scene) -> Sends:
    _bounced(scene)
    return reads(scene, "/api/staff/addresses")


@_route("POST", "/api/staff/contacts/{contact_id}/lift")
def _lifted(scene: Scene) -> Sends:
    _bounced(scene)
    body = {"reason": "Postfach war voll", "delivery": "bounced"}
    return sends(scene, "POST", "/api/staff/contacts/5001/lift", body)


@_route("GET", "/api/staff/contacts/{contact_id}/suppression")
def _suppression(scene: Scene) -> Sends:
    _bounced(scene)
    return reads(scene, "/api/staff/contacts/5001/suppression")


@_route("GET", "/api/staff/contacts/{contact_id}/mails/{round_id}")
def _seen_mail(scene: Scene) -> Sends:
    settle(scene.adapters)
    number = _id(scene.stage.staff("POST", "/api/staff/rounds", EVERYTHING))
    scene.stage.drain()
    return reads(scene, f"/api/staff/contacts/5001/mails/{number}")


@_route("GET", "/api/staff/corrections")
def _corrections(scene: Scene) -> Sends:
    _readdressed(scene)()
    return reads(scene, "/api/staff/corrections")


@_route("GET", "/api/staff/corrections.csv")
def _corrections_sheet(scene: Scene) -> Sends:
    _readdressed(scene)()
    return reads(scene, "/api/staff/corrections.csv")


@_route("POST", "/api/staff/machines/{machine_id}/resets")
def _reset(scene: Scene) -> Sends:
    settle(scene.adapters)
    return sends(scene, "POST", "/api/staff/machines/200001/resets", _RESET, headers=KEY)


@_route("POST", "/api/staff/machines/{machine_id}/replacement")
def _replaced(scene: Scene) -> Sends:
    settle(scene.adapters)
    path = "/api/staff/machines/200001/replacement"
    return sends(scene, "POST", path, REPLACEMENT, headers=KEY)


@_route("POST", "/api/staff/machines/{machine_id}/replacement/withdrawal")
def _replacement_taken_back(scene: Scene) -> Sends:
    settle(scene.adapters)
    assert replaced(scene.stage).status == 200
    path = "/api/staff/machines/200001/replacement/withdrawal"
    return sends(scene, "POST", path, {"version": 2}, headers=KEY)


@_route(
    "POST",
    "/api/staff/estimates",
    "of chosen machines",
    done=lambda answer: "changed_meanwhile" not in answer.text,
)
def _estimated(scene: Scene) -> Sends:
    device = a_machine(due_on=date(2026, 11, 20))
    contract = a_contract(next_billing_on=date(2026, 11, 20))
    settle(scene.adapters, a_holding(contracts=[contract], machines=[device]))
    return sends(scene, "POST", "/api/staff/estimates", {"versions": {"200001": 1}})


@_route("POST", "/api/staff/readings/{reading_id}/withdrawal")
def _withdrawn(scene: Scene) -> Sends:
    _released(scene)
    body = {"reason": "Verlesen", "version": 3}
    path = "/api/staff/readings/200001.1.2026-11-28/withdrawal"
    return sends(scene, "POST", path, body, headers=KEY)


@_route("POST", "/api/staff/readings/{reading_id}/reversal")
def _reversed(scene: Scene) -> Sends:
    _released(scene)
    _id(scene.stage.staff("POST", "/api/staff/exports", {}))
    scene.stage.drain()
    body = {"reason": "Verlesen", "version": 3, "value": 10_900}
    path = "/api/staff/readings/200001.1.2026-11-28/reversal"
    return sends(scene, "POST", path, body, headers=KEY)


@_route("GET", "/api/staff/companies/{company_id}")
def _customer(scene: Scene) -> Sends:
    _photographed(scene)
    return reads(scene, "/api/staff/companies/10000")


@_route("GET", "/api/staff/companies/{company_id}/timeline")
def _timeline(scene: Scene) -> Sends:
    _photographed(scene)
    return reads(scene, "/api/staff/companies/10000/timeline")


@_route("GET", "/api/staff/machines/{machine_id}")
def _machine_page(scene: Scene) -> Sends:
    _photographed(scene)
    return reads(scene, "/api/staff/machines/200001")


@_route("GET", "/api/staff/audit")
def _journal(scene: Scene) -> Sends:
    _set_tolerances(scene)()
    return reads(scene, "/api/staff/audit")


@_route("GET", "/api/staff/audit.csv")
def _journal_sheet(scene: Scene) -> Sends:
    _set_tolerances(scene)()
    return reads(scene, "/api/staff/audit.csv")


@_route("GET", "/api/staff/colleagues")
def _colleagues(scene: Scene) -> Sends:
    _set_tolerances(scene)()
    return reads(scene, "/api/staff/colleagues")


_TOLD_TWICE = ('"JOURNAL#',)
"""Who does it twice stands in the journal twice."""


# Ending everything twice counts twice.
@_route(
    "POST",
    "/api/staff/contacts/{contact_id}/links/revoke",
    surplus=_TOLD_TWICE,
    differs=('"ACCOUNT#',),
)
def _revoked(scene: Scene) -> Sends:
    signed_in(scene.stage, scene.adapters)
    return sends(scene, "POST", "/api/staff/contacts/5001/links/revoke")


@_route("POST", "/api/staff/contacts/{contact_id}/links")
def _link_sent(scene: Scene) -> Sends:
    signed_in(scene.stage, scene.adapters)
    return sends(scene, "POST", "/api/staff/contacts/5001/links", headers=KEY)


@_route("GET", "/api/staff/contacts/{contact_id}/view", surplus=_TOLD_TWICE)
def _viewed(scene: Scene) -> Sends:
    _photographed(scene)
    return reads(scene, "/api/staff/contacts/5001/view")


@_route("GET", "/api/staff/contacts/{contact_id}/data", surplus=_TOLD_TWICE)
def _data(scene: Scene) -> Sends:
    _photographed(scene)
    return reads(scene, "/api/staff/contacts/5001/data")


@_route("DELETE", "/api/staff/contacts/{contact_id}/data")
def _erased(scene: Scene) -> Sends:
    _photographed(scene)
    return sends(scene, "DELETE", "/api/staff/contacts/5001/data?dry_run=false")


@_route("GET", "/api/staff/erasures")
def _erasures(scene: Scene) -> Sends:
    _erased(scene)()
    return reads(scene, "/api/staff/erasures")


@_route(
    "POST",
    "/api/staff/contacts/{contact_id}/readmission",
    again=frozenset({HTTPStatus.NOT_FOUND}),
)
def _readmitted(scene: Scene) -> Sends:
    settle(scene.adapters)
    erased = scene.stage.staff("DELETE", "/api/staff/contacts/5001/data?dry_run=false")
    assert erased.json["state"] == "done", erased.text
    return sends(scene, "POST", "/api/staff/contacts/5001/readmission")


def _colleague(scene: Scene, name: str, group: str) -> str:
    """Somebody in the pool of staff; their id."""
    cognito, pool = scene.stage.client("cognito-idp"), scene.stage.environment["STAFF_POOL"]
    known = {"UserPoolId": pool, "Username": f"{name}@dealer.example"}
    attributes = [{"Name": "email", "Value": known["Username"]}, {"Name": "name", "Value": name}]
    cognito.admin_create_user(**known, UserAttributes=attributes, MessageAction="SUPPRESS")
    cognito.admin_add_user_to_group(**known, GroupName=group)
    told = cognito.admin_get_user(**known)["UserAttributes"]
    return next(str(one["Value"]) for one in told if one["Name"] == "sub")


@_route("GET", "/api/staff/people")
def _people(scene: Scene) -> Sends:
    _colleague(scene, "eva", "read")
    return reads(scene, "/api/staff/people")


_TOKENS_END = ('"PEOPLE"', '"STAFF#')
"""Until when the lock would have held, and since when tokens change nothing any more."""


# Who is there already with all that was wished for cannot be invited again.
@_route(
    "POST",
    "/api/staff/people",
    again=frozenset({HTTPStatus.CONFLICT}),
    surplus=_TOLD_TWICE,
    differs=_TOKENS_END,
)
def _invited(scene: Scene) -> Sends:
    body = {"email": "eva@dealer.example", "name": "Eva", "groups": ["read"]}
    return sends(scene, "POST", "/api/staff/people", body)


@_route("PUT", "/api/staff/people/{person_id}", surplus=_TOLD_TWICE, differs=_TOKENS_END)
def _other_rights(scene: Scene) -> Sends:
    number = _colleague(scene, "eva", "read")
    (known,) = scene.stage.staff("GET", "/api/staff/people").json["people"]
    body = {"groups": ["read", "remind"], "enabled": True, "version": known["version"]}
    return sends(scene, "PUT", f"/api/staff/people/{number}", body)


@_route("POST", "/api/staff/notes")
def _note(scene: Scene) -> Sends:
    settle(scene.adapters)
    body = {"machine_id": "200001", "text": "Ruft zurück"}
    return sends(scene, "POST", "/api/staff/notes", body, headers=KEY)


@_route(
    "POST",
    "/api/staff/notes/{note_id}/withdrawal",
    again=frozenset({HTTPStatus.NOT_FOUND}),
)
def _taken_back(scene: Scene) -> Sends:
    number = _id(_note(scene)())
    return sends(scene, "POST", f"/api/staff/notes/{number}/withdrawal")


def _not_ready_yet(scene: Scene) -> None:
    settle(scene.adapters, a_holding(contacts=[a_contact(rights=None)]), claimed=False)


@_route("POST", "/api/staff/readiness", "at once")
def _readiness(scene: Scene) -> Sends:
    _not_ready_yet(scene)
    return sends(scene, "POST", "/api/staff/readiness", EVERYTHING)


@_route("POST", "/api/staff/readiness", "through the queue", surplus=_BEGUN)
def _large_readiness(scene: Scene) -> Sends:
    _not_ready_yet(scene)
    return with_few(
        check_readiness, sends(scene, "POST", "/api/staff/readiness", EVERYTHING, headers=KEY)
    )


@_route("GET", "/api/staff/readiness")
def _standing(scene: Scene) -> Sends:
    _not_ready_yet(scene)
    return reads(scene, "/api/staff/readiness?ids=70001")


@_route("GET", "/api/staff/readiness/{check_id}")
def _checked(scene: Scene) -> Sends:
    _not_ready_yet(scene)
    started = with_few(check_readiness, sends(scene, "POST", "/api/staff/readiness", EVERYTHING))
    number = _id(started())
    scene.stage.drain()
    return reads(scene, f"/api/staff/readiness/{number}")


def with_few(module: Any, send: Sends) -> Sends:
    """The request where nothing is so little that it is done at once."""

    def sent() -> Answer:
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setattr(module, "AT_ONCE", 0)
            return send()

    return sent


# mails


@_route("POST", "/api/staff/rounds", surplus=_BEGUN)
def _round(scene: Scene) -> Sends:
    settle(scene.adapters)
    return sends(scene, "POST", "/api/staff/rounds", EVERYTHING, headers=KEY)


def _asked(scene: Scene) -> str:
    settle(scene.adapters)
    number = _id(scene.stage.staff("POST", "/api/staff/rounds", EVERYTHING))
    scene.stage.drain()
    return number


@_route("GET", "/api/staff/rounds")
def _rounds(scene: Scene) -> Sends:
    _asked(scene)
    return reads(scene, "/api/staff/rounds")


@_route("GET", "/api/staff/rounds/{round_id}")
def _shown_round(scene: Scene) -> Sends:
    return reads(scene, f"/api/staff/rounds/{_asked(scene)}")


def _tried(scene: Scene) -> str:
    settle(scene.adapters)
    number = _id(scene.stage.staff("POST", "/api/staff/rounds", EVERYTHING | {"dry_run": True}))
    scene.stage.drain()
    return number


@_route("POST", "/api/staff/rounds/{round_id}/sending", surplus=_BEGUN)
def _sent_as_shown(scene: Scene) -> Sends:
    return sends(scene, "POST", f"/api/staff/rounds/{_tried(scene)}/sending", headers=KEY)


def _waiting(scene: Scene) -> str:
    """A round whose mails wait."""
    settle(scene.adapters)
    return _id(scene.stage.staff("POST", "/api/staff/rounds", EVERYTHING))


@_route("POST", "/api/staff/rounds/{round_id}/pause")
def _paused(scene: Scene) -> Sends:
    return sends(scene, "POST", f"/api/staff/rounds/{_waiting(scene)}/pause")


@_route("POST", "/api/staff/rounds/{round_id}/end", surplus=_TOLD_TWICE)
def _ended(scene: Scene) -> Sends:
    return sends(scene, "POST", f"/api/staff/rounds/{_waiting(scene)}/end")


@_route("POST", "/api/staff/rounds/{round_id}/resume", surplus=_TOLD_TWICE)
def _resumed(scene: Scene) -> Sends:
    ACCOUNT.tell({"quota": 0})
    round_id = _asked(scene)
    ACCOUNT.reset()
    return sends(scene, "POST", f"/api/staff/rounds/{round_id}/resume")


@_route("GET", "/api/staff/rounds/{round_id}/mails/{contact_id}")
def _previewed(scene: Scene) -> Sends:
    return reads(scene, f"/api/staff/rounds/{_tried(scene)}/mails/5001")


@_route("POST", "/api/staff/rounds/{round_id}/mails/{contact_id}/test", surplus=_TOLD_TWICE)
def _tested(scene: Scene) -> Sends:
    return sends(scene, "POST", f"/api/staff/rounds/{_tried(scene)}/mails/5001/test", headers=KEY)


@_route("GET", "/api/staff/phone-list")
def _phone_list(scene: Scene) -> Sends:
    _asked(scene)
    return reads(scene, "/api/staff/phone-list")


@_route("GET", "/api/staff/phone-list.csv")
def _phone_sheet(scene: Scene) -> Sends:
    _asked(scene)
    return reads(scene, "/api/staff/phone-list.csv")


# readings


def _photographed(scene: Scene) -> None:
    """A reported value in doubt, with a photo that staff have not looked at yet."""
    machine = a_reported_machine("200001", a_confirmed_reading(), a_reading("2"))
    signed_in(scene.stage, scene.adapters, a_holding(machines=[machine]))
    body = {"meter_id": "1", "content_type": "image/jpeg", "size": len(_JPEG)}
    told = scene.stage.customer("POST", "/api/machines/200001/photos", body)
    bucket, key = (
        scene.adapters.settings.photo_bucket,
        f"photos/10000/200001/{told.json['photo_id']}",
    )
    scene.adapters.files.put(bucket, key, _JPEG, content_type="image/jpeg")


@_route("GET", "/api/staff/readings")
def _bucket(scene: Scene) -> Sends:
    _photographed(scene)
    return reads(scene, "/api/staff/readings?bucket=implausible")


@_route("GET", "/api/staff/machines/{machine_id}/photos")
def _photos(scene: Scene) -> Sends:
    _photographed(scene)
    return reads(scene, "/api/staff/machines/200001/photos")


@_route("POST", "/api/staff/readings/{reading_id}/release")
def _by_hand(scene: Scene) -> Sends:
    settle_reported(scene.adapters)
    body = {"reason": "Mit Frau Schäfer telefoniert", "version": 2}
    return sends(scene, "POST", "/api/staff/readings/200001.1.2026-11-28/release", body)


def _in_doubt(scene: Scene) -> str:
    machine = a_reported_machine("200001", a_confirmed_reading(), a_reading("2"))
    settle_reported(scene.adapters, [machine])
    return "/api/staff/readings/200001.1.2026-11-28"


@_route("POST", "/api/staff/readings/{reading_id}/decision", "to accept")
def _accepted(scene: Scene) -> Sends:
    path = f"{_in_doubt(scene)}/decision"
    seen_now = {"value": 90_000, "findings": ["usage_too_high"], "version": 2}
    return sends(scene, "POST", path, {"decision": "accepted"} | seen_now, headers=KEY)


# A question that is queued twice is sent once.
@_route(
    "POST",
    "/api/staff/readings/{reading_id}/decision",
    "to ask back",
    surplus=('"kind":"question"',),
)
def _asked_back(scene: Scene) -> Sends:
    path = f"{_in_doubt(scene)}/decision"
    return sends(scene, "POST", path, {"decision": "asked_back", "version": 2}, headers=KEY)


@_route("POST", "/api/staff/readings/{reading_id}/undo")
def _undone(scene: Scene) -> Sends:
    path = _in_doubt(scene)
    scene.stage.staff("POST", f"{path}/decision", {"decision": "estimated", "version": 2})
    return sends(scene, "POST", f"{path}/undo", {"version": 3}, headers=KEY)


@_route("GET", "/api/staff/release-limits")
def _limits(scene: Scene) -> Sends:
    return reads(scene, "/api/staff/release-limits")


@_route("PUT", "/api/staff/release-limits")
def _set_limits(scene: Scene) -> Sends:
    return sends(scene, "PUT", "/api/staff/release-limits", {"version": 0, "pages": 20_000})


@_route("POST", "/api/staff/check")
def _check(scene: Scene) -> Sends:
    settle(scene.adapters)
    asked = {"machine_id": "200001", "values": {"1": 900_000}}
    return sends(scene, "POST", "/api/staff/check", {"machines": [asked]})


@_route("GET", "/api/staff/tolerances")
def _tolerances(scene: Scene) -> Sends:
    scene.stage.staff("PUT", "/api/staff/tolerances", {"version": 0, "dealer": {"ceiling": 4}})
    return reads(scene, "/api/staff/tolerances")


@_route("PUT", "/api/staff/tolerances")
def _set_tolerances(scene: Scene) -> Sends:
    body = {"version": 0, "dealer": {"ceiling": 4}}
    return sends(scene, "PUT", "/api/staff/tolerances", body)


@_route("GET", "/api/staff/views")
def _views(scene: Scene) -> Sends:
    scene.stage.staff("PUT", "/api/staff/views", {"version": 0, **_VIEWS})
    return reads(scene, "/api/staff/views")


@_route("PUT", "/api/staff/views")
def _keep_views(scene: Scene) -> Sends:
    return sends(scene, "PUT", "/api/staff/views", {"version": 0, **_VIEWS})


@_route("POST", "/api/staff/plausibility/backtest")
def _backtest(scene: Scene) -> Sends:
    settle(scene.adapters)
    path = "/api/staff/plausibility/backtest"
    return sends(scene, "POST", path, {"tolerances": {"dealer": {"ceiling": 1.3}}})


# what customers hand in


def _named(scene: Scene) -> str:
    signed_in(scene.stage, scene.adapters)
    body = {"name": "Erika Neu", "email": "erika@muster.example"}
    return _id(scene.stage.customer("POST", "/api/successors", body))


@_route("GET", "/api/staff/successors")
def _successors(scene: Scene) -> Sends:
    _named(scene)
    return reads(scene, "/api/staff/successors")


@_route("POST", "/api/staff/successors/{successor_id}/decision", "approved")
def _approved(scene: Scene) -> Sends:
    path = f"/api/staff/successors/{_named(scene)}/decision"
    return sends(scene, "POST", path, {"decision": "approved"})


@_route("POST", "/api/staff/successors/{successor_id}/decision", "refused")
def _turned_down(scene: Scene) -> Sends:
    path = f"/api/staff/successors/{_named(scene)}/decision"
    return sends(scene, "POST", path, {"decision": "refused", "note": "Nein"})


def _reported(scene: Scene) -> str:
    signed_in(scene.stage, scene.adapters)
    return _id(scene.stage.customer("POST", "/api/machines/200001/problems", {"kind": "gone"}))


@_route("GET", "/api/staff/problems")
def _problems(scene: Scene) -> Sends:
    _reported(scene)
    return reads(scene, "/api/staff/problems")


@_route("POST", "/api/staff/problems/{problem_id}/decision")
def _decided(scene: Scene) -> Sends:
    path = f"/api/staff/problems/{_reported(scene)}/decision"
    return sends(scene, "POST", path, {"decision": "accepted", "note": "Abgeholt"})


def _came_in(scene: Scene) -> str:
    """A message that somebody has to look at."""
    settle(scene.adapters)
    mail = a_mail("Bitte rufen Sie mich an.", sender=CLARA)
    return arrive(scene.stage, scene.adapters, mail, f"z@{INBOUND_DOMAIN}", source=CLARA).id


@_route("GET", "/api/staff/answers")
def _answers_by_mail(scene: Scene) -> Sends:
    _came_in(scene)
    return reads(scene, "/api/staff/answers")


@_route("POST", "/api/staff/answers/{answer_id}/decision")
def _answer_finished(scene: Scene) -> Sends:
    path = f"/api/staff/answers/{_came_in(scene)}/decision"
    return sends(scene, "POST", path, {"decision": "done", "note": "Angerufen"})


@_route("GET", "/api/staff/help")
def _pages(scene: Scene) -> Sends:
    return reads(scene, "/api/staff/help")


@_route("GET", "/api/staff/help/{model}")
def _page(scene: Scene) -> Sends:
    return reads(scene, f"/api/staff/help/{quote('IM C3000')}")


@_route("PUT", "/api/staff/help/{model}")
def _written(scene: Scene) -> Sends:
    body = {"version": 0, "languages": {"de": _HELP}}
    return sends(scene, "PUT", f"/api/staff/help/{quote('IM C3000')}", body)


_WORDS = {
    "subject": "Bitte melden: #FIRMA#",
    "preheader": "",
    "html": '<p>#ANREDE#</p><a class="button" href="#URL#">Melden</a>',
    "text": "",
}
_TEXT = "/api/staff/text-blocks/bwCOPortalZEmailHtml/de"


@_route("GET", "/api/staff/sender")
def _sender(scene: Scene) -> Sends:
    return reads(scene, "/api/staff/sender")


@_route("GET", "/api/staff/brand")
def _brand(scene: Scene) -> Sends:
    return reads(scene, "/api/staff/brand")


@_route("PUT", "/api/staff/brand")
def _brand_set(scene: Scene) -> Sends:
    body = {"version": 0, "name": "Kopierladen", "accent": "#7a1f5c"}
    return sends(scene, "PUT", "/api/staff/brand", body)


@_route("GET", "/api/staff/schedule")
def _schedule(scene: Scene) -> Sends:
    return reads(scene, "/api/staff/schedule")


@_route("PUT", "/api/staff/schedule")
def _schedule_set(scene: Scene) -> Sends:
    body = {
        "version": 0,
        "lead_days": 10,
        "grace_days": 15,
        "reminders": [{"days": 2, "since": "due"}],
        "hour": 8,
        "weekends": True,
        "last_step": "estimate",
        "announce_after": 5,
    }
    return sends(scene, "PUT", "/api/staff/schedule", body)


@_route("GET", "/api/staff/text-blocks")
def _texts(scene: Scene) -> Sends:
    return reads(scene, "/api/staff/text-blocks")


@_route("GET", "/api/staff/text-blocks/{name}/{language}")
def _text(scene: Scene) -> Sends:
    return reads(scene, _TEXT)


@_route("GET", "/api/staff/text-blocks/{name}/{language}/versions/{version}")
def _text_version(scene: Scene) -> Sends:
    assert scene.stage.staff("PUT", _TEXT, _WORDS | {"version": 0}).status == 200
    return reads(scene, f"{_TEXT}/versions/1")


@_route("PUT", "/api/staff/text-blocks/{name}/{language}")
def _text_written(scene: Scene) -> Sends:
    return sends(scene, "PUT", _TEXT, _WORDS | {"version": 0})


@_route("POST", "/api/staff/text-blocks/{name}/{language}/preview")
def _text_tried(scene: Scene) -> Sends:
    settle(scene.adapters)
    return sends(scene, "POST", f"{_TEXT}/preview", _WORDS | {"contract_id": "70001"})


@_route("POST", "/api/staff/text-blocks/{name}/{language}/test-mail", surplus=_TOLD_TWICE)
def _text_tested(scene: Scene) -> Sends:
    settle(scene.adapters)
    body = _WORDS | {"contract_id": "70001"}
    return sends(scene, "POST", f"{_TEXT}/test-mail", body, headers=KEY)


# releases


@_route("POST", "/api/staff/releases", "a run", surplus=_BEGUN)
def _release(scene: Scene) -> Sends:
    body = {"selection": seen(*settle_reported(scene.adapters))}
    return sends(scene, "POST", "/api/staff/releases", body, headers=KEY)


@_route("POST", "/api/staff/releases", "a dry run", surplus=_BEGUN)
def _dry_run(scene: Scene) -> Sends:
    settle_reported(scene.adapters)
    body = EVERYTHING | {"dry_run": True}
    return sends(scene, "POST", "/api/staff/releases", body, headers=KEY)


def _released(scene: Scene) -> str:
    number: str = release(scene.stage, seen(*settle_reported(scene.adapters)))["id"]
    return number


@_route("GET", "/api/staff/releases")
def _releases(scene: Scene) -> Sends:
    _released(scene)
    return reads(scene, "/api/staff/releases")


@_route("GET", "/api/staff/releases/{release_id}")
def _run(scene: Scene) -> Sends:
    return reads(scene, f"/api/staff/releases/{_released(scene)}")


@_route("GET", "/api/staff/releases/{release_id}/protocol.csv")
def _protocol(scene: Scene) -> Sends:
    return reads(scene, f"/api/staff/releases/{_released(scene)}/protocol.csv")


@_route("GET", "/api/staff/releases/{release_id}/protocol.xlsx")
def _workbook(scene: Scene) -> Sends:
    return reads(scene, f"/api/staff/releases/{_released(scene)}/protocol.xlsx")


# exchange with the ERP


# A file that was kept for an import which never came into being goes after 90 days.
@_route("POST", "/api/staff/imports", surplus=("/uploads/",))
def _import(scene: Scene) -> Sends:
    headers = {"content-type": "application/zip", **KEY}
    return sends(scene, "POST", "/api/staff/imports", as_zip(FILES), headers=headers)


@_route("POST", "/api/staff/imports/uploads")
def _announced(scene: Scene) -> Sends:
    body = {"file": "export.zip", "size": 5_000_000}
    return sends(scene, "POST", "/api/staff/imports/uploads", body)


def _imported(scene: Scene) -> str:
    headers = {"content-type": "application/octet-stream"}
    path = "/api/staff/imports?file=firmen.csv&dry_run=true"
    number = _id(scene.stage.staff("POST", path, as_csv(COMPANIES), headers=headers))
    scene.stage.drain()
    return number


@_route("GET", "/api/staff/imports")
def _imports(scene: Scene) -> Sends:
    _imported(scene)
    return reads(scene, "/api/staff/imports")


@_route("GET", "/api/staff/imports/{import_id}")
def _report(scene: Scene) -> Sends:
    return reads(scene, f"/api/staff/imports/{_imported(scene)}")


def _waiting_for_export(scene: Scene) -> None:
    devices = [a_reported_machine("200001"), a_reported_machine("200002")]
    for machine in settle_reported(scene.adapters, devices):
        release_at_once(scene.adapters, machine)


@_route("POST", "/api/staff/exports")
def _export(scene: Scene) -> Sends:
    _waiting_for_export(scene)
    return sends(scene, "POST", "/api/staff/exports", {}, headers=KEY)


def _exported(scene: Scene) -> str:
    _waiting_for_export(scene)
    number = _id(scene.stage.staff("POST", "/api/staff/exports", {}))
    scene.stage.drain()
    return number


@_route("GET", "/api/staff/exports")
def _exports(scene: Scene) -> Sends:
    _exported(scene)
    return reads(scene, "/api/staff/exports")


@_route("GET", "/api/staff/exports/{export_id}")
def _batch(scene: Scene) -> Sends:
    return reads(scene, f"/api/staff/exports/{_exported(scene)}")


@_route("POST", "/api/staff/runs/{kind}/{run_id}/restart")
def _again(scene: Scene) -> Sends:
    _waiting_for_export(scene)
    number = _id(scene.stage.staff("POST", "/api/staff/exports", {}))
    forget(scene.stage, scene.adapters.settings.export_queue)
    died = runs.fail(RunKind.EXPORT, number, WHOLE, letter="one", at=scene.at.now)
    scene.adapters.table.write(died)
    return sends(scene, "POST", f"/api/staff/runs/exports/{number}/restart")


_SAID_TWICE = ('"ACK#', *_TOLD_TWICE)
"""An answer of the ERP that was kept twice is carried out once."""


@_route("POST", "/api/staff/exports/{export_id}/ack", "at once", surplus=_SAID_TWICE)
def _answered(scene: Scene) -> Sends:
    path = f"/api/staff/exports/{_exported(scene)}/ack"
    refused = [{"reading_id": "200002.1.2026-11-28", "reason": "Vertrag gesperrt"}]
    return sends(scene, "POST", path, {"accepted": "all", "refused": refused})


@_route("POST", "/api/staff/exports/{export_id}/ack", "by the queue", surplus=_SAID_TWICE)
def _answered_later(scene: Scene) -> Sends:
    path = f"/api/staff/exports/{_exported(scene)}/ack"
    return with_few(acknowledge_exports, sends(scene, "POST", path, {"accepted": "all"}))
