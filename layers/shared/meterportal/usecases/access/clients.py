"""The client of a request: its network, and the addresses to which its browser is known.

A browser is known to an address for 180 days after a login there by code or password. That gives no
access: attempts from it are only counted separately, so that strangers cannot use them up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta

from meterportal import crypto
from meterportal.adapters import Adapters
from meterportal.crypto import InvalidToken
from meterportal.domain.frozen import frozen
from meterportal.settings import Moment

KNOWN_FOR = timedelta(days=180)
_MOST = 5
"""Highest number of addresses to which one browser is known: the last ones that logged in."""


@frozen
class Client:
    """`network` is the client's network address, of IPv6 the /64. `device` is the browser's id ("" for
    an unknown one); `known_to` says until when (seconds since 1970), by the digests of addresses.
    """

    network: str
    device: str = ""
    known_to: Mapping[str, int] = field(default_factory=dict)

    def knows(self, address: str) -> bool:
        """Whether a login of this address has succeeded in this browser."""
        return _digest(address) in self.known_to


def recognised(adapters: Adapters, at: Moment, network: str, cookie: str | None) -> Client:
    """The client that sent a cookie; a forged or expired cookie counts as none."""
    if not cookie:
        return Client(network)
    try:
        kept = adapters.keys.open_device(cookie)
    except InvalidToken:
        return Client(network)
    until = int(at.now.timestamp())
    valid = {name: end for name, end in kept["known_to"].items() if end > until}
    return Client(network, kept["device"], valid)


def remembered(adapters: Adapters, at: Moment, client: Client, address: str) -> str:
    """The cookie for a browser in which a login of this address has just succeeded."""
    end = int((at.now + KNOWN_FOR).timestamp())
    others = sorted(client.known_to.items(), key=lambda known: known[1], reverse=True)
    mine = _digest(address)
    kept = [(mine, end), *(known for known in others if known[0] != mine)][:_MOST]
    device = client.device or adapters.new_number()
    return adapters.keys.seal_device({"device": device, "known_to": dict(kept)})


def _digest(address: str) -> str:
    return crypto.digest(address)[:32]
