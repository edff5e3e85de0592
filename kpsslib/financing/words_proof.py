"""What page 04 says of its own proof: held-out forecasts, sums reconciled, the parts of a change."""

from __future__ import annotations

import pandas as pd

from kpsslib.financing.forecasting import Forecasts
from kpsslib.financing.outlook import COST, NEED
from kpsslib.financing.price_volume import PARTS, pay_of_a_post, total
from kpsslib.financing.scenarios import REFERENCE, Scenarios
from kpsslib.financing.words import millions, part_name
from kpsslib.language import _, money, number, percent

_GROWING = "wages"


def held_out(proof: pd.DataFrame, level: str, forecasts: Forecasts) -> list[str]:
    """How the forecasts of earlier years did, and what that does not mean."""
    if proof.empty:
        return [_("There are too few past years to try the forecasts on them.")]
    types, units = (proof[proof["level"] == name].dropna(subset=["low", "high"]) for name in ("service_type", level))
    inside = types["came"].between(types["low"], types["high"])
    missed = (units["mid"] / units["came"] - 1).abs().groupby(units["item"]).mean()
    return [_("Told from {first} to {last} only with what was known then, {inside} of {n} totals of types lay in "
              "their interval ({share}; it should be {level}). Totals of the page were missed on average by {cost} "
              "in costs and by {need} in the need of grant. So good the forecast would have been in these years; a "
              "year such as the data have not seen can be missed by more.",
              first=proof["origin"].min(), last=proof["origin"].max(), n=number(len(types)),
              inside=number(inside.sum()), share=percent(inside.mean(), 0), level=percent(forecasts.level, 0),
              cost=percent(missed.get(COST)), need=percent(missed.get(NEED)))]


def sums_checked(checked: pd.DataFrame, forecasts: Forecasts) -> list[str]:
    """By how much reconciled forecasts of the sums differ from services added up."""
    if checked.empty:
        return [_("No service has its costs known in all years, so forecasts of sums cannot be checked.")]
    totals = checked.set_index("way")["total"]
    off = totals / totals["bottom_up"] - 1
    return [_("Sums add services up. Where types and totals are forecast for themselves too and all is reconciled, "
              "costs in {year} come out {wls} (by structure) and {mint} (by past errors, MinT) against {sum} of {n} "
              "services whose costs are known in all years. The page keeps to the services.",
              year=forecasts.series.ahead[-1], wls=_signed(off["wls_struct"]), mint=_signed(off["mint"]),
              sum=millions(totals["bottom_up"]), n=number(checked["services"].iloc[0]))]


def price_volume(parts: pd.DataFrame, facts: pd.DataFrame, forecasts: Forecasts, scenarios: Scenarios) -> list[str]:
    """What the expected change of costs consists of, and whether the supposed growth of pay is that of past years."""
    row = total(parts[parts["scenario"] == REFERENCE].assign(all=1), ["all"]).iloc[0]
    told = "; ".join(f"{part_name(part)} {millions(row[part])}" for part in PARTS)
    lines = [_("Expected development to {year}: costs change by {change}, of that {parts}. Volume is at today's "
               "prices, so the parts add up to the haléř. The growth of prices is supposed by the scenario; what it "
               "does not explain is in the rest, which is no saving and no waste by itself.",
               year=forecasts.series.ahead[-1], change=millions(row["after"] - row["before"]), parts=told)]
    pay = pay_of_a_post(facts, forecasts.series.years[-1])
    if len(pay):
        first, last = pay.iloc[0], pay.iloc[-1]
        years = int(last["year"] - first["year"])
        ahead = forecasts.series.ahead
        supposed = scenarios.reference.index(_GROWING, ahead)[-1] ** (1 / len(ahead)) - 1
        lines.append(_("Posts and pay: {posts} full-time posts at {pay} a year each in {year}. A post grew dearer by "
                       "{past} a year since {first}; the expected development supposes {supposed}.",
                       posts=number(last["posts"], 1), pay=money(last["pay"]), year=int(last["year"]),
                       first=int(first["year"]), past=percent((last["pay"] / first["pay"]) ** (1 / years) - 1),
                       supposed=percent(supposed)))
    return lines


def _signed(share: float) -> str:
    return f"{'+' if share > 0 else ''}{percent(share)}"
