"""A dealer's own page of reading help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from meterportal.domain.frozen import frozen
from meterportal.domain.reporting.help.shipped import HelpText


@frozen
class HelpPage:
    """`version` counts from 1; 0: the dealer has not written this page. `by` is a staff id."""

    name: str
    texts: Mapping[str, HelpText] = field(default_factory=dict)
    version: int = 0
    by: str = ""
    at: datetime | None = None
