"""What tests run in a forked process."""

from __future__ import annotations

import os

from kpsslib.kernels.cells import run_cells


def run_logged(connection, task):
    page, log = task
    run_cells(page, log=log)
    connection.send(page)


def run_and_print(_connection, page):
    run_cells(page)
    print("after the page", flush=True)
    os.write(2, b"after the page\n")
