# `just` lists these. The two that matter stand in README.md: the demo and the tests.

quick_levels := "--config profile.release.package.lake.opt-level=0 " + \
    "--config profile.release.package.methods.opt-level=0 " + \
    "--config profile.release.package.pingan.opt-level=0 " + \
    "--config profile.release.package.render.opt-level=0"

default:
    @just --list

# the main job on the bundled sample
demo DIR="pingan-demo":
    cargo run --release -- demo {{DIR}}

# every test
test *ARGS:
    cargo test --release --workspace {{ARGS}}

# quick look for mistakes
check:
    cargo fmt --all --check
    cargo clippy --release --workspace --all-targets -- -D warnings

# a build or test with the crates of this repository compiled quickly instead of well, in the
# same target folder: `just quick test --release --lib warn`
quick *ARGS:
    cargo {{ quick_levels }} {{ARGS}}

# what must pass before landing
ci:
    bash .ci/run

# real data of Tainan, from the folder that holds it, into a new workspace
tainan WORKSPACE DATA:
    cargo build --release
    PINGAN=target/release/pingan data-samples/tainan/run {{WORKSPACE}} {{DATA}}

# a county of 1,480,000 events, and the night after it
bench-county DIR:
    cargo build --release
    PINGAN=target/release/pingan benches/county {{DIR}}

# a province of 1,400 townships × 60 months × 60 indicators, beside numpy and pandas
bench-province DIR PYTHON=".venv/bin/python":
    cargo build --release
    PINGAN=target/release/pingan {{PYTHON}} benches/province.py {{DIR}}

# the bundled sample, made anew
sample:
    rm -rf data-samples/yumen
    cargo run --release -- synth data-samples/yumen --county 620981 --from 2023-01-01 --to 2026-01-31 --events 40000 --seed 20

# the division codes, made anew
divisions:
    python3 data/divisions/build.py
