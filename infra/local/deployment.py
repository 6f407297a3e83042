"""`make test-deploy`: the unchanged template into a fresh MiniStack with IAM, then tests/smoke.

The same build, deployment and upload as for AWS; what MiniStack leaves out is added afterwards from
what was deployed. Everything happens in a temporary directory and on the loopback.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.aws import site, stack
from infra.local.deployment_gaps import create_routes, widen_rights
from infra.local.ministack import MiniStack
from infra.local.template import REGION, ROOT
from infra.local.tls_front import TlsFront

STACK = "meterportal-test"
_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_PARAMETERS = {
    "Stage": "test",
    "PublicHost": "meterportal.example",
    "DealerName": "Probe",
    "SenderAddress": "zaehlerstand@meterportal.example",
    "ReplyTo": "service@meterportal.example",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make test-deploy", description=__doc__)
    parser.add_argument("pytest", nargs="*", help="arguments for pytest (after --)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="meterportal-deploy-") as directory:
        home = Path(directory)
        front = TlsFront()
        ministack = MiniStack(home / "ministack", iam=True, functions_endpoint=front.endpoint)
        ministack.start()
        front.start(ministack.endpoint)
        try:
            _enter(front.endpoint)
            _deploy(home)
            result = _smoke(arguments.pytest)
            if result:
                _tell_functions()
            return result
        finally:
            front.stop()
            ministack.stop()
            _tell_log(home / "ministack" / "ministack.log")


def _enter(endpoint: str) -> None:
    """From here on, AWS is MiniStack: for SAM, for boto3 and for the tests."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _client(service: str) -> Any:
    # Every account's streams under one endpoint: MiniStack knows no account-id hosts.
    return boto3.client(service, config=Config(account_id_endpoint_mode="disabled"))


def _deploy(home: Path) -> None:
    architecture = _ARCHITECTURES[platform.machine().lower()]
    parameters = {**_PARAMETERS, "Architecture": architecture}
    overrides = [f"{name}={value}" for name, value in parameters.items()]
    timed = partial(_timed, time.monotonic())
    template = stack.build(home / "build", "--parameter-overrides", *overrides)
    timed("built")
    stack.deploy(template, "--stack-name", STACK, parameters=parameters)
    timed("deployed")
    outputs = stack.outputs(_client("cloudformation"), STACK)
    routes = create_routes(_client, STACK)
    widen_rights(_client, STACK)
    keys = site.publish(outputs, _client, REGION)
    timed(f"{len(routes)} routes and {len(keys)} pages added")


def _timed(start: float, what: str) -> None:
    print(f"[{time.monotonic() - start:5.1f} s] {what}", flush=True)


def _smoke(arguments: list[str]) -> int:
    command = [sys.executable, "-m", "pytest", "tests/smoke", "--stack", STACK, *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _tell_functions() -> None:
    """What the deployed functions warned of."""
    logs = _client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        name = group["logGroupName"]
        for event in logs.filter_log_events(logGroupName=name)["events"]:
            if any(word in event["message"] for word in ("WARNING", "ERROR", "Traceback")):
                print(name, event["message"].strip(), flush=True)


def _tell_log(log: Path) -> None:
    """What MiniStack complained about."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    told = [line for line in lines if " ERROR " in line or " WARNING " in line]
    if told:
        print("MiniStack said:", *told[-30:], sep="\n  ", flush=True)


if __name__ == "__main__":
    sys.exit(main())
