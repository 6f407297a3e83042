"""Doubts about an export that are no errors: two people with one address, two machines with one
serial number."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from meterportal.domain.exchange.imports.batch import Batch
from meterportal.domain.exchange.imports.cells import shortened
from meterportal.domain.exchange.imports.faults import Fault, FaultSeverity
from meterportal.domain.exchange.imports.rows import SheetRow
from meterportal.domain.portfolio.contracts import Contact
from meterportal.domain.portfolio.machines import fold_serial

_SHOWN = 5


def mailboxes_of(batch: Batch) -> set[str]:
    return {row["mailbox"] for row in batch.of("contacts") if row["mailbox"]}


def mailbox_doubts(batch: Batch, stored: Iterable[Contact]) -> list[Fault]:
    """E-mails of two active contacts of one company (a warning on each row), and, as a note, of
    contacts at several companies. `stored` are the contacts who already have one of the import's
    mailboxes."""
    rows = {row["id"]: row for row in batch.of("contacts")}
    people: dict[str, dict[str, str]] = defaultdict(dict)
    for contact in stored:
        # The ERP's contact replaces one that the portal created: no duplicate.
        counts = contact.active and not contact.from_portal
        if contact.mailbox and counts and contact.id not in rows:
            people[contact.mailbox][contact.id] = contact.company_id
    for row in rows.values():
        if row["mailbox"] and row["active"] is not False:
            people[row["mailbox"]][row["id"]] = row["company_id"]
    faults = []
    for row in rows.values():
        there = people.get(row["mailbox"] or "", {})
        if row["id"] not in there:
            continue
        own = row["company_id"]
        same = [number for number, home in there.items() if home == own and number != row["id"]]
        elsewhere = sorted({home for home in there.values() if home != own})
        facts = {"value": row["email"]}
        if same:
            facts["others"] = _listed(same)
            faults.append(row.fault("email", "email_doubled", FaultSeverity.WARNING, **facts))
        if elsewhere:
            facts["others"] = _listed(elsewhere)
            faults.append(row.fault("email", "mailbox_at_companies", FaultSeverity.INFO, **facts))
    return faults


def serial_doubts(
    rows: Iterable[SheetRow], machines: set[str], stored: Mapping[str, frozenset[str]]
) -> list[Fault]:
    """Warnings about serial numbers that several machines have (without those that a spreadsheet
    has shortened), and about those that have probably lost their first zeros.

    `rows` are all machine rows, also those rejected for another reason; `machines` the numbers of
    all of them; `stored` maps folded serial numbers to the machines that have them already.
    """
    rows = [row for row in rows if row["serial"]]
    holders: dict[str, set[str]] = defaultdict(set)
    for folded, there in stored.items():
        holders[folded] |= there - machines
    for row in rows:
        holders[fold_serial(row["serial"])].add(row["id"])
    lengths: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for row in rows:
        if row["serial"].isdecimal():
            lengths[row["maker"] or "", row["model"] or ""][len(row["serial"])] += 1
    faults = []
    for row in rows:
        serial: str = row["serial"]
        others = holders[fold_serial(serial)] - {row["id"]}
        if others and not shortened(serial):
            facts = {"value": serial, "others": _listed(sorted(others))}
            faults.append(row.fault("serial", "serial_doubled", FaultSeverity.WARNING, **facts))
        if serial.isdecimal():
            width, many = lengths[row["maker"] or "", row["model"] or ""].most_common(1)[0]
            if len(serial) < width and many >= 3:
                facts = {"value": serial, "expected": serial.zfill(width)}
                faults.append(row.fault("serial", "zeros_lost", FaultSeverity.WARNING, **facts))
    return faults


def postcode_doubts(batch: Batch) -> list[Fault]:
    """Postcodes of four digits among German ones of five: a spreadsheet has dropped the first
    zero."""
    rows = [row for row in batch.of("companies") if (row["postcode"] or "").isdecimal()]
    five = sum(1 for row in rows if len(row["postcode"]) == 5)
    return [
        row.fault(
            "postcode",
            "zeros_lost",
            FaultSeverity.WARNING,
            value=row["postcode"],
            expected=row["postcode"].zfill(5),
        )
        for row in rows
        if len(row["postcode"]) == 4 and five > len(rows) / 2
    ]


def _listed(numbers: list[str]) -> str:
    more = len(numbers) - _SHOWN
    return ", ".join(numbers[:_SHOWN]) + (f" (+{more})" if more > 0 else "")
