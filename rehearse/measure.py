#!/usr/bin/python3
"""How long a rehearsal of Boston's quarter takes, and how true it is. Prints one line:

    figures rehearsal boston reports=31828 events=234685 secs=1.52 cpu_secs=2.61 repeated=31828/31828

Plays the quarter through the real daemon first, as the demonstration does, and rehearses the journal that comes of it under
examples/boston with examples/boston-proposal laid over it. usage: measure.py BUILD-DIR
"""
import json
import os
import resource
import subprocess
import sys
import time

TREE = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.join(TREE, "demo"))
import demo  # noqa: E402: it lies in the folder beside

PROPOSAL = os.path.join(TREE, "examples", "boston-proposal")


def measure(program, state):
    arguments = [program, "--quiet", "--json", "--from", state, "--policy", demo.BOSTON, "--policy", PROPOSAL]
    began, spent = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    result = json.loads(subprocess.run(arguments, check=True, capture_output=True).stdout)
    took, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - spent.ru_utime - spent.ru_stime
    fidelity = result["rehearsal"]["fidelity"]
    print(f"figures rehearsal boston reports={result['rehearsal']['cases']} events={result['rehearsal']['events']} secs={took:.2f} "
          f"cpu_secs={cpu:.2f} repeated={fidelity['all']}/{fidelity['cases']}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    stage = demo.Demo(os.path.abspath(sys.argv[1]))
    try:
        stage.start()
        stage.reeve("policy", "apply", demo.BOSTON, "--yes", output=subprocess.DEVNULL)
        stage.reeve("import", "--play", demo.CSV, "--map", os.path.join(demo.BOSTON, "import.yaml"), "--until", demo.UNTIL, output=subprocess.DEVNULL)
        measure(stage.program("clients", "cli", "reeve-rehearse"), stage.path("state"))
    except (demo.Trouble, subprocess.CalledProcessError) as trouble:
        sys.exit(f"measure.py: {trouble}\n{stage.log_tail()}")
    finally:
        stage.clean()


if __name__ == "__main__":
    main()
