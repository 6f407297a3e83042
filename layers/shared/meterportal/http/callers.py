"""The caller: the language, whether the request comes from our own site, and through our own
CDN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from meterportal import crypto
from meterportal.adapters import adapters
from meterportal.domain import refusals
from meterportal.settings import settings

_LONGEST_KEY = 128
_UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


def language_of(event: Mapping[str, Any], fallback: str = "de") -> str:
    """The first language in Accept-Language that the portal has; `fallback` if there is none."""
    wanted = header(event, "accept-language") or ""
    for part in wanted.split(","):
        spoken = part.strip()[:2].casefold()
        if spoken in {"de", "en"}:
            return spoken
    return fallback


def header(event: Mapping[str, Any], name: str) -> str | None:
    value: str | None = (event.get("headers") or {}).get(name)
    return value


def cookie(event: Mapping[str, Any], name: str) -> str | None:
    """The value of a cookie that came with a request."""
    for one in event.get("cookies") or ():
        given, _, value = one.partition("=")
        if given.strip() == name:
            return str(value)
    return None


def request_key(event: Mapping[str, Any]) -> str | None:
    """The Idempotency-Key, None without one: a request with the same key is carried out once a day.

    Raises BadKey for a text that cannot be a key.
    """
    key = header(event, "idempotency-key")
    if key is not None and not (
        1 <= len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable()
    ):
        raise refusals.BadKey(field="Idempotency-Key")
    return key


def check_caller(event: Mapping[str, Any]) -> None:
    """Check where a request comes from. Raises NotAllowed if it did not come through our own CDN,
    ForeignOrigin if another site asks for a change."""
    expected = adapters().origin_secret
    if expected and not crypto.same(header(event, "x-origin-secret") or "", expected):
        raise refusals.NotAllowed
    if event["requestContext"]["http"]["method"] in _UNSAFE:
        site, origin = header(event, "sec-fetch-site"), header(event, "origin")
        if site not in {None, "same-origin", "none"} or origin not in {None, settings().public_url}:
            raise refusals.ForeignOrigin
