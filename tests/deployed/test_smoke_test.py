"""The smoke test as a program: it refuses in words, and nothing of it stays, not even after a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from meterportal.store import keys
from meterportal.store.items import marshal

from infra.local.deployment import everything
from infra.local.template import ROOT
from tests.smoke.conftest import REFUSED
from tests.smoke.deployed import Deployed
from tests.smoke.own import COMPANY

Program = subprocess.Popen[str]


@pytest.fixture
def smoke(deployed: Deployed) -> Callable[..., Program]:
    """Starts the smoke test, or some tests of it."""

    def start(*arguments: str) -> Program:
        command = [sys.executable, "-m", "pytest", "tests/smoke", "--stack", deployed.name]
        return subprocess.Popen(
            [*command, "-q", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )

    return start


def test_it_refuses_where_its_company_is_a_customer(
    deployed: Deployed, client: Callable[[str], Any], customers: None, smoke: Callable[..., Program]
) -> None:
    pk, sk = keys.company(COMPANY)
    key = {"pk": marshal(pk), "sk": marshal(sk)}
    dynamodb, table = client("dynamodb"), deployed.outputs["TableName"]
    dynamodb.put_item(TableName=table, Item={**key, "name": marshal("Kunde GmbH")})
    before = everything(client, deployed.outputs)

    program = smoke()
    told = program.communicate()[0]

    assert program.returncode == REFUSED, told
    assert f"company {COMPANY} is a customer's (Kunde GmbH)" in told
    assert everything(client, deployed.outputs) == before
    dynamodb.delete_item(TableName=table, Key=key)


def test_what_a_killed_one_left_is_taken_away_by_the_next(
    deployed: Deployed, client: Callable[[str], Any], customers: None, smoke: Callable[..., Program]
) -> None:
    before = everything(client, deployed.outputs)
    killed = smoke("-p", "no:randomly", "tests/smoke/test_month.py")
    deployed.until(
        lambda: deployed.adapters.table.get(*keys.company(COMPANY)) or killed.poll() is not None,
        "the company of the smoke test",
    )
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert everything(client, deployed.outputs) != before

    following = smoke("-k", "test_the_import_takes_every_row")
    told = following.communicate()[0]
    assert following.returncode == 0, told

    after = everything(client, deployed.outputs)
    ages = ("IMPORT#AGES", "AGES")  # how old the ERP's files were, only the killed one knew
    after["rows"].pop(ages)
    before["rows"].pop(ages)
    assert after == before
