#!/usr/bin/python3
"""Files stay readable: none of C over 600 lines, no marks of unfinished work, no paths of one machine."""
import os
import re
import subprocess
import sys

TREE = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
LINES_MOST = 600
SKIP_FOLDERS = {".git", "build", "__pycache__"}
SKIP_ENDINGS = (".gz", ".png", ".mdb", ".bin", ".pyc", ".csv")
# Written in pieces, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
ONE_MACHINE = re.compile(r"/wo" r"rk/|/ho" r"me/[a-z]+/|/ro" r"ot/")


def files():
    """What git knows or would take; without git, everything but builds."""
    asked = subprocess.run(["git", "-C", TREE, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
    if asked.returncode == 0 and asked.stdout:
        yield from (name for name in asked.stdout.splitlines() if os.path.isfile(os.path.join(TREE, name)))
        return
    for folder, folders, names in os.walk(TREE):
        folders[:] = [name for name in folders if name not in SKIP_FOLDERS]
        yield from (os.path.relpath(os.path.join(folder, name), TREE) for name in names)


def check(path, text):
    lines = text.split("\n")
    if path.endswith((".c", ".h")) and len(lines) - 1 > LINES_MOST:
        yield f"{path}: {len(lines) - 1} lines; over {LINES_MOST} a file has two jobs: split it by verb"
    for number, line in enumerate(lines, 1):
        if UNFINISHED.search(line):
            yield f"{path}:{number}: a mark of unfinished work: finish it, or write down what is planned in docs/"
        if ONE_MACHINE.search(line):
            yield f"{path}:{number}: a path of one machine"


def main():
    wrong, count = [], 0
    for path in files():
        if path.endswith(SKIP_ENDINGS):
            continue
        try:
            with open(os.path.join(TREE, path), encoding="utf-8") as file:
                text = file.read()
        except UnicodeDecodeError:
            if not path.startswith(("schema/vectors/", "schema/journals/", "tests/fuzz/")):
                wrong.append(f"{path}: not UTF-8")
            continue
        count += 1
        wrong += check(path, text)
    print("\n".join(wrong) if wrong else f"tidy: {count} files")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
