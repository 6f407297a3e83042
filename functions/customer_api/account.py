"""What belongs to a contact's address: asking for a new link, setting a password."""

from __future__ import annotations

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.refusals import Invalid, LinkInvalid, TooManyAttempts
from meterportal.http import Accepted, Address, Answer, Body, refuses
from meterportal.settings import moment
from meterportal.usecases.access import request_link, set_password
from pydantic import ConfigDict

from customer_api import cookies
from customer_api.answers.session import AskedJson, PasswordJson
from customer_api.client import client_of
from customer_api.secrets import Password, Token

router = APIGatewayHttpRouter()


class LinkBody(Body):
    """An address, or what stands behind #t= in a link that no longer opens."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["email"]}, {"required": ["token"]}]}
    )

    email: Address = ""
    token: Token = ""


class PasswordMailBody(Body):
    """An address; without one that of the session."""

    email: Address | None = None


class PasswordBody(Body):
    """With `token`, what stands behind #p= in the link of a password mail; or, within a session, with
    the present one as `old_password`.
    """

    password: Password
    token: Token | None = None
    old_password: Password | None = None


@router.post("/api/links", summary="Ask for a new link by mail", responses=refuses(TooManyAttempts))
def ask_for_link(body: LinkBody) -> Accepted[AskedJson]:
    """A link goes to the address on file, if there is one; the answer is the same for everybody."""
    at = moment()
    client = client_of(router.current_event.raw_event, at)
    if body.model_fields_set == {"email"}:
        request_link.by_address(adapters(), at, body.email, client=client)
    elif body.model_fields_set == {"token"}:
        request_link.by_dead_link(adapters(), at, body.token, client=client)
    else:
        raise Invalid(
            field="email",
            de="Erwartet wird entweder email oder token.",
            en="Expected is either email or token.",
        )
    return Accepted({})


@router.post(
    "/api/password/mail",
    summary="Ask for the mail by whose link a password is set",
    responses=refuses(TooManyAttempts),
)
def ask_for_password_mail(body: PasswordMailBody) -> Accepted[AskedJson]:
    """Its link works once, for 30 minutes, and opens no machines. The answer is the same for every
    address.
    """
    event, at = router.current_event.raw_event, moment()
    client = client_of(event, at)
    if body.email is None:
        request_link.own_password_mail(adapters(), at, cookies.given(event), client=client)
    else:
        request_link.password_mail(adapters(), at, body.email, client=client)
    return Accepted({})


@router.put(
    "/api/password", summary="Set a password", responses=refuses(LinkInvalid, TooManyAttempts)
)
def put_password(body: PasswordBody) -> Answer[PasswordJson]:
    """Set the password of the mail's address, or of the session's; its other sessions end."""
    event, at = router.current_event.raw_event, moment()
    cookie = cookies.given(event)
    if body.token is not None and body.old_password is not None:
        raise Invalid(
            field="old_password",
            de="Erwartet wird entweder token oder old_password.",
            en="Expected is either token or old_password.",
        )
    client = client_of(event, at)
    if body.token is not None:
        set_password.by_mail(adapters(), at, cookie, body.password, body.token, client=client)
    else:
        old = body.old_password
        set_password.by_old_one(adapters(), at, cookie, body.password, old, client=client)
    return Answer({"has_password": True})
