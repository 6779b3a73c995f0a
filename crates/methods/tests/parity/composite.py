"""Reference results of composite indices: linear programmes of scipy, TOPSIS of pymcdm, ranks of scipy.

    pip install scipy==1.17.1 pymcdm==1.4.0
    python crates/methods/tests/parity/composite.py

writes `composite.json` beside itself: scores made here by a seed, with ties, zeros and gaps (null), all figures at full precision.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from pymcdm.methods import TOPSIS
from scipy.optimize import linprog
from scipy.stats import rankdata

HERE = Path(__file__).parent
PACKAGES = ["scipy", "pymcdm", "numpy"]
TIGHT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


def matrices():
    """Names, and figures that are all better when high, of units that go together: some are good at much, some at little."""
    rng = np.random.default_rng(20261201)

    def skewed(units, children, digits):
        common = rng.normal(size=(units, 1))
        return np.round(np.exp(0.6 * common + 0.8 * rng.normal(size=(units, children)) + 2), digits)

    yield "few", skewed(6, 3, 1)
    yield "townships", skewed(16, 5, 2)
    yield "counts with zeros", rng.poisson(1.2, size=(24, 4)).astype(float)
    yield "many", skewed(100, 4, 3)
    yield "wide", skewed(31, 22, 2)
    shares = rng.uniform(size=(40, 6))
    yield "min-max", np.round((shares - shares.min(axis=0)) / np.ptp(shares, axis=0) * 100, 2)
    # On these two a simplex method goes astray that does not prefer large pivots (Harris 1973).
    close = np.random.default_rng(9138)
    yield "close together", np.round(50 + 0.1 * close.integers(0, 3, size=(40, 10)), 1)
    sizes = np.random.default_rng(9035)
    yield "of many sizes", np.round(np.exp(3 * sizes.integers(0, 6, size=(30, 6)) * sizes.choice([1, 0.7])))
    yield "alike", np.repeat(skewed(5, 3, 1), 3, axis=0)
    gaps = skewed(30, 5, 2)
    gaps[rng.uniform(size=gaps.shape) < 0.2] = np.nan
    gaps[7], gaps[8, 2], gaps[8, [0, 1, 3, 4]] = np.nan, 3.5, np.nan
    yield "gaps", gaps


def benefit_of_the_doubt(scores):
    """The largest sum of each unit under its own weights; what a unit lacks is no term of any sum (Kuosmanen 2009)."""
    for row in scores:
        has = ~np.isnan(row)
        if not has.any():
            yield None
            continue
        found = linprog(-row[has], A_ub=np.nan_to_num(scores[:, has]), b_ub=np.ones(len(scores)), method="highs", options=TIGHT)
        assert found.status == 0, found.message
        assert abs(found.fun - found.ineqlin.marginals.sum()) < 1e-9, "the dual programme has another value"
        yield -float(found.fun)


def topsis(scores, weights, types):
    """On scores as they are, and on pymcdm's own min-max of figures of which some are better when low."""
    plain = TOPSIS(normalization_function=lambda x, cost: x)
    return {
        "plain": plain(scores, weights, np.ones(len(weights))).tolist(),
        "min_max": TOPSIS()(scores, weights, types).tolist(),
    }


def exponential(column):
    """The transformation of ranks from the worst, and from the best, as the Scottish report writes it; ties share the lowest."""
    known = ~np.isnan(column)
    for direction in (1, -1):
        ranks = rankdata(direction * column[known], method="min") / known.sum()
        scores = np.full(len(column), np.nan)
        scores[known] = -23 * np.log(1 - ranks * (1 - np.exp(-100 / 23)))
        yield scores


def figures(values):
    return [None if np.isnan(v) else float(v) for v in values]


def cases():
    rng = np.random.default_rng(1968)
    for name, scores in matrices():
        children = scores.shape[1]
        weights = np.round(rng.uniform(0.1, 1, children), 2)
        types = np.where(rng.uniform(size=children) < 0.4, -1, 1)
        case = {
            "name": name,
            "scores": [figures(row) for row in scores],
            "weights": weights.tolist(),
            "directions": types.tolist(),
            "benefit_of_the_doubt": list(benefit_of_the_doubt(scores)),
        }
        if children < 7:
            case["exponential_rank"] = [[figures(x) for x in exponential(column)] for column in scores.T]
        if not np.isnan(scores).any():
            case["topsis"] = topsis(scores, weights / weights.sum(), types)
        yield case


def main():
    found = {"versions": {name: version(name) for name in PACKAGES}, "cases": list(cases())}
    (HERE / "composite.json").write_text(json.dumps(found, allow_nan=False) + "\n")


if __name__ == "__main__":
    main()
