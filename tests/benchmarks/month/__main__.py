"""`make month CONTRACTS=1000`: a month of a portfolio, its time line, its memory and its bill.

`--quarters 16`: the history that the import brings. Writes build/month.json, by number of contracts; where
fewer stand in it already, of the same history, exponents between the two nearest are told.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import meterportal.adapters
import pytest
from botocore.session import get_session
from meterportal.adapters import Adapters, config_of
from meterportal.clients import lightened
from moto.sqs import models as sqs

from tests.benchmarks.cost import bill
from tests.benchmarks.image.table import Image, answered
from tests.benchmarks.month.walk import Month, Step, walked
from tests.conftest import built
from tests.support import documented
from tests.support.mail_account import ACCOUNT
from tests.support.stage import REGION, Stage
from tests.support.units import Consumed, metered

WRITTEN = Path(__file__).parents[3] / "build" / "month.json"

Figures = dict[str, Any]


def measured(contracts: int, quarters: int, *, on_moto: bool = False) -> Month:
    """`on_moto`: the table is moto's, to check the image by; too slow for more than some contracts."""
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        built(monkeypatch) as stage,
        tempfile.TemporaryDirectory() as place,
    ):
        _without_counting(monkeypatch)
        monkeypatch.setenv("RECEIPTS", "no")
        ACCOUNT.tell({"quota": 10**9})
        adapters = meterportal.adapters.adapters()
        table = _of_moto(adapters) if on_moto else _image(stage, adapters, Path(place), monkeypatch)
        with table as consumed:
            return walked(
                stage,
                adapters,
                consumed,
                Path(place),
                monkeypatch,
                contracts=contracts,
                quarters=quarters,
            )


def _without_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto counts a queue's messages whenever one is sent or taken, and asks a slow clock about each of them:
    of planning 3,000 contracts that was two thirds, of planning 10,000 nearly all. Nobody asks for the counts here.
    """
    for count in ("messages", "messages_delayed", "messages_not_visible"):
        monkeypatch.setattr(sqs.Queue, f"approximate_number_of_{count}", 0)
    monkeypatch.setattr(sqs, "unix_time_millis", lambda: time.time() * 1_000)
    # The tests' own look at each answer takes longer than most answers.
    monkeypatch.setattr(documented, "hold", lambda *_: None)


@contextmanager
def _of_moto(adapters: Adapters) -> Iterator[Consumed]:
    with metered(adapters.table._client) as consumed:
        yield consumed


@contextmanager
def _image(
    stage: Stage, adapters: Adapters, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Consumed]:
    described = stage.client("dynamodb").describe_table(TableName=adapters.settings.table)
    image = Image(folder / "table.sqlite", described)
    # As deployed: moto's client is one that checks what is sent.
    client = lightened(
        get_session().create_client("dynamodb", region_name=REGION, config=config_of("dynamodb")),
    )
    monkeypatch.setattr(adapters.table, "_client", client)
    with answered(client, image):
        yield image.consumed


def as_data(month: Month, prices: bill.Prices) -> Figures:
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows": month.rows,
        "readings": month.readings,
        "steps": {name: _step(step, prices) for name, step in month.steps.items()},
    }


def _step(step: Step, prices: bill.Prices) -> Figures:
    table = step.cost.table
    return {
        "seconds": round(step.seconds, 2),
        "wall_seconds": round(step.wall, 2),
        "invocations": step.cost.invocations,
        "longest_share": round(step.longest, 4),
        "begun_with_mib": round(step.begun_with),
        "peak_mib": round(step.peak),
        "requests": sum(table.requests.values()),
        "read_units": table.read,
        "written_units": table.written,
        "index_units": sum(table.indexes.values()),
        "mails": step.cost.mails,
        "dollars": round(sum(bill.dollars(step.cost, prices).values()), 6),
    }


_SHOWN = {
    "seconds": "seconds",
    "longest_share": "longest, of its time",
    "peak_mib": "peak MiB",
    "requests": "requests",
    "read_units": "read units",
    "written_units": "written",
    "index_units": "indexes",
    "mails": "mails",
    "dollars": "dollars",
}


def told(contracts: int, found: Figures) -> str:
    """The time line as a table, with sums."""
    lines = [
        f"{contracts:,} contracts, {found['rows']:,} rows, {found['readings']:,} readings reported:",
        "",
        f"| step | {' | '.join(_SHOWN.values())} |",
        f"| --- |{' --: |' * len(_SHOWN)}",
    ]
    for name, step in found["steps"].items():
        lines.append(f"| {name} | {' | '.join(_cell(step[key]) for key in _SHOWN)} |")
    steps = found["steps"].values()
    lines += [
        "",
        f"together {sum(step['seconds'] for step in steps):,.0f} seconds of the processor, "
        f"{sum(step['wall_seconds'] for step in steps):,.0f} by the clock, "
        f"${sum(step['dollars'] for step in steps):,.4f}; the most held {max(step['peak_mib'] for step in steps):,} MiB",
    ]
    return "\n".join(lines)


def _cell(value: float) -> str:
    return f"{value:,.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else f"{value:,}"


def exponents(few: int, first: Figures, many: int, last: Figures) -> str:
    """How seconds, units and memory beyond the start grow from one size to the other, by step."""
    grown = math.log(many / few)
    lines = [
        f"Exponents from {few:,} to {many:,} contracts:",
        "",
        "| step | seconds | requests | units | MiB grown, then and now |",
        "| --- | --: | --: | --: | --: |",
    ]
    for name, after in last["steps"].items():
        before = first["steps"][name]
        cells = [_exponent(before[key], after[key], grown) for key in ("seconds", "requests")]
        cells.append(_exponent(_units(before), _units(after), grown))
        memory = (one["peak_mib"] - one["begun_with_mib"] for one in (before, after))
        lines.append(f"| {name} | {' | '.join([*cells, ', '.join(map(str, memory))])} |")
    return "\n".join(lines)


def _units(step: Mapping[str, float]) -> float:
    return step["read_units"] + step["written_units"] + step["index_units"]


def _exponent(before: float, after: float, grown: float) -> str:
    return f"{math.log(after / before) / grown:.2f}" if before and after else "–"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contracts", type=int, default=1_000)
    parser.add_argument("--quarters", type=int, default=16)
    asked = parser.parse_args()
    logging.disable()  # of the functions
    month = measured(asked.contracts, asked.quarters)
    found = as_data(month, bill.Prices.read()) | {"quarters": asked.quarters}
    print(told(asked.contracts, found))
    kept: dict[str, Figures] = json.loads(WRITTEN.read_text()) if WRITTEN.exists() else {}
    fewer = [
        int(number)
        for number, one in kept.items()
        if int(number) < asked.contracts and one["quarters"] == asked.quarters
    ]
    if fewer:
        few = max(fewer)
        print("\n" + exponents(few, kept[str(few)], asked.contracts, found))
    kept[str(asked.contracts)] = found
    WRITTEN.parent.mkdir(exist_ok=True)
    ordered = dict(sorted(kept.items(), key=lambda one: int(one[0])))
    WRITTEN.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
