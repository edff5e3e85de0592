"""Plausible figures: each service keeps its own character over the years, prices and the epidemic move them all.

Cost is built from posts, pay, and operating cost of a bed or a post; a service differs from its type by lasting
factors (posts 16 %, pay 6 %, operating 17 %, about 11 % in cost together) and by some 3 % from year to year.
"""

from __future__ import annotations

import numpy as np

from kpsslib.example import kinds
from kpsslib.example.draws import spread, stream
from kpsslib.example.panel import Panel

# By year from 2018, 2023 = 1: energy, other prices; and what the epidemic took off occupancy and outpatient work.
_ENERGY = {2018: 0.50, 2019: 0.52, 2020: 0.53, 2021: 0.58, 2022: 0.88, 2023: 1.0, 2024: 0.94, 2025: 0.90}
_PRICES = {2018: 0.72, 2019: 0.74, 2020: 0.765, 2021: 0.79, 2022: 0.91, 2023: 1.0, 2024: 1.024, 2025: 1.05}
_EPIDEMIC = {2020: 0.10, 2021: 0.09, 2022: 0.02}
_WAGE_GROWTH = 0.06
_LEVIES = 0.338
_OPERATING = ("cost_material", "cost_energy", "cost_repairs", "cost_travel", "cost_services", "cost_depreciation",
              "cost_other")
_RESIDENTIAL_SHARES = (0.36, 0.17, 0.10, 0.01, 0.20, 0.12, 0.04)
_OUTPATIENT_SHARES = (0.15, 0.08, 0.05, 0.13, 0.46, 0.06, 0.07)


def by_year(index: dict[int, float], years: np.ndarray, usual: float = 1.0) -> np.ndarray:
    """An index as a row of years."""
    return np.array([index.get(int(year), usual) for year in years])[None, :]


def wage_index(years: np.ndarray) -> np.ndarray:
    """Pay of a year relative to 2023."""
    return (1 + _WAGE_GROWTH) ** (years - 2023.0)[None, :]


def add_size(panel: Panel, seed: int) -> np.ndarray:
    """Write capacity and days; returns what cost grows with: beds, or posts of direct care (units x years)."""
    rng = stream(seed, "size")
    units, years, values = panel.units, panel.years, panel.values
    shape = (len(units), 1)
    size = units["size"].to_numpy()[:, None] * spread(rng, 0.35, shape)
    change = np.where(rng.random(shape) < 0.25, spread(rng, 0.06, shape), 1.0)
    size = size * np.where(years[None, :] >= rng.integers(2019, 2026, shape), change, 1.0)
    size = np.where(panel.residential(), np.maximum(3, np.round(size)), np.maximum(1.0, np.round(size, 2)))
    values["capacity_beds"] = np.where(panel.residential(), size, np.nan)
    places = np.maximum(1, np.round(size * units["capacity"].to_numpy()[:, None] * spread(rng, 0.12, shape)))
    for item in ("capacity_clients", "capacity_contacts", "capacity_interventions", "capacity_calls"):
        values[item] = places
    days = units["days"].to_numpy()[:, None]
    days = np.where(days == 365, 365 + (years % 4 == 0)[None, :], days)
    values["operating_days"] = np.round(days * panel.months / 12)
    values["months_operated"] = panel.months
    return size


def add_posts(panel: Panel, size: np.ndarray, seed: int) -> np.ndarray:
    """Write the posts by position, to 0.01, as the average of the year; returns all posts (units x years)."""
    rng = stream(seed, "posts")
    units, values = panel.units, panel.values
    shape = (len(units), 1)
    lasting = np.where(panel.residential(), spread(rng, 0.16, shape), spread(rng, 0.05, shape))
    posts = size * units["posts"].to_numpy()[:, None] * lasting * spread(rng, 0.015, size.shape)
    posts = posts * panel.months / 12
    share = np.clip(units["direct_share"].to_numpy()[:, None] * spread(rng, 0.05, shape), 0.4, 0.96)
    keys = zip(units["service_type"], units["family"], units["form"], strict=True)
    shares = np.array([kinds.division(*key) for key in keys]) * spread(rng, 0.10, (len(units), len(kinds.DIRECT_ITEMS)))
    shares = shares / shares.sum(axis=1, keepdims=True)
    for column, item in enumerate(kinds.DIRECT_ITEMS):
        values[item] = np.round(posts * share * shares[:, [column]], 2)
    indirect = np.where(panel.residential(), [[0.10, 0.17, 0.73]], [[0.42, 0.40, 0.18]])
    for column, item in enumerate(("fte_management", "fte_administration", "fte_support")):
        values[item] = np.round(posts * (1 - share) * indirect[:, [column]], 2)
    return sum(values[item] for item in (*kinds.DIRECT_ITEMS, "fte_management", "fte_administration", "fte_support"))


def add_costs(panel: Panel, size: np.ndarray, posts: np.ndarray, seed: int) -> None:
    """Write the parts of the costs in whole crowns of the year."""
    rng = stream(seed, "costs")
    units, years, values = panel.units, panel.years, panel.values
    shape, part = (len(units), 1), panel.months / 12
    pay = units["pay"].to_numpy()[:, None] * spread(rng, 0.06, shape) * wage_index(years)
    pay = pay * (1 + 0.3 * by_year(_EPIDEMIC, years, 0.0))  # extraordinary rewards
    staff = posts * pay * spread(rng, 0.02, size.shape)
    agreements = staff * 0.03 * spread(rng, 0.5, shape)
    values["cost_agreements"] = np.round(agreements)
    values["cost_wages"] = np.round((staff - agreements) / (1 + _LEVIES))
    values["cost_levies"] = np.round(values["cost_wages"] * _LEVIES)
    operating = size * units["operating"].to_numpy()[:, None] * spread(rng, 0.17, shape) * part
    shares = np.where(panel.residential(), [_RESIDENTIAL_SHARES], [_OUTPATIENT_SHARES])
    shares = shares * spread(rng, 0.15, shares.shape)
    shares = shares / shares.sum(axis=1, keepdims=True)
    for column, item in enumerate(_OPERATING):
        prices = by_year(_ENERGY if item == "cost_energy" else _PRICES, years)
        values[item] = np.round(operating * shares[:, [column]] * prices * spread(rng, 0.04, size.shape))
    total = sum(values[item] for item in ("cost_wages", "cost_levies", "cost_agreements", *_OPERATING))
    offers = units["family"].eq("péče").to_numpy()[:, None] & (rng.random(shape) < 0.6)
    values["cost_optional"] = np.round(total * np.where(offers, rng.uniform(0.002, 0.02, shape), 0))
    overhead = values["fte_management"] * 1.45 + values["fte_administration"]
    values["cost_overhead_staff"] = np.round(overhead * pay * 0.97)


def add_outputs(panel: Panel, posts_direct: np.ndarray, seed: int) -> None:
    """Write bed-days, hours, contacts, interventions, calls and client hours."""
    rng = stream(seed, "outputs")
    units, years, values = panel.units, panel.years, panel.values
    shape, full = (len(units), 1), posts_direct.shape
    epidemic = by_year(_EPIDEMIC, years, 0.0)
    usual = np.clip(units.get("occupancy").to_numpy(float)[:, None], 0.05, 0.99)
    odds = np.log(usual / (1 - usual)) + np.clip(rng.normal(0, 0.35, shape), -0.8, 0.8) + rng.normal(0, 0.12, full)
    occupancy = np.minimum(1 / (1 + np.exp(-odds)) * (1 - 0.4 * epidemic), 0.995)
    values["bed_days"] = np.floor(values["capacity_beds"] * values["operating_days"] * occupancy)
    work = posts_direct * spread(rng, 0.10, shape) * (1 - 0.6 * epidemic)
    outputs = {"care_hours": "hours", "contacts": "contacts", "interventions": "interventions", "calls": "calls"}
    for item, rate in outputs.items():
        values[item] = np.round(work * units[rate].to_numpy(float)[:, None] * spread(rng, 0.03, full))
    offered = np.round(values["capacity_clients"] * values["operating_days"] * 8)
    values["hours_offered"] = offered
    values["hours_used"] = np.round(offered * np.clip(0.74 * spread(rng, 0.12, shape), 0.4, 0.97) * (1 - 1.5 * epidemic)
                                    * spread(rng, 0.02, full))
