"""Reference results of verification, from scikit-learn, scipy and statsmodels.

    pip install scikit-learn scipy statsmodels
    python crates/methods/tests/parity/verification.py

writes `verification.json` beside itself: cases made here by a seed, with ties, zeros and constants, all figures at full precision.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import mean_poisson_deviance, roc_auc_score
from statsmodels.stats.multitest import multipletests

HERE = Path(__file__).parent
PACKAGES = ["scikit-learn", "scipy", "statsmodels", "numpy"]


def rankings():
    rng = np.random.default_rng(20261130)
    for units in (2, 3, 8, 16, 100, 1400):
        for digits in (0, 1, 6):
            scores = np.round(rng.normal(size=units), digits)
            counts = rng.poisson(np.exp(0.5 * scores))
            positive = counts > 0
            means = np.exp(rng.normal(size=units))
            case = {
                "scores": scores.tolist(),
                "counts": counts.tolist(),
                "means": means.tolist(),
                "spearman": float(spearmanr(scores, counts).statistic),
                "deviance": float(mean_poisson_deviance(counts, means)),
            }
            if 0 < positive.sum() < units:
                case["auc"] = float(roc_auc_score(positive, scores))
            yield {name: None if isinstance(x, float) and np.isnan(x) else x for name, x in case.items()}


def adjusted():
    rng = np.random.default_rng(1)
    for tests in (1, 2, 5, 40):
        p = np.round(rng.uniform(size=tests) ** 3, 3)
        yield {"p": p.tolist(), "holm": multipletests(p, method="holm")[1].tolist()}


def main():
    found = {"versions": {name: version(name) for name in PACKAGES}, "rankings": list(rankings()), "holm": list(adjusted())}
    (HERE / "verification.json").write_text(json.dumps(found, allow_nan=False) + "\n")


if __name__ == "__main__":
    main()
