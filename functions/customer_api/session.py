"""Opening, showing, switching and closing a session."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.domain.refusals import Invalid
from meterportal.doors import doors
from meterportal.http import Body, answer
from meterportal.settings import Moment, moment, settings
from meterportal.usecases import open_session as opening
from meterportal.usecases import overview, sign_in
from meterportal.usecases.sign_in import SignedIn
from pydantic import ConfigDict

from customer_api import cookies, machines, shapes
from customer_api.client import client_of

router = APIGatewayHttpRouter()

WithOverview = Annotated[
    Literal["0", "1"], Query(description="1: with the first page of GET /api/machines")
]


class OpeningBody(Body):
    """What stands behind #t= in the link; or an address with the code of a mail, or a password."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["token"]},
                {"required": ["email", "code"]},
                {"required": ["email", "password"]},
            ]
        }
    )

    token: str = ""
    email: str = ""
    code: str = ""
    password: str = ""


class CompanyBody(Body):
    company_id: str


class LanguageBody(Body):
    language: Literal["de", "en"]


@router.post(
    "/api/session", summary="Open a session by link, code or password", responses=shapes.OPENED
)
def open_session(body: OpeningBody, overview: WithOverview = "0") -> Response[str]:
    """Open a session by the link of a mail, or by an address with a code or a password."""
    at, whole = moment(), overview == "1"
    cookie, signed_in = _opened(body, at, whole=whole)
    return answer(_shown(signed_in, at), 201, cookies=[cookies.carrying(cookie)])


@router.get(
    "/api/session", summary="Who is signed in, and at which company", responses=shapes.SESSION
)
def get_session(overview: WithOverview = "0") -> Response[str]:
    """Who is signed in, at which company, and which others there are."""
    at = moment()
    return answer(_shown(sign_in.who(doors(), at, _cookie(), whole=overview == "1"), at))


@router.delete("/api/session", summary="Log out", responses=shapes.CLOSED)
def close_session() -> Response[None]:
    """Log out."""
    sign_in.close_session(doors(), moment(), _cookie())
    return Response(status_code=204, cookies=[cookies.removed()])


@router.put("/api/session/company", summary="Turn to another company", responses=shapes.SESSION)
def switch_company(body: CompanyBody, overview: WithOverview = "0") -> Response[str]:
    """Turn to another company of the same mailbox."""
    at, whole = moment(), overview == "1"
    signed_in = sign_in.switch_company(doors(), at, _cookie(), body.company_id, whole=whole)
    return answer(_shown(signed_in, at))


@router.put("/api/session/language", summary="Choose a language", responses=shapes.SESSION)
def choose_language(body: LanguageBody) -> Response[str]:
    """Choose the language of pages and mails; the choice is kept with the address."""
    at = moment()
    return answer(_shown(sign_in.choose_language(doors(), at, _cookie(), body.language), at))


def _cookie() -> str | None:
    return cookies.given(router.current_event.raw_event)


def _opened(body: OpeningBody, at: Moment, *, whole: bool) -> tuple[str, SignedIn]:
    given, client = body.model_fields_set, client_of(router.current_event.raw_event)
    if given == {"token"}:
        return opening.by_link(doors(), at, body.token, whole=whole)
    if given == {"email", "code"}:
        return opening.by_code(doors(), at, body.email, body.code, client=client, whole=whole)
    if given == {"email", "password"}:
        return opening.by_password(
            doors(), at, body.email, body.password, client=client, whole=whole
        )
    raise Invalid(
        field="code"
        if given == {"email"}
        else "email"
        if given & {"code", "password"}
        else "token",
        de="Erwartet wird token, oder email mit code, oder email mit password.",
        en="Expected is token, or email with code, or email with password.",
    )


def _shown(signed_in: SignedIn, at: Moment) -> dict[str, Any]:
    rights = signed_in.rights
    shown = {
        "contact": {"name": signed_in.contact.name, "email_masked": signed_in.email_masked},
        "company": {"id": signed_in.company.id, "name": signed_in.company.name},
        "companies": [{"id": company.id, "name": company.name} for company in signed_in.companies],
        "rights": {
            "readings": rights.readings,
            "machines": rights.machines,
            "service_orders": rights.service_orders,
        },
        "language": signed_in.language,
        "has_password": signed_in.has_password,
        "may_set_password": signed_in.session.fresh(at.now),
        "dealer": {"name": settings().dealer_name},
        "today": at.today.isoformat(),
    }
    if signed_in.holding is not None:
        page = overview.first_page(doors(), signed_in, limit=machines.PAGE)
        shown["overview"] = machines.overview_as_json(page, at, router.current_event.raw_event)
    return shown
