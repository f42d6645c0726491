#!/usr/bin/python3
"""Runs the unit tests' programs under valgrind: wrong reads and writes, values never set, memory lost for good.

    valgrind.py BUILD [NAME...]

Programs that bring an allocator of their own, and scripts, are left out. Every program has SECONDS_MOST; the last line is the figures."""
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

SECONDS_MOST = float(os.environ.get("REEVE_VALGRIND_SECONDS", "1800"))
LEFT_OUT = {
    "allocation_test": "its malloc is its own",
    "readers_test": "it holds processes by a descriptor, which valgrind does not know (pidfd_open)",
    "transfer_test": "an import maps as much as its file system has free, which valgrind grants on a small one only",
}
COMMAND = ("valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect",
           "--show-leak-kinds=definite,indirect", "--num-callers=30")


def programs(build, wanted):
    told = subprocess.run(("ctest", "--test-dir", build, "--show-only=json-v1", "-L", "^unit$"), check=True, capture_output=True, text=True)
    for test in json.loads(told.stdout)["tests"]:
        command = test.get("command", ())
        if test["name"] in LEFT_OUT or not command or not command[0].startswith(build) or (wanted and test["name"] not in wanted):
            continue
        folder = next((one["value"] for one in test["properties"] if one["name"] == "WORKING_DIRECTORY"), build)
        yield test["name"], command, folder


def run(program):
    name, command, folder = program
    began = time.monotonic()
    environment = dict(os.environ, REEVE_TEST_SHORT="1", REEVE_TEST_VALGRIND="1", REEVE_TEST_PATIENCE="300", REEVE_TEST_MAP_BYTES=str(1 << 32))
    try:
        ended = subprocess.run((*COMMAND, *command), cwd=folder, env=environment, timeout=SECONDS_MOST, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        status, output = ended.returncode, ended.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        status, output = "late", (late.stdout or b"").decode(errors="replace")
    print(f"{'ok     ' if status == 0 else 'FAILED '} {name} ({time.monotonic() - began:.0f} s)", flush=True)
    if status != 0:
        print(f"{output[-12000:]}\nended with {status}", flush=True)
    return status == 0


def main():
    build = os.path.abspath(sys.argv[1])
    began = time.monotonic()
    chosen, wanted = list(programs(build, set(sys.argv[2:]))), set(sys.argv[2:])
    unknown = wanted - {name for name, _, _ in chosen}
    if unknown:
        known = " ".join(name for name, _, _ in programs(build, set()))
        print(f"valgrind: no unit test that it runs is called {' '.join(sorted(unknown))}: {known}", file=sys.stderr)
        return 2
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(run, chosen))
    print(f"valgrind: {len(results)} programs, {time.monotonic() - began:.0f} seconds, {results.count(False)} with errors")
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
