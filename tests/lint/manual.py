#!/usr/bin/python3
"""reeved(8) names every setting of settings.def with its default, and no other; manual pages are clean mdoc.

usage: manual.py [TREE]; prints what differs, exit 1 when anything does.
"""
import glob
import os
import re
import subprocess
import sys

ROW = re.compile(r'^SETTING\((\w+),\s*(\w+),\s*(\w+),\s*(?:"([^"]*)"|(\d+)),\s*\d+,\s*\d+,\s*(yes|no),', re.M)
ITEM = re.compile(r"^\.It Cm (\w+\.\w+) Pq (.*)$")
FACTORS = {
    "COUNT": {"": 1},
    "BYTES": {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40},
    "MS": {"": 1, "ms": 1, "s": 1000, "min": 60000, "h": 3600000, "d": 86400000},
}
# Style notices are not faults; lines are as long as they need to be.
MANDOC = ["mandoc", "-Tlint", "-Wwarning"]


def number(text, kind):
    digits, _, unit = text.partition(" ")
    return int(digits) * FACTORS[kind][unit]


def same(kind, text, written):
    if kind not in FACTORS:
        return text == written
    try:
        return int(text) == number(written, kind)
    except (KeyError, ValueError):
        return False


def manual_settings(path):
    """setting -> (default as written, whether it is called reloadable)"""
    found, last = {}, None
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            item = ITEM.match(line)
            if item:
                last = item.group(1)
                found[last] = [item.group(2), False]
            elif line.startswith(".El"):
                last = None
            elif last and line.strip() == "Reloadable.":
                found[last][1] = True
    return found


def check_settings(tree):
    with open(os.path.join(tree, "daemon/base/settings.def"), encoding="utf-8") as file:
        text = file.read()
    rows = ROW.findall(text)
    if len(rows) != len(re.findall(r"^SETTING\(", text, re.M)):
        yield "settings.def: a row does not look like the others"
    page = manual_settings(os.path.join(tree, "docs/man/reeved.8"))
    for section, name, kind, word, digits, reload in rows:
        setting = f"{section}.{name}"
        written, reloadable = page.pop(setting, [None, False])
        if written is None:
            yield f"reeved.8: {setting} is missing"
        elif not same(kind, word or digits, written):
            yield f"reeved.8: {setting} is {written} there and {word or digits} in settings.def"
        elif reloadable != (reload == "yes"):
            yield f"reeved.8: {setting}: reload is {reload} in settings.def"
    for setting in page:
        yield f"reeved.8: {setting} is no setting"


def check_pages(tree):
    for page in sorted(glob.glob(os.path.join(tree, "docs/man/*.[1-8]"))):
        result = subprocess.run([*MANDOC, page], capture_output=True, text=True, check=False)
        yield from result.stdout.splitlines()


def main():
    tree = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    wrong = [*check_settings(tree), *check_pages(tree)]
    print("\n".join(wrong) if wrong else "manual: every setting with its default")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
