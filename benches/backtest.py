"""Time and memory of `backtest weights`, by origins and sets of weights.

usage: PINGAN=target/release/pingan python3 benches/backtest.py DIR AS_OF [MONTH …]

DIR is a workspace whose nights have been run up to AS_OF; each MONTH is a first origin (all of them
by default). Sets of weights are drawn at random.
"""

import os
import random
import resource
import subprocess
import sys
import tempfile
import time

DOMAINS = (
    "public_order fraud_crime traffic public_safety disputes petitions litigation requests "
    "public_opinion key_groups"
).split()


def sets(path, count):
    draw = random.Random(1)
    with open(path, "w", encoding="utf8") as file:
        file.write(",".join(["name", *DOMAINS]) + "\n")
        for n in range(count):
            file.write(",".join([f"set{n}", *(f"{draw.random():.3f}" for _ in DOMAINS)]) + "\n")


def once(command):
    """Wall clock, CPU seconds, and the last line that counts the origins."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode == 2:
        sys.exit(done.stderr)
    judged = next(line for line in done.stdout.splitlines() if line.startswith("Target"))
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - began, cpu, after.ru_maxrss / 1024, judged.split("; ")[1]


def main():
    workspace, as_of, *months = sys.argv[1:]
    pingan = [os.environ.get("PINGAN", "pingan"), "-q", "-w", workspace, "--as-of", as_of]
    print("| from | sets | origins | s | CPU s | peak MiB of all so far |\n|---|---:|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "weights.csv")
        for month in months or [None]:
            for count in (10, 50):
                sets(path, count)
                command = [*pingan, "backtest", "weights", "--weights", path]
                command += ["--from", month] if month else []
                wall, cpu, peak, judged = once(command)
                origins = judged.split(" are judged")[0]
                print(f"| {month or 'the first'} | {count} | {origins} | {wall:.1f} | {cpu:.1f} | {peak:.0f} |")


main()
