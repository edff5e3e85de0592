"""What a page's code depends on: the modules of this package that it imports, near and far, and the packages."""

from __future__ import annotations

import importlib.metadata as metadata
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path

import kpsslib
from kpsslib.watch import path_hash

HOME = Path(kpsslib.__file__).parent
# What runs a page and makes its report, whatever the page imports itself.
ALWAYS = ("kpsslib.kernels.cells", "kpsslib.batch.running", "kpsslib.publishing.report", "kpsslib.workspace")
UNNAMED = {"pyarrow"}  # pandas reads the tables by it
NAME = re.compile(r"^[A-Za-z0-9._-]+")  # of a distribution, at the beginning of a requirement
_IMPORT = re.compile(r"(?:^|;)[ \t]*(?:from\s+([\w.]+)\s+import\s+(\([^)]*\)|[^\n;]*)|import\s+([^\n#;]+))",
                     re.MULTILINE)
_VERB = re.compile(r'"(\w+)":\s*"([\w.]+)"')  # of a package that loads its verbs when they are asked for: its module
_COMMENT = re.compile(r"#[^\n]*")


class Sources:
    """The sources of the package: their imports as they were first read, their hashes as they are now.

    A module's imports are those that stand anywhere in it, also late ones; importing a package imports its
    `__init__`. With a module go the files beside it that are not Python (templates, styles), and with a package of
    pages its words in other languages (`locale/<language>/<package>.po`).
    """

    def __init__(self, file_hash: Callable[[Path], str] = path_hash) -> None:
        """`file_hash` tells the SHA-256 of a file."""
        self._hash = file_hash
        self._imports: dict[str, tuple[set[str], set[str]]] = {}

    @cached_property
    def _files(self) -> dict[str, Path]:
        """Every module of the package by its name."""
        found = {}
        for path in HOME.rglob("*.py"):
            parts = path.relative_to(HOME.parent).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
        return found

    @cached_property
    def _beside(self) -> dict[Path, list[Path]]:
        """The files that are not Python, by the folder of the package that they belong to."""
        found: dict[Path, list[Path]] = {}
        for path in HOME.rglob("*"):
            if path.is_file() and path.suffix not in (".py", ".pyc"):
                owner = HOME / path.stem if path.suffix == ".po" else path.parent
                while not (owner / "__init__.py").exists() and owner != HOME:
                    owner = owner.parent
                found.setdefault(owner, []).append(path)
        return found

    def of_page(self, source: str) -> tuple[dict[str, str], set[str]]:
        """The hashes of all modules that a page's code reaches ("module:<file>"), and the packages it names."""
        names, packages = self._split(imported_names(source, ""))
        waiting, reached = [*names, *(part for name in ALWAYS for part in self._with_parents(name))], set()
        while waiting:
            name = waiting.pop()
            if name in reached:
                continue
            reached.add(name)
            more, others = self._of_module(name)
            packages |= others
            waiting += more - reached
        files = {self._files[name] for name in reached}
        files |= {path for folder in {file.parent for file in files} for path in self._beside.get(folder, ())}
        return {f"module:{path.relative_to(HOME.parent).as_posix()}": self._hash(path) for path in files}, packages

    def _of_module(self, name: str) -> tuple[set[str], set[str]]:
        if name not in self._imports:
            package = name if self._is_package(name) else name.rpartition(".")[0]
            names = imported_names(self._files[name].read_text("utf-8"), package)
            self._imports[name] = self._split(names)
        return self._imports[name]

    def _split(self, names: set[str]) -> tuple[set[str], set[str]]:
        """The modules of this package, and the others by their first name."""
        ours = {part for name in names for part in (*self._with_parents(name), *self._loaded_late(name))}
        return ours, {first for name in names if (first := name.split(".")[0]) != "kpsslib"}

    def _with_parents(self, name: str) -> list[str]:
        """A module and the packages it lies in, as far as they are modules and not names in one."""
        parts = name.split(".")
        return [one for n in range(1, len(parts) + 1) if (one := ".".join(parts[:n])) in self._files]

    def _loaded_late(self, name: str) -> Iterable[str]:
        """The modules that a package loads for the verb that was taken from it; for all where it was taken whole."""
        package = next(reversed(self._with_parents(name)), "")
        if not self._is_package(package):
            return
        verb = name.removeprefix(package).removeprefix(".")
        for one, module in _VERB.findall(self._files[package].read_text("utf-8")):
            if verb in (one, "", "*"):
                yield from self._with_parents(f"{package}.{module}")

    def _is_package(self, name: str) -> bool:
        return name in self._files and self._files[name].name == "__init__.py"


def imported_names(source: str, package: str) -> set[str]:
    """The names that a source imports, wherever in it: each module taken whole, or with each name taken from it.

    Found by a pattern, ten times quicker than by parsing; one too many, such as from a docstring, does no harm.
    """
    found: set[str] = set()
    for base, names, plain in _IMPORT.findall(source):
        if plain:
            modules = (one.split()[0].split(".") for one in plain.split(",") if one.split())
            found |= {".".join(parts[:n]) for parts in modules for n in range(1, len(parts) + 1)}
            continue
        dots = len(base) - len(base.lstrip("."))
        above = package.split(".")[:len(package.split(".")) - dots + 1] if dots else []
        module = ".".join([*above, *([base.lstrip(".")] if base.lstrip(".") else [])])
        taken = _COMMENT.sub("", names).strip("()").split(",")
        found |= {f"{module}.{one.split()[0]}" for one in taken if one.split()}
    return found


class Installed:
    """The versions of installed packages as they are now, looked up once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, list[str]] | None] = {}

    def reached(self, modules: Iterable[str]) -> dict[str, str]:
        """The versions ("package:<name>") of the distributions that hold the modules, and of all they require."""
        waiting = [name for module in {*modules, *UNNAMED} - sys.stdlib_module_names for name in self._holding(module)]
        versions: dict[str, str] = {}
        while waiting:
            name = _canonical(waiting.pop())
            if name in versions or name == "kpsslib" or (known := self._look_up(name)) is None:
                continue
            versions[name], required = known
            waiting += required
        return {f"package:{name}": version for name, version in versions.items()}

    @cached_property
    def _named_otherwise(self) -> Mapping[str, list[str]]:
        """The distributions that say which modules they hold; asking all of them takes a second more."""
        found: dict[str, list[str]] = {}
        for file in (file for folder in sys.path for file in Path(folder).glob("*.dist-info/top_level.txt")):
            for module in file.read_text("utf-8").split():
                found.setdefault(module, []).append(file.parent.name.partition("-")[0])
        return found

    @cached_property
    def _all(self) -> Mapping[str, list[str]]:
        return metadata.packages_distributions()

    def _holding(self, module: str) -> list[str]:
        """The distributions that hold a module: mostly one of its own name, which is quickly seen."""
        if self._look_up(_canonical(module)):
            return [module]
        return self._named_otherwise.get(module) or self._all.get(module, [])

    def _look_up(self, name: str) -> tuple[str, list[str]] | None:
        if name not in self._known:
            try:
                one = metadata.distribution(name)
                required = [text for text in one.requires or () if "extra ==" not in text]
                self._known[name] = one.version, [NAME.match(text)[0] for text in required]
            except metadata.PackageNotFoundError:  # required elsewhere, such as on another system
                self._known[name] = None
        return self._known[name]


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
