"""Makes the data that a version leaves behind.

    git archive d9ec873 | tar -x -C /somewhere
    python -m tests.upgrades /somewhere tests/upgrades/d9ec873.zip

The version is started three times. In its first life it takes in a small export, asks for readings,
and a contact reports one; in its second it is killed while it imports; its third leaves whatever it
makes of that.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import tempfile
import time
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

from tests.support.erp_exports import COMPANIES, FILES, as_zip
from tests.support.local_runs import Run, get_json, running

LATER = as_zip({"firmen.csv": [*COMPANIES, ["10009", "Neu AG", "Weg 3", "50667", "Köln", "DE"]]})


def _is_left_out(inside: Path) -> bool:
    """What says nothing of the version: logs, locks, keys that MiniStack makes anew."""
    return inside.parts[0] == "tmp" or inside.suffix in {".log", ".pem"} or "lock" in inside.name


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.upgrades", description=__doc__)
    parser.add_argument("tree", type=Path, help="the files of the version")
    parser.add_argument("archive", type=Path, help="where its data go")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        state = Path(directory)
        for life in (_report, _be_killed, _come_back):
            with running(state, tree=arguments.tree) as run:
                run.facts()
                life(run)
            time.sleep(5)  # MiniStack saves after a kill
        with zipfile.ZipFile(arguments.archive, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(state.rglob("*")):
                inside = file.relative_to(state)
                if file.is_file() and not _is_left_out(inside):
                    archive.write(file, inside)


def _report(run: Run) -> None:
    everything: dict[str, Any] = {"selection": {"filter": {}}}
    staff = run.application.staff
    started = staff("POST", "/api/staff/imports", as_zip(FILES), kind="application/zip")
    while staff("GET", f"/api/staff/imports/{started['id']}")["state"] == "running":
        time.sleep(0.2)
    staff("POST", "/api/staff/readiness", everything)
    staff("POST", "/api/staff/rounds", everything)
    while len(get_json(f"{run.url}/_local/mails")) < 2:
        time.sleep(0.2)
    mails = get_json(f"{run.url}/_local/mails")
    (mail,) = [mail for mail in mails if mail["to"] == ["c.schaefer@muster.example"]]
    token = re.search(r"#t=([\w.-]+)", mail["text"])
    assert token is not None
    cookie = run.application.opened(token[1])
    body = json.dumps({"version": 1, "values": {"1": 400}}).encode()
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{run.url}/api/machines/200002/readings",
        data=body,
        method="PUT",
        headers={"Cookie": cookie, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60):  # noqa: S310
        pass


def _be_killed(run: Run) -> None:
    run.application.staff("POST", "/api/staff/imports", LATER, kind="application/zip")
    run.end(signal.SIGKILL)


def _come_back(run: Run) -> None:
    time.sleep(2)


if __name__ == "__main__":
    main()
