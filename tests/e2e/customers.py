"""A customer of a test's own: an export of the ERP made to measure, imported by the staff's API.

Nothing is random: every machine has two counters, black and white and colour, read each quarter;
the values of different machines are far apart.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from tests.e2e.asking import PATIENCE, asked, ready
from tests.support.erp_exports import CONTRACTS, FILES, MACHINES, METERS, READINGS, Table, as_zip
from tests.support.running import Application

_QUARTERS = ("28.11.2025", "28.02.2026", "28.05.2026", "28.08.2026")
_PAGES = {"1": 3000, "2": 600}
"""Pages of a quarter by meter: 1 is black and white, 2 is colour."""


@dataclass(frozen=True)
class Customer:
    """`number` has five digits; `others` are machines behind the first ones, by another contract,
    that a colleague reports. The last `later` of the machines are due in February only, by a contract
    of their own. `first` is added to all last readings, `digits` is how many the ERP knows of the
    black and white counters. `due` is when the first contract is billed: five days ahead of the
    application's today, unless given. `step` is how far the readings of neighbours are apart,
    `a_floor` how many machines stand on one floor. The last `guessed` readings of each meter are estimates.
    """

    number: int
    machines: int
    address: str = ""
    name: str = "Ibis Werkzeuge GmbH"
    others: int = 0
    later: int = 0
    first: int = 0
    digits: int = 7
    due: str = "28.11.2026"
    step: int = 20_000
    a_floor: int = 10
    guessed: int = 0

    @property
    def mailbox(self) -> str:
        return self.address or f"melder@kunde{self.number}.example"

    @property
    def colleague(self) -> str:
        """The address of who reports the others."""
        return f"otter@kunde{self.number}.example"

    @property
    def contact(self) -> str:
        return f"5{self.number}"

    def machine(self, n: int) -> str:
        """The number of the n-th machine, from 1, in walking order."""
        return f"{self.number}{n:04d}"

    def last(self, n: int, meter: str) -> int:
        """The last reading of a machine's meter, of 28.08.2026."""
        return self.first + n * self.step + (10_000 if meter == "2" else 0)

    def now(self, n: int, meter: str) -> int:
        """What such a meter shows today, if all goes on as before."""
        return self.last(n, meter) + _PAGES[meter] * 87 // 92


def asked_customer(application: Application, *customers: Customer) -> str:
    """Import them, ask their contact once, give the link of the mail."""
    for customer in customers:
        import_of(application, customer)
    first = customers[0]
    for customer in customers[1:]:
        ready(application, str(customer.number))
    return asked(application, str(first.number), first.mailbox)


def import_of(application: Application, customer: Customer) -> None:
    taken_over(application, export_of(customer))


def taken_over(application: Application, export: bytes) -> None:
    """Import an export of the ERP to its end; every row must be good."""
    started = application.staff("POST", "/api/staff/imports", export, kind="application/zip")
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        run = application.staff("GET", f"/api/staff/imports/{started['id']}")
        if run["state"] == "done":
            assert run["rejected"] == 0, run["findings"]
            return
        time.sleep(0.2)
    raise AssertionError(f"import {started['id']} is not done")


def export_of(customer: Customer) -> bytes:
    """The ERP's export of a customer, as a ZIP of CSV files."""
    number = str(customer.number)
    contract, theirs, later = f"7{number}", f"8{number}", f"9{number}"
    numbers = range(1, customer.machines + customer.others + 1)
    company = [number, customer.name, "Ring 2", "50667", "Köln", "DE"]
    contact = [customer.contact, number, "Frau", "Ines", "Ibis", customer.mailbox]
    colleague = [f"6{number}", number, "Herr", "Otto", "Otter", customer.colleague]
    service = [number, "Service", "28.11.2023", "28.06.2030", "vierteljährlich"]
    billed = [customer.due, "CO Portal"]
    reported = {contract: contact} | ({theirs: colleague} if customer.others else {})
    reported |= {later: contact} if customer.later else {}
    due = {later: ["28.02.2027", "CO Portal"]}
    people = {person[0]: person for person in reported.values()}
    tables: dict[str, Table] = {
        "firmen.csv": [FILES["firmen.csv"][0], company],
        "ansprechpartner.csv": [
            FILES["ansprechpartner.csv"][0],
            *([*person, "Zählermeldung", "DE", "J"] for person in people.values()),
        ],
        "vertraege.csv": [
            CONTRACTS[0],
            *(
                [paper, *service, *due.get(paper, billed), person[0]]
                for paper, person in reported.items()
            ),
        ],
        "maschinen.csv": [
            MACHINES[0],
            *(_machine(customer, _paper(customer, n, contract, theirs, later), n) for n in numbers),
        ],
        "zaehler.csv": [METERS[0], *(row for n in numbers for row in _meters(customer, n))],
        "zaehlerstaende.csv": [
            READINGS[0],
            *(row for n in numbers for row in _readings(customer, n)),
        ],
    }
    return as_zip(tables)


def _paper(customer: Customer, n: int, contract: str, theirs: str, later: str) -> str:
    if n > customer.machines:
        return theirs
    return later if n > customer.machines - customer.later else contract


def _machine(customer: Customer, contract: str, n: int) -> list[str]:
    place = ["Werk", "A", f"{(n - 1) // customer.a_floor + 1}. OG", str(100 + n)]
    kind = ["Ricoh", "IM C3000"] if n % 2 else ["Kyocera", "TASKalfa 3554ci"]
    machine = customer.machine(n)
    return [machine, contract, f"SN{machine}", *kind, f"K-{n}", *place, "J"]


def _meters(customer: Customer, n: int) -> list[list[str]]:
    machine, digits = customer.machine(n), str(customer.digits)
    return [
        [machine, "1", "S/W", "schwarz/weiss", "Schwarz", digits, "J", "1", "J", "0"],
        [machine, "2", "Farbe", "Farbe", "Vollfarbe", "7", "J", "1", "J", "0"],
    ]


def _readings(customer: Customer, n: int) -> list[list[str]]:
    machine = customer.machine(n)
    steps = len(_QUARTERS) - 1
    return [
        [
            *(machine, meter, day, str(customer.last(n, meter) - (steps - place) * pages)),
            *(
                "Schätzung" if place > steps - customer.guessed else "CO Portal",
                "Ibis",
                "",
                "J",
                "",
                "",
            ),
        ]
        for meter, pages in _PAGES.items()
        for place, day in enumerate(_QUARTERS)
    ]
