#!/usr/bin/python3
"""Every shell command in README.md is run.

A block that opens with ```sh is run by bash in a temporary environment: a daemon of its own (REEVE_SERVICE and REEVE_FEED
point to it), the built programs in PATH, the example policy applied, one report published, and the tree as the current
directory. Two marks in the line above a block change that: <!-- readme: listed --> only checks that each line is a
command that `./run help` lists (they install packages and take minutes); <!-- readme: new daemon --> starts with an empty store.
A ```python block is a program that is run in the same environment and must print something.
"""
import os
import re
import subprocess

from harness import PATIENCE_S, TREE, Daemon, equal, new_directory, program, run_tests, true

FENCE = re.compile(r"(?:<!-- readme: ([a-z ]+) -->\n)?```(sh|python)\n(.*?)```", re.S)


def blocks():
    with open(os.path.join(TREE, "README.md"), encoding="utf-8") as file:
        return FENCE.findall(file.read())


def environment(daemon):
    folder = new_directory()
    for name in ("reeved", "reeve", "reeve-triage", "reeve-assign", "reeve-escalate"):
        os.symlink(program(name), os.path.join(folder, name))
    return dict(os.environ, PATH=f"{folder}:/usr/bin:/bin", REEVE_SERVICE=daemon.service, REEVE_FEED=daemon.feed_address, LC_ALL="C.UTF-8")


def run_block(language, text, daemon):
    command = ["bash", "-euo", "pipefail", "-c", text] if language == "sh" else ["/usr/bin/python3", "-c", text]
    result = subprocess.run(command, cwd=TREE, env=environment(daemon), capture_output=True, text=True, timeout=PATIENCE_S,
                            stdin=subprocess.DEVNULL)
    equal(result.returncode, 0, f"exit status of\n{text}\n{result.stdout}{result.stderr}\n")
    true(result.stdout.strip(), f"it printed nothing:\n{text}")


def test_every_command_runs():
    """The blocks in their order, on one daemon unless marked otherwise."""
    found = blocks()
    true(len(found) >= 3, f"only {len(found)} blocks in README.md")
    helped = subprocess.run([os.path.join(TREE, "run"), "help"], capture_output=True, text=True, check=True).stdout
    daemon = Daemon(policy=os.path.join(TREE, "examples", "boston")).start()
    for mark, language, text in found:
        if mark == "listed":
            for line in filter(None, (line.split("#")[0].strip() for line in text.splitlines())):
                words = line.split()
                true(words[0] == "./run" and f"\n  {words[1]} " in helped, f"not listed by ./run help: {line}")
            continue
        run_block(language, text, Daemon(workers=()).start() if mark == "new daemon" else daemon)


if __name__ == "__main__":
    run_tests(globals())
