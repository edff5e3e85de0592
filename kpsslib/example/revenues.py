"""Who pays: clients, insurers and projects first; the grant, region, municipalities and others share the rest."""

from __future__ import annotations

import numpy as np

from kpsslib.example.draws import spread, stream
from kpsslib.example.panel import Panel
from kpsslib.methodology import Methodology

# Yearly care allowance that one client of a degree pays for residential care and for other care (CZK of 2023).
_ALLOWANCE = {"residential": (0, 10_560, 52_800, 145_000, 218_000),
              "outpatient_field": (900, 2_400, 5_500, 9_000, 12_000)}
# Shares of the grant (section 101a) in revenue: from, to; and how region : municipality : own : gifts : other divide
# what is left after it.
_GRANT = {"residential": (0.20, 0.34), "péče": (0.42, 0.62), "prevence": (0.50, 0.74), "poradenství": (0.50, 0.72)}
_REST = {"residential": (0.22, 0.56, 0.10, 0.04, 0.08), "péče": (0.18, 0.62, 0.08, 0.06, 0.06),
         "prevence": (0.26, 0.52, 0.08, 0.06, 0.08), "poradenství": (0.26, 0.50, 0.10, 0.06, 0.08)}
_REST_ITEMS = ("revenue_region", "revenue_municipality", "revenue_own", "revenue_gifts", "revenue_other")
_INSURED = {"DS": 0.075, "DZR": 0.085, "DOZP": 0.035, "TSt": 0.02, "SZZ": 0.12}


def add_revenues(panel: Panel, methodology: Methodology, seed: int) -> None:
    """Write every revenue item so that revenue comes within a few per cent of the costs."""
    rng = stream(seed, "revenues")
    cost = np.nan_to_num(panel.values["cost_total"])
    total = cost * (1 + np.clip(rng.normal(-0.003, 0.011, cost.shape), -0.035, 0.018))
    clients = _from_clients(panel, methodology, rng)
    clients["revenue_insurance"] = cost * panel.units["service_type"].map(_INSURED).fillna(0).to_numpy()[:, None]
    paid = sum(clients.values())
    scale = np.minimum(1, 0.68 * total / np.maximum(paid, 1))  # clients never pay more than two thirds
    values = {item: np.round(amount * scale) for item, amount in clients.items()}
    values |= _projects(panel, total, rng)
    left = np.maximum(0, total - sum(values.values()))
    keys = np.where(panel.residential()[:, 0] & panel.units["family"].eq("péče"), "residential", panel.units["family"])
    low, high = np.array([_GRANT[key] for key in keys]).T
    share = (low + (high - low) * rng.random(len(keys)))[:, None] * spread(rng, 0.02, cost.shape)
    values["revenue_grant"] = np.round(np.minimum(share * total, 0.93 * left), -2)
    rest = np.array([_REST[key] for key in keys]) * spread(rng, 0.35, (len(keys), 5))
    rest = rest / rest.sum(axis=1, keepdims=True)
    for column, item in enumerate(_REST_ITEMS):
        values[item] = np.round((left - values["revenue_grant"]) * rest[:, [column]])
    panel.values.update(values)


def _from_clients(panel: Panel, methodology: Methodology, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Fees for accommodation and meals, for care, and for optional activities."""
    values, years = panel.values, panel.years
    ceiling = methodology.items["fee_ceiling"]
    fees = np.array([ceiling.constant(int(year)) for year in years])[None, :]
    care = panel.units["family"].eq("péče").to_numpy()[:, None]
    level = np.where(care, 0.86, 0.30) * spread(rng, 0.04, (len(panel.units), 1))
    allowance = np.where(panel.residential()[:, :, None], _ALLOWANCE["residential"], _ALLOWANCE["outpatient_field"])
    degrees = np.stack([np.nan_to_num(values[f"clients_degree_{n}"]) for n in range(5)], axis=2)
    beds_used = np.where(panel.residential(), np.nan_to_num(values["bed_days"]) / 366, 1)
    stay = np.where(panel.residential(), beds_used / np.maximum(1, np.nan_to_num(values["clients"])), 1.0)
    growth = np.where(years >= 2024, 1.1, 1.0)[None, :]
    return {"revenue_fees_accommodation": np.nan_to_num(values["bed_days"]) * fees * level,
            "revenue_fees_care": np.where(care, (degrees * allowance).sum(axis=2) * np.minimum(1, stay) * growth, 0),
            "revenue_fees_optional": np.nan_to_num(values["cost_optional"]) * rng.uniform(0.8, 1.1, (len(years),))}


def _projects(panel: Panel, total: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """ESF projects of some services of prevention with the year they end, and labour office contributions."""
    shape, years = (len(panel.units), 1), panel.years[None, :]
    eligible = panel.units["family"].ne("péče").to_numpy()[:, None] & (rng.random(shape) < 0.45)
    start, end = rng.integers(2019, 2024, shape), rng.integers(2024, 2029, shape)
    runs = eligible & (years >= start) & (years <= end)
    share = rng.uniform(0.05, 0.15, shape)
    panel.values["esf_until"] = np.where(runs, end + 0.0 * years, np.nan)
    office = np.where(rng.random(shape) < 0.15, rng.uniform(0.003, 0.012, shape), 0)
    return {"revenue_esf": np.round(np.where(runs, total * share, 0)),
            "revenue_labour_office": np.round(total * office)}
