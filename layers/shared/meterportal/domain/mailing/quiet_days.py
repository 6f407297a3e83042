"""Days on which the schedule sends nothing: weekends, and the holidays of a Bundesland.

The holidays stand in `quiet_days.toml`, written by `infra.quiet_days` from the library `holidays`, which
would cost a function that imports it 380 ms, and every function five megabytes.
"""

from __future__ import annotations

import tomllib
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

from meterportal.domain.frozen import frozen


class Land(StrEnum):
    """The Bundesländer by their usual letters."""

    BW = "BW"
    BY = "BY"
    BE = "BE"
    BB = "BB"
    HB = "HB"
    HH = "HH"
    HE = "HE"
    MV = "MV"
    NI = "NI"
    NW = "NW"
    RP = "RP"
    SL = "SL"
    SN = "SN"
    ST = "ST"
    SH = "SH"
    TH = "TH"


@frozen
class Quiet:
    """Why a day is quiet, in words."""

    de: str
    en: str

    def text(self, language: str) -> str:
        return self.en if language == "en" else self.de


_WEEKEND = {5: Quiet("Samstag", "Saturday"), 6: Quiet("Sonntag", "Sunday")}


def why_quiet(day: date, *, weekends: bool, land: Land | None) -> Quiet | None:
    """None on a day that is not quiet. A holiday's name counts before a weekend's."""
    holiday = _holidays().get(day) if land else None
    if holiday and land in holiday[1]:
        return holiday[0]
    return _WEEKEND.get(day.weekday()) if weekends else None


def last_year() -> int:
    """Up to this year the holidays are known."""
    return max(_holidays()).year


@cache
def _holidays() -> dict[date, tuple[Quiet, frozenset[str]]]:
    text = Path(__file__).with_name("quiet_days.toml").read_text(encoding="utf-8")
    return {
        date.fromisoformat(day): (Quiet(german, english), frozenset(where.split()))
        for day, (german, english, where) in tomllib.loads(text).items()
    }
