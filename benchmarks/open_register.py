"""Made-up items in the shape of the state's open register of providers (rpss.json), for tests and benchmarks."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

PERSON = "Zdislava Kanárková"  # stands wherever the register has people; it must not come out anywhere
_HEAD = {"jmeno": "Zdislava", "prijmeni": "Kanárková", "titulPred": "Bc."}
_CONTACTS = {"emaily": [{"email": "kanarkova@example.cz", "poznamka": PERSON}],
             "telefony": [{"telefon": "601602603", "poznamka": None}], "faxy": [],
             "weby": [{"web": "http://kanarkova.example.cz", "poznamka": None}]}
_FORMS = {"P": "pob", "A": "amb", "T": "ter"}


def address(municipality: str | None = "554499", region: int = 51, ruian: int | None = 11867906) -> dict:
    """An address as the register writes it."""
    return {"cisloDomovni": 2272, "cisloOrientacni": "54", "dodatekAdresy": None, "kodAdresnihoMista": ruian,
            "psc": "35201", "typCislaDomovniho": {"id": "TypStavebnihoObjektu/1"}, "kraj": {"id": f"Kraj/{region}"},
            "okres": {"id": "Okres/3402"}, "obec": municipality and {"id": f"Obec/{municipality}"},
            "castObce": {"id": "CastObce/405507"}, "mestskyObvodMestskaCast": None, "mestskyObvodVPraze": None,
            "ulice": {"nazev": "Nemocniční"}}


def facility(name: str = "Domov U Lípy", place: dict | None = None, until: str | None = None) -> dict:
    """A facility of a service; without an address it is a secret one."""
    return {"nazev": name, "adresa": place, "utajenaAdresa": place is None, "poskytujeOd": "2007-01-01",
            "poskytujeDo": until, "vedouci": [_HEAD], **_CONTACTS}


def form(letter: str, *capacities: tuple[object, str]) -> dict:
    """A form (P, A, T) with its capacities, such as (32, "luzka")."""
    return {"forma": {"id": f"FormaSocialniSluzby/{_FORMS.get(letter, letter)}"}, "nepretrzitePoskytovani": True,
            "casoveRozsahy": None,
            "kapacity": [{"pocet": n, "popis": f"{n}; odpovídá {PERSON}", "typ": {
                "id": f"TypKapacitySocialniSluzby/{unit}"}} for n, unit in capacities]}


def item(service: int, **changes: object) -> dict:
    """A whole item: a home for the elderly with 32 beds, but for the keys changed."""
    return {"portalId": service, "id": f"SocialniSluzba/{service}", "identifikator": f"{service:07}",
            "datumPoskytovaniOd": "2007-01-01", "datumPoskytovaniDo": None,
            "kontaktniAdresy": [{"adresa": address(), "poznamka": PERSON}],
            "druhSocialniSluzby": {"id": "DruhSocialniSluzby/13"}, "zarizeni": [facility(place=address())],
            "poskytovatel": {"ico": "00064581", "nazev": "Charita", "statutarniOrgany": [_HEAD], **_CONTACTS},
            **_CONTACTS, "ciloveSkupiny": [{"cilovaSkupina": {"id": "CilovaSkupinaOsoby/24"}}], "vekoveSkupiny": [],
            "doplnujiciInformaceVekoveSkupiny": None, "formy": [form("P", (32, "luzka"))],
            "rozsirenePusobnostiVKraji": [], "doplnkoveUdaje": {"personalniZajisteni": [{"text": PERSON}]}} | changes


def write(path: Path, items: Iterable[object], root: dict | None = None) -> Path:
    """Write a register file; `root` holds further keys of the root, which come first."""
    with path.open("w", encoding="utf-8") as file:
        file.write("{" + "".join(f"{json.dumps(key)}: {json.dumps(value)}, " for key, value in (root or {}).items()))
        file.write('"polozky": [')
        for n, one in enumerate(items):
            file.write((",\n" if n else "") + json.dumps(one, ensure_ascii=False))
        file.write("]}\n")
    return path
