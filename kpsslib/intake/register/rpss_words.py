"""What is said about the state's register, in the language spoken."""

from __future__ import annotations

from collections.abc import Iterable

from kpsslib.intake.register.json_items import JsonError
from kpsslib.intake.register.rpss import KEY, NEEDED, ROOT, UNPLACED, Notes
from kpsslib.language import _, number

MOST_OF_A_KIND = 8


def fault_words(error: JsonError, file: str, n_bytes: int) -> str:
    """Why the file is not read at all, and where it went wrong. Nothing of its content is quoted."""
    if error.kind == "not_a_list":
        return _("{file}: the key {key} does not hold a list of services. Nothing was replaced; download the register "
                 "again.", file=file, key=ROOT)
    if error.kind == "not_an_object":
        return _("{file}: not the register of providers: expected JSON that begins with {begin}. Nothing was "
                 "replaced; the download may have given a web page or a packed file.", file=file, begin="{")
    return _("{file}: damaged or cut off after {items} whole items, near byte {byte} of {total}. Nothing was replaced; "
             "download the register again.", file=file, items=number(error.items), byte=number(error.byte),
             total=number(n_bytes))


def missing_root_words(file: str, keys: Iterable[str]) -> str:
    """That the list of services is not in the file."""
    found = ", ".join([key for key in keys if KEY.fullmatch(key)][:5]) or _("nothing")
    return _("{file}: the key {key} is missing (found: {found}). Nothing was replaced; expected is the open register "
             "of providers, rpss.json.", file=file, key=ROOT, found=found)


def note_lines(notes: Notes) -> list[str]:
    """A line a note, the ones that leave a service out first; many of one kind become one line."""
    lines = []
    for kind in (*UNPLACED, *sorted({kind for kind, _detail in notes} - {*UNPLACED})):
        found = sorted(((n, detail, first) for (k, detail), (n, first) in notes.items() if k == kind), reverse=True)
        lines += [_("{what}: {n} (first {first})", what=_what(kind, detail), n=number(n), first=first)
                  for n, detail, first in found[:MOST_OF_A_KIND]]
        if rest := found[MOST_OF_A_KIND:]:
            lines.append(_("{what}: {n} (first {first})", what=_what(kind, "…"), n=number(sum(n for n, *_d in rest)),
                           first=rest[0][2]))
    return lines


def _what(kind: str, detail: str) -> str:
    words = {
        "not_an_item": _("left out, not an item with keys"),
        "service_id": _("left out, no identifier of seven digits"),
        "no_form": _("left out, no form of the service"),
        "unknown_type": _("left out, the type {detail} is not in the codelist or not in the methodology",
                          detail=detail or "–"),
        "lacking": _lacking(detail),
        "unknown_key": _("unknown key {detail}, not read", detail=detail),
        "unknown_root": _("unknown key {detail} of the root, not read", detail=detail),
        "unknown_form": _("unknown form {detail}, not read", detail=detail or "–"),
        "form_not_of_type": _("a form that the type does not have in the methodology ({detail})", detail=detail),
        "ico": _("the provider's IČO is missing or its check digit does not hold; left empty"),
        "day": _("the key {detail} holds no day; left empty", detail=detail),
        "capacity": _("a capacity without a whole number or without a known unit, not read ({detail})",
                      detail=detail or "–"),
        "capacities": _("several capacities in one unit; all are kept, none is summed"),
        "duplicate": _("an identifier more than once; the record that lasts longest holds"),
        "unknown_region": _("unknown region {detail}; left empty", detail=detail),
        "no_place": _("no facility with an address (secret or missing); only the previous register knows the place"),
        "several_places": _("facilities in several municipalities; that of the previous register or the first holds"),
    }
    return words[kind]


def _lacking(key: str) -> str:
    return _("the key {detail} is missing (expected: {expected})", detail=key, expected=", ".join(NEEDED))
