"""A write that was under way, and arrives after the row that it is about was ended or deleted, brings nothing
back. The SDK sends a write again when no answer comes: the first one may still arrive, seconds later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.exchange.import_runs import Import
from meterportal.settings import moment
from meterportal.store import keys
from meterportal.store.access import accounts, attempts
from meterportal.store.exchange import imports
from meterportal.store.table import Table
from meterportal.store.writes import ConditionFailed, Write
from meterportal.usecases.access.attempts import BY_NETWORK

from tests.support.builders import a_link
from tests.support.customers import CLARA, open_by, session_key, signed_in
from tests.support.staff_pool import Pool
from tests.support.stage import Stage

STAFF = "/api/staff/session"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Write]:
    """Single writes, as they were sent. A transaction that arrives twice is carried out once, by its token."""
    found: list[Write] = []
    original = Table.write

    def write(self: Table, one: Write) -> None:
        found.append(one)
        original(self, one)

    monkeypatch.setattr(Table, "write", write)
    return found


def arrive_again(adapters: Adapters, sent: list[Write], begins: str) -> int:
    """The first sending of each write of such a row arrives now; how many there were."""
    late = [
        one for one in sent if (one.put or {"pk": (one.key or ("",))[0]})["pk"].startswith(begins)
    ]
    for one in late:
        try:
            adapters.table.write(one)
        except ConditionFailed:
            continue
    return len(late)


def signed_in_by_code(stage: Stage) -> dict[str, str]:
    """The cookie of a session of staff."""
    opened = stage.request("staff_session", "POST", STAFF, {"code": "good", "verifier": "mine"})
    name, _, value = opened.cookies[0].partition(";")[0].partition("=")
    return {name: value}


def test_a_session_of_staff_that_was_ended_stays_so(
    stage: Stage, adapters: Adapters, pool: Pool, sent: list[Write]
) -> None:
    cookies, written = signed_in_by_code(stage), list(sent)
    renewed = stage.request("staff_session", "POST", f"{STAFF}/renew", cookies=cookies)
    assert renewed.status == 200
    pool.broken = 503  # Cognito does not hear of it, and would renew its token.
    assert stage.request("staff_session", "DELETE", STAFF, cookies=cookies).status == 204
    pool.broken = 0
    assert arrive_again(adapters, written, "STAFFSESSION#") == 1
    late = stage.request("staff_session", "POST", f"{STAFF}/renew", cookies=cookies)
    assert (late.status, late.json["code"]) == (401, "signed_out")
    assert stage.request("staff_session", "DELETE", STAFF, cookies=cookies).status == 204


def test_a_session_that_cognito_ended_stays_so(
    stage: Stage, adapters: Adapters, pool: Pool, sent: list[Write]
) -> None:
    cookies, written = signed_in_by_code(stage), list(sent)
    gone, pool.refresh_tokens = set(pool.refresh_tokens), set()
    assert stage.request("staff_session", "POST", f"{STAFF}/renew", cookies=cookies).status == 401
    arrive_again(adapters, written, "STAFFSESSION#")
    pool.refresh_tokens = gone
    assert stage.request("staff_session", "POST", f"{STAFF}/renew", cookies=cookies).status == 401


def test_a_contact_s_session_that_was_ended_stays_so(
    stage: Stage, adapters: Adapters, sent: list[Write]
) -> None:
    signed_in(stage, adapters)
    cookies, key, written = dict(stage.cookies), session_key(stage), list(sent)
    assert stage.customer("DELETE", "/api/session").status == 204
    assert arrive_again(adapters, written, "SESSION#") == 1
    stage.cookies.update(cookies)
    assert stage.customer("GET", "/api/session").status == 401
    assert stage.customer("DELETE", "/api/session").status == 401
    left = adapters.table.get(*key)
    assert left is not None
    assert set(left) == {"pk", "sk", "ended_at", "expires_at"}, "it names nobody"


def test_a_session_whose_cookie_another_replaced_stays_ended(
    stage: Stage, adapters: Adapters, sent: list[Write]
) -> None:
    signed_in(stage, adapters)
    before, written = dict(stage.cookies), list(sent)
    assert open_by(stage, a_link(adapters)).status == 201
    assert arrive_again(adapters, written, "SESSION#") == 1
    stage.cookies.update(before)
    assert stage.customer("GET", "/api/session").status == 401


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/session/company", {"company_id": "10000"}),
        ("/api/session/language", {"language": "en"}),
    ],
)
def test_what_a_session_writes_after_its_end_is_refused(
    stage: Stage,
    adapters: Adapters,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    body: dict[str, str],
) -> None:
    """Read before the log-out, or before the erasure of its person, and written after it."""
    signed_in(stage, adapters)
    cookies = dict(stage.cookies)

    def end() -> None:
        adapters.table.write(accounts.forget(CLARA))
        ended = stage.request("customer_api", "DELETE", "/api/session", cookies=cookies)
        assert ended.status == 204

    _before_the_next(monkeypatch, end)
    answer = stage.customer("PUT", path, body)
    assert (answer.status, answer.json["code"]) == (401, "not_signed_in")
    assert adapters.table.get(*keys.account(CLARA)) is None
    assert stage.customer("GET", "/api/session").status == 401


def _before_the_next(monkeypatch: pytest.MonkeyPatch, meddle: Callable[[], None]) -> None:
    """Lets `meddle` run before the next write or transaction, once."""
    originals = {name: getattr(Table, name) for name in ("write", "transact")}

    def instead(name: str) -> object:
        def write(self: Table, what: object) -> None:
            for one, original in originals.items():
                monkeypatch.setattr(Table, one, original)
            meddle()
            originals[name](self, what)

        return write

    for name in originals:
        monkeypatch.setattr(Table, name, instead(name))


def test_an_attempt_that_is_forgotten_is_not_given_back(adapters: Adapters) -> None:
    """The row has its end; what gave back an attempt after it left one without."""
    with pytest.raises(ConditionFailed):
        adapters.table.write(attempts.give_back(BY_NETWORK, "pseudonym"))
    assert adapters.table.get(*keys.pace(BY_NETWORK.purpose, "pseudonym")) is None


def test_an_import_that_is_forgotten_is_neither_taken_over_nor_let_go(adapters: Adapters) -> None:
    at = moment()
    then = at.now - timedelta(days=91)
    seen = Import("forgotten", "staff-1", then, "2026-08-20", "firmen.csv", ("bucket", "key"))
    for write in (imports.take_over(seen, "another"), imports.let_file_go(seen)):
        with pytest.raises(ConditionFailed):
            adapters.table.write(write)
    assert adapters.table.get(*keys.run("IMPORT", "forgotten")) is None
