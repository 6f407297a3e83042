"""A planned round of any number of mails, for a simulation."""

from __future__ import annotations

from meterportal.adapters import Adapters
from meterportal.store import keys

from tests.support.requesting import a_company, plan, start
from tests.support.sending.memory_table import MARK, Kept
from tests.support.stage import Stage

MAILBOX = f"m{MARK}@kunde.example"


def planned(stage: Stage, adapters: Adapters, mails: int) -> tuple[str, Kept]:
    """A round as the planner leaves it, with one mail; the others are copies of it and its company."""
    a_company(adapters, int(MARK), MAILBOX)
    round_id = start(stage)
    assert plan(stage, round_id) == []
    table = adapters.table
    mail, header = keys.mail(round_id, MAILBOX), keys.run("ROUND", round_id)
    found = table.batch_get([mail, header, keys.mailbox(MAILBOX)])
    portfolio = [*table.query(keys.company(f"1{MARK}")[0]), found[keys.mailbox(MAILBOX)]]
    kept = Kept(portfolio, found[mail], mails)
    kept.rows[header] = found[header]
    return round_id, kept
