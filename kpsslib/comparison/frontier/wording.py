"""What a frontier says about one unit, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpsslib.comparison.frontier.efficiency import Frontier
from kpsslib.language import _, money, number, percent
from kpsslib.methodology import Item

WORTH_SAYING = 0.005  # of the unit's own amount
_ROUNDED = 10_000  # crowns; amounts above are said in thousands


@dataclass(frozen=True)
class Likeness:
    """The frontier unit most like a unit, and what the unit would have less (or give more) at the frontier.

    `alone` says that this peer by itself gives at least the same with no more; the changes are then to the peer, else
    to the unit's target, which is the mix of `peers` (unit: share of the mix).
    """

    peer: object
    alone: bool
    peers: dict[object, float]
    less: dict[str, float]  # inputs: how much less
    more: dict[str, float]  # outputs: how much more


def all_most_like(frontier: Frontier, units: Iterable[object]) -> dict[object, Likeness | None]:
    """The frontier unit most like each: the nearest by inputs and outputs; None on the frontier or without score.

    Two units differ by |a - b| / max(a, b), summed over inputs and outputs. Asked are first the efficient units that
    alone give at least the same with no more, then those its target is made of.
    """
    everyone, names = frontier.units.index, [*frontier.inputs.columns, *frontier.outputs.columns]
    values = pd.concat([frontier.inputs, frontier.outputs], axis=1).reindex(everyone).to_numpy(float)
    goals = frontier.targets.reindex(everyone).to_numpy(float)
    takes = np.arange(len(names)) < frontier.inputs.shape[1]
    best = frontier.units["efficient"].to_numpy(bool)
    silent = frontier.units["reason"].ne("").to_numpy() | best
    others = frontier.peers[frontier.peers["unit"] != frontier.peers["peer"]]
    mixes = {unit: rows.set_index("peer")["weight"] for unit, rows in others.groupby("unit")}
    found: dict[object, Likeness | None] = {}
    for unit in units:
        place = everyone.get_loc(unit)
        own = values[place]
        mix = mixes.get(unit, pd.Series(dtype=float)).sort_values(ascending=False, kind="stable")
        better = best & np.where(takes, values <= own, values >= own).all(axis=1)
        asked = np.flatnonzero(better) if better.any() else everyone.get_indexer(mix.index)
        if silent[place] or not len(asked):
            found[unit] = None
            continue
        peer = asked[_apart(values[asked], own).argmin()]
        change = own - (values[peer] if better.any() else goals[place])
        less, more = ({str(name): float(amount) for name, amount, one, is_input
                       in zip(names, sign * change, own, takes, strict=True)
                       if is_input == (sign > 0) and amount > WORTH_SAYING * one} for sign in (1, -1))
        found[unit] = Likeness(everyone[peer], bool(better.any()), (mix / mix.sum()).to_dict(), less, more)
    return found


def _apart(others: np.ndarray, own: np.ndarray) -> np.ndarray:
    """How far each of the others is from one's own: |a - b| / max(a, b) summed, nil where both are nil."""
    larger = np.maximum(others, own)
    return (np.abs(others - own) / np.where(larger > 0, larger, 1)).sum(axis=1)


def said(found: Likeness | None, name: str, names: Mapping[object, str], items: Mapping[str, Item], *,
         more_first: bool = False) -> str:
    """What was found of the unit called `name`, such as "The frontier service most like you is Domov Háj: it does at
    least the same with 1.6 fewer full-time posts.".

    Args:
        found: of `all_most_like`; None on the frontier.
        name: of the unit.
        names: how units are called.
        items: the methodology's items by code; a column that is none of them is called by its own name.
        more_first: whether outputs are said before inputs.
    """
    less, more = _changes(found, items) if found else ("", "")
    peer = names[found.peer] if found else ""
    mix = _listed([f"{names[one]} ({percent(share, 0)})" for one, share in found.peers.items()]) if found else ""
    if more and (more_first or not less):
        return _("The frontier service most like you is {peer}: with no more it gives {changes}.", peer=peer,
                 changes=more) if found.alone else \
            _("The frontier service most like you is {peer}. None gives more with the same by itself; a mix of {mix} "
              "would give {changes}.", peer=peer, mix=mix, changes=more)
    if less:
        return _("The frontier service most like you is {peer}: it does at least the same with {changes}.", peer=peer,
                 changes=less) if found.alone else \
            _("The frontier service most like you is {peer}. None does the same with less by itself; a mix of {mix} "
              "would do it with {changes}.", peer=peer, mix=mix, changes=less)
    return _("{name} stands on the frontier: no mix of the other services does the same with less.", name=name)


def _changes(found: Likeness, items: Mapping[str, Item]) -> tuple[str, str]:
    """Inputs less and outputs more, in words."""
    less = [_amount(value, code, items, _less) for code, value in found.less.items()]
    more = [_amount(value, code, items, _more) for code, value in found.more.items()]
    return _listed(less), _listed(more)


def _amount(value: float, code: str, items: Mapping[str, Item], say: Callable[[str, str], str]) -> str:
    item = items.get(code)
    what, unit = (str(item.name), item.unit) if item else (code, "")
    if unit == "FTE":
        text = number(value, 1)
        whole = code == "fte_total" and say is _less
        return _("{amount} fewer full-time posts", amount=text) if whole else say(text, what)
    if unit == "CZK":
        return say(money(round(value, -3) if value >= _ROUNDED else value), what)
    return say(number(value, 0 if value >= 10 else 1), what)


def _less(amount: str, what: str) -> str:
    return _("{amount} less ({what})", amount=amount, what=what)


def _more(amount: str, what: str) -> str:
    return _("{amount} more ({what})", amount=amount, what=what)


def _listed(texts: list[str]) -> str:
    if len(texts) < 2:
        return "".join(texts)
    return _("{listed} and {last}", listed=", ".join(texts[:-1]), last=texts[-1])


def reason_text(reason: str, needed: int) -> str:
    """Why a unit or a set has no score, in words; `needed` is how many units the set would need."""
    return {
        "missing": _("an input or output is missing"),
        "negative": _("an input or output is negative"),
        "no_inputs": _("all its inputs are zero"),
        "no_outputs": _("all its outputs are zero"),
        "too_few": _("there are too few services for so many inputs and outputs, at least {n} are needed",
                     n=number(needed)),
        "all_equal": _("all services are the same"),
        "empty_column": _("an input or output is zero in all services"),
        "infeasible": _("the other services cannot give what it gives"),
        "few_inefficient": _("nearly all services are on the frontier"),
        "not_solved": _("the computation did not come to a proven result"),
    }[reason]
