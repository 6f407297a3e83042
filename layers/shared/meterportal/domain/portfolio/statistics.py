"""Statistics of a month: of the machines due in it, how many were asked for, opened and reported, how fast,
by which channel, and how often they were estimated. By round and by company.

They are counted from the rows of a snapshot. A machine that has gone on to its next due date keeps the line
that it had last, so a month stays countable when it is over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from meterportal.domain.portfolio.machine_rows import ESTIMATES, MachineFlag
from meterportal.domain.portfolio.rows import MachineRow, MailTold
from meterportal.domain.portfolio.snapshots import Portfolio, due_on_of

LONGEST = 60
"""Days after a request that are told one by one; what comes later counts on the last of them."""

MOST_ROUNDS = 60
"""Rounds of a month that are told, the newest ones."""

KEPT = timedelta(days=1100)
"""How long a month can be looked at."""

Came = tuple[str, str, int]
"""Of a machine: the day on which it was complete, "" for not yet, by which channel, estimates in a row."""

Place = tuple[str, str]
"""Company and contract."""


@dataclass(slots=True)
class ContractLine:
    """The machines of a contract that are due in a month. `opened`: rounds whose mail led somebody here."""

    mails: tuple[MailTold, ...] = ()
    opened: tuple[str, ...] = ()
    machines: dict[str, Came] = field(default_factory=dict)


Lines = dict[Place, ContractLine]


class Response(NamedTuple):
    """Machines that were asked for; of these whose mail was opened, and the complete ones. `median`: days
    from the request to the complete report."""

    machines: int
    opened: int
    reported: int
    median: float | None


class RoundResponse(NamedTuple):
    """What came of a round: of the machines that were open when it went out. `number`: 0 for requests."""

    round_id: str
    number: int
    on: str
    response: Response


class CompanyResponse(NamedTuple):
    """`due` counts what nobody was asked for, too; `estimated`: machines with an estimate as the last
    value, `in_a_row` the longest series among them (3 for more)."""

    company_id: str
    due: int
    done: int
    response: Response
    estimated: int
    in_a_row: int


class MonthStatistics(NamedTuple):
    """`due` machines, `done` of them complete, whoever was asked. `curve`: how many became complete by the
    n-th day after the month's first request. `estimates`: machines with one, two, three or more in a row."""

    due: int
    done: int
    response: Response
    first_asked_on: str
    curve: tuple[int, ...]
    channels: tuple[tuple[str, int], ...]
    estimates: tuple[int, int, int]
    rounds: tuple[RoundResponse, ...]


def months_around(today: date) -> tuple[str, str, str]:
    """The last month, this one, the next one: those that are still counted."""
    first = today.replace(day=1)
    last, following = first - timedelta(days=1), first + timedelta(days=31)
    return f"{last:%Y-%m}", f"{today:%Y-%m}", f"{following:%Y-%m}"


def lines_of(found: Portfolio, months: Collection[str]) -> dict[str, Lines]:
    """The lines of these months, as a snapshot's rows tell them now."""
    due_on = {(row.company_id, row.id): due_on_of(row) for row in found.contracts}
    lines: dict[str, Lines] = {month: {} for month in months}
    for machine in found.machines:
        month = machine.due_on[:7]
        if month not in lines or not _counts(machine.flags):
            continue
        place = machine.company_id, machine.contract_id
        line = lines[month].get(place)
        if line is None:
            line = lines[month][place] = ContractLine()
            if due_on.get(place, "")[:7] == month:  # else its mails are about another one
                line.mails = found.mails.get(place, ())
                line.opened = tuple(sorted(found.opened.get(place, ())))
        line.machines[machine.id] = _came(machine)
    return lines


def _counts(flags: int) -> bool:
    complete = bool(flags & MachineFlag.COMPLETE)
    return bool(flags & MachineFlag.ASKED_FOR) and (complete or not flags & MachineFlag.SET_ASIDE)


def _came(machine: MachineRow) -> Came:
    complete = bool(machine.flags & MachineFlag.COMPLETE)
    came = (machine.reported_on, machine.channel) if complete else ("", "")
    return (*came, machine.flags >> ESTIMATES)


def merged(before: Lines, now: Lines) -> Lines:
    """What was known, with what is known now: a machine stands under one contract."""
    home = {number: place for place, line in now.items() for number in line.machines}
    together: Lines = {}
    for place, line in before.items():
        kept = {n: came for n, came in line.machines.items() if home.get(n, place) == place}
        newer = now.get(place, ContractLine())
        machines = {**kept, **newer.machines}
        if machines:
            mails, opened = newer.mails or line.mails, newer.opened or line.opened
            together[place] = ContractLine(mails, opened, machines)
    return {**now, **together}


@dataclass(slots=True)
class _Sum:
    """Sums up machines into a response."""

    machines: int = 0
    opened: int = 0
    days: Counter[int] = field(default_factory=Counter)

    def add(self, came_on: str, asked_on: str, *, opened: bool) -> None:
        self.machines += 1
        self.opened += opened
        if came_on:
            self.days[days_between(asked_on, came_on)] += 1

    def response(self) -> Response:
        return Response(self.machines, self.opened, self.days.total(), _median(self.days))


def summed_up(lines: Lines) -> MonthStatistics:
    """A month as a whole."""
    whole = _Sum()
    rounds: dict[MailTold, _Sum] = {}
    came_on, channels, estimates = Counter[str](), Counter[str](), Counter[int]()
    due = 0
    first = min((line.mails[0][2] for line in lines.values() if line.mails), default="")
    for line in lines.values():
        for on, channel, in_a_row in line.machines.values():
            due += 1
            estimates[in_a_row] += 1
            if on:
                came_on[on] += 1
                channels[channel] += 1
            if line.mails:
                whole.add(on, line.mails[0][2], opened=bool(line.opened))
            for mail in line.mails:
                round_id, _, day = mail
                if not on or on >= day:
                    opened = round_id in line.opened
                    rounds.setdefault(mail, _Sum()).add(on, day, opened=opened)
    return MonthStatistics(
        due=due,
        done=came_on.total(),
        response=whole.response(),
        first_asked_on=first,
        curve=_curve(came_on, first),
        channels=tuple(channels.most_common()),
        estimates=(estimates[1], estimates[2], estimates[3]),
        rounds=tuple(RoundResponse(*mail, summed.response()) for mail, summed in _newest(rounds)),
    )


def _newest(rounds: Mapping[MailTold, _Sum]) -> list[tuple[MailTold, _Sum]]:
    newest = sorted(rounds.items(), key=lambda one: (one[0][2], one[0]), reverse=True)
    return newest[:MOST_ROUNDS]


def by_company(lines: Lines) -> list[CompanyResponse]:
    """Each company with machines due; where most is missing first."""
    sums: dict[str, _Sum] = {}
    rows: dict[str, list[Came]] = {}
    for (company_id, _), line in lines.items():
        rows.setdefault(company_id, []).extend(line.machines.values())
        for came_on, _, _ in line.machines.values() if line.mails else ():
            one = sums.setdefault(company_id, _Sum())
            one.add(came_on, line.mails[0][2], opened=bool(line.opened))
    found = [
        CompanyResponse(
            company_id,
            len(machines),
            sum(bool(on) for on, _, _ in machines),
            sums.get(company_id, _Sum()).response(),
            sum(in_a_row > 0 for _, _, in_a_row in machines),
            max(in_a_row for _, _, in_a_row in machines),
        )
        for company_id, machines in rows.items()
    ]
    return sorted(found, key=lambda one: (one.done - one.due, one.company_id))


def days_between(asked_on: str, came_on: str) -> int:
    """Whole days; what came before somebody asked came at once."""
    days = (date.fromisoformat(came_on) - date.fromisoformat(asked_on)).days
    return min(max(days, 0), LONGEST)


def _curve(came_on: Mapping[str, int], first: str) -> tuple[int, ...]:
    if not first:
        return ()
    days = Counter[int]()
    for on, machines in came_on.items():
        days[days_between(first, on)] += machines
    total, curve = 0, []
    for day in range(max(days, default=0) + 1):
        total += days[day]
        curve.append(total)
    return tuple(curve)


def _median(days: Counter[int]) -> float | None:
    """The middle of all; of an even number the mean of the two in the middle."""
    total = days.total()
    if not total:
        return None
    return (_nth(days, (total - 1) // 2) + _nth(days, total // 2)) / 2


def _nth(days: Mapping[int, int], place: int) -> int:
    passed = 0
    for day in sorted(days):
        passed += days[day]
        if passed > place:
            return day
    raise IndexError(place)


def packed(lines: Lines) -> list[list[Any]]:
    """Lines as JSON holds them."""
    return [[*place, line.mails, line.opened, line.machines] for place, line in lines.items()]


def unpacked(rows: Iterable[list[Any]]) -> Lines:
    """The lines that `packed` made."""
    return {
        (company, contract): ContractLine(
            tuple((round_id, number, day) for round_id, number, day in mails),
            tuple(opened),
            {number: (on, channel, times) for number, (on, channel, times) in machines.items()},
        )
        for company, contract, mails, opened, machines in rows
    }
