"""The HTTP API's JWT authorizer: who a token speaks for.

Checked as AWS checks it: RS256 signature by the pool's key of that `kid`, issuer, audience (`aud`
of an id token, `client_id` of an access token), `exp`, `nbf`, `iat`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jwt

from infra.local.http_api import JwtAuthorizer


class Unauthorized(Exception):
    """No token, or none that holds; `reason` goes into WWW-Authenticate."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def pool_keys(endpoint: str, pool: str) -> jwt.PyJWKClient:
    """The public keys of a user pool, fetched when they are needed."""
    return jwt.PyJWKClient(f"{endpoint}/{pool}/.well-known/jwks.json", timeout=5)


def claims(
    authorization: str | None, authorizer: JwtAuthorizer, keys: jwt.PyJWKClient
) -> dict[str, Any]:
    """The claims of a valid token (`Bearer x` or `x`); raises Unauthorized."""
    scheme, _, rest = (authorization or "").partition(" ")
    token = rest.strip() if scheme.lower() == "bearer" else (authorization or "").strip()
    if not token:
        raise Unauthorized("the token is missing")
    try:
        key = keys.get_signing_key(jwt.get_unverified_header(token).get("kid", ""))
        payload: dict[str, Any] = jwt.decode(
            token,
            key,
            ["RS256"],
            issuer=authorizer.issuer,
            options={"require": ["exp"], "verify_aud": False},
        )
    except jwt.PyJWTError as refused:
        raise Unauthorized(_reason(refused)) from refused
    if payload.get("token_use", "id") not in ("id", "access"):
        raise Unauthorized("the token is neither an id nor an access token")
    if payload.get("aud", payload.get("client_id")) not in authorizer.audience:
        raise Unauthorized("the token does not have a valid audience")
    return payload


def holds(claims: Mapping[str, Any], scopes: Sequence[str]) -> bool:
    """Whether a token has one of the scopes that a route asks for; a route without any takes all."""
    return not scopes or bool(set(scopes) & set(str(claims.get("scope", "")).split()))


_REASONS: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
    (jwt.PyJWKClientConnectionError, "the issuer does not answer"),
    (jwt.PyJWKClientError, "the token's key is unknown"),
    (jwt.InvalidAlgorithmError, "the token's algorithm is not RS256"),
    (jwt.InvalidSignatureError, "the signature does not match"),
    (jwt.InvalidIssuerError, "the token has an invalid issuer"),
    (jwt.ExpiredSignatureError, "the token has expired"),
    (jwt.ImmatureSignatureError, "the token is not valid yet"),
)


def _reason(refused: jwt.PyJWTError) -> str:
    known = (reason for kind, reason in _REASONS if isinstance(refused, kind))
    return next(known, "the token is malformed")
