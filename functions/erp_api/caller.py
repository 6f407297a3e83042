"""Whether the ERP is calling: a program with a client of its own, which may follow the feed and nothing
else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meterportal.domain.refusals import NotAllowed

SCOPE = "erp/feed"


def check_erp(event: Mapping[str, Any]) -> None:
    """Raises NotAllowed unless the token is an access token with the feed's scope. The HTTP API has
    checked it, and its client, before."""
    claims = event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims", {})
    granted = str(claims.get("scope", "")).split()
    if claims.get("token_use") != "access" or SCOPE not in granted:
        raise NotAllowed
