#!/usr/bin/python3
"""One report all the way, and the daemon's own life: start, second start, reload, restart, stop."""
import os
import signal
import time

from harness import PATIENCE_S, SHORT, TREE, Daemon, equal, report_of, run_tests, true

POLICY = os.path.join(TREE, "bench", "policy")
WORK_EVENTS = ["case_opened", "case_triaged", "case_dispatched", "case_signed", "case_reported", "case_closed"]


def test_life_of_one_report():
    """submit, triage and assignment by the worker processes, sign, report, close; every event once, in order."""
    daemon = Daemon(policy=POLICY).start()
    feed = daemon.feed()
    client = daemon.client()
    reply = client.ask("submit", **report_of(1, title="灯坏了", caller_name="Ann Example"))
    number = reply["case"]
    true(number.count("-") >= 2 and number.replace("-", "").isdigit(), f"{number} is no case number for people")
    dispatched = feed.until(lambda event: event["event"] == "case_dispatched")
    equal(dispatched["case"], number)
    client.ask("sign", case=number)
    client.ask("report", case=number, result="a new lamp")
    closed = client.ask("close", case=number, outcome="solved")
    shown = client.ask("show", case=number, min_seq=closed["seq"])
    equal((shown["state"], shown["outcome"], shown["title"]), ("closed", "solved", "灯坏了"))
    events = client.ask("timeline", case=number)["events"]
    equal([event["event"] for event in events], WORK_EVENTS)
    equal([event["previous"] for event in events], [0] + [event["seq"] for event in events[:-1]], "links to the event before")
    true(client.ask("hello")["protocol"] >= 1, "no protocol version")


def test_same_report_twice_is_one_case():
    """source and source_ref open one case, however often sent; a repeated request id gets the same answer."""
    daemon = Daemon(policy=POLICY, workers=()).start()
    client = daemon.client()
    first = client.ask("submit", **report_of(7))
    again = client.ask("submit", **report_of(7))
    equal((again["case"], again.get("duplicate")), (first["case"], True))
    twice = [client.ask("close", request="same", case=first["case"], outcome="solved") for _ in range(2)]
    equal((twice[0]["seq"], twice[0]["case"]), (twice[1]["seq"], twice[1]["case"]), "the repeated request")
    equal(daemon.kill(), -signal.SIGKILL)
    daemon.start()
    after = client.ask("submit", **report_of(7))
    equal((after["case"], after.get("duplicate")), (first["case"], True), "after a restart")


def test_second_daemon_is_refused():
    """The state directory has one daemon; the second one says which process holds it and leaves the first alone."""
    daemon = Daemon(workers=()).start()
    second = daemon.spawn()
    true(second.wait(30) not in (0, None), "the second daemon started")
    true(str(daemon.process.pid) in daemon.log(), "the refusal does not name the process")
    equal(daemon.client().ask("hello")["reply"], "hello", "the first daemon is unharmed")


def test_stop_drains():
    """SIGTERM: what was acknowledged is there, the exit status is 0, workers end with the daemon."""
    daemon = Daemon(policy=POLICY).start()
    client = daemon.client()
    count = 200 if SHORT else 2000
    for index in range(count):
        client.send({"command": "submit", "request": f"s{index}", "actor": "tester", **report_of(index)})
    client.reply_to(f"s{count - 1}")
    deadline = time.monotonic() + PATIENCE_S
    while len(pids := daemon.worker_pids()) < 3:  # a worker is listed when it has come to the door
        true(time.monotonic() < deadline, f"only {len(pids)} workers")
    equal(len(pids), 3, "workers")
    equal(daemon.stop(), 0, "exit status")
    for pid in pids:
        true(not os.path.exists(f"/proc/{pid}"), f"worker {pid} outlived its daemon")
    daemon.start()
    equal(daemon.client().ask("show", source="e2e", source_ref=f"T{count - 1:07d}")["reply"], "show")


def test_reload():
    """SIGHUP takes a changed limit at once and says what needs a restart."""
    daemon = Daemon(workers=()).start()
    client = daemon.client()
    equal(client.try_ask("submit", **report_of(1)).get("error"), "no_policy")
    daemon.write_config({"limits": {"frame_objects": 1}, "feed": {"mark_ms": 50, "high_water": 5}}, ())
    daemon.signal(signal.SIGHUP)
    while True:  # each round trip is an answer, so this waits for the daemon and not for a time
        client.send({"command": "hello", "request": "a"}, {"command": "hello", "request": "b"})
        if any(reply.get("error") == "too_many_objects" for reply in client.receive()):
            break
    true("high_water" in daemon.log(), "what cannot be reloaded is not said")


def test_restart_keeps_clocks():
    """Due times, states and counts are the same after kill -9; so is the answer about each case."""
    daemon = Daemon(policy=POLICY).start()
    feed, client = daemon.feed("case_dispatched/"), daemon.client()
    numbers = [client.ask("submit", **report_of(index))["case"] for index in range(20)]
    for _ in numbers:
        feed.next()
    for number in numbers[:5]:
        last = client.ask("close", case=number, outcome="solved")
    def picture():
        cases = [client.ask("show", case=number, min_seq=last["seq"]) for number in numbers]
        clocks = [client.ask("explain", case=number).get("clocks") for number in numbers[5:]]
        for case in cases:
            for moving in ("request", "as_of", "now"):
                case.pop(moving, None)
        return cases, [[(clock["clock"], clock.get("start"), clock.get("due")) for clock in row] for row in clocks]
    before = picture()
    true(all(case.get("due") for case in before[0]), "a case has no due time")
    daemon.kill()
    daemon.start()
    equal(picture(), before)


def test_archive_is_rebuilt():
    """The archive can be deleted: it is made again from the journal."""
    daemon = Daemon(policy=POLICY).start()
    feed, client = daemon.feed("case_dispatched/"), daemon.client()
    numbers = [client.ask("submit", **report_of(index))["case"] for index in range(10)]
    for _ in numbers:
        feed.next()
    last = client.ask("close", case=numbers[0], outcome="solved")["seq"]
    before = sorted(case["case"] + case["state"] for case in client.ask("list", min_seq=last)["cases"])
    daemon.stop()
    for name in os.listdir(os.path.join(daemon.directory, "state")):
        if name.startswith("archive.mdb"):
            os.unlink(daemon.state_file(name))
    daemon.start()
    equal(sorted(case["case"] + case["state"] for case in client.ask("list", min_seq=last)["cases"]), before)


def test_check_config():
    """reeved --check-config names the file and line of each mistake."""
    import subprocess
    from harness import program
    daemon = Daemon(workers=())
    good = subprocess.run([program("reeved"), "--check-config", "--config", daemon.config], capture_output=True, text=True)
    equal(good.returncode, 0, good.stderr)
    with open(daemon.config, "w", encoding="utf-8") as file:
        file.write("daemon:\n  clock: sundial\nlimits:\n  frame_objects: -1\n  no_such: 3\n")
    bad = subprocess.run([program("reeved"), "--check-config", "--config", daemon.config], capture_output=True, text=True)
    true(bad.returncode != 0, "mistakes were accepted")
    for line in (2, 4, 5):
        true(f"{daemon.config}:{line}" in bad.stdout + bad.stderr, f"line {line} is not named: {bad.stdout}{bad.stderr}")


if __name__ == "__main__":
    run_tests(globals())
