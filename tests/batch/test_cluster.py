"""A batch on a cluster: a scheduler and two workers as processes of their own on this computer."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path
from threading import Thread

import pytest
from rich.console import Console

import kpsslib
from kpsslib.batch import cluster, reaching
from kpsslib.batch.ledger import Ledger
from kpsslib.batch.reaching import Place
from kpsslib.batch.runner import run_batch
from kpsslib.cli import main
from kpsslib.workspace import RunError, StoppedError
from tests.batch.conftest import SAVE, Project

RUN = "parameters/runs/small.yaml"
READ = "print(len(run.read('territory')), len(run.methodology.items))"
GROUPS = ["PS1", "PS2"]


class Dask:
    """A scheduler and its workers, each in a process and a folder of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder, self.processes = folder, []
        place = folder / "scheduler.json"
        self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                                     "--scheduler-file", str(place), **environment)
        _until(lambda: place.exists() and place.read_text())
        self.address = json.loads(place.read_text())["address"]

    def worker(self, name: str, pages: int = 1, **environment: str) -> subprocess.Popen:
        """Start a worker of so many pages at once; its folder is where it lays them out."""
        return self._start("dask_worker", self.address, "--host", "127.0.0.1", "--nthreads", str(pages), "--no-nanny",
                           "--no-dashboard", "--name", name, "--local-directory", str(self.folder / name),
                           **environment)

    def busy(self, name: str) -> bool:
        """Whether a worker runs a page just now."""
        return any((self.folder / name).glob("dask-scratch-space/*/kpss/page-*/outputs/small/.running"))

    def stop_workers(self) -> None:
        """End the workers, by their numbers."""
        for process in self.processes[1:]:
            process.kill()
            process.wait()
        del self.processes[1:]

    def stop(self) -> None:
        """End all, by their numbers."""
        self.stop_workers()
        self.scheduler.kill()
        self.scheduler.wait()

    def _start(self, module: str, *arguments: str, **environment: str) -> subprocess.Popen:
        with (self.folder / "log.txt").open("ab") as log:
            command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments]
            process = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       env=os.environ | environment)
        self.processes.append(process)
        return process


def _until(happens, seconds=60):
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    made = Dask(tmp_path_factory.mktemp("dask"))
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def dask(scheduler):
    """The scheduler without workers; those that a test starts go with it."""
    try:
        yield scheduler
    finally:
        scheduler.stop_workers()


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """A project whose pages read the tables of others, and the hashes that a batch on this computer gives."""
    with pytest.MonkeyPatch.context() as patch:
        project = Project(tmp_path_factory.mktemp("example"))
        patch.chdir(project.folder)
        project.page("01_one", "import time\ntime.sleep(1)", SAVE)
        project.page("02_two", READ, "from IPython.display import HTML\nHTML('<p>výsledek</p>')")
        batch(project.run_file(groups=GROUPS, pages=["01_one", "02_two"], region_pages=["02_two"]))
        expected = outputs(project)
    assert len(expected) == 1 + 2 * len(GROUPS) + 1
    shutil.rmtree(project.outputs.parent)
    return project.folder, expected


@pytest.fixture
def region(example, tmp_path, monkeypatch):
    """A copy of it, which knows the hashes."""
    folder, expected = example
    place = tmp_path / "jiný projekt"
    shutil.copytree(folder, place)
    monkeypatch.chdir(place)
    project = object.__new__(Project)
    project.folder, project.expected = place, expected
    return project


def batch(run_file, workers=2, **options):
    return run_batch(run_file, Console(file=StringIO(), width=200), workers=workers, **options)


def attempts(project):
    ledger = Ledger(project.outputs, read_only=True)
    try:
        return list(ledger.attempts())
    finally:
        ledger.close()


def outputs(project):
    """The hashes of everything that the last attempts have made, all of them done."""
    found = {(one.group, one.page): one for one in reversed(attempts(project))}
    assert {(one.state, one.error) for one in found.values()} == {("done", "")}
    return {key: one.outputs for key, one in found.items()}


def during(happens, act):
    """Do something as soon as something happens, while the test goes on."""
    def wait():
        _until(happens)
        act()

    thread = Thread(target=wait)
    thread.start()
    return thread


def test_a_cluster_makes_the_same_and_goes_on_when_a_worker_is_killed(region, dask):
    first = dask.worker("first")
    dask.worker("second")
    store = dask.folder / "store with a space"
    thread = during(lambda: dask.busy("first"), lambda: first.send_signal(signal.SIGKILL))
    result = batch(RUN, Place(dask.address, str(store)))
    thread.join()
    assert first.wait() == -signal.SIGKILL
    assert [page.reason for group in result.groups for page in group.pages if page.reason] == []
    assert outputs(region) == region.expected
    assert {path.name for path in store.rglob("*") if path.is_file()} >= {
        digest for made in region.expected.values() for digest in made.values()}
    assert [page.unchanged for group in batch(RUN).groups for page in group.pages] == [True] * 5
    assert {path.name for path in region.outputs.parent.iterdir()} == {"small"}


def test_a_damaged_file_in_the_store_is_never_used(region, dask):
    dask.worker("third")
    blobs = region.outputs.parent / ".store" / "blobs"  # where no store is named
    blobs.mkdir(parents=True)
    page = hashlib.sha256((region.folder / "notebooks" / "01_one.ipynb").read_bytes()).hexdigest()
    made = region.expected["PS2", "01_one"]["tables/PS2/territory.parquet"]
    (blobs / page).write_bytes(b"")
    (blobs / made).write_bytes(b"x" * 1000)
    result = batch(RUN, Place(dask.address))
    told = {(page.group, page.page): page.reason for group in result.groups for page in group.pages if page.reason}
    assert told == {
        ("PS2", "01_one"): f"soubor v úložišti byl poškozený nebo chyběl: {blobs / made}; spusťte dávku znovu",
        ("PS2", "02_two"): "stránka 01_one této skupiny selhala",
        ("all", "02_two"): "stránka 01_one skupiny PS2 selhala a součty by byly chybné"}
    begun = [one for one in attempts(region) if one.page == "01_one"]
    assert max(one.starts for one in begun) == 2  # whoever met the damaged page was given it again
    assert hashlib.sha256((blobs / page).read_bytes()).hexdigest() == page
    assert batch(RUN, Place(dask.address)).exit_code == 0
    assert outputs(region) == region.expected


def test_without_workers_the_batch_stops_and_goes_on_later(region, dask, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE_SECONDS", 3)
    worker = dask.worker("fourth")
    thread = during(lambda: dask.busy("fourth"), worker.kill)
    with pytest.raises(StoppedError) as stopped:
        batch(RUN, Place(dask.address))
    thread.join()
    assert str(stopped.value) == (
        f"cluster {dask.address} nemá už 3 s žádný výpočetní uzel; spusťte ho příkazem dask worker {dask.address} "
        "a pak znovu dávku; co bylo hotovo, zůstává")
    assert stopped.value.exit_code == 1
    dask.worker("fifth", pages=2)
    assert batch(RUN, Place(dask.address)).exit_code == 0
    assert outputs(region) == region.expected


def test_a_page_that_nobody_waits_for_is_ended_on_its_worker(region, dask):
    dask.worker("sixth")
    region.page("01_one", "import time\ntime.sleep(300)", SAVE)
    region.run_file(batch_seconds=10)
    assert "čas celé dávky, 10 s, vypršel" in batch(RUN, Place(dask.address)).groups[0].pages[0].reason
    _until(lambda: not dask.busy("sixth"))


def test_a_scheduler_that_goes_stops_the_batch(region, tmp_path_factory, capfd):
    dask = Dask(tmp_path_factory.mktemp("dask"))
    try:
        dask.worker("seventh")
        thread = during(lambda: dask.busy("seventh"), dask.scheduler.kill)
        with pytest.raises(StoppedError, match="zmizel; spusťte ho a pak znovu dávku"):
            batch(RUN, Place(dask.address))
        thread.join()
    finally:
        dask.stop()
    assert capfd.readouterr().err == ""
    assert batch(RUN).exit_code == 0
    assert outputs(region) == region.expected


def test_a_page_that_takes_its_workers_down_fails_alone(region, tmp_path_factory):
    dask = Dask(tmp_path_factory.mktemp("dask"), DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
    region.page("01_one", "import psutil\npsutil.Process().parent().parent().kill()\nimport time\ntime.sleep(9)", SAVE)
    try:
        dask.worker("eighth")
        result = batch(RUN, Place(dask.address), groups=["PS1"])
    finally:
        dask.stop()
    assert [(page.page, page.state, page.reason) for page in result.groups[0].pages] == [
        ("01_one", "failed", "uzly, které stránku spouštěly, náhle jeden po druhém skončily; možná došla paměť"),
        ("02_two", "left_out", "stránka 01_one této skupiny selhala")]


def test_a_cluster_that_does_not_fit_is_refused_before_anything_starts(region, dask, monkeypatch, tmp_path):
    monkeypatch.setattr(reaching, "REACH_SECONDS", 2)
    place = Place(dask.address, str(tmp_path / "store"))
    with pytest.raises(RunError, match="nemá žádný výpočetní uzel"):
        batch(RUN, place)
    copy = tmp_path / "other" / "kpsslib"
    shutil.copytree(Path(kpsslib.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    with (copy / "tables.py").open("a", encoding="utf-8") as file:
        file.write("# another line\n")
    dask.worker("other", PYTHONPATH=str(copy.parent))
    monkeypatch.setattr(reaching, "REACH_SECONDS", 60)
    with pytest.raises(RunError, match="kpsslib má jiné zdrojové soubory; nainstalujte tam totéž"):
        batch(RUN, place)
    assert not region.outputs.exists()


def test_a_scheduler_that_is_not_there(region, monkeypatch, capsys):
    monkeypatch.setattr(reaching, "REACH_SECONDS", 2)
    assert main(["batch", RUN, "--dask", "tcp://127.0.0.1:9"]) == 2
    told = capsys.readouterr()
    assert told.err.startswith("--dask: plánovač tcp://127.0.0.1:9 není dostupný: ")
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert main(["batch", RUN, "--dask", "nesmysl", "--lang", "en"]) == 2
    assert main(["batch", RUN, "--store", "s3://bucket"]) == 2
    assert capsys.readouterr().err.splitlines()[1:] == ["chybí --dask. Nápověda: kpss batch --help"]
    assert not region.outputs.parent.exists()


@pytest.mark.parametrize(("language", "words"), [("cs", "cluster potřebuje další balíčky: ve složce projektu spusťte "),
                                                 ("en", "a cluster needs the extra packages: ")])
def test_without_the_extra_packages(language, words, region, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["batch", RUN, "--dask", "tcp://127.0.0.1:9", "--lang", language]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{words}pip install -e '.[cluster]'")
    assert said.count("\n") == 1


def test_files_that_lie_elsewhere_are_refused(region):
    outside = f"{region.folder / RUN}"
    with pytest.raises(RunError, match=r"small\.yaml: na clusteru musí být cesta uvnitř složky projektu"):
        batch(outside, Place("tcp://127.0.0.1:9"))
