"""Differences in the words of the language spoken."""

from __future__ import annotations

import tomllib
from functools import cached_property

import pandas as pd

from kpsslib.comparison import attention_label, dimension_label, position_label
from kpsslib.comparison.reserves import target_label
from kpsslib.comparison.views import peers_label
from kpsslib.differences.comparing import Differences
from kpsslib.financing.outlook import ACTUAL
from kpsslib.financing.words import item_name
from kpsslib.indicators.wording import flag_label, heading, service_names, value_text
from kpsslib.language import NBSP, _, money, number, speaking
from kpsslib.methodology.words import form_label, unit
from kpsslib.workspace import project_root

MISSING = "–"


def kind_label(kind: str) -> str:
    """What it is that changed."""
    return {
        "service": _("figures of the service"), "indicator": _("indicator"), "position": _("position"),
        "practice": _("good practice"), "flag": _("state of the value"), "attention": _("attention list"),
        "problem": _("problem of the return"), "value": _("value"), "median": _("median"), "places": _("place"),
        "reserve": _("reserve"), "set": _("comparable set"), "n": _("services in the set"),
        "certainty": _("certainty (p)"), "text": _("text of the attention list"),
        "completeness": _("services reported"), "outlook": _("outlook"), "return": _("return"),
        "item": _("figure of the return"),
    }[kind]


def cause_label(cause: str) -> str:
    """Why it changed; nothing where that is not asked."""
    return {
        "": "", "return": _("its return changed"), "method": _("the methodology changed"),
        "round": _("another round"), "archive": _("the archive changed"), "peers": _("its peers changed"),
        "own": _("its own values changed"), "unknown": _("not told by the runs"),
    }[cause]


class Words:
    """The cells of differences in words; services and codes are named as in the later run."""

    def __init__(self, differences: Differences) -> None:
        self.methodology = differences.after.methodology
        self.indicators = {**differences.before.methodology.indicators, **self.methodology.indicators}
        self._services = differences.services

    @cached_property
    def _names(self) -> dict[str, str]:
        return service_names(self._services)

    def service(self, service_id: str) -> str:
        """The name of a service; an area or an unknown one keeps its identifier."""
        return self._names.get(service_id) or service_id or MISSING

    def group(self, code: str) -> str:
        """Code and name of a working group, a type or the region."""
        known = {**self.methodology.service_types, **self.methodology.working_groups}
        return f"{code} {known[code].name}" if code in known else _("the whole region") if code else MISSING

    def subject(self, row) -> str:
        """The indicator, item or rule that a row is about."""
        code = row.indicator
        if row.kind in ("problem", "item"):
            named = str(self.methodology.items[code].name) if code in self.methodology.items else code
            return _("rule {rule}: {item}", rule=row.beside, item=named or MISSING) if row.kind == "problem" else named
        if row.kind == "outlook":
            return self._amount_name(code)
        if row.kind == "completeness":
            return self.group(row.beside)
        return self.indicator(code)

    def indicator(self, code: str) -> str:
        """Code and name of an indicator."""
        known = self.indicators.get(code)
        return heading(known) if known else code or MISSING

    def what(self, row) -> str:
        """What changed, with whose median it is or against which target."""
        said = kind_label(row.kind)
        if row.kind in ("median", "n"):
            return f"{said}, {peers_label(row.beside, self.methodology)}"
        if row.kind == "outlook":
            return self.scenario(row.beside)
        return f"{said}, {target_label(row.beside)}" if row.kind == "reserve" else said

    def scenario(self, code: str) -> str:
        """The name of a scenario; amounts of past years are of none."""
        if code == ACTUAL:
            return _("reported")
        path = project_root() / "parameters" / "scenarios" / f"{code}.toml"
        names = tomllib.loads(path.read_text("utf-8")).get("name", {}) if path.is_file() else {}
        return names.get(speaking(), code)

    def _amount_name(self, code: str) -> str:
        known = {"allocation": _("allocation"), "gap": _("gap")}
        return known.get(code) or item_name(code, self.methodology)

    def sides(self, row) -> tuple[str, str]:
        """What it was and what it is."""
        return (self._side(row, row.before, row.value_before), self._side(row, row.after, row.value_after))

    def _side(self, row, text: str, value: float) -> str:
        if row.kind in ("value", "median"):
            return self._value(row.indicator, value)
        if row.kind in ("reserve", "outlook"):
            certain = {"certain": _("certain"), "uncertain": _("not certain")}.get(text, "")
            return ", ".join(filter(None, [money(value), certain])) if pd.notna(value) else MISSING
        if row.kind in ("n", "completeness"):
            return number(value)
        if row.kind == "certainty":
            return number(value, 3)
        if row.kind == "item":
            return self._figure(row.indicator, value, text)
        return self._text(row.kind, text)

    def _value(self, code: str, value: float) -> str:
        known = self.indicators.get(code)
        return f"{value_text(value, known)}{NBSP}{known.unit_label}" if known else number(value, 2)

    def _figure(self, code: str, value: float, status: str) -> str:
        if pd.isna(value):
            return _status(status)
        said = number(value, 0 if value == round(value) else 2)
        return f"{said}{NBSP}{unit(self.methodology.items[code].unit)}" if code in self.methodology.items else said

    def _text(self, kind: str, text: str) -> str:
        if not text:
            return _("no") if kind == "practice" else MISSING
        if kind == "practice":
            return ", ".join(dimension_label(part) for part in text.split(", "))
        if kind == "set":
            return peers_label(text, self.methodology)
        if kind == "return":
            return ", ".join(_state(part) for part in text.split(", "))
        say = {"position": position_label, "flag": flag_label, "attention": attention_label, "problem": _severity}
        return say[kind](text) if kind in say else text

    def form(self, code: str) -> str:
        """The form that a row is about; nothing where it is about none."""
        return form_label(code) if code else ""


def _status(code: str) -> str:
    return {"missing": _("missing"), "not_applicable": _("not applicable"), "confidential": _("confidential"),
            "confirmed_zero": _("confirmed zero")}.get(code, MISSING)


def _state(code: str) -> str:
    return {"accepted": _("accepted"), "quarantined": _("quarantined"), "ignored": _("ignored")}.get(code, code)


def _severity(code: str) -> str:
    return {"error": _("error"), "question": _("question"), "warning": _("warning")}.get(code, code)
