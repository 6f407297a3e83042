"""Mail that comes in, in tests: stored and told as SES does it; and the world of the collected messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from meterportal.adapters import Adapters
from meterportal.crypto import digest
from meterportal.domain.mailing.answers.addresses import answer_address
from meterportal.domain.mailing.answers.arrived import ArrivedMail
from meterportal.domain.mailing.mails import MailState
from meterportal.domain.mailing.requests import Request
from meterportal.domain.portfolio.contracts import Company
from meterportal.domain.portfolio.machines import MeterKind
from meterportal.store.access import links
from meterportal.store.mailing import arrived, rounds
from meterportal.store.portfolio import provisional

from tests.support import clock
from tests.support.builders import a_contact, a_contract, a_holding, a_machine, a_meter, settle
from tests.support.requesting import ask, work
from tests.support.stage import INBOUND_DOMAIN, Stage

MAILS = Path(__file__).parent / "mails"
EXPECTED: dict[str, Any] = json.loads((MAILS / "expected.json").read_text(encoding="utf-8"))
CONTEXT = EXPECTED["context"]
_COLLECTED_DOMAIN = "zaehler.lindner-buero.example"
GOOD = dict.fromkeys(
    ("spfVerdict", "dkimVerdict", "dmarcVerdict", "spamVerdict", "virusVerdict"), "PASS"
)


def a_notice(
    number: str,
    *recipients: str,
    source: str = "",
    verdicts: Mapping[str, str] = GOOD,
    sender: str = "",
    subject: str = "",
) -> dict[str, Any]:
    """What SES tells of a message that it has stored."""
    return {
        "notificationType": "Received",
        "mail": {
            "source": source,
            "messageId": number,
            "destination": list(recipients),
            "commonHeaders": {"from": [sender], "subject": subject},
        },
        "receipt": {
            "recipients": list(recipients),
            **{name: {"status": status} for name, status in verdicts.items()},
            "action": {"type": "S3", "objectKey": f"mails/{number}"},
        },
    }


def stored(adapters: Adapters, raw: bytes, number: str = "") -> str:
    """Stores a message as SES does; its number."""
    number = number or digest(raw.decode("latin-1"))[:40]
    bucket = adapters.settings.inbound_bucket
    adapters.files.put(bucket, f"mails/{number}", raw, content_type="message/rfc822")
    return number


def arrive(
    stage: Stage, adapters: Adapters, raw: bytes, *recipients: str, number: str = "", **more: Any
) -> ArrivedMail:
    """A message comes in and is worked off; its end."""
    number = stored(adapters, raw, number)
    assert work(stage, "receive_mail", a_notice(number, *recipients, **more)) == []
    found = arrived.load(adapters.table, number)
    assert found is not None
    return found


def a_mail(text: str, *, sender: str, subject: str = "Re: Zählerstände", **headers: str) -> bytes:
    """A plain message as mail programs write it."""
    lines = [
        f"From: {sender}",
        f"Subject: {subject}",
        "Date: Mon, 23 Nov 2026 10:41:08 +0100",
        f"Message-ID: <{digest(text + sender)[:20]}@program.example>",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
        "Content-Type: text/plain; charset=utf-8",
        "",
        text,
    ]
    return "\r\n".join(lines).encode()


@dataclass
class Collected:
    """The world that the collected messages speak of: their stand-in tokens with the addresses that our
    own mails gave out."""

    addresses: dict[str, str] = field(default_factory=dict)

    def raw(self, name: str) -> bytes:
        """A collected message with our addresses in it."""
        text = (MAILS / name).read_bytes().decode("latin-1")
        for token, address in self.addresses.items():
            text = text.replace(f"{token}@{_COLLECTED_DOMAIN}", address)
        return text.replace(_COLLECTED_DOMAIN, INBOUND_DOMAIN).encode("latin-1")

    def recipient(self, name: str) -> str:
        found: str = EXPECTED["mails"][name]["recipient"]
        token = found.partition("@")[0]
        return self.addresses.get(token, found.replace(_COLLECTED_DOMAIN, INBOUND_DOMAIN))


def collected(stage: Stage, adapters: Adapters, name: str) -> Collected:
    """The company, its person and machines that a collected message is about, asked for their readings."""
    domain = EXPECTED["mails"][name]["from"].partition("@")[2]
    made = Collected()
    tokens: dict[str, Any] = {
        token: asked
        for token, asked in CONTEXT["tokens"].items()
        if asked["mailbox"].endswith(f"@{domain}")
    }
    reports = {m: t["mailbox"] for t in tokens.values() for m in t["machines"]}
    companies: dict[str, list[str]] = {}
    known = CONTEXT["machines"]
    names = {known[serial]["company"] for serial in reports}
    for serial, machine in known.items():
        if machine["company"] in names:
            companies.setdefault(machine["company"], []).append(serial)
    numbers: dict[str, tuple[str, str, str]] = {}
    for place, (company, serials) in enumerate(companies.items()):
        company_id = f"9{place:04d}"
        mailbox = next(reports[serial] for serial in serials if serial in reports)
        contact = a_contact(f"5{place:04d}", email=mailbox, company_id=company_id)
        contract, other = f"7{place:04d}1", f"7{place:04d}2"
        due = date(2026, 11, 30)
        papers = [
            a_contract(n, reporters=(contact.id,), next_billing_on=due, company_id=company_id)
            for n in (contract, other)
        ]
        devices = [
            _machine(serial, company_id, contract if serial in reports else other)
            for serial in serials
        ]
        settle(
            adapters,
            a_holding(
                Company(company_id, company), contacts=[contact], contracts=papers, machines=devices
            ),
        )
        for serial in serials:
            adapters.table.write(provisional.hold(serial, serial, beside=""))
        numbers[mailbox] = (company_id, contract, contact.id)
    ask(stage, {"ids": [contract for _, contract, _ in numbers.values()]})
    sent = {str(mail["To"]): str(mail["Reply-To"]) for mail in stage.mails()}
    for token, asked in tokens.items():
        if "ended" in asked:
            made.addresses[token] = _old_mail(adapters, asked, numbers[asked["mailbox"]])
        else:
            made.addresses[token] = sent[asked["mailbox"]]
    return made


def _machine(serial: str, company_id: str, contract_id: str) -> Any:
    """A machine with a year of steady months; what its messages report is plausible for it."""
    told = CONTEXT["machines"][serial]
    last = told["last"]
    new: dict[str, int] = {}
    for mail in EXPECTED["mails"].values():
        values = mail.get("values") or mail.get("proposal", {}).get("values", {})
        new |= values.get(serial, {})
    meters = tuple(
        a_meter(
            str(place),
            label=told.get("labels", {}).get(kind, kind),
            kind=MeterKind(kind),
            last_value=last[kind],
            a_month=int((new.get(kind, last[kind] + 900) - last[kind]) / 2.86),
            until=date.fromisoformat(last["on"]),
        )
        for place, kind in enumerate(told["meters"], start=1)
    )
    return a_machine(
        serial,
        serial=serial,
        company_id=company_id,
        contract_id=contract_id,
        maker="",
        model=told["model"],
        due_on=date(2026, 11, 30),
        meters=meters,
        customer_no="",
    )


def _old_mail(adapters: Adapters, asked: Mapping[str, Any], who: tuple[str, str, str]) -> str:
    """A mail of an earlier round, whose link has ended."""
    company_id, contract, contact_id = who
    due, link = date.fromisoformat(asked["due_on"]), digest("an old mail")
    request = Request(asked["mailbox"], company_id, contract, contact_id, due, 1)
    sent_at = clock.now() - timedelta(days=100)
    adapters.table.transact(
        [
            rounds.plan_mail("old", asked["mailbox"], [request], state=MailState.SENT, at=sent_at),
            links.new(
                link,
                mailbox=asked["mailbox"],
                company_id=company_id,
                round_id="old",
                expires_on=date.fromisoformat(asked["ended"]),
            ),
        ]
    )
    return answer_address(link, INBOUND_DOMAIN)
