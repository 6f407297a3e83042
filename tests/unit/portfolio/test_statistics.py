"""What a month's machines have come to, counted from rows."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from meterportal.domain.portfolio.machine_rows import ESTIMATES, MachineFlag
from meterportal.domain.portfolio.rows import ContractRow, MachineRow
from meterportal.domain.portfolio.snapshots import Portfolio
from meterportal.domain.portfolio.statistics import (
    LONGEST,
    ContractLine,
    Response,
    by_company,
    lines_of,
    merged,
    months_around,
    packed,
    summed_up,
    unpacked,
)

MONTH, DUE = "2026-11", "2026-11-28"
REQUEST, REMINDER = ("r1", 0, "2026-11-16"), ("r2", 1, "2026-11-21")
ASKED, WHOLE = MachineFlag.ASKED_FOR, MachineFlag.ASKED_FOR | MachineFlag.COMPLETE


def a_contract(number: str = "7", company_id: str = "1", due_on: str = DUE) -> ContractRow:
    return ContractRow(company_id, number, 1, "", "PORTAL", "", "", "", due_on, (), 1, 1, "", "")


def a_machine(
    number: str, flags: int = ASKED, came: str = "", *, contract: str = "7", **more: Any
) -> MachineRow:
    row = MachineRow(
        *("1", number, 1, contract, 1, "open", DUE, "", "", "", "", "", "", "", "", flags, came, "")
    )
    given: dict[str, Any] = {"channel": "PORTAL" if came else "", **more}
    return row._replace(**given)


def a_month(
    *machines: MachineRow, mails: tuple[tuple[str, int, str], ...] = (REQUEST,)
) -> Portfolio:
    found = Portfolio(contracts=[a_contract()], machines=list(machines))
    found.mails["1", "7"] = mails
    return found


def test_response_counts_machines_and_days_from_the_request() -> None:
    found = a_month(
        a_machine("a", WHOLE, "2026-11-16"),
        a_machine("b", WHOLE, "2026-11-18"),
        a_machine("c", WHOLE, "2026-11-23", channel="PHONE"),
        a_machine("d"),
    )
    found.opened["1", "7"] = {"r1"}
    told = summed_up(lines_of(found, [MONTH])[MONTH])
    assert (told.due, told.done, told.first_asked_on) == (4, 3, "2026-11-16")
    assert told.response == Response(4, 4, 3, 2)
    assert told.curve == (1, 1, 2, 2, 2, 2, 2, 3)
    assert told.channels == (("PORTAL", 2), ("PHONE", 1))


@pytest.mark.parametrize(
    ("days", "median"), [((1,), 1), ((1, 2), 1.5), ((0, 0, 9), 0), ((2, 4, 5, 11), 4.5)]
)
def test_the_median_is_the_middle(days: tuple[int, ...], median: float) -> None:
    machines = [a_machine(str(n), WHOLE, f"2026-11-{16 + day}") for n, day in enumerate(days)]
    assert summed_up(lines_of(a_month(*machines), [MONTH])[MONTH]).response.median == median


def test_a_reminder_is_measured_by_what_was_open_when_it_went_out() -> None:
    found = a_month(
        a_machine("a", WHOLE, "2026-11-17"),
        a_machine("b", WHOLE, "2026-11-22"),
        a_machine("c"),
        mails=(REQUEST, REMINDER),
    )
    found.opened["1", "7"] = {"r2"}
    rounds = summed_up(lines_of(found, [MONTH])[MONTH]).rounds
    assert [(one.round_id, one.response) for one in rounds] == [
        ("r2", (2, 2, 1, 1)),
        ("r1", (3, 0, 2, 3.5)),
    ]


def test_what_nobody_was_asked_for_is_due_and_no_response() -> None:
    found = a_month(a_machine("a", WHOLE, "2026-11-10", channel="MPS"), a_machine("b"), mails=())
    told = summed_up(lines_of(found, [MONTH])[MONTH])
    assert (told.due, told.done, told.response.machines, told.curve) == (2, 1, 0, ())


def test_what_came_before_the_request_and_long_after_it_has_its_place() -> None:
    found = a_month(a_machine("a", WHOLE, "2026-11-10"), a_machine("b", WHOLE, "2027-11-10"))
    told = summed_up(lines_of(found, [MONTH])[MONTH])
    assert (told.curve[0], told.curve[LONGEST], len(told.curve)) == (1, 2, LONGEST + 1)


def test_machines_that_nobody_asks_for_do_not_count() -> None:
    aside = a_machine("b", ASKED | MachineFlag.SET_ASIDE)
    other = a_machine("c", due_on="2027-02-28")
    found = a_month(a_machine("a", MachineFlag.ACTIVE), aside, other)
    assert lines_of(found, [MONTH]) == {MONTH: {}}


def test_what_has_gone_on_keeps_its_line_and_its_mails() -> None:
    before = lines_of(a_month(a_machine("a", WHOLE, "2026-11-17"), a_machine("b")), [MONTH])[MONTH]
    later = Portfolio(contracts=[a_contract(due_on="2027-02-28")], machines=[a_machine("b")])
    later.mails["1", "7"] = (("r9", 0, "2027-02-01"),)
    later.machines.append(a_machine("a", due_on="2027-02-28"))
    now = lines_of(later, [MONTH])[MONTH]
    assert now["1", "7"].mails == (), "they are about another period"
    line = merged(before, now)["1", "7"]
    assert line.machines == {"a": ("2026-11-17", "PORTAL", 0), "b": ("", "", 0)}
    assert line.mails == (REQUEST,)


def test_a_machine_of_another_contract_now_is_counted_once() -> None:
    before = {("1", "7"): ContractLine(machines={"a": ("", "", 0)})}
    now = {("1", "8"): ContractLine(machines={"a": ("2026-11-17", "PORTAL", 0)})}
    assert merged(before, now) == now


def test_lines_are_the_same_behind_a_file() -> None:
    found = a_month(a_machine("a", WHOLE, "2026-11-17"), a_machine("b"))
    found.opened["1", "7"] = {"r1"}
    lines = lines_of(found, [MONTH])[MONTH]
    assert unpacked(json.loads(json.dumps(packed(lines)))) == lines


def test_companies_come_by_what_is_missing_with_their_estimates() -> None:
    found = Portfolio(contracts=[a_contract(), a_contract("8", "2")])
    found.machines = [
        a_machine("a", WHOLE | 2 << ESTIMATES, "2026-11-17"),
        a_machine("b", company_id="2", contract="8"),
        a_machine("c", 3 << ESTIMATES | ASKED, company_id="2", contract="8"),
    ]
    lines = lines_of(found, [MONTH])[MONTH]
    second, first = by_company(lines)
    assert (second.company_id, second.due, second.done, second.in_a_row) == ("2", 2, 0, 3)
    assert (first.company_id, first.due, first.done, first.estimated) == ("1", 1, 1, 1)
    assert summed_up(lines).estimates == (0, 1, 1)


def test_three_months_are_counted() -> None:
    assert months_around(date(2026, 11, 28)) == ("2026-10", "2026-11", "2026-12")
    assert months_around(date(2027, 1, 31)) == ("2026-12", "2027-01", "2027-02")
