"""What an export makes doubtful without being wrong: one address at two people, one serial at two machines."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from meterportal.domain.contracts import Contact
from meterportal.domain.imports.batch import Batch
from meterportal.domain.imports.faults import Fault, Severity
from meterportal.domain.imports.rows import Row

_SPOILT = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_SHOWN = 5


def fold_serial(serial: str) -> str:
    """A serial number as it is compared: upper case, without spaces."""
    return re.sub(r"\s", "", serial).upper()


def mailboxes_of(batch: Batch) -> set[str]:
    return {row["mailbox"] for row in batch.of("contacts") if row["mailbox"]}


def mailbox_doubts(batch: Batch, stored: Iterable[Contact]) -> list[Fault]:
    """E-mails at two active contacts of one company (a warning on each row), and, as a note, at
    several companies. `stored` are the contacts that stand at the import's mailboxes so far."""
    rows = {row["id"]: row for row in batch.of("contacts")}
    people: dict[str, dict[str, str]] = defaultdict(dict)
    for contact in stored:
        # A contact made here gives way to the ERP's own: that is no double.
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
            faults.append(row.fault("email", "email_doubled", Severity.WARNING, **facts))
        if elsewhere:
            facts["others"] = _listed(elsewhere)
            faults.append(row.fault("email", "mailbox_at_companies", Severity.INFO, **facts))
    return faults


def serial_doubts(
    rows: Iterable[Row], machines: set[str], stored: Mapping[str, frozenset[str]]
) -> list[Fault]:
    """Serial numbers that stand twice, that a spreadsheet has spoilt, or that lost their zeros.

    `rows` are all machine rows, also those rejected for another reason; `machines` the numbers of
    all of them; `stored` maps folded serials to the machines that have them so far.
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
        if _SPOILT.fullmatch(serial):
            faults.append(row.fault("serial", "serial_spoilt", Severity.WARNING, value=serial))
        elif others:
            facts = {"value": serial, "others": _listed(sorted(others))}
            faults.append(row.fault("serial", "serial_doubled", Severity.WARNING, **facts))
        if serial.isdecimal():
            width, many = lengths[row["maker"] or "", row["model"] or ""].most_common(1)[0]
            if len(serial) < width and many >= 3:
                facts = {"value": serial, "expected": serial.zfill(width)}
                faults.append(row.fault("serial", "zeros_lost", Severity.WARNING, **facts))
    return faults


def postcode_doubts(batch: Batch) -> list[Fault]:
    """Postcodes of four digits among German ones of five: a spreadsheet has dropped the zero."""
    rows = [row for row in batch.of("companies") if (row["postcode"] or "").isdecimal()]
    five = sum(1 for row in rows if len(row["postcode"]) == 5)
    return [
        row.fault(
            "postcode",
            "zeros_lost",
            Severity.WARNING,
            value=row["postcode"],
            expected=row["postcode"].zfill(5),
        )
        for row in rows
        if len(row["postcode"]) == 4 and five > len(rows) / 2
    ]


def _listed(numbers: list[str]) -> str:
    more = len(numbers) - _SHOWN
    return ", ".join(numbers[:_SHOWN]) + (f" (+{more})" if more > 0 else "")
