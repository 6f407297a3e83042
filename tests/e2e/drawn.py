"""Customers as the drawn screens of the contact's page show them: the same machines, places and values.

Invented, like the drawings. `start` is the number of the first of their companies; each call of
`asked_as_drawn` needs six of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.e2e.asking import asked, ready
from tests.e2e.customers import taken_over
from tests.support.erp_exports import CONTRACTS, FILES, MACHINES, METERS, READINGS, Table, as_zip
from tests.support.running import Application

_KINDS = {
    "1": ("S/W", "schwarz/weiss", "Schwarz"),
    "2": ("Farbe", "Farbe", "Vollfarbe"),
    "3": ("Scan", "Scan", "Scan"),
    "4": ("Gesamt", "Gesamt", "Gesamt"),
}
_QUARTERS = ("28.11.2025", "27.02.2026", "28.05.2026", "27.08.2026")
_YEARS = ("28.08.2024", "28.11.2024", "28.02.2025", "28.05.2025", "28.08.2025")
_BEFORE = (21524, 26754, 31734, 36834, 41514)
"""Readings of black and white of the drawn history, older than the four quarters; the second is estimated."""


@dataclass(frozen=True)
class Copier:
    """A machine: its values by meter are the last one and today's; `later` is when it is due, if not now."""

    model: str
    place: tuple[str, str, str]
    serial: str
    own: str
    values: dict[str, tuple[int, int]]
    later: str = ""


def _copier(
    model: str, place: str, serial: str, own: str, *values: tuple[int, int], later: str = ""
) -> Copier:
    building, floor, room = place.split("/")
    meters = dict(zip(_KINDS, values, strict=False))
    return Copier(model, (building, floor, room), serial, own, meters, later)


BIZHUB = _copier(
    "bizhub C250i", "Haus B/1. OG/118", "K1YYY71553", "K-212", (61204, 66601), (23426, 24817)
)
EARLIER = (
    _copier("bizhub C360i", "Haus C/UG/Archiv", "A5C0021", "", (84010, 88204), (38815, 40310)),
    _copier("VersaLink B405", "Haus A/EG/9", "9HB221871", "", (70120, 74551)),
)
WALK = (
    _copier("MFC-L9570CDW", "Haus A/EG/1", "U64197A2N", "", (12004, 12880), (5871, 6104)),
    _copier("TASKalfa 3554ci", "Haus A/EG/3, Empfang", "VCF1904417", "K-201", (118340, 122098), (40112, 41506)),
    _copier("e-STUDIO 2525AC", "Haus A/EG/12", "R1DYP12523", "K-330", (17419, 19429), (21191, 23960)),
    _copier("BP-50C26", "Haus A/1. OG/104", "X65C160503", "", (144870, 151902), (9204, 9880)),
    _copier("IM C4500", "Haus A/1. OG/111", "D1T8J33412", "K-140", (310447, 331120), (77115, 79002), (28003, 28410)),
    BIZHUB,
    _copier("bizhub 4052", "Haus B/1. OG/121", "A6VF02100871", "", (15502, 16480)),
    _copier("ECOSYS P3155dn", "Haus B/1. OG/125", "R4B9Y20715", "", (203118, 209400)),
    _copier("WF-C20600", "Haus B/2. OG/201", "C884N33611", "", (51230, 53100), (30118, 31360)),
    _copier("iR-ADV C3826", "Haus B/2. OG/214", "2LR08834", "K-219", (22706, 24402), (8840, 9310)),
)  # fmt: skip
LATER = tuple(
    Copier(one.model, one.place, one.serial + "L", one.own, one.values, day)
    for one, day in zip(WALK[1:5], ("28.02.2027",) * 3 + ("31.07.2027",), strict=True)
)
FLEET = (
    *WALK,
    *(
        _copier("AltaLink C8145", f"Haus {'CDE'[n // 40]}/{n % 40 // 10 + 1}. OG/{100 + n}", f"EHQ2{n:05d}", "", (88204 + 500 * n, 91204 + 500 * n), (40310 + 400 * n, 41210 + 400 * n))
        for n in range(110)
    ),
)  # fmt: skip
BAKERY = tuple(
    _copier("ECOSYS MA2100", f"Filiale {n}/EG/Büro", f"FIL{n}9920", "", (9000 + 4000 * n, 9900 + 4000 * n))
    for n in range(1, 6)
)  # fmt: skip
OFFICE = tuple(
    _copier("IM C3000", f"Lange Straße 4/EG/{n}", f"NGU{n}881", "", (30000 * n, 30000 * n + 2400), (8000 * n, 8000 * n + 700))
    for n in (1, 2)
)  # fmt: skip


@dataclass(frozen=True)
class Company:
    """`number` has five digits."""

    number: int
    name: str
    copiers: tuple[Copier, ...]
    address: str

    def machine(self, n: int) -> str:
        """The number of the n-th machine, from 0."""
        return f"{self.number}{n:04d}"


def companies(start: int) -> dict[str, Company]:
    """The drawn ones by what they show: all have the same name, and each a mailbox of its own."""
    klinikum = "Klinikum Jürgens AG"
    drawn = {
        "one": (klinikum, (BIZHUB,)),
        "twelve": (klinikum, (*WALK, *EARLIER)),
        "fleet": (klinikum, FLEET),
        "of three": (klinikum, EARLIER),
        "bakery": ("Bäckerei Sørensen", BAKERY),
        "office": ("Steuerbüro Nguyen GmbH", OFFICE),
        "later": (klinikum, (*EARLIER, *LATER)),
    }
    shared = {"bakery": "of three", "office": "of three"}
    numbers = {name: start + n for n, name in enumerate(drawn)}
    return {
        name: Company(
            numbers[name],
            *told,
            f"a.juergens{numbers[shared.get(name, name)]}@klinikum-juergens.example",
        )
        for name, told in drawn.items()
    }


def asked_as_drawn(application: Application, *wanted: Company) -> str:
    """Import companies of one mailbox, ask it once, give the link of the mail."""
    for company in wanted:
        taken_over(application, as_zip(_tables(company)))
    for company in wanted[1:]:
        ready(application, str(company.number))
    return asked(application, str(wanted[0].number), wanted[0].address)


def _tables(company: Company) -> dict[str, Table]:
    number = str(company.number)
    service = [number, "Service", "28.11.2023", "28.06.2030", "vierteljährlich"]
    due = sorted({one.later or "28.11.2026" for one in company.copiers})
    papers = {day: f"{7 + n}{number}" for n, day in enumerate(due)}
    person = [f"5{number}", number, "Frau", "Agnes", "Jürgens", company.address]
    numbered = [(company.machine(n), one) for n, one in enumerate(company.copiers)]
    return {
        "firmen.csv": [
            FILES["firmen.csv"][0],
            [number, company.name, "Am Park 1", "53111", "Bonn", "DE"],
        ],
        "ansprechpartner.csv": [
            FILES["ansprechpartner.csv"][0],
            [*person, "Zählermeldung", "DE", "J"],
        ],
        "vertraege.csv": [
            CONTRACTS[0],
            *([paper, *service, day, "CO Portal", f"5{number}"] for day, paper in papers.items()),
        ],
        "maschinen.csv": [
            MACHINES[0],
            *(
                [
                    *(machine, papers[one.later or "28.11.2026"], one.serial, "", one.model),
                    *(one.own, "", *one.place, "J"),
                ]
                for machine, one in numbered
            ),
        ],
        "zaehler.csv": [
            METERS[0],
            *(
                [machine, meter, *_KINDS[meter], "7", "J", "1", "J", "0"]
                for machine, one in numbered
                for meter in one.values
            ),
        ],
        "zaehlerstaende.csv": [
            READINGS[0],
            *(row for machine, one in numbered for row in _readings(machine, one)),
        ],
    }


def _readings(machine: str, copier: Copier) -> list[list[str]]:
    rows = []
    for meter, (last, now) in copier.values.items():
        past = zip(_QUARTERS, range(3, -1, -1), strict=True)
        told = [(day, last - back * (now - last) * 92 // 88, "") for day, back in past]
        if copier is BIZHUB and meter == "1":
            told = [
                *((day, value, "") for day, value in zip(_YEARS, _BEFORE, strict=True)),
                *zip(_QUARTERS, (46564, 51774, 56644, 61204), ("",) * 4, strict=True),
            ]
            told[1] = (*told[1][:2], "J")
        rows += [
            [machine, meter, day, str(value), "CO Portal", "Jürgens", estimated, "J", "", ""]
            for day, value, estimated in told
            if value > 0
        ]
    return rows
