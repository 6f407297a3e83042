"""Stickers for a contact's machines: a code that opens the machine's card, after signing in."""

from __future__ import annotations

from urllib.parse import quote

from meterportal import qr
from meterportal.adapters import Adapters
from meterportal.crypto import InvalidToken
from meterportal.domain.access.sessions import Session
from meterportal.domain.frozen import frozen
from meterportal.domain.portfolio.machines import Machine
from meterportal.domain.refusals import BadPage
from meterportal.qr import Drawing
from meterportal.settings import Moment
from meterportal.usecases.access import sign_in
from meterportal.usecases.reporting import report_fleet

PAGE = 100
"""Highest number of stickers in one answer."""


@frozen
class Sticker:
    """`url` gives no access: it names the machine, and the page asks the reader to sign in."""

    machine: Machine
    url: str
    code: Drawing


def list_stickers(
    adapters: Adapters, at: Moment, cookie: str | None, *, cursor: str | None, limit: int
) -> tuple[list[Sticker], str | None]:
    """One page in walking order, and the cursor of the next. Three reads. Raises NotSignedIn,
    BadPage.
    """
    session = sign_in.session_of(adapters, at, cookie)
    fleet = report_fleet.look(adapters, at, session)
    sign_in.keep_alive(adapters, at, session)
    mine = list(fleet.machines.values())
    page, next_cursor = _page_of(adapters, session, mine, cursor, limit)
    return [_sticker(machine, adapters.settings.public_url) for machine in page], next_cursor


def _page_of(
    adapters: Adapters,
    session: Session,
    machines: list[Machine],
    cursor: str | None,
    limit: int,
) -> tuple[list[Machine], str | None]:
    """One page, and the cursor of the next. A cursor is valid only for this session, this company
    and this list. Raises BadPage.
    """
    owner = f"stickers/{session.fingerprint}/{session.company_id}"
    start = 0
    if cursor is not None:
        try:
            last = adapters.keys.open_cursor(owner, cursor)["after"]
        except InvalidToken:
            raise BadPage(field="cursor") from None
        places = {machine.id: place for place, machine in enumerate(machines)}
        if last not in places:
            raise BadPage(field="cursor")
        start = places[last] + 1
    page = machines[start : start + limit]
    if start + limit >= len(machines):
        return page, None
    return page, adapters.keys.seal_cursor(owner, {"after": page[-1].id})


def _sticker(machine: Machine, site: str) -> Sticker:
    url = f"{site}/#m={quote(machine.id, safe='')}"
    return Sticker(machine, url, qr.draw(url))
