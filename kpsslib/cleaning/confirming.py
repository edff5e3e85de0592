"""Providers' answers to questions: what an answer holds for, and what became of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kpsslib.intake.template import CONFIRMED

_KEY = ["rule", "service_id", "form", "year", "round", "item", "value"]
CONFIRMABLE = ("question", "warning")


class Answers:
    """The answers "yes, it holds" of a group: each for one rule, figure and exactly the value it was given for."""

    def __init__(self, confirmations: pd.DataFrame) -> None:
        self.confirmations = confirmations
        said = (confirmations["answer"] == CONFIRMED) & (confirmations["value"] != "")
        self._given = set(_keys(confirmations[said]))
        self._used: set[tuple] = set()

    def hold(self, problems: pd.DataFrame) -> np.ndarray:
        """Which of the problems were answered, so that they are neither told nor take a figure out."""
        if not self._given or not len(problems):
            return np.zeros(len(problems), dtype=bool)
        held = np.array([key in self._given for key in _keys(problems)])
        held &= problems["severity"].isin(CONFIRMABLE).to_numpy()
        self._used |= {key for key, yes in zip(_keys(problems), held, strict=True) if yes}
        return held

    def table(self) -> pd.DataFrame:
        """The answers with their state, once everything was judged.

        applied: the doubt was there again and the answer settled it; lapsed: the value has changed since, or there is
        nothing to answer any more; explanation: other words than the confirmation.
        """
        told = self.confirmations
        used = np.array([key in self._used for key in _keys(told)], dtype=bool)
        states = np.where(told["answer"] != CONFIRMED, "explanation", np.where(used, "applied", "lapsed"))
        return told.assign(state=states)


def _keys(table: pd.DataFrame) -> list[tuple]:
    years = [None if pd.isna(year) else int(year) for year in table["year"]]
    columns = [years if name == "year" else table[name].astype("object") for name in _KEY]
    return list(zip(*columns, strict=True))
