#!/usr/bin/python3
"""Every shell command in README.md is run, as a reader would: one bash session from top to bottom, in the tree.

A ```sh block is part of the session, a ```python block is a program run in it. A block under the mark
<!-- readme: listed --> is not run (it installs packages or takes minutes); its commands must be known to `./run help`.
build/dev in a block stands for the build that is being tested. Each block that is run must end well and print something.
"""
import os
import re
import subprocess

from harness import BUILD, PATIENCE_S, TREE, equal, new_directory, run_tests, true

FENCE = re.compile(r"(?:<!-- readme: (\w+) -->\n)?```(sh|python)\n(.*?)```", re.S)
HEAD = "set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n"


def blocks():
    with open(os.path.join(TREE, "README.md"), encoding="utf-8") as file:
        return FENCE.findall(file.read())


def test_listed_commands_exist():
    """What a listed block tells the reader to type is a command of ./run."""
    helped = subprocess.run([os.path.join(TREE, "run"), "help"], capture_output=True, text=True, check=True).stdout
    listed = [line.split("#")[0].split() for mark, _, text in blocks() if mark == "listed" for line in text.splitlines() if line.strip()]
    true(listed, "no listed block")
    for words in listed:
        true(words[0] == "./run" and f"\n  {words[1]} " in helped, f"not listed by ./run help: {' '.join(words)}")


def test_session_runs():
    """The other blocks, in order, in one session."""
    session, count = HEAD, 0
    for mark, language, text in blocks():
        true(mark in ("", "listed"), f"unknown mark {mark}")
        if mark == "listed":
            continue
        count += 1
        text = text.replace("$PWD/build/dev", BUILD)
        session += f"echo '=== block {count}'\n"
        session += text if language == "sh" else f"/usr/bin/python3 - <<'PROGRAM'\n{text}PROGRAM\n"
    true(count >= 4, f"only {count} blocks to run")
    temporary = new_directory()
    result = subprocess.run(["bash", "-c", session], cwd=TREE, capture_output=True, text=True, timeout=2 * PATIENCE_S,
                            stdin=subprocess.DEVNULL, env=dict(os.environ, TMPDIR=temporary, LC_ALL="C.UTF-8"))
    equal(result.returncode, 0, f"exit status of the session\n{result.stdout}\n{result.stderr}\n")
    printed = re.split(r"=== block \d+\n", result.stdout)[1:]
    equal(len(printed), count, "blocks reached")
    for number, output in enumerate(printed, 1):
        true(output.strip(), f"block {number} printed nothing")


if __name__ == "__main__":
    run_tests(globals())
