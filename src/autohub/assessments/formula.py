"""The little language of KPI formulas: numbers, names, + - * / ( ), min and max.

A formula is a text such as `volumes * frequency`; names are those of questions, scores and other
formulas of the same assessment. Where a value is missing, or a denominator is zero, the result is
None: never zero, never an error (contract 5.3).
"""

import ast
import operator
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from autohub.kit.sentences import say

Value = float | None
Look = Callable[[str], Value]

MAX_LENGTH = 500
_OPERATORS: dict[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_FUNCTIONS: dict[str, Callable[[Sequence[float]], float]] = {"min": min, "max": max}


class WrongFormula(ValueError):
    """Says what is wrong with a formula, and what would be right."""


class Formula:
    """One parsed formula: `names` are what it needs, in the order of reading."""

    def __init__(self, text: str) -> None:
        """Raises WrongFormula."""
        if len(text) > MAX_LENGTH:
            raise WrongFormula(
                say("is longer than {max_length} characters.", max_length=MAX_LENGTH)
            )
        try:
            tree = ast.parse(text.strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise WrongFormula(
                "cannot be read; write it like “volumes * (minutes + 3) / 60”."
            ) from None
        self.text = text
        self.names: list[str] = []
        self._compute = self._node(tree.body)

    def __call__(self, look: Look) -> Value:
        """The value, None when something in it has none or a denominator is zero."""
        try:
            value = self._compute(look)
        except (ZeroDivisionError, OverflowError):
            return None
        return value if value is None or abs(value) < 1e300 else None

    def _node(self, node: ast.expr) -> Callable[[Look], Value]:
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, int | float)
            and not isinstance(node.value, bool)
        ):
            number = float(min(node.value, 1e300))
            return lambda _: number
        if isinstance(node, ast.Name):
            name = node.id
            if name not in self.names:
                self.names.append(name)
            return lambda look: look(name)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self._node(node.operand)
            return lambda look: None if (value := inner(look)) is None else -value
        if (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Div)
            and isinstance(node.right, ast.Constant)
            and node.right.value == 0
        ):
            raise WrongFormula("divides by zero.")
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return self._binary(
                _OPERATORS[type(node.op)], self._node(node.left), self._node(node.right)
            )
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in _FUNCTIONS
            and node.args
            and not node.keywords
        ):
            return self._call(
                _FUNCTIONS[node.func.id], [self._node(argument) for argument in node.args]
            )
        raise WrongFormula("may hold numbers, names, + - * / ( ), min and max, and nothing else.")

    @staticmethod
    def _binary(
        operate: Callable[[float, float], float], left: Any, right: Any
    ) -> Callable[[Look], Value]:
        def compute(look: Look) -> Value:
            a, b = left(look), right(look)
            return None if a is None or b is None else operate(a, b)

        return compute

    @staticmethod
    def _call(
        function: Callable[[Sequence[float]], float], arguments: list[Any]
    ) -> Callable[[Look], Value]:
        def compute(look: Look) -> Value:
            values = [argument(look) for argument in arguments]
            return None if None in values else function(values)

        return compute


@cache
def parse_formula(text: str) -> Formula:
    """Raises WrongFormula."""
    return Formula(text)
