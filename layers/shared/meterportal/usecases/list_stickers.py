"""Stickers for a contact's machines: a code that opens the machine's card after signing in."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from meterportal import qr
from meterportal.domain.machines import Machine
from meterportal.doors import Doors
from meterportal.qr import Drawing
from meterportal.settings import Moment
from meterportal.usecases import report_fleet, sign_in
from meterportal.usecases.overview import page_of

PAGE = 100
"""Stickers in one answer."""


@dataclass(frozen=True, slots=True)
class Sticker:
    """`url` carries no authority: it names the machine, and only who signs in sees it."""

    machine: Machine
    url: str
    code: Drawing


def list_stickers(
    doors: Doors, at: Moment, cookie: str | None, *, cursor: str | None, limit: int
) -> tuple[list[Sticker], str | None]:
    """One page in walking order and the cursor of the next. Three reads. Raises NotSignedIn, BadPage."""
    session = sign_in.session_of(doors, at, cookie)
    fleet = report_fleet.look(doors, at, session)
    sign_in.keep_alive(doors, at, session)
    mine = list(fleet.machines.values())
    page, next_cursor = page_of(doors, session, "stickers", mine, cursor, limit)
    return [_sticker(machine, doors.settings.public_url) for machine in page], next_cursor


def _sticker(machine: Machine, site: str) -> Sticker:
    url = f"{site}/#m={quote(machine.id, safe='')}"
    return Sticker(machine, url, qr.draw(url))
