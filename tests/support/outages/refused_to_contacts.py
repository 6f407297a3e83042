"""What the contact's routes refuse by what stands at that moment."""

from __future__ import annotations

from collections.abc import Mapping

from meterportal.domain.reporting.photos import MOST_OF_A_METER

from tests.support.access import PASSWORD, a_password, a_password_of_before, put_by_mail
from tests.support.builders import a_link
from tests.support.customers import CLARA, open_by
from tests.support.outages.refused import (
    Sent,
    closed,
    cold,
    provoked,
    released_before,
    reported_by,
    until_refused,
)
from tests.support.stage import Answer

# contacts: ways in

provoked("GET", "/api/door", 503, "unavailable")(cold)

for _path in ("/api/links", "/api/password/mail"):
    provoked("POST", _path, 429, "too_many_attempts")(until_refused)

_SESSION = ("POST", "/api/session")
_WRONG = {"email": CLARA, "password": "falsch falsch falsch"}
provoked(*_SESSION, 401, "link_invalid")(lambda sent: sent.again(body={"token": "x"}))
provoked(*_SESSION, 401, "login_refused")(lambda sent: sent.again(body=_WRONG))
provoked(*_SESSION, 429, "too_many_attempts")(lambda sent: until_refused(sent, body=_WRONG))


def _revoked(sent: Sent) -> Sent:
    assert sent.staff("POST", "/api/staff/contacts/5001/links/revoke").status < 300
    return sent


provoked(*_SESSION, 401, "link_expired")(lambda sent: _revoked(sent).again())


@provoked(*_SESSION, 403, "password_ended")
def _ended_password(sent: Sent) -> Answer:
    a_password(sent.scene.adapters, sent.scene.at)
    return _revoked(sent).again(body={"email": CLARA, "password": PASSWORD})


_PASSWORD = ("PUT", "/api/password")
_OTHER = {"password": "lampe wolke schrauben"}
provoked(*_PASSWORD, 401, "link_invalid")(lambda sent: sent.again(body=_OTHER | {"token": "x"}))
provoked(*_PASSWORD, 401, "not_signed_in")(
    lambda sent: sent.again(body=_OTHER | {"old_password": PASSWORD}, cookies={})
)
provoked(*_PASSWORD, 403, "password_link_over")(
    lambda sent: sent.first(sent.again()).again(body=sent.body | _OTHER)
)
provoked(*_PASSWORD, 403, "password_mail_needed")(lambda sent: sent.again(body=_OTHER))


def _with_a_password(sent: Sent) -> Mapping[str, str]:
    put_by_mail(sent.scene.stage, sent.scene.adapters)
    return sent.scene.stage.cookies


provoked(*_PASSWORD, 403, "old_password_wrong")(
    lambda sent: sent.again(
        cookies=_with_a_password(sent), body=_OTHER | {"old_password": "falsch falsch"}
    )
)
provoked(*_PASSWORD, 429, "too_many_attempts")(
    lambda sent: until_refused(
        sent, cookies=_with_a_password(sent), body=_OTHER | {"old_password": "falsch falsch"}
    )
)


@provoked(*_PASSWORD, 403, "password_ended")
def _of_earlier_versions(sent: Sent) -> Answer:
    a_password_of_before(sent.scene.adapters)
    assert open_by(sent.scene.stage, a_link(sent.scene.adapters)).status == 201
    cookies = sent.scene.stage.cookies
    return sent.again(cookies=cookies, body=_OTHER | {"old_password": PASSWORD})


provoked("POST", "/api/password/mail", 401, "not_signed_in")(
    lambda sent: sent.again(body={}, cookies={})
)

# contacts: machines

provoked("GET", "/api/machines", 422, "invalid")(lambda sent: sent.asking("scope=everything"))
for _path in ("/api/fleet", "/api/fleet/rejected.xlsx"):
    provoked("POST", _path, 415, "wrong_content_type")(
        lambda sent: sent.again(headers={"content-type": "application/json"})
    )
    provoked("POST", _path, 422, "sheet_refused")(lambda sent: sent.again(body=b"%PDF-1.4 scan"))

_CHECK = ("POST", "/api/machines/{machine_id}/check", 409)
provoked(*_CHECK, "already_released")(released_before)
for _where in ("/api/machines/{machine_id}/readings", "/api/staff/machines/{machine_id}/readings"):
    provoked("PUT", _where, 409, "already_released")(released_before)
    provoked("PUT", _where, 409, "needs_confirmation")(
        lambda sent: sent.anew(values={"1": 900_000})
    )
provoked("PUT", "/api/staff/machines/{machine_id}/readings", 409, "no_period")(
    lambda sent: closed(sent).again()
)


@provoked("POST", "/api/machines/{machine_id}/photos", 409, "too_many_photos")
def _photos(sent: Sent) -> Answer:
    return [sent.again() for _ in range(MOST_OF_A_METER + 1)][-1]


provoked("POST", "/api/machines/{machine_id}/problems", 409, "problem_open")(
    lambda sent: sent.first(sent.again()).anew(kind="cannot_read")
)


@provoked("DELETE", "/api/machines/{machine_id}/problems/{problem_id}", 409, "problem_decided")
def _decided_problem(sent: Sent) -> Answer:
    assert sent.again().status == 204
    path = "/api/machines/200001/problems"
    number = sent.scene.stage.customer("POST", path, {"kind": "cannot_read"}).json["id"]
    decision = {"decision": "accepted", "note": "Ja"}
    assert sent.staff("POST", f"/api/staff/problems/{number}/decision", decision).status == 200
    return sent.again(f"{path}/{number}")


@provoked("POST", "/api/successors", 409, "too_many_successors")
def _many_successors(sent: Sent) -> Answer:
    return [sent.anew(name=f"Neu {n}", email=f"neu{n}@muster.example") for n in range(6)][-1]


provoked("POST", "/api/successors", 409, "nothing_to_hand_over")(
    lambda sent: reported_by(sent, "5002").again()
)
