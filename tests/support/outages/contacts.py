"""The contact's routes, each with a request that succeeds."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from meterportal.settings import Moment
from meterportal.usecases.mailing.sweep_rounds import sweep

from tests.support.access import PASSWORD, a_code, a_password, a_password_link, put_by_mail
from tests.support.builders import a_holding, a_link, a_machine, settle
from tests.support.customers import CLARA, move_session, second_company, signed_in
from tests.support.outages.trial import Request, Scene, Sends, listed
from tests.support.reported import PLAUSIBLE
from tests.support.stage import Answer

KEY = {"idempotency-key": "the page's own"}
_READINGS = {"values": PLAUSIBLE, "version": 1}
_OPENED = ('"SESSION#',)
"""A session whose cookie never arrived: it opens to nobody and ends after two hours."""
_ASKED_TWICE = ('"ROUND#link-', '"LINK#', '"CODE#', "Ihr neuer Link")
"""Who asks again gets another link: three an hour at most."""
_MAILED_TWICE = ('"ROUND#password-', '"PASSWORD#', "Passwort festlegen")
"""The same with the mail that sets a password."""

REQUESTS: list[Request] = []
_route = partial(listed, REQUESTS)


def _sends(scene: Scene, method: str, path: str, body: Any = None, **more: Any) -> Sends:
    return lambda: scene.stage.customer(method, path, body, **more)


def _fleet(scene: Scene) -> None:
    """A contact with two machines, in a session that is some minutes old."""
    signed_in(scene.stage, scene.adapters, a_holding(machines=[a_machine(), a_machine("200002")]))
    move_session(scene.stage, scene.adapters, seen_at=timedelta(minutes=10))


# ways in


@_route("GET", "/api/door")
def _at_the_door(scene: Scene) -> Sends:
    return _sends(scene, "GET", "/api/door")


@_route("POST", "/api/session", "by link", surplus=_OPENED)
def _by_link(scene: Scene) -> Sends:
    settle(scene.adapters)
    second_company(scene.adapters)
    return _sends(scene, "POST", "/api/session?overview=1", {"token": a_link(scene.adapters)})


@_route("POST", "/api/session", "by code", surplus=_OPENED)
def _by_code(scene: Scene) -> Sends:
    settle(scene.adapters)
    code = a_code(scene.adapters)
    return _sends(scene, "POST", "/api/session", {"email": CLARA, "code": code})


@_route("POST", "/api/session", "by password", surplus=_OPENED)
def _by_password(scene: Scene) -> Sends:
    settle(scene.adapters)
    a_password(scene.adapters, scene.at)
    return _sends(scene, "POST", "/api/session", {"email": CLARA, "password": PASSWORD})


@_route("POST", "/api/session", "by password in a known browser with a session", surplus=_OPENED)
def _in_a_known_browser(scene: Scene) -> Sends:
    _fleet(scene)
    a_password(scene.adapters, scene.at)
    sends = _sends(scene, "POST", "/api/session", {"email": CLARA, "password": PASSWORD})
    assert sends().status == 201
    return sends


@_route("POST", "/api/links", "by address", surplus=_ASKED_TWICE)
def _link_by_address(scene: Scene) -> Sends:
    settle(scene.adapters)
    return _sends(scene, "POST", "/api/links", {"email": CLARA})


@_route("POST", "/api/links", "by a dead link", surplus=_ASKED_TWICE)
def _link_by_link(scene: Scene) -> Sends:
    settle(scene.adapters)
    return _sends(scene, "POST", "/api/links", {"token": a_link(scene.adapters)})


@_route("GET", "/api/session")
def _session(scene: Scene) -> Sends:
    _fleet(scene)
    return _sends(scene, "GET", "/api/session?overview=1")


@_route("DELETE", "/api/session", again=frozenset({401}))
def _log_out(scene: Scene) -> Sends:
    _fleet(scene)
    return _sends(scene, "DELETE", "/api/session")


@_route("PUT", "/api/session/company")
def _company(scene: Scene) -> Sends:
    _fleet(scene)
    second_company(scene.adapters)
    return _sends(scene, "PUT", "/api/session/company", {"company_id": "10007"})


@_route("PUT", "/api/session/language")
def _language(scene: Scene) -> Sends:
    _fleet(scene)
    return _sends(scene, "PUT", "/api/session/language", {"language": "en"})


@_route("POST", "/api/password/mail", "by address", surplus=_MAILED_TWICE)
def _password_mail(scene: Scene) -> Sends:
    settle(scene.adapters)
    return _sends(scene, "POST", "/api/password/mail", {"email": CLARA})


@_route("POST", "/api/password/mail", "from a session", surplus=_MAILED_TWICE)
def _own_password_mail(scene: Scene) -> Sends:
    _fleet(scene)
    return _sends(scene, "POST", "/api/password/mail", {})


def next_plan(scene: Scene) -> None:
    """The next morning's plan finds the notice that could not be queued."""
    sweep(scene.adapters, Moment(scene.at.now + timedelta(days=1), scene.at.today))


# Who sends it again is counted like somebody who logs in, because it could be a guess.
@_route("PUT", "/api/password", "from its mail", after=next_plan, surplus=('"ATTEMPTS#login-',))
def _password_by_mail(scene: Scene) -> Sends:
    _fleet(scene)
    token = a_password_link(scene.adapters)
    return _sends(scene, "PUT", "/api/password", {"password": PASSWORD, "token": token})


@_route("PUT", "/api/password", "with the old one", after=next_plan)
def _password_by_old_one(scene: Scene) -> Sends:
    _fleet(scene)
    put_by_mail(scene.stage, scene.adapters)
    body = {"password": "lampe wolke schrauben", "old_password": PASSWORD}
    return _sends(scene, "PUT", "/api/password", body)


# machines


@_route("GET", "/api/machines", "those to report")
def _overview(scene: Scene) -> Sends:
    _fleet(scene)
    return _sends(scene, "GET", "/api/machines")


@_route("GET", "/api/machines", "all of the company")
def _all_machines(scene: Scene) -> Sends:
    _fleet(scene)
    return _sends(scene, "GET", "/api/machines?scope=company")


@_route("GET", "/api/machines/{machine_id}/history")
def _history(scene: Scene) -> Sends:
    _fleet(scene)
    return _sends(scene, "GET", "/api/machines/200001/history")


@_route("GET", "/api/machines/{machine_id}/help")
def _help(scene: Scene) -> Sends:
    _fleet(scene)
    return _sends(scene, "GET", "/api/machines/200001/help")


@_route("GET", "/api/stickers")
def _stickers(scene: Scene) -> Sends:
    _fleet(scene)
    return _sends(scene, "GET", "/api/stickers")


@_route("GET", "/api/fleet.xlsx")
def _workbook(scene: Scene) -> Sends:
    _fleet(scene)
    return _sends(scene, "GET", "/api/fleet.xlsx")


@_route("GET", "/api/fleet.csv")
def _csv(scene: Scene) -> Sends:
    _fleet(scene)
    return _sends(scene, "GET", "/api/fleet.csv")


# reporting


@_route("POST", "/api/machines/{machine_id}/check", "a value in doubt")
def _check(scene: Scene) -> Sends:
    _fleet(scene)
    return _sends(scene, "POST", "/api/machines/200001/check", {"values": {"1": 900_000}})


@_route("PUT", "/api/machines/{machine_id}/readings")
def _readings(scene: Scene) -> Sends:
    _fleet(scene)
    return _sends(scene, "PUT", "/api/machines/200001/readings", _READINGS)


@_route("PUT", "/api/machines/{machine_id}/readings", "with a key")
def _keyed_readings(scene: Scene) -> Sends:
    _fleet(scene)
    return _sends(scene, "PUT", "/api/machines/200001/readings", _READINGS, headers=KEY)


def _all_taken(answer: Answer) -> bool:
    """Machines that could not be stored are told one by one; they are sent again."""
    return "unavailable" not in answer.text


@_route("PUT", "/api/readings", done=_all_taken)
def _many_readings(scene: Scene) -> Sends:
    _fleet(scene)
    sent = [{"machine_id": number, **_READINGS} for number in ("200001", "200002")]
    return _sends(scene, "PUT", "/api/readings", {"machines": sent}, headers=KEY)


@_route("POST", "/api/fleet", done=_all_taken)
def _hand_in(scene: Scene) -> Sends:
    _fleet(scene)
    sheet = "Seriennummer;Zähler;Neuer Stand\nSN200001;S/W;10.850\nSN200002;S/W;10.900\n"
    return _sends(scene, "POST", "/api/fleet", sheet.encode())


@_route("POST", "/api/fleet/rejected.xlsx")
def _rejected(scene: Scene) -> Sends:
    _fleet(scene)
    sheet = "Seriennummer;Zähler;Neuer Stand\nSN2000O1;S/W;10.850\n"
    return _sends(scene, "POST", "/api/fleet/rejected.xlsx", sheet.encode())


# A photo that was announced and never came is shown to nobody.
@_route("POST", "/api/machines/{machine_id}/photos", differs=('"sk": {"S": "PHOTOS"}',))
def _photo(scene: Scene) -> Sends:
    _fleet(scene)
    body = {"meter_id": "1", "content_type": "image/jpeg", "size": 60}
    return _sends(scene, "POST", "/api/machines/200001/photos", body)


@_route("POST", "/api/machines/{machine_id}/problems")
def _problem(scene: Scene) -> Sends:
    _fleet(scene)
    return _sends(scene, "POST", "/api/machines/200001/problems", {"kind": "gone", "text": "Weg"})


@_route("DELETE", "/api/machines/{machine_id}/problems/{problem_id}")
def _withdrawn(scene: Scene) -> Sends:
    _fleet(scene)
    path = "/api/machines/200001/problems"
    told = scene.stage.customer("POST", path, {"kind": "gone"})
    return _sends(scene, "DELETE", f"{path}/{told.json['id']}")


@_route("POST", "/api/successors")
def _successor(scene: Scene) -> Sends:
    _fleet(scene)
    body = {"name": "Erika Neu", "email": "erika@muster.example"}
    return _sends(scene, "POST", "/api/successors", body)
