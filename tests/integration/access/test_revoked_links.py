"""Staff end what opens the portal for an address; and nothing secret is said or logged on any way in."""

from __future__ import annotations

import logging

import pytest
from meterportal.adapters import Adapters

from tests.support.access import a_password_link, a_request, ask
from tests.support.builders import a_contact, a_holding, a_link, settle
from tests.support.customers import CLARA, open_by, second_company
from tests.support.faults import failing, refused
from tests.support.requesting import code_of, token_of, work
from tests.support.stage import Stage


def test_staff_end_all_links_codes_and_sessions_of_an_address(
    stage: Stage, adapters: Adapters
) -> None:
    second_company(adapters)
    settle(adapters)
    work(stage, "send_mail", a_request("one"))
    (mail,) = stage.mails()
    old, code = token_of(mail), code_of(mail)
    open_by(stage, old)
    revoked = stage.staff("POST", "/api/staff/contacts/5001/links/revoke", groups="remind")
    assert (revoked.status, revoked.json) == (200, {"contact_id": "5001"})
    assert stage.customer("GET", "/api/machines").status == 401
    assert open_by(stage, old).json["code"] == "link_expired"
    by_code = stage.customer("POST", "/api/session", {"email": CLARA, "code": code})
    assert by_code.json["code"] == "login_refused"
    ask(stage, token=old)
    stage.drain()
    assert open_by(stage, token_of(stage.mails()[1])).status == 201
    assert stage.customer("GET", "/api/machines").status == 200


def test_only_who_may_remind_ends_links_of_a_contact_that_there_is(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters, a_holding(contacts=[a_contact(), a_contact("5002", email="")]))
    path = "/api/staff/contacts/{}/links/revoke"
    assert stage.staff("POST", path.format("5001"), groups="read").status == 403
    assert stage.staff("POST", path.format("5002")).status == 404
    assert stage.staff("POST", path.format("9999")).status == 404
    assert open_by(stage, a_link(adapters)).status == 201


def test_no_address_code_token_or_password_stands_in_a_log_line_or_refusal(
    stage: Stage,
    adapters: Adapters,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.INFO)
    settle(adapters)
    secret, other = "kaffee regen fahrrad", "geheimer satz ohne sinn"
    ask(stage, email=CLARA)
    ask(stage, email="neugierig@fremd.example")
    with failing("SendEmail", refused("TooManyRequestsException")):
        stage.drain()
    work(stage, "send_mail", a_request("canary"))
    mail = stage.mails()[0]
    token, code = token_of(mail), code_of(mail)
    mailed = a_password_link(adapters)
    answers = [stage.customer("POST", "/api/session", {"email": CLARA, "code": code})]
    answers = [
        stage.customer("POST", "/api/password/mail", {}),
        stage.customer("PUT", "/api/password", {"password": secret}),
        stage.customer("PUT", "/api/password", {"password": CLARA, "token": mailed}),
        stage.customer("PUT", "/api/password", {"password": secret, "token": mailed}),
        stage.customer("PUT", "/api/password", {"password": secret, "token": mailed}),
        stage.customer("POST", "/api/session", {"email": CLARA, "password": other}),
        stage.customer("POST", "/api/session", {"email": CLARA, "code": f"{code}X"}),
        stage.customer("POST", "/api/session", {"email": CLARA, "code": code, "token": token}),
        stage.customer("POST", "/api/links", {"email": CLARA, "token": token}),
        stage.staff("POST", "/api/staff/contacts/5001/links/revoke"),
    ]
    stage.drain()
    said = " ".join(answer.text for answer in answers)
    logged = caplog.text + str([r.__dict__ for r in caplog.records]) + "".join(capfd.readouterr())
    assert "goes back to its queue" in logged
    secrets = (CLARA, "muster.example", "Clara", "fremd.example", "neugierig", token, code, mailed)
    for each in (*secrets, code.replace("-", ""), secret, other, "$argon2id", "127.0.0.1"):
        assert each not in said, each
        assert each not in logged, each
