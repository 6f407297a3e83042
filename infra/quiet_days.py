"""Writes the table of holidays that the schedule keeps quiet on, from the library `holidays`:

python -m infra.quiet_days
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from holidays import country_holidays

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "layers" / "shared" / "meterportal" / "domain" / "mailing" / "quiet_days.toml"
YEARS = range(2026, 2041)

_HEAD = """\
# Holidays by day: German name, English name, the Bundesländer that keep them.
# Written by `python -m infra.quiet_days`, not by hand.
"""


def table() -> str:
    """The table's text: a line a day, in order."""
    names: dict[date, list[str]] = {}
    where: dict[date, list[str]] = {}
    for language in ("de", "en_US"):
        for land in sorted(_lands()):
            kept = country_holidays("DE", subdiv=land, years=YEARS, language=language)
            for day, name in kept.items():
                if language == "de":
                    where.setdefault(day, []).append(land)
                if name not in names.setdefault(day, []):
                    names[day].append(name)
    lines = (
        f'{day} = ["{names[day][0]}", "{names[day][-1]}", "{" ".join(where[day])}"]\n'
        for day in sorted(where)
    )
    return _HEAD + "".join(lines)


def _lands() -> list[str]:
    """The sixteen: the library has a city of its own besides."""
    return [name for name in country_holidays("DE").subdivisions if len(name) == 2]


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
