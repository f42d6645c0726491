"""Reads the .def tables of this folder: for the protocol's tables, the golden vectors and the independent reader in the tests."""
import os
import re

FOLDER = os.path.dirname(os.path.abspath(__file__))


def source(name, folder=FOLDER):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return re.sub(r"/\*.*?\*/", " ", file.read(), flags=re.S)


def calls(text, macro):
    """The arguments of each MACRO(...) in the text, split at commas outside of brackets and quotes."""
    for match in re.finditer(r"(?<![#\w])%s\(" % macro, text):
        line = text[text.rfind("\n", 0, match.start()) + 1:match.start()]
        if line.lstrip().startswith("#"):
            continue
        arguments, depth, quoted, begin, at = [], 1, False, match.end(), match.end()
        while depth:
            letter = text[at]
            if quoted:
                at += letter == "\\"
                quoted = letter != '"'
            elif letter == '"':
                quoted = True
            elif letter in "()":
                depth += 1 if letter == "(" else -1
            if not quoted and ((letter == "," and depth == 1) or depth == 0):
                arguments.append(" ".join(text[begin:at].split()))
                begin = at + 1
            at += 1
        yield arguments


def unquote(text):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', text)).replace('\\"', '"')


def macros(text):
    """#define NAME body, with continued lines."""
    return {name: body for name, body in re.findall(r"^#define (\w+) (.*)$", text.replace("\\\n", " "), flags=re.M)}


def expand(text, known):
    for _ in range(4):
        for name, body in known.items():
            text = re.sub(r"\b%s\b" % name, lambda _: body, text)
    return text


def fields():
    bounds = {"INT64_MAX": 2**63 - 1, "UINT32_MAX": 2**32 - 1}
    return [{"number": int(number), "member": member, "wire": unquote(wire), "type": kind,
             "limit": bounds[limit] if limit in bounds else int(limit), "limit_text": limit, "meaning": unquote(meaning)}
            for number, member, wire, kind, limit, meaning in calls(source("fields.def"), "FIELD")]


def wire_names():
    return {field["member"]: field["wire"] for field in fields()}


def commands():
    text, wire, rows = source("commands.def"), wire_names(), []
    known = macros(text)
    for number, name, door, roles, taken, meaning in calls(text, "COMMAND"):
        reference = "CASE_REF" in taken
        own = expand(taken.replace("CASE_REF", ""), known)
        rows.append({"number": int(number), "name": name, "door": door, "case": reference,
                     "roles": re.findall(r"R\((\w+)\)", expand(roles, known)), "anyone": "ANYONE" in roles,
                     "needs": [wire[member] for member in re.findall(r"NEEDS\((\w+)\)", own)],
                     "takes": [wire[member] for member in re.findall(r"TAKES\((\w+)\)", own)],
                     "meaning": unquote(meaning)})
    return rows


def events():
    text, wire, rows = source("events.def"), wire_names(), []
    known = macros(text)
    for number, name, held, meaning in calls(text, "EVENT"):
        own = expand(held.replace("CASE_EVENT", ""), known)
        rows.append({"number": int(number), "name": name, "case": "CASE_EVENT" in held,
                     "has": [wire[member] for member in re.findall(r"HAS\((\w+)\)", own)],
                     "may": [wire[member] for member in re.findall(r"MAY\((\w+)\)", own)], "meaning": unquote(meaning)})
    return rows


def errors():
    return [{"number": int(number), "name": name, "text": unquote(text)} for number, name, text in calls(source("errors.def"), "ERROR")]


def moves():
    return list(calls(source("lifecycle.def"), "MOVE")) + list(calls(source("lifecycle.def"), "MANY"))


def names(macro):
    """STATE, KIND, OUTCOME, CLOCK, TASK or ROLE."""
    return [{"number": int(number), "name": name, "chinese": unquote(chinese), "meaning": unquote(meaning)}
            for number, name, chinese, meaning in calls(source("names.def"), macro) if number.isdigit()]
