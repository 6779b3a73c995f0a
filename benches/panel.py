#!/usr/bin/env python3
"""The panel step by pingan, DuckDB and Polars: the same live Parquet files in, the same panel out.

    benches/county DIR
    python3 -m venv .venv && .venv/bin/pip install -r benches/panel-requirements.txt
    PINGAN=target/release/pingan .venv/bin/python benches/panel.py DIR
    .venv/bin/python benches/panel.py --check DIR

Each engine builds the panel of all ten domains three times with two threads, in turn, and writes it as sorted zstd Parquet; the medians are printed.
Then the three panels are compared cell by cell. pingan builds inside `nightly`, so the tables `panel`, `coverage`, `scores` and `contributions` of DIR are removed
and come out anew, and its cost is the sum of its `step panel/…` lines under `-v`; its peak memory is that of the whole night.
With `--check` the two others build theirs once, and the lake's own panel is compared with them as it lies there; nothing is timed.
Exit code 1 where the panels differ.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

from lake import DOMAINS, KEYS, THREADS, live_files, time_zone

HERE = Path(__file__).resolve().parent
STEP = re.compile(r"step panel/\S+ ([\d.]+) s cpu ([\d.]+) s")
REBUILT = ("panel", "coverage", "scores", "contributions")
AIM = 1.2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path, help="folder that benches/county made; with --check any workspace")
    parser.add_argument("--check", action="store_true", help="only compare the panel that is there")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    pingan = Path(os.environ.get("PINGAN", HERE.parent / "target/release/pingan")).resolve()
    workspace = args.workspace.resolve()
    if args.check:
        return check(workspace)
    night = last_day(workspace)
    with tempfile.TemporaryDirectory(prefix="pingan-panel-") as folder:
        outs = {name: Path(folder) / name for name in ("duckdb", "polars")}
        engines = {
            "pingan": lambda: by_pingan(pingan, workspace, night),
            "duckdb": lambda: by_script("panel_duckdb.py", workspace, outs["duckdb"]),
            "polars": lambda: by_script("panel_polars.py", workspace, outs["polars"]),
        }
        costs = {name: [] for name in engines}
        for _ in range(args.rounds):
            for name, build in engines.items():
                costs[name].append(build())
                print(f"{name}: {costs[name][-1]['wall']:.2f} s", flush=True)
        same = compare(workspace, outs)
    report(costs)
    return 0 if same else 1


def check(workspace: Path) -> int:
    with tempfile.TemporaryDirectory(prefix="pingan-panel-") as folder:
        outs = {name: Path(folder) / name for name in ("duckdb", "polars")}
        for name, out in outs.items():
            by_script(f"panel_{name}.py", workspace, out)
        return 0 if compare(workspace, outs) else 1


def last_day(workspace: Path) -> str:
    """The night to run: the last day on which anything was recorded."""
    at = [f"select max(recorded_at) as known from read_parquet({live_files(workspace / 'lake' / d)})" for d in DOMAINS]
    last = f"select cast(timezone('{time_zone(workspace)}', max(known)) as date) from ({' union all '.join(at)})"
    return str(duckdb.sql(last).fetchall()[0][0])


def by_pingan(pingan: Path, workspace: Path, night: str) -> dict:
    for table in REBUILT:
        shutil.rmtree(workspace / "lake" / table, ignore_errors=True)
    log = workspace / "nightly-panel.log"
    with log.open("wb") as out:
        child = subprocess.Popen(
            [pingan, "-w", workspace, "-v", "--threads", str(THREADS), "nightly", "--date", night], stdout=subprocess.DEVNULL, stderr=out
        )
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    text = log.read_text(errors="replace")
    steps = [(float(wall), float(cpu)) for wall, cpu in STEP.findall(text)]
    if child.returncode != 0 or len(steps) != len(DOMAINS):
        sys.exit(f"pingan nightly ended with {child.returncode} and told {len(steps)} panel steps:\n{text[-2000:]}")
    return {"wall": sum(s[0] for s in steps), "cpu": sum(s[1] for s in steps), "peak": usage.ru_maxrss * 1024}


def by_script(script: str, workspace: Path, out: Path) -> dict:
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    done = subprocess.run([sys.executable, HERE / script, workspace, out], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{script} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def compare(workspace: Path, outs: dict) -> bool:
    """Rows of each panel, and rows of pingan's that another has not, or has otherwise, in both directions."""
    columns = ", ".join([*KEYS, "num", "den"])
    panels = {"pingan": live_files(workspace / "lake" / "panel")}
    panels |= {name: [str(p) for p in sorted(out.glob("*.parquet"))] for name, out in outs.items()}
    for name, files in panels.items():
        duckdb.sql(f"create or replace temp table {name}_panel as select {columns} from read_parquet({files})")
        rows, num, den = duckdb.sql(f"select count(*), sum(num), sum(den) from {name}_panel").fetchall()[0]
        print(f"{name}: {rows:,} rows, num {num:,}, den {den:,}")
    same = True
    for name in outs:
        ours, theirs = "pingan_panel", f"{name}_panel"
        missing = duckdb.sql(f"select count(*) from (from {ours} except all from {theirs})").fetchall()[0][0]
        extra = duckdb.sql(f"select count(*) from (from {theirs} except all from {ours})").fetchall()[0][0]
        print(f"pingan and {name}: {missing} rows only in pingan's, {extra} only in {name}'s")
        same = same and missing == 0 and extra == 0
        if missing or extra:
            print(duckdb.sql(f"from {ours} except all from {theirs} order by all limit 5"))
            print(duckdb.sql(f"from {theirs} except all from {ours} order by all limit 5"))
    return same


def report(costs: dict) -> None:
    print(f"\n{'engine':<8} {'wall s':>8} {'CPU s':>8} {'peak MiB':>9}   medians of {len(costs['pingan'])}, {THREADS} threads")
    medians = {name: {k: statistics.median(run[k] for run in runs) for k in ("wall", "cpu", "peak")} for name, runs in costs.items()}
    for name, m in medians.items():
        print(f"{name:<8} {m['wall']:>8.2f} {m['cpu']:>8.2f} {m['peak'] / 2**20:>9.0f}")
    for name in ("duckdb", "polars"):
        wall, cpu = (medians["pingan"][k] / medians[name][k] for k in ("wall", "cpu"))
        aim = f" (aim {AIM} or less)" if name == "duckdb" else ""
        print(f"pingan / {name}: wall {wall:.2f}{aim}, CPU {cpu:.2f}")


if __name__ == "__main__":
    sys.exit(main())
