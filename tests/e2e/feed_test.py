#!/usr/bin/python3
"""The feed: each event once, in order, over restarts; jurisdictions; and nothing of a caller in it or anywhere else."""
import os
import subprocess

import msgpack

from harness import SHORT, TREE, Daemon, equal, program, report_of, run_tests, true

POLICY = os.path.join(TREE, "bench", "policy")
SECRETS = ("Zacharias Quisling", "+44-7700-900123", "third window, ring twice")


def test_subscriber_through_restarts():
    """Live feed and replay together give each event once, in order, while the daemon is killed under load."""
    daemon = Daemon(policy=POLICY).start()
    seen, next_seq = [], 1
    rounds, count = (3, 50) if SHORT else (6, 200)
    for turn in range(rounds):
        feed, client = daemon.feed(), daemon.client()
        for event in client.events(next_seq):  # subscribed first, then asked for what was missed
            seen.append(event["seq"])
        next_seq = seen[-1] + 1
        for index in range(turn * count, (turn + 1) * count):
            client.send({"command": "submit", "request": f"r{index}", "actor": "tester", **report_of(index)})
        for _ in range(count):
            _, event = feed.next()
            if event["seq"] < next_seq:
                continue  # the replay had it already
            equal(event["seq"], next_seq, "the live feed has a gap")
            seen.append(next_seq)
            next_seq += 1
        feed.close()
        daemon.kill()
        daemon.start()
    client = daemon.client()
    rest = client.events(next_seq)
    seen += [event["seq"] for event in rest]
    equal(seen, list(range(1, len(seen) + 1)), "sequence numbers")


def test_watch_through_restarts():
    """`reeve watch --json` misses and doubles nothing over a restart of the daemon."""
    daemon = Daemon(policy=POLICY).start()
    watch = subprocess.Popen([program("reeve"), "--service", daemon.service, "--feed", daemon.feed_address, "--json", "watch", "--from", "1"],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    import json
    try:
        client = daemon.client()
        for index in range(20):
            client.ask("submit", **report_of(index))
        daemon.kill()
        daemon.start()
        for index in range(20, 40):
            last = daemon.client().ask("submit", **report_of(index))["seq"]
        seen = []
        while not seen or seen[-1] < last:
            line = watch.stdout.readline()
            true(line, "watch ended")
            seen.append(json.loads(line)["seq"])
        equal(seen, list(range(1, len(seen) + 1)), "sequence numbers")
    finally:
        watch.kill()
        watch.wait()


def test_jurisdiction():
    """A subscription to the path of an area gets its subtree and nothing else; stream numbers have no gaps."""
    daemon = Daemon(policy=POLICY, workers=()).start()
    feed = daemon.feed("case_opened/b/b1/")
    client = daemon.client()
    areas = ["b1a", "b2a", "b1b", "b2b", "b1a", "b1"]
    for index, area in enumerate(areas):
        client.ask("submit", **report_of(index, area=area))
    found = [feed.next() for area in areas if area.startswith("b1")]
    equal([event["area"] for _, event in found], ["b1a", "b1b", "b1a", "b1"])
    true(all(topic == f"case_opened/{event['path']}/" for topic, event in found), f"topics: {[topic for topic, _ in found]}")
    equal([event["stream"] for _, event in found if event["area"] == "b1a"], [1, 2], "stream of one topic")


def test_private_data_stays_private():
    """A caller's name, phone and contact: not in the journal's records, the feed, the log or the archive's file; only `contact` tells."""
    daemon = Daemon(policy=POLICY).start()
    feed, client = daemon.feed(), daemon.client()
    number = client.ask("submit", **report_of(1, caller_name=SECRETS[0], caller_phone=SECRETS[1], caller_contact=SECRETS[2]))["case"]
    events = []
    while not events or events[-1]["event"] != "case_dispatched":
        events.append(feed.next()[1])
    client.ask("sign", case=number)
    client.try_ask("submit", **report_of(2, caller_name=SECRETS[0], caller_phone=SECRETS[1] * 9, caller_contact=SECRETS[2]))
    last = client.ask("close", case=number, outcome="solved")["seq"]
    shown = client.ask("show", case=number, min_seq=last)
    contact = client.ask("contact", case=number, reason="call back")
    equal(tuple(contact[name] for name in ("caller_name", "caller_phone", "caller_contact")), SECRETS)
    equal(client.events()[-1]["event"], "contact_read", "reading it is an event")
    printed = daemon.cli("journal", "print", "--json").stdout
    true("case_closed" in printed, "journal print printed nothing")
    places = {"records": msgpack.packb(client.records()), "feed": msgpack.packb(events), "show": msgpack.packb(shown),
              "timeline": msgpack.packb(client.ask("timeline", case=number)), "list": msgpack.packb(client.ask("list")),
              "journal print": printed.encode()}
    equal(daemon.stop(), 0)
    places["log"] = daemon.log().encode()
    with open(daemon.state_file("archive.mdb"), "rb") as file:
        places["archive"] = file.read()
    for place, content in places.items():
        true(content, f"{place} is empty")
        for secret in SECRETS:
            true(secret.encode() not in content, f"{place} holds {secret!r}")
    true(b"street lamp" not in places["log"], "the log holds a report's text")
    daemon.start()
    equal(daemon.client().ask("contact", case=number)["caller_phone"], SECRETS[1], "after a restart")


if __name__ == "__main__":
    run_tests(globals())
