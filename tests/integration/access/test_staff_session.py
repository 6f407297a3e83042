"""Staff's sign-in through the front door: what renews a token stays on the server."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import meterportal.adapters
import pytest
from meterportal import crypto
from meterportal.store import keys
from meterportal.store.writes import Write

from tests.support import clock
from tests.support.customers import everything
from tests.support.staff_pool import Pool, serving, turn_to
from tests.support.stage import PUBLIC_URL, Answer, Stage

HERE = "/api/staff/session"
NAME = "__Secure-staff"


def ask(stage: Stage, method: str, path: str = HERE, body: Any = None, **more: Any) -> Answer:
    return stage.request("staff_session", method, path, body, **more)


def signed_in(stage: Stage) -> dict[str, str]:
    answer = ask(stage, "POST", body={"code": "good", "verifier": "mine"})
    assert answer.status == 201
    name, _, value = answer.cookies[0].partition(";")[0].partition("=")
    return {name: value}


def began_before(cookies: dict[str, str], back: timedelta) -> None:
    """Sets the session's beginning so far back."""
    secret = crypto.from_cookie(cookies[NAME])
    then = (clock.now() - back).isoformat(timespec="seconds")
    meterportal.adapters.adapters().table.write(
        Write(
            key=keys.staff_session(crypto.fingerprint(secret)),
            update="SET #created_at = :then",
            values={"then": then},
        )
    )


def stored() -> str:
    """All that lies in the table."""
    return str(everything(meterportal.adapters.adapters()))


def renewed(stage: Stage, cookies: dict[str, str]) -> Answer:
    return ask(stage, "POST", f"{HERE}/renew", cookies=cookies)


def test_a_code_opens_a_session_whose_secret_no_script_ever_has(stage: Stage, pool: Pool) -> None:
    answer = ask(stage, "POST", body={"code": "good", "verifier": "mine"})
    assert (answer.status, answer.json["id_token"]) == (201, "id-0")
    (cookie,) = answer.cookies
    assert cookie.startswith(f"{NAME}=")
    for attribute in ("HttpOnly", "Secure", "SameSite=Strict", f"Path={HERE}", "Max-Age=43200"):
        assert attribute in cookie
    assert pool.asked == [
        {
            "path": "/oauth2/token",
            "grant_type": "authorization_code",
            "code": "good",
            "redirect_uri": f"{PUBLIC_URL}/staff/",
            "code_verifier": "mine",
            "client_id": stage.environment["STAFF_CLIENT"],
        }
    ]
    # Not as it came: who reads the table cannot sign in.
    assert "refresh-good" not in stored()
    assert cookie.partition("=")[2].partition(";")[0] not in stored()


def test_the_cookie_renews_the_token_in_any_tab(stage: Stage, pool: Pool) -> None:
    cookies = signed_in(stage)
    first, second = renewed(stage, cookies), renewed(stage, cookies)
    assert (first.status, second.status) == (200, 200)
    assert first.json["id_token"] != second.json["id_token"]
    assert not first.cookies  # twelve hours from the login, not from the last renewal


def test_each_token_comes_with_the_business_day(stage: Stage, pool: Pool) -> None:
    opened = ask(stage, "POST", body={"code": "good", "verifier": "mine"})
    name, _, value = opened.cookies[0].partition(";")[0].partition("=")
    again = renewed(stage, {name: value})
    assert [opened.json["today"], again.json["today"]] == ["2026-11-23", "2026-11-23"]


def test_the_key_of_the_rows_on_a_device_is_the_session_s_own(stage: Stage, pool: Pool) -> None:
    opened = ask(stage, "POST", body={"code": "good", "verifier": "mine"}).json["rows_key"]
    pool.codes["another"] = "mine"
    other = ask(stage, "POST", body={"code": "another", "verifier": "mine"})
    name, _, value = other.cookies[0].partition(";")[0].partition("=")
    assert renewed(stage, {name: value}).json["rows_key"] == other.json["rows_key"] != opened
    assert len(base64.urlsafe_b64decode(opened + "=")) == 32
    assert opened not in stored()


def test_a_refresh_token_opens_a_session_too(stage: Stage, pool: Pool) -> None:
    pool.refresh_tokens.add("by-password")
    answer = ask(stage, "POST", body={"refresh_token": "by-password"})
    assert (answer.status, answer.json["id_token"]) == (201, "id-1")


@pytest.mark.parametrize(
    "proof",
    [
        {"code": "good", "verifier": "another's"},
        {"code": "unknown", "verifier": "mine"},
        {"refresh_token": "made up"},
    ],
)
def test_a_proof_that_the_pool_does_not_take_opens_nothing(
    stage: Stage, pool: Pool, proof: dict[str, str]
) -> None:
    answer = ask(stage, "POST", body=proof)
    assert (answer.status, answer.json["code"], answer.cookies) == (401, "signed_out", [])


def test_a_code_is_good_once(stage: Stage, pool: Pool) -> None:
    signed_in(stage)
    again = ask(stage, "POST", body={"code": "good", "verifier": "mine"})
    assert again.status == 401


@pytest.mark.parametrize("body", [{}, {"code": "good"}, {"code": "a", "refresh_token": "b"}])
def test_half_a_proof_is_refused_in_words(stage: Stage, pool: Pool, body: dict[str, str]) -> None:
    answer = ask(stage, "POST", body=body)
    assert (answer.status, answer.json["code"]) == (422, "invalid")
    assert pool.asked == []


@pytest.mark.parametrize("value", ["", "x", "A" * 22, "=", "ü" * 22, "A" * 5000])
def test_a_made_up_cookie_renews_nothing(stage: Stage, pool: Pool, value: str) -> None:
    signed_in(stage)
    for cookies in ({}, {NAME: value}, {"other": "A"}):
        answer = renewed(stage, cookies)
        assert (answer.status, answer.json["code"]) == (401, "signed_out")
    assert len(pool.asked) == 1


def test_a_session_ends_after_twelve_hours(stage: Stage, pool: Pool) -> None:
    cookies = signed_in(stage)
    began_before(cookies, timedelta(hours=11, minutes=59))
    assert renewed(stage, cookies).status == 200
    began_before(cookies, timedelta(hours=12))
    assert renewed(stage, cookies).status == 401


def test_who_is_disabled_is_refused_at_the_next_renewal_for_good(stage: Stage, pool: Pool) -> None:
    cookies = signed_in(stage)
    kept = set(pool.refresh_tokens)
    pool.refresh_tokens.clear()
    assert renewed(stage, cookies).status == 401
    pool.refresh_tokens |= kept
    assert renewed(stage, cookies).status == 401


def test_signing_out_ends_the_session_here_and_at_the_pool(stage: Stage, pool: Pool) -> None:
    cookies = signed_in(stage)
    gone = ask(stage, "DELETE", cookies=cookies)
    assert gone.status == 204
    assert f"{NAME}=;" in gone.cookies[0]
    assert "Max-Age=0" in gone.cookies[0]
    assert pool.refresh_tokens == set()
    assert renewed(stage, cookies).status == 401
    assert ask(stage, "DELETE", cookies=cookies).status == 204


@pytest.mark.parametrize("status", [400, 503])
def test_signing_out_needs_no_answer_of_the_pool(stage: Stage, pool: Pool, status: int) -> None:
    cookies = signed_in(stage)
    pool.broken = status
    assert ask(stage, "DELETE", cookies=cookies).status == 204
    pool.broken = 0
    assert renewed(stage, cookies).status == 401


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_trouble_of_the_pool_ends_no_session(stage: Stage, pool: Pool, status: int) -> None:
    cookies = signed_in(stage)
    pool.broken = status
    answer = renewed(stage, cookies)
    assert (answer.status, answer.json["code"]) == (503, "unavailable")
    pool.broken = 0
    assert renewed(stage, cookies).status == 200


def test_a_pool_that_does_not_answer_ends_no_session(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as gone:
        turn_to(gone.url, monkeypatch)
    answer = ask(stage, "POST", body={"code": "good", "verifier": "mine"})
    assert (answer.status, answer.json["code"]) == (503, "unavailable")


def test_another_site_can_neither_renew_nor_sign_out(stage: Stage, pool: Pool) -> None:
    cookies = signed_in(stage)
    foreign = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    for method, path in (("POST", f"{HERE}/renew"), ("DELETE", HERE)):
        assert ask(stage, method, path, cookies=cookies, headers=foreign).status == 403
    assert renewed(stage, cookies).status == 200
