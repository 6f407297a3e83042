"""A fresh process of the contact's function: what its start imports, and that its first request finds its
route whichever it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from customer_api.app import AT_ONCE

from infra.local.template import ROOT
from tests.support.stage import Stage

_STARTED = """
import sys, customer_api.app
print(*sys.modules)
"""

_KEPT = """
import gc
def looked():
    return sum(one["collections"] for one in gc.get_stats())
before = looked()
import customer_api.app
after = looked()
from meterportal.http import Body
def heirs(kind):
    return [kind, *(heir for own in kind.__subclasses__() for heir in heirs(own))]
built = [body.__name__ for body in heirs(Body) if body.__pydantic_complete__]
print(after - before <= 1, gc.get_freeze_count() > 50_000, gc.isenabled(), *built)
"""

_DESCRIBED = """
import importlib.metadata
found = importlib.metadata.distributions
importlib.metadata.distributions = lambda: print("read") or found()
from customer_api.fleet import FleetBody
FleetBody.model_validate({"machines": [{"machine_id": "1", "values": {}, "version": 1}]})
"""

_KNOWN = """
import sys
from customer_api.app import app
# Powertools has no public list of its routes.
print(*{route.openapi_path for route in (*app._static_routes, *app._dynamic_routes)})
"""

_FIRST = """
import json, os, sys
from customer_api.app import lambda_handler
for key in sys.argv[1:]:
    if os.fork():  # as many processes that have started and been asked nothing yet
        os.wait()
        continue
    method, path = key.replace("{", "").replace("}", "").split()
    answer = lambda_handler({
        "version": "2.0", "routeKey": key, "rawPath": path, "rawQueryString": "",
        "headers": {"content-type": "application/json"}, "body": "{}", "isBase64Encoded": False,
        "requestContext": {"stage": "$default", "http": {"method": method, "path": path}},
    }, None)
    print(json.dumps([key, answer["statusCode"]]), flush=True)
    os._exit(0)
"""


def told(program: str, *arguments: str, **more: str) -> str:
    command = [sys.executable, "-c", program, *arguments]
    # Nothing of a deployment: no secret is read, no table asked.
    bare = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    bare["AWS_DEFAULT_REGION"] = "eu-central-1"
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, env=bare | more
    )
    return done.stdout


def test_the_contacts_function_starts_without_what_few_visits_need() -> None:
    """Most contacts open a link and report a machine or two: their cold start pays for neither codes nor
    workbooks, nor for the import of an export, nor for what mails, rounds and the journal need."""
    loaded = told(_STARTED).split()
    assert "customer_api.fleet" in loaded
    assert {"segno", "openpyxl", "boto3", "jinja2", "email_validator"}.isdisjoint(loaded)
    portfolio = "meterportal.domain.portfolio"
    others = {"meterportal.domain.exchange.feed", f"{portfolio}.rows", f"{portfolio}.mending"}
    assert others.isdisjoint(loaded)
    later = (
        "customer_api.stickers",
        "meterportal.domain.access.journal",
        "meterportal.domain.exchange.imports",
        "meterportal.domain.mailing.requests",
        "meterportal.mail",
    )
    assert [name for name in loaded if name.startswith(later)] == []
    assert len(loaded) <= 721


def test_a_start_looks_for_no_garbage_and_builds_no_check_of_a_body() -> None:
    """What is imported stays; each visitor sends a body or two of the seven."""
    assert told(_KEPT).split() == ["True", "True", "True"]


@pytest.mark.usefixtures("stage")
def test_no_package_is_asked_for_plugins() -> None:
    """By the environment of the template."""
    name = "PYDANTIC_DISABLE_PLUGINS"
    assert "read" in told(_DESCRIBED)
    assert "read" not in told(_DESCRIBED, **{name: os.environ[name]})


def test_the_first_request_of_a_process_finds_a_route_that_is_imported_later(
    stage: Stage,
) -> None:
    """Without a session each is refused in words, but never as unknown."""
    at_once = set(told(_KNOWN).split())
    asked = [route for route in stage.routes if route.package == "customer_api"]
    later = {route.key for route in asked if route.path not in at_once}
    lines = told(_FIRST, *sorted(later)).splitlines()
    answers = dict(
        json.loads(line) for line in lines if line.startswith("[")
    )  # the others are logs
    assert answers.keys() == later
    assert len(later) > 10
    assert set(answers.values()) <= {401, 415, 422}, answers


def test_routes_that_need_no_further_import_are_those_that_the_start_knows() -> None:
    assert set(told(_KNOWN).split()) == AT_ONCE
