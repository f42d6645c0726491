"""A second reading of the wire format, written from PROTOCOL.md and the .def tables and not from the C codec: the oracle of the
golden vectors and of the differential test. Slow and plain on purpose. read(frame) gives the records as the C codec's JSON
would show them, or Refusal with the error and the field."""
import datetime
import math
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "schema"))
import tables

LIMITS = {"bytes": 1 << 20, "objects": 4096, "depth": 6, "nodes": 262144}
FIELDS = {field["wire"]: field for field in tables.fields()}
NUMBERS = {field["number"]: field for field in tables.fields()}
ORDER = {field["wire"]: place for place, field in enumerate(tables.fields())}
NAMED = {kind: {row["number"]: row["name"] for row in tables.names(kind)} for kind in ("STATE", "KIND", "OUTCOME", "CLOCK", "TASK", "ROLE")}
NAMED["COMMAND"] = {row["number"]: row["name"] for row in tables.commands()}
NAMED["EVENT"] = {row["number"]: row["name"] for row in tables.events()}
NAMED["ERROR"] = {row["number"]: row["name"] for row in tables.errors()}
TIME_FIRST, TIME_LAST = -62135596800000, 253402300799999
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
# Damm's table, 2004
DAMM = ("0317598642", "7092154863", "4206871359", "1750983426", "6123045978", "3674209581", "5869720134", "8945362017", "9438617205", "2581436790")


class Refusal(Exception):
    def __init__(self, error, field=""):
        super().__init__(error, field)
        self.error, self.field = error, field


class Bytes(bytes):
    """A msgpack bin, told from text."""


class Real(float):
    pass


def check_digit(number):
    digit = 0
    for letter in str(number):
        digit = int(DAMM[digit][int(letter)])
    return digit


def case_text(number):
    digits = "%012d" % (number * 10 + check_digit(number))
    head = len(digits) % 4
    groups = [digits[:head]] if head else []
    return "-".join(groups + [digits[at:at + 4] for at in range(head, len(digits), 4)])


def parse(data, at):
    """One value: (value, next). Maps are lists of pairs inside of a tuple, so that duplicates stay."""
    if at >= len(data):
        raise Refusal("truncated")
    head = data[at]
    at += 1

    def take(count):
        nonlocal at
        if at + count > len(data):
            raise Refusal("truncated")
        at += count
        return data[at - count:at]

    def many(count, kind):
        nonlocal at
        if count * (2 if kind == "map" else 1) > len(data) - at:
            raise Refusal("truncated")
        values = []
        for _ in range(count):
            value, at = parse(data, at)
            if kind == "map":
                second, at = parse(data, at)
                value = (value, second)
            values.append(value)
        return (kind, values)

    if head < 0x80:
        value = head
    elif head < 0x90:
        value = many(head & 15, "map")
    elif head < 0xa0:
        value = many(head & 15, "array")
    elif head < 0xc0:
        value = ("text", take(head & 31))
    elif head >= 0xe0:
        value = head - 256
    elif head == 0xc0:
        value = None
    elif head in (0xc2, 0xc3):
        value = head == 0xc3
    elif head in (0xc4, 0xc5, 0xc6):
        value = Bytes(take(int.from_bytes(take(1 << (head - 0xc4)), "big")))
    elif head == 0xca:
        value = Real(struct.unpack(">f", take(4))[0])
    elif head == 0xcb:
        value = Real(struct.unpack(">d", take(8))[0])
    elif 0xcc <= head <= 0xcf:
        value = int.from_bytes(take(1 << (head - 0xcc)), "big")
    elif 0xd0 <= head <= 0xd3:
        value = int.from_bytes(take(1 << (head - 0xd0)), "big", signed=True)
    elif head in (0xd9, 0xda, 0xdb):
        value = ("text", take(int.from_bytes(take(1 << (head - 0xd9)), "big")))
    elif head in (0xdc, 0xdd):
        value = many(int.from_bytes(take(2 << (head - 0xdc)), "big"), "array")
    elif head in (0xde, 0xdf):
        value = many(int.from_bytes(take(2 << (head - 0xde)), "big"), "map")
    else:
        raise Refusal("malformed")
    return value, at


def clean(raw):
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if any((ord(letter) < 32 and letter not in "\t\n\r") or 127 <= ord(letter) < 160 for letter in text):
        return None
    return text


def is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


def is_text(value):
    return isinstance(value, tuple) and value[0] == "text"


def read_time(value, wire):
    if is_text(value):
        text = value[1].decode("ascii", "replace")
        whole, fraction = text[:19], text[19:]
        milliseconds = 0
        if fraction.startswith("."):
            digits = ""
            fraction = fraction[1:]
            while fraction and fraction[0] in "0123456789":
                digits, fraction = digits + fraction[0], fraction[1:]
            if not digits:
                raise Refusal("out_of_range", wire)
            milliseconds = int((digits + "00")[:3])
        try:
            zone = "+0000" if fraction in ("Z", "z") else fraction[:3] + fraction[4:]
            if fraction not in ("Z", "z") and (len(fraction) != 6 or fraction[3] != ":" or fraction[0] not in "+-" or int(fraction[1:3]) > 23 or int(fraction[4:]) > 59):
                raise ValueError
            if len(whole) != 19 or whole[10] not in "Tt " or not all(whole[i].isdigit() for i in (0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18)):
                raise ValueError
            naive = datetime.datetime.strptime(whole[:10] + "T" + whole[11:] + "+0000", "%Y-%m-%dT%H:%M:%S%z")
            sign = -1 if zone[0] == "-" else 1
            value = (naive - EPOCH) // datetime.timedelta(milliseconds=1) + milliseconds - sign * (int(zone[1:3]) * 60 + int(zone[3:5])) * 60000
        except (ValueError, IndexError):
            raise Refusal("out_of_range", wire) from None
    elif not is_int(value):
        raise Refusal("wrong_type", wire)
    if not TIME_FIRST <= value <= TIME_LAST:
        raise Refusal("out_of_range", wire)
    moment = EPOCH + datetime.timedelta(milliseconds=value)
    text = "%04d" % moment.year + moment.strftime("-%m-%dT%H:%M:%S")
    return text + (".%03dZ" % (value % 1000) if value % 1000 else "Z")


def read_case(value, wire, inside):
    if is_text(value):
        digits = "".join(chr(byte) for byte in value[1] if chr(byte) not in " -.")
        if not digits.isascii() or not digits.isdigit() or len(digits) < 2:
            raise Refusal("bad_case_number", wire)
        value = int(digits)
    elif not is_int(value) or inside:
        raise Refusal("wrong_type", wire)
    if value <= 9 or value // 10 > 99999999999999 or check_digit(value // 10) != value % 10:
        raise Refusal("bad_case_number", wire)
    return case_text(value // 10)


def read_value(field, value, wire, depth):
    kind, limit = field["type"], field["limit"]
    if kind == "INT":
        if not is_int(value):
            raise Refusal("wrong_type", wire)
        if not 0 <= value <= limit:
            raise Refusal("out_of_range", wire)
        return value
    if kind == "TIME":
        return read_time(value, wire)
    if kind == "CASE":
        return read_case(value, wire, depth > 0)
    if kind == "FLAG":
        if not isinstance(value, bool):
            raise Refusal("wrong_type", wire)
        return value
    if kind == "REAL":
        if not is_int(value) and not isinstance(value, Real):
            raise Refusal("wrong_type", wire)
        if not math.isfinite(value) or not (0 if limit == 1 else -limit) <= value <= limit:
            raise Refusal("out_of_range", wire)
        return float(value)
    if kind in ("TEXT", "PRIVATE", "BYTES"):
        if not (isinstance(value, Bytes) if kind == "BYTES" else is_text(value)):
            raise Refusal("wrong_type", wire)
        raw = value if kind == "BYTES" else value[1]
        if len(raw) > limit:
            raise Refusal("too_long", wire)
        if kind == "BYTES":
            return raw.hex()
        if clean(raw) is None:
            raise Refusal("bad_text", wire)
        return clean(raw)
    if kind == "LIST":
        if not isinstance(value, tuple) or value[0] != "array":
            raise Refusal("wrong_type", wire)
        if len(value[1]) > limit:
            raise Refusal("too_long", wire)
        if value[1] and depth >= 4:
            raise Refusal("too_deep", wire)
        return [read_map(each, depth + 1, field["wire"]) for each in value[1]]
    rows = NAMED[kind]
    if is_text(value):
        name = value[1].decode("utf-8", "replace")
        if name in rows.values():
            return name
    elif is_int(value) and value >= 0:
        if value in rows:
            return rows[value]
    else:
        raise Refusal("wrong_type", wire)
    raise Refusal("unknown_command" if kind == "COMMAND" else "bad_name", wire)


def read_map(value, depth=0, inside=None):
    """The record, public and private fields. The first thing wrong, in the order of the bytes, is the refusal."""
    place = lambda name: inside + "." + name if inside else name
    if not isinstance(value, tuple) or value[0] != "map":
        raise Refusal("not_a_map", inside or "")
    record, seen = {}, set()
    for key, held in value[1]:
        if is_text(key):
            field = FIELDS.get(key[1].decode("utf-8", "replace"))
            shown = "".join(letter if letter.isprintable() else "?" for letter in key[1].decode("utf-8", "replace"))
        elif is_int(key) and key >= 0:
            field, shown = NUMBERS.get(key), str(key)
        else:
            raise Refusal("wrong_type", inside or "")
        if field is None:
            raise Refusal("unknown_field", place(shown))
        wire = place(field["wire"])
        if field["wire"] in seen:
            raise Refusal("duplicate_field", wire)
        seen.add(field["wire"])
        if inside and field["type"] == "PRIVATE":
            raise Refusal("unexpected_field", wire)
        record[field["wire"]] = read_value(field, held, wire, depth)
    return record


def nesting(value):
    if isinstance(value, tuple) and value[0] in ("array", "map"):
        inner = [each for pair in value[1] for each in pair] if value[0] == "map" else value[1]
        return 1 + max(map(nesting, inner), default=0)
    return 0


def count(value):
    if isinstance(value, tuple) and value[0] in ("array", "map"):
        inner = [each for pair in value[1] for each in pair] if value[0] == "map" else value[1]
        return 1 + sum(map(count, inner))
    return 1


def read(frame):
    """The records of a frame, PRIVATE fields left out."""
    if len(frame) > LIMITS["bytes"]:
        raise Refusal("oversized")
    if not frame:
        raise Refusal("malformed")
    at, values = 0, []
    while at < len(frame):
        if not (0x80 <= frame[at] < 0x90 or frame[at] in (0xde, 0xdf)):
            raise Refusal("truncated" if frame[at] != 0xc1 and is_cut(frame, at) else "malformed" if 0xc7 <= frame[at] <= 0xc9 or 0xd4 <= frame[at] <= 0xd8 or frame[at] == 0xc1 else "not_a_map")
        value, at = parse(frame, at)
        if nesting(value) > LIMITS["depth"]:
            raise Refusal("too_deep")
        values.append(value)
    if len(values) > LIMITS["objects"]:
        raise Refusal("too_many_objects")
    if sum(map(count, values)) > LIMITS["nodes"]:
        raise Refusal("too_many_nodes")
    records = [read_map(value) for value in values]
    return [{wire: held for wire, held in record.items() if FIELDS[wire]["type"] != "PRIVATE"} for record in records]


def is_cut(frame, at):
    head = frame[at]
    if head in (0xdc, 0xdd):
        return at + 1 + (2 << (head - 0xdc)) > len(frame)
    if 0x90 <= head < 0xa0:
        return False
    try:
        parse(frame, at)
    except Refusal as refusal:
        return refusal.error == "truncated"
    return False
