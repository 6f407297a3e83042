"""`make deploy`: builds, deploys and publishes one installation.

    python -m infra.aws.deploy [NAME]

NAME is a section of samconfig.toml ("default" without one), which holds the installation's stack
name, region and parameters. Without a host name of its own, an installation is reached under
CloudFront's: known after the first deployment only, so that one is followed by a second.
"""

from __future__ import annotations

import argparse
import tomllib
from functools import partial
from typing import Any

import boto3

from infra.aws import site, stack

UNKNOWN_HOST = "not-known-yet.invalid"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make deploy", description=__doc__)
    parser.add_argument("name", nargs="?", default="default", help="section of samconfig.toml")
    name = parser.parse_args().name
    settings = installation(name)
    template = stack.build(stack.ROOT / ".aws-sam" / "build", "--config-env", name)
    stack.deploy(template, "--config-env", name)

    client = partial(boto3.client, region_name=settings["region"])
    found = stack.outputs(client("cloudformation"), settings["stack_name"])
    if UNKNOWN_HOST in found["PublicUrl"]:
        host = found["DistributionHost"]
        print(f"No PublicHost given: using {host}")  # noqa: T201 - speaks to a terminal
        stack.deploy(template, "--config-env", name, parameters={"PublicHost": host})
        found = stack.outputs(client("cloudformation"), settings["stack_name"])
    keys = site.publish(found, client, settings["region"])
    print(f"{len(keys)} pages published: {found['PublicUrl']}")  # noqa: T201 - speaks to a terminal


def installation(name: str) -> dict[str, Any]:
    """Stack name and region of a section of samconfig.toml, over those of the default section."""
    configuration = tomllib.loads((stack.ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    if name not in configuration:
        raise SystemExit(f"samconfig.toml has no section [{name}.deploy.parameters]")
    found: dict[str, Any] = {}
    for section in ("default", name):
        for command in ("global", "deploy"):
            found |= configuration[section].get(command, {}).get("parameters", {})
    return found


if __name__ == "__main__":
    main()
