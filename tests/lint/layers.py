#!/usr/bin/python3
"""Checks every #include against what its folder may see.

An arrow points down: base <- core <- {policy, store, schema} <- engine <- net <- main. Nobody includes upwards or
sideways; each foreign library has one home. usage: layers.py [TREE]; prints file:line and why, exit 1 when there is any.
"""
import os
import re
import sys

LIBC = set("""arpa/inet.h assert.h ctype.h dirent.h endian.h errno.h fcntl.h fnmatch.h getopt.h inttypes.h langinfo.h limits.h locale.h math.h netdb.h netinet/in.h
poll.h pthread.h sched.h signal.h spawn.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h strings.h
sys/epoll.h sys/file.h sys/ioctl.h sys/mman.h sys/prctl.h sys/random.h sys/resource.h sys/socket.h sys/stat.h sys/statvfs.h sys/syscall.h sys/sysmacros.h sys/time.h sys/types.h
sys/un.h sys/wait.h termios.h time.h unistd.h wchar.h""".split())
# core decides and nothing else: no clock, no input or output, no locale. stdio.h is there for snprintf; purity.py sees what is really called.
PURE_LIBC = set("assert.h inttypes.h limits.h math.h stdarg.h stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h".split())
CONTAINERS = {"uthash.h", "utarray.h", "utlist.h"}


class Layer:
    def __init__(self, folder, below, foreign=(), libc=LIBC):
        self.folder = folder          # relative to the project
        self.below = tuple(below)     # prefixes of "..." includes, as seen from the include roots
        self.foreign = set(foreign)   # <...> headers of other projects
        self.libc = libc


# The first folder that a file's path begins with is its layer.
LAYERS = [
    Layer("daemon/base/", ["base/"]),
    Layer("daemon/core/", ["base/", "core/", "schema/*.def"], CONTAINERS, PURE_LIBC),
    Layer("daemon/policy/", ["base/", "core/", "policy/"], {"yaml.h", "csv.h"} | CONTAINERS),
    # A segment of the journal is written as the portable stream, which is bytes as well.
    Layer("daemon/store/", ["base/", "store/", "transfer/stream.h"], {"lmdb.h", "sodium.h"} | CONTAINERS),
    Layer("schema/", ["base/", "core/", "schema/"], {"msgpack.h", "msgpack/pack.h", "msgpack/unpack.h", "utf8proc.h"}),
    Layer("daemon/engine/", ["base/", "core/", "policy/", "store/", "schema/", "engine/"], CONTAINERS),
    Layer("daemon/net/", ["base/", "core/record.h", "schema/", "engine/", "net/"],
          {"ev.h", "zmq.h", "systemd/sd-daemon.h"} | CONTAINERS),
    # main and config: they put the parts together. A configuration is YAML, as a policy is.
    Layer("daemon/", ["base/", "core/", "policy/", "store/", "schema/", "engine/", "net/", "config.h"],
          {"yaml.h", "systemd/sd-daemon.h"}),
    # From events to figures: pure as core is, and below everybody who has events.
    Layer("figures/", ["base/", "core/record.h", "figures/"], CONTAINERS, PURE_LIBC),
    # A classifier of texts: pure but for reading its file, it knows neither cases nor policies. Workers ask it, the command line trains it.
    Layer("learn/", ["base/", "learn/"], {"linear.h"}),
    Layer("workers/", ["base/", "core/", "schema/", "policy/", "learn/", "workers/"], {"zmq.h"}),
    # A rehearsal puts together what decides, what a worker is told and a journal to read; of the command line only its tables.
    Layer("rehearse/", ["base/", "core/", "policy/", "store/journal.h", "schema/", "engine/task_build.h", "learn/model.h", "workers/", "clients/cli/table.h", "rehearse/"],
          CONTAINERS),
    # A journal on its way to elsewhere: the stream is bytes; the program that reads it writes a journal.
    Layer("transfer/", ["base/", "core/record.h", "schema/", "store/journal.h", "store/segment.h", "store/unfinished.h", "transfer/"], {"zstd.h"}),
    # libreeve packs messages of fields that it need not know, so it has msgpack's packer as well.
    Layer("clients/c/", ["base/", "core/record.h", "schema/", "clients/c/", "reeve.h", "reeve/"], {"zmq.h", "msgpack/pack.h"} | CONTAINERS),
    Layer("clients/cli/", ["base/", "core/record.h", "schema/", "figures/", "learn/", "transfer/stream.h", "clients/c/", "clients/cli/", "reeve.h", "reeve/"],
          {"zmq.h", "csv.h", "yaml.h", "zlib.h", "utf8proc.h", "cjson/cJSON.h"} | CONTAINERS),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def layer_of(path):
    for layer in LAYERS:
        if path.startswith(layer.folder):
            return layer
    return None


def allowed_own(layer, path, name):
    """A "..." include: by its prefix, or a file beside the one that includes it."""
    for prefix in layer.below:
        if prefix.endswith("*.def"):
            if name.startswith(prefix[:-5]) and name.endswith(".def"):
                return True
        elif name == prefix or (prefix.endswith("/") and name.startswith(prefix)):
            return True
    return "/" not in name and os.path.dirname(path) + "/" == layer.folder


def violation(layer, path, kind, name):
    """None, or what is wrong with one include."""
    if kind == '"':
        if allowed_own(layer, path, name):
            return None
        return f'{layer.folder} may not include "{name}": it sees only {", ".join(layer.below)}'
    if name in layer.libc or name in layer.foreign:
        return None
    if name in LIBC:
        return f"{layer.folder} is pure and may not include <{name}>"
    homes = [other.folder for other in LAYERS if name in other.foreign]
    where = f"its home is {', '.join(homes)}" if homes else "no folder is its home: see tests/lint/layers.py"
    return f"{layer.folder} may not include <{name}>: {where}"


def check_file(tree, path):
    layer = layer_of(path)
    with open(os.path.join(tree, path), encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if match:
                wrong = violation(layer, path, match.group(1), match.group(2))
                if wrong:
                    yield f"{path}:{number}: {wrong}"


def check_tree(tree):
    for top in ("daemon", "schema", "figures", "learn", "workers", "clients", "rehearse", "transfer"):
        for folder, _, names in os.walk(os.path.join(tree, top)):
            for name in sorted(names):
                path = os.path.relpath(os.path.join(folder, name), tree)
                if name.endswith((".c", ".h")) and layer_of(path):
                    yield from check_file(tree, path)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    tree = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "..", "..")
    wrong = list(check_tree(tree))
    print("\n".join(wrong) if wrong else "layers: every include points down")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
