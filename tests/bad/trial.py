"""Sends one fault through the product, as a run does, and says how it ended and what is not as expected."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import zipfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from unittest import mock

import pandas as pd

from kpsslib.cleaning import clean
from kpsslib.intake import worker
from kpsslib.intake.records import CLASSES
from kpsslib.language import speak
from kpsslib.methodology import load
from tests import oracle
from tests.bad import other_formats
from tests.bad.kit import CONVERTED, ERROR, IGNORED, OK, QUARANTINE, QUESTION, Desk, Fault, Sent
from tests.conftest import ROOT

GOOD = "9999999"  # a return without a fault beside those of the fault
SAID = ["found", "expected", "advice"]


@cache
def methodology():
    """The methodology of the house."""
    return load(ROOT / "parameters" / "methodology")


@contextmanager
def project(folder: Path):
    """A project of its own with the parameters of the house, Czech spoken."""
    before = Path.cwd()
    (folder / "parameters").symlink_to(ROOT / "parameters", target_is_directory=True)
    os.chdir(folder)
    speak("cs")
    try:
        yield
    finally:
        os.chdir(before)


class Outcome(NamedTuple):
    """How one file ended: its class, the problems told of it and why it was left out, its facts and its cells."""

    sent: Sent
    got: str
    problems: pd.DataFrame
    english: pd.DataFrame
    reasons: list[str]
    facts: dict[tuple[str, str], float]
    statuses: dict[tuple[str, str], str]
    where: dict[tuple[str, str], str]
    cells: dict[str, int]
    data: bytes
    complaints: list[str]

    @property
    def message(self) -> str:
        """What a user is told first: the gravest problem, else the reason."""
        told = self.problems.sort_values("severity", key=lambda s: s.map({"error": 0, "question": 1, "warning": 2}))
        lines = [f"{row.cell + ': ' if row.cell else ''}nalezeno {row.found}; očekáváno {row.expected}; {row.advice}"
                 for row in told.itertuples()]
        return (lines or self.reasons or [""])[0]


@cache
def twin(kind: str) -> dict[tuple[str, str], float]:
    """The figures of a return without a fault, by item and form."""
    with TemporaryDirectory() as folder, project(Path(folder)):
        desk = Desk(Path(folder), methodology(), Fault("", "", "", "", print))
        desk.put(desk.sound(kind=kind), kind=kind)
        cleaned = clean(desk.office.run(groups=[methodology().group_of[kind]]))
        assert cleaned.problems.empty, cleaned.problems[SAID].to_string()
        return figures(cleaned.facts, "0000001.xlsx")


def figures(facts: pd.DataFrame, file: str) -> dict[tuple[str, str], float]:
    """The figures of a file that have a value; what cleaning counts itself is left out."""
    own = facts[(facts["file"] == f"returns/{file}") & facts["value"].notna() & (facts["cell"] != "")]
    return dict(zip(zip(own["item"], own["form"], strict=True), own["value"], strict=True))


def try_out(one: Fault, folder: Path) -> list[Outcome]:
    """The outcome of each file of a fault; raises what the product raises, which is a failure by itself."""
    with project(folder):
        desk = Desk(folder, methodology(), one)
        desk.office.send(GOOD)
        one.build(desk)
        groups = sorted({methodology().group_of[sent.kind] for sent in desk.sent.values()} | {"PS1"})
        run = desk.office.run(groups=groups, **desk.parameters)
        sent = {name: (desk.office.returns / name).read_bytes() for name in desk.sent}
        with during(desk):
            cleaned = clean(run)
        speak("en")
        english = clean(run).problems
        speak("cs")
        outcomes = [outcome(cleaned, english, desk.sent[name], data) for name, data in sent.items()]
        if outcomes:
            outcomes[0].complaints.extend(beside(cleaned, desk, folder))
        for each in outcomes:
            each.complaints.extend(complaints(each, folder))
        return outcomes


@contextmanager
def during(desk: Desk):
    """What the fault does to a file right after it was read."""
    keep = worker.keep

    def kept(data: bytes, suffix: str, folder: Path) -> str:
        fingerprint = keep(data, suffix, folder)
        if desk.during:
            desk.during(data)
        return fingerprint

    with mock.patch.object(worker, "keep", kept):
        yield


def outcome(cleaned, english: pd.DataFrame, sent: Sent, data: bytes) -> Outcome:
    """What the tables say of one file."""
    name = f"returns/{sent.name}"
    original = cleaned.originals[cleaned.originals["file"] == name].iloc[0]
    problems = cleaned.problems[cleaned.problems["file"] == name]
    ignored = cleaned.ignored[cleaned.ignored["file"] == name]
    row = cleaned.accounting[cleaned.accounting["file"] == name]
    cells = {} if row.empty else {key: int(row[key].iloc[0]) for key in (*CLASSES, "cells")}
    own = cleaned.facts[(cleaned.facts["file"] == name) & (cleaned.facts["cell"] != "")]
    keys = list(zip(own["item"], own["form"], strict=True))
    return Outcome(
        sent, class_of(original["state"], set(problems["severity"]), cells), problems,
        english[english["file"] == name], [original["reason"] or "", *ignored["reason"]],
        figures(cleaned.facts, sent.name), dict(zip(keys, own["status"], strict=True)),
        dict(zip(keys, own["cell"], strict=True)), cells, data, [])


def class_of(state: str, severities: set[str], cells: dict[str, int]) -> str:
    """The class of a file, the gravest that applies."""
    if state != "accepted":
        return {"quarantined": QUARANTINE, "ignored": IGNORED}[state]
    for severity, name in (("error", ERROR), ("question", QUESTION)):
        if severity in severities:
            return name
    return CONVERTED if cells.get("converted") else OK


def complaints(one: Outcome, folder: Path) -> list[str]:
    """Everything about a file that is not as expected, in words."""
    return [*_ends_as_expected(one), *_is_said(one), *_is_said_of_its_place(one), *_is_kept(one, folder),
            *_adds_up(one), *_holds_figures(one)]


def _ends_as_expected(one: Outcome) -> list[str]:
    sent = one.sent
    return [] if one.got == sent.expected else [f"{sent.name}: {one.got} instead of {sent.expected}: {one.message}"]


def _is_said(one: Outcome) -> list[str]:
    sent, out = one.sent, []
    texts = [" ".join(map(str, row)) for row in one.problems[SAID].to_numpy()] + one.reasons
    if sent.says and not any(re.search(sent.says, text.replace("\u00a0", " "), re.IGNORECASE) for text in texts):
        out.append(f"{sent.name}: nobody says /{sent.says}/ but {texts}")
    if sent.at and one.got != QUARANTINE and not (one.problems["item"] == sent.at).any():
        out.append(f"{sent.name}: the row {sent.at} is not named but {list(one.problems['item'])}")
    if sent.at and one.got in (ERROR, QUESTION):
        named = one.problems[(one.problems["item"] == sent.at) & (one.problems["severity"] != "warning")]
        if not named["cell"].str.fullmatch(r"[A-Z]+\d+").any():
            out.append(f"{sent.name}: no cell named for {sent.at}")
    for row, english in zip(one.problems.itertuples(), one.english.itertuples(), strict=True):
        if not (row.found and row.expected and row.advice):
            out.append(f"{sent.name}: half a message {row}")
        if row.advice == english.advice or re.search(r"\{\w*\}|Traceback|Error\b|nan\b", row.found + row.expected):
            out.append(f"{sent.name}: not Czech or not finished: {row.found} {row.expected} {row.advice}")
    return out


def _is_said_of_its_place(one: Outcome) -> list[str]:
    """A problem names a sheet of the file, and a cell only with its sheet; the row of a cell is that of its item."""
    sheets = sheets_of(one.data) if (one.problems["sheet"] + one.problems["cell"]).any() else None
    out = []
    for row in one.problems.itertuples() if sheets is not None else ():
        cells = sheets.get(row.sheet)
        if cells is None and (row.sheet or row.cell):
            out.append(f"{one.sent.name}: “{row.sheet}” {row.cell} is told of a file with the sheets {[*sheets]}")
        elif row.cell and row.item:
            own = {re.sub(r"\D", "", at) for at, text in cells.items() if text == row.item}
            if own and re.sub(r"\D", "", row.cell) not in own:
                out.append(f"{one.sent.name}: {row.sheet}!{row.cell} is no cell of {row.item}")
    return out


def _is_kept(one: Outcome, folder: Path) -> list[str]:
    if one.got == IGNORED and one.sent.expected == IGNORED:
        return []
    fingerprint = hashlib.sha256(one.data).hexdigest()
    kept = list((folder / "outputs" / "test" / "originals").glob(f"{fingerprint}.*"))
    return [] if kept and kept[0].read_bytes() == one.data else [f"{one.sent.name}: the original is not kept"]


def _adds_up(one: Outcome) -> list[str]:
    if not one.cells:
        return [] if one.got in (QUARANTINE, IGNORED) else [f"{one.sent.name}: no accounting"]
    counted, sheets = sum(one.cells[key] for key in CLASSES), sheets_of(one.data)
    found = _filled_text(one.data) if sheets is None else sum(map(len, sheets.values()))
    if not counted == one.cells["cells"] == found:
        return [f"{one.sent.name}: {one.cells} for {found} cells"]
    return []


def sheets_of(data: bytes) -> other_formats.Cells | None:
    """Sheet -> cell -> text of the filled cells, by other means than the reader's; None of a text."""
    if data.startswith(b"\xd0\xcf"):
        return other_formats.biff(data)
    if not data.startswith(b"PK"):
        return None
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            return other_formats.opendocument(data)
    return {title: {at: text for at, (_kind, text) in cells.items()} for title, cells in oracle.workbook(data).items()}


def _filled_text(data: bytes) -> int:
    for encoding in ("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "cp1250", "latin-1"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    first, _end, rest = text.partition("\n")
    lines = (rest if first.startswith("sep=") else text).replace("\r\n", "\n").replace("\r", "\n")
    delimiter = max(";\t,", key=lines.partition("kód")[2].partition("\n")[0].count)
    return sum(bool(cell) for row in csv.reader(io.StringIO(lines), delimiter=delimiter) for cell in row)


def _holds_figures(one: Outcome) -> list[str]:
    """Sound and repaired files hold the figures of the clean twin; in the others nothing is there that was not sent."""
    sent, sound, out = one.sent, twin(one.sent.kind), []
    if one.got in (OK, CONVERTED):
        differ = [key for key in sound | one.facts if key[0] not in sent.but and sound.get(key) != one.facts.get(key)]
        out += [f"{sent.name}: {key} is {one.facts.get(key)} instead of {sound.get(key)}" for key in differ[:5]]
    if one.got in (ERROR, QUESTION) and (sent.at, sent.form) in one.facts:
        out.append(f"{sent.name}: the doubted {sent.at} is used as {one.facts[sent.at, sent.form]}")
    if one.got in (ERROR, QUESTION):
        changed = [key for key, value in one.facts.items() if key[0] not in sent.but and value != sound.get(key)]
        out += [f"{sent.name}: {key} is {one.facts[key]} instead of {sound.get(key)}" for key in changed[:5]]
    return out


def beside(cleaned, desk: Desk, folder: Path) -> list[str]:
    """The good return beside the fault goes on, and what must not be told is nowhere."""
    out = []
    good = figures(cleaned.facts, f"{GOOD}.xlsx")
    if good != twin("DS"):
        out.append(f"the good return beside it was changed: {set(good.items()) ^ set(twin('DS').items())}")
    for name, table in cleaned._asdict().items():
        texts = table.astype(str)
        out += [f"{secret} stands in the table {name}" for secret in desk.secrets if holds(texts, secret).any()]
        if "service_id" in table and any((table["service_id"][holds(texts, own)] == GOOD).any() for own in desk.own):
            out.append(f"the table {name} tells of another provider")
    for path in (folder / "outputs").rglob("*.*"):
        read = path.read_bytes() if path.is_file() and "originals" not in path.parts else b""
        out += [f"{secret} stands in {path.name}" for secret in desk.secrets if secret.encode() in read]
    return out


def holds(texts: pd.DataFrame, words: str) -> pd.Series:
    """Which rows of a table hold the words somewhere."""
    return texts.apply(lambda column: column.str.contains(words, regex=False)).any(axis=1)
