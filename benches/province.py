#!/usr/bin/env python3
"""A province in one `index`, beside numpy and pandas: 1,400 townships × 60 months × 60 indicators, intervals of 1,000 draws.

    python3 -m venv .venv && .venv/bin/pip install -r benches/requirements.txt
    PINGAN=target/release/pingan .venv/bin/python benches/province.py DIR

Makes DIR with a simulated province (province_data.py), runs `pingan index` over all its months, goalposts and priors included, then the same stages
by province_numpy.py on the same panel, in two ways: plain pandas, a draw at a time as COINr regenerates its index, and numpy arrays written for
speed. All 60,000 draws would take those hours and many minutes: they score all months, but draw for a few, and the cost of their draws alone is
scaled up, in proportion to months × draws. A DIR that an earlier run made is scored anew, with the goalposts it froze. Exit code 1 where an aim is
missed or the results differ.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import province_data
from lake import THREADS

HERE = Path(__file__).resolve().parent
DRAWS = 1000
AIM_PEAK, AIM_RATIO = 2 * 2**30, 20
# Points of score: exact for the score itself; for the ends of intervals what draws of two generators leave, on average.
SCORE_APART, INDEX_APART, DOMAIN_APART = 1e-9, 0.5, 1.0


@dataclass
class Cost:
    wall: float
    cpu: float
    peak: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dir", type=Path, help="folder to work in, kept")
    parser.add_argument("--townships", type=int, default=1400)
    parser.add_argument("--months", type=int, default=60, help="24 or more")
    parser.add_argument("--arrays", type=sample, default="3x1000", metavar="MxD", help="months × draws of the arrays (default 3x1000)")
    parser.add_argument("--frames", type=sample, default="1x200", metavar="MxD", help="months × draws of the frames (default 1x200)")
    args = parser.parse_args()
    pingan = Path(os.environ.get("PINGAN", HERE.parent / "target/release/pingan")).resolve()
    if not pingan.is_file():
        sys.exit(f"there is no {pingan}: run `cargo build --release`, or set PINGAN")
    if not (args.dir / "pingan.toml").is_file():
        start = time.monotonic()
        rows = province_data.make(args.dir, args.townships, args.months)
        print(f"province: {args.townships:,} townships, {args.months} months, panel of {rows:,} rows, {time.monotonic() - start:.1f} s", flush=True)
    ours = by_pingan(pingan, args.dir)
    print(f"pingan: {ours.wall:.1f} s", flush=True)
    theirs = {}
    for way, (months, draws) in (("arrays", args.arrays), ("frames", args.frames)):
        theirs[way] = by_numpy(args.dir, way, months, draws)
        print(f"{way}, {theirs[way]['months']} months × {draws} draws: {theirs[way]['stages']['draws']['wall']:.1f} s", flush=True)
    same = agree(theirs["arrays"])
    return 0 if report(ours, theirs) and same else 1


def sample(text: str) -> tuple[int, int]:
    months, draws = text.split("x")
    return int(months), int(draws)


def by_pingan(pingan: Path, folder: Path) -> Cost:
    shutil.rmtree(folder / "lake" / "scores", ignore_errors=True)
    first, last = province_data.span(folder)
    command = [pingan, "-w", folder, "--as-of", last, "--threads", str(THREADS), "index", "--from", first, "--to", last]
    log = folder / "index.log"
    with log.open("wb") as out:
        start = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=out)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"pingan index ended with {child.returncode}:\n{log.read_text(errors='replace')[-2000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def by_numpy(folder: Path, way: str, months: int, draws: int) -> dict:
    command = [sys.executable, HERE / "province_numpy.py", folder, "--with", way, "--months", str(months), "--draws", str(draws)]
    threads = {name: str(THREADS) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | threads)
    if done.returncode != 0:
        sys.exit(f"province_numpy.py failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def agree(done: dict) -> bool:
    """Whether both tell the same: scores and ranks exactly, the intervals' ends as far as their draws let them."""
    print(
        f"\npingan wrote {done['rows']:,} rows of scores, {done['uncovered']} of them not fully covered. Beside numpy: scores differ by "
        f"{done['score']:.1e} at most, {done['only one']} stand in one only, {done['ranks']} ranks differ"
    )
    for kind in ("index", "domain"):
        ends = ", ".join(f"{end} {done[f'{end} {kind}']:.2f}" for end in ("score_lo", "score_hi", "rank_lo", "rank_hi"))
        print(f"90 % intervals of the {kind}, mean absolute difference at {done['draws']} draws: {ends}")
    exact = done["score"] <= SCORE_APART and not (done["only one"] or done["ranks"] or done["intervals only one"] or done["uncovered"])
    close = all(done[f"{end} {kind}"] < most for kind, most in (("index", INDEX_APART), ("domain", DOMAIN_APART)) for end in ("score_lo", "score_hi"))
    print("the results agree" if exact and close else "the results DIFFER")
    return exact and close


def report(ours: Cost, theirs: dict) -> bool:
    print(f"\n{'':<8} {'all stages':>21} {'without draws':>21} {'draws as run':>23} {'of all':>8} {'peak':>7} {'them / pingan':>15}")
    print(f"{'':<8} {'wall s':>10} {'CPU s':>10} {'wall s':>10} {'CPU s':>10} {'wall s':>12} {'CPU s':>10} {'':>8} {'MiB':>7} {'wall':>7} {'CPU':>7}")
    print(f"{'pingan':<8} {ours.wall:>10.2f} {ours.cpu:>10.2f} {'':>54} {ours.peak / 2**20:>7.0f}")
    ratios = {}
    for way, done in theirs.items():
        draws, scale = done["stages"]["draws"], done["periods"] * DRAWS / (done["months"] * done["draws"])
        rest = {cost: sum(stage[cost] for name, stage in done["stages"].items() if name != "draws") for cost in ("wall", "cpu")}
        all_of = {cost: rest[cost] + draws[cost] * scale for cost in rest}
        ratios[way] = all_of["wall"] / ours.wall
        share, slower = f"1/{scale:.4g}", f"{ratios[way]:>7.1f} {all_of['cpu'] / ours.cpu:>7.1f}"
        print(
            f"{way:<8} {all_of['wall']:>10.1f} {all_of['cpu']:>10.1f} {rest['wall']:>10.2f} {rest['cpu']:>10.2f} {draws['wall']:>12.2f} "
            f"{draws['cpu']:>10.2f} {share:>8} {done['peak'] / 2**20:>7.0f} {slower}"
        )
    print("\n`all stages` of frames and arrays is reckoned, not run: without draws + draws as run × the inverse of `of all`.")
    fine = [ours.peak < AIM_PEAK, *(ratio >= AIM_RATIO for ratio in ratios.values())]
    print(f"peak memory of pingan: {ours.peak / 2**30:.2f} GiB (aim below 2): {told(fine[0])}")
    for way, reached in zip(ratios, fine[1:]):
        print(f"pingan {ratios[way]:.1f} × as fast as {way} (aim {AIM_RATIO}): {told(reached)}")
    return all(fine)


def told(fine: bool) -> str:
    return "reached" if fine else "MISSED"


if __name__ == "__main__":
    sys.exit(main())
