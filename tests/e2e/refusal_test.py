#!/usr/bin/python3
"""Bad input: each kind gets a refusal of its own with name, text and field; the connection stays usable; refusals are counted."""
import os
import time

import msgpack

from harness import TREE, Daemon, equal, refused, report_of, run_tests, true

POLICY = os.path.join(TREE, "bench", "policy")
DAY_MS = 86400000
LIMITS = {"limits": {"frame_bytes": 65536, "frame_objects": 8, "frame_nodes": 4096, "frame_depth": 4}}


def hello(request="h"):
    return msgpack.packb({"command": "hello", "request": request})


def frame_refused(client, frame, error, field=None):
    """A frame that cannot be read is answered by one refusal; a good one on the same connection works afterwards."""
    client.send_raw(frame)
    replies = client.receive()
    equal([reply.get("error") for reply in replies], [error], f"answer to {frame[:24]!r}")
    equal(replies[0].get("field"), field, f"field of {error}")
    true(len(replies[0].get("message", "")) > 10, f"{error} has no message")
    equal(client.ask("hello")["reply"], "hello")


def test_frames():
    """Malformed, truncated, oversized, nested, with too many values or requests, or no map at all."""
    client = Daemon(workers=(), settings=LIMITS).start().client()
    deep = {"command": "hello", "files": [[[[[[1]]]]]]}
    frame_refused(client, b"\xc1", "malformed")
    frame_refused(client, b"", "malformed")
    frame_refused(client, b"\xdf\x0f\xff\xff\xff", "truncated")
    frame_refused(client, hello()[:-1], "truncated")
    frame_refused(client, msgpack.packb(deep), "too_deep")
    frame_refused(client, msgpack.packb({"command": "hello", "files": [0] * 5000}), "too_many_nodes")
    frame_refused(client, hello() * 9, "too_many_objects")
    frame_refused(client, msgpack.packb([1, 2]), "not_a_map")
    frame_refused(client, msgpack.packb({"command": "submit", "text": "x" * 70000}), "oversized")


def test_random_bytes_leave_the_daemon_alive():
    """A thousand frames of noise: each is answered or refused, and the daemon still answers."""
    import random
    chance = random.Random(20111)
    daemon = Daemon(workers=(), settings=LIMITS).start()
    client = daemon.client()
    for _ in range(1000):
        good = bytearray(hello())
        for _ in range(chance.randrange(1, 4)):
            good[chance.randrange(len(good))] = chance.randrange(256)
        client.send_raw(bytes(good[:chance.randrange(1, len(good) + 1)]))
        client.receive()
    equal(client.ask("hello")["reply"], "hello")
    equal(daemon.process.poll(), None)


def test_fields():
    """Unknown, doubled, of the wrong type, missing, not taken, too long, out of range, not text, not a name."""
    client = Daemon(workers=(), policy=POLICY).start().client()
    ask = client.try_ask
    refused("unknown_field", "colour", ask, "hello", colour="red")
    refused("wrong_type", "urgency", ask, "submit", **report_of(1, urgency="high"))
    refused("wrong_type", "text", ask, "submit", **report_of(1, text=5))
    refused("missing_field", "text", ask, "submit", source="e2e", source_ref="1")
    refused("unexpected_field", "unit", ask, "submit", **report_of(1, unit="u1"))
    refused("too_long", "source", ask, "submit", **report_of(1, source="s" * 33))
    refused("out_of_range", "urgency", ask, "submit", **report_of(1, urgency=5))
    refused("out_of_range", "latitude", ask, "submit", **report_of(1, latitude=91.0, longitude=0.0))
    refused("bad_text", "text", ask, "submit", **report_of(1, text="a\x07b"))
    refused("bad_name", "kind", ask, "submit", **report_of(1, kind="opera"))
    refused("unknown_command", "command", ask, "sing")
    refused("bad_case_number", "case", ask, "show", case="0000-0000-0018")
    client.send_raw(b"\x83" + msgpack.packb("command") + msgpack.packb("hello") + 2 * (msgpack.packb("request") + msgpack.packb("d")))
    equal(client.receive()[0].get("error"), "duplicate_field")
    client.send_raw(b"\x83" + msgpack.packb("command") + msgpack.packb("hello") + msgpack.packb("request") + msgpack.packb("t")
                    + msgpack.packb("actor") + b"\xa2\xc3\x28")
    reply = client.receive()[0]
    equal((reply.get("error"), reply.get("field"), reply.get("request")), ("bad_text", "actor", "t"))


def test_what_it_is_about():
    """Unknown category, area, unit, case; times too far away; a move that the state does not allow; wrong door; clock."""
    daemon = Daemon(workers=(), policy=POLICY).start()
    client = daemon.client()
    ask = client.try_ask
    now = int(time.time() * 1000)
    refused("unknown_category", "category", ask, "submit", **report_of(1, category="opera"))
    refused("unknown_area", "area", ask, "submit", **report_of(1, area="atlantis"))
    refused("in_the_future", "reported_at", ask, "submit", **report_of(1, reported_at=now + DAY_MS))
    refused("too_long_ago", "reported_at", ask, "submit", **report_of(1, reported_at=now - 400 * DAY_MS))
    refused("unknown_case", "case", ask, "show", case=client_number(9999))
    number = client.ask("submit", **report_of(1))["case"]
    refused("illegal_transition", "state", ask, "sign", case=number)
    client.ask("triage", case=number, category="light")
    refused("unknown_unit", "unit", ask, "dispatch", case=number, unit="nobody")
    client.ask("dispatch", case=number, unit="roads")
    refused("wrong_unit", "unit", ask, "sign", case=number, unit="waste")
    refused("no_contact", "case", ask, "contact", case=number)
    refused("nothing_to_acknowledge", "case", ask, "acknowledge", case=number)
    refused("not_driven", "command", ask, "advance", to=now + 1000)
    refused("wrong_door", "command", ask, "drain")
    refused("unknown_policy", "policy", ask, "policy_read", policy=99)
    reply = client.try_ask("policy_apply", files=[{"name": "areas.csv", "content": "nonsense\n"}])
    equal(reply.get("error"), "bad_policy")
    true(reply["findings"] and all(row.get("file") and row.get("message") for row in reply["findings"]), "findings without a place")


def client_number(number):
    """A case number with its check digit (Damm), as the daemon writes it."""
    table = [[0, 3, 1, 7, 5, 9, 8, 6, 4, 2], [7, 0, 9, 2, 1, 5, 4, 8, 6, 3], [4, 2, 0, 6, 8, 7, 1, 3, 5, 9], [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
             [6, 1, 2, 3, 0, 4, 5, 9, 7, 8], [3, 6, 7, 4, 2, 0, 9, 5, 8, 1], [5, 8, 6, 9, 7, 2, 0, 1, 3, 4], [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
             [9, 4, 3, 8, 6, 1, 7, 2, 0, 5], [2, 5, 8, 1, 4, 3, 6, 7, 9, 0]]
    digit = 0
    for each in f"{number:011d}":
        digit = table[digit][int(each)]
    text = f"{number:011d}{digit}"
    return "-".join(text[at:at + 4] for at in range(0, len(text), 4))


def test_not_permitted():
    """An actor that the configuration lists may do what its roles allow and nothing else."""
    daemon = Daemon(workers=(), policy=POLICY, settings={"access": {"actors": [{"name": "desk", "roles": ["intake"]}]}}).start()
    desk = daemon.client("desk")
    number = desk.ask("submit", **report_of(1))["case"]
    refused("not_permitted", "actor", desk.try_ask, "close", case=number)
    refused("not_permitted", "actor", desk.try_ask, "journal_read", from_seq=1)


def test_credit_comes_back():
    """Over limits.peer_requests the answer is busy with retry_after_ms; what was answered no longer counts."""
    daemon = Daemon(workers=(), policy=POLICY, settings={"limits": {"peer_requests": 20}}).start()
    client = daemon.client()
    for index in range(100):
        client.ask("submit", **report_of(index))
    client.send(*[{"command": "submit", "request": f"m{index}", "actor": "tester", **report_of(1000 + index)} for index in range(60)])
    replies = [client.reply_to(f"m{index}") for index in range(60)]
    busy = [reply for reply in replies if reply.get("error") == "busy"]
    equal({reply.get("error") for reply in replies}, {None, "busy"}, "answers to 60 at once")
    true(len(busy) >= 30 and all(reply.get("retry_after_ms", 0) > 0 for reply in busy), f"{len(busy)} of 60 are busy")
    for index in range(60):
        client.ask("submit", **report_of(1000 + index))
    equal(daemon.client().ask("hello")["reply"], "hello")


def test_refusals_are_counted():
    """status shows how often each error was answered."""
    client = Daemon(workers=()).start().client()
    for _ in range(3):
        client.try_ask("submit", **report_of(1))
    client.try_ask("sing")
    figures = client.figures()
    counted = {name: value for name, value in figures.items() if "no_policy" in name or "unknown_command" in name}
    equal(sorted(counted.values()), [1, 3], f"figures of refusals: {counted}")


if __name__ == "__main__":
    run_tests(globals())
