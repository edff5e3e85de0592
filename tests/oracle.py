"""The same statistics once more, slowly: loops and plain Python, written from the definitions, for tests only.

Those of positions, ranks, shrinkage, funnels and changes are in `oracle_comparison`.
"""

from __future__ import annotations

import io
import math
import zipfile
from decimal import Decimal
from itertools import permutations
from xml.etree import ElementTree as ET

Z = 1.959963984540054


def wilson(count: float, n: float) -> tuple[float, float]:
    """Both roots of (p - q)^2 = z^2 q (1 - q) / n in q."""
    p = count / n
    a, b, c = 1 + Z * Z / n, -(2 * p + Z * Z / n), p * p
    root = math.sqrt(max(b * b - 4 * a * c, 0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def poisson(count: int, tail: float = 0.025) -> tuple[float, float]:
    """The means at which `count` or more, and `count` or fewer, have a probability of `tail`; by halving."""
    def at_most(k: int, mean: float) -> float:
        return sum(math.exp(-mean + i * math.log(mean) - math.lgamma(i + 1)) for i in range(k + 1)) if mean else 1.0

    low = 0.0 if count == 0 else halve(lambda mean: 1 - at_most(count - 1, mean) - tail, 0, count)
    return low, halve(lambda mean: tail - at_most(count, mean), count, 10 * count + 20)


def halve(function, low: float, high: float) -> float:
    """The zero of a rising function."""
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return low


def quantile(values: list[float], share: float) -> float:
    """Type 7: the order statistic at place (n - 1) share, linear between two."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def percentile(values: list[float], i: int, direction: str) -> float:
    """Members worse, and half of those equal, among the others."""
    better = [v < values[i] if direction == "higher" else v > values[i] for v in values]
    equal = sum(v == values[i] for v in values) - 1
    return 100 * (sum(better) + equal / 2) / (len(values) - 1)


def on_scale(values: list[float], kind: str) -> list[float]:
    """Values on the scale where their errors are normal: money and positive ratios as logarithms."""
    return [math.log(v) if kind in ("money", "ratio") else v for v in values]


def noise(series: list[dict[int, float]], least: int = 10) -> float | None:
    """1.4826 MAD of the changes between consecutive years of all series, / sqrt(2)."""
    changes = [one[year] - one[year - 1] for one in series for year in sorted(one) if year - 1 in one]
    if len(changes) < least:
        return None
    middle = quantile(changes, 0.5)
    return 1.4826 * quantile([abs(c - middle) for c in changes], 0.5) / math.sqrt(2)


def kendall_p(values: list[float]) -> float:
    """The share of all orders of the values whose |S| is at least as large."""
    def score(order) -> int:
        return sum((order[j] > order[i]) - (order[j] < order[i]) for j in range(len(order)) for i in range(j))

    scores = [abs(score(order)) for order in permutations(range(len(values)))]
    return sum(s >= abs(score(values)) for s in scores) / len(scores)


def log_mean(a: float, b: float) -> float:
    return a if a == b else (a - b) / (math.log(a) - math.log(b))


def parts(own: dict[str, float], goal: dict[str, float]) -> dict[str, float]:
    """Price, staffing, occupancy and overhead of C = (F w + o) / B, each factor's log-mean share."""
    def cost(x: dict[str, float]) -> tuple[float, float]:
        return x["F"] * x["w"] / x["B"], x["o"] / x["B"]

    staff, rest = (log_mean(a, b) for a, b in zip(cost(own), cost(goal), strict=True))
    step = {k: math.log(own[k] / goal[k]) for k in own}
    return {"price": staff * step["w"], "staffing": staff * step["F"], "occupancy": -(staff + rest) * step["B"],
            "overhead": rest * step["o"]}


# What a workbook holds, by zipfile and an XML parser only.

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"


def workbook(data: bytes) -> dict[str, dict[str, tuple[str, str]]]:
    """Sheet -> cell -> (type, text) of every cell that is not empty.

    Types: n a number, s a text, e an error, b a truth value, f a formula that was saved without a result.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name.endswith((".xml", ".rels"))}
    spoken = [_joined(one) for one in _each(parts.get("xl/sharedStrings.xml", b""), "si")]
    relations = {one.get("Id"): one.get("Target") for one in ET.fromstring(parts["xl/_rels/workbook.xml.rels"])}
    out = {}
    for sheet in _each(parts["xl/workbook.xml"], "sheet"):
        link = next(value for name, value in sheet.attrib.items() if name.endswith("}id"))
        target = relations[link].removeprefix("/").removeprefix("xl/")
        cells = (_cell(one, spoken) for one in _each(parts[f"xl/{target}"], "c"))
        out[sheet.get("name")] = {at: (kind, text) for at, kind, text in cells if text or kind == "f"}
    return out


def _each(xml: bytes, name: str) -> list[ET.Element]:
    root = ET.fromstring(xml) if xml else ET.Element("none")
    return [one for space in (_MAIN, _STRICT) for one in root.iter(space + name)]


def _joined(one: ET.Element) -> str:
    """The text of a string, its runs one after another, without what is written above it to be read aloud."""
    runs = [run for run in one if not run.tag.endswith("}rPh")]
    return "".join(text.text or "" for run in runs for text in run.iter() if text.tag.endswith("}t"))


def _cell(one: ET.Element, spoken: list[str]) -> tuple[str, str, str]:
    inside = {child.tag.rpartition("}")[2]: child for child in one}
    kind = {"s": "s", "str": "s", "inlineStr": "s", "e": "e", "b": "b", "d": "s"}.get(one.get("t", "n"), "n")
    text = (inside["v"].text or "") if "v" in inside else ""
    if one.get("t") == "s" and text:
        text = spoken[int(text)]
    if "is" in inside:
        text = _joined(inside["is"])
    if "f" in inside and not text and one.get("t") != "str":
        kind = "f"
    return one.get("r"), kind, text


def column_sums(cells: dict[str, tuple[str, str]], keys: set[str], columns: str) -> dict[str, Decimal]:
    """The sum of a sheet's numbers by column, of the rows whose cell in A holds one of the keys; to the last digit."""
    rows = {at[1:] for at, (_kind, text) in cells.items() if at[0] == "A" and at[1:].isdigit() and text in keys}
    return {letter: sum((Decimal(text) for at, (kind, text) in cells.items()
                         if at[0] == letter and at[1:] in rows and kind == "n"), Decimal(0)) for letter in columns}
