#!/usr/bin/python3
"""Checks that every place that docs/INVARIANTS.md names is there: each `path` is a file, each `path:name` stands in it.

usage: invariants.py [TREE]; prints line and what is missing, exit 1 when there is any.
"""
import os
import re
import sys

PLACE = re.compile(r"`([A-Za-z0-9_./-]+\.[A-Za-z0-9]+)(?::([A-Za-z_][A-Za-z0-9_]*))?`")


def missing_of(tree, path, name):
    file = os.path.join(tree, path)
    if not os.path.isfile(file):
        return f"there is no {path}"
    if name:
        with open(file, encoding="utf-8") as text:
            if not re.search(rf"\b{re.escape(name)}\b", text.read()):
                return f"{path} has no {name}"
    return None


def main():
    tree = sys.argv[1] if len(sys.argv) > 1 else "."
    bad = 0
    number = 0
    with open(os.path.join(tree, "docs/INVARIANTS.md"), encoding="utf-8") as text:
        lines = text.read().split("\n")
    for row, line in enumerate(lines, 1):
        started = re.match(r"(\d+)\. ", line)
        if started and int(started.group(1)) != number + 1:
            print(f"docs/INVARIANTS.md:{row}: expected number {number + 1}")
            bad += 1
        if started:
            number = int(started.group(1))
        for path, name in PLACE.findall(line):
            if "/" not in path:
                continue
            missing = missing_of(tree, path, name)
            if missing:
                print(f"docs/INVARIANTS.md:{row}: {missing}")
                bad += 1
    if number == 0:
        print("docs/INVARIANTS.md: no invariants were found")
        bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
