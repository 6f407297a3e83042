"""The HTTP API's JWT authorizer: who a staff token speaks for.

Checked as AWS checks it: RS256 signature by the pool's key of that `kid`, issuer, audience (`aud`
of an id token, `client_id` of an access token), `exp`, `nbf`, `iat`.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from infra.local.http_api import JwtAuthorizer

_KEYS_AGE = 10.0  # seconds before an unknown kid makes us ask the pool again


class Unauthorized(Exception):
    """No token, or none that holds; `reason` goes into WWW-Authenticate."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _decode(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as broken:
        raise Unauthorized("the token is malformed") from broken


def _json(part: str) -> dict[str, Any]:
    try:
        value = json.loads(_decode(part))
    except (json.JSONDecodeError, UnicodeDecodeError) as broken:
        raise Unauthorized("the token is malformed") from broken
    if not isinstance(value, dict):
        raise Unauthorized("the token is malformed")
    return value


class PoolKeys:
    """The public keys of a user pool by `kid`, fetched from its JWKS when needed."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._clock = clock
        self._keys: Mapping[str, RSAPublicKey] = {}
        self._fetched = float("-inf")

    def __call__(self, kid: str) -> RSAPublicKey | None:
        if kid not in self._keys and self._clock() - self._fetched > _KEYS_AGE:
            with urllib.request.urlopen(self._url, timeout=5) as answer:  # noqa: S310 - loopback
                document = json.load(answer)
            self._keys = {key["kid"]: public_key(key) for key in document["keys"]}
            self._fetched = self._clock()
        return self._keys.get(kid)


def public_key(jwk: Mapping[str, str]) -> RSAPublicKey:
    modulus, exponent = (int.from_bytes(_decode(jwk[name])) for name in ("n", "e"))
    return RSAPublicNumbers(exponent, modulus).public_key()


def claims(
    authorization: str | None,
    authorizer: JwtAuthorizer,
    key_of: Callable[[str], RSAPublicKey | None],
    now: float,
) -> dict[str, Any]:
    """The claims of a valid token (`Bearer x` or `x`); raises Unauthorized. `now`: epoch seconds."""
    scheme, _, rest = (authorization or "").partition(" ")
    token = rest.strip() if scheme.lower() == "bearer" else (authorization or "").strip()
    parts = token.split(".")
    if len(parts) != 3:
        raise Unauthorized("the token is missing" if not token else "the token is malformed")
    header, payload, signature = _json(parts[0]), _json(parts[1]), _decode(parts[2])
    if header.get("alg") != "RS256" or not isinstance(header.get("kid"), str):
        raise Unauthorized("the token's algorithm is not RS256")
    try:
        key = key_of(header["kid"])
    except (urllib.error.URLError, ConnectionError, TimeoutError) as silent:
        raise Unauthorized("the issuer does not answer") from silent
    if key is None:
        raise Unauthorized("the token's key is unknown")
    try:
        key.verify(signature, f"{parts[0]}.{parts[1]}".encode(), PKCS1v15(), SHA256())
    except InvalidSignature as forged:
        raise Unauthorized("the signature does not match") from forged
    if payload.get("iss") != authorizer.issuer:
        raise Unauthorized("the token has an invalid issuer")
    if payload.get("token_use", "id") not in ("id", "access"):
        raise Unauthorized("the token is neither an id nor an access token")
    if payload.get("aud", payload.get("client_id")) not in authorizer.audience:
        raise Unauthorized("the token does not have a valid audience")
    _check_times(payload, now)
    return payload


def _check_times(payload: Mapping[str, Any], now: float) -> None:
    times = {name: payload.get(name, default) for name, default in _TIMES.items()}
    if not all(isinstance(value, int | float) for value in times.values()):
        raise Unauthorized("the token is malformed")
    if times["exp"] <= now:
        raise Unauthorized("the token has expired")
    if times["nbf"] > now + 5 or times["iat"] > now + 5:
        raise Unauthorized("the token is not valid yet")


_TIMES = {"exp": 0, "nbf": 0, "iat": 0}
