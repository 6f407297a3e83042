"""moto's expressions read once per text, and walked without what grows with the square of their length.

An application writes the same few expressions over and over. moto reads each anew for each write, and
walks the tree of an update ten times with maps made for each node; two of its checks look from every node
at everything below, where the look from the root sees the same. What comes out is the same.
"""

from __future__ import annotations

import copy
from collections import deque
from functools import cache
from typing import Any

from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.parsing import ast_nodes, expressions, validators

_lex = ConditionExpressionParser._lex_condition_expression
_Part = ConditionExpressionParser.Node
# moto's own modules of these are not typed.
_Node: Any = vars(ast_nodes)["Node"]
_Walker: Any = vars(ast_nodes)["DepthFirstTraverser"]
_Update: Any = vars(expressions)["UpdateExpressionParser"]


def put_up() -> None:
    """From here on, in this process."""
    for owner, name, _, short in ways():
        setattr(owner, name, short)


@cache
def ways() -> list[tuple[Any, str, Any, Any]]:
    """What is replaced, as it was when this was first asked: its owner and name, moto's own, the short way."""
    counted, overlapping = validators.ActionCountValidator, validators.OverlappingPathsValidator
    replaced: list[tuple[Any, str, Any]] = [
        (_Update, "make", cache(_Update.make)),
        (ConditionExpressionParser, "_lex_condition_expression", _lex_once),
        (validators, "deepcopy", _copied),
        (_Walker, "traverse", _traverse),
        (counted, "traverse", counted.verify_action_counts),
        (overlapping, "traverse", overlapping.check_for_overlapping_paths),
    ]
    return [(owner, name, getattr(owner, name), short) for owner, name, short in replaced]


def _copied(thing: Any) -> Any:
    """As copy.deepcopy; a tree that was read is copied node by node, without looking for circles."""
    if not _is_node(thing) or thing.parent is not None:
        return copy.deepcopy(thing)
    return _branch(thing, None)


def _branch(node: Any, parent: Any) -> Any:
    made = object.__new__(type(node))
    vars(made).update(vars(node), parent=parent)
    if node.children is not None:
        made.children = [
            _branch(child, made) if _is_node(child) else copy.deepcopy(child)
            for child in node.children
        ]
    return made


_kinds: dict[tuple[type, tuple[type, ...]], type | None] = {}


def _kind_among(thing: Any, kinds: tuple[type, ...]) -> type | None:
    """The first of the classes that a thing is an instance of. moto's classes are slow to ask: each is
    asked once."""
    key = type(thing), kinds
    if key not in _kinds:
        _kinds[key] = next((kind for kind in kinds if isinstance(thing, kind)), None)
    return _kinds[key]


def _is_node(thing: Any) -> bool:
    return _kind_among(thing, (_Node,)) is not None


def _traverse(self: Any, root: Any) -> Any:
    """Depth first, each node replaced by what is made of it, as moto does it."""
    made_by = self._processing_map()
    kinds = tuple(made_by)

    def walk(node: Any, place: int) -> Any:
        if not _is_node(node):
            return node
        parent = node.parent
        for number, child in enumerate(node.children or ()):
            self.pre_processing_of_child(node, number)
            walk(child, number)
        kind = _kind_among(node, kinds)
        if kind is None:
            return node
        made = made_by[kind](node)
        made.parent = parent
        if parent:
            parent.children[place] = made
        return made

    return walk(root, -1)


@cache
def _parts(text: str) -> tuple[tuple[Any, str], ...]:
    """What a condition is made of: kind and text of each part."""
    read = object.__new__(ConditionExpressionParser)
    read.condition_expression = text
    return tuple((part.nonterminal, part.text) for part in _lex(read))


def _lex_once(self: ConditionExpressionParser) -> deque[Any]:
    literal = self.Kind.LITERAL
    return deque(
        _Part(nonterminal=kind, kind=literal, text=text, value=text, children=[])
        for kind, text in _parts(self.condition_expression or "")
    )
