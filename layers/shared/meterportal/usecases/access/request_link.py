"""Somebody asks for a mail to sign in: a new link to the machines, or the link that sets a
password.

Only the worker behind the queue looks up whether the address is known, so that answer, cost and
time are the same for everybody.
"""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.domain.refusals import LinkInvalid
from meterportal.settings import Moment
from meterportal.usecases.access import sign_in
from meterportal.usecases.access.attempts import count_request
from meterportal.usecases.access.clients import Client
from meterportal.usecases.access.open_session import address_of, link_named_by


def by_address(adapters: Adapters, at: Moment, email: str, *, client: Client) -> None:
    """Asks for a link to an address. One write and one message, whether the address is known or
    not.

    Raises TooManyAttempts, for every address in the same way.
    """
    address = address_of(email)
    count_request(adapters, at, client=client, address=address)
    _queue(adapters, kind="new_link", mailbox=address, link="", way=_way(client, address))


def by_dead_link(adapters: Adapters, at: Moment, token: str, *, client: Client) -> None:
    """Asks for a link to the current address of a genuine link's owner. Same
    writes and messages.
    """
    try:
        link = link_named_by(adapters, token)
    except LinkInvalid:
        link = ""
    count_request(adapters, at, client=client)
    _queue(adapters, kind="new_link", mailbox="", link=link, way="link")


def password_mail(adapters: Adapters, at: Moment, email: str, *, client: Client) -> None:
    """Asks for the mail that sets a password. As `by_address`."""
    address = address_of(email)
    count_request(adapters, at, client=client, address=address)
    _queue(adapters, kind="password_link", mailbox=address, way=_way(client, address))


def own_password_mail(
    adapters: Adapters, at: Moment, cookie: str | None, *, client: Client
) -> None:
    """Asks for the password mail from within a session: it goes to the session's address. Raises
    NotSignedIn.
    """
    address = sign_in.who(adapters, at, cookie).session.mailbox
    count_request(adapters, at, client=client, address=address)
    way = _way(client, address) or "session"
    _queue(adapters, kind="password_link", mailbox=address, way=way)


def _way(client: Client, address: str) -> str:
    """Who asks, for separate counts: a browser that is known to the address, or a stranger."""
    return "device" if client.knows(address) else ""


def _queue(adapters: Adapters, **message: str) -> None:
    asked = {"request_id": adapters.new_number(), **message}
    adapters.queues.send(adapters.settings.mail_queue, [asked])
