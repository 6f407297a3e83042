"""Imports run one way: functions -> use cases -> domain and adapters -> domain."""

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
    "aws": ({"domain"}, {"botocore"}),
    "store": ({"domain", "batches", "aws"}, {"boto3", "botocore"}),
    "mail": ({"domain", "aws"}, {"botocore", "jinja2", "markupsafe", "email_validator", "nh3"}),
    "crypto": (set[str](), {"cryptography"}),
    "queues": ({"domain", "aws"}, set[str]()),
    "files": ({"domain", "aws"}, {"botocore"}),
    "staff_pool": ({"domain"}, {"urllib3"}),
    "staff_directory": ({"domain", "aws"}, {"botocore"}),
    "qr": (set[str](), {"segno"}),
    "archives": ({"domain"}, set[str]()),
    "workbooks": ({"domain", "archives"}, {"openpyxl"}),  # a workbook is an archive
    "settings": (set[str](), set[str]()),
    "adapters": (
        {
            "aws",
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
    {"domain", "usecases", "http", "deliveries", "adapters", "settings", "queues"},
    {"aws_lambda_powertools", "pydantic", "pydantic_core", "typing_extensions"},
)
# Routers name the values that use cases hand them and hash what a caller sent; they open no door.
_FUNCTIONS_MAY_NAME = re.compile(r"meterportal\.crypto\.(InvalidToken|digest)")
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


_WRITES = re.compile(r"Write|(list|tuple|Sequence)\[Write(, \.\.\.)?\]")


def _makers() -> set[str]:
    """Dotted names of the store's functions that only make writes: they say so by what they give."""
    return {
        ".".join(("meterportal", *path.relative_to(PACKAGE).with_suffix("").parts, node.name))
        for path in (PACKAGE / "store").rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.returns is not None
        if _WRITES.fullmatch(ast.unparse(node.returns))
    }


def test_no_write_is_made_and_left_lying() -> None:
    """A call that makes a write and stands by itself would be silence: nothing is written."""
    makers = _makers()
    assert "meterportal.store.access.sessions.touched" in makers
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                first, _, rest = ast.unparse(node.value.func).partition(".")
                called = f"{names.get(first, first)}.{rest}".rstrip(".")
                assert called not in makers, f"{path.relative_to(ROOT)}:{node.lineno}: {called}"


def test_use_cases_know_parts_and_failures_but_no_keys_and_no_items() -> None:
    """They collect parts, carry them out together and ask which failed; what stands where, and what is
    read of it, the store knows alone."""
    reads = re.compile(r"table\.(get|batch_get|query|batch_write)\(")
    for path in [*(PACKAGE / "usecases").rglob("*.py"), *FUNCTIONS.rglob("*.py")]:
        for name in imported(path):
            assert not name.startswith(
                ("meterportal.store.table", "meterportal.store.keys", "meterportal.store.items")
            ), f"{path.relative_to(ROOT)}: {name}"
        assert not reads.search(path.read_text(encoding="utf-8")), path.relative_to(ROOT)


_ABOVE_THE_STORE = [*sorted((PACKAGE / "usecases").rglob("*.py")), *sorted(FUNCTIONS.rglob("*.py"))]


def _reads_a_key(node: ast.AST) -> bool:
    """Whether an expression reads a key out of an item, or takes one apart."""
    match node:
        case ast.Subscript(slice=ast.Constant(value="pk" | "sk")):
            return True
        case ast.Call(
            func=ast.Attribute(attr="partition" | "rpartition" | "split" | "rsplit"),
            args=[ast.Constant(value="#"), *_],
        ):
            return True
        case ast.Call(
            func=ast.Attribute(attr="get" | "pop"), args=[ast.Constant(value="pk" | "sk"), *_]
        ):
            return True
    return False


@pytest.mark.parametrize(
    "code", ['item["pk"]', 'row.get("sk", "")', 'key.partition("#")[2]', 'one["x"].split("#", 1)']
)
def test_reading_a_key_is_noticed(code: str) -> None:
    assert any(map(_reads_a_key, ast.walk(ast.parse(code))))


@pytest.mark.parametrize("path", _ABOVE_THE_STORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_above_the_store_nobody_reads_or_splits_a_key(path: Path) -> None:
    """The store gives values of the domain: a key's form may change without its callers."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [ast.unparse(node) for node in ast.walk(tree) if _reads_a_key(node)] == []


def test_no_use_case_reads_a_place_in_a_transaction() -> None:
    for path in (PACKAGE / "usecases").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler) and node.name:
                text = ast.unparse(node)
                assert f"{node.name}.failed" not in text, path
                assert f"{node.name}.items" not in text, path
