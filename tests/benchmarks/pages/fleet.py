"""A company with many machines, as an export of the ERP, and a contact's way to them.

Nothing is random: machines stand on four sites of five floors, models take turns, counters grow
with their number. Everything enters by the front door.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any

from tests.support.erp_exports import CONTRACTS, FILES, MACHINES, METERS, READINGS, Table, as_zip
from tests.support.running import Application

COMPANY = "19000"
CONTACT = "59000"
ADDRESS = "flotte@grosskunde.example"
CONTRACT = "79000"
METERS_EACH = 8
_KINDS = ("schwarz/weiss", "Farbe", "Scan", "Gesamt")
_MODELS = (("Ricoh", "IM C3000"), ("Kyocera", "TASKalfa 3554ci"), ("Canon", "iR-ADV DX C3835i"))
_PATIENCE = 300


class NothingHappened(Exception):
    """The application did not get there in time; the text says where."""


@dataclass(frozen=True)
class Visit:
    """`link` as it stood in the mail, `cookie` of a session that it opened: `name=value`."""

    link: str
    cookie: str


def export(machines: int) -> bytes:
    """A zip of CSV files: one company with so many machines of eight billable counters each."""
    companies: Table = [
        FILES["firmen.csv"][0],
        [COMPANY, "Großkunde Werke AG", "Werkstraße 1", "53111", "Bonn", "DE"],
    ]
    contacts: Table = [
        FILES["ansprechpartner.csv"][0],
        [CONTACT, COMPANY, "Frau", "Nora", "Flotte", ADDRESS, "Zählermeldung", "DE", "J"],
    ]
    contract = [CONTRACT, COMPANY, "Flotte", "28.11.2023", "28.06.2030", "vierteljährlich"]
    contracts: Table = [CONTRACTS[0], [*contract, "28.11.2026", "CO Portal", CONTACT]]
    fleet = [_machine(n) for n in range(machines)]
    meters = [_meter(n, m) for n in range(machines) for m in range(METERS_EACH)]
    readings = [_reading(n, m) for n in range(machines) for m in range(METERS_EACH)]
    return as_zip(
        {
            "firmen.csv": companies,
            "ansprechpartner.csv": contacts,
            "vertraege.csv": contracts,
            "maschinen.csv": [MACHINES[0], *fleet],
            "zaehler.csv": [METERS[0], *meters],
            "zaehlerstaende.csv": [READINGS[0], *readings],
        }
    )


def _number(n: int) -> str:
    return str(900_000 + n)


def _machine(n: int) -> list[str]:
    maker, model = _MODELS[n % len(_MODELS)]
    place = [f"Werk {n % 4 + 1}", "A", f"{n // 4 % 5 + 1}. OG", str(100 + n // 20)]
    return [_number(n), CONTRACT, f"GK{_number(n)}", maker, model, f"G-{n + 1}", *place, "J"]


def _meter(n: int, m: int) -> list[str]:
    name = f"{_KINDS[m % 4].capitalize()} {'A4' if m < 4 else 'A3'}"
    return [_number(n), str(m + 1), name, _KINDS[m % 4], name, "7", "J", "1", "J", "0"]


def _reading(n: int, m: int) -> list[str]:
    value = str(10_000 + 137 * n + 1_000 * m)
    return [_number(n), str(m + 1), "28.08.2026", value, "CO Portal", "Flotte", "", "J", "", ""]


def visit(running: Application, machines: int) -> Visit:
    """Import such a company, let its contact be asked, open the link of the mail.

    Raises NothingHappened when the application refuses or takes longer than five minutes a step.
    """
    started = running.staff("POST", "/api/staff/imports", export(machines), kind="application/zip")
    _finished(running, f"/api/staff/imports/{started['id']}")
    chosen = {"selection": {"ids": [CONTRACT]}, "dry_run": False}
    running.staff("POST", "/api/staff/readiness", chosen)
    asked = running.staff("POST", "/api/staff/rounds", chosen)
    _finished(running, f"/api/staff/rounds/{asked['id']}")
    link = _link(running)
    return Visit(link, running.opened(link.partition("#t=")[2]))


def _finished(running: Application, path: str) -> Any:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        run = running.staff("GET", path)
        if run["state"] == "failed":
            raise NothingHappened(f"{path}: {run}")
        if run["state"] == "done":
            return run
        time.sleep(0.5)
    raise NothingHappened(path)


def _link(running: Application) -> str:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        for mail in running.json("/_local/mails"):
            found = re.search(r"http\S+/#t=\S+", mail["text"])
            if ADDRESS in str(mail["to"]) and found:
                return found[0]
        time.sleep(0.5)
    raise NothingHappened("no mail")
