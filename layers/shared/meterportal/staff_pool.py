"""The OAuth endpoints of the pool in which staff sign in: codes and refresh tokens in, id tokens out."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

import urllib3

from meterportal.domain.frozen import frozen
from meterportal.domain.refusals import StaffSignedOut, Unavailable

_TIMES = urllib3.Timeout(connect=2, read=5)


@frozen
class LoginTokens:
    """What the pool gives for a code. The id token is what staff's routes ask for."""

    id_token: str
    refresh_token: str


class StaffPool:
    """`url` is the pool's own login domain, `client_id` the console's client there, `returns_to` the
    address to which its login page sends people back. Calls raise StaffSignedOut where the pool does
    not take what it is given, Unavailable where it does not answer."""

    def __init__(self, url: str, client_id: str, returns_to: str) -> None:
        self._url = url
        self._client_id = client_id
        self._returns_to = returns_to
        self._http = urllib3.PoolManager(timeout=_TIMES, retries=False)

    def trade(self, code: str, verifier: str) -> LoginTokens:
        """The tokens for the code that came back from the login page (RFC 7636: with its verifier)."""
        told = self._ask(
            "token",
            grant_type="authorization_code",
            code=code,
            redirect_uri=self._returns_to,
            code_verifier=verifier,
        )
        return LoginTokens(told["id_token"], told["refresh_token"])

    def renew(self, refresh_token: str) -> str:
        """Another id token, with the groups that the person has now."""
        told = self._ask("token", grant_type="refresh_token", refresh_token=refresh_token)
        token: str = told["id_token"]
        return token

    def revoke(self, refresh_token: str) -> None:
        """Ends a refresh token at the pool, too."""
        self._ask("revoke", token=refresh_token)

    def _ask(self, what: str, **fields: str) -> dict[str, Any]:
        try:
            answer = self._http.request_encode_body(
                "POST",
                f"{self._url}/oauth2/{what}",
                fields | {"client_id": self._client_id},
                encode_multipart=False,
            )
        except urllib3.exceptions.HTTPError as lost:
            raise Unavailable from lost
        if answer.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
            raise StaffSignedOut
        if answer.status != HTTPStatus.OK:
            raise Unavailable
        told: dict[str, Any] = json.loads(answer.data or b"{}")
        return told
