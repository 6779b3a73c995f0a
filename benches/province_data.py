"""The simulated province of benches/province.py: a register, a model of sixty indicators, and a panel as pingan would have written it.

Only what `pingan index` reads is made, no events: the panel's Delta table is laid out as pingan's own (files of one domain, in its order, in its
sizes, with statistics in the log). Everything follows from one seed.
"""

import json
import uuid
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lake import DOMAINS

FIRST = date(2021, 1, 1)
SEED = 1
YEAR = 365.25
ROWS_PER_FILE, ROWS_PER_GROUP = 262_144, 32_768
# Townships whose daily counts of events show that a feed delivered.
REPORTING = 5
WEIGHTS = (14, 14, 12, 12, 14, 10, 8, 6, 5, 5)
SCHEMA = pa.schema([
    pa.field("day", pa.date32(), False), pa.field("recorded_day", pa.date32(), False),
    *(pa.field(name, pa.string(), False) for name in ("area_code", "domain", "indicator", "category")),
    *(pa.field(name, pa.int64(), False) for name in ("num", "den")),
])


@dataclass
class Indicator:
    """`mean` and the areas' relative spread `cv` say what is drawn; `cases` a person and year are what proportions and ratios are held against."""

    id: str
    kind: str
    exposure: str
    mean: float
    cv: float
    cases: float
    polarity: str
    weight: int


# Six a domain; rates per exposure and year. Small townships have months without a case.
INDICATORS = (
    Indicator("m1", "rate", "population", 60e-4, 0.5, 0, "-", 3),
    Indicator("m2", "rate", "population", 8e-4, 0.7, 0, "-", 2),
    Indicator("m3", "rate", "vehicles", 120e-4, 0.5, 0, "-", 2),
    Indicator("m4", "proportion", "", 0.8, 0.12, 120e-4, "+", 2),
    Indicator("m5", "proportion", "", 0.1, 0.6, 60e-4, "-", 1),
    Indicator("m6", "ratio", "", 0.3, 0.5, 80e-4, "-", 1),
)
# The third rate of a domain is held against this.
THIRD_EXPOSURE = {"public_safety": "enterprises", "disputes": "households", "petitions": "households", "requests": "households"}


def make(folder: Path, townships: int, months: int) -> int:
    """Makes the workspace, a new folder; says how many rows the panel has."""
    rng = np.random.default_rng(SEED)
    (folder / "models").mkdir(parents=True)
    (folder / "pingan.toml").write_text('name = "模拟省"\ncounty = "62"\n')
    (folder / "models" / "index.toml").write_text(model())
    areas = register(rng, townships)
    areas.to_csv(folder / "areas.csv", index=False, float_format="%.0f")
    return write_panel(folder / "lake" / "panel", rng, areas[areas.level == "township"], months)


def days_of(months: int) -> tuple[np.ndarray, np.ndarray]:
    """First day and length of each month."""
    first = np.datetime64(FIRST, "M") + np.arange(months + 1)
    starts = first.astype("datetime64[D]")
    return starts[:-1], np.diff(starts).astype(int)


def span(folder: Path) -> tuple[str, str]:
    """First and last day of a province's panel."""
    actions = map(json.loads, (folder / "lake" / "panel" / "_delta_log" / f"{0:020}.json").read_text().splitlines())
    stats = [json.loads(action["add"]["stats"]) for action in actions if "add" in action]
    return min(s["minValues"]["day"] for s in stats), max(s["maxValues"]["day"] for s in stats)


def register(rng: np.random.Generator, townships: int) -> pd.DataFrame:
    """Populations log-normal about 20,000, the rest in proportion with a spread of its own."""
    n = np.arange(townships)
    population = np.round(np.exp(rng.normal(np.log(20_000), 0.8, townships))).clip(500)
    per_person = {"households": 0.36, "vehicles": 0.25, "enterprises": 0.02}
    parts = {k: np.round(population * share * np.exp(rng.normal(0, 0.3, townships))).clip(5) for k, share in per_person.items()}
    below = pd.DataFrame({
        "code": [f"{620_100 + i // 20}{100 + i % 20}" for i in n], "name": [f"第{i + 1}乡" for i in n], "level": "township", "parent": "62",
        "population": population, **parts,
    })
    return pd.concat([pd.DataFrame({"code": ["62"], "name": ["模拟省"], "level": ["province"], "parent": [""]}), below], ignore_index=True)


def model() -> str:
    head = (
        'name = "模拟省指数"\nlevel = "township"\n\n[reference]\nmonths = 24\nlow = 0.05\nhigh = 0.95\n\n'
        "[coverage]\nindicator = 0.5\nindex = 0.6\n\n[uncertainty]\ndraws = 1000\n"
    )
    bands = [("绿", 70, "#2e8b57"), ("蓝", 55, "#3a6ea5"), ("黄", 40, "#d9a400"), ("橙", 25, "#e07b00"), ("红", 0, "#c0392b")]
    text = head + "".join(f'\n[[band]]\nname = "{name}"\nfrom = {low}\ncolour = "{colour}"\n' for name, low, colour in bands)
    for domain, weight in zip(DOMAINS, WEIGHTS):
        text += f'\n[[domain]]\nid = "{domain}"\nweight = {weight}\n'
        for i in INDICATORS:
            against = f'exposure = ["{exposure(domain, i)}"]\n' if i.kind == "rate" else ""
            per = {"rate": 10_000, "ratio": 100, "proportion": 1}[i.kind]
            text += (
                f'\n[[domain.indicator]]\nid = "{i.id}"\nlabel = "{i.id}"\nmeasure = "{i.id}"\nkind = "{i.kind}"\n{against}'
                f'per = {per}\npolarity = "{i.polarity}"\nweight = {i.weight}\n'
            )
    return text


def exposure(domain: str, indicator: Indicator) -> str:
    third = THIRD_EXPOSURE.get(domain, indicator.exposure)
    return third if indicator.id == "m3" else indicator.exposure


def write_panel(table: Path, rng: np.random.Generator, areas: pd.DataFrame, months: int) -> int:
    (table / "_delta_log").mkdir(parents=True)
    adds, rows = [], 0
    for domain in DOMAINS:
        panel = domain_panel(rng, domain, areas, months)
        rows += panel.num_rows
        slices = [panel.slice(start, ROWS_PER_FILE) for start in range(0, panel.num_rows, ROWS_PER_FILE)]
        adds.extend(add(table, domain, number, part) for number, part in enumerate(slices))
    kinds = {"date32[day]": "date", "string": "string", "int64": "long"}
    fields = [{"name": f.name, "type": kinds[str(f.type)], "nullable": False, "metadata": {}} for f in SCHEMA]
    meta = {
        "id": str(uuid.UUID(int=SEED)), "name": "panel", "format": {"provider": "parquet", "options": {}},
        "schemaString": json.dumps({"type": "struct", "fields": fields}), "partitionColumns": [],
        "configuration": {"delta.enableExpiredLogCleanup": "false"}, "createdTime": 0,
    }
    actions = [{"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}, {"metaData": meta}, *adds]
    (table / "_delta_log" / f"{0:020}.json").write_text("".join(json.dumps(action) + "\n" for action in actions))
    return rows


def domain_panel(rng: np.random.Generator, domain: str, areas: pd.DataFrame, months: int) -> pa.Table:
    """One domain's rows in pingan's order: six measures, each township's month on one day of it, and the feed's counts of events, day by day."""
    starts, lengths = days_of(months)
    shape = (len(areas), months)
    parts = []
    for number, indicator in enumerate(INDICATORS):
        num, den = counts(rng, domain, indicator, areas, lengths)
        day = starts + rng.integers(0, lengths, shape)
        area = np.broadcast_to(np.arange(len(areas))[:, None], shape)
        told = (num > 0) | (den > 0)
        parts.append((np.full(told.sum(), number + 1), day[told], area[told], num[told], den[told]))
    every = np.arange(starts[0], starts[-1] + lengths[-1])
    reporting = min(REPORTING, len(areas))
    feed = rng.poisson(100, (len(every), reporting)).ravel()
    parts.insert(0, (np.zeros(feed.size, int), np.repeat(every, reporting), np.tile(np.arange(reporting), len(every)), feed, 0 * feed))
    measure, day, area, num, den = (np.concatenate(column) for column in zip(*parts))
    order = np.lexsort((area, day, measure))
    names = ["events", *(i.id for i in INDICATORS)]
    days, same = pa.array(day[order].astype("datetime64[D]")), np.zeros(len(order), int)
    columns = [
        days, days, text(area[order], areas.code), text(same, [domain]), text(measure[order], names), text(same, ["all"]),
        pa.array(num[order].astype(np.int64)), pa.array(den[order].astype(np.int64)),
    ]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def text(codes: np.ndarray, values: list[str] | pd.Series) -> pa.Array:
    return pa.array(values, pa.string()).take(pa.array(codes))


def counts(rng: np.random.Generator, domain: str, of: Indicator, areas: pd.DataFrame, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numerators and denominators, townships × months, about rates that differ between townships."""
    years = lengths / YEAR
    if of.kind == "proportion":
        strength = (1 - of.mean) / (of.mean * of.cv**2) - 1
        own = rng.beta(of.mean * strength, (1 - of.mean) * strength, len(areas))
    else:
        own = of.mean * rng.gamma(1 / of.cv**2, of.cv**2, len(areas))
    if of.kind == "rate":
        # Enterprises are few: what happens to them happens oftener.
        scale = areas.population.sum() / areas[exposure(domain, of)].sum() / 4 if of.id == "m3" else 1
        num = rng.poisson(np.outer(own * areas[exposure(domain, of)], years) * scale)
        return num, np.zeros_like(num)
    den = rng.poisson(np.outer(of.cases * areas.population, years))
    return (rng.binomial(den, own[:, None]) if of.kind == "proportion" else rng.poisson(own[:, None] * den)), den


def add(table: Path, domain: str, number: int, rows: pa.Table) -> dict:
    """Writes one data file and returns its action."""
    name = f"part-{domain}-{number:05}.zstd.parquet"
    pq.write_table(rows, table / name, compression="zstd", compression_level=1, row_group_size=ROWS_PER_GROUP)
    bounds = {column: pc.min_max(rows[column]).as_py() for column in SCHEMA.names}
    least, most = ({column: told(bounds[column][end]) for column in bounds} for end in ("min", "max"))
    stats = {"numRecords": rows.num_rows, "minValues": least, "maxValues": most, "nullCount": {column: 0 for column in bounds}}
    size = (table / name).stat().st_size
    return {"add": {"path": name, "partitionValues": {}, "size": size, "modificationTime": 0, "dataChange": True, "stats": json.dumps(stats)}}


def told(value: date | str | int) -> str | int:
    return value.isoformat() if isinstance(value, date) else value
