"""The peer of an import: csv.DictReader and a pydantic model a row, nothing stored."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field


def _day(text: str) -> date:
    return datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007 - a day has no zone


Day = Annotated[date, BeforeValidator(_day)]
Number = Annotated[str, Field(pattern=r"^\w{1,30}$")]
Flag = Literal["J", "N"]


class Company(BaseModel):
    number: Number = Field(alias="Firmennummer")
    name: str = Field(alias="Firma", min_length=1, max_length=200)
    street: str = Field(alias="Straße")
    postcode: str = Field(alias="PLZ")
    city: str = Field(alias="Ort")
    language: str = Field(alias="Sprache")


class Contact(BaseModel):
    number: Number = Field(alias="Ansprechpartnernummer")
    company: Number = Field(alias="Firmennummer")
    first_name: str = Field(alias="Vorname")
    last_name: str = Field(alias="Nachname")
    email: str = Field(alias="E-Mail", pattern=r"^[^@\s]+@[^@\s]+$")
    role: str = Field(alias="Rolle")
    active: Flag = Field(alias="Aktiv")


class Contract(BaseModel):
    number: Number = Field(alias="Vertragsnummer")
    company: Number = Field(alias="Firmennummer")
    name: str = Field(alias="Bezeichnung")
    starts_on: Day = Field(alias="Vertragsbeginn")
    ends_on: Day = Field(alias="Vertragsende")
    interval: str = Field(alias="Intervall")
    due_on: Day = Field(alias="Nächste Abrechnung")
    channel: str = Field(alias="Zählermeldung durch")
    reporter: Number = Field(alias="Melde-Ansprechpartner")


class Machine(BaseModel):
    number: Number = Field(alias="Maschinennummer")
    contract: Number = Field(alias="Vertragsnummer")
    serial: str = Field(alias="Seriennummer", min_length=1)
    maker: str = Field(alias="Hersteller")
    model: str = Field(alias="Modell")
    site: str = Field(alias="Standort")
    building: str = Field(alias="Gebäude")
    floor: str = Field(alias="Etage")
    room: str = Field(alias="Raum")
    active: Flag = Field(alias="Aktiv")


class Meter(BaseModel):
    machine: Number = Field(alias="Maschinennummer")
    number: Number = Field(alias="Zählernummer")
    label: str = Field(alias="Zähler")
    kind: str = Field(alias="Art")
    digits: int = Field(alias="Stellen", ge=1, le=12)
    cumulative: Flag = Field(alias="Kumulierend")
    billable: Flag = Field(alias="Abrechnungsrelevant")


class Reading(BaseModel):
    machine: Number = Field(alias="Maschinennummer")
    meter: Number = Field(alias="Zählernummer")
    read_on: Day = Field(alias="Datum")
    value: int = Field(alias="Stand", ge=0)
    reporter: str = Field(alias="Meldung durch")
    billed: Flag = Field(alias="Abgerechnet")


_MODELS: Mapping[str, type[BaseModel]] = {
    "firmen.csv": Company,
    "ansprechpartner.csv": Contact,
    "vertraege.csv": Contract,
    "maschinen.csv": Machine,
    "zaehler.csv": Meter,
    "zaehlerstaende.csv": Reading,
}


def read(path: Path) -> int:
    """How many rows of an archive are valid. Raises ValidationError for the first that is not."""
    rows = 0
    with zipfile.ZipFile(path) as archive:
        for name, model in _MODELS.items():
            with archive.open(name) as entry:
                text = io.TextIOWrapper(entry, encoding="utf-8", newline="")
                for row in csv.DictReader(text, delimiter=";"):
                    model.model_validate(row)
                    rows += 1
    return rows
