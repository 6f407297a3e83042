"""`make test-deploy`: the unchanged template into a fresh MiniStack with IAM, then tests/smoke.

The same build, deployment and upload as for AWS; only the routes, which MiniStack leaves out of
SAM's HttpApi, are added afterwards. Everything happens in a temporary directory on the loopback.
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
from infra.local.gateway_routes import create_routes
from infra.local.ministack import MiniStack
from infra.local.template import REGION, ROOT

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
        ministack = MiniStack(home / "ministack", iam=True)
        ministack.start()
        try:
            _enter(ministack.endpoint)
            _deploy(home)
            return _smoke(arguments.pytest)
        finally:
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
    keys = site.publish(outputs, _client, REGION)
    timed(f"{len(routes)} routes and {len(keys)} pages added")


def _timed(start: float, what: str) -> None:
    print(f"[{time.monotonic() - start:5.1f} s] {what}", flush=True)


def _smoke(arguments: list[str]) -> int:
    command = [sys.executable, "-m", "pytest", "tests/smoke", "--stack", STACK, *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _tell_log(log: Path) -> None:
    """What MiniStack complained about, most of all errors of deployed functions."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    told = [line for line in lines if " ERROR " in line or " WARNING " in line]
    if told:
        print("MiniStack said:", *told[-30:], sep="\n  ", flush=True)


if __name__ == "__main__":
    sys.exit(main())
