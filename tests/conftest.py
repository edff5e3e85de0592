"""A small office in a temporary project: returns written as providers send them, an archive, a register."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

from kpsslib.cleaning import clean
from kpsslib.intake.template import write_return
from kpsslib.language import speak
from kpsslib.methodology import load
from kpsslib.workspace import Run, project_root

# Lists at the end of the report; named here, since beside workers nobody reads the conftest of a folder below.
pytest_plugins = ["tests.bad.listing", "tests.faults.listing"]
settings.register_profile("kpss", deadline=None)  # how long a made-up example takes hangs on the machine
settings.load_profile("kpss")
ROOT = project_root()
ICO = "00064581"  # its check digit holds (mod 11)
IDENTITY = dict(
    year=2025, round="actual", provider_id=ICO, provider_name="Charita", service_name="Služba", municipality="Lhota",
    municipality_code="500011", orp_code="5101", orp_name="Lhota", region_code="CZ051", valid_from="2007-01-01",
    valid_to="", network_tier="základní", entrusted_from="2020-01-01", entrusted_to="2027-12-31",
)
FIGURES = dict(
    cost_wages=6_000_000, cost_levies=2_000_000, cost_agreements=100_000, cost_material=900_000, cost_energy=600_000,
    cost_repairs=100_000, cost_travel=50_000, cost_services=400_000, cost_depreciation=200_000, cost_other=50_000,
    cost_optional=50_000, cost_overhead_staff=900_000, revenue_region=500_000, revenue_municipality=1_900_000,
    fte_social_workers=1, fte_care_attendance=5, fte_health=2, fte_management=1, fte_administration=1, fte_support=2,
    persons=14, persons_qualified=12, joiners=2, leavers=1, agreement_hours=200, training_hours=300, clients=40,
    clients_anonymous=4, clients_degree_0=2, clients_degree_1=5, clients_degree_2=8, clients_degree_3=10,
    clients_degree_4=10, capacity_beds=30, capacity_clients=30, capacity_contacts=30, capacity_interventions=20,
    capacity_calls=30, rooms_single=10, rooms_double=10, vehicles=3, kilometres=20_000, bed_days=10_000,
    care_hours=9_000, contacts=4_000, interventions=2_000, calls=5_000, operating_days=365, months_operated=12,
    hours_offered=8_000, hours_used=6_000,
)
COST, REVENUE = 10_400_000, 2_400_000


@pytest.fixture(scope="session")
def methodology():
    return load(ROOT / "parameters" / "methodology")


@pytest.fixture
def office(tmp_path, monkeypatch, methodology):
    (tmp_path / "parameters").symlink_to(ROOT / "parameters", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    speak("en")
    yield Office(tmp_path, methodology)
    speak("cs")


class Office:
    """Writes inputs into a temporary project and cleans them."""

    def __init__(self, folder: Path, methodology) -> None:
        self.folder, self.methodology = folder, methodology
        self.returns = folder / "returns"
        self.returns.mkdir()

    def send(self, service_id="0000001", kind="DS", *, name=None, changes=(), overrides=(), notes=(), **identity):
        """Write a sound return, but for what is changed before sums, overridden after them or said in the identity."""
        path = self.returns / (name or f"{service_id}.xlsx")
        who = IDENTITY | dict(service_id=service_id, service_type=kind,
                              forms=", ".join(self.methodology.service_types[kind].forms)) | identity
        write_return(path, who, self.figures(kind, who["round"], **dict(changes)), self.methodology,
                     overrides=dict(overrides), notes=dict(notes))
        return path

    def figures(self, kind, round="actual", **changes):
        """Sound figures of a type by (item, form): nothing of them gives rise to a problem."""
        figures = {}
        for form in self.methodology.service_types[kind].reporting_forms:
            for item in self.methodology.items_of(kind, form, round):
                if item.required and not item.sum_of:
                    figures[item.code, form] = FIGURES.get(item.code, 0)
            figures["revenue_grant", form] = COST - REVENUE
        for key, value in changes.items():
            figures |= {cell: value for cell in figures if cell[0] == key}
        return {cell: value for cell, value in figures.items() if value is not None}

    def archive(self, name, rows, *, encoding="utf-8", sep=",", decimal="."):
        """Write an archive file of (service_id, type, {item: figure}) rows, sums computed."""
        folder = self.folder / "archive"
        folder.mkdir(exist_ok=True)
        year = int(name[:4]) if name[:4].isdigit() else 2025
        # One amount differs from year to year: all of them equal would be last year's figures again.
        overhead = {"cost_overhead_staff": FIGURES["cost_overhead_staff"] + year - 2025}
        table = pd.DataFrame([self.archive_row(*row[:2], overhead | dict(row[2] if row[2:] else ()), *row[3:])
                              for row in rows])
        text = table.to_csv(index=False, sep=sep, decimal=decimal, lineterminator="\n")
        (folder / name).write_bytes(text.encode(encoding))
        return folder / name

    def archive_row(self, service_id, kind, changes=None, form=None, **identity):
        form = form or self.methodology.service_types[kind].reporting_forms[0]
        figures = {item: value for (item, f), value in self.figures(kind).items() if f == form} | (changes or {})
        for item in self.methodology.items_of(kind, form):
            if item.sum_of and item.code not in figures:
                figures[item.code] = sum(figures.get(part, 0) for part in item.sum_of)
        who = {k: v for k, v in IDENTITY.items() if k not in ("year", "round")} | identity
        return dict(service_id=service_id, service_type=kind, form=form) | who | figures

    def register(self, *services):
        """Write a register of (service_id, type, identity) and return its name."""
        rows = [{**{k: v for k, v in IDENTITY.items() if k not in ("year", "round")}, "service_id": service_id,
                 "service_type": kind, "forms": ", ".join(self.methodology.service_types[kind].forms), **identity}
                for service_id, kind, identity in services]
        pd.DataFrame(rows).to_csv(self.folder / "register.csv", index=False)
        return "register.csv"

    def run(self, **parameters):
        archive = {"archive": "archive"} if (self.folder / "archive").exists() else {}
        run = Run(**dict(name="test", returns="returns", years=[2023, 2024, 2025], year=2025, group="all",
                         groups=["PS1", "PS3", "PS5"], pages=["01_cleaning"]) | archive | parameters)
        run.__dict__["methodology"] = self.methodology
        return run

    def clean(self, **parameters):
        return clean(self.run(**parameters))

    @staticmethod
    def found(cleaned, rule, severity=None):
        """The problems of a rule."""
        problems = cleaned.problems[cleaned.problems["rule"] == rule]
        return problems if severity is None else problems[problems["severity"] == severity]

    @staticmethod
    def fact(cleaned, item, form="residential", year=2025):
        """The one fact of an item."""
        facts = cleaned.facts
        rows = facts[(facts["item"] == item) & (facts["form"] == form) & (facts["year"] == year)]
        assert len(rows) == 1
        return rows.iloc[0]
