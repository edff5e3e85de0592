"""The state's open register of providers (RPSS, rpss.json): one item a service, with all its history since 2007.

Only what the register of a run needs is taken, key by key. Statutory bodies, heads of facilities, contacts and free
texts are never looked at, so that no personal data can reach a table or a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kpsslib.intake.returns.identifiers import day, registration_number, service_identifier

ROOT = "polozky"
NEEDED = ("identifikator", "druhSocialniSluzby", "formy", "poskytovatel", "zarizeni", "datumPoskytovaniOd",
          "datumPoskytovaniDo")
DECLARED = {*NEEDED, "portalId", "id", "kontaktniAdresy", "emaily", "telefony", "faxy", "weby", "ciloveSkupiny",
            "vekoveSkupiny", "doplnujiciInformaceVekoveSkupiny", "rozsirenePusobnostiVKraji", "doplnkoveUdaje"}
LETTERS = {"FormaSocialniSluzby/pob": "P", "FormaSocialniSluzby/amb": "A", "FormaSocialniSluzby/ter": "T"}
UNITS = {"TypKapacitySocialniSluzby/luzka": "beds", "TypKapacitySocialniSluzby/klient": "clients",
         "TypKapacitySocialniSluzby/kontakt": "contacts", "TypKapacitySocialniSluzby/interv": "interventions",
         "TypKapacitySocialniSluzby/hovor": "calls"}
# Without these an item has no place in the register of a run: it is left out, and counted.
UNPLACED = ("not_an_item", "service_id", "no_form", "unknown_type")
_CODE = re.compile(r"\w+/[\w-]{1,20}", re.ASCII)
KEY = re.compile(r"\w{1,50}")


class Place(NamedTuple):
    """Where a facility is: the register's ids of municipality and region ("" where secret or missing), its name."""

    municipality: str
    region: str
    name: str


class Capacity(NamedTuple):
    """The registered maximum of one form (P, A, T) in one unit; it belongs to the service, not to a facility."""

    form: str
    unit: str
    amount: int


class Service(NamedTuple):
    """One registered service; days are ISO text, `valid_to` is "" where it goes on."""

    service_id: str
    provider_id: str
    provider_name: str
    type_id: str
    type_name: str
    forms: tuple[str, ...]
    places: tuple[Place, ...]
    valid_from: str
    valid_to: str
    capacities: tuple[Capacity, ...]


class Notes(dict):
    """What is told about the register: (kind, detail) -> [how many items, the first one]. Never an item's content."""

    def add(self, kind: str, where: str, detail: str = "") -> None:
        """Count one item that a note holds for."""
        self.setdefault((kind, detail), [0, where])[0] += 1

    def total(self, kinds: Iterable[str]) -> int:
        """How many items notes of these kinds hold for."""
        return sum(n for (kind, _detail), (n, _where) in self.items() if kind in kinds)


class Counts(NamedTuple):
    """The size of the register: items, facilities, and the facilities without the code of their address (RÚIAN)."""

    items: int
    facilities: int
    without_address: int


class Reading:
    """Goes through the items of a register, and keeps what is told about them and their counts."""

    def __init__(self) -> None:
        self.notes, self.counts = Notes(), Counts(0, 0, 0)

    def services(self, items: Iterable[object]) -> Iterator[Service]:
        """The services of the items, one by one; what cannot be one is noted."""
        for n, item in enumerate(items, start=1):
            facilities = [_dict(f) for f in _list(_dict(item).get("zarizeni"))]
            lacking = sum(not _dict(f.get("adresa")).get("kodAdresnihoMista") for f in facilities)
            self.counts = Counts(n, self.counts.facilities + len(facilities), self.counts.without_address + lacking)
            service = self._service(item, n, facilities)
            if service is not None:
                yield service

    def _service(self, item: object, n: int, facilities: list[dict]) -> Service | None:
        if not isinstance(item, dict):
            self.notes.add("not_an_item", f"#{n}")
            return None
        service_id = service_identifier(item.get("identifikator")).text
        where = service_id or f"#{n}"
        for key in NEEDED:
            if key not in item:
                self.notes.add("lacking", where, key)
        for key in item.keys() - DECLARED:
            self.notes.add("unknown_key", where, key if KEY.fullmatch(key) else "?")
        forms, capacities = self._forms(item, where)
        if not service_id or not forms:
            self.notes.add("no_form" if service_id else "service_id", where)
            return None
        provider, kind = _dict(item.get("poskytovatel")), _dict(item.get("druhSocialniSluzby"))
        ico = registration_number(provider.get("ico")).text
        if not ico:
            self.notes.add("ico", where)
        days = [self._day(item, key, where) for key in ("datumPoskytovaniOd", "datumPoskytovaniDo")]
        return Service(service_id, ico, _text(provider.get("nazev")), _id(kind), _name(kind), forms,
                       _places(facilities), *days, capacities)

    def _day(self, item: dict, key: str, where: str) -> str:
        """A day as ISO text; a time of day behind it is dropped."""
        found = day(_text(item.get(key)).partition("T")[0])
        if found.status == "rejected":
            self.notes.add("day", where, key)
        return found.text

    def _forms(self, item: dict, where: str) -> tuple[tuple[str, ...], tuple[Capacity, ...]]:
        """The forms in the order P, A, T and the capacities of each; several of one unit are kept, never summed."""
        letters, capacities = set(), {}
        for entry in map(_dict, _list(item.get("formy"))):
            form = _id(_dict(entry.get("forma")))
            if form not in LETTERS:
                self.notes.add("unknown_form", where, form)
                continue
            letters.add(LETTERS[form])
            for capacity in map(_dict, _list(entry.get("kapacity"))):
                unit, amount = _id(_dict(capacity.get("typ"))), _amount(capacity.get("pocet"))
                if unit not in UNITS or amount is None:
                    self.notes.add("capacity", where, "" if unit in UNITS else unit)
                else:
                    capacities[Capacity(LETTERS[form], UNITS[unit], amount)] = None
        if len({capacity[:2] for capacity in capacities}) < len(capacities):
            self.notes.add("capacities", where)
        return tuple(letter for letter in "PAT" if letter in letters), tuple(capacities)


def _places(facilities: list[dict]) -> tuple[Place, ...]:
    """The places of the facilities that go on; of all of them where all have ended (so has the service)."""
    going_on = [f for f in facilities if not f.get("poskytujeDo")] or facilities
    addresses = [(_dict(f.get("adresa")), _text(f.get("nazev"))) for f in going_on]
    return tuple(dict.fromkeys(Place(_id(_dict(a.get("obec"))), _id(_dict(a.get("kraj"))), name)
                               for a, name in addresses))


def _dict(value: object) -> dict:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """A text in one line, without what cannot be written or seen; everything else is none."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c for c in value if c.isprintable() or c.isspace()).split())


def _id(value: dict) -> str:
    """The code of an entry of a codelist, "" where it does not look like one."""
    found = _text(value.get("id"))
    return found if _CODE.fullmatch(found) else ""


def _name(value: dict) -> str:
    """The Czech name that may stand beside a code."""
    name = value.get("nazev")
    return _text(_dict(name).get("cs")) or _text(name)


def _amount(value: object) -> int | None:
    """A whole number that is not negative, also written as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 9:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
