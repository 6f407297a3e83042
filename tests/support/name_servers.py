"""The DNS of a test: the name server of `make run`, one for the process, empty at each test's beginning."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.exceptions import ClientError

from infra.local.identities import identity_of
from infra.local.name_server import NameServer
from infra.local.template import Template

OPERATION = "GetEmailIdentity"
SERVER = NameServer()


@cache
def place() -> str:
    """Address and port; it answers from the first question for its place on."""
    return f"127.0.0.1:{SERVER.start()}"


def answered(template: Template, given: dict[str, Any]) -> dict[str, Any]:
    """What SES, which in moto knows no tokens, says of a domain."""
    found = identity_of(template, given["EmailIdentity"])
    if found is None:
        raise ClientError({"Error": {"Code": "NotFoundException", "Message": "unknown"}}, OPERATION)
    return found
