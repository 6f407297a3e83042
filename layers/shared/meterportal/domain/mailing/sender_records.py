"""What has to stand in the DNS for the dealer's mails to arrive: the records, and how what was found there
compares with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

from meterportal.domain.frozen import frozen


class RecordUse(StrEnum):
    """dkim: receivers verify the mails' signature. mail_from_mx and mail_from_spf: bounces go to the mail
    system under our own name, which is allowed to send. dmarc: what receivers do with what is not
    ours. inbound_mx: answers by mail arrive."""

    DKIM = "dkim"
    MAIL_FROM_MX = "mail_from_mx"
    MAIL_FROM_SPF = "mail_from_spf"
    DMARC = "dmarc"
    INBOUND_MX = "inbound_mx"


class RecordKind(StrEnum):
    """The kinds of DNS records that are asked for."""

    CNAME = "CNAME"
    MX = "MX"
    TXT = "TXT"


class RecordStanding(StrEnum):
    """found: as it has to be. missing: nothing of the kind. differs: something else. unasked: no name
    server answered."""

    FOUND = "found"
    MISSING = "missing"
    DIFFERS = "differs"
    UNASKED = "unasked"


@frozen
class SenderRecord:
    """A record as it has to be entered; an MX value is "10 host"."""

    use: RecordUse
    name: str
    kind: RecordKind
    value: str


@frozen
class SendingDomain:
    """What the mail system knows of a domain. `tokens` are those of its DKIM signature, `zone` is where
    they lead; `mail_from` is the name that bounces go to, "" without one of our own."""

    verified: bool
    tokens: tuple[str, ...]
    zone: str
    mail_from: str


@frozen
class CheckedRecord:
    """A record, its standing, and what was found in its place."""

    record: SenderRecord
    standing: RecordStanding
    found: tuple[str, ...]


Answers = Callable[[str, RecordKind], tuple[str, ...] | None]
"""What stands in the DNS under a name: host names without the final dot and in small letters; None where
no name server answered."""


def records_of(
    domain: str, identity: SendingDomain | None, region: str, *, inbound: str = ""
) -> list[SenderRecord]:
    """All records that the sender's domain needs; without an identity at the mail system only those that
    do not depend on it. `inbound` is the domain for answers, "" where they go elsewhere."""
    found: list[SenderRecord] = []
    if identity is not None:
        for token in identity.tokens:
            name = f"{token}._domainkey.{domain}"
            value = f"{token}.{identity.zone}"
            found.append(SenderRecord(RecordUse.DKIM, name, RecordKind.CNAME, value))
        if identity.mail_from:
            mx = f"10 feedback-smtp.{region}.amazonses.com"
            spf = "v=spf1 include:amazonses.com ~all"
            found += [
                SenderRecord(RecordUse.MAIL_FROM_MX, identity.mail_from, RecordKind.MX, mx),
                SenderRecord(RecordUse.MAIL_FROM_SPF, identity.mail_from, RecordKind.TXT, spf),
            ]
    dmarc = "v=DMARC1; p=none"
    found.append(SenderRecord(RecordUse.DMARC, f"_dmarc.{domain}", RecordKind.TXT, dmarc))
    if inbound:
        mx = f"10 inbound-smtp.{region}.amazonaws.com"
        found.append(SenderRecord(RecordUse.INBOUND_MX, inbound, RecordKind.MX, mx))
    return found


def places(record: SenderRecord) -> list[str]:
    """The names under which a record may stand: a policy of DMARC counts for the domains below as well,
    the nearest one first."""
    if record.use is not RecordUse.DMARC:
        return [record.name]
    labels = record.name.removeprefix("_dmarc.").split(".")
    return [f"_dmarc.{'.'.join(labels[cut:])}" for cut in range(max(1, len(labels) - 1))]


def checked(record: SenderRecord, answers: Answers) -> CheckedRecord:
    """How the record stands."""
    for place in places(record):
        told = answers(place, record.kind)
        if told is None:
            return CheckedRecord(record, RecordStanding.UNASKED, ())
        found = tuple(_of_this_use(record.use, told))
        if found:
            good = _FITS[record.use](record, found)
            return CheckedRecord(
                record, RecordStanding.FOUND if good else RecordStanding.DIFFERS, found
            )
    return CheckedRecord(record, RecordStanding.MISSING, ())


_BEGINNINGS = {RecordUse.MAIL_FROM_SPF: "v=spf1", RecordUse.DMARC: "v=dmarc1"}


def _of_this_use(use: RecordUse, told: Sequence[str]) -> Iterator[str]:
    """Texts of other purposes may stand beside ours."""
    beginning = _BEGINNINGS.get(use, "")
    return (one for one in told if one.casefold().replace(" ", "").startswith(beginning))


def _same(record: SenderRecord, found: Sequence[str]) -> bool:
    return list(found) == [record.value.casefold()]


def _same_host(record: SenderRecord, found: Sequence[str]) -> bool:
    """With one exchanger only the number before it decides nothing; a second one breaks it."""
    return [one.split()[-1] for one in found] == [record.value.split()[-1]]


def _allows_us(_record: SenderRecord, found: Sequence[str]) -> bool:
    """Two SPF texts under one name count as none (RFC 7208, 4.5)."""
    terms = found[0].casefold().split()
    return len(found) == 1 and bool({"include:amazonses.com", "+include:amazonses.com"} & {*terms})


def _names_a_policy(_record: SenderRecord, found: Sequence[str]) -> bool:
    """Every policy lets our mails pass, since they are signed; two of them count as none (RFC 7489, 6.6.3)."""
    tags = [part.replace(" ", "").casefold() for part in found[0].split(";")]
    return len(found) == 1 and bool({"p=none", "p=quarantine", "p=reject"} & {*tags})


_FITS: dict[RecordUse, Callable[[SenderRecord, Sequence[str]], bool]] = {
    RecordUse.DKIM: _same,
    RecordUse.MAIL_FROM_MX: _same_host,
    RecordUse.MAIL_FROM_SPF: _allows_us,
    RecordUse.DMARC: _names_a_policy,
    RecordUse.INBOUND_MX: _same_host,
}
