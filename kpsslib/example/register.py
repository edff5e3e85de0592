"""The invented register: providers, their services, forms, places, validity and entrustment."""

from __future__ import annotations

from calendar import monthrange

import numpy as np
import pandas as pd

from kpsslib.example import kinds
from kpsslib.example.draws import stream
from kpsslib.example.region import municipalities
from kpsslib.methodology import Methodology

_PRIME = 9_999_991  # the largest prime of seven digits: multiplying by it shuffles numbers without repeating one
_PATRONS = ("Maják", "Pramen", "Kotva", "Slunečnice", "Most", "Cesta", "Rozcestí", "Jiskra", "Přístav", "Vlaštovka",
            "Kompas", "Dlaň", "Zázemí", "Lípa", "Oáza", "Světlo", "Domovina", "Naděje z hor", "Krok", "Souznění")
_HOMES = ("U Parku", "Pod Lipami", "Na Výsluní", "Slunečná", "Nad Řekou", "V Zahradách", "Pohoda", "U Pramene",
          "Na Stráni", "Pod Hradem", "Harmonie", "Jasmín")
# Periods of the region's medium-term plan; a service is entrusted for one of them.
ENTRUSTMENTS = ((2015, 2019), (2020, 2022), (2023, 2026))
_MUNICIPAL, _CHARITY, _INSTITUTE, _BENEFIT, _ASSOCIATION = range(5)
# Who runs residential care, other care, prevention and counselling: shares of the five kinds of provider.
_OWNERS = {"residential": (0.72, 0.12, 0.08, 0.06, 0.02), "péče": (0.40, 0.30, 0.12, 0.13, 0.05),
           "prevence": (0.12, 0.30, 0.20, 0.24, 0.14), "poradenství": (0.10, 0.36, 0.20, 0.22, 0.12)}


def register(methodology: Methodology, years: np.ndarray, scale: int, seed: int) -> pd.DataFrame:
    """One row a service ever registered, with the columns of the register that the region keeps.

    An identifier depends only on the type and the order within it, so that a longer register keeps the old ones.
    """
    table = _services(methodology, scale)
    table = table.join(_places(table, seed)).join(_validity(table, years, seed))
    table = _providers(table, seed)
    return table.join(_network(table, seed))


def _services(methodology: Methodology, scale: int) -> pd.DataFrame:
    rows = [(code, nth) for code in methodology.service_types for nth in range(kinds.COUNTS.get(code, 0) * scale)]
    table = pd.DataFrame(rows, columns=["service_type", "nth"])
    rank = {code: n for n, code in enumerate(methodology.service_types, start=1)}
    keys = table["service_type"].map(rank) * 4096 + table["nth"]
    table["service_id"] = [f"{(int(key) * 4_827_197 + 38_143) % _PRIME:07d}" for key in keys]
    table["forms"] = [_forms(methodology, code, nth) for code, nth in rows]
    table["family"] = [methodology.service_types[code].family for code in table["service_type"]]
    return table


def _forms(methodology: Methodology, code: str, nth: int) -> str:
    """The forms one service is registered for: every third has all that its type allows, the others fewer."""
    allowed = methodology.service_types[code].forms
    if nth % 3 == 0 or len(allowed) == 1:
        return ", ".join(allowed)
    residential, other = [f for f in allowed if f == "P"], [f for f in allowed if f != "P"]
    if residential:
        return ", ".join(residential if nth % 3 == 1 else other)
    return ", ".join(allowed if nth % 3 == 1 else other[:1])


def _places(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """A municipality for every service: two of three stand in a district's town, big towns have more."""
    rng = stream(seed, "places")
    places = municipalities()
    towns = places.drop_duplicates("orp_code").reset_index(drop=True)
    weights = places["orp_code"].value_counts().reindex(towns["orp_code"]).to_numpy(float) ** 1.4
    town = rng.choice(len(towns), len(table), p=weights / weights.sum())
    chosen = towns.iloc[town].reset_index(drop=True)
    villages = places[places["municipality"] != places["orp_name"]]
    by_district = dict(list(villages.groupby("orp_code")))
    for row in np.flatnonzero(rng.random(len(table)) > 0.67):
        own = by_district[chosen.at[row, "orp_code"]]
        chosen.loc[row] = own.iloc[int(rng.integers(len(own)))]
    return chosen


def _validity(table: pd.DataFrame, years: np.ndarray, seed: int) -> pd.DataFrame:
    """Nine of ten run all the time; some open or close on the first of a month within the years looked at."""
    rng = stream(seed, "validity")
    n = len(table)
    opened = rng.integers(2007, years[0] - 1, n)
    month = rng.integers(1, 13, n)
    chance, inside, closing_month = rng.random(n), rng.integers(years[0] + 1, years[-1], n), rng.integers(3, 11, n)
    opens = (chance < 0.08) & (table["nth"].to_numpy() > 3)
    closes = (chance > 0.96) & (table["nth"].to_numpy() > 3)
    start = [f"{y}-{m:02d}-01" for y, m in zip(np.where(opens, inside, opened), month, strict=True)]
    end = [f"{y}-{m:02d}-{monthrange(y, m)[1]}" if closed else ""
           for y, m, closed in zip(inside, closing_month, closes, strict=True)]
    validity = pd.DataFrame({"valid_from": start, "valid_to": end})
    centres = (table["service_type"] == "CDZ").to_numpy()
    validity.loc[centres, ["valid_from", "valid_to"]] = ["2025-01-01", ""]
    return validity


def _providers(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """A provider for every service: municipal ones hold what stands in their town, the others up to a few each."""
    rng = stream(seed, "providers")
    pool: dict[tuple, tuple[str, str]] = {}
    ids, names = [], []
    for service in table.itertuples():
        shares = _OWNERS["residential" if service.forms == "P" and service.family == "péče" else service.family]
        kind = int(rng.choice(5, p=shares))
        block = service.nth // 40  # a larger region has more providers, not larger ones
        home = service.service_type in ("DS", "DZR", "DOZP", "TSt", "CHB")
        key = (kind, service.orp_code, block, int(rng.integers(3)) if home else 9)
        if key not in pool:
            pool[key] = (_registration_number(len(pool), kind), _provider_name(kind, service.orp_name, len(pool)))
        ids.append(pool[key][0])
        names.append(pool[key][1])
    services = [f"{_service_label(row)} {_HOMES[row.nth % len(_HOMES)]}, {row.municipality}"
                for row in table.itertuples()]
    return table.assign(provider_id=ids, provider_name=names, service_name=services)


def _registration_number(order: int, kind: int) -> str:
    """An IČO with a right check digit; municipal organisations have the old low numbers with leading zeros.

    The check digit of seven digits d: `(11 - sum((8 - i) * d[i]) mod 11) mod 10` (order of the Czech Statistical
    Office; python-stdnum has the same rule and the tests hold the two equal).
    """
    number = (order * 61_343 + 4_211) % 799_999 if kind == _MUNICIPAL else 2_000_003 + (order * 7_177) % 6_999_983
    body = f"{number:07d}"
    return body + check_digit(body)


def check_digit(body: str) -> str:
    """The eighth digit of an IČO."""
    return str((11 - sum(weight * int(digit) for weight, digit in zip(range(8, 1, -1), body, strict=True)) % 11) % 10)


def _provider_name(kind: int, town: str, order: int) -> str:
    patron = _PATRONS[order % len(_PATRONS)]
    return {_MUNICIPAL: f"Sociální služby {town} {_HOMES[order % len(_HOMES)]}, příspěvková organizace",
            _CHARITY: f"Charita {town}", _INSTITUTE: f"{patron} {town}, z.ú.",
            _BENEFIT: f"{patron} {town}, o.p.s.", _ASSOCIATION: f"{patron} {town}, z.s."}[kind]


_LABELS = {"DS": "Domov pro seniory", "DZR": "Domov se zvláštním režimem", "PeS": "Pečovatelská služba",
           "OA": "Osobní asistence", "DOZP": "Domov pro osoby se zdravotním postižením", "CHB": "Chráněné bydlení",
           "OS": "Odlehčovací služba", "DSt": "Denní stacionář", "AD": "Azylový dům", "OSP": "Poradna",
           "NZDM": "Nízkoprahový klub", "SASRD": "Podpora rodin", "SR": "Sociální rehabilitace"}


def _service_label(row) -> str:
    return _LABELS.get(row.service_type, f"Služba {row.service_type}")


def _network(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The tier of the network and the entrustment in force now."""
    tier = stream(seed, "network").choice(["základní", "rozvojová"], len(table), p=[0.88, 0.12])
    return entrusted(table, ENTRUSTMENTS[-1][0]).assign(network_tier=tier)


def entrusted(table: pd.DataFrame, year: int) -> pd.DataFrame:
    """The entrustment of each service in a year: the region's period, from the service's opening at the earliest."""
    first, last = next(period for period in ENTRUSTMENTS if period[0] <= year <= period[1])
    start = table["valid_from"].where(table["valid_from"] > f"{first}-01-01", f"{first}-01-01")
    return pd.DataFrame({"entrusted_from": start, "entrusted_to": f"{last}-12-31"}, index=table.index)
