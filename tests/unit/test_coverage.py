"""The table of coverage by room, and what it calls fallen."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from infra.coverage import FLOORS, PACKAGE, Share, by_room, fallen, main, room_of
from infra.local.template import ROOT


@pytest.mark.parametrize(
    ("path", "room"),
    [
        ("layers/shared/meterportal/domain/release/judging.py", "release"),
        ("layers/shared/meterportal/usecases/release/release_readings.py", "release"),
        ("layers/shared/meterportal/domain/exchange/imports/rows.py", "exchange"),
        ("layers/shared/meterportal/store/keys.py", "store"),
        ("layers/shared/meterportal/http/bodies.py", "http"),
        ("layers/shared/meterportal/adapters.py", "package"),
        ("functions/staff_api/app.py", "functions"),
    ],
)
def test_a_file_belongs_to_its_noun_whatever_the_layer(path: str, room: str) -> None:
    assert room_of(path) == room


def file(ran: int, statements: int, ran_branches: int, branches: int) -> dict[str, Any]:
    return {
        "summary": {
            "covered_lines": ran,
            "num_statements": statements,
            "covered_branches": ran_branches,
            "num_branches": branches,
        }
    }


REPORT = {
    "files": {
        "layers/shared/meterportal/domain/release/judging.py": file(8, 10, 3, 6),
        "layers/shared/meterportal/store/release/releases.py": file(4, 4, 0, 0),
        "functions/staff_api/app.py": file(1, 1, 1, 1),
    }
}


def test_statements_and_branches_of_all_layers_count_for_the_room() -> None:
    assert by_room(REPORT) == {"functions": Share(2, 2), "release": Share(15, 20)}
    assert by_room(REPORT)["release"].percent == 75


def test_a_room_at_its_floor_stands_and_one_below_has_fallen() -> None:
    rooms = by_room(REPORT)
    assert fallen(rooms, {"release": 75, "functions": 100}) == []
    assert fallen(rooms, {"release": 76, "functions": 100}) == [
        "release: 75.0 %, the floor is 76 %"
    ]


def test_a_new_room_asks_for_a_floor_and_a_floor_for_its_room() -> None:
    assert fallen(by_room(REPORT), {"release": 1, "mailing": 90}) == [
        "functions: a room without a floor",
        "mailing: a floor without a room",
    ]


def test_every_room_that_there_is_has_a_floor() -> None:
    files = [*(ROOT / PACKAGE).rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    with_code = {
        room_of(file.relative_to(ROOT).as_posix())
        for file in files
        if any(isinstance(node, ast.FunctionDef) for node in ast.walk(ast.parse(file.read_text())))
    }
    assert FLOORS.keys() == with_code


def test_the_command_ends_with_one_where_a_room_has_fallen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "coverage.json"
    report.write_text(json.dumps(REPORT), encoding="utf-8")
    assert main(report, {"release": 70, "functions": 90}) == 0
    assert main(report, {"release": 80, "functions": 90}) == 1
    told = capsys.readouterr()
    assert "release" in told.out
    assert "the floor is 80 %" in told.err
