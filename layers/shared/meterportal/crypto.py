"""Keys, tokens and signatures: the only module that imports cryptography, hmac and secrets.

A token in a mail is `v1.<kid>.<blob>`: a random 16-byte id, encrypted by AES-256-GCM and bound to
the stage. The token itself gives no rights; the table says what the id opens. Keys are derived by
HKDF from the secret's strings, one per purpose, so that a link is never accepted as a cursor, nor
as the link that sets a password.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidKey, InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_TOKEN = re.compile(r"v1\.([a-z0-9]{1,16})\.([A-Za-z0-9_-]{59})", re.ASCII)
_NONCE, _ID, _TAG = 12, 16, 16

_CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: without I, L and O (which look like 1, 1 and 0) and without U."""

_CODE_LENGTH = 8
_MISREAD = str.maketrans("OILU", "011V")

_HASH_OF_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$61Y7GR7zZ9sTTkTrPFE59Q$/GSOC4AeGMG1Sf4D6fC27mXGyJ79qPjAQDIOXsobdbU"
"""A hash of 32 random bytes that were not kept: compared with a password if none is set."""


class InvalidToken(Exception):
    """Forged, changed, cut off, or of another deployment: the caller cannot tell which."""


class KeyRing:
    """The keys of a deployment. `secret` maps kid to a secret string; "current" names the one in
    use.

    Old kids stay in the secret as long as links sealed with them are valid.
    """

    def __init__(self, secret: Mapping[str, str], *, stage: str) -> None:
        self._current = secret["current"]
        self._secrets = {kid: text for kid, text in secret.items() if kid != "current"}
        self._stage = stage
        self._derived: dict[tuple[str, str], bytes] = {}

    @classmethod
    def from_secret(cls, text: str, *, stage: str) -> KeyRing:
        """`text` as stored in Secrets Manager: only the first key, as the template generates it, or
        after a rotation {"current": "k2", "k1": "...", "k2": "..."}."""
        try:
            keys = json.loads(text)
        except json.JSONDecodeError:
            keys = None
        if not isinstance(keys, dict) or "current" not in keys:
            keys = {"current": "k1", "k1": text}  # a generated text, even if it looks like JSON
        return cls(keys, stage=stage)

    def seal_link(self, link_id: bytes, *, nonce: bytes | None = None) -> str:
        """The token of a link id (16 bytes). `nonce` (12 bytes) is given by tests only."""
        return self._seal_id("link", link_id, nonce)

    def open_link(self, token: str) -> bytes:
        """The id in a token; raises `InvalidToken` if it was not sealed here."""
        return self._open_id("link", token)

    def seal_password_link(self, link_id: bytes) -> str:
        """The token of the link that sets a password."""
        return self._seal_id("password link", link_id)

    def open_password_link(self, token: str) -> bytes:
        """As `open_link`, for the link that sets a password."""
        return self._open_id("password link", token)

    def code_fingerprint(self, address: str, code: str) -> str:
        """The key under which a mail's short code is stored: a keyed hash, bound to the address.

        From a plain hash a short code could be found by trying. `code` is in the form of
        `new_code`.
        """
        return self._marked("code", self._current, f"{address}\n{read_code(code)}")

    def code_fingerprints(self, address: str, typed: str) -> list[str]:
        """The keys under which a typed code may be stored, one for each secret key. For a text that
        is no code as many are returned, under which nothing is stored."""
        text = f"{address}\n{read_code(typed) or 'no code'}"
        return [self._marked("code", kid, text) for kid in self._secrets]

    def pseudonym(self, text: str) -> str:
        """A keyed fingerprint of an address or a client, for counting without storing who it is."""
        return self._marked("pseudonym", self._current, text)

    def erased_mark(self, address: str) -> str:
        """The keyed hash by which an erased person's address is recognised."""
        return self._marked("erased", self._current, address)

    def erased_marks(self, address: str) -> list[str]:
        """All hashes by which it may be known, one for each secret key."""
        return [self._marked("erased", kid, address) for kid in self._secrets]

    def seal_cursor(self, owner: str, place: Mapping[str, Any]) -> str:
        """An opaque cursor that only `owner` (session, staff member, list) can use again."""
        return self._seal_content("cursor", owner, place)

    def open_cursor(self, owner: str, cursor: str) -> dict[str, Any]:
        """The place in a cursor; raises `InvalidToken` if it is forged or has another owner."""
        return self._open_content("cursor", owner, cursor)

    def seal_device(self, content: Mapping[str, Any]) -> str:
        """The record that a browser keeps of the logins that succeeded in it."""
        return self._seal_content("device", self._stage, content)

    def open_device(self, text: str) -> dict[str, Any]:
        """The record of a browser; raises `InvalidToken` if it is forged."""
        return self._open_content("device", self._stage, text)

    def seal_staff_session(self, fingerprint: str, refresh_token: str) -> str:
        """A refresh token as it is stored, bound to its session."""
        return self._seal_content("staff session", fingerprint, {"token": refresh_token})

    def open_staff_session(self, fingerprint: str, sealed: str) -> str:
        """The refresh token of a session; raises `InvalidToken` if it is another's or forged."""
        token: str = self._open_content("staff session", fingerprint, sealed)["token"]
        return token

    def rows_key(self, fingerprint: str) -> str:
        """The AES-256 key, in base64url, under which a browser keeps the portfolio's rows for as long
        as a session of staff lasts. It is stored nowhere."""
        key = self._key("rows on a device", self._current)
        return _encode(keyed_hash(key, fingerprint))

    def _seal_id(self, purpose: str, link_id: bytes, nonce: bytes | None = None) -> str:
        nonce = nonce or secrets.token_bytes(_NONCE)
        kid = self._current
        sealed = self._cipher(purpose, kid).encrypt(nonce, link_id, self._bound(kid))
        return f"v1.{kid}.{_encode(nonce + sealed)}"

    def _open_id(self, purpose: str, token: str) -> bytes:
        match = _TOKEN.fullmatch(token)
        if not match or match[1] not in self._secrets:
            raise InvalidToken
        blob = _decode(match[2])
        try:
            return self._cipher(purpose, match[1]).decrypt(
                blob[:_NONCE], blob[_NONCE:], self._bound(match[1])
            )
        except InvalidTag:
            raise InvalidToken from None

    def _seal_content(self, purpose: str, bound: str, content: Mapping[str, Any]) -> str:
        nonce = secrets.token_bytes(_NONCE)
        text = json.dumps(content, separators=(",", ":")).encode()
        sealed = self._cipher(purpose, self._current).encrypt(nonce, text, bound.encode())
        return f"{self._current}.{_encode(nonce + sealed)}"

    def _open_content(self, purpose: str, bound: str, sealed: str) -> dict[str, Any]:
        kid, dot, text = sealed.partition(".")
        if not dot or kid not in self._secrets or len(text) > 4000:
            raise InvalidToken
        blob = _decode(text)
        try:
            opened = self._cipher(purpose, kid).decrypt(
                blob[:_NONCE], blob[_NONCE:], bound.encode()
            )
        except (InvalidTag, ValueError):
            raise InvalidToken from None
        content: dict[str, Any] = json.loads(opened)
        return content

    def _cipher(self, purpose: str, kid: str) -> AESGCM:
        return AESGCM(self._key(purpose, kid))

    def _marked(self, purpose: str, kid: str, text: str) -> str:
        """HMAC-SHA-256 in hex."""
        return keyed_hash(self._key(purpose, kid), text).hex()

    def _key(self, purpose: str, kid: str) -> bytes:
        derived = self._derived.get((purpose, kid))
        if derived is None:
            kdf = HKDF(SHA256(), 32, salt=None, info=f"meterportal {purpose} v1".encode())
            derived = self._derived[purpose, kid] = kdf.derive(self._secrets[kid].encode())
        return derived

    def _bound(self, kid: str) -> bytes:
        return f"meterportal|{self._stage}|v1|{kid}".encode()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    """Only canonical base64url: another spelling of the same bytes is refused."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidToken from None
    if _encode(data) != text:
        raise InvalidToken
    return data


def new_secret_id() -> bytes:
    """16 random bytes: the id of a link or a session."""
    return secrets.token_bytes(_ID)


def as_cookie(session_id: bytes) -> str:
    return _encode(session_id)


def from_cookie(text: str) -> bytes:
    """The session id of a cookie's value; raises `InvalidToken`."""
    data = _decode(text)
    if len(data) != _ID:
        raise InvalidToken
    return data


def fingerprint(secret_id: bytes) -> str:
    """The key under which a link or session is stored: SHA-256 in hex."""
    return hashlib.sha256(secret_id).hexdigest()


def digest(text: str) -> str:
    """SHA-256 in hex of a text: request fingerprints, file hashes of text."""
    return hashlib.sha256(text.encode()).hexdigest()


def keyed_hash(key: bytes, text: str) -> bytes:
    """HMAC-SHA-256 of a text."""
    return hmac.digest(key, text.encode(), hashlib.sha256)


def same(given: str, expected: str) -> bool:
    """Whether two texts are equal, compared in constant time."""
    return hmac.compare_digest(given.encode(), expected.encode())


def new_code() -> str:
    """A random short code as people see it, like "7KQ2-M9XR": eight characters, 40 bits."""
    drawn = secrets.token_bytes(_CODE_LENGTH)  # 32 letters: each as often as any other
    letters = "".join(_CODE_LETTERS[byte % 32] for byte in drawn)
    return f"{letters[:4]}-{letters[4:]}"


def new_password() -> str:
    """A password for the first sign-in of staff: 20 characters, 100 bits; no policy of the template
    asks for more."""
    return "".join(secrets.choice(_CODE_LETTERS.lower()) for _ in range(20))


def read_code(typed: str) -> str | None:
    """A typed code in the form in which it is compared, None if it is no code.

    Case, spaces and hyphens do not matter; O counts as 0, I and L as 1, U as V.
    """
    kept = "".join(letter for letter in typed if not letter.isspace() and letter not in "-‐‑–—")
    letters = kept.upper().translate(_MISREAD)
    if len(letters) != _CODE_LENGTH or not set(letters) <= set(_CODE_LETTERS):
        return None
    return letters


def hash_password(password: str) -> str:
    """Argon2id in PHC form: 19 MiB, two passes, one lane, the least that OWASP's Password Storage
    Cheat Sheet recommends. `password` is in the form that is compared (NFKC).
    """
    kdf = Argon2id(
        salt=secrets.token_bytes(16), length=32, iterations=2, lanes=1, memory_cost=19 * 1024
    )
    return kdf.derive_phc_encoded(password.encode())


def password_fits(password: str, stored: str) -> bool:
    """Whether a password is the one whose hash is stored; takes the same time if none is set
    ("")."""
    try:
        Argon2id.verify_phc_encoded(password.encode(), stored or _HASH_OF_NOBODY)
    except InvalidKey:
        return False
    return True


def new_number() -> str:
    """A random id for runs and correlation: 20 lower-case letters and digits; not a secret."""
    return base64.b32encode(secrets.token_bytes(12)).decode().lower().rstrip("=")
