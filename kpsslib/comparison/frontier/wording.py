"""What a frontier says about one unit, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

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


def most_like(frontier: Frontier, unit: object) -> Likeness | None:
    """The frontier unit most like this one: the nearest by inputs and outputs; None on the frontier or without score.

    Two units differ by |a - b| / max(a, b), summed over inputs and outputs. Asked are first the efficient units that
    alone give at least the same with no more, then those its target is made of.
    """
    row = frontier.units.loc[unit]
    if row["reason"] or row["efficient"]:
        return None
    data = pd.concat([frontier.inputs, frontier.outputs], axis=1)
    own = data.loc[unit]
    others = data[frontier.units["efficient"].reindex(data.index) & (data.index != unit)]
    better = (others[frontier.inputs.columns] <= own[frontier.inputs.columns]).all(axis=1)
    better &= (others[frontier.outputs.columns] >= own[frontier.outputs.columns]).all(axis=1)
    mix = frontier.peers[(frontier.peers["unit"] == unit) & (frontier.peers["peer"] != unit)]
    mix = mix.set_index("peer")["weight"].sort_values(ascending=False)
    known = others[better] if better.any() else data.loc[mix.index]
    if known.empty:
        return None
    apart = ((known - own).abs() / known.clip(lower=own, axis=1)).fillna(0).sum(axis=1)
    peer = apart.idxmin()
    goal = data.loc[peer] if better.any() else frontier.targets.loc[unit]
    return Likeness(peer, bool(better.any()), (mix / mix.sum()).to_dict(),
                    _worth(own - goal, own, frontier.inputs.columns), _worth(goal - own, own, frontier.outputs.columns))


def _worth(change: pd.Series, own: pd.Series, columns: pd.Index) -> dict[str, float]:
    kept = change[columns][change[columns] > WORTH_SAYING * own[columns]]
    return {str(name): float(value) for name, value in kept.items()}


def sentence(frontier: Frontier, unit: object, names: Mapping[object, str], items: Mapping[str, Item]) -> str:
    """What the frontier says about a unit, such as "The frontier service most like you is Domov Háj: it does at
    least the same with 1.6 fewer full-time posts."; the reason where it says nothing.

    Args:
        frontier: of `efficiency`.
        unit: an id of its index.
        names: how units are called.
        items: the methodology's items; columns of the frontier are their codes.
    """
    row = frontier.units.loc[unit]
    if row["reason"]:
        return _("{name} is not measured: {reason}.", name=names[unit],
                 reason=reason_text(row["reason"], frontier.needed))
    found = most_like(frontier, unit)
    changes = _changes(found, frontier, items) if found else ""
    if not changes:
        return _("{name} stands on the frontier: no mix of the other services does the same with less.",
                 name=names[unit])
    if found.alone:
        return _("The frontier service most like you is {peer}: it does at least the same with {changes}.",
                 peer=names[found.peer], changes=changes)
    mix = _listed([f"{names[peer]} ({percent(share, 0)})" for peer, share in found.peers.items()])
    return _("The frontier service most like you is {peer}. None does the same with less by itself; a mix of {mix} "
             "would do it with {changes}.", peer=names[found.peer], mix=mix, changes=changes)


def _changes(found: Likeness, frontier: Frontier, items: Mapping[str, Item]) -> str:
    """Inputs less; outputs more where they were asked for, or where no input is less."""
    less = [_amount(value, items[code], _less) for code, value in found.less.items()]
    more = [_amount(value, items[code], _more) for code, value in found.more.items()]
    return _listed(more + less if frontier.orientation == "output" else less or more)


def _amount(value: float, item: Item, say: Callable[[str, str], str]) -> str:
    if item.unit == "FTE":
        text = number(value, 1)
        return _("{amount} fewer full-time posts", amount=text) if item.code == "fte_total" and say is _less else \
            say(text, str(item.name))
    if item.unit == "CZK":
        return say(money(round(value, -3) if value >= _ROUNDED else value), str(item.name))
    return say(number(value, 0 if value >= 10 else 1), str(item.name))


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
