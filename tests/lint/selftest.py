#!/usr/bin/python3
"""The checks find what they are there to find: trees with one wrong include each, impure symbols, numbers used twice."""
import os
import sys
import tempfile

import layers
import purity
import tables
import tidy

# file, its line, and the words that the finding must hold (None: it is allowed)
CASES = [
    ("daemon/core/decide.c", '#include "store/journal.h"', "may not include"),
    ("daemon/core/decide.c", '#include "schema/codec.h"', "may not include"),
    ("daemon/core/decide.c", "#include <time.h>", "is pure"),
    ("daemon/core/decide.c", "#include <sys/time.h>", "is pure"),
    ("daemon/core/decide.c", "#  include <msgpack.h>", "its home is schema/"),
    ("daemon/core/decide.c", '#include "schema/fields.def"', None),
    ("daemon/core/decide.c", "#include <uthash.h>", None),
    ("daemon/base/span.c", '#include "core/record.h"', "may not include"),
    ("daemon/store/journal.c", '#include "core/record.h"', "may not include"),
    ("daemon/policy/compile.c", '#include "schema/codec.h"', "may not include"),
    ("daemon/engine/round.c", "#include <zmq.h>", "its home is daemon/net/"),
    ("daemon/engine/round.c", "#include <lmdb.h>", "its home is daemon/store/"),
    ("daemon/engine/round.c", '#include "policy/compile.h"', None),
    ("workers/triage.c", '#include "engine/engine.h"', "may not include"),
    ("clients/cli/main.c", '#include "store/archive.h"', "may not include"),
    ("clients/c/publish.c", "#include <brandnew.h>", "no folder is its home"),
]


def findings_for(path, line):
    with tempfile.TemporaryDirectory() as tree:
        os.makedirs(os.path.join(tree, os.path.dirname(path)))
        with open(os.path.join(tree, path), "w", encoding="utf-8") as file:
            file.write("/* a file */\n" + line + "\n")
        return list(layers.check_tree(tree))


def check_layers():
    for path, line, words in CASES:
        found = findings_for(path, line)
        right = not found if words is None else len(found) == 1 and words in found[0] and found[0].startswith(path + ":2:")
        yield right, f"{path}: {line}: expected {words!r}, found {found}"


def check_others():
    base = {"span_equal", "log_line"}
    for name in ("time", "clock_gettime", "rand", "getenv", "printf", "fopen", "log_line", "getrandom"):
        yield len(list(purity.impure({name}, set(), base))) == 1, f"purity lets {name} pass"
    for name in ("memcpy", "snprintf", "span_equal", "decide_own"):
        yield not list(purity.impure({name}, {"decide_own"}, base)), f"purity refuses {name}"
    yield list(tables.check("A(0, x)\n", "t")) == ["t: A x: 0 means none and cannot be a number"], "tables lets 0 pass"
    yield list(tables.check("A(1, y)\nA(1, z)\nB(1, y)\n", "t")) == ["t: A: 1 stands twice: y and z"], "tables lets a number stand twice"
    yield len(list(tidy.check("a.c", "x\n" * 601))) == 1, "tidy lets 601 lines pass"
    yield not list(tidy.check("a.c", "x\n" * 600)), "tidy refuses 600 lines"
    yield len(list(tidy.check("a.md", "TO" + "DO: later"))) == 1, "tidy lets unfinished work pass"


def main():
    results = [*check_layers(), *check_others()]
    failed = [words for right, words in results if not right]
    print("\n".join(failed) if failed else f"selftest: {len(results)} as expected")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
