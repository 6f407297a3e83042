"""From which network somebody comes: who stands before our own CDN, and nobody else says so."""

from __future__ import annotations

import pytest
from customer_api.client import network_of
from meterportal.adapters import Adapters


@pytest.mark.parametrize(
    ("source", "forwarded", "expected"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9, 192.0.2.1", "203.0.113.9"),
        ("192.0.2.1", "203.0.113.9", "203.0.113.9"),
        ("192.0.2.1", "made up, 198.51.100.7, 203.0.113.9, 192.0.2.1", "203.0.113.9"),
        ("192.0.2.1", "2001:db8:1:2:3:4:5:6, 192.0.2.1", "2001:db8:1:2::"),
        ("192.0.2.1", "::ffff:203.0.113.9", "::ffff:203.0.113.9"),
        ("192.0.2.1", " , ,", "192.0.2.1"),
        ("192.0.2.1", "x" * 5000, "x" * 64),
        ("", None, ""),
    ],
)
def test_the_network_is_who_stands_before_cloudfront(
    adapters: Adapters, source: str, forwarded: str | None, expected: str
) -> None:
    assert adapters.origin_secret
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    event = {"requestContext": {"http": {"sourceIp": source}}, "headers": headers}
    assert network_of(event) == expected


def test_a_forwarded_address_counts_only_behind_cloudfront(
    adapters: Adapters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapters, "origin_secret", "")
    headers = {"x-forwarded-for": "203.0.113.9, 192.0.2.1"}
    event = {"requestContext": {"http": {"sourceIp": "192.0.2.1"}}, "headers": headers}
    assert network_of(event) == "192.0.2.1"
