"""One place for dependencies: what conda users get and what is pinned follow from pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(.*(?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)*)", re.MULTILINE)


def required() -> dict[str, Requirement]:
    return {canonicalize_name(r.name): r for r in map(Requirement, PROJECT["dependencies"])}


def test_conda_users_get_the_same_direct_dependencies():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    texts = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    conda = {canonicalize_name(r.name): str(r.specifier) for r in map(Requirement, texts)}
    assert conda.pop("python") == PROJECT["requires-python"]
    assert conda.pop("pip") == ""
    assert conda == {name: str(requirement.specifier) for name, requirement in required().items()}
    assert [entry for entry in environment["dependencies"] if not isinstance(entry, str)] == [{"pip": ["-e ."]}]


def test_everything_is_pinned_with_hashes():
    pins = PIN.findall(LOCK)
    unpinned = [line for line in LOCK.splitlines() if line and line[0] not in " #" and "==" not in line]
    assert unpinned == []
    assert len(pins) == sum("==" in line.split(";")[0] for line in LOCK.splitlines() if line[:1] not in (" ", "#"))
    assert [name for name, _version, rest in pins if "--hash=sha256:" not in rest] == []


def test_the_pins_are_versions_that_the_project_allows():
    pinned: dict[str, list[str]] = {}
    for name, version, _rest in PIN.findall(LOCK):
        pinned.setdefault(canonicalize_name(name), []).append(version)
    texts = {text for extra in PROJECT["optional-dependencies"].values() for text in extra}
    optional = [Requirement(text) for text in texts - {"kpsslib[cluster]"}]
    for requirement in [*required().values(), *optional]:
        versions = pinned.get(canonicalize_name(requirement.name), [])
        assert versions, requirement
        assert all(requirement.specifier.contains(version) for version in versions), (requirement, versions)


def test_the_lock_names_no_index():
    assert "index-url" not in LOCK.replace("--no-emit-index-url", "")
    assert "://" not in LOCK
