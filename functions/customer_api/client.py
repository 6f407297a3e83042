"""From where a request comes, and from which browser, to count attempts by."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
from typing import Any

from meterportal.adapters import adapters
from meterportal.http import header
from meterportal.settings import Moment
from meterportal.usecases.access import clients
from meterportal.usecases.access.clients import Client

from customer_api import cookies


def client_of(event: Mapping[str, Any], at: Moment) -> Client:
    """The network, and what the browser's cookie tells of earlier logins."""
    return clients.recognised(adapters(), at, network_of(event), cookies.device(event))


def network_of(event: Mapping[str, Any]) -> str:
    """The network address of whoever sits in front of CloudFront; of IPv6 the /64, which is one
    customer's.

    CloudFront and the gateway each add the address that they saw to the end of X-Forwarded-For.
    What stands before was sent by the client and counts for nothing. The header is believed only
    where CloudFront's secret has shown that it stands in front.
    """
    seen: str = event["requestContext"]["http"].get("sourceIp", "")
    passed = [part.strip() for part in (header(event, "x-forwarded-for") or "").split(",")]
    passed = [part for part in passed if part]
    if passed and passed[-1] == seen:
        passed.pop()
    return _network(passed[-1] if passed and adapters().origin_secret else seen)


def _network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, IPv6Address) and not found.ipv4_mapped:
        return str(IPv6Address(int(found) >> 64 << 64))
    return str(found)
