"""Reference results of trend tests, change points, decomposition, false discovery and scores, from public Python packages.

    pip install pymannkendall==1.4.3 ruptures==1.1.10 statsmodels scipy properscoring scoringrules
    python crates/methods/tests/parity/python_references.py

writes, beside itself, `series/nile.csv` and `series/co2.csv` (both from statsmodels; co2 as monthly means, gaps filled forward),
`series/further.csv` (made here, by a seed) and `python_references.json`, all figures at full precision, missing ones null or empty.
"""

import json
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import properscoring
import pymannkendall as mk
import ruptures as rpt
import scoringrules
from scipy.special import xlogy
from scipy.stats import false_discovery_control, theilslopes
from statsmodels.datasets import co2, nile
from statsmodels.stats.multitest import multipletests
from statsmodels.tsa.seasonal import STL

HERE = Path(__file__).parent
PACKAGES = ["pymannkendall", "ruptures", "statsmodels", "scipy", "numpy", "properscoring", "scoringrules"]
MODIFICATIONS = {
    "none": mk.original_test,
    "hamed_rao": mk.hamed_rao_modification_test,
    "yue_wang": mk.yue_wang_modification_test,
    "tfpw": mk.trend_free_pre_whitening_modification_test,
    "pre_whitening": mk.pre_whitening_modification_test,
    "seasonal": mk.seasonal_test,
}


def further():
    """A dozen series and one: tied, short, with gaps, monotone, constant, monthly, weekly, persistent, large, rising at its end."""
    rng = np.random.default_rng(20260101)
    month, week = np.arange(96), np.arange(260)
    persistent = np.zeros(120)
    for i in range(1, 120):
        persistent[i] = 0.6 * persistent[i - 1] + rng.normal()
    gaps = 0.05 * np.arange(50) + rng.normal(size=50)
    gaps[[0, 7, 8, 9, 31, 49]] = np.nan
    monthly = rng.poisson(np.exp(1.5 + 0.006 * month + 0.5 * np.sin(2 * np.pi * month / 12))).astype(float)
    monthly_gaps = monthly[:70].copy()
    monthly_gaps[[3, 15, 16, 40]] = np.nan
    return {
        "tied": rng.poisson(2, 40).astype(float),
        "ending": np.array([2.0, 4, 3, 2, 4, 0, 0, 0, 0, 0, 0, 0, 8, 9]),
        "five": np.array([3.0, 1.0, 4.0, 4.0, 5.0]),
        "gaps": gaps,
        "monotone": np.cumsum(rng.uniform(0.1, 2, 20)),
        "constant": np.full(12, 3.0),
        "monthly": monthly,
        "monthly_gaps": monthly_gaps,
        "persistent": persistent + 0.02 * np.arange(120),
        "rare": rng.poisson(0.15, 60).astype(float),
        "weekly": rng.negative_binomial(4, 4 / (4 + np.where(week < 100, 5, np.where(week < 180, 11, 4)))).astype(float),
        "falling": np.round(20 - 0.5 * np.arange(30) + rng.normal(size=30)),
        "large": 3e6 + np.repeat([0, 4e4, -2e4, 1e4], 50) + rng.normal(scale=2e4, size=200),
    }


def figure(x):
    """A float, or None where there is none."""
    x = float(x)
    return x if np.isfinite(x) else None


def mann_kendall(name, x):
    """The test under every modification, and at another level and lag."""
    cases = [(modification, {}) for modification in MODIFICATIONS]
    cases += [("hamed_rao", {"lag": 3}), ("yue_wang", {"lag": 1}), ("hamed_rao", {"alpha": 0.2}), ("seasonal", {"period": 4})]
    for modification, options in cases:
        if options.get("lag", 0) >= np.sum(~np.isnan(x)):
            continue
        if modification == "seasonal" and len(x) <= options.get("period", 12):
            continue  # no pair, and the package divides by their number
        test = MODIFICATIONS[modification](x, **options)
        options = {"alpha": 0.05, "lag": None, "period": 12} | options
        figures = {"s": test.s, "var": test.var_s, "z": test.z, "p": test.p, "tau": test.Tau, "slope": test.slope, "intercept": test.intercept}
        yield {"series": name, "modification": modification, **options, **{k: figure(v) for k, v in figures.items()}}


def theil(name, x):
    """The interval of the slope at two levels, missing values left out."""
    at = np.flatnonzero(~np.isnan(x))
    for alpha in [0.05, 0.32]:
        slope, _, lo, hi = theilslopes(x[at], at, 1 - alpha)
        yield {"series": name, "alpha": alpha, "slope": figure(slope), "lo": figure(lo), "hi": figure(hi)}


class Counts(rpt.base.BaseCost):
    """Twice the negative log-likelihood of counts at their mean: Poisson, or negative binomial of a given size."""

    model, min_size = "", 1

    def __init__(self, size=None):
        self.size = size

    def fit(self, signal):
        self.signal = signal.reshape(-1, 1)
        return self

    def error(self, start, end):
        y = self.signal[start:end, 0]
        mean = y.mean()
        if self.size is None:
            return -2 * xlogy(y.sum(), mean)
        return -2 * (xlogy(y.sum(), mean) - (y.sum() + len(y) * self.size) * np.log1p(mean / self.size))


def pelt(name, x):
    """ruptures' segmentation under several grids and penalties, given in variances (l2) or as they are."""
    x = x[~np.isnan(x)]
    grids = [(2, 1), (1, 1), (5, 1), (3, 4), (2, 5), (7, 2)]
    for min_size, jump in [grid for grid in grids if grid[0] <= len(x)]:
        for times in [1, 3, 8]:
            pen = times * np.log(len(x)) * max(x.var(), 0.01)
            ends = rpt.Pelt("l2", min_size=min_size, jump=jump).fit_predict(x, pen)
            yield {"series": name, "model": "l2", "size": None, "pen": pen, "min_size": min_size, "jump": jump, "ends": ends}
        if np.any(x != np.round(x)) or x.max() > 1e5:
            continue
        for model, size in [("poisson", None), ("negative_binomial", 3.0)]:
            for pen in [2 * np.log(len(x)), 5 * np.log(len(x))]:
                ends = rpt.Pelt(custom_cost=Counts(size), min_size=min_size, jump=jump).fit_predict(x, pen)
                yield {"series": name, "model": model, "size": size, "pen": pen, "min_size": min_size, "jump": jump, "ends": ends}


def stl(name, x, period):
    """Trend, season and remainder at some positions, plain and robust, with other spans and degrees."""
    cases = [{"seasonal": 13}, {"seasonal": 7}, {"seasonal": 7, "robust": True}, {"seasonal": 13, "robust": True}]
    cases += [{"seasonal": 9, "trend": 2 * period + 1, "low_pass": period + 3 - period % 2}]
    cases += [{"seasonal": 7, "seasonal_deg": 0, "trend_deg": 0, "low_pass_deg": 0, "robust": True}]
    at = sorted({*range(4), *range(0, len(x), max(1, len(x) // 15)), *range(len(x) - 4, len(x))})
    for options in cases:
        fit = STL(x, period=period, **options).fit()
        parts = {"trend": fit.trend, "season": fit.seasonal, "remainder": fit.resid}
        yield {"series": name, "period": period, "options": options, "at": at, **{k: [float(v[i]) for i in at] for k, v in parts.items()}}


def discoveries():
    """Adjusted p-values of scipy's fifteen, and of others with ties."""
    rng = np.random.default_rng(5)
    scipy15 = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000]
    for p in [scipy15, list(rng.uniform(size=40) ** 3), list(np.round(rng.uniform(size=30), 1)), [0.03], [0.0, 0.0, 1.0]]:
        for method in ["bh", "by"]:
            adjusted, other = false_discovery_control(p, method=method), multipletests(p, method=f"fdr_{method}")[1]
            assert np.allclose(adjusted, other, rtol=1e-12), "scipy and statsmodels disagree"
            yield {"method": method, "p": p, "adjusted": list(adjusted)}


def scores():
    """CRPS of samples, Poisson and negative binomial forecasts."""
    rng = np.random.default_rng(9)
    for y, sample in [(3.0, rng.poisson(4, 25)), (-1.5, rng.normal(size=40)), (1e6, rng.normal(1e6, 10, 12)), (2.0, np.array([5.0]))]:
        yield {"of": "sample", "y": y, "sample": sample.astype(float).tolist(), "crps": float(properscoring.crps_ensemble(y, sample))}
    for mean in [0.01, 0.5, 3.0, 40.0, 300.0]:
        for y in [0.0, 1.0, 4.0, 55.0, 310.0]:
            if y < 171:  # beyond, the package's factorial is infinite
                yield {"of": "poisson", "y": y, "mean": mean, "crps": float(scoringrules.crps_poisson(y, mean))}
            for size in [0.3, 2.0, 15.0]:
                score = float(scoringrules.crps_negbinom(y, size, size / (size + mean)))
                yield {"of": "negative_binomial", "y": y, "mean": mean, "size": size, "crps": score}


def lines(path, head, rows):
    path.write_text("\n".join([head, *rows]) + "\n")


def main():
    warnings.simplefilter("ignore")
    river = nile.load_pandas().data
    air = co2.load_pandas().data["co2"].resample("MS").mean().ffill()
    lines(HERE / "series/nile.csv", "time,value", [f"{int(y)},{v!r}" for y, v in zip(river["year"], river["volume"].tolist())])
    lines(HERE / "series/co2.csv", "time,value", [f"{t:%Y-%m-%d},{v!r}" for t, v in zip(air.index, air.tolist())])
    made = further()
    text = [f"{name},{t + 1},{'' if np.isnan(v) else repr(float(v))}" for name, x in made.items() for t, v in enumerate(x)]
    lines(HERE / "series/further.csv", "series,time,value", text)

    all_series = {"nile": river["volume"].to_numpy(), "co2": air.to_numpy(), **made}
    found = {"versions": {name: version(name) for name in PACKAGES}}
    found["mann_kendall"] = [case for name, x in all_series.items() for case in mann_kendall(name, x)]
    found["theil"] = [case for name, x in all_series.items() for case in theil(name, x)]
    found["pelt"] = [case for name, x in all_series.items() if name != "co2" for case in pelt(name, x)]
    cycles = {"co2": 12, "monthly": 12, "weekly": 52, "persistent": 7, "rare": 12, "large": 4}
    found["stl"] = [case for name, period in cycles.items() for case in stl(name, all_series[name], period)]
    found["fdr"] = list(discoveries())
    found["crps"] = list(scores())
    sections = [f'"{name}": ' + (json.dumps(part) if isinstance(part, dict) else "[\n" + ",\n".join((json.dumps(case, allow_nan=False) for case in part)) + "\n]") for name, part in found.items()]
    (HERE / "python_references.json").write_text("{\n" + ",\n".join(sections) + "\n}\n")


if __name__ == "__main__":
    main()
