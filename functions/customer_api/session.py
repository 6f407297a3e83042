"""Opening, showing, switching and closing a session."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.doors import doors
from meterportal.http import Body, answer
from meterportal.settings import Moment, moment
from meterportal.usecases import sign_in
from meterportal.usecases.sign_in import SignedIn

from customer_api import cookies, shapes

router = APIGatewayHttpRouter()


class TokenBody(Body):
    """What stands behind #t= in the link."""

    token: str


class CompanyBody(Body):
    company_id: str


@router.post(
    "/api/session", summary="Open a session by the link of a mail", responses=shapes.OPENED
)
def open_session(body: TokenBody) -> Response[str]:
    """Open a session by the link of a mail."""
    at = moment()
    cookie, signed_in = sign_in.open_session(doors(), at, body.token)
    return answer(_shown(signed_in, at), 201, cookies=[cookies.carrying(cookie)])


@router.get(
    "/api/session", summary="Who is signed in, and at which company", responses=shapes.SESSION
)
def get_session() -> Response[str]:
    """Who is signed in, at which company, and which others there are."""
    at = moment()
    return answer(_shown(sign_in.who(doors(), at, _cookie()), at))


@router.delete("/api/session", summary="Log out", responses=shapes.CLOSED)
def close_session() -> Response[None]:
    """Log out."""
    sign_in.close_session(doors(), moment(), _cookie())
    return Response(status_code=204, cookies=[cookies.removed()])


@router.put("/api/session/company", summary="Turn to another company", responses=shapes.SESSION)
def switch_company(body: CompanyBody) -> Response[str]:
    """Turn to another company of the same mailbox."""
    at = moment()
    return answer(_shown(sign_in.switch_company(doors(), at, _cookie(), body.company_id), at))


def _cookie() -> str | None:
    return cookies.given(router.current_event.raw_event)


def _shown(signed_in: SignedIn, at: Moment) -> dict[str, Any]:
    rights = signed_in.rights
    return {
        "contact": {"name": signed_in.contact.name, "email_masked": signed_in.email_masked},
        "company": {"id": signed_in.company.id, "name": signed_in.company.name},
        "companies": [{"id": company.id, "name": company.name} for company in signed_in.companies],
        "rights": {
            "readings": rights.readings,
            "machines": rights.machines,
            "service_orders": rights.service_orders,
        },
        "language": signed_in.language,
        "today": at.today.isoformat(),
    }
