"""How fast the frontier is computed beside one scipy.linprog a service: `python -m benchmarks.frontier [--json FILE]`.

DEA with variable returns, input oriented, 3 inputs and 2 outputs, log-normal data; all units, one thread, seconds of
the processor (so that what else runs on the machine does not count). Ours gives scores, peers, dual weights and the
certificate; the loop solves the same dense envelopment programs for the scores (at 5,000 units a sample of them,
extrapolated). The bootstrap of Simar and Wilson is set against the same loop over its 500 x 70 programs, extrapolated
from a sample of replicates.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from time import process_time

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy is imported; one thread for both sides
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
from scipy.optimize import linprog

from kpsslib.comparison.frontier.bootstrap import SEED, corrected, pseudo_distances
from kpsslib.comparison.frontier.measuring import measure, measure_with_slacks
from kpsslib.comparison.frontier.technology import Points, Technology

GOALS = {200: 25, 1000: 60, 5000: 150}
BOOTSTRAP_GOAL = 20
SAMPLE = 120
REPLICATES, UNITS = 500, 70
ROUNDS = 3


def main() -> None:
    """Measure every size and print each ratio with its goal."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--json", type=Path, help="also write the figures to this file")
    chosen = arguments.parse_args()
    figures = []
    for data in (independent, production):
        for n, goal in GOALS.items():
            figures.append(_frontier(data(n), goal, f"{n} units, {data.__name__}"))
            print(_line(figures[-1]), flush=True)
        figures.append(_bootstrap(data(UNITS), f"bootstrap of {UNITS}, {data.__name__}"))
        print(_line(figures[-1]), flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1), "utf-8")


def independent(n: int) -> Points:
    """Inputs and outputs log-normal, independent of each other: few units on the frontier."""
    random = np.random.default_rng(n)
    return Points(np.exp(random.normal(size=(n, 3))), np.exp(random.normal(size=(n, 2))))


def production(n: int) -> Points:
    """Log-normal inputs, outputs of decreasing returns, half-normal inefficiency: many units on the frontier."""
    random = np.random.default_rng(n)
    inputs = np.exp(random.normal(0, 0.5, (n, 3)))
    made = np.exp(0.3 * np.log(inputs).sum(axis=1) - np.abs(random.normal(0, 0.25, n)))
    mix = np.exp(random.normal(0, 0.3, (n, 2)))
    return Points(inputs, made[:, None] * mix / np.linalg.norm(mix, axis=1, keepdims=True))


def _frontier(points: Points, goal: float, name: str) -> dict:
    """One size: seconds of both, their ratio, and the greatest difference of the scores compared."""
    technology, n = Technology(points, "vrs", "input"), len(points)
    measure(technology, points)
    ours, found = _median(measure, technology, points)
    both, _ = _timed(measure_with_slacks, technology, points)
    sample = np.arange(n) if n <= 1000 else np.linspace(0, n - 1, SAMPLE).astype(int)
    loop, scores = _timed(_loop, points, points, sample)
    return {"name": name, "ours": ours, "second_phase_too": both, "loop": loop * n / len(sample), "goal": goal,
            "ratio": loop * n / len(sample) / ours, "difference": float(np.abs(scores - found.score[sample]).max()),
            "efficient": int((found.score > 1 - 1e-8).sum()), "certified": bool(found.certified.all()),
            "by_scipy": int(found.by_scipy.sum())}


def _bootstrap(points: Points, name: str) -> dict:
    """The whole bootstrap against the loop over its programs, timed on the first replicates."""
    technology = Technology(points, "vrs", "input")
    ours, found = _median(corrected, technology, REPLICATES, SEED)
    distance = 1 / found["score"]
    drawn = pseudo_distances(distance, REPLICATES, np.random.default_rng(SEED))[:5]
    loop = sum(_timed(_loop, points, Points(points.inputs * (one / distance)[:, None], points.outputs),
                      np.arange(UNITS))[0] for one in drawn) / len(drawn) * REPLICATES
    return {"name": name, "ours": ours, "loop": loop, "goal": BOOTSTRAP_GOAL, "ratio": loop / ours}


def _loop(points: Points, reference: Points, sample: np.ndarray) -> np.ndarray:
    """Theta of the sampled points: one linprog each, the matrix made once and only its last column changed."""
    scale_in, scale_out = reference.inputs.mean(axis=0), reference.outputs.mean(axis=0)
    inputs, outputs = points.inputs / scale_in, points.outputs / scale_out
    n, m = len(reference), inputs.shape[1]
    matrix = np.zeros((m + outputs.shape[1], n + 1))
    matrix[:, :n] = np.vstack([(reference.inputs / scale_in).T, -(reference.outputs / scale_out).T])
    cost, one = np.append(np.zeros(n), 1.0), np.append(np.ones(n), 0.0)[None]
    scores = []
    for i in sample:
        matrix[:m, n] = -inputs[i]
        right = np.append(np.zeros(m), -outputs[i])
        scores.append(linprog(cost, A_ub=matrix, b_ub=right, A_eq=one, b_eq=[1.0], method="highs").fun)
    return np.array(scores)


def _timed(verb, *arguments) -> tuple[float, object]:
    begin = process_time()
    result = verb(*arguments)
    return process_time() - begin, result


def _median(verb, *arguments) -> tuple[float, object]:
    """The median of three runs."""
    return sorted((_timed(verb, *arguments) for _ in range(ROUNDS)), key=lambda pair: pair[0])[ROUNDS // 2]


def _line(figure: dict) -> str:
    met = "met" if figure["ratio"] >= figure["goal"] else "NOT met"
    text = (f"{figure['name']:<28} {figure['ours']:8.3f} s | loop {figure['loop']:8.2f} s | "
            f"ratio {figure['ratio']:7.0f} | goal {figure['goal']:>4} | {met}")
    if "difference" in figure:
        text += (f" | max difference {figure['difference']:.1e}, {figure['efficient']} on the frontier, "
                 f"{'all certified' if figure['certified'] else 'NOT all certified'}, {figure['by_scipy']} by scipy, "
                 f"with second phase {figure['second_phase_too']:.3f} s")
    return text


if __name__ == "__main__":
    main()
