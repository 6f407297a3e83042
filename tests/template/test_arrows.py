"""Imports run one way: functions -> use cases -> domain and doors -> domain."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.template import ROOT

PACKAGE = ROOT / "layers" / "shared" / "meterportal"
FUNCTIONS = ROOT / "functions"
_STDLIB = sys.stdlib_module_names

# Room -> what of ours, and what of others, it may import beside the standard library and itself.
_ROOMS = {
    "domain": (set[str](), set[str]()),
    "batches": (set[str](), set[str]()),
    "store": ({"domain", "batches"}, {"boto3", "botocore"}),
    "mail": ({"domain"}, {"botocore", "jinja2", "markupsafe", "email_validator"}),
    "crypto": (set[str](), {"cryptography"}),
    "queues": ({"domain"}, {"botocore"}),
    "files": ({"domain"}, {"botocore"}),
    "qr": (set[str](), {"segno"}),
    "workbooks": ({"domain"}, {"openpyxl"}),
    "settings": (set[str](), set[str]()),
    "doors": (
        {"crypto", "files", "queues", "settings", "store", "mail"},
        {"boto3", "botocore"},
    ),
    "usecases": (
        {"domain", "batches", "store", "mail", "crypto", "queues", "files", "doors", "settings"}
        | {"qr", "workbooks"},
        set[str](),
    ),
    "deliveries": ({"queues"}, {"aws_lambda_powertools"}),
    "finding_json": ({"domain"}, set[str]()),
    "http": (
        {"domain", "crypto", "doors", "settings", "finding_json"},
        {"aws_lambda_powertools", "pydantic", "pydantic_core"},
    ),
}
_FUNCTIONS_MAY = (
    {"domain", "usecases", "http", "finding_json", "deliveries", "doors", "settings", "queues"},
    {"aws_lambda_powertools", "pydantic", "pydantic_core"},
)
# Routers name the values that use cases hand them and hash what a caller sent; they open no door.
_FUNCTIONS_MAY_NAME = re.compile(
    r"meterportal\.(store\.\w+\.[A-Z]\w+|crypto\.(InvalidToken|digest))"
)
MODULES = sorted(PACKAGE.rglob("*.py")) + sorted(FUNCTIONS.rglob("*.py"))


def room(path: Path) -> str:
    if path.is_relative_to(FUNCTIONS):
        return path.relative_to(FUNCTIONS).parts[0]
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """Dotted names of everything that a module imports, relative ones made absolute."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            assert node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_its_room_may(path: Path) -> None:
    here = room(path)
    if here == "__init__":
        return
    in_functions = path.is_relative_to(FUNCTIONS)
    ours, others = _FUNCTIONS_MAY if in_functions else _ROOMS[here]
    for name in imported(path):
        first, *rest = name.split(".")
        if in_functions and _FUNCTIONS_MAY_NAME.fullmatch(name):
            continue
        if first == "meterportal":
            assert rest[0] in ours | (set() if in_functions else {here}), name
        elif in_functions and (FUNCTIONS / first).is_dir():
            assert first == here, f"{name}: functions do not know each other"
        else:
            assert first in _STDLIB | others, name


@pytest.mark.parametrize(
    ("module", "keeper"),
    [
        ("cryptography", "crypto"),
        ("hmac", "crypto"),
        ("secrets", "crypto"),
        ("random", "crypto"),
        ("os", "settings"),
        ("jinja2", "mail"),
        ("boto3", "doors"),
        ("boto3.dynamodb", "store"),
        ("segno", "qr"),
        ("openpyxl", "workbooks"),
    ],
)
def test_one_room_keeps_it(module: str, keeper: str) -> None:
    users = {
        room(path)
        for path in MODULES
        for name in imported(path)
        if name == module or name.startswith(f"{module}.")
    }
    if module == "boto3":
        users.discard("store")  # its own line says for what
    assert users <= {keeper}


def test_nothing_changes_the_import_path_or_swallows_errors() -> None:
    for path in [*MODULES, *sorted((ROOT / "infra").rglob("*.py"))]:
        source = path.read_text(encoding="utf-8")
        assert "sys.path" not in source, path
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ExceptHandler):
                caught = node.type
                assert caught is not None, path
                assert not (
                    isinstance(caught, ast.Name) and caught.id in {"Exception", "BaseException"}
                ), f"{path}:{node.lineno}"


def test_the_table_is_never_read_as_a_whole() -> None:
    for path in MODULES:
        source = path.read_text(encoding="utf-8")
        assert ".scan(" not in source, path
        assert '"scan"' not in source, path


def test_modules_stay_readable() -> None:
    for path in [*MODULES, *sorted((ROOT / "infra").rglob("*.py"))]:
        assert len(path.read_text(encoding="utf-8").splitlines()) < 400, path
