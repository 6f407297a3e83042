"""An installation as samconfig.toml describes it: its stack, its region, its parameters.

Read here and handed to SAM piece by piece, because SAM takes only one section (what a section leaves
out does not come from "default") and cuts a value without quotes at its first space.
"""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local.template import Template

_CLOUDFRONT = ".cloudfront.net"


class BadInstallation(ValueError):
    """What samconfig.toml says cannot be deployed; the text names the section and the reason."""


@dataclass(frozen=True)
class Installation:
    """`name` is the section; `parameters` are those given, by name; `own_s3` says that the section
    names a bucket for what SAM uploads."""

    name: str
    stack: str
    region: str
    parameters: Mapping[str, str]
    own_s3: bool


def read(config: Path, name: str, template: Template) -> Installation:
    """The section `name`, completed by "default"; raises BadInstallation."""
    configuration = tomllib.loads(config.read_text(encoding="utf-8"))
    if name not in configuration:
        raise BadInstallation(f"samconfig.toml has no section [{name}.deploy.parameters]")
    found: dict[str, Any] = {}
    for section in ("default", name):
        for command in ("global", "deploy"):
            found |= configuration[section].get(command, {}).get("parameters", {})
    given = parameters(found.get("parameter_overrides", {}))
    _check(name, given, template)
    return Installation(
        name, found["stack_name"], found["region"], given, own_s3="s3_bucket" in found
    )


def parameters(given: object) -> dict[str, str]:
    """`parameter_overrides` in any of the forms in which SAM takes it: a table, a list of
    "Name=value", or one string of them. In a list the value goes to the end of its entry, with or
    without quotes around it.
    """
    if isinstance(given, Mapping):
        return {str(name): _text(value) for name, value in given.items()}
    if isinstance(given, str):
        pairs = shlex.split(given)
    elif isinstance(given, list):
        pairs = [pair for entry in given for pair in _entry(str(entry))]
    else:
        raise BadInstallation(f"parameter_overrides is neither a table nor a list: {given!r}")
    return dict(_pair(pair) for pair in pairs)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _entry(entry: str) -> list[str]:
    """One entry of a list: quoted values end at their quote, others at the end of the entry."""
    _, _, value = entry.partition("=")
    return shlex.split(entry) if value.startswith(('"', "'")) else [entry.strip()]


def _pair(text: str) -> tuple[str, str]:
    if text.startswith("ParameterKey="):
        text = text.removeprefix("ParameterKey=").replace(",ParameterValue=", "=", 1)
    name, equals, value = text.partition("=")
    if not equals or not name.isalnum():
        raise BadInstallation(f"parameter_overrides: {text!r} is not of the form Name=value")
    return name, value


def _check(section: str, given: Mapping[str, str], template: Template) -> None:
    known = template.document["Parameters"]
    for name, value in given.items():
        if name not in known:
            raise BadInstallation(
                f"[{section}]: there is no parameter {name}; known are {', '.join(sorted(known))}"
            )
        if "\\" in value or not value.isprintable():
            raise BadInstallation(f"[{section}]: {name} holds a sign that SAM does not hand on")
    host = given.get("PublicHost", "")
    if host and not host.endswith(_CLOUDFRONT) and not given.get("CertificateArn"):
        raise BadInstallation(
            f"[{section}]: PublicHost={host} needs CertificateArn, a certificate of the region "
            "us-east-1 for that host; without either CloudFront's own name is used"
        )
