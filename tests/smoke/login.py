"""A staff member's login as a browser does it: SRP, then the second factor set up on the way.

No password ever travels; the constants are RFC 3526's 3072-bit group and Cognito's own labels.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

_N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
_G = 2
_GOOD_FOR = 240.0


@dataclass(frozen=True)
class Tokens:
    """What a login gave, and when (by the monotonic clock)."""

    id: str
    refresh: str
    since: float


def _padded(number: int) -> bytes:
    """Big-endian, with a zero byte in front where the first bit is set: never negative."""
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hashed(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


def _session_key(pool: str, user: str, password: str, a: int, told: dict[str, str]) -> bytes:
    """SRP-6a as Cognito does it: the key that both sides have when the password is right."""
    big_a, big_b, salt = pow(_G, a, _N), int(told["SRP_B"], 16), int(told["SALT"], 16)
    identity = hashlib.sha256(f"{pool}{user}:{password}".encode()).digest()
    x = _hashed(_padded(salt), identity)
    u = _hashed(_padded(big_a), _padded(big_b))
    k = _hashed(_padded(_N), _padded(_G))
    shared = pow(big_b - k * pow(_G, x, _N), a + u * x, _N)
    extracted = hmac.digest(_padded(u), _padded(shared), "sha256")
    return hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]


def one_time_code(secret: str, at: float) -> str:
    """RFC 6238: six digits of the half minute that holds `at` (epoch seconds)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(at // 30)), "sha1")
    place = digest[-1] & 15
    return f"{(int.from_bytes(digest[place : place + 4], 'big') & 0x7FFFFFFF) % 10**6:06d}"


def log_in(cognito: Any, pool_id: str, client_id: str, username: str, password: str) -> Tokens:
    """A new user's login: proves the password, sets the second factor up.

    AWS hands out nothing before the second factor stands. Where an engine lets a new user in to set
    it up, the token is that of a second login, which must ask for the code.
    """
    told = _prove_password(cognito, pool_id, client_id, username, password)
    if told.get("ChallengeName") == "MFA_SETUP":
        setup = cognito.associate_software_token(Session=told["Session"])
        session = _verify(cognito, setup["SecretCode"], Session=setup["Session"])
        told = cognito.respond_to_auth_challenge(
            ClientId=client_id,
            ChallengeName="MFA_SETUP",
            Session=session,
            ChallengeResponses={"USERNAME": username},
        )
    else:
        access = told["AuthenticationResult"]["AccessToken"]
        secret = cognito.associate_software_token(AccessToken=access)["SecretCode"]
        _verify(cognito, secret, AccessToken=access)
        told = _prove_password(cognito, pool_id, client_id, username, password)
        assert told.get("ChallengeName") == "SOFTWARE_TOKEN_MFA", "no second factor is demanded"
        told = cognito.respond_to_auth_challenge(
            ClientId=client_id,
            ChallengeName="SOFTWARE_TOKEN_MFA",
            Session=told["Session"],
            ChallengeResponses={
                "USERNAME": username,
                "SOFTWARE_TOKEN_MFA_CODE": one_time_code(secret, time.time()),
            },
        )
    result = told["AuthenticationResult"]
    return Tokens(result["IdToken"], result["RefreshToken"], time.monotonic())


def renewed(cognito: Any, client_id: str, tokens: Tokens) -> Tokens:
    """Tokens that are good for another minute at least; an id token lives five."""
    if time.monotonic() - tokens.since < _GOOD_FOR:
        return tokens
    told = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": tokens.refresh},
    )
    return replace(tokens, id=told["AuthenticationResult"]["IdToken"], since=time.monotonic())


def _verify(cognito: Any, secret: str, **proof: str) -> str:
    code = one_time_code(secret, time.time())
    verified = cognito.verify_software_token(UserCode=code, **proof)
    assert verified["Status"] == "SUCCESS"
    return str(verified.get("Session", ""))


def _prove_password(
    cognito: Any, pool_id: str, client_id: str, username: str, password: str
) -> dict[str, Any]:
    """SRP up to what the pool asks next: {"ChallengeName", "Session"} or an AuthenticationResult."""
    a = secrets.randbits(256)
    told = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": username, "SRP_A": f"{pow(_G, a, _N):x}"},
    )
    assert told["ChallengeName"] == "PASSWORD_VERIFIER"
    answer: dict[str, Any] = cognito.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses=_proof(pool_id, password, a, told["ChallengeParameters"]),
    )
    return answer


def _proof(pool_id: str, password: str, a: int, told: dict[str, str]) -> dict[str, str]:
    pool, user = pool_id.split("_", 1)[1], told["USER_ID_FOR_SRP"]
    now = datetime.now(UTC)
    at = f"{now:%a %b} {now.day} {now:%H:%M:%S} UTC {now.year}"
    message = f"{pool}{user}".encode() + base64.b64decode(told["SECRET_BLOCK"]) + at.encode()
    signature = hmac.digest(_session_key(pool, user, password, a, told), message, "sha256")
    return {
        "USERNAME": user,
        "PASSWORD_CLAIM_SECRET_BLOCK": told["SECRET_BLOCK"],
        "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(signature).decode(),
        "TIMESTAMP": at,
    }
