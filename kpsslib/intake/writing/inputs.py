"""What a spreadsheet lets a provider type into the template: drop-downs, checks of input, hints and greying."""

from __future__ import annotations

from itertools import combinations

import xlsxwriter

from kpsslib.intake.template import FORM_COLUMNS, NETWORK_TIERS, STATUS_WORDS, words_message
from kpsslib.intake.writing.layout import Layout, runs
from kpsslib.intake.writing.styles import GREY
from kpsslib.language import _
from kpsslib.methodology.words import round_name

_VALUE = ord(FORM_COLUMNS["residential"]) - ord("A")
_LONGEST = 255  # characters of a hint that a spreadsheet keeps


def guard_identity(sheet: xlsxwriter.worksheet.Worksheet, layout: Layout, year: int) -> None:
    """Drop-downs and checks of length for who reports; dates and codes get a hint."""
    rules = {
        "year": {"validate": "integer", "criteria": "==", "value": year,
                 "error_message": _("This template is for the year {year}.", year=year)},
        "round": {**_choice(layout.rounds), "input_message": ", ".join(
            f"{name} = {round_name(name)}" for name in layout.rounds)},
        "service_id": _digits(layout, "service_id", 7, _("Seven digits of the register of providers, leading zeros "
                                                         "too.")),
        "provider_id": _digits(layout, "provider_id", 8, _("IČO with all eight digits, leading zeros too.")),
        "service_type": {**_choice(layout.types), "input_message": ", ".join(
            f"{code} {layout.methodology.service_types[code].name}" for code in layout.types)},
        "forms": {**_choice(choices_of_forms(layout)), "input_message": _("P residential, A outpatient, T field")},
        "municipality_code": _digits(layout, "municipality_code", 6, _("Six digits of the code of the municipality.")),
        "network_tier": {**_choice(NETWORK_TIERS), "error_type": "warning"},
        "replaces": {"validate": "any", "input_message": _("Leave empty in a first return.")},
    }
    day = {"validate": "any", "input_message": _("A date such as 2025-07-31; empty where there is none.")}
    rules |= dict.fromkeys(("valid_from", "valid_to", "entrusted_from", "entrusted_to"), day)
    for key, rule in rules.items():
        rule = {"error_title": _("Check the input")} | rule
        if "input_message" in rule:
            rule["input_message"] = rule["input_message"][:_LONGEST]
        sheet.data_validation(layout.rows[key] - 1, _VALUE, layout.rows[key] - 1, _VALUE, rule)


def _choice(words: tuple[str, ...]) -> dict:
    return {"validate": "list", "source": list(words),
            "error_message": _("Choose one of: {words}", words=", ".join(words))[:_LONGEST]}


def _digits(layout: Layout, key: str, n: int, message: str) -> dict:
    cell = f"${FORM_COLUMNS['residential']}${layout.rows[key]}"
    return {"validate": "custom", "value": f"=AND(LEN({cell})={n},ISNUMBER(-{cell}))", "input_message": message,
            "error_message": message}


def choices_of_forms(layout: Layout) -> tuple[str, ...]:
    """What may stand in the row of forms: every choice among the forms of one of the types, as "P, A"."""
    known = set()
    for code in layout.types:
        letters = [letter for letter in "PAT" if letter in layout.methodology.service_types[code].forms]
        known |= {chosen for n in range(1, len(letters) + 1) for chosen in combinations(letters, n)}
    ordered = sorted(known, key=lambda chosen: (len(chosen), ["PAT".index(letter) for letter in chosen]))
    return tuple(", ".join(chosen) for chosen in ordered)


def guard_figures(sheet: xlsxwriter.worksheet.Worksheet, layout: Layout) -> None:
    """A figure is a number or one of the words; what explains an item appears when its cell is entered."""
    alike: dict[tuple[str, str, str], list[int]] = {}
    for code, row in layout.rows.items():
        item = layout.methodology.items.get(code)
        for form in layout.forms if item and not item.sum_of else ():
            if layout.asked(code, form):
                message = str(item.explain or "")[:_LONGEST]
                alike.setdefault((form, layout.condition(code, form), message), []).append(row)
    for (form, condition, message), rows in alike.items():
        column = ord(FORM_COLUMNS[form]) - ord("A")
        areas = [[first - 1, column, last - 1, column] for first, last in runs(rows)]
        cell = f"{FORM_COLUMNS[form]}{rows[0]}"
        words = "".join(f',{cell}="{word}"' for word in STATUS_WORDS)
        usable = f"OR(ISNUMBER({cell}){words})"
        sheet.data_validation(*areas[0], {
            "validate": "custom", "value": f"=AND({condition},{usable})" if condition else f"={usable}",
            "error_title": _("Not a number"), "input_message": message or None,
            "error_message": words_message() + (" " + _("Grey cells stay empty.") if condition else ""),
            "other_cells": areas[1:]})


def grey_out(book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet, layout: Layout) -> None:
    """Cells that the chosen type, round or forms are not asked turn grey."""
    grey = book.add_format({"bg_color": GREY, "font_color": "#808080"})
    alike: dict[tuple[str, str], list[int]] = {}
    for form in layout.forms:
        for code in (code for code in layout.rows if layout.asked(code, form)):
            if condition := layout.condition(code, form):
                alike.setdefault((form, condition), []).append(layout.rows[code])
    for (form, condition), rows in alike.items():
        letter, column = FORM_COLUMNS[form], ord(FORM_COLUMNS[form]) - ord("A")
        areas = [f"{letter}{first}:{letter}{last}" for first, last in runs(rows)]
        sheet.conditional_format(rows[0] - 1, column, rows[-1] - 1, column, {
            "type": "formula", "criteria": f"=NOT({condition})", "format": grey, "multi_range": " ".join(areas)})
