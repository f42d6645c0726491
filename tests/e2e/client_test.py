#!/usr/bin/python3
"""libreeve and the Python module against the real daemon, which is killed under them: every report answered once and stored once, every
event delivered once and in order."""
import os
import subprocess
import sys
import threading
import time

from harness import PATIENCE_S, SHORT, TREE, Daemon, equal, program, run_tests, true

sys.path.insert(0, os.path.join(TREE, "clients", "python"))
import reeve

POLICY = os.path.join(TREE, "bench", "policy")
COUNT = 600 if SHORT else 4000
KILLS = 2 if SHORT else 4


def probe(daemon, *words):
    path = os.path.join(os.environ.get("REEVE_BUILD", ""), "tests", "client_probe")
    return subprocess.Popen([path if os.path.exists(path) else program("client_probe"), daemon.service, daemon.feed_address, *map(str, words)],
                            stdout=subprocess.PIPE, text=True)


def opened(daemon):
    return [event for event in daemon.client().events() if event["event"] == "case_opened"]


def kill_under_load(daemon):
    """kill -9 each time another part of the reports is stored."""
    for turn in range(KILLS):
        deadline = time.monotonic() + PATIENCE_S
        while daemon.client().ask("status")["seq"] < (turn + 1) * COUNT // (KILLS + 2):
            true(time.monotonic() < deadline, "the reports do not arrive")
        daemon.kill()
        daemon.start()


def check_stored(daemon, cases):
    """cases: what the answers named."""
    equal(len(cases), COUNT, "answers")
    equal(len(set(cases)), COUNT, "different cases")
    events = opened(daemon)
    equal(sorted(event["case"] for event in events), sorted(cases), "cases in the journal")
    equal(len({event["source_ref"] for event in events}), COUNT, "references in the journal")


def test_c_publishes_through_kills():
    """libreeve: reports sent while the daemon is killed are each answered and stored once."""
    daemon = Daemon(policy=POLICY, workers=()).start()
    process = probe(daemon, "publish", COUNT, "c")
    kill_under_load(daemon)
    out, _ = process.communicate(timeout=PATIENCE_S)
    equal(process.returncode, 0)
    rows = [line.split() for line in out.splitlines()]
    true(all(row[1] == "0" for row in rows), "a report was refused")
    check_stored(daemon, [row[2] for row in rows])


def test_python_publishes_through_kills():
    """reeve.py: the same."""
    daemon = Daemon(policy=POLICY, workers=()).start()
    killer = threading.Thread(target=kill_under_load, args=(daemon,))
    client = reeve.Client(daemon.service, daemon.feed_address)
    killer.start()
    reports = ({"source": "1999", "source_ref": f"p-{index}", "text": "a hole in the street"} for index in range(COUNT))
    cases = [reply["case"] for _, reply in client.publish_all(reports)]
    killer.join()
    check_stored(daemon, cases)
    client.close()


def watch_c(daemon, lines, count, *topics):
    process = probe(daemon, "watch", 1, count, *topics)
    thread = threading.Thread(target=lambda: lines.extend(int(line.split()[0]) for line in process.stdout if not line.startswith("#")))
    thread.start()
    return process, thread


def watch_python(daemon, lines, stop, topic=""):
    def run():
        client = reeve.Client(daemon.service, daemon.feed_address)
        for event in client.subscribe(topic, from_seq=1, stop=stop):
            lines.append(event["seq"])
        client.close()
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def complete(seen, least):
    """At least so many, and nothing below the highest is missing: what the feed lost may come after the events of other topics."""
    return len(seen) >= least and max(seen) == len(set(seen))


def test_subscribers_through_kills():
    """Both clients: everything, and one topic, over kills of the daemon under load. With the workers' events between."""
    daemon = Daemon(policy=POLICY).start()
    all_c, all_python, some_c, some_python = [], [], [], []
    total = COUNT + 1  # at least: the policy's event and each report's
    endless, reader = watch_c(daemon, all_c, 1 << 30)
    process, some_reader = watch_c(daemon, some_c, COUNT, "case_opened/")
    threads = [some_reader, watch_python(daemon, all_python, lambda: complete(all_python, total)),
               watch_python(daemon, some_python, lambda: len(some_python) >= COUNT, "case_opened/")]
    client = reeve.Client(daemon.service, daemon.feed_address)
    killer = threading.Thread(target=kill_under_load, args=(daemon,))
    killer.start()
    for _ in client.publish_all({"source": "w", "source_ref": str(index), "text": "a dark lamp"} for index in range(COUNT)):
        pass
    killer.join()
    client.close()
    for thread in threads:
        thread.join(PATIENCE_S)
        true(not thread.is_alive(), "a subscriber waits for ever")
    equal(process.wait(), 0)
    deadline = time.monotonic() + PATIENCE_S
    while not complete(list(all_c), total):
        true(time.monotonic() < deadline, f"libreeve: {len(all_c)} events and no more")
        reader.join(0.05)
    endless.kill()
    endless.wait()
    reader.join()
    for seen in (all_c, all_python):
        equal(len(seen), len(set(seen)), "different events")
    wanted = [event["seq"] for event in opened(daemon)]
    for seen in (some_c, some_python):
        equal(sorted(seen), wanted, "opened cases")


def test_asking():
    """libreeve: a reply, a refusal with its field, and lists."""
    daemon = Daemon(policy=POLICY, workers=()).start()
    out, _ = probe(daemon, "ask", "hello").communicate(timeout=PATIENCE_S)
    true(out.startswith('0 {'), out)
    out, _ = probe(daemon, "ask", "show", "case=0000-0000-0013").communicate(timeout=PATIENCE_S)
    true(out.startswith('1 {') and '"error":"unknown_case"' in out, out)
    out, _ = probe(daemon, "ask", "status").communicate(timeout=PATIENCE_S)
    true('"figures":[{"name":' in out, out)


if __name__ == "__main__":
    run_tests(globals())
