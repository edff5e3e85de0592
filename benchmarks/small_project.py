"""A small made-up project with a finished run, written in a second: for tests and benchmarks of dashboards."""

from __future__ import annotations

import shutil
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from kpsslib.comparison import attention, compare
from kpsslib.comparison.nearest import nearest
from kpsslib.methodology import Methodology, load
from kpsslib.workspace import conform, write_table

YEARS = range(2018, 2026)
# How many services of each type and form; SZZ is too small for a set of its own, OS has two forms.
SIZES = {("DS", "residential"): 16, ("DZR", "residential"): 31, ("SZZ", "residential"): 3,
         ("PeS", "outpatient_field"): 22, ("OS", "residential"): 7, ("OS", "outpatient_field"): 9}
# Typical value, spread between services and between years.
SHAPES = {"N01": (1800, 0.16, 0.03), "N08": (560_000, 0.07, 0.03), "V01": (92, 0.04, 0.01), "V04": (61, 0.2, 0.04),
          "P06": (72, 0.15, 0.04), "F05": (30, 0.3, 0.05), "P01": (63, 0.1, 0.02)}
_PLACES = ["Jilemnice", "Dvůr Králové nad Labem", "Chrast", "Hořice", "Žacléř", "Újezd", "Čermná nad Orlicí", "Smiřice",
           "Rychnov nad Kněžnou", "Jaroměř", "Hronov", "Opočno", "Špindlerův Mlýn"]
_WORDS = {"DS": "Domov seniorů", "DZR": "Domov se zvláštním režimem U Staré hájovny", "SZZ": "Sociální lůžka nemocnice",
          "PeS": "Pečovatelská služba", "OS": "Odlehčovací služba"}


def write_project(root: Path, source: Path, seed: int = 7) -> None:
    """A project in root: the methodology and dashboard page of source, a run "example" with groups PS1 and PS3."""
    shutil.copytree(source / "parameters" / "methodology", root / "parameters" / "methodology")
    shutil.copytree(source / "notebooks" / "dashboards", root / "notebooks" / "dashboards")
    run = {"name": "example", "region": "Zkušební kraj", "years": list(YEARS), "year": 2025, "round": "actual",
           "groups": ["PS1", "PS3"], "pages": ["03_comparison"]}
    (root / "parameters" / "runs").mkdir()
    (root / "parameters" / "runs" / "example.yaml").write_text(yaml.safe_dump(run), "utf-8")
    methodology = load(root / "parameters" / "methodology")
    rng = np.random.default_rng(seed)
    services = _services(methodology)
    for group in run["groups"]:
        members = services[services["group"] == group]
        values = _indicators(members, methodology, rng)
        peers = _peers(members)
        table = compare(values, members, methodology, year=2025, peers=peers)
        tables = {"services": members, "indicators": values, "completeness": _completeness(members), "peers": peers,
                  "comparison": table, "attention": attention(table, members, methodology, year=2025)}
        for name, table in tables.items():
            write_table(conform(name, table), root / "outputs" / "example" / "tables" / group / f"{name}.parquet")


def _peers(services: pd.DataFrame) -> pd.DataFrame:
    """The nine services most alike by capacity."""
    units = services.rename(columns={"service_id": "unit_id"}).drop_duplicates(["unit_id", "form"])
    units = units.set_index(["unit_id", "form"])
    return nearest(units[["capacity"]].astype(float), units["service_type"], pd.Series({"capacity": 1.0}), 9)


def _services(methodology: Methodology) -> pd.DataFrame:
    rows = []
    for number, (kind, form, n) in enumerate((k, f, i) for (k, f), size in SIZES.items() for i in range(size)):
        service = n if kind == "OS" else number
        place = _PLACES[service % len(_PLACES)]
        rows.append({
            "service_id": f"{'9' if kind == 'OS' else '0'}{service:06d}", "form": form, "provider_id": f"{service:08d}",
            "provider_name": f"Charita {place}" if service % 3 else f"Město {place}", "service_type": kind,
            "service_name": _WORDS[kind] if kind == "PeS" else f"{_WORDS[kind]} {place}",
            "group": methodology.group_of[kind], "municipality": place, "capacity": 30.0 + service,
            "valid_from": "2007-01-01", "capacity_unit": methodology.service_types[kind].capacity_units[form],
        })
    columns = ["municipality_code", "orp_code", "orp_name", "region_code", "valid_to", "network_tier", "entrusted_from",
               "entrusted_to"]
    return pd.DataFrame(rows).assign(**dict.fromkeys(columns, ""))


def _indicators(services: pd.DataFrame, methodology: Methodology, rng: np.random.Generator) -> pd.DataFrame:
    """A value a service, form, year and indicator; about one in twelve services has none in a year."""
    rows = []
    for service, code in product(services.itertuples(), SHAPES):
        indicator = methodology.indicators[code]
        if not indicator.applies_to(methodology.service_types[service.service_type], service.form):
            continue
        typical, between, within = SHAPES[code]
        level = typical * np.exp(rng.normal(0, between))
        drift = rng.normal(0.045 if indicator.kind == "money" else 0, 0.01)
        for step, year in enumerate(YEARS):
            value = level * np.exp(drift * (step - 7) + rng.normal(0, within))
            value = min(value, 99.5) if indicator.unit == "percent" else value
            rows.append((code, service.service_id, service.form, year, value, rng.random() < 1 / 12))
    table = pd.DataFrame(rows, columns=["indicator", "unit_id", "form", "year", "value", "lost"])
    denominator = 60.0 + np.arange(len(table)) % 40
    half = 1.96 * np.sqrt(np.clip(table["value"] * (100 - table["value"]), 1, None) / denominator)
    proportion = table["indicator"].map(lambda code: methodology.indicators[code].kind in ("proportion", "rate"))
    scale = table["indicator"].map(lambda code: methodology.indicators[code].scale)
    table = table.assign(
        round=np.where(table["year"] == 2025, "actual", "final"), denominator=denominator,
        numerator=table["value"] / scale * denominator, low=(table["value"] - half).clip(lower=0).where(proportion),
        high=(table["value"] + half).where(proportion), flag=np.where(table["lost"], "missing", "ok"))
    numbers = ["value", "low", "high", "numerator"]
    table[numbers] = table[numbers].mask(table["lost"])
    return table


def _completeness(services: pd.DataFrame) -> pd.DataFrame:
    counts = services.groupby(["group", "service_type", "form"], as_index=False).size()
    table = counts.merge(pd.DataFrame({"year": list(YEARS)}), how="cross")
    size = table["size"]
    return table.assign(round=np.where(table["year"] == 2025, "actual", "final"), n_expected=size, n_reported=size - 1,
                        items_required=size * 40, items_filled=size * 37)
