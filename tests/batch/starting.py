"""What a page's process does in tests of how it starts: each start leaves a file in the run's folder."""

import os

from kpsslib.batch.running import Cell, Outcome


def _starts(task):
    (task.folder / f"start-{len(list(task.folder.glob('start-*')))}").touch()
    return len(list(task.folder.glob("start-*")))


def second_time(connection, task):
    """The first start dies before it has said a word; the second one comes to its end."""
    if _starts(task) == 1:
        os._exit(1)
    connection.send(Cell())
    connection.send(Outcome())


def never(_connection, task):
    """No start says a word."""
    _starts(task)
    os._exit(1)


def begins(connection, task):
    """A page that ends its process in its third cell."""
    _starts(task)
    connection.send(Cell(3, 5))
    os._exit(0)
