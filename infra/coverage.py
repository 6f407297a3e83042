"""How much of each room the tests run, branches included, and the floor that none may fall below.

    python -m infra.coverage build/coverage.json

The report is coverage.py's JSON. Ends with 1 where a room has fallen below its floor, and names it.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

PACKAGE = PurePosixPath("layers/shared/meterportal")
LAYERS = ("domain", "usecases", "store")
FLOORS: Mapping[str, int] = {
    "access": 97,
    "domain": 98,
    "exchange": 97,
    "functions": 98,
    "http": 98,
    "mail": 98,
    "mailing": 96,
    "package": 98,
    "plausibility": 98,
    "portfolio": 97,
    "release": 97,
    "reporting": 97,
    "runs": 96,
    "store": 96,
    "tables": 98,
    "workbooks": 97,
}
"""Percent by room: one below what was measured, since examples differ from run to run. Only ever raised."""


class Share(NamedTuple):
    """Branches and statements of a room: those that ran, and all."""

    ran: int
    all: int

    @property
    def percent(self) -> float:
        return 100 * self.ran / self.all if self.all else 100.0


def room_of(path: str) -> str:
    """The room of a source file: the folder within its layer, else the folder within the package."""
    file = PurePosixPath(path)
    if not file.is_relative_to(PACKAGE):
        return file.parts[0]
    folders = file.relative_to(PACKAGE).parts[:-1]
    if not folders:
        return "package"
    if folders[0] in LAYERS:
        return folders[1] if len(folders) > 1 else folders[0]
    return folders[0]


def by_room(report: Mapping[str, Any]) -> dict[str, Share]:
    """Each room with its share, in the order of their names."""
    rooms: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for path, file in report["files"].items():
        summary = file["summary"]
        room = rooms[room_of(path)]
        room[0] += summary["covered_lines"] + summary["covered_branches"]
        room[1] += summary["num_statements"] + summary["num_branches"]
    return {name: Share(*rooms[name]) for name in sorted(rooms) if rooms[name][1]}


def fallen(rooms: Mapping[str, Share], floors: Mapping[str, int]) -> list[str]:
    """What is wrong, in words: rooms below their floor, and rooms and floors without each other."""
    wrong = [
        f"{name}: {share.percent:.1f} %, the floor is {floors[name]} %"
        for name, share in rooms.items()
        if name in floors and share.percent < floors[name]
    ]
    wrong += [f"{name}: a room without a floor" for name in rooms if name not in floors]
    wrong += [f"{name}: a floor without a room" for name in floors if name not in rooms]
    return wrong


def main(report: Path, floors: Mapping[str, int] = FLOORS) -> int:
    rooms = by_room(json.loads(report.read_text(encoding="utf-8")))
    print("Statements and branches that the tests run, by room:")
    for name, share in rooms.items():
        print(f"  {name:14} {share.percent:5.1f} %  (floor {floors.get(name, '-')}; {share.all})")
    wrong = fallen(rooms, floors)
    for line in wrong:
        print(f"Fallen: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
