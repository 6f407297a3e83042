"""What a message says: values for meters, in doubt or not, and what it says beyond them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from enum import StrEnum

from meterportal.domain.frozen import frozen


class MatchedBy(StrEnum):
    """How values found their meters: by the counter's name, by their order in the request, by the known
    form of a device's mail."""

    NAME = "name"
    POSITION = "position"
    FORM = "form"


@frozen
class Proposal:
    """`values` are by machine and meter. `doubts` are codes of what keeps the values from being taken as
    they are, the gravest first. `rest` is what else the writer wrote. `day`: a day to come that is named.
    """

    values: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    read_on: date | None = None
    matched_by: MatchedBy | None = None
    doubts: tuple[str, ...] = ()
    rest: str = ""
    day: date | None = None
