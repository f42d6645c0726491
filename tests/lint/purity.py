#!/usr/bin/python3
"""The core library calls nothing that knows the time, the world or chance: its undefined symbols against a list.

usage: purity.py LIBREEVE_CORE.A LIBREEVE_BASE.A; the figures are held to the same.
"""
import re
import subprocess
import sys

ALLOWED = re.compile(r"""^(
    mem(chr|cmp|cpy|move|set|mem)|str(len|nlen|cmp|ncmp|chr|rchr|str)|
    free|malloc|calloc|realloc|abort|qsort(_r)?|bsearch|
    v?snprintf|__assert_fail|__stack_chk_fail|
    exit|                                  # uthash, when memory ends
    __(u?div|u?mod|mul)ti3|                # the compiler, for 128-bit products
    __(memcpy|memmove|memset|strcpy|strcat|snprintf|vsnprintf)_chk|
    (floor|ceil|fabs|sqrt|sin|cos|asin|atan2|hypot|round|lround|llround|fmin|fmax|fmod|sincos)f?|
    _GLOBAL_OFFSET_TABLE_|__tls_get_addr|
    __(asan|ubsan|tsan|sanitizer)_.*
)$""", re.X)
# of base: bytes, allocation and case numbers; not its log.
ALLOWED_BASE = re.compile(r"^(span_|buf_|must_|memory_out$|case_number_)")


def symbols(library, *options):
    output = subprocess.run(["nm", "-P", *options, library], check=True, capture_output=True, text=True).stdout
    return {line.split()[0] for line in output.splitlines() if line and not line.endswith(":")}


def impure(undefined, own, base):
    for name in sorted(undefined - own):
        if name in base:
            if not ALLOWED_BASE.match(name):
                yield f"{name}: of base, but not for core"
        elif not ALLOWED.match(name):
            yield f"{name}: not on the list of tests/lint/purity.py"


def main():
    core, base = sys.argv[1:3]
    undefined = symbols(core, "-u")
    wrong = list(impure(undefined, symbols(core, "--defined-only"), symbols(base, "--defined-only")))
    for line in wrong:
        print(f"{core}: {line}")
    if not wrong:
        print(f"purity: {len(undefined)} symbols used, each pure")
    return 1 if wrong or not undefined else 0


if __name__ == "__main__":
    sys.exit(main())
