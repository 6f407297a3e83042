"""The deploy step makes the stack's rule set for incoming mail the active one, or says why not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from infra.aws import receiving
from infra.local.template import REGION
from tests.support import quick_moto

OUTPUTS = {"InboundRuleSetName": "ours", "InboundMx": "10 inbound-smtp.eu-central-1.amazonaws.com"}


@pytest.fixture
def ses(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with quick_moto.empty():
        made = boto3.client("ses", region_name=REGION)
        made.create_receipt_rule_set(RuleSetName="ours")
        yield made


def active(ses: Any) -> Any:
    return ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")


def test_where_none_is_active_ours_becomes_it_and_stays_it(ses: Any) -> None:
    for _ in range(2):
        assert "Mail is received" in receiving.activate(ses, OUTPUTS)
        assert active(ses) == "ours"


def test_another_active_rule_set_is_left_alone_and_the_words_say_what_to_do(ses: Any) -> None:
    ses.create_receipt_rule_set(RuleSetName="workmail")
    ses.set_active_receipt_rule_set(RuleSetName="workmail")
    told = receiving.activate(ses, OUTPUTS)
    assert active(ses) == "workmail"
    assert "NOT received" in told
    assert "--rule-set-name ours" in told


def test_a_stack_that_receives_nothing_asks_nothing() -> None:
    assert receiving.activate(None, {"PublicUrl": "https://x.example"}) == ""


@pytest.mark.parametrize("name", ["SenderAddress", "ReplyTo"])
def test_the_domain_of_the_dealer_s_own_mail_is_refused(name: str) -> None:
    given = {"InboundDomain": "dealer.example", name: "service@dealer.example"}
    with pytest.raises(receiving.WrongDomain, match=r"zaehler\.dealer\.example"):
        receiving.check_domain(given)
    receiving.check_domain({**given, "InboundDomain": "zaehler.dealer.example"})
    receiving.check_domain({name: "service@dealer.example"})
