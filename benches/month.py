"""Seconds and peak memory of `report month` and `site` on a workspace whose nights have been run.

usage: python3 benches/month.py WORKSPACE MONTH AS_OF [RUNS]      (pingan from $PINGAN or the PATH)
"""

import os
import resource
import subprocess
import sys
import tempfile
import time


def once(arguments):
    """Wall clock, CPU seconds of all threads, and exit of one run."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(arguments, stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)}: exit {done.returncode}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.monotonic() - began, cpu, after.ru_maxrss / 1024


def main():
    workspace, month, as_of = sys.argv[1:4]
    runs = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    pingan = [os.environ.get("PINGAN", "pingan"), "-q", "-w", workspace, "--as-of", as_of]
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "report month": [*pingan, "report", "month", month],
            "site": [*pingan, "site", os.path.join(folder, "site")],
        }
        print("| | s | CPU s | peak MiB of all so far |\n|---|---:|---:|---:|")
        for name, arguments in commands.items():
            measured = sorted(once(arguments) for _ in range(runs))
            wall, cpu, peak = measured[len(measured) // 2]
            print(f"| {name} | {wall:.1f} | {cpu:.1f} | {peak:.0f} |")


main()
