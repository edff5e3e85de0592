"""What page 03 shows as tables of ready text."""

from __future__ import annotations

import re

import pandas as pd

from kpsslib.comparison.change import change_label
from kpsslib.comparison.choosing import Choice, rows_of
from kpsslib.comparison.decomposition import PARTS, part_label
from kpsslib.comparison.good_practice import ERROR_RATE as OF_GOOD_PRACTICE
from kpsslib.comparison.good_practice import dimension_label
from kpsslib.comparison.peers import BASE
from kpsslib.comparison.positions import position_label, trend_label
from kpsslib.comparison.reserves import ERROR_RATE, FRONTIER, TARGETS, headline_indicators, reserve_reason, target_label
from kpsslib.indicators.wording import heading, interval_text, service_names, value_text
from kpsslib.language import _, number, percent, plural
from kpsslib.methodology import Methodology
from kpsslib.methodology.words import form_label
from kpsslib.workspace import RunError

Shown = tuple[pd.DataFrame, str]


def chosen_set(comparison: pd.DataFrame, services: pd.DataFrame, methodology: Methodology,
               choice: Choice) -> pd.DataFrame:
    """The rows of the choice's year, the best first (by value where there is no direction), without a value last."""
    rows = rows_of(comparison, services, methodology, choice)
    rows = rows[rows["year"] == choice.year]
    rows = rows.assign(name=rows["unit_id"].map(service_names(services)))
    return rows.sort_values(["percentile", "value", "name"], ascending=[False, True, True], kind="stable")


def peer_rules(methodology: Methodology) -> Shown:
    """Whom a service is compared with, as the methodology says."""
    rules = methodology.peers
    same = {"service_type": _("type"), "form": _("form"), "capacity_unit": _("capacity unit"),
            "group": _("working group"), "orp_code": _("territory"), "family": _("family of types"),
            "size_class": _("size of the territory by inhabitants")}
    wider = [str(rules[rule.widen_to].name) if rule.widen_to else _("not compared") for rule in rules.values()]
    return pd.DataFrame({
        _("comparable set"): [str(rule.name) for rule in rules.values()],
        _("what is the same"): [", ".join(same[code] for code in rule.same) for rule in rules.values()],
        _("least services"): [number(rule.min_peers) for rule in rules.values()],
        _("if fewer"): wider,
    }), _("Who is compared with whom")


def comparison_table(comparison: pd.DataFrame, services: pd.DataFrame, methodology: Methodology,
                     choice: Choice) -> Shown:
    """Value, interval, percentile, places possible, position and trend of every service of the choice; a caption."""
    rows = chosen_set(comparison, services, methodology, choice)
    one = methodology.indicators.get(choice.indicator)
    return pd.DataFrame({
        _("service"): rows["name"],
        f"{_('value')} ({one.unit_label if one else '–'})": [value_text(v, one) for v in rows["value"]],
        _("95 % interval"): [interval_text(*ends, one) for ends in zip(rows["low"], rows["high"], strict=True)],
        _("drawn to the set"): [value_text(v, one) for v in rows["shrunk"]],
        _("percentile"): rows["percentile"].map(number),
        _("place"): [places(*ends) for ends in zip(rows["rank_low"], rows["rank_high"], strict=True)],
        _("position"): rows["position"].map(position_label), _("since last year"): rows["change"].map(change_label),
        _("trend"): rows["trend"].map(trend_label),
    }), f"{set_title(methodology, choice)}. {set_sentence(rows, methodology, choice)}"


def places(low: float, high: float) -> str:
    """The places possible, such as "5–9"; a dash where there is none."""
    if pd.isna(low):
        return "–"
    return number(low) if low == high else f"{number(low)}–{number(high)}"


def set_title(methodology: Methodology, choice: Choice) -> str:
    """The choice in words, such as "N01 náklad na lůžkoden – domovy pro seniory, pobytová forma, 2025"."""
    if not choice.indicator:
        return _("Nothing to compare in {year}", year=choice.year)
    return _("{indicator} – {type}, {form} form, {year}", indicator=heading(methodology.indicators[choice.indicator]),
             type=methodology.service_types[choice.service_type].name, form=form_label(choice.form), year=choice.year)


def set_sentence(rows: pd.DataFrame, methodology: Methodology, choice: Choice) -> str:
    """The set of the chosen rows in one sentence: median, quartiles, weighted value, n of N, the peers."""
    one = methodology.indicators.get(choice.indicator)
    judged = rows[rows["median"].notna()]
    if judged.empty or one is None:
        n = int(rows["value"].notna().sum())
        return _("Too few services to compare: {n} values, at least {min} are needed.", n=number(n),
                 min=number(one.min_peers if one else 5))
    first = judged.iloc[0]
    said = _("Median {median} {unit}, quartiles {q1}–{q3}, the set as a whole {weighted}; {n} of {N} services of the "
             "set {peers}. Better than the median: {better}, worse: {worse}.",
             median=value_text(first["median"], one), unit=one.unit_label, q1=value_text(first["q1"], one),
             q3=value_text(first["q3"], one), weighted=value_text(first["weighted"], one),
             n=number(first["n_reported"]), N=number(first["n_expected"]),
             peers=peers_label(first["peers"], methodology),
             better=number((rows["position"] == "better").sum()), worse=number((rows["position"] == "worse").sum()))
    wider = _("The type alone has too few services.") if first["peer_set"] != BASE else ""
    return f"{said} {wider}".strip()


def peers_label(peers: str, methodology: Methodology) -> str:
    """The key of a comparable set in words, such as "domovy pro seniory, pobytová, lůžka, 20000-49999 obyvatel"."""
    names = {"beds": _("beds"), "clients": _("clients"), "contacts": _("contacts"), "interventions": _("interventions"),
             "calls": _("calls"), "area": _("territories")}
    names |= {code: str(one.name) for known in (methodology.service_types, methodology.working_groups)
              for code, one in known.items()}
    return ", ".join(names.get(part) or _size_label(part) or form_label(part) for part in peers.split("/"))


def _size_label(part: str) -> str:
    """A class of territories by their inhabitants in words; "" where the part of a key is none."""
    ends = re.fullmatch(r"(\d+)(?:-(\d+)|\+)", part)
    if ends is None:
        return ""
    low, high = (number(int(end), 0) if end else None for end in ends.groups())
    return _("territories of {low} to {high} inhabitants", low=low, high=high) if high else _(
        "territories of {low} inhabitants and more", low=low)


def good_practice_table(candidates: pd.DataFrame, services: pd.DataFrame) -> Shown:
    """Candidates for good practice, then the others with what stands in their way; a caption."""
    rows = candidates
    names = service_names(services)
    n = int(rows["candidate"].sum())
    return pd.DataFrame({
        _("service"): rows["service_id"].map(names), _("type"): rows["service_type"],
        _("form"): rows["form"].map(form_label),
        _("better quartile on"): [", ".join(dimension_label(d) for d in text.split(", ") if d) or "–"
                                  for text in rows["dimensions"]],
        _("years held"): rows["years_held"].map(number),
        _("candidate"): [_("yes") if yes else _("no") for yes in rows["candidate"]],
        _("what stands in the way"): rows["blocked_by"].replace("", "–"),
    }), " ".join([
        plural("{n} candidate for good practice", "{n} candidates for good practice", n) + ".",
        _("Among services that differ by nothing but chance at most {rate} would be called one.",
          rate=percent(OF_GOOD_PRACTICE, 0))])


def reserves_table(reserves: pd.DataFrame, services: pd.DataFrame, methodology: Methodology, choice: Choice,
                   target: str) -> Shown:
    """Reserves of the choice in thousands of CZK, the greatest first, with parts; a caption.

    Targets are those of `reserves` and "frontier"; raises RunError for another.
    """
    if target not in (*TARGETS, FRONTIER):
        raise RunError([_("key {key}: found {found}, expected one of {expected}", key="target", found=repr(target),
                          expected=", ".join((*TARGETS, FRONTIER)))])
    rows = chosen_reserves(reserves, services, choice, target)
    one = methodology.indicators.get(choice.indicator)
    text = {_("service"): rows["service_id"].map(service_names(services)),
            _("value"): [value_text(v, one) for v in rows["value"]],
            _("target"): [value_text(v, one) for v in rows["target_value"]],
            _("volume"): rows["volume"].map(number), _("reserve"): rows["amount_czk"].map(_thousands),
            _("95 % interval"): [_span(*ends) for ends in zip(rows["low"], rows["high"], strict=True)],
            _("certain"): [_("yes") if certain else _("no") for certain in rows["certain"]]}
    parts = {part: part_label(part.removesuffix("_part")) for part in PARTS if rows[part].notna().any()}
    caption = _("Reserves against {target}, amounts in thousands of CZK: {title}. Not to be added to the reserves of "
                "other indicators.", target=target_label(target), title=set_title(methodology, choice))
    sure = _("Among services that differ by nothing but chance at most {rate} would have a certain one.",
             rate=percent(ERROR_RATE, 0)) if target != FRONTIER else \
        _("None is certain: the frontier is drawn by whoever was luckiest.")
    text |= {label: rows[part].map(_thousands) for part, label in parts.items()}
    undivided = [code for code in ("no_parts", "not_whole_cost") if rows["reason"].str.contains(code).any()]
    why = [_("Without parts: {reason}.", reason=reserve_reason(code)) for code in undivided]
    return pd.DataFrame(text), no_reserve(methodology, choice) or " ".join([caption, sure, *why])


def no_reserve(methodology: Methodology, choice: Choice) -> str:
    """Why the choice can have no reserve at all; "" where it can."""
    if choice.indicator in {one.code for one in headline_indicators(methodology)}:
        return ""
    return _("No reserve is counted: {title} is not a cost in crowns.", title=set_title(methodology, choice))


def chosen_reserves(reserves: pd.DataFrame, services: pd.DataFrame, choice: Choice, target: str) -> pd.DataFrame:
    """The reserves of the choice against a target."""
    types = services.loc[services["service_type"] == choice.service_type, "service_id"]
    return reserves[(reserves["indicator"] == choice.indicator) & (reserves["form"] == choice.form)
                    & (reserves["target"] == target) & reserves["service_id"].isin(types)]


def _thousands(amount: float) -> str:
    return number(amount / 1000)


def _span(low: float, high: float) -> str:
    if pd.isna(low):
        return reserve_reason("no_interval")
    return _("{low} to {high}", low=_thousands(low), high=_thousands(high))
