"""`make deploy`: builds, deploys and publishes one installation.

    python -m infra.aws.deploy [NAME]

NAME is a section of samconfig.toml ("default" without one), which holds the installation's stack
name, region and parameters. Without a host name of its own, an installation is reached under
CloudFront's: known after the first deployment only, so that one is followed by a second.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from functools import partial

import boto3

from infra.aws import existing, installation, receiving, site, stack
from infra.local.template import Template

UNKNOWN_HOST = "not-known-yet.invalid"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make deploy", description=__doc__)
    parser.add_argument("name", nargs="?", default="default", help="section of samconfig.toml")
    name = parser.parse_args(arguments).name
    try:
        deploy(installation.read(stack.CONFIG, name, Template.read()))
    except (
        installation.BadInstallation,
        existing.TooManyIndexChanges,
        receiving.WrongDomain,
    ) as reason:
        _say(str(reason))
        return 1
    except subprocess.CalledProcessError as failed:
        _say(f"sam {failed.cmd[1]} failed; nothing was published")
        return failed.returncode
    return 0


def deploy(chosen: installation.Installation) -> None:
    """Raises WrongDomain, TooManyIndexChanges, CalledProcessError."""
    receiving.check_domain(chosen.parameters)
    client = partial(boto3.client, region_name=chosen.region)
    cloudformation = client("cloudformation")
    if existing.remove_failed_creation(cloudformation, chosen.stack):
        _say(f"The first deployment of {chosen.stack} had failed; its empty rest was removed")
    existing.check_indexes(cloudformation, client("dynamodb"), chosen.stack, Template.read())
    kept = existing.kept_names(cloudformation, chosen.stack)
    if kept:
        _say(f"Names that stay: {', '.join(kept.values())}")
    options = ["--config-env", chosen.name, *([] if chosen.own_s3 else ["--resolve-s3"])]
    usual = Template.read().resolve({"Ref": "Architecture"})
    architecture = chosen.parameters.get("Architecture", usual)
    template = stack.build(
        stack.ROOT / ".aws-sam" / "build", "--config-env", chosen.name, architecture=architecture
    )
    send = partial(stack.deploy, template, *options, name=chosen.stack, region=chosen.region)
    send(parameters={**kept, **chosen.parameters})

    found = stack.outputs(cloudformation, chosen.stack)
    if UNKNOWN_HOST in found["PublicUrl"]:
        host = found["DistributionHost"]
        _say(f"No PublicHost given: using {host}")
        send(parameters={**kept, **chosen.parameters, "PublicHost": host})
        found = stack.outputs(cloudformation, chosen.stack)
    if told := receiving.activate(client("ses"), found):
        _say(told)
    keys = site.publish(found, client, chosen.region)
    _say(f"{len(keys)} pages published: {found['PublicUrl']}")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - speaks to a terminal


if __name__ == "__main__":
    sys.exit(main())
