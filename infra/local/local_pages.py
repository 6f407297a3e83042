"""The pages and small services under /_local/: where to begin, the inbox, events, firing functions."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from infra.local import events, mail_events
from infra.local.functions import FunctionFailed, Functions, FunctionTimedOut
from infra.local.http_api import Answer, Headers, Request
from infra.local.mailbox import Mail, Mailbox
from infra.local.pump import QueueMapping
from infra.local.schedules import Schedule
from infra.local.staff_pool import Account

BERLIN = ZoneInfo("Europe/Berlin")
_PAGES = Path(__file__).parent / "pages"
_FILES = {
    "style.css": "text/css; charset=utf-8",
    "erp.js": "text/javascript; charset=utf-8",
    "erp_book.js": "text/javascript; charset=utf-8",
}
_URL = re.compile(r"https?://[^\s<>\"]+")
_CSP = "default-src 'self'; frame-src 'self'; style-src 'self'; frame-ancestors 'self'"
# A mail may bring its own style and pictures, but no scripts; its links open a page of their own.
_MAIL_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


@dataclass(frozen=True)
class Facts:
    """What the start page tells. `aws` names the things behind (endpoint, buckets, queues), `erp` how the
    ERP gets its token and where its feed is."""

    public_url: str
    today: date
    ready: bool
    accounts: tuple[Account, ...]
    cognito: Mapping[str, str]
    aws: Mapping[str, str]
    erp: Mapping[str, str]
    summary: Mapping[str, Any] = field(default_factory=dict)

    @property
    def urls(self) -> dict[str, str]:
        return {
            "start": f"{self.public_url}/_local/",
            "portal": f"{self.public_url}/",
            "console": f"{self.public_url}/staff/",
            "api": f"{self.public_url}/api",
            "openapi": f"{self.public_url}/api/openapi.json",
            "mails": f"{self.public_url}/_local/mails",
            "erp": f"{self.public_url}/_local/erp",
            "events": f"{self.public_url}/_local/events",
            "functions": f"{self.public_url}/_local/functions/",
        }

    def as_json(self) -> dict[str, Any]:
        return {
            "accounts": [
                {
                    "name": a.name,
                    "username": a.username,
                    "password": a.password,
                    "groups": list(a.groups),
                }
                for a in self.accounts
            ],
            "cognito": dict(self.cognito),
            "urls": self.urls,
            "today": self.today.isoformat(),
            "aws": dict(self.aws),
            "erp": dict(self.erp),
            "ready": self.ready,
            "import": dict(self.summary),
        }


def scheduled_now(today: date, clock: datetime) -> datetime:
    """The time at which a schedule fired by hand is due: this hour of the business date."""
    local = clock.astimezone(BERLIN)
    return local.replace(year=today.year, month=today.month, day=today.day).astimezone(UTC)


def linked(text: str) -> Markup:
    """Plain text with its addresses as links."""
    pieces, end = [], 0
    for match in _URL.finditer(text):
        url = escape(match[0])
        pieces += [escape(text[end : match.start()]), Markup(f'<a href="{url}">{url}</a>')]  # noqa: S704 - escaped above
        end = match.end()
    return Markup("").join([*pieces, escape(text[end:])])


class LocalPages:
    """Answers everything under /_local/. `publish` puts an event onto the mail event queue."""

    def __init__(
        self,
        facts: Callable[[], Facts],
        mailbox: Mailbox,
        functions: Functions,
        schedules: list[Schedule],
        queues: list[QueueMapping],
        publish: Callable[[dict[str, Any]], None],
    ) -> None:
        self._facts = facts
        self._mailbox = mailbox
        self._functions = functions
        self._schedules = {schedule.package: schedule for schedule in schedules}
        self._queues = {mapping.package: mapping for mapping in queues}
        self._publish = publish
        self._jinja = Environment(
            loader=FileSystemLoader(_PAGES), autoescape=True, undefined=StrictUndefined
        )
        self._jinja.filters["linked"] = linked
        self._jinja.filters["clock"] = lambda at: at.astimezone(BERLIN).strftime(
            "%d.%m.%Y %H:%M:%S"
        )

    def answer(self, request: Request) -> Answer:
        path = request.path.removeprefix("/_local").strip("/")
        folder, _, name = path.partition("/")
        if request.method == "POST":
            if request.header("sec-fetch-site") not in (None, "none", "same-origin"):
                return self.json({"message": "foreign origin"}, 403)
            if path == "events":
                return self._inject(request)
            if folder == "functions" and name:
                return self._fire(name, request)
        elif request.method in ("GET", "HEAD"):
            if path == "":
                return self._start(request)
            if path in _FILES:
                return Answer(200, [("content-type", _FILES[path])], (_PAGES / path).read_bytes())
            if path == "erp":
                return self._erp(request)
            if folder == "mails":
                return self._mails(name, request)
        return self.json({"message": "Not Found"}, 404)

    def json(self, content: Any, status: int = 200) -> Answer:
        body = json.dumps(content, ensure_ascii=False, indent=1).encode()
        return Answer(
            status,
            [("content-type", "application/json; charset=utf-8"), ("cache-control", "no-store")],
            body,
        )

    def _page(self, page: str, /, **content: Any) -> Answer:
        body = self._jinja.get_template(page).render(facts=self._facts(), **content)
        headers: Headers = [
            ("content-type", "text/html; charset=utf-8"),
            ("content-security-policy", _CSP),
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
        ]
        return Answer(200, headers, body.encode())

    def _start(self, request: Request) -> Answer:
        if request.path == "/_local":
            return Answer(308, [("location", "/_local/")], b"")
        if _wants_json(request):
            return self.json(self._facts().as_json())
        return self._page("start.html", schedules=list(self._schedules.values()))

    def _erp(self, request: Request) -> Answer:
        """The page that follows the feed, from a day where one is given."""
        day = parse_qs(request.query).get("from", [""])[0]
        feed = urlsplit(self._facts().erp["feed"]).path
        return self._page(
            "erp.html", from_on=day, feed=f"{feed}?{urlencode({'from': day})}" if day else feed
        )

    # inbox

    def _mails(self, name: str, request: Request) -> Answer:
        if not name:
            to = parse_qs(request.query).get("to", [None])[0]
            mails = self._mailbox.mails(to)
            if _wants_json(request):
                return self.json([mail.as_json() for mail in mails])
            return self._page("mails.html", mails=mails, to=to)
        message_id, _, form = name.partition("/")
        mail = self._mailbox.find(message_id)
        if mail is None:
            return self.json({"message": "Not Found"}, 404)
        if form == "html":
            return _preview(mail)
        if form == "eml":
            return Answer(200, [("content-type", "message/rfc822")], mail.raw)
        if _wants_json(request):
            return self.json(mail.as_json())
        return self._page("mail.html", mail=mail)

    # events and functions

    def _inject(self, request: Request) -> Answer:
        try:
            event = json.loads(request.body)
        except (ValueError, RecursionError):
            return self.json({"message": "the body is no JSON"}, 400)
        if not isinstance(event, dict):
            return self.json({"message": "an SES event is a JSON object"}, 422)
        wrapped = mail_events.wrapped(event, datetime.now(UTC))
        self._publish(wrapped)
        return self.json(wrapped, 202)

    def _fire(self, name: str, request: Request) -> Answer:
        if name not in self._schedules and name not in self._queues:
            known = sorted({*self._schedules, *self._queues})
            return self.json({"message": f"no such function; known: {', '.join(known)}"}, 404)
        try:
            event = self._event(name, request.body)
        except (ValueError, RecursionError):
            return self.json({"message": "the body is no JSON"}, 400)
        if event is None:
            return self.json({"message": "nothing to fire: its queue is worked off all the time"})
        try:
            result = self._functions.invoke(name, event)
        except FunctionFailed as failed:
            return self.json({"function": name, "event": event, "error": str(failed)}, 502)
        except FunctionTimedOut:
            return self.json({"function": name, "event": event, "error": "timed out"}, 504)
        if _wants_html(request):
            return self._page("fired.html", name=name, event=event, result=result)
        return self.json(result)

    def _event(self, name: str, body: bytes) -> Any:
        """The event meant by `body`: as it is; as one message of the function's queue if it is fed
        by nothing else; without a body its schedule's input, None without a schedule.
        """
        schedule = self._schedules.get(name)
        if not body.strip():
            due = scheduled_now(self._facts().today, datetime.now(UTC))
            return schedule.event(due) if schedule else None
        event = json.loads(body)
        if schedule or (isinstance(event, dict) and "Records" in event):
            return event
        message = events.a_message(body.decode(), str(uuid.uuid4()), datetime.now(UTC))
        return events.of_messages([message], self._queues[name].queue_arn)


def _preview(mail: Mail) -> Answer:
    """The HTML part for the frame of the inbox; links leave it for a page of their own."""
    html = mail.part("html")
    base = '<base target="_blank">'
    html = (
        re.sub(r"(?i)(<head[^>]*>)", rf"\1{base}", html, count=1)
        if "<head" in html
        else base + html
    )
    headers = [("content-type", "text/html; charset=utf-8"), ("content-security-policy", _MAIL_CSP)]
    return Answer(200, [*headers, ("referrer-policy", "no-referrer")], html.encode())


def _wants_json(request: Request) -> bool:
    accept = request.header("accept") or ""
    return "application/json" in accept and "text/html" not in accept


def _wants_html(request: Request) -> bool:
    return "text/html" in (request.header("accept") or "")
