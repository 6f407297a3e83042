"""Opening, showing, switching and closing a session."""

from __future__ import annotations

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from meterportal.adapters import adapters
from meterportal.domain.refusals import Invalid, LinkInvalid, NotFound, TooManyAttempts
from meterportal.http import (
    Address,
    Answer,
    Body,
    Created,
    NoContent,
    Number,
    company_as_json,
    language_of,
    refuses,
    rights_as_json,
)
from meterportal.http.overview_json import overview_as_json
from meterportal.settings import Moment, moment, settings
from meterportal.usecases.access import clients, sign_in
from meterportal.usecases.access import open_session as opening
from meterportal.usecases.access.clients import Client
from meterportal.usecases.access.sign_in import SignedIn
from meterportal.usecases.mailing.brand_now import brand_now
from meterportal.usecases.reporting import overview
from meterportal.usecases.reporting.count_open import open_at_companies
from pydantic import ConfigDict

from customer_api import cookies, machines
from customer_api.answers.session import SessionJson, dealer_as_json
from customer_api.client import client_of
from customer_api.secrets import Code, Password, Token

router = APIGatewayHttpRouter()

WithOverview = Annotated[
    Literal["0", "1"], Query(description="1: with the first page of GET /api/machines")
]


WithCounts = Annotated[
    Literal["0", "1"],
    Query(description="1: companies carry `open`, the machines to be reported now"),
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

    token: Token = ""
    email: Address = ""
    code: Code = ""
    password: Password = ""


class CompanyBody(Body):
    company_id: Number


class LanguageBody(Body):
    language: Literal["de", "en"]


@router.post(
    "/api/session",
    summary="Open a session by link, code or password",
    responses=refuses(LinkInvalid, TooManyAttempts),
)
def open_session(body: OpeningBody, overview: WithOverview = "0") -> Created[SessionJson]:
    """Open a session by the link of a mail, or by an address with a code or a password. The browser's
    earlier session ends. After a code or password a second cookie makes the browser known to the
    address for 180 days: attempts by strangers do not slow it down.
    """
    at, whole = moment(), overview == "1"
    client = client_of(router.current_event.raw_event, at)
    cookie, signed_in = _opened(body, at, client, whole=whole)
    given = [cookies.carrying(cookie)]
    if "email" in body.model_fields_set:
        address = signed_in.session.mailbox
        given.append(cookies.knowing(clients.remembered(adapters(), at, client, address)))
    return Created(_shown(signed_in, at), cookies=given)


@router.get("/api/session", summary="Who is signed in, and at which company")
def get_session(overview: WithOverview = "0", counts: WithCounts = "0") -> Answer[SessionJson]:
    """Who is signed in, at which company, and which others there are."""
    at = moment()
    signed_in = sign_in.who(adapters(), at, _cookie(), whole=overview == "1")
    shown = _shown(signed_in, at)
    if counts == "1":
        counted = open_at_companies(adapters(), at, signed_in)
        for company in shown["companies"]:
            found = counted.get(company["id"])
            company["open"] = found.open if found else None
            company["reported"] = found.reported if found else None
    return Answer(shown)


@router.delete("/api/session", summary="Log out")
def close_session() -> NoContent:
    """Log out."""
    sign_in.close_session(adapters(), moment(), _cookie())
    return NoContent(cookies=[cookies.removed()])


@router.put("/api/session/company", summary="Turn to another company", responses=refuses(NotFound))
def switch_company(body: CompanyBody, overview: WithOverview = "0") -> Answer[SessionJson]:
    """Turn to another company of the same mailbox."""
    at, whole = moment(), overview == "1"
    signed_in = sign_in.switch_company(adapters(), at, _cookie(), body.company_id, whole=whole)
    return Answer(_shown(signed_in, at))


@router.put("/api/session/language", summary="Choose a language")
def choose_language(body: LanguageBody) -> Answer[SessionJson]:
    """Choose the language of pages and mails; the choice is kept with the address."""
    at = moment()
    return Answer(_shown(sign_in.choose_language(adapters(), at, _cookie(), body.language), at))


def _cookie() -> str | None:
    return cookies.given(router.current_event.raw_event)


def _opened(body: OpeningBody, at: Moment, client: Client, *, whole: bool) -> tuple[str, SignedIn]:
    given, before = body.model_fields_set, _cookie()
    if given == {"token"}:
        return opening.by_link(adapters(), at, body.token, before=before, whole=whole)
    if given == {"email", "code"}:
        return opening.by_code(
            adapters(), at, body.email, body.code, client=client, before=before, whole=whole
        )
    if given == {"email", "password"}:
        return opening.by_password(
            adapters(), at, body.email, body.password, client=client, before=before, whole=whole
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


def _shown(signed_in: SignedIn, at: Moment) -> SessionJson:
    shown: SessionJson = {
        "contact": {"name": signed_in.contact.name, "email_masked": signed_in.email_masked},
        "company": company_as_json(signed_in.company),
        "companies": [{"id": company.id, "name": company.name} for company in signed_in.companies],
        "rights": rights_as_json(signed_in.rights),
        "language": "en" if signed_in.language == "en" else "de",
        "has_password": signed_in.has_password,
        "password_ended": signed_in.account.password_ended,
        "link_until": signed_in.link_until.isoformat() if signed_in.link_until else None,
        "dealer": dealer_as_json(brand_now(adapters()), settings().dealer_name),
        "today": at.today.isoformat(),
    }
    if signed_in.holding is not None:
        page, next_cursor = overview.first_page(adapters(), at, signed_in, limit=machines.PAGE)
        shown["overview"] = overview_as_json(
            page, next_cursor, at.today, language_of(router.current_event.raw_event, page.language)
        )
    return shown
