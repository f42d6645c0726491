"""Writes the tables of PROTOCOL.md from the .def files, between <!-- table NAME --> and <!-- end --> lines.
protocol.py --check changes nothing and fails when a table is out of date."""
import os
import re
import sys

import tables

HERE = os.path.dirname(os.path.abspath(__file__))
DOCUMENT = os.path.join(HERE, "PROTOCOL.md")


def rows(head, lines):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines])


def code(words):
    return " ".join("`%s`" % word for word in words)


def limit_of(field):
    kind, limit = field["type"], field["limit"]
    if kind in ("TEXT", "PRIVATE", "BYTES"):
        return "%d bytes" % limit
    if kind == "LIST":
        return "%d maps" % limit
    if kind == "INT":
        return "0 to " + {2**63 - 1: "2^63-1", 2**32 - 1: "2^32-1"}.get(limit, str(limit))
    if kind == "REAL":
        return "0 to 1" if limit == 1 else "-%d to %d" % (limit, limit)
    return ""


def fields():
    return rows(("no.", "field", "type", "limit", "meaning"),
                [(f["number"], "`%s`" % f["wire"], f["type"], limit_of(f), f["meaning"]) for f in tables.fields()])


def commands(door):
    lines = []
    for command in tables.commands():
        if command["door"] != door:
            continue
        needs = (["the case"] if command["case"] else []) + ["`%s`" % name for name in command["needs"]]
        roles = "anyone" if command["anyone"] else " ".join(command["roles"])
        lines.append((command["number"], "`%s`" % command["name"], roles, " ".join(needs), code(command["takes"]), command["meaning"]))
    return rows(("no.", "command", "roles", "needs", "takes", "meaning"), lines)


def events():
    return rows(("no.", "event", "always", "when known", "meaning"),
                [(e["number"], "`%s`" % e["name"], code(e["has"]), code(e["may"]), e["meaning"]) for e in tables.events()])


def names():
    parts = []
    for macro, title in (("STATE", "`state`"), ("KIND", "`kind`"), ("OUTCOME", "`outcome`"), ("CLOCK", "`clock`, `stage`"), ("TASK", "`task`"), ("ROLE", "`role`")):
        parts.append("%s\n\n%s" % (title, rows(("no.", "name", "中文", "meaning"), [(n["number"], "`%s`" % n["name"], n["chinese"], n["meaning"]) for n in tables.names(macro)])))
    return "\n\n".join(parts)


def errors():
    return rows(("no.", "error", "text"), [(e["number"], "`%s`" % e["name"], e["text"]) for e in tables.errors()])


def moves():
    return rows(("in", "command", "makes", "and leads to"), [(a, "`%s`" % b, "`%s`" % c, d) for a, b, c, d in tables.moves()])


def settings():
    folder, lines = os.path.join(HERE, "..", "daemon", "base"), []
    for section, name, kind, default, least, most, _, meaning in tables.calls(tables.source("settings.def", folder), "SETTING"):
        if section in ("limits", "work", "feed"):
            lines.append(("`%s.%s`" % (section, name), tables.unquote(default) or default, tables.unquote(meaning)))
    return rows(("setting", "default", "meaning"), lines)


TABLES = {"fields": fields, "service": lambda: commands("service"), "work": lambda: commands("work"), "events": events, "names": names,
          "errors": errors, "moves": moves, "settings": settings}


def main():
    with open(DOCUMENT, encoding="utf-8") as file:
        held = file.read()
    wanted = re.sub(r"<!-- table (\w+) -->\n.*?<!-- end -->", lambda match: "<!-- table %s -->\n%s\n<!-- end -->" % (match[1], TABLES[match[1]]()), held, flags=re.S)
    missing = set(TABLES) - set(re.findall(r"<!-- table (\w+) -->", held))
    if missing:
        raise SystemExit("PROTOCOL.md has no place for: %s" % " ".join(sorted(missing)))
    if wanted == held:
        return
    if "--check" in sys.argv:
        raise SystemExit("PROTOCOL.md: a table is out of date; run schema/protocol.py")
    with open(DOCUMENT, "w", encoding="utf-8") as file:
        file.write(wanted)


if __name__ == "__main__":
    main()
