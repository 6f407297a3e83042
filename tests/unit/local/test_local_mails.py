"""Mails sent on this machine: kept byte for byte, told about like SES, shown in the inbox."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from infra.local import mail_events
from infra.local.functions import Functions
from infra.local.http_api import Answer, Request
from infra.local.local_pages import Facts, LocalPages, linked, scheduled_now
from infra.local.mailbox import Mailbox
from infra.local.pump import QueueMapping
from infra.local.schedules import schedules
from infra.local.ses import MailEndpoint
from infra.local.staff_pool import Account
from infra.local.suppression import SuppressionList
from infra.local.template import Template

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def a_mail(to: str = "eva@kunde.example", subject: str = "Zählerstände für Büro & Söhne") -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = '"Bürotechnik" <zaehlerstand@dealer.example>'
    mail["To"] = to
    mail["Subject"] = subject
    mail["X-Round"] = "r1"
    mail.set_content("Hier melden: http://127.0.0.1:8000/#t=v1.k1.abc\n")
    mail.add_alternative(
        "<html><head><title>x</title></head><body><script>alert(1)</script></body></html>",
        subtype="html",
    )
    mail.set_boundary("b")  # the same bytes each time
    return mail.as_bytes()


def test_a_mail_is_kept_byte_for_byte_and_in_order_over_a_restart(tmp_path: Path) -> None:
    first = Mailbox(tmp_path)
    kept = [first.keep(a_mail(f"n{number}@kunde.example")) for number in range(12)]

    again = Mailbox(tmp_path)
    assert [mail.message_id for mail in again.mails()] == [m.message_id for m in kept[::-1]]
    assert again.mails()[0].raw == a_mail("n11@kunde.example")
    again.keep(a_mail("last@kunde.example"))
    assert Mailbox(tmp_path).mails()[0].to == ("last@kunde.example",)


def test_a_mail_that_was_never_accepted_does_not_appear(tmp_path: Path) -> None:
    Mailbox(tmp_path).keep(a_mail())
    (tmp_path / "00000002-x.eml").write_bytes(b"half")

    again = Mailbox(tmp_path)
    assert len(again.mails()) == 1
    again.keep(a_mail("next@kunde.example"))
    assert sorted(path.name[:8] for path in tmp_path.glob("*.json")) == ["00000001", "00000003"]


def test_the_json_of_a_mail_is_what_was_sent(tmp_path: Path) -> None:
    mail = Mailbox(tmp_path).keep(a_mail(), tags={"round": "r1"})
    content = mail.as_json()

    assert content["to"] == ["eva@kunde.example"]
    assert content["from"] == "zaehlerstand@dealer.example"
    assert content["subject"] == "Zählerstände für Büro & Söhne"
    assert "#t=v1.k1.abc" in content["text"]
    assert "<script>" in content["html"]
    assert content["headers"]["X-Round"] == "r1"
    assert datetime.fromisoformat(content["sent_at"]).tzinfo is not None
    assert content["message_id"] == mail.message_id


@pytest.mark.parametrize(
    ("to", "kinds", "bounced"),
    [
        ("eva@kunde.example", ["Send", "Delivery"], []),
        ("Bounce-7@kunde.example", ["Send", "Bounce"], ["Permanent/General"]),
        ("complaint@kunde.example", ["Send", "Delivery", "Complaint"], []),
        ("ooto@kunde.example", ["Send", "Delivery", "Bounce"], ["Transient/General"]),
        (
            "suppressionlist@kunde.example",
            ["Send", "Bounce"],
            ["Permanent/OnAccountSuppressionList"],
        ),
    ],
)
def test_addresses_behave_as_in_the_mailbox_simulator(
    tmp_path: Path, to: str, kinds: list[str], bounced: list[str]
) -> None:
    mail = Mailbox(tmp_path).keep(a_mail(to), tags={"round": "r1"}, configuration_set="set")
    events = mail_events.following(mail, AT)

    assert [event["detail"]["eventType"] for event in events] == kinds
    for event in events:
        assert event["source"] == "aws.ses"
        assert event["detail-type"] == mail_events.DETAIL_TYPES[event["detail"]["eventType"]]
        assert event["resources"] == ["arn:aws:ses:eu-central-1:000000000000:configuration-set/set"]
        about = event["detail"]["mail"]
        assert about["messageId"] == mail.message_id
        assert about["destination"] == [to]
        assert about["tags"]["round"] == ["r1"]
    bounces = [event["detail"]["bounce"] for event in events if "bounce" in event["detail"]]
    told = [f"{bounce['bounceType']}/{bounce['bounceSubType']}" for bounce in bounces]
    assert told == bounced


def a_send(raw: bytes, to: str = "eva@kunde.example") -> bytes:
    return json.dumps(
        {
            "FromEmailAddress": "zaehlerstand@dealer.example",
            "Destination": {"ToAddresses": [to]},
            "Content": {"Raw": {"Data": base64.b64encode(raw).decode()}},
            "EmailTags": [{"Name": "round", "Value": "r1"}],
            "ConfigurationSetName": "set",
        }
    ).encode()


def an_endpoint(
    mailbox: Mailbox,
    publish: Callable[[dict[str, Any]], None] = lambda _: None,
    suppressed: SuppressionList | None = None,
) -> MailEndpoint:
    """SES with the sender of the template and nothing behind it."""
    template = Template.read(SenderAddress="zaehlerstand@dealer.example")
    held = suppressed or SuppressionList()
    return MailEndpoint(mailbox, "http://127.0.0.1:9", publish, held, template)


def test_what_is_handed_to_ses_is_kept_and_its_events_follow(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    events: list[dict[str, Any]] = []
    endpoint = an_endpoint(mailbox, events.append)
    answer = endpoint.answer(
        Request(
            "POST", "/_local/ses/v2/email/outbound-emails", "", [], a_send(a_mail()), "127.0.0.1"
        )
    )
    endpoint.close()

    (mail,) = mailbox.mails()
    assert json.loads(answer.body) == {"MessageId": mail.message_id}
    assert (mail.raw, mail.tags, mail.configuration_set) == (a_mail(), {"round": "r1"}, "set")
    assert [event["detail"]["eventType"] for event in events] == ["Send", "Delivery"]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"Content": {"Simple": {}}}', a_send(b"")[:-9]])
def test_what_is_no_raw_mail_is_refused(tmp_path: Path, body: bytes) -> None:
    endpoint = an_endpoint(Mailbox(tmp_path))
    answer = endpoint.answer(
        Request("POST", "/_local/ses/v2/email/outbound-emails", "", [], body, "127.0.0.1")
    )
    assert answer.status == 400
    endpoint.close()


def test_an_address_that_bounced_gets_no_mail_until_it_is_taken_off_the_list(
    tmp_path: Path,
) -> None:
    events: list[dict[str, Any]] = []
    suppressed = SuppressionList()

    def publish(event: dict[str, Any]) -> None:
        suppressed.note(event)
        events.append(event)

    def told(method: str, path: str, body: bytes = b"") -> int:
        endpoint = an_endpoint(Mailbox(tmp_path), publish, suppressed)
        request = Request(method, f"/_local/ses/v2/email/{path}", "", [], body, "127.0.0.1")
        status = endpoint.answer(request).status
        endpoint.close()
        return status

    to = Mailbox(tmp_path).keep(a_mail()).to[0]
    path = f"suppression/addresses/{quote(to)}"
    assert told("DELETE", path) == told("GET", path) == 404
    publish({"detail": {"eventType": "Bounce", "bounce": {"bounceType": "Transient", "bouncedRecipients": [{"emailAddress": to}]}}})  # fmt: skip
    assert not suppressed.holds(to)
    publish({"detail": {"eventType": "Complaint", "complaint": {"complainedRecipients": [{"emailAddress": to.upper()}]}}})  # fmt: skip
    events.clear()
    assert told("GET", path) == 200
    listed = suppressed.listed(to)
    assert listed is not None
    assert listed.reason == "COMPLAINT"
    assert told("POST", "outbound-emails", a_send(a_mail())) == 200
    assert suppressed.listed(to) == listed, "what is held back is no new reason"
    assert events[-1]["detail"]["bounce"]["bounceSubType"] == "OnAccountSuppressionList"
    assert [told("DELETE", path) for _ in range(2)] == [200, 404]
    assert told("POST", "outbound-emails", a_send(a_mail())) == 200
    assert events[-1]["detail"]["eventType"] == "Delivery"


# the pages


class Pages:
    """The pages over one mailbox; the functions echo their events."""

    def __init__(self, folder: Path) -> None:
        template = Template.read(Stage="local")
        self.mailbox = Mailbox(folder)
        self.published: list[Any] = []
        echo: Callable[[Any, Any], Any] = lambda event, _context: {"got": event}  # noqa: E731
        facts = Facts(
            public_url="http://127.0.0.1:8000",
            today=date(2026, 11, 23),
            ready=True,
            accounts=(Account("Anna", "anna@dealer.example", "geheim", ("admin",)),),
            cognito={"endpoint": "http://c", "client_id": "c", "region": "eu-central-1"},
            aws={"endpoint": "http://a", "import_bucket": "imports"},
            erp={
                "client_id": "erp",
                "client_secret": "nicht&geheim",
                "scope": "erp/feed",
                "token_url": "http://127.0.0.1:8000/oauth2/token",
                "feed": "http://127.0.0.1:8000/api/staff/readings/feed",
            },
        )
        self.pages = LocalPages(
            lambda: facts,
            self.mailbox,
            Functions(template, report=lambda _: None, load=lambda _: echo),
            schedules(template),
            [
                QueueMapping(
                    "send_mail", "arn:aws:sqs:eu-central-1:0:q", "http://q", 10, partial=True
                )
            ],
            self.published.append,
        )

    def get(self, path: str, *, json_: bool = False, query: str = "") -> Answer:
        accept = "application/json" if json_ else "text/html,*/*"
        return self.pages.answer(Request("GET", path, query, [("Accept", accept)], b"", "-"))

    def post(self, path: str, body: bytes = b"", *more: tuple[str, str]) -> Answer:
        return self.pages.answer(Request("POST", path, "", list(more), body, "-"))


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    return Pages(tmp_path)


def test_the_start_page_tells_a_script_how_to_sign_in(pages: Pages) -> None:
    told = json.loads(pages.get("/_local/", json_=True).body)

    assert told["accounts"] == [
        {
            "name": "Anna",
            "username": "anna@dealer.example",
            "password": "geheim",
            "groups": ["admin"],
        }
    ]
    assert told["cognito"] == {"endpoint": "http://c", "client_id": "c", "region": "eu-central-1"}
    assert told["urls"]["console"] == "http://127.0.0.1:8000/staff/"
    assert told["today"] == "2026-11-23"


def test_the_start_page_leads_a_person(pages: Pages) -> None:
    text = pages.get("/_local/").body.decode()
    for words in ("/staff/", "/_local/mails", "geheim", "23.11.2026", "__Host-", "cron(0 *"):
        assert words in text


def test_the_erp_s_page_follows_the_feed_from_a_day(pages: Pages) -> None:
    told = json.loads(pages.get("/_local/", json_=True).body)
    assert told["erp"]["client_secret"] == "nicht&geheim"
    assert told["urls"]["erp"] == "http://127.0.0.1:8000/_local/erp"
    page = pages.get("/_local/erp").body.decode()
    assert 'data-feed="/api/staff/readings/feed"' in page
    assert 'data-secret="nicht&amp;geheim"' in page
    page = pages.get("/_local/erp", query="from=2026-11-23").body.decode()
    assert 'data-feed="/api/staff/readings/feed?from=2026-11-23"' in page
    page = pages.get("/_local/erp", query="from=%22%3E%3Cb").body.decode()
    assert "<b" not in page.replace("<body", "").replace("<button", "")
    for script in ("erp.js", "erp_book.js"):
        kind = dict(pages.get(f"/_local/{script}").headers)["content-type"]
        assert kind.startswith("text/javascript")


def test_the_inbox_lists_newest_first_and_by_address(pages: Pages) -> None:
    pages.mailbox.keep(a_mail("one@kunde.example"))
    pages.mailbox.keep(a_mail("two@kunde.example"))

    everything = json.loads(pages.get("/_local/mails", json_=True).body)
    assert [mail["to"] for mail in everything] == [["two@kunde.example"], ["one@kunde.example"]]
    mine = json.loads(pages.get("/_local/mails", json_=True, query="to=ONE%40kunde.example").body)
    assert [mail["to"] for mail in mine] == [["one@kunde.example"]]


def test_a_mail_is_shown_without_running_its_scripts(pages: Pages) -> None:
    mail = pages.mailbox.keep(a_mail(subject="<b>Zähler</b>"))
    page = pages.get(f"/_local/mails/{mail.message_id}").body.decode()
    preview = pages.get(f"/_local/mails/{mail.message_id}/html")

    assert "&lt;b&gt;Zähler" in page
    assert '<a href="http://127.0.0.1:8000/#t=v1.k1.abc">' in page
    assert 'sandbox="' in page
    assert "allow-scripts" not in page
    assert "allow-scripts" not in dict(preview.headers)["content-security-policy"]
    assert "default-src 'none'" in dict(preview.headers)["content-security-policy"]
    assert b'<head><base target="_blank">' in preview.body
    assert pages.get(f"/_local/mails/{mail.message_id}/eml").body == mail.raw


@pytest.mark.parametrize("path", ["/_local/mails/none", "/_local/none", "/_local/functions/x"])
def test_what_is_not_there_is_404(pages: Pages, path: str) -> None:
    assert pages.get(path).status == 404


def test_a_bare_event_gets_its_envelope_and_a_whole_one_stays(pages: Pages) -> None:
    bounce = {"eventType": "Bounce", "mail": {"messageId": "m"}}
    whole = {"detail-type": "Email Bounced", "source": "aws.ses", "detail": bounce}

    assert pages.post("/_local/events", json.dumps(bounce).encode()).status == 202
    assert pages.post("/_local/events", json.dumps(whole).encode()).status == 202
    assert pages.published[0]["detail"] == bounce
    assert pages.published[0]["detail-type"] == "Email Bounced"
    assert pages.published[1] == whole


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"[]", 422), (b"", 400)])
def test_what_is_no_event_is_refused(pages: Pages, body: bytes, status: int) -> None:
    assert pages.post("/_local/events", body).status == status
    assert pages.published == []


def test_a_function_is_fired_with_its_schedules_input(pages: Pages) -> None:
    got = json.loads(pages.post("/_local/functions/plan_requests").body)["got"]

    assert got["kind"] == "daily_plan"
    assert got["scheduled_at"].startswith("2026-11-2")


def test_a_function_is_fired_with_the_event_given(pages: Pages) -> None:
    for name, event in (("plan_requests", {"a": 1}), ("send_mail", {"Records": [1]})):
        fired = pages.post(f"/_local/functions/{name}", json.dumps(event).encode())
        assert json.loads(fired.body) == {"got": event}


def test_a_function_with_a_queue_only_takes_a_bare_message(pages: Pages) -> None:
    body = b'{"schema": 1, "round_id": "r"}'
    (record,) = json.loads(pages.post("/_local/functions/send_mail", body).body)["got"]["Records"]

    assert record["body"] == body.decode()
    assert record["eventSource"] == "aws:sqs"


def test_a_queue_needs_no_firing(pages: Pages) -> None:
    assert "nothing to fire" in pages.post("/_local/functions/send_mail").body.decode()


@pytest.mark.parametrize("name", ["nothing", "customer_api"])
def test_what_no_schedule_and_no_queue_starts_is_404(pages: Pages, name: str) -> None:
    assert pages.post(f"/_local/functions/{name}").status == 404


def test_other_sites_cannot_fire_anything(pages: Pages) -> None:
    refused = pages.post("/_local/functions/send_mail", b"", ("Sec-Fetch-Site", "cross-site"))
    assert refused.status == 403


def test_a_schedule_fired_by_hand_is_due_on_the_business_date() -> None:
    clock = datetime(2027, 7, 1, 5, 30, tzinfo=UTC)
    assert scheduled_now(date(2026, 11, 23), clock) == datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


def test_links_in_plain_text_are_links_and_the_rest_is_text() -> None:
    assert linked("<a> http://x/#t=1 &") == (
        '&lt;a&gt; <a href="http://x/#t=1">http://x/#t=1</a> &amp;'
    )


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"paused": True}, "SendingPausedException"),
        ({"quota": 3, "sent": 3}, "LimitExceededException"),
        ({"sandbox": True}, "MessageRejected"),
    ],
)
def test_the_account_can_be_put_into_any_state_and_says_so(
    tmp_path: Path, state: dict[str, Any], code: str
) -> None:
    mailbox = Mailbox(tmp_path)
    endpoint = an_endpoint(mailbox)

    def asks(method: str, path: str, body: bytes = b"") -> Any:
        return endpoint.answer(Request(method, f"/_local/ses{path}", "", [], body, "127.0.0.1"))

    told = asks("POST", "/account", json.dumps(state).encode())
    assert told.status == 200
    account = json.loads(asks("GET", "/v2/email/account").body)
    assert account == json.loads(told.body)
    assert account["SendingEnabled"] is ("paused" not in state)
    assert account["ProductionAccessEnabled"] is ("sandbox" not in state)
    send = a_send(a_mail())
    refused = asks("POST", "/v2/email/outbound-emails", send)
    assert (refused.status, dict(refused.headers)["x-amzn-errortype"]) == (400, code)
    assert list(mailbox.mails()) == []
    free = {"paused": False, "quota": 50_000, "sent": 0, "sandbox": False}
    assert asks("POST", "/account", json.dumps(free).encode()).status == 200
    assert asks("POST", "/v2/email/outbound-emails", send).status == 200
    for odd in (b"", b"[1]", b'{"quota": "many"}', b'{"else": 1}'):
        assert asks("POST", "/account", odd).status == 400
    endpoint.close()


def test_of_the_sender_s_domain_it_says_what_belongs_into_the_dns(tmp_path: Path) -> None:
    endpoint = an_endpoint(Mailbox(tmp_path))

    def asks(domain: str) -> Answer:
        path = f"/_local/ses/v2/email/identities/{domain}"
        return endpoint.answer(Request("GET", path, "", [], b"", "127.0.0.1"))

    told = json.loads(asks("dealer.example").body)
    assert len(set(told["DkimAttributes"]["Tokens"])) == 3
    assert told["MailFromAttributes"]["MailFromDomain"] == "bounces.dealer.example"
    assert asks("other.example").status == 404
    endpoint.close()
