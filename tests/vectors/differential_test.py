"""The C codec against the independent reader of reference.py, on random records and on records with random damage.

Usage: differential_test.py CODEC_PROBE [COUNT] [SEED]. The seed is fixed, so that a run can be repeated."""
import json
import random
import subprocess
import sys

import msgpack

import reference

COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 6000
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1999
# Where several things are wrong with the structure, either reader may name another one first.
STRUCTURE = {"malformed", "truncated", "not_a_map", "too_deep", "too_many_nodes", "too_many_objects", "oversized"}
LETTERS = "abc XYZ09,\n\t臺南市ÄéÅ🔥\u00a0"
dice = random.Random(SEED)


def text(limit):
    out = "".join(dice.choice(LETTERS) for _ in range(dice.choice((0, 1, 5, 31, 32, 60))))
    while len(out.encode()) > limit:
        out = out[:-1]
    return out


def good_value(field, depth):
    kind, limit = field["type"], field["limit"]
    if kind == "INT":
        return min(limit, dice.choice((0, 1, 2, 127, 128, 255, 256, 65535, 65536, 2**32 - 1, 2**32, limit, dice.randint(0, limit))))
    if kind == "TIME":
        moment = dice.choice((0, -1, reference.TIME_FIRST, reference.TIME_LAST, dice.randint(reference.TIME_FIRST, reference.TIME_LAST), dice.randint(0, 2 * 10**12)))
        return dice.choice((moment, reference.read_time(moment, "")))
    if kind == "CASE":
        number = dice.choice((1, 17, 31828, 99999999999999, dice.randint(1, 10**9)))
        return reference.case_text(number) if depth or dice.random() < 0.7 else number * 10 + reference.check_digit(number)
    if kind == "FLAG":
        return dice.random() < 0.5
    if kind == "REAL":
        return dice.choice((0, 1, 0.25, dice.uniform(0 if limit == 1 else -limit, limit)))
    if kind in ("TEXT", "PRIVATE"):
        return text(limit)
    if kind == "BYTES":
        return bytes(dice.randrange(256) for _ in range(dice.choice((0, 1, 32))))
    if kind == "LIST":
        return [good_record(depth + 1) for _ in range(dice.choice((0, 1, 3)) if depth < 2 else 0)]
    number, name = dice.choice(sorted(reference.NAMED[kind].items()))
    return dice.choice((name, name, number))


def bad_value():
    return dice.choice((None, True, -1, 2**63, 2**64 - 1, 1.5, float("nan"), float("-inf"), "", "x" * 9000, "\x01", b"\xff", [], [1], {}, {"a": 1}, [{"seq": -5}],
                        [{"nothing": 1}], "0000-0031-8281", 318281, "2011-02-29T00:00:00Z", 10**17, -10**17))


def good_record(depth=0):
    record = {}
    for field in dice.sample(list(reference.FIELDS.values()), dice.choice((0, 1, 2, 5, 12))):
        if depth and field["type"] == "PRIVATE":
            continue
        record[dice.choice((field["wire"], field["wire"], field["number"]))] = good_value(field, depth)
    return record


def frame():
    records = [good_record() for _ in range(dice.choice((1, 1, 1, 2, 5)))]
    fate = dice.random()
    if fate < 0.3:
        record = dice.choice(records)
        record[dice.choice(list(reference.FIELDS))] = bad_value()
    if 0.3 < fate < 0.35:
        dice.choice(records)[dice.choice(("colour", "case_id", 999, 0, "Seq"))] = 1
    data = bytearray(b"".join(map(msgpack.packb, records)))
    if fate > 0.8 and data:
        for _ in range(dice.choice((1, 1, 2, 8))):
            data[dice.randrange(len(data))] = dice.randrange(256)
    if fate > 0.95:
        del data[dice.randrange(len(data)):]
    return bytes(data)


def expected(data):
    try:
        return {"records": reference.read(data)}
    except reference.Refusal as refusal:
        return {"error": refusal.error, "field": refusal.field}


def agree(wanted, got):
    if wanted.get("error") in STRUCTURE and not wanted["field"]:
        return got.get("error") in STRUCTURE
    if wanted.get("error") == "unknown_field" and not (wanted["field"].replace(".", "").replace("_", "").isalnum() and wanted["field"].isascii() and len(wanted["field"]) < 30):
        return got.get("error") == "unknown_field"  # how a name that is no text is shown is each reader's own
    return wanted == got


def main():
    frames = [frame() for _ in range(COUNT)]
    probe = subprocess.run([sys.argv[1]], input="".join(each.hex() + "\n" for each in frames), capture_output=True, text=True, check=True)
    answers = probe.stdout.splitlines()
    assert len(answers) == len(frames), (len(answers), len(frames))
    tally = {}
    for data, answer in zip(frames, answers):
        wanted, got = expected(data), json.loads(answer)
        if not agree(wanted, got):
            raise SystemExit("seed %d: frame %s\n  reference %s\n  codec     %s" % (SEED, data.hex(), json.dumps(wanted, ensure_ascii=False), answer))
        tally[wanted.get("error", "read")] = tally.get(wanted.get("error", "read"), 0) + 1
    print(", ".join("%s %d" % each for each in sorted(tally.items(), key=lambda each: -each[1])))
    if tally.get("read", 0) < COUNT // 3 or len(tally) < min(12, COUNT // 100):
        raise SystemExit("the random frames are too much alike to prove anything")


main()
