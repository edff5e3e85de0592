"""Employees, clients, demand and quality of the model region: counts of persons, drawn and whole."""

from __future__ import annotations

import numpy as np

from kpsslib.example import kinds
from kpsslib.example.draws import spread, stream
from kpsslib.example.figures import by_year
from kpsslib.example.panel import Panel

_EPIDEMIC_CLIENTS = {2020: 0.12, 2021: 0.09, 2022: 0.02}
_INSPECTION_MAXIMUM = 144  # 48 criteria of the quality standards, three points each
DEGREES = tuple(f"clients_degree_{n}" for n in range(5))


def add_employees(panel: Panel, posts: np.ndarray, seed: int) -> None:
    """Write persons, qualification, joiners and leavers, hours of agreements, volunteers and training."""
    rng = stream(seed, "employees")
    values, shape, full = panel.values, (len(panel.units), 1), posts.shape
    persons = np.maximum(1, np.round(posts * (1.08 + 0.1 * rng.random(shape)))).astype(int)
    values["persons"] = persons
    values["persons_qualified"] = rng.binomial(persons, np.clip(0.93 * spread(rng, 0.05, shape), 0, 1) + 0 * posts)
    turnover = 0.13 * spread(rng, 0.40, shape)
    values["leavers"] = np.minimum(persons, rng.poisson(persons * turnover))
    values["joiners"] = np.minimum(persons, rng.poisson(persons * turnover * 1.02))
    values["agreement_hours"] = np.round(values["cost_agreements"] / (175 * spread(rng, 0.05, full)))
    values["volunteer_hours"] = np.round(persons * 6 * rng.random(shape) * spread(rng, 0.1, full))
    values["training_hours"] = np.round(persons * 27 * spread(rng, 0.15, shape) * spread(rng, 0.08, full))


def add_clients(panel: Panel, size: np.ndarray, seed: int) -> None:
    """Write clients, anonymous ones and their degrees of dependency; never fewer than beds in use."""
    rng = stream(seed, "clients")
    units, years, values = panel.units, panel.years, panel.values
    shape, full = (len(units), 1), size.shape
    lasting = np.where(panel.residential(), spread(rng, 0.06, shape), spread(rng, 0.14, shape))
    usual = size * units["clients"].to_numpy()[:, None] * lasting * spread(rng, 0.03, full)
    part = np.where(panel.residential(), 1, 0.4 + 0.6 * panel.months / 12)
    clients = np.maximum(1, np.round(usual * part * (1 - by_year(_EPIDEMIC_CLIENTS, years, 0.0)))).astype(int)
    values["clients"] = clients
    values["clients_anonymous"] = np.round(clients * rng.uniform(0.1, 0.6, shape))
    shares = np.array([kinds.degrees(code) for code in units["service_type"]]) * spread(rng, 0.18, (len(units), 5))
    shares = np.repeat((shares / shares.sum(axis=1, keepdims=True))[:, None, :], full[1], axis=1)
    counts = rng.multinomial(clients, shares)
    for degree, item in enumerate(DEGREES):
        values[item] = counts[:, :, degree]


def add_demand(panel: Panel, seed: int) -> None:
    """Write applications waiting and refusals: many before homes, few elsewhere."""
    rng = stream(seed, "demand")
    units, values = panel.units, panel.values
    shape, clients = (len(units), 1), values["clients"]
    homes = units["service_type"].isin(["DS", "DZR", "DOZP"]).to_numpy()[:, None]
    pressure = np.where(homes, 0.7, 0.04) * spread(rng, 0.35, shape)
    values["applicants_waiting"] = rng.poisson(clients * pressure)
    values["refused_capacity"] = rng.poisson(clients * pressure * 0.5)
    values["refused_target_group"] = rng.poisson(clients * 0.02 * spread(rng, 0.4, shape))
    values["refused_other"] = rng.poisson(clients * 0.008 * spread(rng, 0.4, shape))


def add_quality(panel: Panel, seed: int) -> None:
    """Write complaints, restraint, the satisfaction survey (two of three services) and the last inspection."""
    rng = stream(seed, "quality")
    units, years, values = panel.units, panel.years, panel.values
    shape, clients = (len(units), 1), values["clients"]
    few = np.minimum(clients, 60)
    values["complaints"] = rng.poisson(few * 0.03 * spread(rng, 0.5, shape))
    values["complaints_justified"] = rng.binomial(values["complaints"], 0.3)
    restraint = np.where(units["service_type"].isin(["DZR", "DOZP"]).to_numpy()[:, None], 0.16, 0.03)
    values["restraint_measures"] = rng.poisson(few * restraint * spread(rng, 0.5, shape))
    asked = np.where(rng.random(shape) < 0.66, 1.0, np.nan)
    respondents = rng.binomial(np.minimum(clients, 120), 0.45)
    values["survey_respondents"] = respondents * asked
    values["survey_satisfied"] = rng.binomial(respondents, np.clip(0.88 * spread(rng, 0.04, shape), 0, 0.99)) * asked
    points = np.round(_INSPECTION_MAXIMUM * np.clip(0.84 * spread(rng, 0.07, shape), 0.5, 1.0))
    inspected = (rng.random(shape) < 0.7) & (years[None, :] >= rng.integers(2015, 2024, shape))
    values["inspection_points"] = np.where(inspected, points, np.nan)
    values["inspection_points_possible"] = np.where(inspected, float(_INSPECTION_MAXIMUM), np.nan)


def add_equipment(panel: Panel, posts: np.ndarray, seed: int) -> None:
    """Write rooms, which hold exactly the beds, and cars with their kilometres."""
    rng = stream(seed, "equipment")
    units, values = panel.units, panel.values
    shape, beds = (len(units), 1), np.nan_to_num(values["capacity_beds"])
    values["rooms_larger"] = np.floor(beds * 0.04 * rng.random(shape))
    left = beds - 3 * values["rooms_larger"]
    values["rooms_double"] = np.floor(left * rng.uniform(0.12, 0.42, shape))
    values["rooms_single"] = left - 2 * values["rooms_double"]
    travels = units["forms"].str.contains("T").to_numpy()[:, None]
    values["vehicles"] = np.round(posts * np.where(travels, 0.35, 0.08) * spread(rng, 0.2, shape))
    values["kilometres"] = np.round(values["vehicles"] * 9500 * spread(rng, 0.2, shape) * panel.months / 12)
