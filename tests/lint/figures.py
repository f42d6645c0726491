#!/usr/bin/python3
"""docs/FIGURES.md defines every figure of figures/figures.def and no other; reeve(1) lists them with their meaning.

usage: figures.py [--write]; prints what differs, exit 1 when anything does; --write brings the manual's list up to date.
"""
import os
import re
import sys

TREE = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
ROW = re.compile(r'^(?:COUNT|MET|MISSED|SHARE|SUM|TIME)\((\w+),.*?"([^"]*)",\s*"([^"]*)",\s*"([^"]*)"\)$', re.M)
PART = re.compile(r'(\.\\" figures, written by tests/lint/figures.py --write\n).*?(\.\\" end of figures\n)', re.S)
DEFINED = re.compile(r"`(\w+)`(?: \||) ([\u4e00-\u9fff]+)")


def read(*path):
    with open(os.path.join(TREE, *path), encoding="utf-8") as file:
        return file.read()


def manual_part(rows):
    lines = [".Bl -tag -width Ds"]
    for name, chinese, _, meaning in rows:
        lines += [f".It Cm {name} Pq {chinese}", f"{meaning[0].upper()}{meaning[1:]}."]
    return "\n".join(lines + [".El"]) + "\n"


def check(rows):
    text = read("docs", "FIGURES.md")
    defined = dict(DEFINED.findall(text))
    for name, chinese, _, _ in rows:
        if defined.pop(name, None) != chinese:
            yield f"docs/FIGURES.md: `{name}` {chinese} is not defined"
    for name in defined:
        yield f"docs/FIGURES.md: {name} is no figure"


def main():
    table = read("figures", "figures.def")
    rows = ROW.findall(table)
    wrong = list(check(rows))
    if len(rows) != len(re.findall(r"^[A-Z]+\(", table, re.M)):
        wrong.append("figures.def: a row does not look like the others")
    page = read("docs", "man", "reeve.1")
    fresh = PART.sub(lambda part: part[1] + manual_part(rows) + part[2], page)
    if not PART.search(page):
        wrong.append("reeve.1: the marks of its list of figures are missing")
    elif fresh != page and "--write" in sys.argv[1:]:
        with open(os.path.join(TREE, "docs", "man", "reeve.1"), "w", encoding="utf-8") as file:
            file.write(fresh)
    elif fresh != page:
        wrong.append(f"reeve.1 differs from figures.def: {sys.argv[0]} --write brings it up to date")
    print("\n".join(wrong) if wrong else f"figures: {len(rows)} defined")
    return 1 if wrong or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
