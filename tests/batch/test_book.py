"""The methodology book as a batch makes it: it may fail as a page does, and that is told."""

import errno
import json
from dataclasses import replace
from io import StringIO

from rich.console import Console

from kpsslib.batch import books, runner
from kpsslib.batch.pages import find_pages
from kpsslib.batch.running import Cell, Outcome
from kpsslib.workspace import open_run


class Told:
    """The batch's end of a connection: what was sent."""

    def __init__(self):
        self.messages = []

    def send(self, message):
        self.messages.append(message)


def book_task(project):
    project.page("01_one")
    run_file = project.run_file()
    run = open_run(run_file)
    task = runner._book_task(run, runner.imprint_of(run, run_file, find_pages(run)))
    return replace(task, aside=project.outputs / ".running" / "1")


def test_a_book_that_cannot_be_made_is_told_and_fails_the_batch(project, monkeypatch):
    project.page("01_one")
    run_file = project.run_file()
    plain = runner._book_task
    monkeypatch.setattr(runner, "_book_task", lambda *given: replace(plain(*given), function="json:no_such_function"))
    said = StringIO()
    result = runner.run_batch(run_file, Console(file=said, width=200))
    assert [page.state for page in result.groups[0].pages] == ["done"]
    assert result.exit_code == 1
    assert "Knihu metodiky se nepodařilo vytvořit: proces stránky náhle skončil" in said.getvalue()
    told = "Všechny stránky jsou hotovy, ale knihu metodiky se nepodařilo vytvořit"
    assert result.verdict() == told
    assert told in (project.outputs / "index.html").read_text("utf-8")
    assert json.loads((project.outputs / "summary.json").read_text("utf-8"))["exit_code"] == 1
    monkeypatch.setattr(runner, "_book_task", plain)
    assert runner.run_batch(run_file, Console(quiet=True)).exit_code == 0
    assert (project.outputs / "methodology" / "index.html").is_file()


def test_a_full_disk_fails_the_book_with_a_sentence(project, monkeypatch):
    task, told = book_task(project), Told()

    def full(_methodology, folder):
        raise OSError(errno.ENOSPC, "", str(folder / "index.html"))

    monkeypatch.setattr(books, "write_books", full)
    books.run_books(told, task)
    began, ended = told.messages
    assert (type(began), type(ended)) == (Cell, Outcome)
    assert ended.reason.startswith(f"disk je plný: {task.aside}")


def test_a_book_is_told_with_what_it_read_and_made_and_what_it_took(project):
    task, told = book_task(project), Told()
    books.run_books(told, task)
    ended = told.messages[-1]
    assert ended.reason == ""
    assert "methodology:indicators" in ended.inputs
    assert {"methodology/index.html", "methodology/methodology.xlsx"} <= ended.outputs.keys()
    assert ended.seconds > 0
