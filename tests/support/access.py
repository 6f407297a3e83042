"""Getting in, in tests: codes as mails carry them, passwords, logging in, asking for a link."""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.domain.access.accounts import Account
from meterportal.settings import Moment
from meterportal.store import keys
from meterportal.store.access import accounts, codes, links, password_links
from meterportal.store.writes import Write

from tests.support import clock
from tests.support.builders import a_link
from tests.support.customers import CLARA
from tests.support.requesting import text_of
from tests.support.stage import Answer, Stage

PASSWORD = "kaffee regen fahrrad"


def a_code(adapters: Adapters, mailbox: str = CLARA, **link: Any) -> str:
    """The code of a mail, as it stands there; its link is made too."""
    token = a_link(adapters, mailbox=mailbox, **link)
    named = crypto.fingerprint(adapters.keys.open_link(token))
    made = links.load(adapters.table, named)
    assert made is not None
    code = adapters.new_code()
    fingerprint = adapters.keys.code_fingerprint(mailbox, code)
    adapters.table.write(codes.new(fingerprint, link=named, expires_on=made.expires_on))
    return code


def a_password(adapters: Adapters, at: Moment, mailbox: str = CLARA) -> None:
    stored = crypto.hash_password(PASSWORD)
    adapters.table.write(accounts.set_password(Account(mailbox), stored, at=at.now))


def a_password_of_before(adapters: Adapters, mailbox: str = CLARA) -> None:
    """As releases before single-use mails stored it, from a link or a code."""
    values = {"hash": crypto.hash_password(PASSWORD), "one": 1}
    update = "SET #password = :hash, #password_at = :hash, #generation = :one"
    adapters.table.write(Write(key=keys.account(mailbox), update=update, values=values))


def a_password_link(
    adapters: Adapters, mailbox: str = CLARA, *, generation: int = 0, ago: timedelta = timedelta()
) -> str:
    """The token of a password mail that went out a while ago: what stands behind #p=."""
    link_id = adapters.new_secret_id()
    at = clock.now() - ago
    named = crypto.fingerprint(link_id)
    adapters.table.write(
        password_links.new(
            named, mailbox=mailbox, generation=generation, round_id="password-test", at=at
        )
    )
    return adapters.keys.seal_password_link(link_id)


def put_password(stage: Stage, password: object = PASSWORD, **more: object) -> Answer:
    return stage.customer("PUT", "/api/password", {"password": password, **more})


def the_account(adapters: Adapters, mailbox: str = CLARA) -> Account:
    return accounts.unpack(mailbox, adapters.table.get(*keys.account(mailbox)))


def put_by_mail(stage: Stage, adapters: Adapters, password: object = PASSWORD) -> Answer:
    """Set a password by a mail that went out just now."""
    token = a_password_link(adapters, generation=the_account(adapters).generation)
    return put_password(stage, password, token=token)


def ask_for_password_mail(stage: Stage, **given: object) -> Answer:
    """The answer is always the same."""
    answer = stage.customer("POST", "/api/password/mail", given)
    assert (answer.status, answer.json, answer.cookies) == (202, {}, [])
    return answer


def password_token_of(mail: EmailMessage) -> str:
    """The token in a password mail's link, the same in text and HTML; no other way in stands there."""
    for kind in ("plain", "html"):
        assert "#t=" not in text_of(mail, kind)
        assert "Code:" not in text_of(mail, kind)
    found = {
        match
        for kind in ("plain", "html")
        for match in re.findall(r"#p=([\w.-]+)", text_of(mail, kind))
    }
    (token,) = found
    return str(token)


def log_in(stage: Stage, email: object = CLARA, **given: object) -> Answer:
    return stage.customer("POST", "/api/session", {"email": email, **given})


def ask(stage: Stage, **given: object) -> Answer:
    """Ask for a new link; the answer is always the same."""
    answer = stage.request("customer_api", "POST", "/api/links", given)
    assert (answer.status, answer.json, answer.cookies) == (202, {}, [])
    return answer


def a_request(
    number: str, mailbox: str = CLARA, link: str = "", way: str = ""
) -> dict[str, object]:
    """The message of a request for a link."""
    return {
        "schema": 1,
        "kind": "new_link",
        "request_id": number,
        "mailbox": mailbox,
        "link": link,
        "way": way,
    }


def a_password_request(number: str, mailbox: str = CLARA, way: str = "") -> dict[str, object]:
    """The message of a request for the mail that sets a password."""
    return {
        "schema": 1,
        "kind": "password_link",
        "request_id": number,
        "mailbox": mailbox,
        "way": way,
    }
