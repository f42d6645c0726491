#!/usr/bin/python3
"""The driven clock: time comes only from advance, and the same commands at the same times make the same journal."""
import os
import signal

from harness import TREE, Daemon, equal, journal_hash, refused, report_of, run_tests, true

POLICY = os.path.join(TREE, "bench", "policy")
START_MS = 1309492800000  # 2011-07-01T04:00:00Z
HOUR_MS = 3600000
SETTINGS = {"daemon": {"clock": "driven", "driven_start": "2011-07-01T04:00:00Z"}}


def story(daemon, kill=False):
    """Reports over three days; some closed in time, the others left to their clocks."""
    client = daemon.client()
    numbers = []
    for index in range(30):
        at = START_MS + index * HOUR_MS
        client.ask("advance", to=at)
        numbers.append(client.ask("submit", request=f"s{index}", at=at, reported_at=at, **report_of(index))["case"])
        if kill and index == 15:
            daemon.kill()
            daemon.start()
    client.ask("advance", to=START_MS + 36 * HOUR_MS)
    for turn, number in enumerate(numbers[:10]):
        client.ask("close", request=f"c{turn}", case=number, outcome="solved")
    client.ask("advance", to=START_MS + 30 * 24 * HOUR_MS)
    return journal_hash(client), [event["event"] for event in client.events()]


def test_two_runs_are_equal():
    """advance answers only when the work due by then is done, so two runs give the same journal, record by record."""
    first, events = story(Daemon(policy=POLICY, settings=SETTINGS).start())
    second, _ = story(Daemon(policy=POLICY, settings=SETTINGS).start())
    true(first[0] > 100, f"only {first[0]} records")
    for event in ("case_dispatched", "clock_warned", "clock_breached", "escalation_due", "case_escalated", "escalation_unanswered"):
        true(event in events, f"no {event} came of it")
    equal(second, first, "records and their chain")
    killed, _ = story(Daemon(policy=POLICY, settings=SETTINGS).start(), kill=True)
    equal(killed, first, "records and their chain with a kill -9 between")


def test_time_stands_still():
    """Without advance nothing becomes due; backwards is refused; after a restart time goes on where it stood."""
    daemon = Daemon(policy=POLICY, settings=SETTINGS, workers=()).start()
    client = daemon.client()
    client.ask("submit", **report_of(1))
    equal(client.ask("advance", to=START_MS + HOUR_MS).get("now"), START_MS + HOUR_MS)
    refused("backwards", "to", client.try_ask, "advance", to=START_MS)
    equal(daemon.kill(), -signal.SIGKILL)
    daemon.start()
    now = client.ask("advance", to=START_MS + 2 * HOUR_MS).get("now")
    equal(now, START_MS + 2 * HOUR_MS)
    opened = next(event for event in client.events() if event["event"] == "case_opened")
    equal(opened["at"], START_MS, "the report's time is the driven clock's")


def test_escalation_climbs_until_a_person_answers():
    """Unanswered notices climb the ladder; an acknowledgement stops the climbing."""
    daemon = Daemon(policy=POLICY, settings=SETTINGS).start()
    client = daemon.client()
    number = client.ask("submit", **report_of(1))["case"]
    other = client.ask("submit", **report_of(2))["case"]
    rungs, acknowledged = [], None
    for day in range(1, 21):
        client.ask("advance", to=START_MS + day * 24 * HOUR_MS)
        notices = [event for event in client.events() if event["event"] == "case_escalated"]
        if not acknowledged and any(event["case"] == other for event in notices):
            acknowledged = client.ask("acknowledge", case=other)
    notices = [event for event in client.events() if event["event"] == "case_escalated"]
    true(acknowledged, "nothing was escalated")
    rungs = [event["rung"] for event in notices if event["case"] == number and event["clock"] == "promise"]
    true(rungs == sorted(rungs) and rungs[-1] >= 2, f"rungs {rungs}: it did not climb")
    keys = [event["notice"] for event in notices]
    equal(len(keys), len(set(keys)), "a notice is sent once")
    answered = [event for event in client.events() if event["event"] == "escalation_acknowledged"]
    true(answered and all(event["case"] == other for event in answered), "no acknowledgement in the journal")


def test_long_line_of_driven_commands():
    """Many thousand commands that carry their time, pipelined on one connection: each is answered, none is put off for ever."""
    daemon = Daemon(policy=POLICY, settings=dict(SETTINGS, limits={"peer_requests": 500})).start()
    client = daemon.client()
    count, window = 3000, 400
    for index in range(count):
        at = START_MS + index * 1000
        client.send({"command": "submit", "request": f"p{index}", "actor": "tester", "at": at, "reported_at": at, **report_of(index)})
        if index >= window:
            equal(client.reply_to(f"p{index - window}").get("error"), None)
    for index in range(count - window, count):
        equal(client.reply_to(f"p{index}").get("error"), None)


def test_a_notice_that_nobody_answers_for_weeks():
    """A last rung that repeats every hour goes on, with a key of its own each time, and never stops the clock."""
    daemon = Daemon(policy=POLICY, settings=SETTINGS).start()
    client = daemon.client()
    number = client.ask("submit", **report_of(1, category="gas", text="A strong gas smell in the stairs"))["case"]
    for day in range(1, 22):
        client.ask("advance", to=START_MS + day * 24 * HOUR_MS)
    told = [event for event in client.events() if event["event"] == "case_escalated" and event["case"] == number and event["ladder"] == "danger"]
    keys = [event["notice"] for event in told]
    true(len(keys) >= 48, f"only {len(keys)} notices")
    equal(len(keys), len(set(keys)), "a notice is sent once")
    figures = client.figures()
    equal((figures.get("refused_out_of_range", 0), figures.get("leases_expired", 0)), (0, 0), "results refused, leases expired")


if __name__ == "__main__":
    run_tests(globals())
