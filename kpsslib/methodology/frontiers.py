"""What goes in and what comes out of a service, for the frontier: entries of `frontier.toml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kpsslib.methodology.basics import Code, Form, Model, Name


class Measure(Model):
    """An input or output that is a formula of items; `of`: the item it is a weighting of, where it is one."""

    name: Name
    unit: str
    value: str
    of: str | None = None


class FrontierRule(Model):
    """The inputs and outputs by which services of some types are set against their frontier: items, or codes of
    `derived`. Few of both, for a set bears a frontier only with max(m s, 3 (m + s)) services.
    """

    code: Code
    name: Name
    types: Annotated[list[str], Field(min_length=1)]
    forms: Annotated[list[Form], Field(min_length=1)]
    inputs: Annotated[list[str], Field(min_length=1)]
    outputs: Annotated[list[str], Field(min_length=1)]
    derived: dict[Code, Measure] = {}

    def formula(self, code: str) -> str:
        """The formula of an input or output."""
        return self.derived[code].value if code in self.derived else code

    @property
    def volumes(self) -> list[str]:
        """The items that its outputs are, or are weightings of."""
        found = [self.derived[code].of if code in self.derived else code for code in self.outputs]
        return [code for code in found if code]
