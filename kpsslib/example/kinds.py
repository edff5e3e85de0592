"""What a service of each type looks like on average: sizes, prices of 2023, staffing, outputs.

The magnitudes are those usual in Czech regions (cost of a bed and month, of a full-time post, occupancy, shares of
staff and of direct care); they are plausible, not measured, and serve only the model region.
"""

from __future__ import annotations

import pandas as pd

# Services of each type in a region of one scale; with two forms: the share of them that has both.
COUNTS = {
    "DS": 24, "DZR": 18, "SZZ": 4, "TSt": 3, "DOZP": 12, "CHB": 12, "OA": 15, "PeS": 25, "TP": 3, "PSB": 6, "OS": 12,
    "CDS": 4, "DSt": 12, "SASSZP": 8, "STD": 8, "RP": 4, "NZDM": 12, "SASRD": 12, "TKP": 2, "AD": 8, "DPC": 3, "KP": 3,
    "IC": 1, "NDC": 4, "N": 4, "KC": 3, "SNP": 3, "TK": 2, "TePr": 7, "OSP": 12, "PPS": 2, "TS": 2, "SR": 8, "CDZ": 2,
}

# type: beds, cost of a bed and month (CZK), staff share of cost, direct share of posts, occupancy, clients of a bed
_RESIDENTIAL = {
    "DS": (75, 54_000, 0.68, 0.66, 0.960, 1.30),
    "DZR": (55, 62_000, 0.70, 0.68, 0.960, 1.35),
    "SZZ": (20, 52_000, 0.70, 0.70, 0.900, 2.50),
    "TSt": (14, 58_000, 0.72, 0.74, 0.800, 1.20),
    "DOZP": (45, 76_000, 0.73, 0.74, 0.950, 1.08),
    "CHB": (18, 44_000, 0.72, 0.72, 0.930, 1.12),
    "OS": (12, 58_000, 0.70, 0.70, 0.720, 6.00),
    "AD": (40, 17_000, 0.66, 0.60, 0.860, 2.40),
    "DPC": (10, 24_000, 0.68, 0.68, 0.800, 1.80),
    "KP": (5, 45_000, 0.75, 0.75, 0.650, 12.0),
    "IC": (4, 45_000, 0.75, 0.75, 0.650, 8.00),
    "SNP": (10, 30_000, 0.68, 0.70, 0.800, 2.00),
    "TK": (15, 42_000, 0.70, 0.72, 0.820, 2.20),
    "SR": (10, 38_000, 0.72, 0.72, 0.820, 2.00),
}
# type: posts of direct care, cost of such a post and year (CZK), staff share of cost, direct share of posts, and a
# year's clients, hours, contacts, interventions, calls and the capacity of one such post
_OUTPATIENT = {
    "OSP": (3.0, 830_000, 0.84, 0.84, 150, 0, 0, 550, 0, 3.0),
    "OA": (10, 720_000, 0.88, 0.87, 4.5, 1400, 0, 0, 0, 0.8),
    "PeS": (12, 740_000, 0.83, 0.84, 14, 1150, 0, 0, 0, 1.6),
    "TP": (5.0, 900_000, 0.72, 0.72, 60, 1000, 0, 0, 0, 45),
    "PPS": (2.0, 700_000, 0.85, 0.85, 12, 1050, 0, 0, 0, 1.5),
    "PSB": (5.0, 760_000, 0.86, 0.85, 5, 1200, 0, 0, 0, 1.5),
    "OS": (4.0, 760_000, 0.84, 0.84, 9, 1150, 0, 0, 0, 1.4),
    "CDS": (4.0, 820_000, 0.76, 0.80, 9, 0, 0, 0, 0, 4.0),
    "DSt": (7.0, 830_000, 0.75, 0.78, 5.5, 0, 0, 0, 0, 3.4),
    "RP": (4.0, 860_000, 0.82, 0.85, 28, 900, 0, 500, 0, 2.0),
    "TKP": (5.0, 760_000, 0.85, 0.85, 500, 0, 0, 0, 1900, 8.0),
    "TS": (3.0, 780_000, 0.86, 0.85, 45, 0, 0, 900, 0, 4.0),
    "KC": (4.0, 850_000, 0.80, 0.84, 110, 0, 3600, 300, 0, 15),
    "KP": (4.0, 850_000, 0.84, 0.84, 90, 0, 0, 750, 0, 3.5),
    "IC": (4.0, 850_000, 0.85, 0.85, 110, 0, 0, 700, 0, 3.0),
    "NDC": (5.0, 800_000, 0.76, 0.82, 70, 0, 3300, 200, 0, 14),
    "NZDM": (3.5, 800_000, 0.80, 0.85, 42, 0, 3000, 280, 0, 13),
    "N": (4.0, 820_000, 0.70, 0.80, 45, 0, 0, 0, 0, 5.0),
    "SNP": (3.0, 820_000, 0.82, 0.84, 20, 0, 0, 350, 0, 3.0),
    "SASRD": (5.0, 810_000, 0.86, 0.86, 16, 950, 0, 420, 0, 3.0),
    "SASSZP": (3.5, 800_000, 0.78, 0.82, 30, 900, 0, 260, 0, 4.0),
    "STD": (4.0, 840_000, 0.74, 0.78, 7, 0, 0, 0, 0, 4.5),
    "TePr": (4.0, 820_000, 0.83, 0.87, 85, 0, 3400, 320, 0, 14),
    "SR": (5.0, 840_000, 0.83, 0.85, 12, 950, 0, 480, 0, 3.0),
    "CDZ": (8.0, 900_000, 0.86, 0.86, 18, 950, 0, 500, 0, 4.0),
}
_ROUND_THE_CLOCK = {"PeS", "OA", "TP", "TKP", "N", "IC"}
_PAY_RESIDENTIAL = 610_000  # CZK a post and year, 2023, with levies

# How posts of direct care divide: social workers, attendance, educational, home care, supervised, health,
# pedagogical, counsellors, other professionals.
DIRECT_ITEMS = (
    "fte_social_workers", "fte_care_attendance", "fte_care_educational", "fte_care_home", "fte_care_supervised",
    "fte_health", "fte_pedagogical", "fte_counsellors", "fte_other_professionals",
)
_RESIDENTIAL_CARE = (0.06, 0.66, 0.06, 0, 0, 0.21, 0, 0, 0.01)
_DAY_CARE = (0.14, 0.48, 0.30, 0, 0, 0.02, 0.04, 0, 0.02)
_HOME_CARE = (0.10, 0.08, 0, 0.82, 0, 0, 0, 0, 0)
_PREVENTION = (0.52, 0, 0, 0, 0.40, 0, 0, 0, 0.08)
_DIVISIONS = {
    "OA": (0.10, 0.90, 0, 0, 0, 0, 0, 0, 0), "PeS": _HOME_CARE, "TP": (0.25, 0.25, 0, 0.50, 0, 0, 0, 0, 0),
    "OSP": (0.74, 0, 0, 0, 0.06, 0, 0, 0.10, 0.10), "RP": (0.45, 0, 0, 0, 0.15, 0, 0.30, 0, 0.10),
    "CDZ": (0.40, 0, 0, 0, 0.15, 0.38, 0, 0, 0.07), "DOZP": (0.05, 0.50, 0.30, 0, 0, 0.12, 0.02, 0, 0.01),
    "CHB": (0.10, 0.40, 0.45, 0, 0, 0.03, 0, 0, 0.02), "KC": (0.55, 0, 0, 0, 0.35, 0.02, 0, 0, 0.08),
    "NZDM": (0.45, 0, 0, 0, 0.47, 0, 0.05, 0, 0.03), "TKP": (0.60, 0, 0, 0, 0.15, 0, 0, 0.10, 0.15),
}
# Clients without care allowance and with degrees I to IV.
_DEGREES = {
    "DS": (0.08, 0.16, 0.26, 0.29, 0.21),
    "DZR": (0.02, 0.06, 0.20, 0.37, 0.35),
    "SZZ": (0.10, 0.10, 0.22, 0.30, 0.28),
    "DOZP": (0.01, 0.08, 0.21, 0.33, 0.37),
    "CHB": (0.06, 0.34, 0.36, 0.18, 0.06),
    "PeS": (0.45, 0.25, 0.17, 0.10, 0.03),
    "OA": (0.12, 0.18, 0.26, 0.26, 0.18),
    "TP": (0.40, 0.26, 0.20, 0.10, 0.04),
}
_USUAL_DEGREES = (0.12, 0.22, 0.28, 0.24, 0.14)


def residential() -> pd.DataFrame:
    """By type: beds, price (CZK a bed and month, 2023), staff_share, direct_share, occupancy, turnover, pay."""
    columns = ["size", "price", "staff_share", "direct_share", "occupancy", "clients"]
    table = pd.DataFrame.from_dict(_RESIDENTIAL, orient="index", columns=columns)
    table["posts"] = 12 * table["price"] * table["staff_share"] / _PAY_RESIDENTIAL
    return table.assign(pay=_PAY_RESIDENTIAL, days=365, operating=12 * table["price"] * (1 - table["staff_share"]))


def outpatient() -> pd.DataFrame:
    """By type: direct posts (size), price (CZK a direct post and year, 2023), shares, outputs of a direct post."""
    columns = ["size", "price", "staff_share", "direct_share", "clients", "hours", "contacts", "interventions", "calls",
               "capacity"]
    table = pd.DataFrame.from_dict(_OUTPATIENT, orient="index", columns=columns)
    table["posts"] = 1 / table["direct_share"]
    table["pay"] = table["price"] * table["staff_share"] * table["direct_share"]
    table["days"] = [365 if code in _ROUND_THE_CLOCK else 250 for code in table.index]
    return table.assign(operating=table["price"] * (1 - table["staff_share"]))


def division(code: str, family: str, form: str) -> tuple[float, ...]:
    """The shares of DIRECT_ITEMS in a type's posts of direct care."""
    usual = _PREVENTION if family != "péče" else _RESIDENTIAL_CARE if form == "residential" else _DAY_CARE
    return _DIVISIONS.get(code, usual)


def degrees(code: str) -> tuple[float, ...]:
    """The shares of a type's clients by degree of dependency, 0 to IV."""
    return _DEGREES.get(code, _USUAL_DEGREES)
