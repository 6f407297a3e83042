"""The address that answers go to: it names a mail that we sent, and nothing follows from knowing it.

The part before the @ is `z-` and the fingerprint of that mail's link in base 32, 52 letters and digits
in any case. The link itself cannot be computed from it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator

DEVICES = "geraete"
"""Where devices send their own mails: short, since it is typed at panels."""

_ANSWER = re.compile(r"z-([a-z2-7]{52})@(.+)", re.IGNORECASE)


def answer_address(fingerprint: str, domain: str) -> str:
    """The address for answers to the mail whose link has this fingerprint (64 hexadecimal digits)."""
    letters = base64.b32encode(bytes.fromhex(fingerprint)).decode().rstrip("=").lower()
    return f"z-{letters}@{domain}"


def fingerprints_in(addresses: Iterable[str], domain: str) -> Iterator[str]:
    """The fingerprints that addresses of our domain, or message ids made of them, name."""
    for address in addresses:
        found = _ANSWER.fullmatch(address.strip("<> "))
        if found is None or found[2].casefold() != domain.casefold():
            continue
        try:
            yield base64.b32decode(f"{found[1].upper()}====").hex()
        except binascii.Error:
            continue
