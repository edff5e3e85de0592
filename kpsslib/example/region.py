"""The invented region: its administrative districts (ORP), municipalities and inhabitants.

Names may sound familiar; the places are not real.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpsslib.example.draws import spread, stream

REGION_CODE = "CZ099"
SOURCE = "Modelový kraj, smyšlená demografie"

# District town and its district's inhabitants in thousands (2018).
_DISTRICTS = {
    "Lipovany": 118, "Hradenec": 64, "Vrbice nad Modlou": 52, "Kamenná Lhota": 41, "Jasenov": 37, "Podolí u Skal": 33,
    "Bukovina": 29, "Nové Sedlice": 27, "Olšany nad Modlou": 24, "Týnec pod Horou": 22, "Zálesí": 19, "Rokytná": 17,
    "Dubová": 15, "Břízky": 13, "Horní Javor": 11,
}
_FIRST = ("Horní", "Dolní", "Nová", "Stará", "Velká", "Malá", "Suchá", "Bílá", "Dlouhá", "Krásná")
_SECOND = ("Lhota", "Ves", "Lípa", "Bříza", "Voda", "Lomnice", "Studánka", "Hůrka", "Bystřice", "Paseka",
           "Olešná", "Skalice", "Kamenice", "Doubrava", "Louka", "Řečice", "Vrchovina", "Hora", "Jedlová", "Habrová")


def districts() -> pd.DataFrame:
    """One row a district: orp_code, orp_name, region_code, inhabitants (persons of 2018), municipalities (count)."""
    table = pd.DataFrame({"orp_name": list(_DISTRICTS), "inhabitants": [1000 * n for n in _DISTRICTS.values()]})
    table["orp_code"] = [f"99{n:02d}" for n in range(1, len(table) + 1)]
    table["region_code"] = REGION_CODE
    table["municipalities"] = (5 + table["inhabitants"] // 4000).astype(int)
    return table


def municipalities() -> pd.DataFrame:
    """One row a municipality, the town first: municipality_code, municipality, orp_code, orp_name, region_code."""
    rows = []
    villages = [f"{first} {second}" for second in _SECOND for first in _FIRST]
    for district in districts().itertuples():
        own = [district.orp_name, *(villages.pop(0) for _ in range(district.municipalities - 1))]
        rows += [(f"{district.orp_code}{n:02d}", name, district.orp_code, district.orp_name, REGION_CODE)
                 for n, name in enumerate(own, start=1)]
    return pd.DataFrame(rows, columns=["municipality_code", "municipality", "orp_code", "orp_name", "region_code"])


def territory(years: np.ndarray, seed: int) -> pd.DataFrame:
    """Inhabitants and municipalities of every district and year, long: orp_code, ..., year, item, value, source.

    The population shrinks slowly and ages: the share aged 65+ grows by 0.35 of a percentage point a year.
    """
    table = districts()
    rng = stream(seed, "territory")
    shape = (len(table), 1)
    passed = (years - 2018)[None, :]
    population = table["inhabitants"].to_numpy()[:, None] * (1 + rng.normal(-0.003, 0.004, shape)) ** passed
    over_65 = population * (0.195 * spread(rng, 0.06, shape) + 0.0035 * passed)
    over_80 = over_65 * (0.205 * spread(rng, 0.05, shape) + 0.002 * passed)
    count = table["municipalities"].to_numpy()[:, None] + 0 * passed
    unserved = np.maximum(0, np.round(count * rng.uniform(0.05, 0.35, shape) - 0.25 * passed))
    reached = population * (1 - 0.45 * unserved / count)
    figures = {"population": population, "population_65": over_65, "population_80": over_80,
               "population_reached": reached, "municipalities": count, "municipalities_unserved": unserved}
    frames = []
    for item, values in figures.items():
        frame = table.loc[table.index.repeat(len(years)), ["orp_code", "orp_name", "region_code"]]
        frames.append(frame.assign(year=np.tile(years, len(table)), item=item,
                                   value=np.round(values).astype(int).ravel(), source=SOURCE))
    return pd.concat(frames, ignore_index=True)
