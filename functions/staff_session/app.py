"""Staff's session: opened by a login, renewed by its cookie, ended by logging out."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.shared.cookies import Cookie, SameSite
from meterportal.adapters import adapters
from meterportal.domain.access.staff_sessions import LIFE
from meterportal.domain.refusals import Invalid, StaffSignedOut
from meterportal.http import Answer, Body, Created, NoContent, cookie, refuses, resolver, serve
from meterportal.settings import moment
from meterportal.usecases.access import staff_session
from meterportal.usecases.access.staff_session import StaffGrant
from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

app = resolver("Meterportal, sign-in of staff")

COOKIE = "__Secure-staff"
"""Sent to the three routes here and to no other."""

_PATH = "/api/staff/session"

Secret = Annotated[str, Field(max_length=8_192)]


class LoginBody(Body):
    """What came back from the login page, with the verifier that belongs to it; or a refresh token."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["code", "verifier"]}, {"required": ["refresh_token"]}]
        }
    )

    code: Secret = ""
    verifier: Secret = ""
    refresh_token: Secret = ""


class StaffTokenJson(TypedDict):
    """A token for staff's routes; it lives five minutes. `rows_key` is 32 bytes in base64url: what the
    browser keeps the portfolio's rows under, the same for as long as the session lasts. `today` is the business
    day (Europe/Berlin), from which the console counts; the clock of a device may go wrong."""

    id_token: str
    rows_key: str
    today: str


@app.post(_PATH, summary="Sign in as staff", responses=refuses(StaffSignedOut))
def open_session(body: LoginBody) -> Created[StaffTokenJson]:
    """Opens a session of twelve hours at most for who has logged in at Cognito. Its cookie renews the
    token; the refresh token never leaves the server."""
    at, given = moment(), body.model_fields_set
    if given == {"code", "verifier"}:
        value, granted = staff_session.by_code(adapters(), at, body.code, body.verifier)
    elif given == {"refresh_token"}:
        value, granted = staff_session.by_refresh_token(adapters(), at, body.refresh_token)
    else:
        raise Invalid(
            field="code",
            de="Erwartet wird code mit verifier, oder refresh_token.",
            en="Expected is code with verifier, or refresh_token.",
        )
    return Created(_told(granted), cookies=[_carrying(value)])


@app.post(f"{_PATH}/renew", summary="Renew the token")
def renew() -> Answer[StaffTokenJson]:
    """Another token for who has the cookie, with the groups that the person has now; refused as soon
    as the person was removed or disabled."""
    return Answer(_told(staff_session.renew(adapters(), moment(), _given())))


@app.delete(_PATH, summary="Sign out")
def end_session() -> NoContent:
    """Ends the session here and at Cognito."""
    staff_session.end(adapters(), moment(), _given())
    return NoContent(cookies=[_carrying("", max_age=0)])


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Payload 2.0 of the HTTP API in, an HTTP answer out."""
    return serve(app, event, context)


def _told(granted: StaffGrant) -> StaffTokenJson:
    return {
        "id_token": granted.id_token,
        "rows_key": granted.rows_key,
        "today": granted.today.isoformat(),
    }


def _given() -> str | None:
    return cookie(app.current_event.raw_event, COOKIE)


def _carrying(value: str, max_age: int = int(LIFE.total_seconds())) -> Cookie:
    return Cookie(
        COOKIE,
        value,
        path=_PATH,
        secure=True,
        http_only=True,
        max_age=max_age,
        same_site=SameSite.STRICT_MODE,
    )
