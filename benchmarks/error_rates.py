"""How often chance alone is called good practice or a certain reserve: `python -m benchmarks.error_rates [REGIONS]`.

Small regions are drawn from seeds in which all services of a type are the same behind the figures: every figure of
every year is drawn anew (`equal_regions`), so that nobody differs from anybody by more than the luck of a year. Whoever
is then called a holder of good practice, told of a certain reserve, or listed as somebody to pay attention to, is so
in error. The spread of a year is that of the model region between services (cost of a bed-day about 11 %); shares and
counts vary by more than their own intervals say, so the test is harsher than chance of counts alone. "before" are the
rules without the uncertainty of the target and without p_adjusted.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from types import SimpleNamespace

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy is imported

import numpy as np
import pandas as pd

from kpsslib.comparison import attention, compare, good_practice, reserves
from kpsslib.comparison.attention import ERROR_RATE as OF_ATTENTION
from kpsslib.comparison.frontier_sets import frontiers
from kpsslib.comparison.good_practice import ERROR_RATE as OF_GOOD_PRACTICE
from kpsslib.comparison.nearest_sets import nearest_peers
from kpsslib.comparison.peers import chain
from kpsslib.comparison.reserves import ERROR_RATE as OF_RESERVES
from kpsslib.comparison.reserves import TARGETS, frontier_reserves, headline_indicators
from kpsslib.example.making import with_figures
from kpsslib.example.panel import open_panel
from kpsslib.example.region import territory
from kpsslib.example.register import register
from kpsslib.indicators import compute
from kpsslib.methodology import Methodology, load

YEARS = np.arange(2018, 2026)
SIZES = {"DS": 12, "DZR": 9, "PeS": 12, "OA": 9}
AT_ONCE = 25
ROOT = Path(__file__).parents[1]


def main() -> None:
    """Draw the regions and print each rate with what is stated."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("regions", type=int, nargs="?", default=200)
    regions = arguments.parse_args().regions
    methodology = load(ROOT / "parameters" / "methodology")
    found = pd.concat([called(methodology, min(AT_ONCE, regions - first), seed=first)
                       for first in range(0, regions, AT_ONCE)])
    print(f"{len(found)} regions, {int(found['services'].sum())} services called, of each:")
    for name, share, error, stated in rates(found):
        print(f"{name:32} {share:7.2%} +- {error:.2%}{f'   stated {stated:.0%} at most' if stated else ''}")


def rates(found: pd.DataFrame) -> list[tuple[str, float, float, float]]:
    """Each name with its share of the services, the 95 % error of the share over regions, and the rate stated."""
    stated = {"candidate": OF_GOOD_PRACTICE, "certain": OF_RESERVES, "listed": OF_ATTENTION}
    shares = found.div(found["services"], axis=0)
    return [(name, found[name].sum() / found["services"].sum(), 1.96 * shares[name].std() / len(found) ** 0.5,
             stated.get(name, 0.0)) for name in found if name != "services"]


def called(methodology: Methodology, regions: int, *, seed: int) -> pd.DataFrame:
    """For each region of equals how many of its services are a candidate, and have a reserve told in which way."""
    methodology = _apart(methodology)
    services, facts, places = equal_regions(methodology, regions, seed)
    year = int(YEARS[-1])
    run = SimpleNamespace(methodology=methodology, peers_file=None)
    peers = nearest_peers(run, facts, services, places, year=year)
    table = compare(compute(facts, services, places, methodology), services, methodology, year=year, peers=peers)
    candidates = good_practice(table, services, methodology, year=year)
    listed = attention(table, services, methodology, year=year)
    told = reserves(table, facts, services, methodology, year=year, peers=peers)
    at_frontier = frontier_reserves(frontiers(facts, services, methodology, year=year), table, facts, services,
                                    methodology, year=year)
    heads = [one.code for one in headline_indicators(methodology)]
    before = table[(table["year"] == year) & table["indicator"].isin(heads) & (table["flag"] == "ok")
                   & table["peer_set"].isin(chain(methodology))].rename(columns={"unit_id": "service_id"})
    sure, over = told[told["certain"]], told[told["low"] > 0]
    found = {
        "services": services, "candidate": candidates[candidates["candidate"]], "listed": listed,
        "listed as different": listed[listed["kind"] != "changed"],
        "listed as changed": listed[listed["kind"] == "changed"],
        "candidate by one year of three": candidates[candidates["years_held"] > 0], "certain": sure,
        **{f"certain, {target}": sure[sure["target"] == target] for target in TARGETS},
        "low over zero": over, **{f"low over zero, {target}": over[over["target"] == target] for target in TARGETS},
        "before: low over the median": before[before["low"] > before["median"]],
        "before: low over the quartile": before[before["low"] > before["q1"]],
        "frontier": at_frontier, "frontier, low over zero": at_frontier[at_frontier["low"] > 0]}
    region = services.drop_duplicates("service_id").set_index("service_id")["orp_code"]
    counts = {name: rows["service_id"].drop_duplicates().map(region).value_counts() for name, rows in found.items()}
    return pd.DataFrame(counts).reindex(sorted(region.unique())).fillna(0)


def _apart(methodology: Methodology) -> Methodology:
    """Nobody is compared beyond the region: each stands as a territory, and every rule keeps to it."""
    rules = {code: rule.model_copy(update={"same": [*dict.fromkeys([*rule.same, "orp_code"])]})
             for code, rule in methodology.peers.items() if code != "territory"}
    return methodology.model_copy(update={"peers": rules})


def equal_regions(methodology: Methodology, regions: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Tables `services`, `facts` and `territory` of regions of equals: each year of each service is drawn anew."""
    known = register(methodology, YEARS, -(-3 * regions // 4), seed)
    known = known[(known["valid_from"] < "2018") & (known["valid_to"] == "")]
    chosen = pd.concat([known[known["service_type"] == kind].head(n * regions) for kind, n in SIZES.items()])
    place = chosen.groupby("service_type").cumcount() % regions
    chosen = chosen.assign(orp_code=[f"{seed + number:04d}" for number in place])
    facts = pd.concat([_year(chosen, methodology, year, seed) for year in YEARS], ignore_index=True)
    units = open_panel(chosen, YEARS).units.drop(columns="capacity")
    units = units.assign(group=units["service_type"].map(methodology.group_of), capacity_unit=[
        methodology.service_types[kind].capacity_units[form] for kind, form
        in zip(units["service_type"], units["form"], strict=True)])
    size = facts[facts["year"] == YEARS[-1]].pivot(index=["service_id", "form"], columns="item", values="value")
    size = size.reindex(columns=["capacity_beds", "capacity_clients"]).bfill(axis=1).iloc[:, 0].rename("capacity")
    one = territory(YEARS, seed)
    one = one[one["orp_code"] == one["orp_code"].min()]
    places = pd.concat([one.assign(orp_code=code) for code in sorted(chosen["orp_code"].unique())], ignore_index=True)
    return units.join(size, on=["service_id", "form"]), facts, places


def _year(services: pd.DataFrame, methodology: Methodology, year: int, seed: int) -> pd.DataFrame:
    panel = with_figures(open_panel(services, np.array([year])), methodology, 10_000 * seed + year)
    wide = pd.DataFrame({item: values[:, 0] for item, values in panel.values.items()})
    keys = panel.units[["service_id", "form"]].assign(year=year, round="actual", status="reported")
    long = wide.join(keys).melt(list(keys), var_name="item").dropna(subset="value")
    return long.reset_index(drop=True)


if __name__ == "__main__":
    main()
