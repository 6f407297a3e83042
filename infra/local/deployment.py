"""`make test-deploy`: the unchanged template into a fresh MiniStack with IAM, then tests/smoke.

The same build, deployment and upload as for AWS; what MiniStack leaves out is added afterwards from
what was deployed. Everything happens in a temporary directory and on the loopback. The smoke test
runs in a stack that holds a dealer's customers (tests/deployed), and has to leave it as it was.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.aws import site, stack
from infra.local.deployed_api import deployed_api
from infra.local.deployment_gaps import know_sender, widen_rights
from infra.local.edge import Edge
from infra.local.ministack import MiniStack
from infra.local.template import REGION, ROOT
from infra.local.tls_front import TlsFront

STACK = "meterportal-test"
DEALER = 'Büro "Probe" & Söhne\'s GmbH & Co. KG'  # every sign that may get lost on the way
_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
_PARAMETERS = {
    "Stage": "test",
    "PublicHost": "meterportal.example",
    "DealerName": DEALER,
    "SenderAddress": "zaehlerstand@meterportal.example",
    "CreateSenderIdentity": "no",
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
            outputs = _deploy(home)
            host, api = deployed_api(_client, STACK, front.endpoint)
            front.apis[host] = api
            front.edge = Edge.read(_client, outputs["DistributionId"], front.endpoint)
            result = _pytest("tests/deployed") or _smoke(arguments.pytest, outputs)
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


def _deploy(home: Path) -> dict[str, str]:
    architecture = _ARCHITECTURES[platform.machine().lower()]
    parameters = {**_PARAMETERS, "Architecture": architecture}
    overrides = [f"{name}={stack.quoted(value)}" for name, value in parameters.items()]
    timed = partial(_timed, time.monotonic())
    template = stack.build(
        home / "build", "--parameter-overrides", *overrides, architecture=architecture
    )
    timed("built")
    stack.deploy(template, "--resolve-s3", name=STACK, region=REGION, parameters=parameters)
    timed("deployed")
    outputs = stack.outputs(_client("cloudformation"), STACK)
    if outputs["DealerName"] != DEALER:
        raise ValueError(f"SAM made {outputs['DealerName']!r} of {DEALER!r}")
    widen_rights(_client, STACK)
    know_sender(_client, outputs["SenderDomain"])
    keys = site.publish(outputs, _client, REGION)
    timed(f"{len(keys)} pages added")
    return outputs


def _timed(start: float, what: str) -> None:
    print(f"[{time.monotonic() - start:5.1f} s] {what}", flush=True)


def _smoke(arguments: list[str], outputs: Mapping[str, str]) -> int:
    before = everything(_client, outputs)
    result = _pytest("tests/smoke", *arguments)
    after = everything(_client, outputs)
    for kind, found in after.items():
        other = dict(before[kind].items() ^ found.items())
        if other:
            print(f"The smoke test changed {kind}:", *sorted(other), sep="\n  ", flush=True)
            result = result or 1
    return result


def _pytest(tests: str, *arguments: str) -> int:
    command = [sys.executable, "-m", "pytest", tests, "--stack", STACK, *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def everything(client: Callable[[str], Any], outputs: Mapping[str, str]) -> dict[str, Any]:
    """What a stack holds: rows of the table, files with all their versions, staff, waiting messages.

    Snapshots, and the statistics counted with them, are made anew by every import; what they hold
    stands in the rows. The turns of sending go on with each mail, whoever sends it.
    """
    scanned = client("dynamodb").get_paginator("scan").paginate(TableName=outputs["TableName"])
    buckets = [outputs[f"{kind}BucketName"] for kind in ("Import", "Export", "Photo")]
    listed = client("s3").get_paginator("list_object_versions")
    versions = [page for bucket in buckets for page in listed.paginate(Bucket=bucket)]
    users = client("cognito-idp").get_paginator("list_users")
    sqs = client("sqs")
    return {
        "rows": {
            (row["pk"]["S"], row["sk"]["S"]): json.dumps(row, sort_keys=True, default=bytes.hex)
            for page in scanned
            for row in page["Items"]
            if row["pk"]["S"] not in {"SNAPSHOT", "STATISTICS", "PACE#mail"}
        },
        "files": {
            f"{page['Name']}/{found['Key']}": found["VersionId"]
            for page in versions
            for kind in ("Versions", "DeleteMarkers")
            for found in page.get(kind, [])
        },
        "staff": {
            user["Username"]: "there"
            for page in users.paginate(UserPoolId=outputs["UserPoolId"])
            for user in page["Users"]
        },
        "messages": {
            url: sqs.get_queue_attributes(
                QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
            )["Attributes"]["ApproximateNumberOfMessages"]
            for url in sqs.list_queues().get("QueueUrls", [])
        },
    }


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
