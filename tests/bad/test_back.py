"""What goes back to the provider of a bad file: it can be read again, and hostile text in it stays text."""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from unittest import mock

import openpyxl
import pytest

from kpsslib.checking import check, list_files, write_back
from kpsslib.intake.returns.reading import read_return
from tests.bad.corpus import CORPUS
from tests.bad.hostile import CANARY
from tests.bad.kit import Desk
from tests.bad.trial import methodology, project

ODD = ("F06", "F08", "F10", "F11", "F18", "F19", "C04", "C12", "N12", "N23", "I18", "L01", "L07", "L09", "L16", "L19",
       "L20", "L24", "L25")
# CI goes through the whole list.
CHOSEN = [one for one in CORPUS if os.environ.get("CI") or one.id[0] == "X" or one.id in ODD]
FORMULA = re.compile(r'HYPERLINK\("http|cmd|1\+1|@SUM|\+420')


@pytest.mark.parametrize("one", CHOSEN, ids=lambda one: one.id)
def test_what_goes_back(one, tmp_path):
    with project(tmp_path), mock.patch("kpsslib.methodology.load", return_value=methodology()):
        desk = Desk(tmp_path, methodology(), one)
        one.build(desk)
        before = {path: path.read_bytes() for path in desk.office.returns.iterdir()}
        report = check(list_files(["returns"]), None, "cs", lambda *_progress: None)
        sent = write_back(report, tmp_path / "back").files
        assert before == {path: path.read_bytes() for path in desk.office.returns.iterdir()}
        for checked in report.files:
            own = [path for path in (sent[checked.taken.name].workbook, sent[checked.taken.name].note) if path]
            assert all(path.parent == tmp_path / "back" for path in own)
            goes_back(checked, *sent[checked.taken.name][:2], desk)


def goes_back(checked, workbook, note, desk: Desk) -> None:
    """What is sent of one file."""
    if note:
        page = note.read_text("utf-8") + note.with_suffix(".txt").read_text("utf-8")
        live = Live()
        live.feed(note.read_text("utf-8"))
        assert live.found == []
        assert not any(secret in page for secret in desk.secrets)
        assert CANARY not in page or checked.taken.read.identity.get("provider_name") == CANARY
    if workbook:
        data = workbook.read_bytes()
        again, first = read_return(data, methodology(), [2024, 2025, 2026]), checked.taken.read
        assert again.quarantine is None
        assert figures(again) == figures(first)
        assert not [text for text in formulas(openpyxl.load_workbook(workbook)) if FORMULA.search(text)]


class Live(HTMLParser):
    """What of a page would do something: scripts, pictures and frames, handlers, links that leave it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        bad = tag in ("script", "img", "iframe", "object", "embed", "form")
        for name, value in attrs:
            bad |= name.startswith("on") or (name in ("href", "src") and not (value or "").startswith("#"))
        self.found += [self.get_starttag_text() or ""] if bad else []


def figures(read) -> dict:
    return {(f.form, f.item): f.value for f in read.facts if f.value == f.value}


def formulas(book) -> list[str]:
    return [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
