"""Invalid inputs that the router found, as refusals with a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from meterportal.domain import refusals
from meterportal.domain.refusals import Refusal
from meterportal.http.queries import BadQuery

_LONGEST_NAME = 200
"""Names of fields are limited, because they come from the caller, too."""

_FAULTS = {
    "missing": ("Diese Angabe fehlt.", "This value is missing."),
    "extra_forbidden": ("Diese Angabe ist unbekannt.", "This field is unknown."),
    "string_type": ("Erwartet wird Text.", "Expected is text."),
    "int_type": ("Erwartet wird eine ganze Zahl.", "Expected is a whole number."),
    "bool_type": ("Erwartet wird true oder false.", "Expected is true or false."),
    "dict_type": ("Erwartet wird ein Objekt.", "Expected is an object."),
    "list_type": ("Erwartet wird eine Liste.", "Expected is a list."),
    "date_from_datetime_parsing": ("Erwartet wird ein Datum wie 2026-11-28.", "Expected is a date like 2026-11-28."),
    "date_type": ("Erwartet wird ein Datum wie 2026-11-28.", "Expected is a date like 2026-11-28."),
    "date_parsing": ("Erwartet wird ein Datum wie 2026-11-28.", "Expected is a date like 2026-11-28."),
    "string_too_long": ("Dieser Text ist zu lang: Erlaubt sind höchstens {max_length} Zeichen.", "This text is too long: at most {max_length} characters are allowed."),
    "string_too_short": ("Diese Angabe fehlt.", "This value is missing."),
    "selection": ("Erwartet wird entweder ids oder filter.", "Expected is either ids or filter."),
    "enum": ("Diesen Wert gibt es nicht.", "There is no such value."),
    "too_long": ("Das sind zu viele auf einmal.", "These are too many at once."),
}  # fmt: skip


def first_fault(errors: Sequence[Mapping[str, Any]]) -> Refusal:
    """The first invalid input, as a refusal that names the field."""
    fault = errors[0]
    where, *path = (str(part) for part in fault["loc"])
    if path[-1:] == ["[key]"]:  # the key is invalid; naming it would not help
        path = path[:-2]
    name = ".".join(path)[:_LONGEST_NAME]
    if where in {"query", "path"}:
        return (
            refusals.BadPage(field=name)
            if name in {"cursor", "limit"}
            else BadQuery(field=name, name=name)
        )
    if fault["type"] == "missing" and path[-1:] == ["version"]:
        return refusals.VersionMissing(field=name)
    de, en = _FAULTS.get(fault["type"], ("Dieser Wert ist ungültig.", "This value is not valid."))
    bounds = fault.get("ctx", {})
    return refusals.Invalid(field=name or None, de=de.format(**bounds), en=en.format(**bounds))
