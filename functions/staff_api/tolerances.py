"""The tolerances of the plausibility check: what is set, and setting them."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.plausibility.tolerances import (
    USUAL,
    Setting,
    Tolerances,
    ToleranceSettings,
    read_settings,
)
from meterportal.domain.refusals import ChangedMeanwhile
from meterportal.http import Answer, Body, Number, Words, refuses
from meterportal.settings import moment
from meterportal.usecases.plausibility.set_tolerances import set_tolerances, tolerances_now
from pydantic import Field, StrictInt, WithJsonSchema

from staff_api.answers.plausibility import SettingJson, TolerancesJson
from staff_api.staff import staff_of

router = APIGatewayHttpRouter()


def _number(kind: str, least: float, most: float) -> WithJsonSchema:
    bounded = {"type": kind, "minimum": least, "maximum": most}
    return WithJsonSchema({"anyOf": [bounded, {"type": "null"}]})


class SettingBody(Body):
    """What one level sets; what is absent or null is left to the wider level."""

    ceiling: Annotated[Any, _number("number", 1, 100)] = None
    width: Annotated[Any, _number("number", 0.2, 10)] = None
    quiet_pages: Annotated[Any, _number("integer", 0, 100_000)] = None


class LevelsBody(Body):
    """Tolerances by dealer, model family (beginning of a model's name), kind and contract.

    `usual` and `changes` may come back as they were told; they cannot be changed.
    """

    dealer: SettingBody = Field(default_factory=SettingBody)
    families: dict[Words, SettingBody] = Field(default_factory=dict)
    kinds: dict[Number, SettingBody] = Field(default_factory=dict)
    contracts: dict[Number, SettingBody] = Field(default_factory=dict)
    usual: Any = None
    changes: Any = None

    def settings(self) -> ToleranceSettings:
        """Raises the refusals of `read_settings`."""
        return read_settings(self.model_dump(include={"dealer", "families", "kinds", "contracts"}))


class TolerancesBody(LevelsBody):
    """All tolerances, with the version that was seen (0: nothing was set yet)."""

    version: StrictInt


@router.get("/api/staff/tolerances", summary="The tolerances of the plausibility check")
def get_tolerances() -> Answer[TolerancesJson]:
    """What is set, with the newest changes: who, when."""
    staff_of(router.current_event.raw_event, "read")
    return _answer()


@router.put(
    "/api/staff/tolerances",
    summary="Set the tolerances of the plausibility check",
    responses=refuses(ChangedMeanwhile),
)
def put_tolerances(body: TolerancesBody) -> Answer[TolerancesJson]:
    """Set all tolerances at once."""
    staff = staff_of(router.current_event.raw_event, "admin")
    set_tolerances(adapters(), body.settings(), seen=body.version, by=staff.member, at=moment())
    return _answer()


def _answer() -> Answer[TolerancesJson]:
    stored, changes = tolerances_now(adapters())
    settings = stored.settings
    return Answer(
        {
            "version": stored.version,
            "dealer": _setting(settings.dealer),
            "families": {name: _setting(one) for name, one in settings.families.items()},
            "kinds": {kind: _setting(one) for kind, one in settings.kinds.items()},
            "contracts": {number: _setting(one) for number, one in settings.contracts.items()},
            "usual": _setting(USUAL),
            "changes": [
                {"version": change.version, "at": change.at.isoformat(), "by": change.by}
                for change in changes
            ],
        }
    )


def _setting(setting: Setting | Tolerances) -> SettingJson:
    return {
        "ceiling": setting.ceiling,
        "width": setting.width,
        "quiet_pages": setting.quiet_pages,
    }
