"""The tolerances of the plausibility check: what is set, and setting them."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.domain.plausibility.tolerances import (
    USUAL,
    ToleranceSettings,
    plain,
    read_settings,
)
from meterportal.doors import doors
from meterportal.http import Body, answer
from meterportal.settings import moment
from meterportal.usecases.set_tolerances import set_tolerances, tolerances_now
from pydantic import Field, StrictInt, WithJsonSchema

from staff_api.staff import staff_of

router = APIGatewayHttpRouter()

_NAMES = ("ceiling", "width", "quiet_pages")


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
    families: dict[str, SettingBody] = Field(default_factory=dict)
    kinds: dict[str, SettingBody] = Field(default_factory=dict)
    contracts: dict[str, SettingBody] = Field(default_factory=dict)
    usual: Any = None
    changes: Any = None

    def settings(self) -> ToleranceSettings:
        """Raises the refusals of `read_settings`."""
        return read_settings(self.model_dump(include={"dealer", "families", "kinds", "contracts"}))


class TolerancesBody(LevelsBody):
    """All tolerances, with the version that was seen (0: nothing was set yet)."""

    version: StrictInt


_SETTING: dict[str, Any] = {
    "type": "object",
    "properties": {
        "ceiling": {"type": ["number", "null"]},
        "width": {"type": ["number", "null"]},
        "quiet_pages": {"type": ["integer", "null"]},
    },
    "required": list(_NAMES),
    "additionalProperties": False,
}
_BY_NAME = {"type": "object", "additionalProperties": _SETTING}
_CHANGE = {
    "type": "object",
    "properties": {
        "version": {"type": "integer"},
        "at": {"type": "string", "format": "date-time"},
        "by": {"type": "string"},
    },
    "required": ["version", "at", "by"],
    "additionalProperties": False,
}
_TOLD: dict[int, Any] = {
    200: {
        "description": "What is set; null leaves it to the wider level, at last to `usual`",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "version": {"type": "integer"},
                        "dealer": _SETTING,
                        "families": _BY_NAME,
                        "kinds": _BY_NAME,
                        "contracts": _BY_NAME,
                        "usual": _SETTING,
                        "changes": {"type": "array", "items": _CHANGE},
                    },
                    "required": [
                        "version",
                        "dealer",
                        "families",
                        "kinds",
                        "contracts",
                        "usual",
                        "changes",
                    ],
                    "additionalProperties": False,
                }
            }
        },
    }
}


@router.get(
    "/api/staff/tolerances", summary="The tolerances of the plausibility check", responses=_TOLD
)
def get_tolerances() -> Response[str]:
    """What is set, with the newest changes: who, when."""
    staff_of(router.current_event.raw_event, "read")
    return _answer()


@router.put(
    "/api/staff/tolerances",
    summary="Set the tolerances of the plausibility check",
    responses=_TOLD,
)
def put_tolerances(body: TolerancesBody) -> Response[str]:
    """Set all tolerances at once."""
    staff = staff_of(router.current_event.raw_event, "admin")
    set_tolerances(doors(), body.settings(), seen=body.version, by=staff.id, at=moment())
    return _answer()


def _answer() -> Response[str]:
    stored, changes = tolerances_now(doors())
    told = plain(stored.settings)
    return answer(
        {
            "version": stored.version,
            "dealer": _full(told["dealer"]),
            **{
                level: {name: _full(setting) for name, setting in told[level].items()}
                for level in ("families", "kinds", "contracts")
            },
            "usual": {name: getattr(USUAL, name) for name in _NAMES},
            "changes": [
                {"version": change.version, "at": change.at.isoformat(), "by": change.by}
                for change in changes
            ],
        }
    )


def _full(setting: dict[str, Any]) -> dict[str, Any]:
    return {name: setting.get(name) for name in _NAMES}
