"""Requests handed on to MiniStack unchanged, so that pages need no second origin."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

from infra.local.http_api import Answer, Request, refusal

# What a browser or a script may ask the user pool without credentials of AWS.
SIGN_IN = {
    "InitiateAuth",
    "RespondToAuthChallenge",
    "GetTokensFromRefreshToken",
    "RevokeToken",
    "GlobalSignOut",
    "GetUser",
    "ChangePassword",
    "AssociateSoftwareToken",
    "VerifySoftwareToken",
    "SetUserMFAPreference",
    "ForgotPassword",
    "ConfirmForgotPassword",
}
_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "date", "server"}
_SECONDS = 30


def forward(endpoint: str, request: Request, path: str) -> Answer:
    """The answer of `endpoint` to this request at `path`; redirects are not followed."""
    target = f"{path}?{request.query}" if request.query else path
    connection = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=_SECONDS)
    try:
        connection.request(
            request.method,
            target,
            body=request.body or None,
            headers={name: value for name, value in request.headers if name.lower() not in _HOP},
        )
        given = connection.getresponse()
        headers = [
            (name.lower(), value) for name, value in given.getheaders() if name.lower() not in _HOP
        ]
        return Answer(given.status, headers, given.read())
    except (OSError, http.client.HTTPException):
        return refusal(503, "Service Unavailable")
    finally:
        connection.close()


def sign_in(endpoint: str, request: Request) -> Answer:
    """A call of the Cognito API, if it is one that needs no credentials."""
    service, _, operation = (request.header("x-amz-target") or "").partition(".")
    if service != "AWSCognitoIdentityProviderService" or operation not in SIGN_IN:
        return refusal(400, f"{operation or 'This request'} is not for sign-in")
    return forward(endpoint, request, "/")
