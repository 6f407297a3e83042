"""The plausibility check: its verdicts, its tolerances, and what others would have asked."""

from typing import Annotated

from meterportal.domain.portfolio.machines import MeterKind
from meterportal.http import FindingJson, IsoDay, IsoTime
from meterportal.usecases.plausibility.check_values import CheckOutcome
from pydantic import Field
from typing_extensions import TypedDict


class JudgedMachineJson(TypedDict):
    """What was found about a machine; verdict null: it is unknown."""

    machine_id: str
    verdict: CheckOutcome | None
    findings: list[FindingJson]


class JudgedJson(TypedDict):
    """A verdict per machine, in the order asked."""

    machines: list[JudgedMachineJson]


class SettingJson(TypedDict):
    """What one level sets; null leaves it to the wider level, at last to the usual."""

    ceiling: float | None
    width: float | None
    quiet_pages: int | None


class ChangeJson(TypedDict):
    """Who changed the tolerances to a version, and when."""

    version: int
    at: IsoTime
    by: str


class TolerancesJson(TypedDict):
    """What is set, with the newest changes."""

    version: int
    dealer: SettingJson
    families: dict[str, SettingJson]
    kinds: dict[MeterKind, SettingJson]
    contracts: dict[str, SettingJson]
    usual: SettingJson
    changes: list[ChangeJson]


class HintJson(TypedDict):
    """A reading of the past that would have been asked about."""

    machine_id: str
    serial: str
    model: str
    company_id: str
    meter_id: str
    label: str
    read_on: IsoDay
    value: int
    code: str
    text: str
    usage: int | None
    expected: int | None
    low: int | None
    high: int | None
    last: int | None
    last_on: IsoDay | None


class CountJson(TypedDict):
    """Readings asked about, all and by code of the first finding."""

    hints_total: int
    by_code: dict[str, int]


class StoredCountJson(CountJson):
    """What the stored tolerances would have asked about."""

    version: int


class BacktestJson(CountJson):
    """One part of the portfolio: go on with `next_cursor` until `complete`; the sums of all parts are
    the result."""

    since: IsoDay
    until: IsoDay
    machines: int
    judged: int
    hints: Annotated[list[HintJson], Field(description="The first ones of `hints_total`")]
    stored: StoredCountJson
    complete: bool
    next_cursor: str | None
