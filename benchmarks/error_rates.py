"""How often chance alone is called good practice or a certain reserve: `python -m benchmarks.error_rates [REGIONS]`.

Small regions are drawn from seeds in which all services of a type are the same behind the figures: every figure of
every year is drawn anew (`equal_regions`), so that nobody differs from anybody by more than the luck of a year. Whoever
is then called a holder of good practice, told of a certain reserve, or listed as somebody to pay attention to, is so
in error. The spread of a year is that of the model region between services (cost of a bed-day about 11 %); shares and
counts vary by more than their own intervals say, so the test is harsher than chance of counts alone. "before" are the
rules without the uncertainty of the target and without p_adjusted.

Then the same regions once more, in each of which one home has too many posts and one home care service holds good
practice (RESERVE, MARGIN, in every year): how often each is found, and how often anything else is called one.
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
from kpsslib.example.panel import complete, open_panel
from kpsslib.example.planting import plant_in_figures
from kpsslib.example.region import territory
from kpsslib.example.register import register
from kpsslib.example.truths import Truth
from kpsslib.indicators import compute
from kpsslib.methodology import Methodology, load

YEARS = np.arange(2018, 2026)
SIZES = {"DS": 12, "DZR": 9, "PeS": 12, "OA": 9}
AT_ONCE = 25
RESERVE, MARGIN = 30e6, 0.35  # CZK a year over the median; share of the cost under it
ROOT = Path(__file__).parents[1]


def main() -> None:
    """Draw the regions and print each rate with what is stated."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("regions", type=int, nargs="?", default=200)
    regions = arguments.parse_args().regions
    methodology = load(ROOT / "parameters" / "methodology")
    for counted, of in ((called, "services called"), (called_beside_planted, "other services")):
        _print(pd.concat([counted(methodology, min(AT_ONCE, regions - first), seed=first)
                          for first in range(0, regions, AT_ONCE)]), of)


def _print(found: pd.DataFrame, of: str) -> None:
    print(f"{len(found)} regions, {int(found['services'].sum())} {of}, of each:")
    for name in [name for name in found if name.startswith("planted")]:
        print(f"{name:32} found in {found.pop(name).mean():7.2%} of the regions")
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
    return _by_region(services, _found(methodology, services, facts, places))


def called_beside_planted(methodology: Methodology, regions: int, *, seed: int) -> pd.DataFrame:
    """For each region whether its planted reserve and holder of good practice are found, and how many of its other
    services are called one.
    """
    methodology = _apart(methodology)
    services, facts, places = equal_regions(methodology, regions, seed, planted=True)
    found = _found(methodology, services, facts, places)
    kinds = {truth.service_id: truth.kind for truth in _truths(services)}
    of_kind = {name: table["service_id"].map(kinds) for name, table in found.items()}
    told = {"services": services, "candidate": found["candidate"], "certain": found["certain"]}
    others = {name: table[of_kind[name].isna()] for name, table in told.items()}
    others["holder with a certain reserve"] = found["certain"][of_kind["certain"] == "good_practice"]
    others["reserve called a candidate"] = found["candidate"][of_kind["candidate"] == "reserve"]
    others |= {f"planted {kind}": found[name][of_kind[name] == kind]
               for kind, name in (("reserve", "certain"), ("good_practice", "candidate"))}
    return _by_region(services, others)


def _by_region(services: pd.DataFrame, found: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """How many services of each region stand in each table."""
    region = services.drop_duplicates("service_id").set_index("service_id")["orp_code"]
    counts = {name: rows["service_id"].drop_duplicates().map(region).value_counts() for name, rows in found.items()}
    return pd.DataFrame(counts).reindex(sorted(region.unique())).fillna(0)


def _found(methodology: Methodology, services: pd.DataFrame, facts: pd.DataFrame,
           places: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Who is called what, a table for each name."""
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
    return {
        "services": services, "candidate": candidates[candidates["candidate"]], "listed": listed,
        "listed as different": listed[listed["kind"] != "changed"],
        "listed as changed": listed[listed["kind"] == "changed"],
        "candidate by one year of three": candidates[candidates["years_held"] > 0], "certain": sure,
        **{f"certain, {target}": sure[sure["target"] == target] for target in TARGETS},
        "low over zero": over, **{f"low over zero, {target}": over[over["target"] == target] for target in TARGETS},
        "before: low over the median": before[before["low"] > before["median"]],
        "before: low over the quartile": before[before["low"] > before["q1"]],
        "frontier": at_frontier, "frontier, low over zero": at_frontier[at_frontier["low"] > 0]}

def _apart(methodology: Methodology) -> Methodology:
    """Nobody is compared beyond the region: each stands as a territory, and every rule keeps to it."""
    rules = {code: rule.model_copy(update={"same": [*dict.fromkeys([*rule.same, "orp_code"])]})
             for code, rule in methodology.peers.items() if code != "territory"}
    return methodology.model_copy(update={"peers": rules})


def equal_regions(methodology: Methodology, regions: int, seed: int, *,
                  planted: bool = False) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Tables `services`, `facts` and `territory` of regions of equals: each year of each service is drawn anew.

    planted: of those of `_truths` every year is as they say.
    """
    known = register(methodology, YEARS, -(-3 * regions // 4), seed)
    known = known[(known["valid_from"] < "2018") & (known["valid_to"] == "")]
    chosen = pd.concat([known[known["service_type"] == kind].head(n * regions) for kind, n in SIZES.items()])
    place = chosen.groupby("service_type").cumcount() % regions
    chosen = chosen.assign(orp_code=[f"{seed + number:04d}" for number in place])
    truths = _truths(open_panel(chosen, YEARS).units) if planted else []
    facts = pd.concat([_year(chosen, methodology, year, seed, truths) for year in YEARS], ignore_index=True)
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


def _truths(services: pd.DataFrame) -> list[Truth]:
    """What is planted in each region: a reserve in its first home, good practice in its first home care service."""
    first = services.sort_values("service_id").drop_duplicates(["orp_code", "service_type"])
    planted = {"DS": dict(kind="reserve", indicator="N01", amount_czk=RESERVE),
               "PeS": dict(kind="good_practice", indicator="N04", margin=MARGIN)}
    return [Truth(package="comparison", what=row.service_type, service_id=row.service_id, form=row.form,
                  **planted[row.service_type]) for row in first.itertuples() if row.service_type in planted]


def _year(services: pd.DataFrame, methodology: Methodology, year: int, seed: int, truths: list[Truth]) -> pd.DataFrame:
    panel = with_figures(open_panel(services, np.array([year])), methodology, 10_000 * seed + year)
    plant_in_figures(panel, truths, np.ones((len(panel.units), 1), bool))
    panel = complete(panel, methodology)
    wide = pd.DataFrame({item: values[:, 0] for item, values in panel.values.items()})
    keys = panel.units[["service_id", "form"]].assign(year=year, round="actual", status="reported")
    long = wide.join(keys).melt(list(keys), var_name="item").dropna(subset="value")
    return long.reset_index(drop=True)


if __name__ == "__main__":
    main()
