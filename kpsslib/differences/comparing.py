"""Two runs -> everything that differs, group by group, in the order in which it is read."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kpsslib.comparison.peers import chain
from kpsslib.differences import causes, figures, lists
from kpsslib.differences.formulas import Rule, changed_rules
from kpsslib.differences.matching import alike, in_order, together
from kpsslib.differences.sides import Side
from kpsslib.indicators import latest_round
from kpsslib.language import _
from kpsslib.tables import TABLES, conform
from kpsslib.workspace import ALL, RunError

TOLD = ("indicators", "comparison", "attention", "good_practice", "reserves", "problems", "completeness", "originals",
        "outlook", "gap")
_USED = (*TOLD, "services", "facts")
_COMPARED = ["indicator", "unit_id", "form", "year", "peer_set", "peers", "value", "n_reported", "n_expected", "median",
             "q1", "q3", "by_log", "rank_low", "rank_high", "position", "p_adjusted"]


@dataclass(frozen=True)
class Differences:
    """Everything that differs between two runs.

    table: one row a difference, the biggest first (`matching.COLUMNS`). services: table `services` of both, the later
    one last. groups: compared; only_before, only_after: groups of one run. absent: tables that one run lacks, with the
    groups it lacks them of. rules: indicators computed otherwise, None where that cannot be told. unchanged: groups
    whose tables are the same byte for byte. year: the newest year of both.
    """

    before: Side
    after: Side
    table: pd.DataFrame
    services: pd.DataFrame
    groups: list[str]
    only_before: list[str]
    only_after: list[str]
    absent: dict[str, list[str]]
    rules: dict[str, tuple[Rule, Rule]] | None
    unchanged: list[str]

    @property
    def year(self) -> int:
        """The newest year that both were made for."""
        return min(self.before.year, self.after.year)


def compare_runs(before: Side, after: Side) -> Differences:
    """Set two runs beside each other; raises RunError where they have no working group in common."""
    groups = [group for group in before.groups if group in after.groups]
    if not groups:
        raise RunError([_("{before} and {after} have no working group in common ({first}; {second})",
                          before=before.label, after=after.label, first=", ".join(before.groups) or "–",
                          second=", ".join(after.groups) or "–")])
    unchanged = [group for group in groups if _same(before, after, group)]
    rules = changed_rules(before, after)
    parts = [_of_group(before, after, group, rules or {}) for group in groups if group not in unchanged]
    table = in_order(together([*parts, _money(before, after, groups)]))
    return Differences(before, after, table, _services(before, after, groups), groups,
                       [g for g in before.groups if g not in groups], [g for g in after.groups if g not in groups],
                       _absent(before, after, groups), rules, unchanged)


def _same(before: Side, after: Side, group: str) -> bool:
    """Whether nothing can differ: the same files, of the same year and round."""
    return (before.year, before.round) == (after.year, after.round) and all(
        before.hashes.get((table, group)) == after.hashes.get((table, group)) for table in _USED)


def _absent(before: Side, after: Side, groups: list[str]) -> dict[str, list[str]]:
    lacking = {table: [g for g in groups if before.has(table, g) != after.has(table, g)] for table in TOLD}
    return {table: of for table, of in lacking.items() if of}


def _of_group(before: Side, after: Side, group: str, rules: dict[str, tuple[Rule, Rule]]) -> pd.DataFrame:
    sides = (before, after)
    year = min(before.year, after.year)

    def both(table: str) -> bool:
        return all(side.has(table, group) for side in sides)

    parts = _figures(before, after, group)
    if both("attention"):
        parts.append(lists.attention_changes(*(side.read("attention", group) for side in sides), after.methodology))
    if both("good_practice"):
        parts.append(lists.practice_changes(*(side.read("good_practice", group) for side in sides)))
    if both("reserves"):
        parts.append(lists.reserve_changes(*(side.read("reserves", group) for side in sides)))
    if both("problems"):
        parts.append(lists.problem_changes(*(_of_round(side.read("problems", group), side, year) for side in sides)))
    if both("completeness"):
        parts.append(lists.completeness_changes(
            *(_of_round(side.read("completeness", group), side, year) for side in sides)))
    archives: set[int] = set()
    if both("originals"):
        originals = [side.read("originals", group) for side in sides]
        archives = causes.archives_changed(*originals)
        returned = causes.return_changes(*originals)
        parts += [returned, _items(before, after, group, returned)]
    other_round = before.year == after.year and before.round != after.round
    return causes.with_causes(_told_once(together(parts)), year, archives, rules, other_round).assign(group=group)


def _told_once(rows: pd.DataFrame) -> pd.DataFrame:
    """Without the entries of lists of services that have figures in one run only."""
    alone = rows.loc[rows["kind"] == "service", ["service_id", "form", "year"]]
    of_alone = pd.MultiIndex.from_frame(rows[list(alone)]).isin(pd.MultiIndex.from_frame(alone))
    return rows[~(of_alone & rows["kind"].isin(["attention", "practice", "reserve"]))].reset_index(drop=True)


def _figures(before: Side, after: Side, group: str) -> list[pd.DataFrame]:
    """What changed in the tables indicators and comparison; without the latter values have no size."""
    sides, parts = (before, after), []
    compared = alike(*(_comparison(side, group) for side in sides))
    spreads = figures.spreads_of(*compared)
    if all(side.has("indicators", group) for side in sides):
        values = alike(*(_indicators(side, group) for side in sides))
        first, second, only = figures.shared(*values)
        units = [rows[["service_id", "form", "year"]].drop_duplicates() for rows in (first, second)]
        compared = [rows.merge(of) for rows, of in zip(compared, units, strict=True)]
        parts = [only, figures.indicator_changes(first, second, spreads)]
    return [*parts, figures.comparison_changes(*compared, after.methodology)]


def _indicators(side: Side, group: str) -> pd.DataFrame:
    rows = side.read("indicators", group, ["indicator", "unit_id", "form", "year", "round", "value", "flag"])
    rows = rows.assign(round=rows["round"].astype("category"))  # its words are looked up once and not a million times
    return latest_round(rows, side.year, side.round).rename(columns={"unit_id": "service_id"})


def _comparison(side: Side, group: str) -> pd.DataFrame:
    """Table `comparison` with slots; no rows where the run has none."""
    none = conform("comparison", pd.DataFrame(columns=list(TABLES["comparison"])))[_COMPARED]
    rows = side.read("comparison", group, _COMPARED) if side.has("comparison", group) else none
    return figures.with_slots(rows.rename(columns={"unit_id": "service_id"}), chain(side.methodology))


def _of_round(rows: pd.DataFrame, side: Side, year: int) -> pd.DataFrame:
    """The rows of the year and of the round that a run was made for."""
    of_year = (rows["year"] == year).fillna(False)
    return rows[of_year & (rows["round"] == side.round).fillna(False)] if year == side.year else rows[of_year]


def _items(before: Side, after: Side, group: str, returned: pd.DataFrame) -> pd.DataFrame:
    """The figures of the services whose files are others."""
    if returned.empty or not all(side.has("facts", group) for side in (before, after)):
        return together([])
    year = min(before.year, after.year)
    wanted = [("service_id", "in", list(returned["service_id"])), ("year", "==", year)]
    columns = ["service_id", "form", "item", "year", "round", "value", "status"]
    facts = [side.read("facts", group, columns, wanted) for side in (before, after)]
    return causes.item_changes(*(rows[_until(rows["round"], side)] for rows, side in
                                 zip(facts, (before, after), strict=True)))


def _until(rounds: pd.Series, side: Side) -> pd.Series:
    """The rounds that may hold in a run: its own, and a final one that supersedes the actual one."""
    return rounds.isin(["actual", "final"] if side.round == "actual" else [side.round])


def _money(before: Side, after: Side, groups: list[str]) -> pd.DataFrame:
    """Amounts of the whole region where both have them, else of the groups."""
    folders = [ALL] if all(side.has("outlook", ALL) or side.has("gap", ALL) for side in (before, after)) else groups
    sides = [pd.concat([_amounts(side, folder) for folder in folders]) for side in (before, after)]
    if any(side.empty for side in sides):
        return together([])
    return lists.money_changes(*sides)


def _amounts(side: Side, folder: str) -> pd.DataFrame:
    tables = [side.read(table, folder) if side.has(table, folder) else None for table in ("outlook", "gap")]
    return lists.amounts(*tables)


def _services(before: Side, after: Side, groups: list[str]) -> pd.DataFrame:
    """Every service of both runs, as the later one names it."""
    found = [side.read("services", group) for side in (before, after) for group in groups
             if side.has("services", group)]
    if not found:
        return pd.DataFrame(columns=list(TABLES["services"]), dtype="str")
    return pd.concat(found, ignore_index=True).drop_duplicates(["service_id", "form"], keep="last")
