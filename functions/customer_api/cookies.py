"""The two cookies: opaque, bound to this host, out of reach of scripts and other sites."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.shared.cookies import Cookie, SameSite
from meterportal.http import cookie
from meterportal.usecases.access.clients import KNOWN_FOR

SESSION, DEVICE = "__Host-session", "__Host-device"


def given(event: Mapping[str, Any]) -> str | None:
    """The session's cookie that came with a request."""
    return cookie(event, SESSION)


def device(event: Mapping[str, Any]) -> str | None:
    """The cookie by which a browser is known to those who have logged in there."""
    return cookie(event, DEVICE)


def carrying(value: str) -> Cookie:
    """Lives as long as the browser; how long it opens anything is the session's to say."""
    return _cookie(SESSION, value)


def knowing(value: str) -> Cookie:
    """Lives on after the session; it opens nothing."""
    return _cookie(DEVICE, value, max_age=int(KNOWN_FOR.total_seconds()))


def removed() -> Cookie:
    return _cookie(SESSION, "", max_age=0)


def _cookie(name: str, value: str, max_age: int | None = None) -> Cookie:
    return Cookie(
        name,
        value,
        path="/",
        secure=True,
        http_only=True,
        max_age=max_age,
        same_site=SameSite.STRICT_MODE,
    )
