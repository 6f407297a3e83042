"""What belongs to a contact's address: asking for a new link, setting a password."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.domain.refusals import Invalid
from meterportal.doors import doors
from meterportal.http import Body, answer
from meterportal.settings import moment
from meterportal.usecases import request_link, set_password
from pydantic import ConfigDict

from customer_api import cookies, shapes
from customer_api.client import client_of

router = APIGatewayHttpRouter()


class LinkBody(Body):
    """An address, or what stands behind #t= in a link that no longer opens."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["email"]}, {"required": ["token"]}]}
    )

    email: str = ""
    token: str = ""


class PasswordBody(Body):
    """`old_password` is needed unless a link or code was opened within the last half hour."""

    password: str
    old_password: str | None = None


@router.post("/api/links", summary="Ask for a new link by mail", responses=shapes.ASKED)
def ask_for_link(body: LinkBody) -> Response[str]:
    """A link goes to the address on file, if there is one; the answer is the same for everybody."""
    client = client_of(router.current_event.raw_event)
    if body.model_fields_set == {"email"}:
        request_link.by_address(doors(), moment(), body.email, client=client)
    elif body.model_fields_set == {"token"}:
        request_link.by_dead_link(doors(), moment(), body.token, client=client)
    else:
        raise Invalid(
            field="email",
            de="Erwartet wird entweder email oder token.",
            en="Expected is either email or token.",
        )
    return answer({}, 202)


@router.put("/api/password", summary="Set a password", responses=shapes.PASSWORD_SET)
def put_password(body: PasswordBody) -> Response[str]:
    """Set the password of the session's address; its other sessions end."""
    event = router.current_event.raw_event
    set_password.set_password(
        doors(),
        moment(),
        cookies.given(event),
        body.password,
        body.old_password,
        client=client_of(event),
    )
    return answer({"has_password": True})
