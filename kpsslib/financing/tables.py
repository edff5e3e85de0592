"""Tables of page 04 as ready text; each function returns (table, caption) for `drawing.table`."""

from __future__ import annotations

import pandas as pd

from kpsslib.drawing import MISSING
from kpsslib.financing.forecasting import Forecasts
from kpsslib.financing.outlook import ACTUAL, COST, NEED, OTHER, REVENUE, with_totals
from kpsslib.financing.price_volume import PARTS, total
from kpsslib.financing.scenarios import REFERENCE, Scenarios
from kpsslib.financing.words import item_name, method_name, part_name
from kpsslib.language import _, money, number, percent
from kpsslib.methodology import Methodology

Captioned = tuple[pd.DataFrame, str]


def scenario_table(scenarios: Scenarios, years: list[int]) -> Captioned:
    """What the scenarios suppose: the growth of each driver in each year ahead, and ESF projects."""
    labels = {"wages": _("wages"), "energy": _("energy"), "prices": _("prices"), "grant": _("grant of the state"),
              "people_65": _("people over 65"), "people_80": _("people over 80")}
    labels = {code: label for code, label in labels.items() if not code.startswith("people")
              or any(scenario.growth(code, year) for scenario in scenarios.chosen.values() for year in years)}
    rows = {_("growth a year"): [*labels.values(), _("types whose capacity changes"), _("ESF projects")]}
    esf = {"ends": _("end as agreed"), "continues": _("are followed up")}
    for scenario in scenarios.chosen.values():
        paths = [[scenario.growth(driver, year) for year in years] for driver in labels]
        paths = ["; ".join(map(percent, path)) if any(path) or not driver.startswith("people") else MISSING
                 for driver, path in zip(labels, paths, strict=True)]
        rows[str(scenario.name)] = [*paths, ", ".join(scenario.capacity) or _("none"), esf[scenario.esf]]
    return pd.DataFrame(rows), _("Growth in the first and last year ahead")


def gap_table(gap: pd.DataFrame, level: str, scenarios: Scenarios) -> Captioned:
    """Need, allocation and gap of the level's units in million CZK, a row a scenario and year."""
    rows = gap[gap["level"] == level]
    order = pd.Categorical(rows["scenario"], list(scenarios.chosen)).codes
    rows = rows.assign(order=order).sort_values(["order", "unit_id", "year"])
    return pd.DataFrame({
        _("scenario"): [str(scenarios.chosen[code].name) for code in rows["scenario"]],
        _("year"): rows["year"].astype(str),
        _("costs"): rows["cost"].map(_millions),
        _("other revenues"): rows["other_revenue"].map(_millions),
        _("need of grant"): rows["need"].map(_millions),
        _("allocation"): rows["allocation"].map(_millions),
        _("gap"): rows["gap"].map(_millions),
        _("gap, interval"): _spans(rows),
    }), _("Need of grant, allocation and gap, million CZK")


def items_table(outlook: pd.DataFrame, forecasts: Forecasts, level: str, methodology: Methodology) -> Captioned:
    """The reference scenario item by item in million CZK: today, the last year ahead, method and back-test error."""
    rows = outlook[outlook["level"] == level]
    today = _last_year(rows[rows["scenario"] == ACTUAL])
    ahead = _last_year(rows[rows["scenario"] == REFERENCE])
    last = ahead.groupby("item")[["low", "mid", "high"]].sum(min_count=1)
    order = [*[code for code in methodology.items if code in last.index and code not in (COST, REVENUE)],
             COST, OTHER, NEED]
    last = last.reindex(order)
    chosen = forecasts.accuracy[forecasts.accuracy["chosen"]].groupby("item")["method"]
    method = chosen.agg(lambda methods: method_name(methods.value_counts().index[0])).reindex(order)
    error = _errors(forecasts.accuracy).reindex(order)
    return pd.DataFrame({
        _("money item"): [item_name(code, methodology) for code in order],
        str(today["year"].iloc[0]): today.groupby("item")["mid"].sum().reindex(order).map(_millions).tolist(),
        str(ahead["year"].iloc[0]): last["mid"].map(_millions).tolist(),
        _("interval"): _spans(last),
        _("method (of most panels)"): method.fillna("").tolist(),
        _("error in % (MAPE)"): [percent(value) for value in error["mape"]],
        _("error (MASE)"): [number(value, 2) for value in error["mase"]],
    }), _("Expected development by item, million CZK")


def price_volume_table(parts: pd.DataFrame, methodology: Methodology) -> Captioned:
    """The change of costs in the reference scenario item by item, in CZK: today, price, volume, the last year ahead."""
    rows = total(parts[parts["scenario"] == REFERENCE], ["item"]).set_index("item")
    order = [code for code in methodology.items if code in rows.index]
    whole = total(parts[parts["scenario"] == REFERENCE].assign(item=COST), ["item"]).set_index("item")
    rows = pd.concat([rows.reindex(order), whole])
    return pd.DataFrame({
        _("money item"): [item_name(code, methodology) for code in rows.index], _("today"): rows["before"].map(money),
        **{part_name(part): rows[part].map(money) for part in PARTS}, _("last year ahead"): rows["after"].map(money),
        _("by the drivers alone"): rows["by_drivers"].map(money),
    }), _("Expected change of costs: how much is price and how much volume")


def services_table(forecasts: Forecasts, services: pd.DataFrame, methodology: Methodology) -> Captioned:
    """The reference scenario service by service, the largest need of grant in the last year ahead first.

    Costs today, costs and need in the last year ahead in CZK, and the back-test errors of the costs.
    """
    by = ["service_id", "service_type", "form"]
    ahead = forecasts.forecast[forecasts.forecast["scenario"] == REFERENCE]
    ahead = with_totals(_last_year(ahead))
    need = ahead[ahead["item"] == NEED]
    cost = ahead[ahead["item"].str.startswith("cost_") & (ahead["item"] != COST)]
    past = _last_year(forecasts.past[forecasts.past["item"].str.startswith("cost_")])
    chosen = forecasts.accuracy.loc[forecasts.accuracy["chosen"], [*by[1:], "item", "mape"]]
    cost = cost.merge(chosen, on=[*by[1:], "item"], how="left")
    sums = pd.DataFrame({
        "now": past.groupby(by)["amount"].sum(), "ahead": cost.groupby(by)["mid"].sum(),
        "need": (need["mid"] * need["sign"]).groupby([need[key] for key in by]).sum(),
        "mape": _weighted(cost, by, "mape"), "mase": _weighted(cost, by, "backtest_mase"),
    }).dropna(subset="ahead").sort_values("need", ascending=False).reset_index()
    return pd.DataFrame({
        _("service"): _service_names(sums, services),
        _("type"): [str(methodology.service_types[code].name) for code in sums["service_type"]],
        _("costs {year}", year=past["year"].iloc[0]): sums["now"].map(money),
        _("costs {year}", year=cost["year"].iloc[0]): sums["ahead"].map(money),
        _("need of grant {year}", year=cost["year"].iloc[0]): sums["need"].map(money),
        _("error of costs (MAPE)"): sums["mape"].map(percent),
        _("error of costs (MASE)"): [number(value, 2) for value in sums["mase"]],
    }), _("Expected costs and need of grant by service, the largest need first")


def cliffs_table(cliffs: pd.DataFrame, services: pd.DataFrame, methodology: Methodology) -> Captioned:
    """Services whose ESF project ends: who, when, how much and what part of the revenues."""
    caption = _("Services whose ESF project ends")
    if cliffs.empty:
        return pd.DataFrame({_("service"): [_("none")]}), caption
    return pd.DataFrame({
        _("service"): _service_names(cliffs, services),
        _("type"): [str(methodology.service_types[code].name) for code in cliffs["service_type"]],
        _("first year without"): cliffs["year"].astype(str),
        _("amount a year"): cliffs["amount"].map(money),
        _("share of revenues"): cliffs["share"].map(percent),
    }), caption


def _errors(accuracy: pd.DataFrame) -> pd.DataFrame:
    """Back-test errors of each item (mase, mape): those of the chosen methods, weighted by the forecasts tested."""
    chosen = accuracy[accuracy["chosen"] & (accuracy["n_forecasts"] > 0)]
    weighted = chosen[["mase", "mape"]].mul(chosen["n_forecasts"], axis=0)
    by = chosen["item"]
    return weighted.groupby(by).sum().div(chosen["n_forecasts"].groupby(by).sum(), axis=0)


def _weighted(rows: pd.DataFrame, by: list[str], column: str) -> pd.Series:
    """Mean of a column in each group, weighted by the forecast amount; rows where it is not known do not count."""
    known = rows[rows[column].notna()]
    keys = [known[key] for key in by]
    return (known[column] * known["mid"]).groupby(keys).sum() / known["mid"].groupby(keys).sum()


def _service_names(table: pd.DataFrame, services: pd.DataFrame) -> list[str]:
    names = services.drop_duplicates("service_id").set_index("service_id")["service_name"]
    return [f"{names.get(code, '')} ({code})" for code in table["service_id"]]


def _last_year(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["year"] == table["year"].max()]


def _millions(amount: float) -> str:
    return number(amount / 1e6, 1)


def _spans(rows: pd.DataFrame) -> list[str]:
    return ["–" if pd.isna(low) else _("{low} to {high}", low=_millions(low), high=_millions(high))
            for low, high in zip(rows["low"], rows["high"], strict=True)]
