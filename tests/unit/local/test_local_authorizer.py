"""Which staff tokens the local gateway lets pass: those that the HTTP API would."""

from __future__ import annotations

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from infra.local import authorizer
from infra.local.authorizer import Unauthorized
from infra.local.http_api import JwtAuthorizer
from tests.support.pool_keys import Published

LONG_AGO = 1
IN_LONG = 4_102_444_800  # 2100
STAFF = JwtAuthorizer("Staff", "https://issuer/pool", ("client",))
KEYS = {kid: generate_private_key(65537, 2048) for kid in ("one", "two")}


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def a_token(
    *, kid: str = "one", alg: str = "RS256", key: RSAPrivateKey | str | None = None, **claims: Any
) -> str:
    payload = {
        "iss": "https://issuer/pool",
        "aud": "client",
        "token_use": "id",
        "exp": IN_LONG,
        "iat": LONG_AGO,
        "cognito:groups": ["admin"],
    } | claims
    payload = {name: value for name, value in payload.items() if value is not None}
    signed_by = "" if alg == "none" else key or KEYS["one"]
    return jwt.encode(payload, signed_by, alg, headers={"kid": kid})


def check(token: str | None) -> dict[str, Any]:
    return authorizer.claims(token, STAFF, Published(KEYS))


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", ""])
@pytest.mark.parametrize("kid", ["one", "two"])
def test_a_token_of_the_pool_passes(scheme: str, kid: str) -> None:
    assert check(scheme + a_token(kid=kid, key=KEYS[kid]))["cognito:groups"] == ["admin"]


def test_an_access_token_passes_by_its_client() -> None:
    assert check(a_token(token_use="access", aud=None, client_id="client"))


@pytest.mark.parametrize(
    ("scope", "asked", "passes"),
    [
        (None, (), True),
        ("openid erp/feed", ("erp/feed",), True),
        ("openid", ("erp/feed",), False),
        ("erp/feeding", ("erp/feed",), False),
        (None, ("erp/feed",), False),
    ],
)
def test_a_route_with_scopes_asks_for_one_of_them(
    scope: str | None, asked: tuple[str, ...], passes: bool
) -> None:
    assert authorizer.holds(check(a_token(scope=scope)), asked) is passes


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (None, "missing"),
        ("", "missing"),
        ("Bearer ", "missing"),
        ("Bearer a.b", "malformed"),
        ("Bearer a.b.c", "malformed"),
        ("Bearer " + ".".join([b64(b"[]"), b64(b"{}"), b64(b"x")]), "malformed"),
        (a_token(alg="none"), "RS256"),
        (a_token(alg="HS256", key="a secret of thirty-two characters"), "RS256"),
        (a_token(kid="one", key=KEYS["two"]), "signature"),
        (a_token(iss="https://other/pool"), "issuer"),
        (a_token(aud="other"), "audience"),
        (a_token(aud=None), "audience"),
        (a_token(token_use="refresh"), "neither"),
        (a_token(exp=LONG_AGO), "expired"),
        (a_token(exp=None), "malformed"),
        (a_token(exp="soon"), "malformed"),
        (a_token(nbf=IN_LONG), "not valid yet"),
        (a_token(iat=IN_LONG), "not valid yet"),
    ],
)
def test_any_other_token_is_refused(token: str | None, reason: str) -> None:
    with pytest.raises(Unauthorized, match=reason):
        check(token)


def test_a_key_that_the_pool_does_not_know_is_refused() -> None:
    with pytest.raises(Unauthorized, match="unknown"):
        check(a_token(kid="three"))


def test_a_pool_that_does_not_answer_lets_nobody_in() -> None:
    with pytest.raises(Unauthorized, match="does not answer"):
        authorizer.claims(a_token(), STAFF, authorizer.pool_keys("http://127.0.0.1:9", "pool"))


def test_an_altered_claim_breaks_the_signature() -> None:
    header, payload, signature = a_token().split(".")
    content = json.loads(base64.urlsafe_b64decode(payload + "=="))
    altered = b64(json.dumps({**content, "cognito:groups": ["admin", "root"]}).encode())

    with pytest.raises(Unauthorized, match="signature"):
        check(f"{header}.{altered}.{signature}")
