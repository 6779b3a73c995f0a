"""What every engine of benches/panel.py shares: which files are live, and how a run is measured."""

import json
import os
import resource
import time
import tomllib
from pathlib import Path
from urllib.parse import unquote

DOMAINS = (
    "public_order fraud_crime traffic public_safety disputes petitions litigation requests public_opinion key_groups".split()
)
KEYS = ["day", "recorded_day", "area_code", "domain", "indicator", "category"]
# The order in which pingan writes the panel's rows, so that statistics prune: the others have to do the same work.
SORT = ["indicator", "day", "area_code", "category", "recorded_day"]
THREADS = 2


def live_files(table: Path) -> list[str]:
    """Files of a Delta table that its log says are live. The lake's log is never cleaned, so its JSON is all of it."""
    live = {}
    for commit in sorted((table / "_delta_log").glob("*.json")):
        for line in commit.read_text().splitlines():
            action = json.loads(line)
            if "add" in action:
                live[action["add"]["path"]] = True
            elif "remove" in action:
                live.pop(action["remove"]["path"], None)
    return [str(table / unquote(path)) for path in sorted(live)]


def time_zone(workspace: Path) -> str:
    return tomllib.loads((workspace / "pingan.toml").read_text()).get("time_zone", "Asia/Shanghai")


def measured(work) -> None:
    """Runs `work` and prints its cost as JSON; interpreter and imports are not counted, as a program's own start is not."""
    cpu_before, start = cpu(), time.monotonic()
    work()
    wall = time.monotonic() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"wall": wall, "cpu": cpu() - cpu_before, "peak": peak}))


def cpu() -> float:
    times = os.times()
    return times.user + times.system
