"""Who of the dealer's staff is calling, and what their groups allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meterportal.domain.access.journal import StaffMember
from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import NotAllowed
from meterportal.http import language_of


@frozen
class Staff:
    """A staff member as the verified token names them. `id` is the pool's stable subject, `name` the
    pool's name for the person, the e-mail address where it has none; `issued_at` is when the token was
    made (seconds since 1970); `email` is "" where it has none.
    """

    id: str
    name: str
    groups: frozenset[str]
    language: str
    issued_at: int = 0
    email: str = ""

    @property
    def member(self) -> StaffMember:
        """The person, for the journal and for what the person changes."""
        return StaffMember(self.id, self.name, self.issued_at)


def staff_of(event: Mapping[str, Any], needed: str) -> Staff:
    """The caller, who must be in the group `needed` (read, remind, release) or in admin, and come with
    an id token: an access token of the same person is meant for Cognito.

    Every group may read. The HTTP API passes the groups claim on as "[one two]".
    """
    claims = event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims", {})
    if claims.get("token_use") != "id":
        raise NotAllowed
    groups = frozenset(str(claims.get("cognito:groups", "")).strip("[]").replace(",", " ").split())
    allowed = bool(groups & {"read", "remind", "release", "admin"}) if needed == "read" else False
    if not (allowed or needed in groups or "admin" in groups):
        raise NotAllowed
    email = str(claims.get("email") or "")
    name = str(claims.get("name") or email)
    issued_at = str(claims.get("iat", "0"))
    issued = int(issued_at) if issued_at.isdecimal() else 0
    return Staff(claims["sub"], name, groups, language_of(event), issued, email)
