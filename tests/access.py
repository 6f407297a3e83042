"""Getting in, in tests: codes as mails carry them, passwords, logging in, asking for a link."""

from __future__ import annotations

from typing import Any

from meterportal import crypto
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.store import accounts, codes, links
from meterportal.store.accounts import Account

from tests.builders import a_link
from tests.customers import CLARA
from tests.stage import Answer, Stage

PASSWORD = "kaffee regen fahrrad"


def a_code(doors: Doors, mailbox: str = CLARA, **link: Any) -> str:
    """The code of a mail, as it stands there; its link is made too."""
    token = a_link(doors, mailbox=mailbox, **link)
    named = crypto.fingerprint(doors.keys.open_link(token))
    made = links.load(doors.table, named)
    assert made is not None
    code = doors.new_code()
    fingerprint = doors.keys.code_fingerprint(mailbox, code)
    doors.table.write(codes.new(fingerprint, link=named, expires_on=made.expires_on))
    return code


def a_password(doors: Doors, at: Moment, mailbox: str = CLARA) -> None:
    stored = crypto.hash_password(PASSWORD)
    doors.table.write(accounts.set_password(Account(mailbox), stored, at=at.now))


def log_in(stage: Stage, email: object = CLARA, **given: object) -> Answer:
    return stage.customer("POST", "/api/session", {"email": email, **given})


def ask(stage: Stage, **given: object) -> Answer:
    """Ask for a new link; the answer is always the same."""
    answer = stage.request("customer_api", "POST", "/api/links", given)
    assert (answer.status, answer.json, answer.cookies) == (202, {}, [])
    return answer


def a_request(number: str, mailbox: str = CLARA, link: str = "") -> dict[str, object]:
    """The message of a request for a link."""
    return {
        "schema": 1,
        "kind": "new_link",
        "request_id": number,
        "mailbox": mailbox,
        "link": link,
    }
