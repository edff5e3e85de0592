"""The return workbook that a provider fills in for one service and year: its layout and its writer.

One sheet to fill in, "Výkaz". Column A holds the key of every row, so a reader finds things by key and never by row
number: first the identity of the service (values in D), then the collected items under the seven headings
(residential form in D, outpatient and field form in E, note in F; last year's figures from G on where they are
wanted). Identifiers are text; sum rows are formulas. A second sheet, "Kontrola", checks what was filled in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from kpsslib.language import LANGUAGES, _, plural
from kpsslib.methodology import Methodology
from kpsslib.methodology.models import ROUNDS
from kpsslib.methodology.thresholds import Thresholds, load_thresholds
from kpsslib.methodology.words import speaking_as
from kpsslib.workspace import project_root

VERSION = "2025.1"
VERSION_NAME = "kpss_template_version"
SHEET = "Výkaz"
CHECKS_SHEET = "Kontrola"  # live checks of the template: nothing in it is read
ERRORS_SHEET = "Chyby"  # what was found in a returned workbook, and the provider's answers
HEADER_KEY = "kód"
KEY_COLUMN, LABEL_COLUMN, UNIT_COLUMN, IDENTITY_COLUMN, NOTE_COLUMN = "A", "B", "C", "D", "F"
FORM_COLUMNS = {"residential": "D", "outpatient_field": "E"}
IDENTITY_KEYS = (
    "template_version", "year", "round", "service_id", "provider_id", "provider_name", "service_name", "service_type",
    "forms", "municipality_code", "municipality", "orp_code", "orp_name", "region_code", "valid_from", "valid_to",
    "network_tier", "entrusted_from", "entrusted_to", "replaces",
)
CHECK_COMMENT = "kpss "  # how the comments begin that a check fastens to cells of a returned workbook
CONFIRMED = "ano"  # the answer by which a provider says that a figure holds
# What a provider may write instead of a number; an empty cell is a missing figure, a typed 0 a real zero.
STATUS_WORDS = {"netýká se": "not_applicable", "důvěrné": "confidential"}

NETWORK_TIERS = ("základní", "rozvojová")  # offered in the template; a region's own word may be written instead

Figure = tuple[str, str]  # item and form
Cell = str | Figure


class Filling(NamedTuple):
    """What stands in a workbook of the template.

    Attributes:
        identity: values of IDENTITY_KEYS but template_version; year is a number, the rest text.
        about: whom the template is for, in its title.
        values: (item, form) -> figure in the item's unit; what is not there stays empty. Sum rows are computed.
        notes: item -> the provider's note in column F.
        overrides: what stands in particular cells instead, see `write_return`.
        last_year: (item, form) -> last year's figure to stand beside; None for no such columns.
    """

    identity: Mapping[str, object]
    about: str
    values: Mapping[Figure, float] = MappingProxyType({})
    notes: Mapping[str, str] = MappingProxyType({})
    overrides: Mapping[Cell, object] = MappingProxyType({})
    last_year: Mapping[Figure, float] | None = None


def write_return(path: Path, identity: Mapping[str, object], values: Mapping[Figure, float],
                 methodology: Methodology, *, notes: Mapping[str, str] | None = None,
                 overrides: Mapping[Cell, object] | None = None) -> None:
    """Write the return of one service: same content, same bytes.

    Args:
        path: the .xlsx to write.
        identity: a value for every key of IDENTITY_KEYS but template_version; year is a number, the rest text.
        values: (item, form) -> figure in the item's unit; what is not there stays empty. Sum rows are computed.
        methodology: which items this type of service reports, and their sum rules.
        notes: item -> the provider's note in column F.
        overrides: what stands in particular cells instead, (item, form) or an identity key -> number, text, date,
            None for empty, or (formula, result); this is how a faulty return is made.
    """
    kind, name = str(identity["service_type"]), str(identity["round"])
    filling = Filling(identity, str(methodology.service_types[kind].name), values, notes or {}, overrides or {})
    items = [item for item in methodology.items.values() if item.source == "return"]
    alike = [r for r in ROUNDS if all((r in item.rounds) == (name in item.rounds) for item in items)]
    write_template(path, filling, methodology, types=[kind], rounds=alike)


def write_template(path: Path, filling: Filling, methodology: Methodology, *, types: Sequence[str],
                   rounds: Sequence[str] = ROUNDS, methodology_folder: Path | None = None) -> None:
    """Write a template, empty but for the filling; same content, same bytes.

    Args:
        path: the .xlsx to write.
        filling: what stands in it.
        methodology: the items and service types.
        types: the service types to choose from; what only some of them report turns grey for the others.
        rounds: the rounds to choose from.
        methodology_folder: where the thresholds of the checks lie; None for those of the house.
    """
    import xlsxwriter

    from kpsslib.intake.writing.layout import Layout
    from kpsslib.intake.writing.return_writer import ReturnWriter

    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        ReturnWriter(book, Layout(methodology, types, rounds), filling, _thresholds(methodology_folder)).write()


@cache
def _thresholds(folder: Path | None) -> Thresholds:
    """Read once for all the returns that are written."""
    house = project_root() / "parameters/methodology"
    return load_thresholds(folder or house, house)


def identity_labels() -> dict[str, str]:
    """What the rows of the identity block are called, in their order."""
    labels = (
        _("Version of the template"), _("Year"), _("Round (plan, adjusted, actual, final)"), _("Service identifier"),
        _("Provider's registration number (IČO)"), _("Provider"), _("Name of the service"), _("Type of service"),
        _("Forms (P residential, A outpatient, T field)"), _("Municipality code"), _("Municipality"),
        _("ORP code"), _("ORP"), _("Region code"), _("Service provided from"), _("Service provided until"),
        _("Tier of the network"), _("Entrusted from"), _("Entrusted until"),
        _("Replaces the submission (its number, filled in when a return is sent back)"),
    )
    return dict(zip(IDENTITY_KEYS, labels, strict=True))


def identity_kinds() -> dict[str, str]:
    """What is written into the rows of the identity block, in short."""
    kinds = dict.fromkeys(IDENTITY_KEYS, _("text"))
    kinds |= dict.fromkeys(("round", "service_type", "forms", "network_tier"), _("choice"))
    kinds |= dict.fromkeys(("valid_from", "valid_to", "entrusted_from", "entrusted_to"), _("date"))
    for key, digits in (("year", 4), ("orp_code", 4), ("municipality_code", 6), ("service_id", 7), ("provider_id", 8)):
        kinds[key] = plural("{n} digit", "{n} digits", digits)
    return kinds | {"template_version": "", "region_code": _("such as CZ051"), "replaces": _("number")}


def section_headings() -> dict[str, str]:
    """The seven headings of the return by section code, in their order."""
    return {
        "costs_revenues": _("1 Costs and revenues"), "positions": _("2 Positions"), "clients": _("3 Clients"),
        "capacity": _("4 Capacity"), "material": _("5 Material provision"), "outputs": _("6 Outputs"),
        "dates": _("7 Dates and availability"),
    }


def headers() -> dict[str, str]:
    """The headers of the columns A to J by what stands in them; G to J are there only with last year's figures."""
    return {
        "key": HEADER_KEY, "label": _("Figure"), "unit": _("Unit"), "residential": _("Residential form"),
        "outpatient_field": _("Outpatient and field form"), "note": _("Note"),
        "last_residential": _("Last year, residential form"), "change_residential": _("Change, residential form"),
        "last_outpatient_field": _("Last year, outpatient and field form"),
        "change_outpatient_field": _("Change, outpatient and field form"),
    }


@cache
def header_labels() -> dict[str, frozenset[str]]:
    """What the header of each column may say, in every language of the template.

    Keys: key, label, unit, residential, outpatient_field, note, and last_year for the columns that show last year's
    figures and the change since: they are the template's own, whatever stands in them. So is marks, the column of a
    returned workbook.
    """
    labels: dict[str, frozenset[str]] = {}
    for language in LANGUAGES:
        with speaking_as(language):
            for column, text in headers().items():
                name = "last_year" if column.startswith(("last_", "change_")) else column
                labels[name] = labels.get(name, frozenset()) | {text}
            labels["marks"] = labels.get("marks", frozenset()) | {marks_label()}
    return labels


def marks_label() -> str:
    """The header of the column in which a returned workbook says what was found in a row."""
    return _("Found in the check")


def unit_label(unit: str) -> str:
    """A unit of items.toml as it is written beside a figure."""
    return _(unit).replace("_", " ")


def instruction() -> str:
    """What the provider is told at the top of the return."""
    return _("Fill in the yellow cells only. Leave empty what you do not know: an empty cell is a missing figure, "
             "0 is a real zero. Write {words} instead of a number where that is so. Sum rows compute themselves.",
             words=_quoted_words())


def words_message() -> str:
    """What a spreadsheet says when something else than a number or a status word is typed."""
    return _("Write a number, or {words}.", words=_quoted_words())


def _quoted_words() -> str:
    return " / ".join(f"„{word}“" for word in STATUS_WORDS)


