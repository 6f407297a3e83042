"""Writes are made, named and carried out; what stands where in the table the store knows alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from infra.local.template import ROOT
from tests.template.modules import ABOVE_THE_STORE, FUNCTIONS, MODULES, PACKAGE, imported

_WRITE = re.compile(r"\bWrite\b")
_MAKING = (PACKAGE / "store", PACKAGE / "usecases")
_UNDOING = {"meterportal.usecases.access.attempts._take"}
"""Carry out what they do, and give the write that would undo it, which not every caller needs."""


def _dotted(path: Path) -> str:
    """The name of a module. Those of functions are imported without the folder's name."""
    base, first = (FUNCTIONS, ()) if path.is_relative_to(FUNCTIONS) else (PACKAGE, ("meterportal",))
    return ".".join((*first, *path.relative_to(base).with_suffix("").parts))


def _makers_in(tree: ast.Module, module: str) -> Iterator[tuple[str, frozenset[int] | None]]:
    """Functions that make writes and carry out none, by dotted name: they say so by what they give.
    With each the places of a pair or triple at which the writes stand (None: all it gives are writes)."""
    for node in tree.body:
        found = [node] if isinstance(node, ast.FunctionDef) else []
        if isinstance(node, ast.ClassDef):
            found = [part for part in node.body if isinstance(part, ast.FunctionDef)]
        prefix = f"{module}.self." if isinstance(node, ast.ClassDef) else f"{module}."
        for one in found:
            if one.returns is None or not _WRITE.search(ast.unparse(one.returns)):
                continue
            yield prefix + one.name, _places(one.returns)


def _places(annotation: ast.expr) -> frozenset[int] | None:
    match annotation:
        case ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=parts)):
            if not any(isinstance(part, ast.Constant) for part in parts):  # not tuple[Write, ...]
                told = enumerate(map(ast.unparse, parts))
                return frozenset(n for n, part in told if _WRITE.search(part))
    return None


def _names_in(tree: ast.Module, module: str) -> dict[str, str]:
    """Dotted name by the name that it has in a module: what it imports, and its own functions."""
    names = {"self": f"{module}.self"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    own = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return names | {name: f"{module}.{name}" for name in own}


class _Lying:
    """Finds writes that are made in a module and neither handed on nor kept where they are read."""

    def __init__(self, makers: dict[str, frozenset[int] | None], module: str) -> None:
        self._makers, self._module = makers, module
        self._names: dict[str, str] = {}

    def found_in(self, tree: ast.Module) -> list[str]:
        self._names = _names_in(tree, self._module)
        read = {
            function: {
                node.id
                for node in ast.walk(function)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
            }
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        return [
            f"{node.lineno}: {ast.unparse(node)}"
            for function, names in read.items()
            for node in ast.walk(function)
            if isinstance(node, ast.stmt) and not self._is_used(node, names)
        ]

    def _is_used(self, node: ast.stmt, read: set[str]) -> bool:
        match node:
            case ast.Expr(value=value):
                return not self._makes(value)
            case ast.Assign(targets=[target], value=value):
                return all(name in read for name in self._kept(target, value))
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                return all(name in read for name in self._kept(target, value))
            case ast.AugAssign(target=target, value=value):
                return all(name in read for name in self._kept(target, value))
        return True

    def _kept(self, target: ast.expr, value: ast.expr) -> Iterator[str]:
        """The names under which an assignment keeps writes. Attributes and the like are read elsewhere."""
        if not self._makes(value):
            return
        places = self._makers[self._called(value)] if isinstance(value, ast.Call) else None
        match target:
            case ast.Name(id=name):
                yield name
            case ast.Tuple(elts=parts):
                for n, part in enumerate(parts):
                    if isinstance(part, ast.Name) and (places is None or n in places):
                        yield part.id

    def _makes(self, value: ast.expr) -> bool:
        """Whether an expression is writes, or a list of some."""
        match value:
            case ast.Call():
                return self._called(value) in self._makers
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return any(map(self._makes, parts))
            case ast.Starred(value=part) | ast.ListComp(elt=part) | ast.GeneratorExp(elt=part):
                return self._makes(part)
            case ast.BinOp(left=one, right=other) | ast.IfExp(body=one, orelse=other):
                return self._makes(one) or self._makes(other)
        return False

    def _called(self, call: ast.Call) -> str:
        first, _, rest = ast.unparse(call.func).partition(".")
        return f"{self._names.get(first, first)}.{rest}".rstrip(".")


@cache
def _makers() -> dict[str, frozenset[int] | None]:
    return {
        name: places
        for path in MODULES
        if any(path.is_relative_to(folder) for folder in _MAKING)
        for name, places in _makers_in(ast.parse(path.read_text(encoding="utf-8")), _dotted(path))
        if name not in _UNDOING
    }


def test_no_write_is_made_and_left_lying() -> None:
    """A write that is made, and neither handed on nor read again, would be silence: nothing is written."""
    makers = _makers()
    for name in (
        "store.access.sessions.touched",  # Write
        "store.portfolio.touching._missing",  # Iterator[Write]
        "store.exchange.import_reports.reworded",  # Write | None
        "usecases.access.attempts.counted_mails",  # list[Write], above the store
    ):
        assert makers[f"meterportal.{name}"] is None
    assert makers["meterportal.store.access.erasures.move"] == frozenset(
        {1}
    )  # tuple[Erasure, Write]
    assert {
        str(path.relative_to(ROOT)): left
        for path in MODULES
        if (left := _Lying(makers, _dotted(path)).found_in(ast.parse(path.read_text("utf-8"))))
    } == {}


@pytest.mark.parametrize(
    ("line", "lies"),
    [
        ("sessions.touched(one, now=now)", True),
        ("[sessions.touched(one, now=now)]", True),
        ("write = sessions.touched(one, now=now)", True),
        ("writes += [sessions.touched(one, now=now)]", True),
        ("moved, write = erasures.move(one); use(moved)", True),
        ("made()", True),
        ("moved, write = erasures.move(one); table.write(write)", False),
        ("table.write(sessions.touched(one, now=now))", False),
        ("self.waiting = made()", False),
        ("return made()", False),
    ],
)
def test_a_write_that_is_left_lying_is_noticed(line: str, lies: bool) -> None:
    code = f"""
from meterportal.store.access import erasures, sessions
def made() -> tuple[Write, ...]: ...
def do(self, table, one, now, writes):
    {line}
"""
    tree = ast.parse(code)
    makers = _makers() | dict(_makers_in(tree, "a_module"))
    assert bool(_Lying(makers, "a_module").found_in(tree)) == lies


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


@pytest.mark.parametrize("path", ABOVE_THE_STORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_above_the_store_nobody_reads_or_splits_a_key(path: Path) -> None:
    """The store gives values of the domain: a key's form may change without its callers."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [ast.unparse(node) for node in ast.walk(tree) if _reads_a_key(node)] == []


def _numbers_a_write(node: ast.AST) -> bool:
    match node:
        case ast.Subscript(value=ast.Attribute(attr="writes") | ast.Name(id="writes")):
            return True
    return False


def test_no_use_case_reads_a_place_in_a_transaction() -> None:
    """Parts have names; which number one has among the writes is nobody's business."""
    assert any(map(_numbers_a_write, ast.walk(ast.parse("table.write(one.writes[0])"))))
    for path in ABOVE_THE_STORE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not _numbers_a_write(node), f"{path.relative_to(ROOT)}: {ast.unparse(node)}"
