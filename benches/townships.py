"""A workspace of many townships: one simulated county, repeated under other codes.

usage: python3 benches/townships.py COUNTY NEW [TIMES]

COUNTY is a workspace that `pingan synth` made with Parquet files alone in its inbox; NEW gets its
settings, a province of TIMES such counties (88 by default: 1,400 townships of a county of 16), and
in its inbox every event once for each. Needs pyarrow.
"""

import csv
import shutil
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

PROVINCE = "99"


def code_of(n):
    return f"{PROVINCE}{n:04d}"


def areas(county, new, root, times):
    with open(county / "areas.csv", newline="", encoding="utf8") as file:
        rows = list(csv.DictReader(file))
    with open(new / "areas.csv", "w", newline="", encoding="utf8") as file:
        out = csv.DictWriter(file, rows[0].keys())
        out.writeheader()
        blank = dict.fromkeys(rows[0], "")
        out.writerow(blank | {"code": PROVINCE, "name": "模拟省", "level": "province"})
        for n in range(times):
            for row in rows:
                mine = {
                    "code": code_of(n) + row["code"][len(root):],
                    "name": f"{row['name']}{n + 1}",
                    "parent": code_of(n) + row["parent"][len(root):] if row["parent"] else PROVINCE,
                    "aliases": "",
                }
                if row["lon"]:
                    mine["lon"] = f"{70 + n % 40 + float(row['lon']) % 1:.4f}"
                out.writerow(row | mine)


def moved(table, root, n):
    """The rows as county n has them."""
    schema = table.schema
    for name in ("area_code", "grid_code"):
        at = table.column_names.index(name)
        codes = pc.replace_substring(table[name], root, code_of(n), max_replacements=1)
        table = table.set_column(at, name, codes)
    ids = pc.binary_join_element_wise(table["event_id"], pa.scalar(str(n)), "/")
    return table.set_column(schema.get_field_index("event_id"), "event_id", ids).cast(schema)


def main():
    county, new = Path(sys.argv[1]), Path(sys.argv[2])
    times = int(sys.argv[3]) if len(sys.argv) > 3 else 88
    (new / "inbox").mkdir(parents=True)
    settings = (county / "pingan.toml").read_text("utf8")
    root = next(line for line in settings.splitlines() if line.startswith("county")).split('"')[1]
    (new / "pingan.toml").write_text(settings.replace(root, PROVINCE), "utf8")
    areas(county, new, root, times)
    for folder in ("mappings", "models"):
        if (county / folder).is_dir():
            shutil.copytree(county / folder, new / folder)
    for file in sorted((county / "inbox").glob("*.parquet")):
        table = pq.read_table(file)
        with pq.ParquetWriter(new / "inbox" / file.name, table.schema, compression="zstd") as out:
            for n in range(times):
                out.write_table(moved(table, root, n))


main()
