"""The register of a run from the state's register: one row a service, and its capacities beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kpsslib.intake.records import IDENTITY
from kpsslib.intake.register.rpss import Capacity, Notes, Service
from kpsslib.intake.register.rpss_codes import Codes, municipality_code
from kpsslib.methodology import Methodology

COLUMNS = ("service_id", *IDENTITY[:4], "forms", *IDENTITY[4:])
CAPACITY_COLUMNS = ("service_id", "form", "unit", "capacity")
# What the state's register does not know stays as the region wrote it.
OF_THE_REGION = ("network_tier", "entrusted_from", "entrusted_to")
_TOWN = ("municipality", "orp_code", "orp_name")
_WHERE = ("municipality_code", *_TOWN, "region_code")


class Register(NamedTuple):
    """Columns and rows of the register by service, the services' capacities, and how many lie in other regions."""

    columns: tuple[str, ...]
    rows: dict[str, dict[str, str]]
    capacities: dict[str, tuple[Capacity, ...]]
    elsewhere: int


class Spot(NamedTuple):
    """A facility's municipality and region by their codes, and its name."""

    municipality: str
    region: str
    name: str
    municipality_id: str


def build(services: Iterable[Service], codes: Codes, methodology: Methodology, notes: Notes,
          *, previous: dict[str, dict[str, str]], region: str = "") -> Register:
    """The register of one region (of all where it is ""); the previous one gives what the state does not know."""
    towns, rows, capacities, elsewhere = _towns(previous.values()), {}, {}, 0
    for service_id, (service, kind) in sorted(_known(services, codes, methodology, notes).items()):
        before = previous.get(service_id, {})
        spots = _spots(service, codes, notes)
        inside = [spot for spot in spots if region in ("", spot.region)]
        somewhere = any(spot.region for spot in spots)
        if region and not inside and (somewhere or not before):
            elsewhere += somewhere
            continue
        if len({spot.municipality for spot in inside}) > 1:
            notes.add("several_places", service_id)
        rows[service_id] = before | _row(service, kind) | _where(inside, before, towns, codes)
        capacities[service_id] = tuple(sorted(service.capacities))
    further = dict.fromkeys(column for row in previous.values() for column in row if column not in COLUMNS)
    return Register((*COLUMNS, *further), rows, capacities, elsewhere)


def _known(services: Iterable[Service], codes: Codes, methodology: Methodology,
           notes: Notes) -> dict[str, tuple[Service, str]]:
    """The services whose type is known. Of two records with one identifier the one that lasts longest holds; of those
    that last equally the one that began later, then the later one in the file.
    """
    known: dict[str, tuple[Service, str]] = {}
    for service in services:
        kind = codes.type_of(service.type_id, service.type_name, methodology)
        if not kind:
            notes.add("unknown_type", service.service_id, service.type_id)
            continue
        for letter in service.forms:
            if letter not in methodology.service_types[kind].forms:
                notes.add("form_not_of_type", service.service_id, f"{kind} {letter}")
        if service.service_id in known:
            notes.add("duplicate", service.service_id)
            if _lasting(service) < _lasting(known[service.service_id][0]):
                continue
        known[service.service_id] = service, kind
    return known


def _lasting(service: Service) -> tuple[str, str]:
    return service.valid_to or "9999", service.valid_from


def _spots(service: Service, codes: Codes, notes: Notes) -> list[Spot]:
    """The places whose municipality or region is known."""
    for place in service.places:
        if place.region and place.region not in codes.regions:
            notes.add("unknown_region", service.service_id, place.region)
    spots = [Spot(municipality_code(p.municipality), codes.regions.get(p.region, ""), p.name, p.municipality)
             for p in service.places]
    if not any(spot.region for spot in spots):
        notes.add("no_place", service.service_id)
    return [spot for spot in spots if spot.municipality or spot.region]


def _row(service: Service, kind: str) -> dict[str, str]:
    return {"service_id": service.service_id, "provider_id": service.provider_id,
            "provider_name": service.provider_name, "service_type": kind, "forms": ", ".join(service.forms),
            "service_name": next((place.name for place in service.places if place.name), ""),
            "valid_from": service.valid_from, "valid_to": service.valid_to}


def _where(spots: list[Spot], before: dict[str, str], towns: dict[str, dict[str, str]], codes: Codes) -> dict[str, str]:
    """Where the service stands: in the municipality of the previous register where a facility still is, else in that
    of its first facility. A service whose addresses are secret or missing stays where it was.
    """
    own = {column: before.get(column, "") for column in OF_THE_REGION}
    if not spots:
        return own | {column: before.get(column, "") for column in _WHERE}
    still = [spot for spot in spots if spot.municipality == before.get("municipality_code")]
    spot = next((spot for spot in (*still, *spots) if spot.municipality), spots[0])
    town = towns.get(spot.municipality, dict.fromkeys(_TOWN, ""))
    name = codes.municipalities.get(spot.municipality_id) or town["municipality"]
    named = {"service_name": spot.name} if spot.name else {}
    return own | town | named | {"municipality_code": spot.municipality, "municipality": name,
                                 "region_code": spot.region}


def _towns(rows: Iterable[dict[str, str]]) -> dict[str, dict[str, str]]:
    """Names of municipalities and their districts (ORP) by code, as the previous register has them."""
    return {row["municipality_code"]: {column: row.get(column, "") for column in _TOWN}
            for row in rows if row.get("municipality_code")}
