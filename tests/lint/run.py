#!/usr/bin/python3
"""A mistake in what is typed behind ./run is one line that says what is wrong and what is allowed, exit status 2; --help is the usage, exit status 0. The names that
./run lists are those that the machines take.

usage: run.py BUILD-DIR
"""
import os
import re
import subprocess
import sys

TREE = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
PYTHON = "/usr/bin/python3"
# What is typed behind ./run, and words of the answer. These end before anything is built.
MISTAKES = [
    ("nosuch", "no command is called nosuch"), ("help nosuch", "no command is called nosuch"), ("build nosuch", "tsan or fuzz"), ("build dev asan", "one preset"),
    ("test --bad", "--valgrind"), ("test --quick --tsan", "one of"), ("demo x", "no arguments"), ("figures x", "no arguments"), ("oracle --bad", "one CSV file"),
    ("fuzz nosuch", "frame command event"), ("fuzz frame --seconds 0", "--seconds"), ("fuzz frame --seconds", "--seconds"), ("fuzz --bad", "--seconds"),
]
# The machines themselves, and what they are typed with.
MACHINES = {
    "disk": ("tests/storage/full_disk_test.py", ("nosuch", "--bad")),
    "peers": ("tests/peers/peers.py", ("nosuch", "--bad")),
    "faults": ("tests/storage/faults_reeved.py", ("--every 0", "--every -1", "--every x", "--from 0", "--kind nosuch", "--heads --kind ENOMEM", "--bad", "nosuch")),
    "soak": ("tests/soak/soak.py build", ("--minutes -1", "--minutes 0", "--minutes nan", "--rate 0", "--rate -5", "--rate inf", "--pause 0", "--seed x", "--bad")),
    "flips": ("tests/storage/flips_test.py", ("--count -1", "--count 0", "--seed -1", "--one nosuch 1 1", "--one journal 1 8", "--bad", "nosuch")),
    "bench": ("bench/run.sh build", ("nosuch", "--open 0", "--open", "--bad")),
    "sim": ("reeve_sim", ("--seeds 99999999999999999999", "--seeds 0", "--seeds", "--steps 0", "--steps 1x", "--jobs 0", "--seed 5 --seeds 2", "--seed 5 --rare", "--trace",
                          "--bad", "nosuch")),
    "images": ("storage_images", ("--workload nosuch", "--samples x", "--samples 0", "--seed", "--bad", "x LIBRARY POLICY", "")),
    "storage_faults": ("storage_faults", ("--every 0", "--kind nosuch", "--workload nosuch", "--bad", "x LIBRARY POLICY", "")),
}
# What a list of names in the usage is held against: the machine's answer to a name that it does not know.
LISTS = {"peers": ("peers", "nosuch"), "images": ("images", "--workload nosuch"), "faults": ("storage_faults", "--kind nosuch")}


def typed(command):
    return subprocess.run(command, capture_output=True, text=True, cwd=TREE, stdin=subprocess.DEVNULL, check=False, timeout=60)


def one_line(name, result, words):
    """What is wrong with an answer to a mistake."""
    lines = result.stderr.splitlines()
    if result.returncode != 2 or result.stdout or len(lines) != 1 or words not in lines[0]:
        yield f"{name}: exit status {result.returncode}, wanted is 2 and one line with {words!r}: {result.stdout}{result.stderr}"


def helped(name, result, begins):
    if result.returncode != 0 or result.stderr or not result.stdout.startswith(begins):
        yield f"{name}: exit status {result.returncode}, wanted is 0 and the usage: {result.stdout}{result.stderr}"


def command_of(machine, build):
    program = MACHINES[machine][0].split()
    if program[0].endswith(".sh"):
        return ["bash", *program[:-1], build]
    if program[0].endswith(".py"):
        return [PYTHON, *[build if word == "build" else word for word in program]]
    return [os.path.join(build, "tests", *program)]


def findings(build):
    usage = typed(["./run", "help"]).stdout
    for words, wanted in MISTAKES:
        yield from one_line(f"./run {words}", typed(["./run", *words.split()]), wanted)
    for name in re.findall(r"^  ([a-z]+)", usage, re.M):
        if name != "help":
            yield from helped(f"./run {name} --help", typed(["./run", name, "--help"]), f"usage: ./run {name}")
    targets = typed(["./run", "fuzz", "nosuch"]).stderr.split(": ")[-1].strip()
    if targets not in usage:
        yield f"./run help does not list the fuzz targets: {targets}"
    for machine, (_, mistakes) in MACHINES.items():
        command = command_of(machine, build)
        if not os.path.exists(command[-1]) and len(command) == 1:
            continue  # not built with the sanitizers
        for words in mistakes:
            yield from one_line(f"{machine} {words}", typed([*command, *words.split()]), (re.findall(r"--[a-z]+", words) or [""])[0])
        if machine != "bench":
            yield from helped(f"{machine} --help", typed([*command, "--help"]), "usage: ")
    for name, (machine, words) in LISTS.items():
        command = command_of(machine, build)
        if len(command) > 1 or os.path.exists(command[0]):
            listed = typed(["./run", name, "--help"]).stdout.splitlines()[-1].split(": ")[-1].strip()
            if not re.search(f"(: |one of ){listed}[,;]", typed([*command, *words.split()]).stderr):
                yield f"./run {name} --help does not list what {machine} takes: {listed}"


def main():
    found = list(findings(os.path.abspath(sys.argv[1])))
    print("\n".join(found), end="\n" if found else "")
    return found != []


if __name__ == "__main__":
    sys.exit(main())
