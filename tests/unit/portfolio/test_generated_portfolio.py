"""The generated portfolio, small: what `make bench` measures is what it says."""

from __future__ import annotations

from pathlib import Path

from meterportal.domain.portfolio.machine_rows import ESTIMATES, MachineFlag
from meterportal.domain.portfolio.rows import newest
from meterportal.domain.portfolio.searching import Hit, hits, search_text
from meterportal.domain.portfolio.snapshots import ordered, parts
from meterportal.store.portfolio import changes
from meterportal.store.table import Table

from tests.benchmarks.portfolio.generate import Size, portfolio
from tests.benchmarks.portfolio.index_pages import Consumed, client, write_pages
from tests.benchmarks.row_16_read_model import rows
from tests.support.snapshot_reader import portfolio_of

SMALL = Size(40)


def test_it_is_the_same_each_time_and_as_large_as_it_says() -> None:
    first, second = list(portfolio(SMALL)), list(portfolio(SMALL))
    assert first == second
    assert sum(len(held.contacts) for held in first) == 3 * 40
    assert sum(len(held.contracts) for held in first) == SMALL.contracts == 100
    assert sum(len(held.machines) for held in first) == SMALL.machines == 300
    meters = [m for held in first for machine in held.machines.values() for m in machine.meters]
    assert len(meters) == 900
    serials = {machine.serial for held in first for machine in held.machines.values()}
    assert len(serials) == 300


def test_its_snapshot_holds_every_row(tmp_path: Path) -> None:
    write_pages(portfolio(SMALL), tmp_path)
    table = Table(client(tmp_path, Consumed()), "table")
    found = ordered(newest(changes.everything(table)).values())
    read = portfolio_of({part.name: part.content for part in parts(found)})
    for kind in ("companies", "contacts", "contracts", "machines"):
        assert getattr(read, kind) == getattr(found, kind)
    flags = [machine.flags for machine in found.machines]
    for flag in (MachineFlag.RELEASED, MachineFlag.EXPORTED, MachineFlag.BILLED, 1 << ESTIMATES):
        assert 0 < sum(bool(one & flag) for one in flags) < len(flags) / 2
    assert 0 < len(found.opened) < len(found.contracts) / 2
    assert [c.name for c in read.companies] != sorted(c.id for c in read.companies)

    text = search_text(found)
    for machine in found.machines:
        wanted = Hit("machine", machine.company_id, machine.id)
        assert wanted in hits(text, machine.serial.lower(), most=20)


def test_its_figures_come_out() -> None:
    measured = {row.name: row for row in rows(size=SMALL)}
    assert measured["16 build, rows"].value == 40 + 120 + 100 + 300
    assert measured["16 build, requests"].value == 8
    assert (measured["16 idle poll, requests"].met, measured["16 idle poll, units"].met) == (
        True,
        True,
    )
    assert 0 < measured["16 grid"].value < measured["16 all parts"].value < 0.1
