"""The session's cookie: opaque, bound to this host, out of reach of scripts and other sites."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.shared.cookies import Cookie, SameSite

NAME = "__Host-session"


def given(event: Mapping[str, Any]) -> str | None:
    """The value of the cookie that came with a request."""
    for cookie in event.get("cookies") or ():
        name, _, value = cookie.partition("=")
        if name.strip() == NAME:
            return str(value)
    return None


def carrying(value: str) -> Cookie:
    """Lives as long as the browser; how long it opens anything is the session's to say."""
    return _cookie(value)


def removed() -> Cookie:
    return _cookie("", max_age=0)


def _cookie(value: str, max_age: int | None = None) -> Cookie:
    return Cookie(
        NAME,
        value,
        path="/",
        secure=True,
        http_only=True,
        max_age=max_age,
        same_site=SameSite.STRICT_MODE,
    )
