"""What the codes of the state's register mean: the ministry's codelists beside the file, else `register.toml`."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import NamedTuple

from kpsslib.intake.register.rpss import ROOT
from kpsslib.intake.returns.type_names import service_type
from kpsslib.language import _
from kpsslib.methodology import Methodology
from kpsslib.workspace import RunError, project_root

CODELISTS = ("druhy-socialni-sluzby.json", "kraje.json", "obce.json")
_TYPE, _REGION, _MUNICIPALITY = "DruhSocialniSluzby/", "Kraj/", "Obec/"


class Codes(NamedTuple):
    """Names of types by code and other names of types, NUTS 3 codes of regions by code, names of regions by NUTS 3
    code, names of municipalities by code.
    """

    types: dict[str, str]
    names: dict[str, str]
    regions: dict[str, str]
    region_names: dict[str, str]
    municipalities: dict[str, str]

    def type_of(self, code: str, name: str, methodology: Methodology) -> str:
        """The methodology's type of a code and of the name that may stand beside it, "" where there is none."""
        words = (" ".join(text.casefold().split()) for text in (name, self.types.get(code, "")))
        found = (service_type(self.names.get(word, word), methodology) for word in words)
        return next(filter(None, found), "")

    def region_of(self, name: str) -> str:
        """The NUTS 3 code of a region named in words, "" where there is none."""
        wanted = " ".join(name.casefold().split())
        return next((code for code, known in self.region_names.items() if known.casefold() == wanted), "")


def read_codes(folder: Path) -> Codes:
    """The codes of `parameters/register.toml`, and over them the codelists that lie in the folder.

    Raises RunError where a codelist is not one.
    """
    known = tomllib.loads((project_root() / "parameters" / "register.toml").read_text("utf-8"))
    types = {_TYPE + number: code for number, code in known["types"].items()}
    regions = {_REGION + number: region["code"] for number, region in known["regions"].items()}
    names = {region["code"]: region["name"] for region in known["regions"].values()}
    of_types, of_regions, of_municipalities = (_codelist(folder / name) for name in CODELISTS)
    types |= {entry["id"]: _named(entry) for entry in of_types}
    regions |= {entry["id"]: entry["kodNuts3"] for entry in of_regions if entry.get("kodNuts3")}
    names |= {entry["kodNuts3"]: _named(entry) for entry in of_regions if entry.get("kodNuts3")}
    return Codes(types, known["names"], regions, names, {entry["id"]: _named(entry) for entry in of_municipalities})


def municipality_code(code: str) -> str:
    """The six digits of the statistical office that the register's code of a municipality holds, "" where none.

    >>> municipality_code("Obec/554499")
    '554499'
    """
    digits = code.removeprefix(_MUNICIPALITY)
    return digits if len(digits) == 6 and digits.isdigit() else ""


def _codelist(path: Path) -> list[dict]:
    """The entries of a codelist; none where the file is not there."""
    try:
        entries = json.loads(path.read_bytes())[ROOT]
        if all(isinstance(entry["id"], str) for entry in entries):
            return entries
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    raise RunError([_("{file}: not a codelist of the ministry (expected the key {key} with entries that have an id); "
                      "download it again, or move it away", file=path.name, key=ROOT)])


def _named(entry: dict) -> str:
    name = entry.get("nazev")
    return str((name.get("cs") if isinstance(name, dict) else name) or "")
