"""What may stand in the methodology's files: service types, working groups, items, indicators, sources, peer sets."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from kpsslib.methodology.basics import Code, Form, Model, Name
from kpsslib.methodology.formula import Formula
from kpsslib.methodology.frontiers import FrontierRule

FORMS = ("residential", "outpatient_field")
ROUNDS = ("plan", "adjusted", "actual", "final")
SECTIONS = ("costs_revenues", "positions", "clients", "capacity", "material", "outputs", "dates")
CAPACITY = "capacity"  # in a formula of context: the capacity in the unit of the type and form
CAPACITY_UNITS = ("beds", "clients", "contacts", "interventions", "calls")

Round = Literal["plan", "adjusted", "actual", "final"]
Section = Literal["costs_revenues", "positions", "clients", "capacity", "material", "outputs", "dates"]
CapacityUnit = Literal["beds", "clients", "contacts", "interventions", "calls"]


class ServiceType(Model):
    """A type of social service of Act 108/2006 Sb., or of another register the methodology describes."""

    code: Code
    name: Name
    paragraph: str
    family: Literal["poradenství", "péče", "prevence"]
    forms: list[Literal["P", "A", "T"]] = Field(min_length=1)
    capacity_units: dict[Form, CapacityUnit]
    valid_from: date
    valid_to: date | None = None
    verified: bool = True

    @property
    def reporting_forms(self) -> tuple[str, ...]:
        """The forms its return has columns for: field and outpatient work is reported together."""
        return tuple(f for f in FORMS if ("P" in self.forms if f == "residential" else {"A", "T"} & set(self.forms)))


class WorkingGroup(Model):
    """Providers of like services who agree on the methodology together."""

    code: Code
    name: Name
    service_types: list[str] = Field(min_length=1)


class DatedValue(Model):
    """A value that holds from a year on."""

    from_year: int
    value: float
    source: str
    verified: bool = False


class Item(Model):
    """One figure collected from a service for a year (or known of a territory, counted by cleaning, or set by law)."""

    code: Code
    name: Name
    section: Section
    unit: str
    forms: list[Form] = list(FORMS)
    additive: Literal["flow", "stock", "none"]
    sum_of: list[str] = []
    part_of: str | None = None
    types: list[str] = ["all"]
    required: bool = True
    rounds: list[Round] = list(ROUNDS)
    source: Literal["return", "derived", "territory", "constant"] = "return"
    values: list[DatedValue] = []
    negative: bool = False
    explain: Name | None = None

    def constant(self, year: int) -> float:
        """The value of a constant in a year; NaN before its first."""
        known = [v for v in sorted(self.values, key=lambda v: v.from_year) if v.from_year <= year]
        return known[-1].value if known else float("nan")

    def asked_of(self, service_type: ServiceType, form: str) -> bool:
        """Whether this type of service reports the item in this form."""
        if self.source != "return" or form not in self.forms or form not in service_type.reporting_forms:
            return False
        wanted = {"all", service_type.code, service_type.family}
        return bool(wanted & set(self.types))


class Example(Model):
    """A worked example: items of one service and the value that must come out, or the flag."""

    items: dict[str, float]
    value: float | None = None
    flag: str = "ok"
    year: int | None = None
    note: Name | None = None


class Earlier(Model):
    """The formula of older years, up to and including last_year."""

    last_year: int
    numerator: str
    denominator: str
    scale: float = 1.0
    why: Name


class Indicator(Model):
    """A ratio that services are compared by; the file's stem is its code."""

    code: Code
    area: str
    name: Name
    unit: str
    unit_label: Name
    direction: Literal["higher", "lower", "band", "none"]
    kind: Literal["money", "proportion", "rate", "ratio"]
    level: Literal["service", "area"] = "service"
    numerator: str
    denominator: str
    scale: float = 1.0
    service_types: list[str] = ["all"]
    forms: list[Form] = list(FORMS)
    dimension: Literal["cost", "performance", "staff", "quality"] | None = None
    sources: list[str] = Field(min_length=1)
    valid_range: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    min_denominator: float = 0.0
    min_peers: int = 5
    digits: int = 1
    status: Literal["in_development", "published", "retired"]
    author: str
    checked_by: str | None = None
    next_review: date
    replaces: str | None = None
    why: Name
    caveats: Name
    example: list[Example] = Field(min_length=2)
    earlier: list[Earlier] = []

    @property
    def review_overdue(self) -> bool:
        """Whether its next review should have been by today."""
        return self.status != "retired" and self.next_review < date.today()

    def formula(self, year: int) -> tuple[Formula, Formula, float]:
        """Numerator, denominator and scale that hold for a year: `value = scale * numerator / denominator`."""
        for old in sorted(self.earlier, key=lambda entry: entry.last_year):
            if year <= old.last_year:
                return Formula(old.numerator), Formula(old.denominator), old.scale
        return Formula(self.numerator), Formula(self.denominator), self.scale

    def applies_to(self, service_type: ServiceType, form: str) -> bool:
        """Whether services of this type are compared by it in this form."""
        wanted = {"all", service_type.code, service_type.family}
        return form in self.forms and form in service_type.reporting_forms and bool(wanted & set(self.service_types))


class Source(Model):
    """Where a figure or a definition comes from."""

    code: Code
    name: Name
    publisher: str
    reference: str
    verified: bool = True


class SizeClasses(Model):
    """Classes of territories by their inhabitants: each bound is the first number of the class above it."""

    bounds: list[int] = Field(min_length=1)
    source: str
    verified: bool = False


class PeerRule(Model):
    """A way to choose whom a service is compared with (methods: see `kpsslib.comparison`)."""

    code: Code
    name: Name
    same: list[Literal["service_type", "form", "capacity_unit", "group", "orp_code", "family", "size_class"]]
    size_classes: SizeClasses | None = None
    min_peers: int = 5
    widen_to: str | None = None
    nearest: int | None = Field(default=None, ge=5)


class ContextVariable(Model):
    """Something a service cannot help, by which the services most like it are found; never its performance.

    `value` is a formula of items (those of the territory are of the service's ORP) and of `capacity`.
    """

    code: Code
    name: Name
    value: str
    weight: float = Field(default=1.0, gt=0)


class Methodology(Model):
    """Everything agreed, by code."""

    service_types: dict[str, ServiceType]
    working_groups: dict[str, WorkingGroup]
    items: dict[str, Item]
    indicators: dict[str, Indicator]
    sources: dict[str, Source]
    peers: dict[str, PeerRule]
    context: dict[str, ContextVariable] = {}
    frontier: dict[str, FrontierRule] = {}

    @cached_property
    def group_of(self) -> dict[str, str]:
        """The working group of each service type."""
        return {t: g.code for g in self.working_groups.values() for t in g.service_types}

    @property
    def overdue(self) -> list[str]:
        """The indicators whose review should have been by today: the book tells them."""
        return sorted(code for code, one in self.indicators.items() if one.review_overdue)

    def items_of(self, service_type: str, form: str, round: str | None = None) -> list[Item]:
        """The items a service of this type reports in this form (and round), in the order of the template."""
        kind = self.service_types[service_type]
        return [i for i in self.items.values() if i.asked_of(kind, form) and (round is None or round in i.rounds)]

    def frontier_of(self, service_type: str, form: str) -> FrontierRule | None:
        """The first entry of frontier.toml that names this type and form."""
        wanted = {"all", service_type, self.service_types[service_type].family}
        return next((one for one in self.frontier.values() if form in one.forms and wanted & set(one.types)), None)

    def indicators_of(self, service_type: str, form: str) -> list[Indicator]:
        """The service-level indicators that this type and form is compared by."""
        kind = self.service_types[service_type]
        return [i for i in self.indicators.values()
                if i.level == "service" and i.status != "retired" and i.applies_to(kind, form)]
