"""Each service beside its own nearest peers: who they are, and where it stands."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from kpsslib.comparison.nearest import nearest
from kpsslib.comparison.noise import deviation
from kpsslib.comparison.peers import members, nearest_rule
from kpsslib.comparison.positions import beside_others, p_value, position, swinging
from kpsslib.comparison.trend import trend
from kpsslib.indicators.items import widen
from kpsslib.language import _
from kpsslib.methodology import Formula, Methodology
from kpsslib.methodology.models import CAPACITY, PeerRule
from kpsslib.workspace import Run, RunError

UNIT = ["unit_id", "form"]
YEARS_BACK = 3


def context(facts: pd.DataFrame, services: pd.DataFrame, territory: pd.DataFrame, methodology: Methodology, *,
            year: int) -> pd.DataFrame:
    """The context of every service and form: index (unit_id, form), a column a variable of `context.toml`.

    Each item is its last known outturn of the three years up to `year`; NaN where there is none.
    """
    done = facts[facts["round"].isin(["actual", "final"]) & facts["year"].between(year - YEARS_BACK + 1, year)]
    formulas = {one.code: Formula(one.value) for one in methodology.context.values()}
    named = sorted({item for formula in formulas.values() for item in formula.items})
    items = widen(done, services, methodology).sort_values(["year", "round"])
    items = items.reindex(columns=["service_id", "form", *named]).groupby(["service_id", "form"], observed=True).last()
    people = services.drop_duplicates(["service_id", "form"], keep="last").set_index(["service_id", "form"])
    of_places = territory[territory["year"].between(year - YEARS_BACK + 1, year)].sort_values("year")
    of_places = of_places[of_places["item"].isin(named)].groupby(["orp_code", "item"])["value"].last().unstack()
    table = items.reindex(people.index).drop(columns=of_places.columns, errors="ignore")
    table = table.assign(orp_code=people["orp_code"], **{CAPACITY: people["capacity"]}).join(of_places, on="orp_code")
    table = table.reindex(columns=named).astype(float)
    known = pd.DataFrame({code: formula.compute(table) for code, formula in formulas.items()},
                         index=table.index.set_names(UNIT))
    return known.where(np.isfinite(known))


def nearest_peers(run: Run, facts: pd.DataFrame, services: pd.DataFrame, territory: pd.DataFrame, *,
                  year: int, weights: dict[str, float] | None = None) -> pd.DataFrame:
    """Table `peers`: the nearest of every service by the context of `year`, or those saved for it in `peers_file`.

    A service with fewer than min_peers of its type chooses from the wider set of the rule; `chosen_from` is the code
    of the rule whose set it was, "file" where it was agreed. Agreed peers (columns service_id, form, peer_id of a CSV)
    hold as they are: so a set stays the same from year to year, or is one that its working group has agreed on. To
    freeze those of a run, `peers_file` is its folder of tables, or one group's table `peers` (Parquet, or as a CSV).

    weights: of variables of the context, by code, where they are to be others than in `context.toml`.

    Raises RunError where the file names unknown services, or weights an unknown variable or one not above zero.
    """
    rule = nearest_rule(run.methodology)
    if rule is None or not run.methodology.context:
        return nearest(pd.DataFrame(index=pd.MultiIndex.from_arrays([[], []], names=UNIT)), pd.Series(dtype="str"),
                       pd.Series(dtype=float), 0)
    weigh = _weights(run.methodology, weights or {})
    known = context(facts, services, territory, run.methodology, year=year)
    people = members(services, run.methodology).set_index(UNIT, drop=False)
    begun, ended = people["valid_from"].fillna(""), people["valid_to"].fillna("")
    alive = (begun.str[:4] <= str(year)) & ((ended == "") | (ended.str[:4] >= str(year)))
    found = _of_rule(known, people[alive], rule, rule, weigh)
    if rule.widen_to:
        counts = found.groupby(UNIT).size().reindex(people.index[alive], fill_value=0)
        few = counts.index[counts < rule.min_peers]
        wider = _of_rule(known, people[alive], run.methodology.peers[rule.widen_to], rule, weigh)
        found = pd.concat([found[~_are(found, few)], wider[_are(wider, few)]], ignore_index=True)
    if not run.peers_file:
        return found
    saved = _saved(run, people.index)
    return pd.concat([found[~_are(found, pd.MultiIndex.from_frame(saved[UNIT]))], saved], ignore_index=True)


def _weights(methodology: Methodology, asked: dict[str, float]) -> pd.Series:
    """The weight of each variable of the context, as asked or as agreed."""
    agreed = {one.code: one.weight for one in methodology.context.values()}
    for code, weight in asked.items():
        if code not in agreed:
            raise RunError([_("key {key}: found {found}, expected one of {expected}", key="weights", found=repr(code),
                              expected=", ".join(agreed))])
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 < weight < np.inf:
            raise RunError([_("key {key}: found {found}, expected a number above zero", key=f"weights.{code}",
                              found=repr(weight))])
    return pd.Series(agreed | asked, dtype=float)


def _of_rule(known: pd.DataFrame, people: pd.DataFrame, rule: PeerRule, of: PeerRule,
             weights: pd.Series) -> pd.DataFrame:
    """The nearest within the sets of one rule."""
    sets = people[rule.code]  # who has nothing to share stands in no set
    return nearest(known.loc[sets.index], sets, weights, of.nearest).assign(chosen_from=rule.code)


def _are(peers: pd.DataFrame, units: pd.MultiIndex) -> np.ndarray:
    return pd.MultiIndex.from_frame(peers[UNIT]).isin(units)


def _saved(run: Run, units: pd.MultiIndex) -> pd.DataFrame:
    """The agreed or frozen peers of the run's file as rows of the table `peers`, without a distance."""
    path = run.path(run.peers_file)
    path = path / run.group / "peers.parquet" if path.is_dir() else path
    if not path.is_file():
        raise RunError([_("{key}: the file {file} does not exist; correct the run file or put the file there",
                          key="peers_file", file=path)])
    table = _of_file(path)
    if absent := [column for column in ("service_id", "form", "peer_id") if column not in table]:
        raise RunError([_("{file}: the columns {columns} are missing; add them", file=run.peers_file,
                          columns=", ".join(absent))])
    own, peer = (list(zip(table[unit], table[form], strict=True))
                 for unit, form in (("service_id", "form"), ("peer_id", "peer_form")))
    named = {*own, *peer}
    if strange := sorted(f"{service} ({form})" for service, form in named - set(units)):
        raise RunError([_("{file}: unknown services {services}; correct the rows", file=run.peers_file,
                          services=", ".join(strange[:5]))])
    pairs = set(zip(own, peer, strict=True))
    table = table.rename(columns={"service_id": "unit_id"}).assign(
        distance=np.nan, known=np.nan, drivers="", chosen_from="file",
        mutual=[(other, one) in pairs for one, other in zip(own, peer, strict=True)])
    return table.assign(place=table.groupby(UNIT).cumcount() + 1)


def _of_file(path: Path) -> pd.DataFrame:
    """The rows of a file of peers as texts, the nearest first; columns of table `peers` take the names of a CSV."""
    data = io.BytesIO(path.read_bytes())  # read here, so that the batch sees which file a page hangs on
    if path.suffix == ".parquet":
        table = pd.read_parquet(data).astype("str")
    else:
        table = pd.read_csv(data, dtype="str", keep_default_na=False)
    table = table.rename(columns={"unit_id": "service_id"})
    if "place" in table:
        table = table.sort_values("place", key=lambda place: place.astype(int), kind="stable", ignore_index=True)
    kept = [column for column in ("service_id", "form", "peer_id", "peer_form") if column in table]
    return table[kept] if "peer_form" in table else table[kept].assign(peer_form=table.get("form"))


def beside_nearest(base: pd.DataFrame, peers: pd.DataFrame | None, methodology: Methodology) -> Iterator[pd.DataFrame]:
    """The rows of the comparable sets once more, beside the median and quartiles of each service's nearest peers.

    The service itself is not among its peers. Its interval is that of the comparable set, for the peers are of it; no
    rank is given among so few. n_expected is how many peers it has.
    """
    rule = nearest_rule(methodology)
    if rule is None or peers is None or peers.empty or base.empty:
        return
    usable = base["value"].where(base["flag"] == "ok")
    key = ["indicator", "year", *UNIT]
    values = pd.Series(usable.to_numpy(float), index=pd.MultiIndex.from_frame(base[key].astype({"form": "str"})))
    of_unit = peers.groupby(UNIT)
    members = pd.MultiIndex.from_frame(peers[["peer_id", "peer_form"]])
    places = peers["place"].to_numpy(int) - 1
    units = pd.MultiIndex.from_tuples(list(of_unit.groups), names=UNIT)
    at = units.get_indexer(pd.MultiIndex.from_frame(peers[UNIT]))
    peer_of = np.full((len(units), places.max() + 1), -1)
    wide = values[~values.index.duplicated()].unstack(["indicator", "year"])
    peer_of[at, places] = wide.index.get_indexer(members)
    own = units.get_indexer(pd.MultiIndex.from_frame(base[UNIT].astype("str")))
    rows = base[own >= 0]
    column = wide.columns.get_indexer(pd.MultiIndex.from_frame(rows[["indicator", "year"]]))
    taken = peer_of[own[own >= 0]]
    beside = np.where(taken >= 0, wide.to_numpy()[taken, column[:, None]], np.nan)
    yield _placed(rows, beside, (taken >= 0).sum(axis=1), rule.code, rule.min_peers)


def _quartiles(beside: np.ndarray, n: np.ndarray, enough: np.ndarray) -> np.ndarray:
    """Q1, median and q3 (type 7) of each row's n known values; NaN where they are not enough."""
    ordered, found = np.sort(beside, axis=1), np.full((3, len(beside)), np.nan)  # NaN comes last
    for row, share in zip(found, (0.25, 0.5, 0.75), strict=True):
        place = share * (n[enough] - 1)
        below, above = (np.take_along_axis(ordered[enough], at.astype(int)[:, None], axis=1)[:, 0]
                        for at in (np.floor(place), np.ceil(place)))
        row[enough] = below + (above - below) * (place % 1)
    return found


def _placed(rows: pd.DataFrame, beside: np.ndarray, n_peers: np.ndarray, code: str, least: int) -> pd.DataFrame:
    n = (~np.isnan(beside)).sum(axis=1)
    enough = n >= least
    quartiles = _quartiles(beside, n, enough)
    better = rows["direction"].map({"higher": 1.0, "lower": -1.0}).astype(float).to_numpy()
    value = rows["value"].where(rows["flag"] == "ok").to_numpy(float)
    below = ((beside * better[:, None] < (value * better)[:, None]).sum(axis=1)
             + 0.5 * (beside == value[:, None]).sum(axis=1))
    share = 100 * below / np.where(enough, n, np.nan)
    table = rows.assign(
        peer_set=code, peers=code + "/" + rows["unit_id"].astype("str") + "/" + rows["form"].astype("str"),
        n_reported=n, n_expected=n_peers, min_peers=least, weighted=np.nan, q1=quartiles[0], median=quartiles[1],
        q3=quartiles[2], percentile=np.where(np.isnan(better) | np.isnan(value), np.nan, share),
        rank_low=np.nan, rank_high=np.nan)
    moved = deviation(table.assign(value=value))
    return table.assign(trend=trend(table.assign(deviation=moved["deviation"])), position=position(table),
                        p_adjusted=beside_others(swinging(p_value(table), table["phi"]), n))
