"""Makes the model region step by step: register, figures, truths, rounds; and writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from kpsslib.example import FIRST_YEAR, LAST_YEAR, Summary, figures, kinds, people, region, rounds, writing
from kpsslib.example.faults import returns_of
from kpsslib.example.panel import Panel, complete, open_panel
from kpsslib.example.planting import plant_in_figures, plant_in_revenues
from kpsslib.example.register import register
from kpsslib.example.revenues import add_revenues
from kpsslib.example.truths import Truth, read_truths
from kpsslib.intake.template import write_return
from kpsslib.language import speak, speaking
from kpsslib.methodology import Methodology
from kpsslib.methodology.models import ROUNDS


@dataclass(frozen=True)
class Region:
    """The model region before it is written.

    Attributes:
        register: one row a service.
        panel: final figures (of the last year: actual ones), complete.
        came: units x years, whether the actual figures reach the region.
        truths: what is planted.
        seed: what everything was drawn from.
    """

    register: pd.DataFrame
    panel: Panel
    came: np.ndarray
    truths: list[Truth]
    seed: int

    def write(self, folder: Path, methodology: Methodology, progress: Callable[[int, int, str], None]) -> Summary:
        """Write everything; the returns are in Czech whatever language is spoken."""
        writing.write_table(self.register[list(writing.REGISTER_COLUMNS)], folder / "register.csv")
        writing.write_table(region.territory(self.panel.years, self.seed), folder / "territory.csv")
        paths = [folder / "register.csv", folder / "territory.csv"]
        for step, name in enumerate(ROUNDS):
            progress(step, len(ROUNDS), f"archive/*_{name}.csv")
            paths += self._archive(name, folder / "archive", methodology)
        language = speaking()
        speak("cs")
        try:
            returns = self._returns(folder / "returns", methodology, progress)
        finally:
            speak(language)
        size = sum(path.stat().st_size for path in paths + returns)
        return Summary(len(self.register), len(returns), len(paths), size)

    @property
    def planted(self) -> set[str]:
        """Services that a truth names; their returns come and are complete but for the fault."""
        return {s for t in self.truths for s in (t.service_id, t.partner) if s}

    def _archive(self, name: str, folder: Path, methodology: Methodology) -> list[Path]:
        """Plans of all services; before the last year actual and final figures of those that sent them."""
        figures_then = rounds.revised(self.panel, name, methodology, self.seed)
        came = self.panel.months > 0
        if name in ("actual", "final"):
            figures_then = rounds.with_empty_cells(figures_then, self.planted, methodology, self.seed)
            came = self.came & (self.panel.years < LAST_YEAR)[None, :]
        return writing.write_archive(figures_then, came, name, folder, methodology)

    def _returns(self, folder: Path, methodology: Methodology, progress: Callable[[int, int, str], None]) -> list[Path]:
        panel = rounds.with_empty_cells(self.panel, self.planted, methodology, self.seed)
        returns = list(returns_of(panel, self.came, self.truths, methodology))
        paths = [folder / sent.file for sent in returns]
        for step, (path, sent) in enumerate(zip(paths, returns, strict=True)):
            progress(step, len(returns), f"returns/{sent.file}")
            write_return(path, sent.identity, sent.values, methodology, notes=sent.notes, overrides=sent.overrides)
        for truth in self.truths:
            if truth.file and truth.text is not None:
                paths.append(folder / truth.file)
                paths[-1].write_text(truth.text, "utf-8")
        progress(len(returns), len(returns), "returns")
        return paths


def make_region(methodology: Methodology, scale: int, seed: int) -> Region:
    """The region in memory, truths planted."""
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1)
    truths = list(read_truths().values())
    services = _as_registered(register(methodology, years, scale, seed), truths)
    panel = open_panel(services, years)
    region_made = Region(services, panel, rounds.sent(panel, {t.service_id or "" for t in truths}, seed), truths, seed)
    return Region(services, _figures(region_made, methodology), region_made.came, truths, seed)


def _as_registered(table: pd.DataFrame, truths: list[Truth]) -> pd.DataFrame:
    """The register as the truths say: dates of a service, two services in one house.

    Raises ValueError for a truth about a service that the register does not have.
    """
    table = table.set_index("service_id", drop=False)
    for truth in truths:
        for service_id in filter(None, (truth.service_id, truth.partner)):
            if service_id not in table.index:
                raise ValueError(f"truths.toml: no service {service_id} in the model region")
        for column, value in truth.register_says.items():
            table.loc[truth.service_id, column] = value
        if truth.kind == "same_house":
            house = ["provider_id", "provider_name", "municipality_code", "municipality", "orp_code", "orp_name"]
            table.loc[truth.partner, house] = table.loc[truth.service_id, house].to_numpy()
    return table.reset_index(drop=True)


def _figures(made: Region, methodology: Methodology) -> Panel:
    """All figures: size, posts, costs, outputs, people, revenues, with the truths of comparison and financing."""
    panel = with_figures(made.panel, methodology, made.seed)
    sound = made.came & ~panel.units["service_id"].isin(_faulty_services(made.truths)).to_numpy()[:, None]
    plant_in_figures(panel, made.truths, sound)
    panel = complete(panel, methodology)
    add_revenues(panel, methodology, made.seed)
    panel = complete(panel, methodology)
    plant_in_revenues(panel, made.truths)
    return complete(panel, methodology)


def with_figures(panel: Panel, methodology: Methodology, seed: int) -> Panel:
    """The panel with size, posts, costs, outputs and people of every service, drawn from the seed."""
    size = figures.add_size(panel, seed)
    posts = figures.add_posts(panel, size, seed)
    figures.add_costs(panel, size, posts, seed)
    figures.add_outputs(panel, sum(panel.values[item] for item in kinds.DIRECT_ITEMS), seed)
    people.add_employees(panel, posts, seed)
    people.add_clients(panel, size, seed)
    people.add_demand(panel, seed)
    people.add_quality(panel, seed)
    people.add_equipment(panel, posts, seed)
    return complete(panel, methodology)


def _faulty_services(truths: list[Truth]) -> list[str]:
    return [t.service_id for t in truths if t.kind == "fault" and t.service_id]
