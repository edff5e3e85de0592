"""What page 04 says: names of codes, the answers the page is for, notes and how to read it."""

from __future__ import annotations

import html

import pandas as pd
from IPython.display import HTML, display

from kpsslib.financing.forecasting import ESF_END, TOO_SHORT, Forecasts
from kpsslib.financing.outlook import COST, NEED, OTHER, REVENUE
from kpsslib.financing.scenarios import Scenarios
from kpsslib.financing.series import ESF
from kpsslib.language import NBSP, _, number, percent, plural
from kpsslib.methodology import Methodology


def method_name(code: str) -> str:
    """The name of a forecasting method."""
    return {
        "last_value": _("last value"), "drift": _("drift"), "shrunk_drift": _("drift drawn towards none"),
        "theta": _("Theta"), "damped_trend": _("damped trend"), "pooled_growth": _("peer-pooled growth"),
        "theta_and_growth": _("mean of Theta and peer-pooled growth"), TOO_SHORT: _("growth of peers (short series)"),
        ESF_END: _("ESF project ended"),
    }[code]


def part_name(code: str) -> str:
    """The name of a part of a change of costs."""
    return {"price": _("prices and pay"), "capacity": _("planned capacity"), "people": _("people of the age served"),
            "other": _("posts, consumption and the rest")}[code]


def millions(amount: float) -> str:
    """An amount in CZK as millions with one decimal place, such as "12,3 mil. Kč"."""
    return _("{n} million CZK", n=number(amount / 1e6, 1)).replace(" ", NBSP)


def item_name(code: str, methodology: Methodology) -> str:
    """The name of a money item or of a total made of items."""
    totals = {COST: _("costs, total"), REVENUE: _("revenues, total"), OTHER: _("revenues other than the grant"),
              NEED: _("need of grant (costs less other revenues)")}
    return totals.get(code) or str(methodology.items[code].name)


def answers(gap: pd.DataFrame, level: str, scenarios: Scenarios) -> list[str]:
    """One sentence a scenario for the last year of the level's units: need, allocation and gap with its interval."""
    last = gap[(gap["level"] == level) & (gap["year"] == gap["year"].max())]
    return [_answer(row, str(scenario.name)) for code, scenario in scenarios.chosen.items()
            for _place, row in last[last["scenario"] == code].iterrows()]


def _answer(row: pd.Series, scenario: str) -> str:
    told = {name: millions(row[name]) for name in ("cost", "other_revenue", "need", "allocation")}
    if pd.isna(row["allocation"]):
        return _("{scenario}, {year}: costs {cost}, revenues other than the grant {other_revenue}, so the need of "
                 "grant is {need}. What part of the allocation falls here is told on the region's page.",
                 scenario=scenario, year=row["year"], **told)
    low, high = (row["low"], row["high"]) if row["gap"] >= 0 else (-row["high"], -row["low"])
    values = dict(scenario=scenario, year=row["year"], gap=millions(abs(row["gap"])), low=millions(low),
                  high=millions(high), **told)
    if row["gap"] >= 0:
        return _("{scenario}, {year}: the need of grant is {need}, the allocation {allocation}; {gap} is missing "
                 "(interval {low} to {high}).", **values)
    return _("{scenario}, {year}: the need of grant is {need}, the allocation {allocation}; {gap} is left "
             "(interval {low} to {high}).", **values)


def notes(forecasts: Forecasts, cliffs: pd.DataFrame) -> list[str]:
    """What a reader must know of these forecasts: what was left out, short, borrowed, without an end date."""
    left, judged, past = forecasts.series.left_out, forecasts.judged, forecasts.past
    services = left.groupby("reason")["service_id"].nunique()
    projects = past[(past["year"] == past["year"].max()) & (past["item"] == ESF) & (past["amount"] > 0)]
    endless = projects.loc[projects["esf_until"].isna(), "service_id"].nunique()
    told = [_absent_note(services.get("absent", 0)), _unit_note(services.get("unit", 0)),
            _ended_note(services.get("ended", 0)), _stale_note(services.get("stale", 0)),
            _short_note(int((judged.method == TOO_SHORT).sum())), _borrowed_note(len(judged.widened)),
            _endless_note(endless), _cliff_note(len(cliffs))]
    size = _("{services} services, {series} series of money.", services=number(past["service_id"].nunique()),
             series=number(len(judged.mid)))
    return [size, *filter(None, told)]


def _absent_note(n: int) -> str:
    return "" if not n else plural(
        "{n} service of the register has reported no money in any year; its costs are not in the sums.",
        "{n} services of the register have reported no money in any year; their costs are not in the sums.", n)


def _unit_note(n: int) -> str:
    return "" if not n else plural(
        "{n} service has a year that looks like thousands instead of crowns; that year was left out.",
        "{n} services have a year that looks like thousands instead of crowns; those years were left out.", n)


def _ended_note(n: int) -> str:
    return "" if not n else plural("{n} service has ended and is in the past years only.",
                                   "{n} services have ended and are in the past years only.", n)


def _stale_note(n: int) -> str:
    return "" if not n else plural(
        "{n} service has items not reported for over two years; they are not carried forward.",
        "{n} services have items not reported for over two years; they are not carried forward.", n)


def _short_note(n: int) -> str:
    return "" if not n else plural("{n} series has fewer than three years: it grows as its peers do.",
                                   "{n} series have fewer than three years: they grow as their peers do.", n)


def _borrowed_note(n: int) -> str:
    return "" if not n else plural(
        "{n} panel (type, form, item) has too few peers; error and interval are those of its working group.",
        "{n} panels (type, form, item) have too few peers; error and interval are those of their working group.", n)


def _endless_note(n: int) -> str:
    return "" if not n else plural("{n} service gets ESF money without a reported end: the money goes on.",
                                   "{n} services get ESF money without a reported end: the money goes on.", n)


def _cliff_note(n: int) -> str:
    return "" if not n else plural("{n} service loses the money of an ESF project within the years ahead.",
                                   "{n} services lose the money of an ESF project within the years ahead.", n)


def how_to_read(forecasts: Forecasts, scenarios: Scenarios) -> list[str]:
    """How the figures came about, from the parameters of this page and the scenario files."""
    lines = [
        _("Every cost and revenue of every service is forecast for itself from the latest outturn of each year; "
          "sums add up exactly."),
        _("The method is the mean of Theta and peer-pooled growth, unless the back-test of all items of the type and "
          "form finds another at least a tenth better. Its error in the item stands beside, in per cent (MAPE) and in "
          "usual changes (MASE)."),
        _("MASE 1 is an error as large as the usual change of the series from year to year. Forecasts for several "
          "years ahead are counted together, and after calm years one shock makes it large; so look at the per cent "
          "first."),
        _("The interval should hold {level} of cases. It is as wide as the panel's own back-test errors; that of a sum "
          "allows for services erring together.", level=percent(forecasts.level, 0)),
        _("Need of grant = costs less all revenues other than the grant. A unit's part of the allocation is its part "
          "of today's grant."),
    ]
    without = scenarios.reference.without_years
    if without:
        lines.append(_("Not learned from, and not counted among the errors, are the years {years}.",
                       years="; ".join(f"{year} ({why})" for year, why in sorted(without.items()))))
    for scenario in scenarios.chosen.values():
        unverified = "" if scenario.verified else " " + _("(not verified)")
        lines.append(_("Scenario {name}: {why} Source: {sources}", name=scenario.name, why=scenario.why,
                       sources=scenario.sources) + unverified)
    return lines


def tell(sentences: list[str]) -> None:
    """Show sentences as a list."""
    display(HTML("<ul>" + "".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences) + "</ul>"))
