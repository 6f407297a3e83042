"""Words for a machine's meters in a mail."""

from __future__ import annotations

from collections.abc import Mapping

from meterportal.domain.portfolio.machines import Machine, Meter, MeterKind
from meterportal.mail.layout import line

_KINDS: Mapping[MeterKind, tuple[str, str]] = {
    MeterKind.BW: ("Schwarzweiß", "black and white"),
    MeterKind.COLOUR: ("Farbe", "colour"),
    MeterKind.SCAN: ("Scans", "scans"),
    MeterKind.TOTAL: ("Gesamt", "total"),
}


def meter_name(machine: Machine, meter: Meter, language: str) -> str:
    """A meter as its reader calls it: the ERP's name, which is German; in English the kind, with the
    ERP's name where another meter of the machine is of the same kind."""
    named, (german, english) = line(meter.label), _KINDS[meter.kind]
    if language != "en":
        return named or german
    alike = [one for one in machine.billable_meters if one.kind is meter.kind]
    return f"{english} ({named})" if named and len(alike) > 1 else english
