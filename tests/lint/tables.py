#!/usr/bin/python3
"""Numbers of the .def tables: unique in their table and never 0; names unique as well."""
import glob
import os
import re
import sys

TREE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
ROW = re.compile(r"^([A-Z]+)\((\d+),\s*(\w+)", re.M)


def check(text, name):
    seen = {}
    rows = ROW.findall(text)
    for table, number, word in rows:
        if int(number) == 0:
            yield f"{name}: {table} {word}: 0 means none and cannot be a number"
        for key in ((table, int(number)), (table, word)):
            if key in seen:
                yield f"{name}: {table}: {key[1]} stands twice: {seen[key]} and {word}"
            seen[key] = word


def main():
    wrong, count = [], 0
    for path in sorted(glob.glob(os.path.join(TREE, "schema", "*.def"))):
        with open(path, encoding="utf-8") as file:
            text = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group()), file.read(), flags=re.S)
        count += len(ROW.findall(text))
        wrong += check(text, os.path.basename(path))
    print("\n".join(wrong) if wrong else f"tables: {count} rows, every number once")
    return 1 if wrong or count < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
