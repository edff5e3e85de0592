"""The glossary names every word of the field that a table, a return or an indicator may hold."""

import re
from pathlib import Path
from typing import get_args

from kpsslib.indicators import FLAGS
from kpsslib.methodology.models import CAPACITY_UNITS, FORMS, ROUNDS, Indicator, Item, Methodology
from kpsslib.workspace import TABLES

TEXT = (Path(__file__).parents[2] / "GLOSSARY.md").read_text("utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| `")]


def words(model, field):
    return {word for part in get_args(model.model_fields[field].annotation) or () for word in get_args(part) or [part]}


def test_every_row_has_a_term_a_czech_word_and_a_meaning():
    for row in ROWS:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 3
        assert all(cells), row


def test_terms_stand_once():
    terms = [term for row in ROWS for term in re.findall(r"`([^`]+)`", row.split("|")[1])]
    assert len(set(terms)) == len(terms), sorted(t for t in terms if terms.count(t) > 1)


def test_vocabularies_are_explained():
    vocabulary = {*FORMS, *ROUNDS, *CAPACITY_UNITS, *FLAGS, "reported", "converted", "confirmed_zero", "missing",
                  "not_applicable", "confidential", "error", "warning", "question", "constant"}
    for model, field in ((Indicator, "direction"), (Indicator, "kind"), (Indicator, "level"), (Item, "additive")):
        vocabulary |= {word for word in words(model, field) if isinstance(word, str)}
    explained = set(re.findall(r"`([^`]+)`", TEXT))
    assert vocabulary <= explained, sorted(vocabulary - explained)


def test_tables_are_explained():
    explained = " ".join(re.findall(r"`([^`]+)`", TEXT))
    for table in TABLES:
        assert table.rstrip("s") in explained, table


def test_sections_of_the_methodology_are_explained():
    explained = " ".join(re.findall(r"`([^`]+)`", TEXT))
    for name in Methodology.model_fields:
        assert name.rstrip("s") in explained or name == "sources", name
