#!/usr/bin/python3
"""Every header compiles alone: whoever includes it needs to include nothing before it.

The headers that clients/c installs are compiled without the project's include roots. usage: headers.py [COMPILER]
"""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.normpath(os.path.join(HERE, "..", ".."))
WARN = ["-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-fsyntax-only", "-x", "c", "-"]


def headers():
    for top in ("daemon", "schema", "learn", "workers", "clients", "rehearse"):
        for folder, _, names in os.walk(os.path.join(TREE, top)):
            for name in sorted(names):
                if name.endswith(".h"):
                    yield os.path.join(folder, name)


def is_installed(path):
    return "/clients/c/include/" in path


def compile_alone(compiler, path):
    roots = [] if is_installed(path) else ["-I", TREE, "-I", os.path.join(TREE, "daemon")]
    program = f'#include "{path}"\n#include "{path}"\nint nothing;\n'  # twice: its guard holds
    return subprocess.run([compiler, *roots, *WARN], input=program, text=True, capture_output=True, cwd="/")


def main():
    compiler = sys.argv[1] if len(sys.argv) > 1 else "cc"
    count = failed = 0
    for path in headers():
        count += 1
        result = compile_alone(compiler, path)
        if result.returncode:
            failed += 1
            print(f"{os.path.relpath(path, TREE)} does not stand alone:\n{result.stderr}")
    print(f"headers: {count - failed} of {count} stand alone")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
