"""What `make bench` prints and writes, on tiny fleets; no test asks how fast anything was."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from infra.local.template import Template
from tests.benchmarks import growth, peers, report, row_07_readiness, row_08_release
from tests.benchmarks.__main__ import found, main, measured_by, run
from tests.benchmarks.figures import (
    Data,
    Goal,
    Row,
    as_data,
    at_least,
    at_least_times,
    at_most,
    at_most_times,
    table,
)
from tests.benchmarks.plausibility.reference import REFERENCE_RULES
from tests.benchmarks.plausibility.slips import KINDS
from tests.benchmarks.row_06_pacing import rows as pacing_rows
from tests.benchmarks.row_10_plausibility import rows
from tests.benchmarks.row_13_unpacked import unpacked
from tests.benchmarks.row_15_import import rows as import_rows

MET = Row("1 starts", 300.0, "ms", 500.0, at_most_times(0.7))
MISSED = Row("2 answers", 12.0, "1/s", goal=at_least(20))
TOLD = Row("3 size", 4.5, "MB", 0.0)


@pytest.fixture(autouse=True)
def _logs_again() -> Iterator[None]:
    """Rows switch logs off for the rest of their process, which is that of other tests here."""
    yield
    logging.disable(logging.NOTSET)


def test_a_row_is_written_with_its_reference_its_ratio_and_its_goal() -> None:
    assert as_data([MET, MISSED, TOLD]) == {
        "1 starts": {
            "value": 300.0,
            "unit": "ms",
            "reference": 500.0,
            "ratio": 0.6,
            "goal": "≤ 0.7 × reference",
            "met": True,
            "points": {},
        },
        "2 answers": {
            "value": 12.0,
            "unit": "1/s",
            "reference": None,
            "ratio": None,
            "goal": "≥ 20",
            "met": False,
            "points": {},
        },
        "3 size": {
            "value": 4.5,
            "unit": "MB",
            "reference": 0.0,
            "ratio": None,
            "goal": None,
            "met": None,
            "points": {},
        },
    }


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (at_most(10), True),
        (at_most(9.9), False),
        (at_least(10), True),
        (at_least(10.1), False),
        (at_most_times(2), True),
        (at_most_times(1.9), False),
        (at_least_times(2), True),
        (at_least_times(2.1), False),
    ],
)
def test_a_goal_holds_up_to_its_bound(goal: Goal, met: bool) -> None:
    assert Row("1 row", 10.0, "s", 5.0, goal).met is met


def test_a_goal_of_the_ratio_holds_beside_a_reference_of_zero() -> None:
    assert Row("1 alarms", 0.0, "%", 0.0, at_most_times(1)).met
    assert Row("1 alarms", 0.1, "%", 0.0, at_most_times(1)).met is False
    with pytest.raises(ValueError, match="no reference"):
        assert Row("1 alarms", 0.1, "%", None, at_most_times(1)).met


def test_two_rows_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="1 starts"):
        as_data([MET, MET])


def test_the_table_says_of_every_row_whether_its_goal_is_met() -> None:
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in _lines()]
    assert lines[0] == ["row", "value", "unit", "reference", "ratio", "goal", "met"]
    assert lines[2:] == [
        ["1 starts", "300", "ms", "500", "0.6", "≤ 0.7 × reference", "yes"],
        ["2 answers", "12", "1/s", "", "", "≥ 20", "NO"],
        ["3 size", "4.5", "MB", "0", "", "", ""],
    ]


def _lines() -> list[str]:
    lines = table([MET, MISSED, TOLD]).splitlines()
    assert len({len(line) for line in lines}) == 1
    return lines


def test_a_goal_that_is_missed_fails_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = tmp_path / "build" / "bench.json"

    def measure() -> Iterator[Row]:
        yield MISSED

    run([measure, lambda: [MET]], written)
    data = json.loads(written.read_text(encoding="utf-8"))
    assert data == as_data([MISSED, MET])
    assert capsys.readouterr().out.endswith("2 rows, goals not met: 1\n  2 answers\n")


def test_a_run_of_one_row_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    written = tmp_path / "build" / "bench.json"
    run([lambda: [MISSED], lambda: [MET, TOLD]], written)
    again = replace(MISSED, name="2 answers, measured otherwise")
    run([lambda: [again]], written)
    data = json.loads(written.read_text(encoding="utf-8"))
    assert list(data) == [MET.name, again.name, TOLD.name]


def test_every_row_is_found_by_its_number() -> None:
    assert found()[10] == "row_10_plausibility"
    assert list(found()) == sorted(found())
    for number, module in found().items():
        assert callable(measured_by(module)), number


def test_a_row_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["99"])
    assert "no row 99" in capsys.readouterr().err


@cache
def row_10() -> dict[str, Data]:
    return as_data(rows(seeds=range(1), companies=2, runs=1))


def test_row_10_tells_both_fleets_beside_every_reference_rule() -> None:
    told = row_10()
    assert all(name.startswith("10 ") for name in told)
    for fleet in ("own fleets", "demo export"):
        for figure in ("false alarms", "found beyond half", "found beyond twice"):
            row = told[f"10 {fleet}: {figure}"]
            assert row["unit"] == "%"
            assert row["met"] in {True, False}
            assert row["reference"] is not None
            for rule in REFERENCE_RULES:
                quiet = "" if figure == "false alarms" else " made as quiet"
                if quiet or rule.name != "factor 3":
                    assert f"10 {fleet}: {figure} beside {rule.name}{quiet}" in told
        for kind in KINDS:
            assert any(name.startswith(f"10 {fleet}: {kind}, ") for name in told)
    assert told["10 values checked, all true"]["goal"] == "≥ 100,000"
    assert all(isinstance(row["value"], float) for row in told.values())


def test_the_right_number_has_a_goal_where_few_numbers_fit() -> None:
    fleets = {name: row for name, row in row_10().items() if "fleets" in name}
    goals = {name.partition(": ")[2]: row["goal"] for name, row in fleets.items()}
    assert goals["swapped, right number offered"] == "≥ 98"
    assert goals["doubled, right number offered"] == "≥ 95"
    assert goals["transposed, right number offered"] == "≥ 95"
    assert goals["missing, right number offered"] is None


def test_the_report_shows_each_figure_as_a_share_of_its_goal() -> None:
    rows = [
        Row("a", 2.0, "ms", reference=4.0, goal=at_most_times(0.25)),
        Row("b <c>", 6_000.0, "rows", goal=at_least(3_000)),
        Row("told only", 7.0, "MB"),
    ]
    data = as_data(rows)
    page, bars = report.page(data), report.bars(data)
    assert "| a | 2 | ms | 4 | 0.5 | ≤ 0.25 × reference | no |" in page
    assert "| told only | 7 | MB |  |  |  |  |" in page
    assert ">2.00<" in bars
    assert ">0.50<" in bars
    assert "b &lt;c&gt;" in bars
    assert "told only" not in bars


def test_the_report_shows_how_figures_grow() -> None:
    rows = [
        Row("square", 1.0, "1/s", points={10: 1.0, 1_000: 10_000.0}),
        Row("a <row>", 1.0, "1/s", points={10: 2.0, 100: 20.0}),
        Row("one size", 1.0, "1/s", points={10: 2.0}),
        MET,
    ]
    steps = {
        "10": {"steps": {"plan": {"seconds": 1.0}}},
        "100": {"steps": {"plan": {"seconds": 5.0}}},
    }
    written = json.loads(json.dumps(as_data(rows)))
    grown = {**growth.of_rows(written), **growth.of_month(steps)}
    drawn = growth.plot(grown)
    assert [*grown] == ["square", "a <row>", "month: plan"]
    assert "square: 2.00" in drawn
    assert "a &lt;row&gt;: 1.00" in drawn
    assert "month: plan: 0.70" in drawn
    assert growth.of_month({"10": steps["10"]}) == {}
    assert "</svg>" in growth.plot({})


def test_the_report_is_written_without_a_path_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {"MEASURED": "bench.json", "MONTH": "month.json", "WRITTEN": "performance.md"}
    for name, file in {**places, "BARS": "bars.svg", "GROWTH": "growth.svg", "ROOT": ""}.items():
        monkeypatch.setattr(report, name, tmp_path / file)
    (tmp_path / "bench.json").write_text(json.dumps(as_data([MET, MISSED])), encoding="utf-8")
    report.main()
    told = capsys.readouterr().out
    assert told.split() == ["performance.md", "bars.svg", "growth.svg"]
    assert all(str(tmp_path) not in (tmp_path / file).read_text() for file in told.split())


def test_a_peer_without_its_environment_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "PYTHON", Path("nowhere"))
    with pytest.raises(SystemExit, match="make bench"):
        peers.figures("submit", "1")


def test_a_function_weighs_what_it_and_its_layers_unpack(tmp_path: Path) -> None:
    template = Template.read()
    function = next(one for one in template.functions() if one.package == "customer_api")
    for name, size in ((function.name, 1), ("DependenciesLayer", 2), ("SharedLayer", 3)):
        file = tmp_path / name / "python" / "file"
        file.parent.mkdir(parents=True)
        file.write_bytes(bytes(size * 1024 * 1024))
    sizes = unpacked(template, tmp_path)
    assert sizes.pop("customer_api") == 6
    assert {*sizes.values()} == {5}


def test_an_import_is_measured_beside_its_peer_over_the_same_rows() -> None:
    share, memory, exponent = import_rows(contracts=(2, 5), quarters=2)
    assert share.name.startswith("15 import, ")
    assert share.value > 0
    assert share.reference is not None
    assert share.ratio is not None
    assert 0 < share.ratio < 1
    assert memory.value > 10
    assert exponent.goal == at_most(1.1)


def test_mails_go_out_as_fast_as_the_account_allows_and_none_is_lost_or_sent_twice() -> None:
    """More of them than one worker can send, and workers that die."""
    found = pacing_rows(rates=(40,), mails=2_000, quota=200)
    told = {row.name.removeprefix("6 SES"): row for row in found}
    assert {name for name, row in told.items() if row.met is False} == set()
    assert told[" at 40 a second, used"].reference == 40
    assert told[" at 40 a second, deaths"].value > 1
    assert told["'s quota, used"].value == told["'s quota, used"].reference


def _as_measured(**figures: Any) -> Callable[..., Any]:
    """In place of a peer's program, which has an environment of its own."""
    return lambda *asked: figures | {"asked": asked}


def test_portal_ready_is_told_beside_its_peer_and_its_requests_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = _as_measured(given={"ours": 2.0, "peer": 3.0}, again={"ours": 1.0, "peer": 0.5})
    monkeypatch.setattr(row_07_readiness, "figures", told)
    giving, again, requests, requests_again, memory = row_07_readiness.rows(
        contracts=(20, 40), counted=(20, 200), rounds=1
    )
    assert (giving.ratio, giving.met) == (1.5, True)
    assert (again.ratio, again.met) == (0.5, False)
    assert giving.points == {20: 2.0, 40: 2.0}
    assert 1_000 < requests.value < 2_000
    assert 0 < requests_again.value < requests.value
    assert memory.value >= 0


def test_a_release_is_told_beside_its_peer_and_survives_its_workers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(row_08_release, "figures", _as_measured(ours=1.0, peer=2.0, requests=20))
    speed, requests, lost, twice, deaths = row_08_release.rows(contracts=(5, 10), rounds=1)
    assert (speed.ratio, speed.met) == (2.0, True)
    assert speed.points == {5: 1.0, 10: 1.0}
    assert requests.value == 2
    assert (lost.value, twice.value) == (0, 0)
    assert deaths.value >= 3
