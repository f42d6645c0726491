#!/usr/bin/python3
"""No function of ours has the name of one in a shared library that we load: ours would be called in its place, by the library too.

usage: collisions.py LIBREEVE_ANY.A... -- PROGRAM...   (the programs tell which shared libraries are loaded)
"""
import re
import subprocess
import sys

# What the C start-up files and sanitizers put into every program.
EXPECTED = re.compile(r"^(_init|_fini|_start|main|__.*|_IO_.*|data_start|_edata|_end|environ)$")
# Meant: libzmq is to take connections and to hear of hang-ups through ours, see daemon/net/connections.c.
INTERPOSED = {"accept4", "epoll_wait"}


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def symbols(text, kinds):
    """Names of nm -P output whose type is one of `kinds`, without version suffix."""
    rows = (line.split() for line in text.splitlines())
    return {row[0].split("@")[0] for row in rows if len(row) >= 2 and row[1] in kinds}


def shared_libraries(programs):
    found = set()
    for program in programs:
        found.update(re.findall(r"=> (/\S+)", run("ldd", program)))
    return sorted(path for path in found if not re.search(r"/lib[a-z]*san\.so", path))


def main():
    split = sys.argv.index("--")
    archives, programs = sys.argv[1:split], sys.argv[split + 1:]
    own = {}
    for archive in archives:
        for name in symbols(run("nm", "-P", "--defined-only", archive), "TDBRC"):
            own[name] = archive
    wrong = 0
    libraries = shared_libraries(programs)
    for library in libraries:
        for name in sorted(symbols(run("nm", "-DP", "--defined-only", library), "TDBRCVWi") & own.keys() - INTERPOSED):
            if not EXPECTED.match(name):
                wrong += 1
                print(f"{own[name]}: {name} is also a function of {library}: rename ours")
    print(f"collisions: {wrong} among {len(own)} names of ours and {len(libraries)} libraries")
    return 1 if wrong or not own or not libraries else 0


if __name__ == "__main__":
    sys.exit(main())
