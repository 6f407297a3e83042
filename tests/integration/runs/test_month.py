"""The month of `make month`, small: the table image answers as moto does, and counts what moto's table costs."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from tests.benchmarks.cost.bill import Prices
from tests.benchmarks.month import __main__ as command
from tests.benchmarks.month.walk import STEPS

FEW, QUARTERS = 20, 2


def test_a_month_on_the_image_costs_what_it_costs_on_moto() -> None:
    image = command.measured(FEW, QUARTERS)
    moto = command.measured(FEW, QUARTERS, on_moto=True)
    assert image.readings == moto.readings > 0
    for name in STEPS:
        one, other = image.steps[name].cost, moto.steps[name].cost
        assert one.table.requests == other.table.requests, name
        assert one.mails == other.mails, name
        assert one.table.read == pytest.approx(other.table.read, rel=0.01), name
        assert one.table.written == pytest.approx(other.table.written, rel=0.01), name
        assert one.table.indexes == pytest.approx(other.table.indexes, rel=0.01), name


def test_what_a_month_costs_grows_with_its_contracts_and_no_faster() -> None:
    """Requests and units of each step, counted: exponents of at most 1.1, from 20 to 60 contracts."""
    prices = Prices.read()
    few, many = (command.as_data(command.measured(n, QUARTERS), prices) for n in (20, 60))
    for name in STEPS:
        before, after = few["steps"][name], many["steps"][name]
        for key in ("requests", "read_units", "written_units", "index_units"):
            assert after[key] <= 3**1.1 * max(before[key], 1), (name, key)


def test_the_command_tells_a_time_line_and_exponents(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = tmp_path / "build" / "month.json"
    monkeypatch.setattr(command, "WRITTEN", written)
    monkeypatch.setattr(
        logging, "disable", lambda: None
    )  # it would hold for all tests behind this one
    for contracts in ("20", "40"):
        monkeypatch.setattr(
            "sys.argv", ["month", "--contracts", contracts, "--quarters", str(QUARTERS)]
        )
        command.main()
    told = capsys.readouterr().out
    assert all(f"| {name} |" in told for name in STEPS)
    assert "Exponents from 20 to 40 contracts" in told
    assert list(json.loads(written.read_text())) == ["20", "40"]
