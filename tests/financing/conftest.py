"""A small panel with known truths: 3 types in 2 groups, 8 years, growth by item, an ESF project that ends in 2026."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kpsslib.financing import forecast, read_scenarios
from kpsslib.workspace import open_run

TYPES = {"DS": ("PS1", "residential", 9), "DZR": ("PS1", "residential", 6), "PeS": ("PS3", "outpatient_field", 8)}
TOURISM = Path(__file__).parents[3] / "shared" / "reference" / "ref" / "forecast" / "tourism_yearly.csv"
YEARS = range(2018, 2026)
LEVELS = {
    "cost_staff": (12e6, 0.06), "cost_energy": (1e6, 0.03), "cost_services": (2e6, 0.02),
    "revenue_grant": (9e6, 0.05), "revenue_municipality": (2e6, 0.02), "revenue_fees_care": (3e6, 0.02),
}


@pytest.fixture(scope="session")
def run():
    return open_run("parameters/runs/example.yaml")


@pytest.fixture(scope="session")
def scenarios(run):
    return read_scenarios(run)


@pytest.fixture(scope="session")
def services():
    rows = [(f"{place:07d}", form, kind, group, "CZ052", "2010-01-01", None)
            for place, (kind, group, form) in enumerate((k, g, f) for k, (g, f, n) in TYPES.items() for _ in range(n))]
    columns = ["service_id", "form", "service_type", "group", "region_code", "valid_from", "valid_to"]
    return pd.DataFrame(rows, columns=columns).assign(service_name=lambda table: "Domov " + table["service_id"])


@pytest.fixture(scope="session")
def facts(services):
    random = np.random.default_rng(7)
    rows = []
    for service in services.itertuples():
        size = random.uniform(0.5, 2)
        for item, (base, growth) in LEVELS.items():
            path = base * size * np.exp(np.cumsum(random.normal(growth, 0.02, len(YEARS))))
            rows += [(service.service_id, service.form, year, "actual", item, round(amount))
                     for year, amount in zip(YEARS, path, strict=True)]
        if service.service_id == "0000020":
            rows += [("0000020", service.form, y, "actual", "revenue_esf", 4e6) for y in range(2022, 2026)]
            rows += [("0000020", service.form, 2025, "actual", "esf_until", 2026)]
    return pd.DataFrame(rows, columns=["service_id", "form", "year", "round", "item", "value"])


@pytest.fixture(scope="session")
def forecasts(facts, services, scenarios):
    return forecast(facts, services, scenarios, 2025)


@pytest.fixture(scope="session")
def tourism():
    """History of each series, right-aligned, and the four years that came."""
    if not TOURISM.exists():
        pytest.skip(f"the reference file {TOURISM.name} is not on this machine")
    table = pd.read_csv(TOURISM)
    past, came = table[table["part"] == "x"], table[table["part"] == "xx"]
    back = past.groupby("id")["t"].transform("max") - past["t"]
    history = past.assign(back=back).pivot(index="id", columns="back", values="y").sort_index(axis=1, ascending=False)
    came = came.assign(step=came.groupby("id").cumcount()).pivot(index="id", columns="step", values="y")
    return history.to_numpy(), came.loc[history.index].to_numpy()
