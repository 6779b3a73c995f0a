#!/usr/bin/env python3
"""The stages of `pingan index` as a user of COINr or pandas writes them, on the panel that pingan read; then both results side by side.

    .venv/bin/python benches/province_numpy.py DIR --months N --draws D --with frames|arrays

Window sums, rates, shrinkage, goalposts, weighted means and ranks of all months; then the Monte Carlo of the first N months with D draws. Priors and
goalposts are those that pingan froze in DIR/models/index.toml, so that both compute the same. One process; only BLAS may use more threads.

    frames   every draw goes through the same DataFrame functions as the score itself: how COINr regenerates its index, and the plain way in pandas
    arrays   written for speed: posteriors and weights laid out once as arrays, a matrix product for all means of a draw, ranks by sorting

Prints JSON: cost of each stage (interpreter and imports not counted), and how far the results are from the table `scores` that pingan wrote.
"""

import argparse
import json
import resource
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from lake import cpu, live_files

YEAR = 365.25
TAIL = 0.05
SEED = 1


class Model:
    """The model file as tables: an indicator a row, domains by weight."""

    def __init__(self, workspace: Path):
        model = tomllib.loads((workspace / "models" / "index.toml").read_text())
        frozen = model["frozen"]["indicator"]
        rows = []
        for domain in model["domain"]:
            for i in domain["indicator"]:
                f = frozen[f"{domain['id']}.{i['id']}"]
                rows.append({
                    "node": f"{domain['id']}.{i['id']}", "domain": domain["id"], "measure": i["measure"], "kind": i["kind"], "weight": i["weight"],
                    "exposure": i.get("exposure", [None])[0], "direction": 1 if i["polarity"] == "+" else -1, "low": f["low"], "high": f["high"],
                    "mean": f["prior"]["mean"], "strength": f["prior"]["strength"],
                })
        self.indicators = pd.DataFrame(rows).set_index("node")
        self.domains = pd.Series({d["id"]: float(d["weight"]) for d in model["domain"]})
        self.least = model["coverage"]["index"]


class Cells:
    """What was counted in each cell and against what; rows are (period, area), the root among the areas, columns indicators."""

    def __init__(self, num: pd.DataFrame, n: pd.DataFrame):
        self.num, self.n = num, n.where(n > 0)

    def month(self, period: str) -> "Cells":
        return Cells(self.num.loc[period], self.n.loc[period])


def read(workspace: Path) -> pd.DataFrame:
    columns = ["day", "area_code", "domain", "indicator", "num", "den"]
    files = live_files(workspace / "lake" / "panel")
    return pq.read_table(files, columns=columns, read_dictionary=["area_code", "domain", "indicator"]).to_pandas(date_as_object=False)


def window_sums(panel: pd.DataFrame, areas: pd.DataFrame, model: Model) -> Cells:
    """Sums by month, area and indicator, the root as the sum of its townships; and exposure-years or cases beside them."""
    panel = panel[panel.indicator != "events"]
    months = panel.day.dt.to_period("M").rename("period")
    sums = panel.groupby([months, "area_code", "domain", "indicator"], observed=True)[["num", "den"]].sum().reset_index()
    sums["node"] = sums.domain.astype(str) + "." + sums.indicator.astype(str)
    sums["period"] = sums.period.astype(str)
    sums = sums.set_index(["period", "area_code", "node"])
    townships, root = areas[areas.level == "township"], areas.code[areas.parent.isna()].iloc[0]
    periods = sums.index.unique("period").sort_values()
    index = pd.MultiIndex.from_product([periods, townships.code], names=["period", "area_code"])
    num, den = (
        with_root(sums[c].unstack("node", fill_value=0).reindex(index, columns=model.indicators.index, fill_value=0), root) for c in ("num", "den")
    )
    exposures = townships.set_index("code")[["population", "households", "vehicles", "enterprises"]]
    exposures = pd.concat([exposures, exposures.sum().to_frame(root).T])
    years = pd.PeriodIndex(num.index.get_level_values("period"), freq="M").days_in_month / YEAR
    n = den.astype(float)
    for node, column in model.indicators.exposure.dropna().items():
        n[node] = exposures[column].reindex(num.index.get_level_values("area_code")).to_numpy() * years
    return Cells(num, n)


def with_root(sums: pd.DataFrame, root: str) -> pd.DataFrame:
    whole = sums.groupby("period").sum()
    whole.index = pd.MultiIndex.from_product([whole.index, [root]], names=sums.index.names)
    return pd.concat([sums, whole]).sort_index()


def shrink(cells: Cells, model: Model) -> pd.DataFrame:
    """Posterior means under Marshall's and the beta-binomial priors; an infinite strength means the areas do not differ."""
    prior = model.indicators
    shrunk = (cells.num + prior["mean"] * prior.strength) / (cells.n + prior.strength)
    for node in prior.index[np.isinf(prior.strength)]:
        shrunk[node] = prior["mean"][node]
    return shrunk.where(cells.n.notna())


def normalise(figures: pd.DataFrame, model: Model) -> pd.DataFrame:
    """0–100 between the goalposts."""
    posts = model.indicators
    start = posts.low.where(posts.direction > 0, posts.high)
    return ((figures - start) * (100 / (posts.high - posts.low) * posts.direction)).clip(0, 100)


def mean(scores: pd.DataFrame, weights: pd.Series) -> pd.Series:
    """COINr's a_amean: a missing child passes its weight on."""
    return (scores * weights).sum(axis=1) / (scores.notna() * weights).sum(axis=1)


def aggregate(scores: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Domains and index; no index where too little weight is scored."""
    groups = model.indicators.groupby("domain", sort=False)
    nodes = pd.DataFrame({domain: mean(scores[list(group.index)], group.weight) for domain, group in groups})
    there = (nodes.notna() * model.domains).sum(axis=1) / model.domains.sum()
    index = mean(nodes, model.domains).where(there >= model.least)
    return nodes.assign(index=index)


def rank(nodes: pd.DataFrame) -> pd.DataFrame:
    """1 is the highest score, equal ones share the lowest number."""
    return nodes.rank(ascending=False, method="min")


class Posteriors:
    """A month's posteriors laid out to be drawn from: gamma for rates and ratios, beta for proportions. Cells without a case are not known."""

    def __init__(self, cells: Cells, model: Model):
        prior, n = model.indicators, cells.n.to_numpy()
        strength, shape = prior.strength.to_numpy(), (cells.num + prior["mean"] * prior.strength).to_numpy()
        evidence = n + strength
        self.known = ~np.isnan(n)
        self.fixed, self.mean = ~np.isfinite(strength), prior["mean"].to_numpy()
        self.gamma = (prior.kind != "proportion").to_numpy() & ~self.fixed
        self.beta = (prior.kind == "proportion").to_numpy() & ~self.fixed
        filled = np.where(self.known, evidence, 1.0)
        shape = np.where(self.known, shape, 0.5)
        self.of_gamma = shape[:, self.gamma], 1 / filled[:, self.gamma]
        self.of_beta = shape[:, self.beta], (filled - shape)[:, self.beta]

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """One draw of every figure; what is not known is left in as it was drawn."""
        figures = np.empty(self.known.shape)
        figures[:, self.gamma] = rng.gamma(*self.of_gamma)
        figures[:, self.beta] = rng.beta(*self.of_beta)
        figures[:, self.fixed] = self.mean[self.fixed]
        return figures


def by_frames(cells: Cells, model: Model, ranked: np.ndarray, draws: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Scores and ranks, draws × areas × nodes: each draw as the score itself."""
    posteriors = Posteriors(cells, model)
    areas, nodes = cells.num.index, cells.num.columns
    scores, ranks = [], []
    for _ in range(draws):
        figures = pd.DataFrame(posteriors.draw(rng), index=areas, columns=nodes).where(posteriors.known)
        drawn = aggregate(normalise(figures, model), model)
        scores.append(drawn.to_numpy())
        ranks.append(rank(drawn[ranked]).to_numpy())
    return np.stack(scores), np.stack(ranks)


def by_arrays(cells: Cells, model: Model, ranked: np.ndarray, draws: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The same, written for speed. Which cells are known is the same in every draw, and so are the weights that come to bear."""
    posteriors = Posteriors(cells, model)
    posts, known = model.indicators, posteriors.known
    slope = (100 / (posts.high - posts.low) * posts.direction).to_numpy()
    start = posts.low.where(posts.direction > 0, posts.high).to_numpy()
    below = np.equal.outer(posts.domain.to_numpy(), model.domains.index.to_numpy()) * posts.weight.to_numpy()[:, None]
    weight = known @ below
    there = weight > 0
    of_index = there * model.domains.to_numpy()
    total = of_index.sum(axis=1)
    total[total / model.domains.sum() < model.least] = np.nan
    with np.errstate(divide="ignore"):
        inverse = np.where(there, 1 / weight, np.nan)
    scores = np.empty((draws, len(known), below.shape[1] + 1))
    ranks = np.empty((draws, int(ranked.sum()), below.shape[1] + 1))
    for draw in range(draws):
        figures = posteriors.draw(rng)
        figures -= start
        figures *= slope
        np.clip(figures, 0, 100, out=figures)
        figures *= known
        sums = figures @ below
        scores[draw, :, :-1] = sums * inverse
        scores[draw, :, -1] = np.einsum("ad,ad->a", np.where(there, scores[draw, :, :-1], 0), of_index) / total
        for node in range(scores.shape[2]):
            worse = -scores[draw, ranked, node]
            ranks[draw, :, node] = 1 + np.searchsorted(np.sort(worse), worse)
    ranks[np.isnan(scores[:, ranked])] = np.nan
    return scores, ranks


Draw = Callable[[Cells, Model, np.ndarray, int, np.random.Generator], tuple[np.ndarray, np.ndarray]]
WAYS: dict[str, Draw] = {"frames": by_frames, "arrays": by_arrays}


def tails(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.quantile(values, [TAIL, 1 - TAIL], axis=0, method="nearest")
    return low, high


class Clock:
    """Wall clock and CPU of one stage after the other."""

    def __init__(self) -> None:
        self.stages: dict[str, dict[str, float]] = {}

    def run(self, stage: str, work: Callable[[], object]) -> object:
        wall, before = time.monotonic(), cpu()
        done = work()
        self.stages[stage] = {"wall": time.monotonic() - wall, "cpu": cpu() - before}
        return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path, help="folder that benches/province.py made")
    parser.add_argument("--months", type=int, default=3)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--with", dest="way", choices=WAYS, default="arrays")
    args = parser.parse_args()
    clock = Clock()
    model = Model(args.workspace)
    areas = pd.read_csv(args.workspace / "areas.csv", dtype={"code": str, "parent": str})
    panel = clock.run("read", lambda: read(args.workspace))
    cells = clock.run("window sums", lambda: window_sums(panel, areas, model))
    figures = clock.run("shrink", lambda: shrink(cells, model))
    leaves = clock.run("normalise", lambda: normalise(figures, model))
    nodes = clock.run("aggregate", lambda: aggregate(leaves, model))
    townships = nodes.index.isin(areas.code[areas.level == "township"], level="area_code")
    ranks = clock.run("rank", lambda: nodes[townships].groupby("period").rank(ascending=False, method="min"))
    periods = list(nodes.index.unique("period"))
    some = periods[: args.months]
    intervals = clock.run("draws", lambda: drawn(WAYS[args.way], cells, model, areas, some, args.draws))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    agreement = compare(args.workspace, leaves, nodes, ranks, intervals)
    print(json.dumps({"stages": clock.stages, "peak": peak, "periods": len(periods), "months": len(some), "draws": args.draws, **agreement}))


def drawn(way: Draw, cells: Cells, model: Model, areas: pd.DataFrame, periods: list[str], draws: int) -> pd.DataFrame:
    """Intervals of the months' scores and ranks, a month at a time."""
    rng, found = np.random.default_rng(SEED), []
    names = [*model.domains.index, "index"]
    for period in periods:
        month = cells.month(period)
        ranked = month.num.index.isin(areas.code[areas.level == "township"])
        scores, ranks = way(month, model, ranked, draws, rng)
        tables = dict(zip(("score_lo", "score_hi"), tails(scores)))
        for name, values in zip(("rank_lo", "rank_hi"), tails(ranks)):
            tables[name] = np.full(scores.shape[1:], np.nan)
            tables[name][ranked] = values
        index = pd.MultiIndex.from_product([[period], month.num.index, names], names=["period", "area_code", "node"])
        found.append(pd.DataFrame({name: values.ravel() for name, values in tables.items()}, index=index))
    return pd.concat(found)


def compare(workspace: Path, leaves: pd.DataFrame, nodes: pd.DataFrame, ranks: pd.DataFrame, intervals: pd.DataFrame) -> dict[str, float]:
    """Against pingan's table: greatest difference of a score, gaps and ranks that differ, mean differences of the intervals' ends."""
    columns = ["period", "area_code", "node", "kind", "score", "score_lo", "score_hi", "rank", "rank_lo", "rank_hi", "coverage"]
    theirs = pq.read_table(live_files(workspace / "lake" / "scores"), columns=columns).to_pandas().set_index(["period", "area_code", "node"])
    ours = pd.concat([long(leaves), long(nodes)])
    score = ours.reindex(theirs.index)
    told = theirs.kind != "indicator"
    # By their own scores: rounding apart, ours may order equal ones otherwise.
    places = long(theirs.score[told].unstack("node").loc[ranks.index].groupby("period").rank(ascending=False, method="min"))
    places = places.reindex(theirs.index[told])
    both = intervals.join(theirs, rsuffix="_theirs")
    apart = {name: (both[name] - both[f"{name}_theirs"]).abs().groupby(both.kind).mean() for name in intervals.columns}
    return {
        "rows": len(theirs), "uncovered": int((theirs.coverage < 1).sum()),
        "score": float((score - theirs.score).abs().max()), "only one": int((score.isna() != theirs.score.isna()).sum()) + len(ours) - len(theirs),
        "ranks": int((places.fillna(-1) != theirs["rank"][told].fillna(-1)).sum()),
        "intervals only one": int(sum((both[n].isna() != both[f"{n}_theirs"].isna()).sum() for n in intervals.columns)),
        **{f"{name} {kind}": float(value) for name, values in apart.items() for kind, value in values.items()},
    }


def long(table: pd.DataFrame) -> pd.Series:
    return table.rename_axis("node", axis=1).stack()


if __name__ == "__main__":
    main()
