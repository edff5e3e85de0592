"""What a visitor may choose, and what becomes of the choice: only codes that exist get past here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kpsslib.comparison.peers import BASE, others
from kpsslib.dashboards.board import Board, GroupTables
from kpsslib.indicators.wording import heading
from kpsslib.language import sort_key
from kpsslib.methodology.models import FORMS
from kpsslib.methodology.words import area, form_label

OWN = "own"  # beside the services of its own type
# The order in which a working group reads the areas of the catalogue; others follow.
AREAS = ("costs", "outputs", "staff", "quality", "availability", "funding", "data")


class Choice(NamedTuple):
    """One comparison: the codes of the group, service type, form, indicator and service, the year, and beside whom."""

    group: str
    service_type: str
    form: str
    year: int
    indicator: str
    service: str
    peers: str = OWN


def settle(board: Board, asked: Mapping[str, object], now: Choice | None = None) -> Choice:
    """The choice that comes of what was asked.

    `asked` comes from the browser and is not trusted: whatever is not among the options is passed over for what
    holds now, and that, where it does not exist either, for the first option. A service of another type of the
    group brings its type with it.
    """
    before = now._asdict() if now else {}
    group = _pick(board.groups, asked.get("group"), before.get("group"))
    tables = board.group(group)
    brought = _type_of(tables, asked.get("service"))
    kind = _pick(service_types(board, group), brought, asked.get("service_type"), before.get("service_type"))
    form = _pick(forms(tables, kind), asked.get("form"), before.get("form"))
    offer = tables.offer[(tables.offer["service_type"] == kind) & (tables.offer["form"] == form)]
    years = sorted(int(year) for year in offer["year"].unique())
    year = _pick([*map(str, years)], asked.get("year"), str(before.get("year", board.run.year)), str(years[-1]))
    indicator = _pick(indicators(board, offer["indicator"]), asked.get("indicator"), before.get("indicator"))
    service = _pick(services(tables, kind, form), asked.get("service"), before.get("service"))
    chosen = Choice(group, kind, form, int(year), indicator, service)
    return chosen._replace(peers=_pick(peer_sets(board, chosen), asked.get("peers"), before.get("peers")))


def options(board: Board, choice: Choice) -> dict[str, list]:
    """The options of every control: [code, label] pairs, indicators as [area, pairs]."""
    methodology, tables = board.methodology, board.group(choice.group)
    offer = tables.offer[(tables.offer["service_type"] == choice.service_type) & (tables.offer["form"] == choice.form)]
    areas: dict[str, list] = {}
    for code in indicators(board, offer["indicator"]):
        entry = methodology.indicators[code]
        areas.setdefault(entry.area, []).append([code, heading(entry)])
    return {
        "group": [[g, f"{g} {methodology.working_groups[g].name}"] for g in board.groups],
        "service_type": [[t, str(methodology.service_types[t].name)] for t in service_types(board, choice.group)],
        "form": [[f, form_label(f)] for f in forms(tables, choice.service_type)],
        "year": [[str(y), str(y)] for y in sorted(offer["year"].unique(), reverse=True)],
        "indicator": [[area(code), pairs] for code, pairs in areas.items()],
        "peers": [[code, _set_label(board, code)] for code in peer_sets(board, choice)],
        "service": [[s, tables.names[s]] for s in services(tables, choice.service_type, choice.form)],
    }


def service_types(board: Board, group: str) -> list[str]:
    """The types of the group that were compared, in the methodology's order."""
    compared = set(board.group(group).offer["service_type"])
    return [t for t in board.methodology.working_groups[group].service_types if t in compared]


def forms(tables: GroupTables, service_type: str) -> list[str]:
    """The forms in which a type was compared."""
    compared = set(tables.offer.loc[tables.offer["service_type"] == service_type, "form"])
    return [form for form in FORMS if form in compared]


def indicators(board: Board, compared: Iterable[str]) -> list[str]:
    """Those of the compared indicators that the methodology still knows, by area."""
    known = set(compared)
    found = [entry for entry in board.methodology.indicators.values() if entry.code in known]
    found.sort(key=lambda entry: AREAS.index(entry.area) if entry.area in AREAS else len(AREAS))
    return [entry.code for entry in found]


def services(tables: GroupTables, service_type: str, form: str) -> list[str]:
    """The services of a type and form by name, in Czech order."""
    return sorted(tables.registered(service_type, form)["service_id"], key=lambda s: sort_key(tables.names[s]))


def peer_sets(board: Board, choice: Choice) -> list[str]:
    """Beside whom the chosen service can be shown: its own type, then its nearest peers and the sets of the other
    rules where they are enough.
    """
    rows = board.group(choice.group).compared(choice.indicator, choice.form)
    rows = rows[(rows["unit_id"] == choice.service) & (rows["year"] == choice.year) & rows["median"].notna()]
    return [OWN, *(code for code in others(board.methodology) if (rows["peer_set"] == code).any())]


def _set_label(board: Board, code: str) -> str:
    rules = board.methodology.peers
    return str(rules[BASE if code == OWN else code].name)


def _type_of(tables: GroupTables, service: object) -> str | None:
    if not isinstance(service, str):
        return None
    found = tables.services.loc[tables.services["service_id"] == service, "service_type"]
    return found.iloc[-1] if len(found) else None


def _pick(known: list[str], *wanted: object) -> str:
    """The first wanted code that exists, else the first of all."""
    return next((w for w in wanted if isinstance(w, str) and w in known), known[0])
