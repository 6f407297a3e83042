"""Whether a message comes from the address that it names, by the findings of SES."""

from __future__ import annotations

from collections.abc import Iterable

from meterportal.domain.frozen import frozen

PASS, FAIL, GRAY = "PASS", "FAIL", "GRAY"

FREEMAIL = frozenset(
    [
        "gmx.de",
        "gmx.net",
        "gmx.at",
        "gmx.ch",
        "web.de",
        "freenet.de",
        "t-online.de",
        "arcor.de",
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "outlook.de",
        "hotmail.com",
        "hotmail.de",
        "live.com",
        "live.de",
        "yahoo.com",
        "yahoo.de",
        "icloud.com",
        "me.com",
        "mac.com",
        "aol.com",
        "aol.de",
        "posteo.de",
        "mailbox.org",
        "proton.me",
        "protonmail.com",
        "bluewin.ch",
    ]
)
"""Domains whose users have nothing to do with each other."""


@frozen
class Verdicts:
    """What SES found (PASS, FAIL, GRAY, PROCESSING_FAILED), and the sender of the envelope."""

    spam: str
    virus: str
    spf: str
    dkim: str
    dmarc: str
    envelope_sender: str


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].strip("<> ").casefold()


def suspicion(verdicts: Verdicts) -> str:
    """ "virus" or "spam" where SES says so."""
    if verdicts.virus == FAIL:
        return "virus"
    return "spam" if verdicts.spam == FAIL else ""


def authentic(sender: str, verdicts: Verdicts, signed_for: Iterable[str]) -> bool:
    """Whether `sender` (the one address of From) wrote it: DMARC passed; or the domain has no policy, and
    SPF or a DKIM signature (`signed_for`: its domains) holds for the same domain."""
    if not sender:
        return False
    if verdicts.dmarc == PASS:
        return True
    if verdicts.dmarc != GRAY:
        return False
    domain = domain_of(sender)
    if verdicts.spf == PASS and domain_of(verdicts.envelope_sender) == domain:
        return True
    return verdicts.dkim == PASS and any(
        signed == domain or signed.endswith(f".{domain}") for signed in signed_for
    )


def of_one_house(sender: str, addresses: Iterable[str]) -> bool:
    """Whether a device's address lies in the domain of one of a company's people, unless it is one where
    everybody may have an address."""
    domain = domain_of(sender)
    return bool(domain) and domain not in FREEMAIL and domain in set(map(domain_of, addresses))
