"""The public keys of a user pool, without the way to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt import PyJWKClient
from jwt.algorithms import RSAAlgorithm


class Published(PyJWKClient):
    """Those that belong to these private keys, by `kid`."""

    def __init__(self, keys: Mapping[str, RSAPrivateKey]) -> None:
        super().__init__("http://127.0.0.1/jwks.json")
        self._private = keys

    def fetch_data(self) -> Any:
        public = [
            (kid, RSAAlgorithm.to_jwk(key.public_key(), True)) for kid, key in self._private.items()
        ]
        return {"keys": [{**key, "kid": kid, "use": "sig"} for kid, key in public]}
