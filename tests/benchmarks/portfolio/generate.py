"""A generated portfolio: seeded, in the demo export's style, with serial numbers that repeat nothing.

For each company come 3 contacts, 2.5 contracts, 7.5 machines and 22.5 meters. Numbers run along as an ERP
gives them, and one contract and one machine in five were added in later years.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from meterportal.domain.portfolio.contracts import (
    Company,
    Contact,
    Contract,
    Interval,
    PortalRights,
    ReadingChannel,
)
from meterportal.domain.portfolio.holdings import Holding
from meterportal.domain.portfolio.machines import Effective, Location, Machine, Meter, MeterKind
from meterportal.domain.reporting.readings import Reading, ReadingState, Verdict

TODAY = date(2026, 11, 23)

_KINDS = [
    "Autohaus",
    "Bäckerei",
    "Kanzlei",
    "Praxis",
    "Gymnasium",
    "Spedition",
    "Druckerei",
    "Stadtwerke",
    "Brauerei",
    "Hotel",
]
_FIRST = [
    "Anna",
    "Heike",
    "Zoë",
    "René",
    "Clara",
    "Jürgen",
    "Ömer",
    "Sofia",
    "Łukasz",
    "Mia",
    "Paul",
    "Ida",
    "Jan",
    "Lea",
    "Max",
    "Eva",
]
_LAST = [
    begin + middle + end
    for begin in [
        "Schä",
        "Ngu",
        "Gro",
        "Stö",
        "Sø",
        "Wei",
        "Özt",
        "Kowa",
        "Bä",
        "Mü",
        "Yıl",
        "Ga",
        "Ho",
        "Zim",
        "Krü",
        "Leh",
        "Schrö",
        "Neu",
        "Rich",
        "Vo",
    ]
    for middle in ("", "ck", "ll", "rm", "nd", "tt")
    for end in ["er", "mann", "feld", "ski", "berg"]
]
_FORMS = ["GmbH", "AG", "KG", "OHG", "e.V."]
_CITIES = [(f"{10000 + 977 * n % 89000}", name) for n, name in enumerate(
    ["Bonn", "Köln", "Düsseldorf", "Leipzig", "Berlin", "München", "Hamburg", "Dortmund", "Essen", "Bremen", "Kiel", "Ulm", "Jena", "Trier", "Fürth", "Lübeck", "Mainz", "Gera", "Halle", "Siegen"]
)]  # fmt: skip
_AREAS = [201 + 37 * n for n in range(20)]
_MODELS = [
    (maker, f"{name} {number}")
    for maker, name in (
        ("Ricoh", "IM C"), ("Kyocera", "TASKalfa"), ("Xerox", "VersaLink C"), ("Toshiba", "e-STUDIO"),
        ("Konica Minolta", "bizhub"), ("HP", "LaserJet"), ("Canon", "iR-ADV C"), ("Sharp", "MX-"),
    )
    for number in (2000, 2500, 3000, 3554, 4500, 6000, 7020)
]  # fmt: skip
_CHANNELS = [ReadingChannel.PORTAL] * 7 + [ReadingChannel.MPS, ReadingChannel.PHONE, ReadingChannel.TECHNICIAN]  # fmt: skip
_WAYS = [(ReadingState.REPORTED, None)] * 3 + [(ReadingState.RELEASED, None), (ReadingState.RELEASED, "b1"), (ReadingState.BILLED, "b1")]  # fmt: skip
_LETTERS = "ABCDEFGHJKLMNPRTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Size:
    """How many companies; everything else follows."""

    companies: int

    @property
    def contracts(self) -> int:
        return self.companies * 5 // 2

    @property
    def machines(self) -> int:
        return self.contracts * 3


FULL = Size(40_000)


def portfolio(size: Size = FULL, *, seed: int = 1) -> Iterator[Holding]:
    """The companies with all that is theirs."""
    chance = random.Random(seed)  # noqa: S311 - reproducible data, no secret
    contracts = _dealt(chance, size.contracts, size.companies)
    machines = _dealt(chance, size.machines, size.contracts)
    for number in range(size.companies):
        yield _holding(chance, number, contracts.get(number, []), machines)


def _dealt(chance: random.Random, things: int, owners: int) -> dict[int, list[int]]:
    """The numbers of things by the owner's number."""
    dealt: dict[int, list[int]] = {}
    for number in range(things):
        owner = number * owners // things if chance.random() < 0.8 else chance.randrange(owners)
        dealt.setdefault(owner, []).append(number)
    return dealt


def _holding(
    chance: random.Random, number: int, contracts: list[int], machines: dict[int, list[int]]
) -> Holding:
    company_id = str(10_000 + 7 * number)
    postcode, city = chance.choice(_CITIES)
    name = f"{chance.choice(_KINDS)} {chance.choice(_LAST)} {chance.choice(_FORMS)}"
    street = f"{chance.choice(_LAST)}straße {chance.randint(1, 120)}"
    company = Company(company_id, name, "de", street, postcode, city, rev=chance.randint(1, 4))
    held = Holding(company)
    for own in range(3):
        contact = _contact(chance, company_id, str(500_000 + 3 * number + own))
        held.contacts[contact.id] = contact
    for place in contracts:
        contract = _contract(chance, company_id, str(700_000 + place), list(held.contacts))
        held.contracts[contract.id] = contract
        site = chance.choice(("Zentrale", "Filiale Süd", "Werk 2", ""))
        reported_on = chance.randint(9, 22) if contract.asked and chance.random() < 0.8 else None
        for machine in machines.get(place, []):
            made = _machine(chance, contract, str(2_000_000 + machine), site, reported_on)
            held.machines[made.id] = made
    return held


def _contact(chance: random.Random, company_id: str, number: str) -> Contact:
    first, last = chance.choice(_FIRST), chance.choice(_LAST)
    email = f"{first[0].lower()}.{last.lower()}{number}@firma{company_id}.example"
    return Contact(
        number,
        company_id,
        salutation=chance.choice(("Frau", "Herr", "")),
        first_name=first,
        last_name=last,
        email=email,
        mailbox=email,
        role=chance.choice(("meter_reporting", "purchasing", "it", "")),
        language=chance.choice(("de", "de", "de", "en")),
        active=chance.random() < 0.95,
        phone=f"+49 {chance.choice(_AREAS)} {chance.randint(10_000, 9_999_999)}",
        rights=PortalRights(readings=True, machines=True) if chance.random() < 0.6 else None,
        rev=chance.randint(1, 4),
    )


def _contract(chance: random.Random, company_id: str, number: str, contacts: list[str]) -> Contract:
    begun = date(chance.randint(2023, 2026), chance.randint(1, 10), 28)
    billing = date(2026, chance.choice((11, 12)), chance.choice((15, 28, 30)))
    asked = chance.random() < 0.5
    reporters = tuple(chance.sample(contacts, chance.choice((1, 1, 1, 2))))
    return Contract(
        number,
        company_id,
        name=f"Service Vollwartung {chance.randint(1, 9)}",
        starts_on=begun,
        ends_on=begun.replace(year=begun.year + chance.choice((4, 5, 6))),
        interval=chance.choice(list(Interval)),
        next_billing_on=billing,
        reading_channel=chance.choice(_CHANNELS),
        reporters=reporters,
        asked_for=billing if asked else None,
        asked={reporters[0]: "k7w2"} if asked else {},
        mailed={f"{reporters[0]}#0": f"k7w2 k7w2 2026-11-{chance.choice((9, 16, 20)):02d}"}
        if asked
        else None,
        rev=chance.randint(1, 6),
    )


def _history(value: int, estimates: int) -> tuple[Effective, ...]:
    """The last values, of which so many are estimates."""
    last = Effective(TODAY - timedelta(90), value, estimated=estimates > 0)
    return (last._replace(read_on=TODAY - timedelta(180), estimated=estimates > 1), last)


def _machine(
    chance: random.Random, contract: Contract, number: str, site: str, reported_on: int | None
) -> Machine:
    maker, model = chance.choice(_MODELS)
    letters = "".join(chance.choice(_LETTERS) for _ in range(2))
    serial = f"{letters[0]}{chance.randint(0, 9)}{letters[1]}{chance.randint(0, 99_999_999):08d}"
    version = 1 + 5 * (2026 - contract.starts_on.year if contract.starts_on else 0)
    version += chance.choice((0, 0, 0, 1, 2))
    due_on = contract.due_on
    estimates = chance.choice((0, 0, 0, 0, 0, 0, 0, 0, 1, 2))
    meters = tuple(
        Meter(str(n), label, kind, history=_history(chance.randint(1000, 900_000), estimates))
        for n, (label, kind) in enumerate(
            (("S/W", MeterKind.BW), ("Farbe", MeterKind.COLOUR), ("Scan", MeterKind.SCAN)), 1
        )
    )  # fmt: skip
    readings: tuple[Reading, ...] = ()
    if reported_on is not None and due_on is not None and chance.random() < 0.9:
        at = datetime(2026, 11, reported_on, chance.randint(6, 20), tzinfo=UTC)
        state, batch = chance.choice(_WAYS)
        readings = tuple(
            Reading(
                meter.id,
                due_on,
                10**6,
                at.date(),
                state,
                Verdict.PLAUSIBLE,
                reported_at=at,
                batch=batch,
            )
            for meter in meters
        )
    return Machine(
        number,
        contract.company_id,
        contract.id,
        serial=serial,
        maker=maker,
        model=model,
        customer_no=f"K-{chance.randint(1, 999)}" if chance.random() < 0.3 else "",
        location=Location(
            site,
            chance.choice(("A", "B", "Haupthaus")),
            chance.choice(("UG", "EG", "1. OG", "2. OG", "3. OG")),
            str(chance.randint(1, 400)),
        ),
        due_on=due_on,
        version=version,
        rev=version + chance.choice((1, 1, 2, 3, 5)),
        meters=meters,
        readings=readings,
    )
