"""The panel by DuckDB: the repository's own SQL, unchanged, over the chain of versions. `panel_duckdb.py WORKSPACE OUT`"""

import sys
from pathlib import Path

import duckdb

from lake import DOMAINS, SORT, THREADS, live_files, measured, time_zone

PIPELINES = Path(__file__).parent.parent / "pipelines"


def panel(workspace: Path, out: Path) -> None:
    base = duckdb.connect(config={"threads": THREADS})
    for domain in DOMAINS:
        files = live_files(workspace / "lake" / domain)
        if files:
            base.execute(increments(domain, files, time_zone(workspace), out / f"{domain}.parquet"))


def increments(domain: str, files: list[str], zone: str, out: Path) -> str:
    """A version counts from its own recorded day to that of the next version of its event."""
    pipeline = (PIPELINES / f"{domain}.sql").read_text()
    keys = "day, recorded_day, area_code, indicator, category"

    def signed(sign: str, rows: str) -> str:
        # The pipeline reads a table of the domain's name; a CTE around it is one.
        return f"select {keys}, {sign}num as num, {sign}den as den from (with {domain} as ({rows}) select * from ({pipeline}))"

    begins = "select * from chain where not withdrawn"
    ends = "select * replace (superseded_day as recorded_day) from chain where not withdrawn and superseded_day is not null"
    return f"""
        copy (
            with versions as (
                select *, cast(timezone('{zone}', recorded_at) as date) as recorded_day from read_parquet({files})
            ),
            chain as not materialized (
                select *, lead(recorded_day) over (partition by event_id order by recorded_at, batch_id) as superseded_day from versions
            )
            select day, recorded_day, area_code, '{domain}' as domain, indicator, category,
                cast(sum(num) as bigint) as num, cast(sum(den) as bigint) as den
            from ({signed("", begins)} union all {signed("-", ends)})
            group by {keys}
            having sum(num) <> 0 or sum(den) <> 0
            order by {", ".join(SORT)}
        ) to '{out}' (format parquet, compression zstd)"""


if __name__ == "__main__":
    measured(lambda: panel(Path(sys.argv[1]), Path(sys.argv[2])))
