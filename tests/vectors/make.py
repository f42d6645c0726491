"""Writes schema/vectors/*.json: golden encodings and golden refusals. make.py --check only says whether the files are up to date.

The bytes come from Python's msgpack, what they mean from reference.py; the C codec has no part in either. A vector that was
published is never changed: a new meaning is a new vector and a new protocol version."""
import json
import os
import sys

import msgpack

import reference

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "schema", "vectors")
pack = msgpack.packb
REPORT = {"command": "submit", "request": "r-1", "source": "1999", "source_ref": "T-77", "kind": "incident", "urgency": 1,
          "title": "瓦斯外洩", "text": "燃氣洩漏，氣味濃烈\nplease hurry", "address": "臺南市東區", "latitude": 22.984, "longitude": 120.225,
          "reported_at": 1429113600000, "priority": True}
CASE = reference.case_text(31828)

# name, maps, canonical: written again by a codec with names in the order of fields.def, these are the same bytes
RECORDS = [
    ("an empty map", [{}], True),
    ("a request without anything else", [{"command": "status", "request": "1"}], True),
    ("a report with Chinese text", [REPORT], True),
    ("a report with private fields", [dict(REPORT, caller_name="王小明", caller_phone="0912-345-678", caller_contact="x@example.org")], False),
    ("two requests in one frame", [{"command": "hello", "request": "1"}, {"command": "status", "request": "2"}], True),
    ("keys by number", [{1: "show", 2: "r-2", 12: CASE}], False),
    ("names by number", [{"command": 2, "kind": 7, "state": 8, "outcome": 1, "clock": 2, "task": 3, "role": 6, "event": 2, "error": 32, "reply": 12}], False),
    ("a case number without separators", [{"command": "show", "case": CASE.replace("-", "")}], False),
    ("a case number with blanks and dots", [{"command": "show", "case": CASE.replace("-", " ", 1).replace("-", ".")}], False),
    ("a case number without leading zeros", [{"command": "show", "case": CASE.replace("-", "").lstrip("0")}], False),
    ("a case number as an integer with its check digit", [{"command": "show", "case": int(CASE.replace("-", ""))}], False),
    ("the largest case number", [{"case": reference.case_text(99999999999999)}], True),
    ("a time as text in UTC", [{"command": "advance", "to": "2011-07-01T05:32:33Z"}], False),
    ("a time as text with an offset", [{"command": "advance", "to": "2011-07-01T01:32:33-04:00"}], False),
    ("a time as text with milliseconds", [{"command": "advance", "to": "2011-07-01 05:32:33.250z"}], False),
    ("times at their ends", [{"at": reference.TIME_FIRST, "to": reference.TIME_LAST}], True),
    ("a time before 1970", [{"at": -1}], True),
    ("integers at their ends", [{"urgency": 4, "value": 2**63 - 1, "seq": 0}], True),
    ("integers of every width", [{"seq": 127}, {"seq": 128}, {"seq": 255}, {"seq": 256}, {"seq": 65535}, {"seq": 65536}, {"seq": 2**32 - 1}, {"seq": 2**32}], True),
    ("integers for floats", [{"latitude": 42, "longitude": -71, "confidence": 1}], False),
    ("text at its limit", [{"source": "s" * 32, "area": "區" * 21 + "x"}], True),
    ("text with tab and line ends", [{"text": "a\tb\r\nc"}], True),
    ("text of every width", [{"title": "t" * 31}, {"title": "t" * 32}, {"text": "t" * 255}, {"text": "t" * 256}, {"text": "t" * 8000}], True),
    ("characters outside of the basic plane", [{"title": "🔥 fire"}], True),
    ("a list of similar reports", [{"similar": [{"case": CASE, "category": "pothole", "distance_m": 40, "same_address": True}, {"case": CASE}]}], False),
    ("an empty list", [{"similar": []}], True),
    ("lists in a list", [{"clocks": [{"clock": "promise", "limit": "P2D", "intervals": [{"from": 0, "to": 1000, "counted": True}]}]}], False),
    ("bytes", [{"hash": bytes(range(32))}], True),
    ("a policy", [{"command": "policy_check", "files": [{"name": "areas.csv", "content": "code,name\n"}]}], False),
    ("a reply", [{"request": "r-1", "reply": "submit", "seq": 5, "case": CASE, "duplicate": True}], True),
    ("a refusal", [{"request": "r-1", "reply": "submit", "error": "unknown_area", "message": "the policy has no such area", "field": "area"}], True),
    ("busy", [{"request": "r-1", "reply": "submit", "error": "busy", "message": "later", "retry_after_ms": 250}], True),
    ("a mark of the feed", [{"seq": 100, "stream": 7, "topic": "case_opened/boston/", "caught_up": True}], False),
]

# name, frame
RAW = [
    ("lengths that are longer than needed", b"\xdf\x00\x00\x00\x02\xdb\x00\x00\x00\x07command\xda\x00\x06status\xc6"[:-1] + b"\xd9\x03seq\xcf" + bytes(7) + b"\x05"),
    ("a positive number in a signed form", b"\x81\xa3seq\xd3" + bytes(7) + b"\x05"),
    ("a 32-bit float", b"\x81\xa8latitude\xca\x42\x29\x00\x00"),
]

# name, frame
REFUSALS = [
    ("an empty frame", b""),
    ("a map cut off", pack(REPORT)[:-3]),
    ("a second map cut off", pack({"command": "status"}) + b"\x82\x01"),
    ("an array that announces 268 million values", b"\x81\xa7similar\xdd\x0f\xff\xff\xff"),
    ("a map that announces 4 billion pairs", b"\xdf\xff\xff\xff\xff"),
    ("text longer than the frame", b"\x81\xa4text\xdb\x7f\xff\xff\xffabc"),
    ("an integer after the map", pack({"command": "status"}) + b"\x05"),
    ("an array instead of a map", pack([1, 2, 3])),
    ("text instead of a map", pack("status")),
    ("the byte that is no value", b"\x81\xa3seq\xc1"),
    ("an extension", pack({"at": msgpack.Timestamp(1, 0)})),
    ("nested too deep", pack({"similar": [[[[[[1]]]]]]})),
    ("too many maps", b"\x80" * 4097),
    ("too many bytes", b"\x80" * (2**20 + 1)),
    ("an unknown field", pack({"command": "status", "colour": "red"})),
    ("an unknown field number", b"\x81\xcd\x03\xe7\x01"),
    ("an unknown Chinese field", pack({"顏色": 1})),
    ("a field twice", b"\x82\xa3seq\x01\xa3seq\x02"),
    ("a field twice, by name and by number", b"\x82\xa3seq\x01\x0a\x02"),
    ("a key that is neither name nor number", b"\x81\xc3\x01"),
    ("nil", pack({"title": None})),
    ("a number for text", pack({"title": 5})),
    ("bytes for text", pack({"title": b"abc"})),
    ("text for bytes", pack({"hash": "abc"})),
    ("text for a number", pack({"urgency": "1"})),
    ("a float for an integer", pack({"urgency": 1.0})),
    ("a truth value for an integer", pack({"urgency": True})),
    ("an integer for a truth value", pack({"priority": 1})),
    ("a number for private text", pack({"caller_phone": 912345678})),
    ("private text that is too long", pack({"caller_phone": "0" * 51})),
    ("a map for text", pack({"title": {"a": 1}})),
    ("a map for a list", pack({"similar": {"case": CASE}})),
    ("a number in a list of maps", pack({"similar": [1]})),
    ("an unknown field in a list", pack({"similar": [{"colour": 1}]})),
    ("a private field in a list", pack({"similar": [{"caller_name": "Wang"}]})),
    ("a case number as an integer in a list", pack({"similar": [{"case": 318280}]})),
    ("too many maps in a list", pack({"similar": [{}] * 17})),
    ("too long by one byte", pack({"source": "s" * 33})),
    ("too long in bytes though not in characters", pack({"area": "區" * 22})),
    ("a negative integer", pack({"urgency": -1})),
    ("an integer above its limit", pack({"urgency": 5})),
    ("an integer above 63 bits", pack({"seq": 2**63})),
    ("not a number", pack({"latitude": float("nan")})),
    ("infinite", pack({"longitude": float("inf")})),
    ("a latitude beyond the pole", pack({"latitude": 90.5})),
    ("a share above one", pack({"confidence": 1.5})),
    ("a share below zero", pack({"confidence": -0.5})),
    ("invalid UTF-8", b"\x81\xa5title\xa2\xc3\x28"),
    ("an overlong form", b"\x81\xa5title\xa2\xc0\x80"),
    ("a surrogate", b"\x81\xa5title\xa3\xed\xa0\x80"),
    ("a NUL in text", pack({"title": "a\0b"})),
    ("an escape character in text", pack({"text": "\x1b[2J"})),
    ("an unknown command", pack({"command": "explode"})),
    ("an unknown command number", pack({"command": 255})),
    ("an unknown kind", pack({"kind": "rumour"})),
    ("a kind by a number that there is not", pack({"kind": 99})),
    ("a case number with a wrong digit", pack({"case": CASE.replace("3", "4", 1)})),
    ("a case number with two digits swapped", pack({"case": CASE.replace("82", "28", 1)})),
    ("a bare case number", pack({"case": 31829})),
    ("case number nought", pack({"case": "0000-0000-0000"})),
    ("a word for a case number", pack({"case": "pothole"})),
    ("a time that is no time", pack({"to": "tomorrow"})),
    ("a time without a zone", pack({"to": "2011-07-01T05:32:33"})),
    ("30 February", pack({"to": "2011-02-30T00:00:00Z"})),
    ("a time after the year 9999", pack({"to": reference.TIME_LAST + 1})),
    ("the first of two flaws", pack({"urgency": 9, "title": 5})),
]


def short(frame):
    """Hex; long frames of one byte, repeated, as {repeat, count}."""
    if len(frame) > 4000 and len(set(frame)) == 1:
        return {"repeat": frame[:1].hex(), "count": len(frame)}
    return frame.hex()


def readable(value):
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, dict):
        return {key: readable(each) for key, each in value.items()}
    return [readable(each) for each in value] if isinstance(value, list) else value


def records():
    for name, maps, canonical in RECORDS:
        if canonical:
            maps = [dict(sorted(each.items(), key=lambda pair: reference.ORDER[pair[0]])) for each in maps]
        frame = b"".join(map(pack, maps))
        vector = {"name": name, "frame": short(frame), "records": reference.read(frame), "canonical": canonical}
        if all(isinstance(key, str) for each in maps for key in each):
            vector["maps"] = readable(maps)
        yield vector
    for name, frame in RAW:
        yield {"name": name, "frame": short(frame), "records": reference.read(frame), "canonical": False}


def refusals():
    for name, frame in REFUSALS:
        try:
            reference.read(frame)
        except reference.Refusal as refusal:
            yield {"name": name, "frame": short(frame), "error": refusal.error, "field": refusal.field}
            continue
        raise SystemExit("make.py: %s is not refused by reference.py" % name)


def text_of(vectors):
    return "[\n" + ",\n".join(json.dumps(each, ensure_ascii=False) for each in vectors) + "\n]\n"


def main():
    stale = []
    for name, vectors in (("records.json", records()), ("refusals.json", refusals())):
        path, text = os.path.join(FOLDER, name), text_of(vectors)
        held = open(path, encoding="utf-8").read() if os.path.exists(path) else None
        if held != text:
            stale.append(name)
            if "--check" not in sys.argv:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
    if stale and "--check" in sys.argv:
        raise SystemExit("schema/vectors: %s differ from tests/vectors/make.py: run it and look at the difference" % " ".join(stale))


if __name__ == "__main__":
    main()
