"""Who a row of somebody else's table is about: identifiers that stay the same from date to date, type and territory."""

from __future__ import annotations

import difflib
import hashlib
from collections import Counter, defaultdict
from typing import NamedTuple

from kpsslib.intake.mapping.file import Mapping
from kpsslib.intake.mapping.grids import same_words
from kpsslib.intake.mapping.rows import Findings, Row
from kpsslib.language import _


class Home(NamedTuple):
    """A row that is known to be about one service."""

    row: Row
    service_id: str
    provider_id: str
    service_type: str
    orp_code: str


def identify(rows: list[Row], mapping: Mapping, findings: Findings) -> list[Home]:
    """The rows with their identifiers; sub-totals are passed over.

    A provider is a territory and a name, compared by letters and digits only, so that spacing, quotes and case may
    differ; `services.renamed` links a new name to the old one. A service is a provider and a type. A row of an unknown
    territory or type, or a second row of a service at one date, becomes a problem and is left out.
    """
    table = mapping.services
    codes = {same_words(name): code for name, code in mapping.territories.items()}
    renamed = {same_words(new): same_words(old) for new, old in table.renamed.items()}
    placed = []
    for row in rows:
        code = codes.get(same_words(row.identity["territory"]))
        if row.is_subtotal or (code is None and _refuse_territory(row, mapping, findings)):
            continue
        name = same_words(row.identity["name"])
        digest = hashlib.sha256(f"{code}|{renamed.get(name, name)}".encode()).hexdigest()[:8]
        placed.append((row, code, f"{table.id_prefix}{digest}"))
    types = _types(placed, mapping, findings)
    homes = [Home(row, f"{provider}-{kind}", provider, kind, code)
             for (row, code, provider), kind in zip(placed, types, strict=True) if kind is not None]
    return _without_doubles(homes, findings)


def short_names(homes: list[Home], abbreviations: dict[str, str]) -> dict[str, str]:
    """A name for figures by provider: abbreviated, without the address; its street where another has the same name."""
    parts = {}
    for home in homes:
        name = home.row.identity["name"]
        for long, short in abbreviations.items():
            name = name.replace(long, short)
        parts[home.provider_id] = [part.strip() for part in name.split(",")]
    shared = Counter(name[0] for name in parts.values())
    return {provider: ", ".join(name[:2] if shared[name[0]] > 1 else name[:1]) for provider, name in parts.items()}


def report_unlinked(homes: list[Home], findings: Findings) -> None:
    """A question for each service that stands at some dates only: is it new, closed, or called otherwise?"""
    dates = sorted({home.row.rule.date for home in homes})
    seen: dict[str, list[Home]] = defaultdict(list)
    for home in sorted(homes, key=lambda home: home.row.rule.date):
        seen[home.service_id].append(home)
    for service_id, found in seen.items():
        at = [home.row.rule.date for home in found]
        if at == dates:
            continue
        last = found[-1]
        like = [others[-1].row.identity["name"] for others in seen.values()
                if others[-1].orp_code == last.orp_code and others[-1].service_type == last.service_type
                and not {home.row.rule.date for home in others} & set(at)]
        findings.problem(last.row.where("name"), "import_link", severity="question", service_id=service_id,
                         year=last.row.rule.year, round=last.row.rule.round,
                         found=_("“{name}”, {type}, only at {dates}", name=last.row.identity["name"],
                                 type=last.row.identity["type"], dates=", ".join(date.isoformat() for date in at)),
                         expected=_("at each of {n} dates", n=len(dates)),
                         advice=_("If it is only called otherwise, link both names in services.renamed; possible: "
                                  "{names}.", names="; ".join(like)) if like
                         else _("If it opened or closed, nothing is to be done."))


def _refuse_territory(row: Row, mapping: Mapping, findings: Findings) -> bool:
    name = row.identity["territory"]
    near = difflib.get_close_matches(name, list(mapping.territories), n=1)
    findings.problem(row.where("territory"), "import_territory", found=name, year=row.rule.year, round=row.rule.round,
                     expected=near[0] if near else ", ".join(mapping.territories),
                     advice=_("Correct the cell or add the name to territories in the mapping; the row was left out."))
    findings.ignore((row.file, row.sheet, row.cells), row.identity["name"], _("unknown territory"))
    return True


def _types(placed: list[tuple[Row, str, str]], mapping: Mapping, findings: Findings) -> list[str | None]:
    """The service type of each row: by the table of the mapping; where the cell was not filled in, by other dates."""
    known = {same_words(text): code for text, code in mapping.services.types.items()}
    unfilled = set(map(same_words, mapping.services.types_not_filled))
    types = [known.get(same_words(row.identity["type"])) for row, _code, _provider in placed]
    of_provider: dict[str, set[str]] = defaultdict(set)
    for (_row, _code, provider), kind in zip(placed, types, strict=True):
        if kind is not None:
            of_provider[provider].add(kind)
    for i, (row, _code, provider) in enumerate(placed):
        if types[i] is None:
            other = of_provider[provider] if same_words(row.identity["type"]) in unfilled else set()
            types[i] = next(iter(other)) if len(other) == 1 else None
            _report_type(row, types[i], mapping, findings)
    return types


def _report_type(row: Row, taken: str | None, mapping: Mapping, findings: Findings) -> None:
    text = row.identity["type"]
    near = difflib.get_close_matches(text, list(mapping.services.types), n=1)
    said = {"found": text, "year": row.rule.year, "round": row.rule.round}
    if taken is not None:
        findings.problem(row.where("type"), "import_type", severity="warning", expected=taken,
                         advice=_("The type was not filled in; it was taken from the other dates of the same "
                                  "provider."), **said)
        return
    findings.problem(row.where("type"), "import_type", expected=near[0] if near else ", ".join(mapping.services.types),
                     advice=_("Correct the cell or add the text to services.types in the mapping; the row was left "
                              "out."), **said)
    findings.ignore((row.file, row.sheet, row.cells), f"{row.identity['name']} | {text}", _("unknown type of service"))


def _without_doubles(homes: list[Home], findings: Findings) -> list[Home]:
    first: dict[tuple, Home] = {}
    for home in homes:
        row = home.row
        key = home.service_id, row.rule.year, row.rule.round
        kept = first.setdefault(key, home)
        if kept is home:
            continue
        findings.problem(row.where("name"), "import_double", service_id=home.service_id, year=row.rule.year,
                         round=row.rule.round, found=row.identity["name"],
                         expected=_("one row a service; the first is in {file}, {cells}", file=kept.row.file,
                                    cells=kept.row.cells),
                         advice=_("Delete one of the rows, or give the files different rounds; the second row was "
                                  "left out."))
        findings.ignore((row.file, row.sheet, row.cells), row.identity["name"], _("second row of the same service"))
    return list(first.values())
