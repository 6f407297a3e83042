"""The application started by a test itself: without demo data, ended as the test likes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.local.ministack import PROGRAM, program
from infra.local.template import REGION, ROOT
from tests.support.running import Application, free_port

PATIENCE = 180  # seconds: only a failure takes as long, or a machine that does much else


class Run:
    """One start of the application without demo data, on a free port. `tree` holds its files, those
    of another version perhaps.
    """

    def __init__(
        self, state: Path, *, fresh: bool = False, port: int | None = None, tree: Path = ROOT
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.state = state
        self.process = subprocess.Popen(
            [sys.executable, "-m", "infra.local"],
            cwd=tree,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(
                    str(tree / part) for part in ("", "layers/shared", "functions")
                ),
                PROGRAM: str(program()),
                "PORT": str(self.port),
                "FRESH": "1" if fresh else "",
                "DEMO": "0",
                "METERPORTAL_STATE": str(state),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def facts(self) -> dict[str, Any]:
        """What /_local/ tells, once the application is ready."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                pytest.fail(self.process.communicate()[0])
            try:
                told: dict[str, Any] = get_json(f"{self.url}/_local/")
            except OSError:
                told = {}
            if told.get("ready"):
                return told
            time.sleep(0.1)
        pytest.fail(f"not ready after {PATIENCE} s")

    @property
    def application(self) -> Application:
        return Application(self.url, self.state, self.process)

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Exit code and everything it printed."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        output = self.process.communicate(timeout=PATIENCE)[0]
        return self.process.returncode, output

    def end_by_itself(self) -> tuple[int, str]:
        output = self.process.communicate(timeout=PATIENCE)[0]
        return self.process.returncode, output


def until(found: Callable[[], Any]) -> Any:
    """What `found` finds, as soon as it finds anything."""
    end = time.monotonic() + PATIENCE
    while not (answer := found()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.2)
    return answer


def get_json(url: str) -> Any:
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own address
        return json.load(answer)


def answers(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(url.rsplit(":", 1)[1]))) == 0


@contextmanager
def running(state: Path, **options: Any) -> Iterator[Run]:
    run = Run(state, **options)
    try:
        yield run
    finally:
        if run.process.poll() is None:
            run.end()


def client(service: str, endpoint: str, key: str = "local") -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key=key,
    )
