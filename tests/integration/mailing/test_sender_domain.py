"""The page about the sender's domain: what to enter at the registrar, and what the DNS says of it now."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from meterportal.adapters import Adapters
from meterportal.domain.mailing.sender_records import RecordKind
from meterportal.mail.name_servers import NameServers
from meterportal.usecases.mailing.check_sender import check_sender

from tests.support.faults import failing, refused
from tests.support.name_servers import SERVER
from tests.support.stage import INBOUND_DOMAIN, Stage

DOMAIN = "not-known-yet.invalid"
"""The sender's where the template is used as it is."""


def look(stage: Stage) -> dict[str, Any]:
    answer = stage.staff("GET", "/api/staff/sender", groups="read")
    assert answer.status == 200, answer.text
    told: dict[str, Any] = answer.json
    return told


def by_use(told: Mapping[str, Any]) -> dict[str, Any]:
    """One record of each use; of the three for the signature the first."""
    found: dict[str, Any] = {}
    for record in told["records"]:
        found.setdefault(record["use"], record)
    return found


def enter(told: Mapping[str, Any]) -> None:
    """Enters all that the page says, as somebody at the registrar would."""
    for record in told["records"]:
        value = f'"{record["value"]}"' if record["type"] == "TXT" else f"{record['value']}."
        SERVER.put(record["name"], record["type"], value)


def test_what_the_page_says_is_what_it_finds_once_it_is_entered(stage: Stage) -> None:
    told = look(stage)
    assert (told["domain"], told["known"], told["verified"]) == (DOMAIN, True, True)
    assert {one["standing"] for one in told["records"]} == {"missing"}
    lines = [(one["use"], one["type"]) for one in told["records"]]
    assert lines == [
        ("dkim", "CNAME"),
        ("dkim", "CNAME"),
        ("dkim", "CNAME"),
        ("mail_from_mx", "MX"),
        ("mail_from_spf", "TXT"),
        ("dmarc", "TXT"),
        ("inbound_mx", "MX"),
    ]
    of = by_use(told)
    token, _, rest = of["dkim"]["name"].partition("._domainkey.")
    assert (rest, of["dkim"]["value"]) == (DOMAIN, f"{token}.dkim.amazonses.com")
    assert of["mail_from_mx"]["name"] == of["mail_from_spf"]["name"] == f"bounces.{DOMAIN}"
    assert of["mail_from_mx"]["value"] == "10 feedback-smtp.eu-central-1.amazonses.com"
    assert (of["inbound_mx"]["name"], of["inbound_mx"]["value"]) == (
        INBOUND_DOMAIN,
        "10 inbound-smtp.eu-central-1.amazonaws.com",
    )

    enter(told)
    assert [(one["standing"], one["found"]) for one in look(stage)["records"]] == [
        ("found", [one["value"]]) for one in told["records"]
    ]


@pytest.mark.parametrize(
    ("use", "kind", "values", "standing"),
    [
        ("dkim", "CNAME", ["Other.dkim.amazonses.com."], "differs"),
        ("mail_from_mx", "MX", ["20 feedback-smtp.eu-central-1.amazonses.com."], "found"),
        ("mail_from_mx", "MX", ["10 feedback-smtp.eu-west-1.amazonses.com."], "differs"),
        (
            "mail_from_mx",
            "MX",
            ["10 feedback-smtp.eu-central-1.amazonses.com.", "10 mx.dealer.example."],
            "differs",
        ),
        ("mail_from_spf", "TXT", ['"V=SPF1 a include:amazonses.com" " -all"'], "found"),
        ("mail_from_spf", "TXT", ['"v=spf1 include:mail.example ~all"'], "differs"),
        (
            "mail_from_spf",
            "TXT",
            ['"v=spf1 include:amazonses.com ~all"', '"v=spf1 mx ~all"'],
            "differs",
        ),
        ("mail_from_spf", "TXT", ['"some-verification=1"'], "missing"),
        ("dmarc", "TXT", ['"v=DMARC1;p=reject; rua=mailto:a@b.example"'], "found"),
        ("dmarc", "TXT", ['"v=DMARC1; p=strict"'], "differs"),
        ("dmarc", "TXT", ['"v=DMARC1; p=none"', '"v=DMARC1; p=reject"'], "differs"),
    ],
)
def test_what_stands_there_is_compared_by_what_it_does(
    stage: Stage, use: str, kind: str, values: list[str], standing: str
) -> None:
    SERVER.put(by_use(look(stage))[use]["name"], kind, *values)
    record = by_use(look(stage))[use]
    assert record["standing"] == standing
    assert len(record["found"]) == (0 if standing == "missing" else len(values))


def test_the_policy_of_the_domain_above_counts_for_a_sender_below_it(
    adapters: Adapters,
) -> None:
    # The role of the function is for the template's address, so the use case is asked itself.
    address = "Zähler <mails@mails.dealer.example>"
    adapters = Adapters(replace(adapters.settings, sender_address=address))
    SERVER.put("_dmarc.dealer.example", "TXT", '"v=DMARC1; p=quarantine"')
    told = check_sender(adapters)
    assert (told.domain, told.identity) == ("mails.dealer.example", None)
    assert [(one.record.use, one.standing) for one in told.records] == [
        ("dmarc", "found"),
        ("inbound_mx", "missing"),
    ]


def test_name_servers_that_refuse_are_said_to_have_told_nothing(stage: Stage) -> None:
    enter(look(stage))
    SERVER.fail(failing=True)
    told = look(stage)
    assert {one["standing"] for one in told["records"]} == {"unasked"}
    assert told["records"][0]["name"].endswith(DOMAIN)


def test_a_server_that_never_answers_is_waited_for_a_few_seconds_only() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        began = time.monotonic()
        questions = [(f"n{number}.example", RecordKind.TXT) for number in range(12)]
        told = NameServers("127.0.0.1", silent.getsockname()[1]).ask(questions)
    assert told == dict.fromkeys(questions)
    assert time.monotonic() - began < 12


def test_ses_that_does_not_answer_is_an_outage_and_no_wrong_table(
    stage: Stage,
) -> None:
    with failing("GetEmailIdentity", refused("TooManyRequestsException")):
        assert stage.staff("GET", "/api/staff/sender").status == 503


def test_contacts_and_strangers_see_nothing_of_it(stage: Stage) -> None:
    assert stage.staff("GET", "/api/staff/sender", groups="").status == 403
