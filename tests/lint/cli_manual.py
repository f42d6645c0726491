#!/usr/bin/python3
"""reeve(1) has every subcommand of the program with every option: its two tables are what --help says.

usage: cli_manual.py PROGRAM [--write]; prints what differs, exit 1 when anything does; --write brings the page up to date.
"""
import os
import re
import subprocess
import sys

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "man", "reeve.1")
OPTION = re.compile(r"^  --(\S+)(?: (\S+))?\s{2,}(.*)$|^  --(\S+)(?: (\S+))? (.*)$")
PART = re.compile(r'(?P<begin>\.\\" begin (?P<name>\w+):[^\n]*\n)(?P<text>.*?)(?P<end>\.\\" end (?P=name)\n)', re.S)


def help_of(program, *words):
    return subprocess.run([program, "help", *words], capture_output=True, text=True, check=True).stdout


def escape(text):
    """mdoc: no control line by accident, and each sentence on a line of its own."""
    text = re.sub(r"(?<=\w[.?!]|\)[.?!])  ?(?=[A-Z])", "\n", text.replace("\\", "\\e"))
    return "\\&" + text if text[:1] in ".'" else text


def sentence(text):
    text = text[:1].upper() + text[1:]
    return escape(text if text.endswith((".", ")")) else text + ".")


def options(lines):
    """The options of one block of help, as mdoc."""
    out = [".Bl -tag -width Ds"]
    for line in lines:
        match = OPTION.match(line)
        if not match:
            raise SystemExit(f"cannot read this line of help: {line}")
        name, value, text = (match.group(i) or match.group(i + 3) for i in (1, 2, 3))
        out += [f".It Fl -{name}" + (f" Ar {value}" if value else ""), sentence(text)]
    return out + [".El"]


def block(text, heading):
    """Lines below a heading of help up to the next empty one."""
    lines = text.split("\n")
    if heading not in lines:
        return []
    start = lines.index(heading) + 1
    return [line for line in lines[start:lines.index("", start) if "" in lines[start:] else None] if line.strip()]


def global_text(program):
    return "\n".join(options(block(help_of(program), "Options of every command:"))) + "\n"


def command_names(program):
    """From the list of commands: a name is one or two words, as `help` takes it."""
    for line in block(help_of(program), "Commands:"):
        words = line.split()
        if words[0] == "help":
            continue
        two = subprocess.run([program, "help", *words[:2]], capture_output=True, text=True).stdout
        yield " ".join(words[:2]) if two.startswith(f"usage: reeve {words[0]} {words[1]}") else words[0]


def command_text(program, name):
    text = help_of(program, *name.split())
    usage, rest = text.split("\n\n", 1)
    arguments = usage.removeprefix(f"usage: reeve {name}").strip()
    said = rest.split("\n\n", 1)[0].split("\n")
    out = [f".It Cm {name}" + (f" Ar {escape(arguments)}" if arguments and not arguments.startswith("[") else ""), *(escape(line) for line in said)]
    lines = block(text, "Options:")
    return out + (options(lines) if lines else [])


def commands_text(program):
    out = [".Bl -tag -width Ds"]
    for name in command_names(program):
        out += command_text(program, name)
    return "\n".join([*out, ".El"]) + "\n"


def main():
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    program = sys.argv[1]
    with open(PAGE, encoding="utf-8") as file:
        page = file.read()
    wanted = {"global": global_text(program), "commands": commands_text(program)}
    fresh = PART.sub(lambda part: part["begin"] + wanted[part["name"]] + part["end"], page)
    if len(PART.findall(page)) != len(wanted):
        raise SystemExit("reeve.1: the marks of its two tables are missing")
    if "--write" in sys.argv[2:] and fresh != page:
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write(fresh)
    elif fresh != page:
        raise SystemExit(f"reeve.1 differs from what reeve --help says: {sys.argv[0]} {program} --write brings it up to date")
    print(f"reeve.1: {wanted['commands'].count('.It Cm')} commands")


if __name__ == "__main__":
    main()
