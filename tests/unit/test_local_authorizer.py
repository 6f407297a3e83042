"""Which staff tokens the local gateway lets pass: those that the HTTP API would."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from infra.local import authorizer
from infra.local.authorizer import Unauthorized
from infra.local.http_api import JwtAuthorizer

NOW = 1_795_426_200.0
STAFF = JwtAuthorizer("Staff", "https://issuer/pool", ("client",))
KEYS = {kid: generate_private_key(65537, 2048) for kid in ("one", "two")}


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def a_token(
    *,
    kid: str = "one",
    alg: str = "RS256",
    key: RSAPrivateKey | None = None,
    **claims: Any,
) -> str:
    payload = {
        "iss": "https://issuer/pool",
        "aud": "client",
        "token_use": "id",
        "exp": NOW + 60,
        "iat": NOW,
        "cognito:groups": ["admin"],
    } | claims
    payload = {name: value for name, value in payload.items() if value is not None}
    signed = (
        f"{b64(json.dumps({'alg': alg, 'kid': kid}).encode())}.{b64(json.dumps(payload).encode())}"
    )
    signature = (key or KEYS[kid]).sign(signed.encode(), PKCS1v15(), SHA256())
    return f"{signed}.{b64(signature)}"


def check(token: str | None) -> dict[str, Any]:
    def key_of(kid: str) -> Any:
        return KEYS[kid].public_key() if kid in KEYS else None

    return authorizer.claims(token, STAFF, key_of, NOW)


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", ""])
@pytest.mark.parametrize("kid", ["one", "two"])
def test_a_token_of_the_pool_passes(scheme: str, kid: str) -> None:
    assert check(scheme + a_token(kid=kid))["cognito:groups"] == ["admin"]


def test_an_access_token_passes_by_its_client() -> None:
    assert check(a_token(token_use="access", aud=None, client_id="client"))


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
        (a_token(kid="one", key=KEYS["two"]), "signature"),
        (a_token(iss="https://other/pool"), "issuer"),
        (a_token(aud="other"), "audience"),
        (a_token(aud=None), "audience"),
        (a_token(token_use="refresh"), "neither"),
        (a_token(exp=NOW), "expired"),
        (a_token(exp=None), "expired"),
        (a_token(exp="soon"), "malformed"),
        (a_token(nbf=NOW + 60), "not valid yet"),
    ],
)
def test_any_other_token_is_refused(token: str | None, reason: str) -> None:
    with pytest.raises(Unauthorized, match=reason):
        check(token)


def test_a_key_that_the_pool_does_not_know_is_refused() -> None:
    with pytest.raises(Unauthorized, match="unknown"):
        authorizer.claims(a_token(), STAFF, lambda _: None, NOW)


def test_an_altered_claim_breaks_the_signature() -> None:
    header, payload, signature = a_token().split(".")
    content = json.loads(base64.urlsafe_b64decode(payload + "=="))
    altered = b64(json.dumps({**content, "cognito:groups": ["admin", "root"]}).encode())

    with pytest.raises(Unauthorized, match="signature"):
        check(f"{header}.{altered}.{signature}")


def test_a_published_key_is_the_key() -> None:
    numbers = KEYS["one"].public_key().public_numbers()
    published = {
        "n": b64(numbers.n.to_bytes(256)),
        "e": b64(numbers.e.to_bytes(3)),
    }
    assert authorizer.public_key(published) == KEYS["one"].public_key()
