"""Who of the dealer's staff is calling, and what their groups allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from meterportal.domain.refusals import NotAllowed
from meterportal.http import language_of


@dataclass(frozen=True, slots=True)
class Staff:
    """A staff member as the verified token names them. `id` is the pool's stable subject."""

    id: str
    email: str
    groups: frozenset[str]
    language: str


def staff_of(event: Mapping[str, Any], needed: str) -> Staff:
    """The caller, who must be in the group `needed` (read, remind, release) or in admin.

    Every group may read. The HTTP API passes the groups claim on as "[one two]".
    """
    claims = event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims", {})
    groups = frozenset(str(claims.get("cognito:groups", "")).strip("[]").replace(",", " ").split())
    allowed = bool(groups & {"read", "remind", "release", "admin"}) if needed == "read" else False
    if not (allowed or needed in groups or "admin" in groups):
        raise NotAllowed
    return Staff(claims["sub"], claims.get("email", ""), groups, language_of(event))
