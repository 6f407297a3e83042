"""Somebody asks for a new link: by an address, or by a link that no longer opens.

Whether there is anybody to send it to is found out behind the queue, so that the answer, what it
costs and how long it takes are the same for everybody.
"""

from __future__ import annotations

from meterportal.domain.refusals import LinkInvalid, TooManyAttempts
from meterportal.doors import Doors
from meterportal.settings import Moment
from meterportal.usecases.attempts import count_request
from meterportal.usecases.open_session import address_of, link_named_by


def by_address(doors: Doors, at: Moment, email: str, *, client: str) -> None:
    """Ask for a link to be sent to an address. One write and one message, known or not."""
    _queue(doors, at, client, mailbox=address_of(email), link="")


def by_dead_link(doors: Doors, at: Moment, token: str, *, client: str) -> None:
    """Ask for a link to the address on file of a genuine link's owner. Costs the same."""
    try:
        link = link_named_by(doors, token)
    except LinkInvalid:
        link = ""
    _queue(doors, at, client, mailbox="", link=link)


def _queue(doors: Doors, at: Moment, client: str, *, mailbox: str, link: str) -> None:
    try:
        count_request(doors, at, client=client)
    except TooManyAttempts:
        return  # told to nobody: who asks so often waits for no mail
    message = {
        "kind": "new_link",
        "request_id": doors.new_number(),
        "mailbox": mailbox,
        "link": link,
    }
    doors.queues.send(doors.settings.mail_queue, [message])
