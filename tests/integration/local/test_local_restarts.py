"""Stopped in the middle and started again: what waited arrives, once, under whichever port."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from infra.local.first_start import zipped
from infra.local.run_settings import DEMO
from tests.support.erp_exports import COMPANIES, CONTACTS, CONTRACTS, MACHINES, METERS, as_zip
from tests.support.local_runs import Run, client, get_json, running, until

SMALL = as_zip(
    {
        "firmen.csv": COMPANIES,
        "ansprechpartner.csv": CONTACTS,
        "vertraege.csv": CONTRACTS,
        "maschinen.csv": MACHINES,
        "zaehler.csv": METERS,
    }
)


def upload(run: Run, content: bytes) -> str:
    started = run.application.staff("POST", "/api/staff/imports", content, kind="application/zip")
    return str(started["id"])


def ended(run: Run, import_id: str) -> Any:
    def report() -> Any:
        told = run.application.staff("GET", f"/api/staff/imports/{import_id}")
        return told if told["state"] != "running" else None

    return until(report)


def freeze(run: Run) -> None:
    """Nobody takes anything from a queue any more."""
    run.process.send_signal(signal.SIGSTOP)


def has_saved(state: Path) -> bool:
    """MiniStack holds the lock on its data until it has ended."""
    with (state / "lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def engine_port(run: Run) -> int:
    port = urlsplit(str(run.facts()["aws"]["endpoint"])).port
    assert port is not None
    return port


def fates(run: Run, round_id: str) -> list[str]:
    """What became of each mail of a round."""
    aws = run.facts()["aws"]
    found = client("dynamodb", aws["endpoint"]).query(
        TableName=aws["table"],
        KeyConditionExpression="pk = :round AND begins_with(sk, :mail)",
        ExpressionAttributeValues={":round": {"S": f"ROUND#{round_id}"}, ":mail": {"S": "MAIL#"}},
    )
    return [item.get("fate", {}).get("S", "") for item in found["Items"]]


def put_into_the_drop(run: Run) -> None:
    aws = run.facts()["aws"]
    freeze(run)
    client("s3", aws["endpoint"]).put_object(
        Bucket=aws["import_bucket"], Key="drop/erp.zip", Body=SMALL
    )


def imported_from_the_drop(run: Run) -> Any:
    """The report of the only import, when it has ended."""
    (found,) = until(lambda: run.application.staff("GET", "/api/staff/imports")["imports"])
    return ended(run, found["id"])


def test_a_round_and_an_import_that_are_cut_off_are_finished_by_the_next_start(
    tmp_path: Path,
) -> None:
    everything: dict[str, Any] = {"selection": {"filter": {}}}
    with running(tmp_path) as run:
        port = engine_port(run)
        assert ended(run, upload(run, SMALL))["state"] == "done"
        ready = run.application.staff("POST", "/api/staff/readiness", everything)
        assert len(ready["ready"]) == 2
        round_id = run.application.staff("POST", "/api/staff/rounds", everything)["id"]
        import_id = upload(run, zipped(DEMO))
        run.end(signal.SIGKILL)

    with running(tmp_path) as again:
        assert engine_port(again) == port
        until(lambda: fates(again, round_id) == ["delivered", "delivered"])
        report = ended(again, import_id)
        assert report["state"] == "done", report
        told = again.application.staff("GET", f"/api/staff/rounds/{round_id}")
        assert (told["planned"], told["sent"], told["failed"]) == (2, 2, 0), told
        addressed = [mail["to"] for mail in get_json(f"{again.url}/_local/mails")]
        code, output = again.end()
    assert sorted(addressed) == [["anna@beispiel.example"], ["c.schaefer@muster.example"]]
    assert code == 0, output
    assert "Traceback" not in output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_nobody_had_taken_yet_is_taken_after_any_end(tmp_path: Path, number: int) -> None:
    """Ctrl-C, a shutdown, a terminal that is closed."""
    with running(tmp_path) as run:
        put_into_the_drop(run)
        run.process.send_signal(number)
        run.process.send_signal(signal.SIGCONT)
        code, output = run.end_by_itself()
    assert code == 0, output

    with running(tmp_path) as again:
        again.facts()
        assert imported_from_the_drop(again)["accepted"] > 0


def test_what_waited_for_days_with_its_ports_taken_arrives_under_others(tmp_path: Path) -> None:
    """Nothing could take it meanwhile; a queue forgets what is four days old."""
    with running(tmp_path) as run:
        port = engine_port(run)
        put_into_the_drop(run)
        run.end(signal.SIGKILL)
    until(lambda: has_saved(tmp_path))
    state = tmp_path / "services" / "sqs.json"
    kept = json.loads(state.read_text(encoding="utf-8"))
    for queue in kept["payload"]["queues"]["data"].values():
        for message in queue["messages"]:
            message["sent_at"] -= 10 * 86400
    state.write_text(json.dumps(kept), encoding="utf-8")

    with socket.create_server(("127.0.0.1", port)), socket.create_server(("127.0.0.1", run.port)):
        code, output = Run(tmp_path, port=run.port).end_by_itself()
        assert (code, f"PORT={run.port + 1}" in output) == (1, True), output
        with running(tmp_path) as elsewhere:
            other = engine_port(elsewhere)
            assert imported_from_the_drop(elsewhere)["accepted"] > 0
            code, output = elsewhere.end()
    assert other != port
    assert f"Port {port}" in output
    assert str(other) in output


def test_who_starts_while_the_last_run_still_saves_waits_for_it(tmp_path: Path) -> None:
    with running(tmp_path) as run:
        run.facts()
        assert ended(run, upload(run, SMALL))["state"] == "done"
        engine = int((tmp_path / "lock").read_text(encoding="utf-8").split("MiniStack ")[1])
        os.kill(engine, signal.SIGSTOP)  # as if it took long to save
        run.end(signal.SIGKILL)
        with running(tmp_path) as again:
            assert again.process.stdout is not None
            said = iter(again.process.stdout.readline, "")
            assert any("is still saving" in line for line in said)
            os.kill(engine, signal.SIGCONT)
            again.facts()
            assert len(again.application.staff("GET", "/api/staff/contracts")["contracts"]) == 2
            code, output = again.end()
    assert code == 0, output


def test_events_of_a_mail_that_were_not_told_are_told_after_the_start(tmp_path: Path) -> None:
    selected = {"selection": {"filter": {"company_id": "10007"}}}
    with running(tmp_path) as run:
        aws = run.facts()["aws"]
        ended(run, upload(run, SMALL))
        run.application.staff("POST", "/api/staff/readiness", selected)
        round_id = run.application.staff("POST", "/api/staff/rounds", selected)["id"]
        until(lambda: fates(run, round_id) == ["delivered"])
        assert list((tmp_path / "mails").glob("*.untold")) == []
        # As a kill between taking the mail and queueing its events leaves it.
        client("dynamodb", aws["endpoint"]).update_item(
            TableName=aws["table"],
            Key={"pk": {"S": f"ROUND#{round_id}"}, "sk": {"S": "MAIL#anna@beispiel.example"}},
            UpdateExpression="REMOVE fate, #rank",
            ExpressionAttributeNames={"#rank": "rank"},
        )
        assert fates(run, round_id) == [""]
        run.end()
    (mail,) = (tmp_path / "mails").glob("*.json")
    mail.with_suffix(".untold").touch()
    with running(tmp_path) as again:
        until(lambda: fates(again, round_id) == ["delivered"])
    assert list((tmp_path / "mails").glob("*.untold")) == []
