"""Imports run one way: functions -> use cases -> domain and adapters -> domain."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

from infra.local.template import ROOT
from tests.template.modules import FUNCTIONS, MODULES, PACKAGE, imported

_STDLIB = sys.stdlib_module_names

# Room -> what of ours, and what of others, it may import beside the standard library and itself.
_ROOMS = {
    "domain": (set[str](), set[str]()),
    "batches": (set[str](), set[str]()),
    "aws": ({"domain"}, {"botocore"}),
    "store": ({"domain", "batches", "aws"}, {"boto3", "botocore"}),
    "mail": (
        {"domain", "aws"},
        {"botocore", "jinja2", "email_validator", "nh3", "dns"},
    ),
    "crypto": (set[str](), {"cryptography"}),
    "clients": ({"crypto"}, {"botocore"}),
    "queues": ({"domain", "aws"}, set[str]()),
    "files": ({"domain", "aws"}, {"botocore"}),
    "staff_pool": ({"domain"}, {"urllib3"}),
    "staff_directory": ({"domain", "aws"}, {"botocore"}),
    "qr": (set[str](), {"segno"}),
    "archives": ({"domain"}, set[str]()),
    "workbooks": ({"domain", "archives"}, {"openpyxl"}),  # a workbook is an archive
    "settings": (set[str](), set[str]()),
    "starting": (set[str](), set[str]()),  # comes before everything else
    "adapters": (
        {
            "aws",
            "clients",
            "crypto",
            "files",
            "queues",
            "settings",
            "staff_directory",
            "staff_pool",
            "store",
            "mail",
        },
        {"boto3", "botocore"},
    ),
    "usecases": (
        {"domain", "batches", "store", "mail", "crypto", "queues", "files", "adapters", "settings"}
        | {"qr", "archives", "staff_pool", "workbooks"},
        set[str](),
    ),
    "deliveries": ({"aws", "domain", "queues"}, {"aws_lambda_powertools"}),
    "http": (
        {"domain", "aws", "crypto", "adapters", "settings"},
        {"aws_lambda_powertools", "pydantic", "pydantic_core", "typing_extensions"},
    ),
}
_FUNCTIONS_MAY = (
    {"domain", "usecases", "http", "deliveries", "adapters", "settings", "starting", "queues"},
    {"aws_lambda_powertools", "pydantic", "pydantic_core", "typing_extensions"},
)
# Routers name the values that use cases hand them and hash what a caller sent; they open no door.
_FUNCTIONS_MAY_NAME = re.compile(r"meterportal\.crypto\.(InvalidToken|digest)")


def room(path: Path) -> str:
    if path.is_relative_to(FUNCTIONS):
        return path.relative_to(FUNCTIONS).parts[0]
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


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
        ("nh3", "mail"),
        ("boto3", "adapters"),
        ("boto3.dynamodb", "store"),
        ("segno", "qr"),
        ("openpyxl", "workbooks"),
        ("xml", "workbooks"),
        ("zipfile", "archives"),
        ("urllib3", "staff_pool"),
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


def test_a_class_name_stands_once() -> None:
    """Who reads a name knows which class it is, without looking at the imports."""
    places: dict[str, list[str]] = {}
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


_NOUNS = {
    "portfolio", "access", "mailing", "reporting", "plausibility", "release", "exchange",
}  # fmt: skip


@pytest.mark.parametrize("layer", ["domain", "usecases", "store"])
def test_every_layer_has_the_same_rooms(layer: str) -> None:
    """Beside them: what all rooms share. In the domain the tables that are handed in, in the use
    cases what all runs behind the queues have in common."""
    shared = {"domain": {"tables"}, "usecases": {"runs"}, "store": set[str]()}[layer]
    assert {path.name for path in (PACKAGE / layer).iterdir() if path.is_dir()} - {
        "__pycache__"
    } == _NOUNS | shared
