"""The panel by Polars: the ten domains' sums by hand as lazy expressions. `panel_polars.py WORKSPACE OUT`"""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from lake import DOMAINS, SORT, THREADS, live_files, measured, time_zone

os.environ["POLARS_MAX_THREADS"] = str(THREADS)  # read once, on import
import polars as pl  # noqa: E402

c = pl.col
ONE, NONE = pl.lit(1, pl.Int64), pl.lit(0, pl.Int64)


def flag(condition: pl.Expr) -> pl.Expr:
    return condition.fill_null(False).cast(pl.Int64)


def known(column: pl.Expr) -> pl.Expr:
    return column.is_not_null().cast(pl.Int64)


def amount(column: str) -> pl.Expr:
    return c(column).fill_null(0)


@dataclass
class Sums:
    """What one event adds to (num, den) of each indicator: on its own day, and on the day it fell due."""

    occurred: dict
    due: dict = field(default_factory=dict)


def silent(column: str, need_not: pl.Expr = pl.lit(False)) -> tuple[pl.Expr, pl.Expr]:
    """Events that do not say a column, and those of them that need not."""
    return ONE - known(c(column)), flag(c(column).is_null() & need_not)


IN_TIME = flag(c.resolved_at <= c.due_at)
# What came to an end has a time of it, or an outcome other than that it has none yet.
ENDED = c.resolved_at.is_not_null() | (c.outcome.is_not_null() & (c.outcome != "unsolved"))
ENDED_SOMETIME = flag(ENDED & c.resolved_at.is_null())
BY_THE_LIMIT = (IN_TIME, ONE - ENDED_SOMETIME)
BY_THE_LIMIT_UNKNOWN = (ENDED_SOMETIME, NONE)
SATISFIED = (flag(c.satisfaction >= 4), known(c.satisfaction))
VISIT = c.category == "visit"
VIOLATION = c.category == "violation"
FOR_MONEY = c.category.is_in(["telecom_fraud", "fraud", "theft_crime", "illegal_fundraising"])
FEN = (c.amount * 100).cast(pl.Int64).fill_null(0)

SUMS = {
    "public_order": Sums({"events": (ONE, NONE), "detection_rate": (flag(c.outcome == "solved"), known(c.outcome))}),
    "fraud_crime": Sums({"events": (ONE, NONE), "loss": (FEN, NONE), "loss_unknown": silent("amount", ~FOR_MONEY)}),
    "traffic": Sums(
        {
            "events": (ONE, NONE),
            "injured": (amount("injured"), NONE),
            "injured_unknown": silent("injured", VIOLATION),
            "deaths": (amount("deaths"), NONE),
            "deaths_unknown": silent("deaths", VIOLATION),
        }
    ),
    "public_safety": Sums(
        {
            "events": (ONE, NONE),
            "persons": (c.persons.fill_null(1), NONE),
            "deaths": (amount("deaths"), NONE),
            "deaths_unknown": silent("deaths"),
        }
    ),
    "disputes": Sums(
        {
            "events": (ONE, NONE),
            "civil_to_criminal": (flag(c.turned_criminal), known(c.turned_criminal)),
            "civil_to_criminal_unknown": silent("turned_criminal"),
            "mediation_success": (flag(c.outcome == "mediated"), flag(c.outcome != "unsolved")),
            "lowest_level": (flag(c.resolved_level.is_in(["grid", "village"])), known(c.resolved_level)),
        },
        {
            "resolution_rate": (flag(ENDED), ONE),
            "overdue": (flag(ENDED.not_() | (c.resolved_at > c.due_at)), ONE - ENDED_SOMETIME),
            "overdue_unknown": BY_THE_LIMIT_UNKNOWN,
        },
    ),
    "petitions": Sums(
        {
            "events": (ONE, NONE),
            "first_visits": (flag(~c.repeated), NONE),
            "first_visits_unknown": silent("repeated"),
            "repeated": (flag(c.repeated), known(c.repeated)),
            "repeated_unknown": silent("repeated"),
            "collective": (flag(c.collective), NONE),
            "collective_unknown": silent("collective"),
            "beyond_level": (flag(c.beyond_level), NONE),
            "beyond_level_unknown": silent("beyond_level"),
            "satisfied": SATISFIED,
        },
        {"closed_in_time": BY_THE_LIMIT, "closed_in_time_unknown": BY_THE_LIMIT_UNKNOWN},
    ),
    "litigation": Sums(
        {
            "events": (ONE, NONE),
            "settled_or_withdrawn": (flag(c.outcome.is_in(["settled", "dropped"])), flag(c.outcome != "unsolved")),
            "diverted": (flag(c.diverted), known(c.diverted)),
            "diverted_unknown": silent("diverted"),
        }
    ),
    "requests": Sums(
        {
            "events": (ONE, NONE),
            "repeated": (flag(c.repeated), known(c.repeated)),
            "repeated_unknown": silent("repeated"),
            "satisfied": SATISFIED,
            "closed_in_grid": (flag(c.resolved_level == "grid"), known(c.resolved_level)),
        },
        {"closed_in_time": BY_THE_LIMIT, "closed_in_time_unknown": BY_THE_LIMIT_UNKNOWN},
    ),
    "public_opinion": Sums(
        {"events": (ONE, NONE), "reach": (amount("reach"), NONE), "reach_unknown": silent("reach")},
        {"answered_in_time": BY_THE_LIMIT, "answered_in_time_unknown": BY_THE_LIMIT_UNKNOWN},
    ),
    "key_groups": Sums(
        {
            "events": (ONE, NONE),
            "incidents": (flag(~VISIT), flag(VISIT)),
            "minors": (amount("minors"), NONE),
            "minors_unknown": silent("minors", VISIT),
        },
        {"coverage": (flag(c.resolved_at.is_not_null() | (c.outcome == "visited")), ONE)},
    ),
}


def panel(workspace: Path, out: Path) -> None:
    for domain in DOMAINS:
        files = live_files(workspace / "lake" / domain)
        if files:
            increments(domain, signed(files, time_zone(workspace))).sink_parquet(out / f"{domain}.parquet", compression="zstd")


def signed(files: list[str], zone: str) -> pl.LazyFrame:
    """A version counts from its own recorded day to that of the next version of its event."""
    next_day = c.recorded_day.shift(-1).over("event_id", order_by=["recorded_at", "batch_id"])
    versions = pl.scan_parquet(files).with_columns(recorded_day=c.recorded_at.dt.convert_time_zone(zone).dt.date())
    chain = versions.with_columns(superseded_day=next_day).filter(~c.withdrawn)
    begins = chain.with_columns(sign=ONE)
    ends = chain.filter(c.superseded_day.is_not_null()).with_columns(recorded_day=c.superseded_day, sign=-ONE)
    return pl.concat([begins, ends])


def increments(domain: str, rows: pl.LazyFrame) -> pl.LazyFrame:
    sums = SUMS[domain]
    parts = long(rows, c.day, sums.occurred)
    if sums.due:
        parts += long(rows.filter(c.due_day.is_not_null()), c.due_day, sums.due)
    every = pl.concat(parts).filter((c.num != 0) | (c.den != 0))
    return every.select(
        "day", "recorded_day", "area_code", pl.lit(domain).alias("domain"), "indicator", "category", "num", "den"
    ).sort(SORT)


def long(rows: pl.LazyFrame, day: pl.Expr, sums: dict) -> list[pl.LazyFrame]:
    """One grouped sum for all indicators, then one row for each of them."""
    keys = [day.alias("day"), c.recorded_day, c.area_code, c.category]
    wide = rows.group_by(keys).agg(
        *((num * c.sign).sum().alias(f"{name}/num") for name, (num, _) in sums.items()),
        *((den * c.sign).sum().alias(f"{name}/den") for name, (_, den) in sums.items()),
    )
    return [
        wide.select(
            "day", "recorded_day", "area_code", "category", pl.lit(name).alias("indicator"),
            c(f"{name}/num").alias("num"), c(f"{name}/den").alias("den"),
        )
        for name in sums
    ]


if __name__ == "__main__":
    measured(lambda: panel(Path(sys.argv[1]), Path(sys.argv[2])))
