"""The contact's session through the front door: link, cookie, companies, and every way it ends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.crypto import KeyRing
from meterportal.settings import Moment
from meterportal.store import keys
from meterportal.store.access import links
from meterportal.store.writes import Write

from tests.support.access import a_code
from tests.support.builders import DUE, a_contact, a_holding, a_link, settle
from tests.support.customers import (
    CLARA,
    COOKIE,
    before_the_next_write,
    everything,
    move_session,
    open_by,
    put,
    refused,
    second_company,
    session_key,
    signed_in,
    stored,
)
from tests.support.stage import Stage
from tests.support.wire import counted

# opening


def test_the_link_opens_a_session(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    opened = open_by(stage, a_link(adapters))
    assert opened.status == 201
    assert opened.json == {
        "contact": {"name": "Clara Schäfer", "email_masked": "c***@muster.example"},
        "company": {"id": "10000", "name": "Muster GmbH"},
        "companies": [{"id": "10000", "name": "Muster GmbH"}],
        "rights": {"readings": True, "machines": True, "service_orders": "none"},
        "language": "de",
        "has_password": False,
        "password_ended": False,
        "link_until": "2027-01-12",
        "dealer": {"name": adapters.settings.dealer_name},
        "today": "2026-11-23",
    }
    shown = stage.customer("GET", "/api/session")
    assert (shown.status, shown.json) == (200, opened.json)


def test_the_cookie_is_bound_to_host_and_out_of_reach_of_scripts(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    (cookie,) = open_by(stage, a_link(adapters)).cookies
    value, *attributes = cookie.split("; ")
    assert value.startswith(f"{COOKIE}=")
    assert len(crypto.from_cookie(value.partition("=")[2])) == 16
    assert sorted(attributes) == ["HttpOnly", "Path=/", "SameSite=Strict", "Secure"]


def test_only_the_hashes_of_link_and_session_are_stored(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    token = a_link(adapters)
    open_by(stage, token)
    table = str(everything(adapters))
    assert stage.cookies[COOKIE] not in table
    assert token not in table


def test_the_link_opens_again_and_again_each_time_with_a_new_session(
    stage: Stage, adapters: Adapters
) -> None:
    settle(adapters)
    token = a_link(adapters)
    opened = {open_by(stage, token).cookies[0] for _ in range(3)}
    assert len(opened) == 3


def test_what_mail_programs_hang_on_a_link_is_taken_off(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    token = a_link(adapters)
    around_it = (" {}", "{}\n", "{}.", "{}>", "{}).", "\t{} . ", "{}%3E", "{}%20", "\u200b{}\u00ad")
    for around in around_it:
        assert open_by(stage, around.format(token)).status == 201, around


def test_a_link_broken_over_two_lines_is_joined(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    token = a_link(adapters)
    for between in ("\r\n ", "%0D%0A", "\u00ad", "\u200b", " "):
        assert open_by(stage, f"{token[:40]}{between}{token[40:]}").status == 201, between


def test_a_second_link_ends_the_session_of_the_first_in_that_browser(
    stage: Stage, adapters: Adapters
) -> None:
    """The browser forgets its cookie, so nobody else shall find it alive; in the same write."""
    signed_in(stage, adapters)
    first = {COOKIE: stage.cookies[COOKIE]}
    token = a_link(adapters)
    with counted(adapters.table._client) as calls:
        assert open_by(stage, token).status == 201
    assert (calls["dynamodb.TransactWriteItems"], calls["dynamodb.PutItem"]) == (1, 0)
    assert stage.customer("GET", "/api/session").status == 200
    assert stage.request("customer_api", "GET", "/api/session", cookies=first).status == 401
    second = {COOKIE: stage.cookies[COOKIE]}
    body = {"email": CLARA, "code": a_code(adapters)}
    assert stage.customer("POST", "/api/session", body).status == 201
    assert stage.request("customer_api", "GET", "/api/session", cookies=second).status == 401


def test_in_another_browser_a_session_goes_on(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    token = a_link(adapters)
    assert stage.request("customer_api", "POST", "/api/session", {"token": token}).status == 201
    assert stage.customer("GET", "/api/session").status == 200


def test_a_refused_link_or_a_made_up_cookie_ends_nothing(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    mine = dict(stage.cookies)
    assert open_by(stage, "v1.k1.nothing").status == 401
    for cookie in ("x", "A" * 22, "", "A" * 5000):
        body = {"token": a_link(adapters)}
        told = stage.request("customer_api", "POST", "/api/session", body, cookies={COOKIE: cookie})
        assert told.status == 201, cookie
    assert stage.request("customer_api", "GET", "/api/session", cookies=mine).status == 200


def test_the_language_is_the_contacts_else_the_companys(stage: Stage, adapters: Adapters) -> None:
    second_company(adapters)
    assert open_by(stage, a_link(adapters, company_id="10007")).json["language"] == "en"
    settle(adapters)
    assert open_by(stage, a_link(adapters)).json["language"] == "de"


# what does not open


@pytest.fixture
def neutral(stage: Stage) -> dict[str, object]:
    """What every link that opens nothing is told."""
    return refused(stage, "v1.k1.nothing")


def test_every_token_that_is_not_ours_looks_the_same(
    stage: Stage, adapters: Adapters, neutral: dict[str, object]
) -> None:
    settle(adapters)
    token = a_link(adapters)
    other_stage = KeyRing.from_secret("another secret", stage="prod").seal_link(b"0" * 16)
    unknown = adapters.keys.seal_link(b"0" * 16)
    cursor = adapters.keys.seal_cursor("somebody", {"after": "1"})
    tokens = ["", " ", ".", "null", token[:-1], token + "A", token[1:], token.upper(), f"{token}{token}",
              token.replace("v1.", "v2.", 1), token.replace(".k1.", ".k2.", 1), "x" * 10_240, "ü" * 59,
              f"v1.k1.{'A' * 59}", other_stage, unknown, cursor, "https://portal.example/#t=" + token]  # fmt: skip
    for each in tokens:
        assert refused(stage, each) == neutral, each


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_token_altered_in_any_place_opens_nothing(
    stage: Stage, adapters: Adapters, data: st.DataObject
) -> None:
    if COOKIE not in stage.cookies:
        signed_in(stage, adapters)
        stage.cookies["token"] = a_link(adapters)
    token = stage.cookies["token"]
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(
        st.characters(min_codepoint=33, max_codepoint=0x24F).filter(lambda c: c != token[place])
    )
    altered = token[:place] + other + token[place + 1 :]
    assert refused(stage, altered)["code"] == "link_invalid"


def test_every_single_place_of_a_token_counts(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    token = a_link(adapters)
    for place, letter in enumerate(token):
        other = "B" if letter == "A" else "A"
        assert refused(stage, token[:place] + other + token[place + 1 :])["code"] == "link_invalid"


def test_a_genuine_link_past_its_end_says_so(stage: Stage, adapters: Adapters, at: Moment) -> None:
    settle(adapters)
    assert open_by(stage, a_link(adapters, expires_on=at.today)).status == 201
    expired = a_link(adapters, expires_on=at.today - timedelta(days=1))
    assert refused(stage, expired)["code"] == "link_expired"


def test_a_revoked_link_says_that_it_is_over_and_takes_its_sessions_along(
    stage: Stage, adapters: Adapters, at: Moment
) -> None:
    settle(adapters)
    token, other = a_link(adapters), a_link(adapters)
    open_by(stage, token)
    adapters.table.write(
        links.revoke(crypto.fingerprint(adapters.keys.open_link(token)), at=at.now)
    )
    assert refused(stage, token)["code"] == "link_expired"
    assert stage.customer("GET", "/api/session").status == 401
    assert stage.customer("GET", "/api/machines").status == 401
    assert put(stage, values={"1": 11_000}, version=1).status == 401
    assert open_by(stage, other).status == 201


def test_a_token_that_is_no_text_is_refused_by_its_field(stage: Stage) -> None:
    for token in (None, 5, ["x"], {"a": 1}, True):
        answer = open_by(stage, token)
        assert (answer.status, answer.json["field"]) == (422, "token"), token


def test_a_company_whose_contact_may_nothing_opens_nothing(
    stage: Stage, adapters: Adapters, neutral: dict[str, object]
) -> None:
    settle(adapters, a_holding(contacts=[a_contact(rights=None)]))
    assert refused(stage, a_link(adapters)) == neutral


# time and end


def test_a_session_ends_after_two_idle_hours(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    move_session(stage, adapters, seen_at=timedelta(hours=1, minutes=59))
    assert stage.customer("GET", "/api/session").status == 200
    move_session(stage, adapters, seen_at=timedelta(hours=2))
    assert stage.customer("GET", "/api/session").status == 401


def test_a_session_ends_after_twelve_hours_whatever_happens(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    move_session(stage, adapters, created_at=timedelta(hours=12))
    assert stage.customer("GET", "/api/machines").status == 401


def test_use_is_noted_every_five_minutes_and_not_more_often(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    before = adapters.table.get(*session_key(stage))
    stage.customer("GET", "/api/machines")
    assert adapters.table.get(*session_key(stage)) == before
    move_session(stage, adapters, seen_at=timedelta(minutes=6))
    stage.customer("GET", "/api/machines")
    after = adapters.table.get(*session_key(stage))
    assert before is not None
    assert after is not None
    assert after["seen_at"] >= before["seen_at"]
    assert after["expires_at"] >= before["expires_at"]


def test_use_never_prolongs_a_session_beyond_its_twelve_hours(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    opened = adapters.table.get(*session_key(stage))
    move_session(stage, adapters, created_at=timedelta(hours=11), seen_at=timedelta(hours=1))
    stage.customer("GET", "/api/machines")
    after = adapters.table.get(*session_key(stage))
    assert opened is not None
    assert after is not None
    assert after["expires_at"] <= opened["expires_at"] - 3600 + 1


def test_a_submission_notes_the_use_in_its_own_transaction(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    move_session(stage, adapters, seen_at=timedelta(minutes=6))
    moved = adapters.table.get(*session_key(stage))
    assert put(stage, values={"1": 11_000}, version=1).status == 200
    after = adapters.table.get(*session_key(stage))
    assert moved is not None
    assert after is not None
    assert after["seen_at"] > moved["seen_at"]


def test_who_logs_out_while_a_submission_is_under_way_stores_nothing(
    stage: Stage, adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(stage, adapters)
    move_session(stage, adapters, seen_at=timedelta(minutes=6))
    cookies = dict(stage.cookies)
    before_the_next_write(
        monkeypatch,
        adapters,
        lambda: stage.request("customer_api", "DELETE", "/api/session", cookies=cookies),
    )
    assert put(stage, values={"1": 11_000}, version=1).status == 401
    assert stored(adapters).readings == ()


def test_logging_out_removes_what_the_row_says_and_the_cookie(
    stage: Stage, adapters: Adapters
) -> None:
    signed_in(stage, adapters)
    place, cookies = session_key(stage), dict(stage.cookies)
    left = stage.customer("DELETE", "/api/session")
    assert (left.status, left.text) == (204, "")
    assert left.cookies == [f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict"]
    row = adapters.table.get(*place)
    assert row is not None
    assert set(row) == {"pk", "sk", "ended_at", "expires_at"}, "it keeps its place"
    again = stage.request("customer_api", "GET", "/api/session", cookies=cookies)
    assert again.status == 401


def test_who_lost_every_right_can_still_log_out(stage: Stage, adapters: Adapters) -> None:
    signed_in(stage, adapters)
    update = "SET #delivery = :delivery"
    mailbox = keys.mailbox(CLARA)
    adapters.table.write(Write(key=mailbox, update=update, values={"delivery": "bounced"}))
    assert stage.customer("DELETE", "/api/session").status == 204


REQUESTS = [
    ("GET", "/api/session", None),
    ("DELETE", "/api/session", None),
    ("PUT", "/api/session/company", {"company_id": "10000"}),
    ("GET", "/api/machines", None),
    ("POST", "/api/machines/200001/check", {"values": {"1": 1}}),
    ("PUT", "/api/machines/200001/readings", {"values": {"1": 1}, "version": 1}),
]


def test_made_up_cookies_are_nobody(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    for cookie in ("", "x", "A" * 22, "A" * 21 + "B", "A" * 4000, "ü" * 22, "AAA=AAA", "%41" * 22):
        stage.cookies[COOKIE] = cookie
        for method, path, body in REQUESTS:
            answer = stage.customer(method, path, body)
            assert (answer.status, answer.json["code"]) == (401, "not_signed_in"), (cookie, path)


def test_without_a_cookie_nobody_is_signed_in(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    for method, path, body in REQUESTS:
        answer = stage.customer(method, path, body)
        assert answer.status == 401
        assert answer.headers["Content-Type"].startswith("application/problem+json")


# looking changes nothing


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_leaves_the_table_as_it_is_and_sets_no_cookie(
    stage: Stage, adapters: Adapters, method: str
) -> None:
    settle(adapters)
    token = a_link(adapters)
    before = everything(adapters)
    for path in ("/api/session", "/api/machines", f"/api/session?t={token}", "/", f"/?t={token}"):
        answer = stage.request("customer_api", method, path)
        assert answer.status in {400, 401, 404}
        assert answer.cookies == []
    open_by(stage, token)
    opened = everything(adapters)
    assert opened != before
    for path in ("/api/session", "/api/machines", "/api/machines?limit=1"):
        stage.customer(method, path)
    assert everything(adapters) == opened


def test_a_refused_click_leaves_the_table_as_it_is(stage: Stage, adapters: Adapters) -> None:
    settle(adapters)
    expired = a_link(adapters, expires_on=date(2026, 11, 1))
    before = everything(adapters)
    for token in ("x", expired, adapters.keys.seal_link(b"1" * 16)):
        open_by(stage, token)
    assert everything(adapters) == before


def test_the_end_of_a_link_is_after_its_due_date(adapters: Adapters) -> None:
    settle(adapters)
    token = a_link(adapters)
    link = links.load(adapters.table, crypto.fingerprint(adapters.keys.open_link(token)))
    assert link is not None
    assert not link.ended(DUE + timedelta(days=45))
    assert link.ended(DUE + timedelta(days=46))
