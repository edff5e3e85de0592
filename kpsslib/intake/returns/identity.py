"""Who reports: the identity of a return, checked value by value; what cannot be placed is not used."""

from __future__ import annotations

from collections.abc import Collection

from kpsslib.intake.formats.cells import Cell
from kpsslib.intake.records import IDENTITY, Finding, Read
from kpsslib.intake.returns.identifiers import (
    Identifier,
    as_text,
    day,
    registration_number,
    service_identifier,
    without_invisible,
)
from kpsslib.intake.returns.type_names import nearest_types, service_type
from kpsslib.intake.template import VERSION
from kpsslib.methodology import Methodology
from kpsslib.methodology.models import ROUNDS, ServiceType

DAYS = ("valid_from", "valid_to", "entrusted_from", "entrusted_to")
_NO_VALUE = {"error": "error_cell", "uncomputed": "formula_without_value"}
_LETTERS = {"P": "residential", "A": "outpatient_field", "T": "outpatient_field"}


def read_identity(cells: dict[str, Cell | None], addresses: dict[str, str], out: Read, methodology: Methodology,
                  years: Collection[int]) -> None:
    """Fill `out` with the identity of a workbook; sets `out.quarantine` where the return cannot be placed.

    Args:
        cells: the cell of each key's value, None where it is empty.
        addresses: where each key's value stands or would stand.
        out: what is filled.
        methodology: the service types.
        years: the years a return may be of.
    """
    out.places.update(addresses)
    values = {key: cell.content if cell and cell.kind not in _NO_VALUE else None for key, cell in cells.items()}
    shown = {key: without_invisible(value) if isinstance(value, str) else value for key, value in values.items()}
    out.quarantine = _unplaceable(shown, addresses, methodology, years)
    if out.quarantine:
        return
    kind = service_type(as_text(shown["service_type"]), methodology)
    known = {"year": as_text(shown["year"]), "round": as_text(shown["round"]).lower(), "service_type": kind}
    for key, content in shown.items():
        found = as_text(content)
        identifier = Identifier(known[key], "reported" if known[key] == found else "converted") if key in known \
            else check(key, content)
        out.identity[key] = identifier.text
        fault = fault_of(key, identifier.status, found)
        if cells[key] and cells[key].kind in _NO_VALUE:
            identifier, fault = Identifier("", "rejected"), _NO_VALUE[cells[key].kind]
            found = as_text(cells[key].content)
        elif content != values[key]:
            identifier = Identifier(identifier.text, "converted")
            fault = fault or "invisible_letters"
        elif identifier.status == "converted" and found != identifier.text:
            fault = fault or "read_as"
        if cells[key]:
            out.cells["accepted" if identifier.status == "reported" else identifier.status] += 1
        if fault:
            out.findings.append(Finding(fault, addresses[key], item=key,
                                        values={"found": found, "value": identifier.text}))
    for key in IDENTITY:
        out.identity.setdefault(key, "")
    out.forms = _forms(out, methodology.service_types[kind])


def _unplaceable(values: dict, addresses: dict[str, str], methodology: Methodology,
                 years: Collection[int]) -> Finding | None:
    """Why a return cannot be placed, the first reason only: the rest would follow from it."""
    def fault(kind: str, key: str, **more: object) -> Finding:
        found = as_text(values.get(key)) or "–"
        return Finding(kind, addresses.get(key, ""), item=key, values={"found": found, **more})

    if as_text(values.get("template_version")) != VERSION:
        return fault("wrong_template", "template_version", version=VERSION)
    if as_text(values.get("year")) not in {str(year) for year in years}:
        return fault("wrong_year", "year", years=", ".join(str(y) for y in sorted(years)))
    if as_text(values.get("round")).lower() not in ROUNDS:
        return fault("unknown_round", "round", rounds=", ".join(ROUNDS))
    if service_identifier(values.get("service_id")).status == "rejected":
        return fault("service_id", "service_id")
    if not service_type(as_text(values.get("service_type")), methodology):
        nearest = nearest_types(as_text(values.get("service_type")), methodology)
        return fault("unknown_type", "service_type", nearest=nearest)
    return None


def check(key: str, content: object) -> Identifier:
    """One value of the identity as text, and whether it was reported so, converted or has to be rejected."""
    if key == "service_id":
        return service_identifier(content)
    if key == "provider_id":
        return registration_number(content)
    if key in DAYS:
        return day(content)
    return Identifier(as_text(content), "reported")


def fault_of(key: str, status: str, found: str) -> str:
    """The finding that a value of the identity gives rise to, "" where none."""
    if key == "provider_id":
        return {"rejected": "ico", "converted": "ico_converted"}.get(status, "")
    return "bad_day" if key in DAYS and status == "rejected" and found else ""


def _forms(out: Read, kind: ServiceType) -> list[str]:
    """The reporting forms declared, each once; a form the type does not have is an error at its cell."""
    letters = [letter for letter in out.identity.get("forms", "").upper() if letter in _LETTERS]
    for letter in dict.fromkeys(letters):
        if letter not in kind.forms:
            out.findings.append(Finding("form_not_of_type", out.places.get("forms", ""), _LETTERS[letter],
                                        values={"found": letter, "type": kind.code}))
    declared = dict.fromkeys(_LETTERS[letter] for letter in letters if letter in kind.forms)
    return [form for form in kind.reporting_forms if form in declared] or list(kind.reporting_forms)
