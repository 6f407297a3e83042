"""Every flow of the contact's page has a test, and every route and screen is in a flow."""

from __future__ import annotations

import ast
import json
import re
from functools import cache

import pytest

from tests.e2e.flows import FLOWS, Flow, known_routes, route_of
from tests.support.running import ROOT

PORTAL = ROOT / "static_site" / "portal"


@cache
def functions(file: str) -> dict[str, str]:
    """The functions of a browser test's file, each with its text."""
    text = (ROOT / "tests" / "e2e" / f"{file}.py").read_text(encoding="utf-8")
    return {
        node.name: ast.get_source_segment(text, node) or ""
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef)
    }


@pytest.mark.parametrize("flow", FLOWS, ids=[flow.name for flow in FLOWS])
def test_a_flow_has_a_test_that_looks_at_the_other_side(flow: Flow) -> None:
    file, _, function = flow.test.partition("::")
    assert function in functions(file)
    assert flow.looks_at in functions(file)[function]


def test_flows_have_names_of_their_own() -> None:
    assert len({flow.name for flow in FLOWS}) == len(FLOWS)


def test_every_route_of_the_contact_s_api_is_in_a_flow() -> None:
    document = json.loads((ROOT / "static_site" / "api" / "openapi.json").read_text("utf-8"))
    offered = {
        f"{method.upper()} {path}"
        for path, operations in document["paths"].items()
        if not path.startswith("/api/staff")
        for method in operations
    }
    assert known_routes() == offered


def test_every_screen_of_the_page_is_in_a_flow() -> None:
    text = (PORTAL / "portal.js").read_text("utf-8")
    (listed,) = re.findall(r"const SCREENS = \[(.+)\];", text)
    assert {flow.screen for flow in FLOWS} - {""} == set(re.findall(r'"(\w+)"', listed))


def test_everything_that_changes_something_is_looked_at_from_the_other_side() -> None:
    looked_at = {route for flow in FLOWS if flow.looks_at for route in flow.routes}
    changing = {route for route in known_routes() if not route.startswith("GET ")}
    checks = {route for route in changing if route.endswith("/check")}
    assert changing <= checks | looked_at


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("PUT", "/api/machines/1/readings", "PUT /api/machines/{machine_id}/readings"),
        ("GET", "/api/fleet.csv", "GET /api/fleet.csv"),
        ("GET", "/api/none", "GET /api/none"),
    ],
)
def test_a_request_is_named_by_its_route(method: str, path: str, route: str) -> None:
    assert route_of(method, path) == route
