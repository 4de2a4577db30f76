"""Formulas that an artist may write: arithmetic over named numbers, and nothing else. Nothing is ever executed.

`ast` parses; what is not on the white list below is refused when the file is read, long before a visitor comes.
"""

import ast
import math
import operator
from collections.abc import Callable, Collection, Mapping

LONGEST = 200  # characters
OPERATIONS: dict[type, Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
FUNCTIONS: dict[str, Callable] = {"min": min, "max": max, "abs": abs, "round": round, "floor": math.floor}
FUNCTIONS["sqrt"] = lambda value: math.sqrt(max(0.0, value))


class Formula:
    """One formula, checked. Raises ValueError, in words for the artist."""

    def __init__(self, text: str, names: Collection[str]) -> None:
        """`names`: what it may speak of."""
        if len(text) > LONGEST:
            raise ValueError(f"is longer than {LONGEST} characters")
        try:
            self._tree = ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise ValueError(f"is no formula: {text!r}") from None
        self._check(self._tree, names)

    def __call__(self, values: Mapping[str, float]) -> float:
        """A finite number; 0 where there is none, such as for 1 / 0."""
        try:
            found = float(self._value(self._tree, values))
        except (ArithmeticError, ValueError):
            return 0.0
        return found if math.isfinite(found) else 0.0

    def _check(self, node: ast.AST, names: Collection[str]) -> None:
        parts: list[ast.expr] = []
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            if abs(node.value) > 1e9:
                raise ValueError("holds a number beyond a thousand million")
        elif isinstance(node, ast.Name):
            if node.id not in names:
                raise ValueError(f"speaks of {node.id!r}; known are {', '.join(sorted(names))}")
        elif isinstance(node, ast.BinOp) and type(node.op) in OPERATIONS:
            parts = [node.left, node.right]
        elif isinstance(node, ast.UnaryOp) and type(node.op) in OPERATIONS:
            parts = [node.operand]
        elif isinstance(node, ast.Call) and _is_plain(node):
            parts = node.args
        else:
            raise ValueError(f"may hold numbers, names, + - * / % and {', '.join(sorted(FUNCTIONS))}, and nothing else")
        for part in parts:
            self._check(part, names)

    def _value(self, node: ast.AST, values: Mapping[str, float]) -> float:
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return values[node.id]
        if isinstance(node, ast.Call):
            return FUNCTIONS[node.func.id](*(self._value(part, values) for part in node.args))
        parts = [node.operand] if isinstance(node, ast.UnaryOp) else [node.left, node.right]
        return OPERATIONS[type(node.op)](*(self._value(part, values) for part in parts))


def _is_plain(call: ast.Call) -> bool:
    """A known function of as many numbers as it takes."""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    fits = len(call.args) >= 2 if name in ("min", "max") else len(call.args) == 1
    return name in FUNCTIONS and fits and not call.keywords
