"""`make run` of today on the data of earlier versions: nothing is lost, what waited arrives."""

from __future__ import annotations

import gzip
import json
import time
import urllib.request
import zipfile
from pathlib import Path
from urllib.error import HTTPError

import pytest
from meterportal.store.table import Table

from tests import upgrades
from tests.support.local_runs import Run, client, get_json, running, until
from tests.support.read_model import Rows, base_rows, rows_of
from tests.support.running import Application

ROWS = ("company", "contact", "contract", "machine")
ARCHIVES = sorted(Path(upgrades.__file__).parent.glob("*.zip"))


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.stem)
def test_the_data_of_an_earlier_version_go_on_living(tmp_path: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path)

    with running(tmp_path) as run:
        run.facts()
        staff = run.application.staff
        # One import was cut off by a kill, under a port of which nobody knows any more.
        until(lambda: _states(run.application) == ["done", "done"])
        contracts = staff("GET", "/api/staff/contracts")["contracts"]
        assert {contract["company"]["name"] for contract in contracts} == {
            "Muster GmbH",
            "Beispiel AG",
        }
        (reported,) = staff("GET", "/api/staff/readings?bucket=reported")["machines"]
        assert [reading["value"] for reading in reported["readings"]] == [400]

        mails = get_json(f"{run.url}/_local/mails")
        link = next(mail["text"] for mail in mails if mail["to"] == ["c.schaefer@muster.example"])
        token = link.partition("#t=")[2].split()[0]
        cookie = run.application.opened(token)
        request = urllib.request.Request(  # noqa: S310 - our own address
            f"{run.url}/api/machines", headers={"Cookie": cookie}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            machines = json.load(answer)["machines"]
        assert [machine["id"] for machine in machines] == ["200001", "200002"]

        # No item of that version stood in the index of changes: all of them do now.
        aws = run.facts()["aws"]
        table = Table(client("dynamodb", aws["endpoint"]), aws["table"])
        until(lambda: _holds(run, table))
        assert {which[0] for which in base_rows(table)} == set(ROWS)

        # The feed begins here: what was reported before is in no event, what comes now is.
        events, place = run.application.feed()
        assert events == []
        corrected = {
            "values": {"1": 420},
            "version": machines[0]["version"],
            "confirm": {"1": "Steht so am Gerät"},
        }
        _put(run, cookie, machines[0]["id"], corrected)
        until(lambda: _values_told(run, place) == [420])
        code, output = run.end()
    assert code == 0, output
    assert "Traceback" not in output


def _put(run: Run, cookie: str, machine_id: str, body: object) -> None:
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{run.url}/api/machines/{machine_id}/readings",
        data=json.dumps(body).encode(),
        headers={"Cookie": cookie, "Content-Type": "application/json"},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        assert answer.status == 200


def _values_told(run: Run, place: str) -> list[int]:
    events, _ = run.application.feed(place)
    return [event["data"]["value"] for event in events]


def _holds(run: Run, table: Table) -> bool:
    """Whether every item has its place in the index, and the snapshot every row. What changed after
    one was built is told as a change; another one, which a console asks for, has it."""
    try:
        if _snapshot_rows(run) == base_rows(table):
            return True
    except KeyError:
        return False  # an item without its place
    run.application.staff("POST", "/api/staff/portfolio")
    time.sleep(3)
    return False


def _snapshot_rows(run: Run) -> Rows | None:
    """The rows of the newest snapshot, fetched as a browser fetches them."""
    try:
        snapshot = run.application.staff("GET", "/api/staff/portfolio")
    except HTTPError:
        return None
    parts = {}
    for part in snapshot["parts"]:
        with urllib.request.urlopen(run.url + part["url"], timeout=60) as answer:  # noqa: S310
            parts[part["name"]] = gzip.decompress(answer.read())
    return rows_of(parts)


def _states(application: Application) -> list[str]:
    imports = application.staff("GET", "/api/staff/imports")["imports"]
    return [found["state"] for found in imports]
