"""A small made-up region for the tests of comparison, and methodology objects to compare it by."""

import importlib.util
import shutil
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from kpsslib.indicators import compute
from kpsslib.methodology import Indicator, load
from kpsslib.workspace import project_root

YEARS = range(2018, 2026)
# Costs of a year and what they are divided by; FTE x pay + the rest = cost_total.
_TYPES = {"DS": ("PS1", "residential", "beds"), "DZR": ("PS1", "residential", "beds"),
          "CHB": ("PS2", "residential", "beds"), "OA": ("PS3", "outpatient_field", "clients")}


def make_indicator(code: str, **changes) -> Indicator:
    """A complete indicator: cost per bed-day, changed where the test needs it."""
    fields = dict(
        code=code, area="costs", name=dict(cs="zkouška", en="test"), unit="CZK / bed_day", digits=0,
        unit_label=dict(cs="Kč za lůžkoden", en="CZK per bed-day"), direction="lower", kind="money", dimension="cost",
        numerator="cost_total - cost_optional", denominator="bed_days", sources=["return"], status="published",
        author="PS1", next_review=date(2030, 1, 1), why=dict(cs="proto", en="because"), min_peers=5,
        caveats=dict(cs="pozor", en="mind"), example=[dict(items={}, flag="missing"), dict(items={}, flag="missing")],
    )
    return Indicator.model_validate(fields | changes)


INDICATORS = [
    make_indicator("N01", forms=["residential"]),
    make_indicator("N03", denominator="fte_direct", unit="CZK / FTE"),
    make_indicator("P06", kind="proportion", numerator="persons_qualified", denominator="persons", scale=100.0,
                   unit="percent", direction="higher", dimension="staff"),
    make_indicator("K01", kind="rate", numerator="complaints", denominator="clients", scale=100.0, dimension="quality",
                   unit="complaint / hundred_persons"),
    make_indicator("V01", kind="ratio", numerator="bed_days", denominator="capacity_beds * operating_days", scale=100.0,
                   unit="percent", direction="higher", dimension="performance", forms=["residential"]),
    make_indicator("N07", kind="ratio", numerator="cost_staff", denominator="cost_total", scale=100.0, unit="percent",
                   direction="none", dimension=None),
    make_indicator("P03", kind="ratio", numerator="fte_direct", denominator="capacity_beds", direction="band",
                   dimension=None, forms=["residential"], unit="FTE / bed"),
]


@pytest.fixture(scope="session")
def methodology(tmp_path_factory):
    """The items, types and peers of the project with a few indicators of the tests' own."""
    folder = tmp_path_factory.mktemp("methodology") / "copy"
    shutil.copytree(project_root() / "parameters" / "methodology", folder, ignore=shutil.ignore_patterns("indicators"))
    return load(folder).model_copy(update={"indicators": {one.code: one for one in INDICATORS}})


def make_services(counts: dict[str, int]) -> pd.DataFrame:
    """So many services of each type, in three territories."""
    return pd.DataFrame([_service(kind, i) for kind, n in counts.items() for i in range(n)])


def _service(kind: str, i: int) -> dict:
    group, form, unit = _TYPES[kind]
    return dict(
        service_id=f"{kind}{i:03d}", form=form, provider_id=f"{i:08d}", provider_name="P", service_name=f"{kind} {i}",
        service_type=kind, group=group, capacity_unit=unit, capacity=40.0, municipality_code="1", municipality="M",
        orp_code=f"0{i % 3}", orp_name=f"ORP {i % 3}", region_code="CZ01", valid_from="2007-01-01", valid_to=None,
        network_tier="basic", entrusted_from=None, entrusted_to=None)


def make_facts(services: pd.DataFrame, seed: int = 1, years=YEARS) -> pd.DataFrame:
    """Actual returns of every year: own level of each service, a common rise of prices, noise."""
    rng = np.random.default_rng(seed)
    parts = []
    for service in services.itertuples():
        beds = float(rng.integers(20, 80))
        level = np.exp(rng.normal(0, 0.12))
        parts += [_return(service, year, beds, level, rng) for year in years]
    return pd.concat(parts, ignore_index=True)


def _return(service, year: int, beds: float, level: float, rng: np.random.Generator) -> pd.DataFrame:
    fte = 0.8 * beds * level * np.exp(rng.normal(0, 0.02))
    staff = fte * 480_000 * 1.05 ** (year - 2018) * np.exp(rng.normal(0, 0.02))
    rest = beds * 180_000 * 1.05 ** (year - 2018) * np.exp(rng.normal(0, 0.05))
    items = dict(
        cost_total=staff + rest, cost_optional=0.02 * rest, cost_staff=staff, cost_operating=rest, fte_total=fte,
        fte_direct=0.7 * fte, bed_days=beds * 365 * rng.uniform(0.9, 0.99), capacity_beds=beds, operating_days=365.0,
        persons=np.round(fte) + 3, persons_qualified=np.round(fte * rng.uniform(0.6, 1.0)), clients=beds * 1.2,
        complaints=float(rng.poisson(2)), care_hours=fte * 1200,
    )
    if service.form != "residential":
        items = {code: value for code, value in items.items() if code not in ("bed_days", "capacity_beds")}
    return pd.DataFrame({"item": list(items), "value": list(items.values())}).assign(
        service_id=service.service_id, form=service.form, year=year, round="actual", status="reported",
        file=f"{service.service_id}.xlsx", sheet="Výkaz", cell="D1", received_at="2026-01-01")


NO_TERRITORY = pd.DataFrame(columns=["orp_code", "orp_name", "region_code", "year", "item", "value", "source"])


@pytest.fixture(scope="session")
def make():
    """The makers of this module and the slow second implementation."""
    spec = importlib.util.spec_from_file_location("oracle", Path(__file__).parents[1] / "oracle.py")
    oracle = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(oracle)
    return SimpleNamespace(indicator=make_indicator, services=make_services, facts=make_facts, oracle=oracle,
                           no_territory=NO_TERRITORY)


@pytest.fixture(scope="session")
def region(methodology):
    """Services, facts and indicators of 14 DS, 3 DZR and 9 OA over eight years."""
    services = make_services({"DS": 14, "DZR": 3, "OA": 9})
    facts = make_facts(services)
    return SimpleNamespace(services=services, facts=facts,
                           indicators=compute(facts, services, NO_TERRITORY, methodology))
