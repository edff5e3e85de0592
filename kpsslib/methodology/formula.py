"""Indicator formulas: text of items, numbers and `+ - * / ( )`, checked, computed over a table, and its unit."""

from __future__ import annotations

import ast
import operator
from functools import cached_property

import numpy as np
import pandas as pd

from kpsslib.language import _
from kpsslib.methodology.units import units

_OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


class FormulaError(ValueError):
    """The text is not a formula, or it names something that is not a declared item."""


class Formula:
    """One side of an indicator, such as `cost_total - cost_optional`.

    >>> formula = Formula("cost_total - cost_optional")
    >>> formula.items
    ('cost_total', 'cost_optional')
    >>> formula.compute(pd.DataFrame({"cost_total": [100.0], "cost_optional": [10.0]}))
    array([90.])
    """

    def __init__(self, text: str) -> None:
        self.text = str(text)
        try:
            self._tree = ast.parse(self.text, mode="eval").body
        except SyntaxError:
            raise FormulaError(_("{text} is not a formula of items, numbers and + - * / ( )", text=self.text)) from None
        self._check(self._tree)

    def __repr__(self) -> str:
        return f"Formula({self.text!r})"

    def _check(self, node: ast.AST) -> None:
        match node:
            case ast.BinOp(left, op, right) if type(op) in _OPERATORS:
                self._check(left)
                self._check(right)
            case ast.UnaryOp(ast.USub(), operand):
                self._check(operand)
            case ast.Name():
                pass
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                pass
            case _:
                raise FormulaError(_("{text} is not a formula of items, numbers and + - * / ( )", text=self.text))

    @cached_property
    def items(self) -> tuple[str, ...]:
        """The items named, each once, in order of appearance."""
        names = sorted((n.col_offset, n.id) for n in ast.walk(self._tree) if isinstance(n, ast.Name))
        return tuple(dict.fromkeys(name for _, name in names))

    @cached_property
    def is_linear(self) -> bool:
        """True where the formula of sums is the sum of formulas, so that it may be added over services."""
        return self._degree(self._tree) in (0, 1) and (not self.items or self._has_no_constant_term())

    def _degree(self, node: ast.AST) -> int | float:
        match node:
            case ast.Name():
                return 1
            case ast.UnaryOp(_, operand):
                return self._degree(operand)
            case ast.BinOp(left, ast.Mult(), right):
                return self._degree(left) + self._degree(right)
            case ast.BinOp(left, ast.Div(), right):
                return self._degree(left) if self._degree(right) == 0 else np.inf
            case ast.BinOp(left, _, right):
                return max(self._degree(left), self._degree(right))
            case _:
                return 0

    def _has_no_constant_term(self) -> bool:
        zeros = pd.DataFrame({item: [0.0] for item in self.items})
        return bool(self.compute(zeros)[0] == 0)

    def compute(self, items: pd.DataFrame) -> np.ndarray:
        """The formula for every row of a table with a column an item; NaN where an item is missing."""
        with np.errstate(divide="ignore", invalid="ignore"):
            value = self._walk(self._tree, lambda name: items[name].to_numpy(float))
        return np.broadcast_to(np.asarray(value, float), len(items)).copy()

    def compute_one(self, items: dict[str, float]) -> float:
        """The formula for one service; NaN where it divides by zero. Raises KeyError where an item is missing."""
        try:
            return float(self._walk(self._tree, items.__getitem__))
        except ZeroDivisionError:
            return float("nan")

    def unit(self, item_units: dict[str, str]):
        """The formula's unit (a pint unit); raises pint.DimensionalityError where unlike things are added."""
        value = self._walk(self._tree, lambda name: units.Quantity(1.0, item_units[name]))
        return value.units if hasattr(value, "units") else units.Unit("dimensionless")

    def _walk(self, node: ast.AST, lookup):
        match node:
            case ast.BinOp(left, op, right):
                return _OPERATORS[type(op)](self._walk(left, lookup), self._walk(right, lookup))
            case ast.UnaryOp(_, operand):
                return -self._walk(operand, lookup)
            case ast.Name(id=name):
                return lookup(name)
            case ast.Constant(value=value):
                return value
