#!/usr/bin/python3
"""kill -9 in mid-load: of the daemon, and of its workers. Nothing acknowledged is lost, nothing is there twice."""
import os
import random
import signal

from harness import PATIENCE_S, SHORT, TREE, Daemon, equal, report_of, run_tests, true

POLICY = os.path.join(TREE, "bench", "policy")
KILLS = 5 if SHORT else 12
PER_KILL = 150 if SHORT else 400


class Publisher:
    """A call centre: sends reports in frames, remembers what was acknowledged, sends the rest again after a crash."""

    def __init__(self, daemon):
        self.client = daemon.client("desk")
        self.open = {}          # index -> nothing; sent and not acknowledged
        self.acknowledged = {}  # index -> case number
        self.next = 0

    def send(self, count):
        for index in range(self.next, self.next + count):
            self.open[index] = True
        self.next += count
        self.resend()

    def resend(self):
        indexes = sorted(self.open)
        for at in range(0, len(indexes), 16):
            self.client.send(*[{"command": "submit", "request": f"{index}", "actor": "desk", **report_of(index)}
                               for index in indexes[at:at + 16]])

    def take(self, timeout_s):
        """One frame of answers; the number of reports acknowledged in it."""
        if not self.client.poll(timeout_s):
            return 0
        count = 0
        for reply in self.client.receive():
            if "error" in reply:
                true(reply["error"] in ("busy", "stopping"), f"refused: {reply}")
                continue
            index = int(reply["request"])
            true(self.acknowledged.setdefault(index, reply["case"]) == reply["case"], f"report {index} became two cases")
            self.open.pop(index, None)
            count += 1
        return count


def all_cases(client):
    """Every case of the store, through list, page by page: source_ref -> case numbers."""
    found, cursor = {}, None
    while True:
        page = client.ask("list", count=500, **({"cursor": cursor} if cursor else {}))
        for case in page.get("cases", []):
            found.setdefault(case["source_ref"], []).append(case["case"])
        cursor = page.get("cursor")
        if not cursor:
            return found


def verify(client):
    from_seq = 1
    while True:
        reply = client.ask("journal_verify", from_seq=from_seq)
        if reply.get("caught_up") or "next_seq" not in reply:
            return
        from_seq = reply["next_seq"]


def test_daemon_killed_in_mid_load():
    """Killed many times while reports come in and workers work: every acknowledged report is there, none twice."""
    chance = random.Random(1)
    daemon = Daemon(policy=POLICY).start()
    publisher = Publisher(daemon)
    for _ in range(KILLS):
        publisher.send(PER_KILL)
        wanted = chance.randrange(1, PER_KILL)
        while wanted > 0:
            taken = publisher.take(PATIENCE_S)
            true(taken, "the daemon does not acknowledge")
            wanted -= taken
        equal(daemon.kill(), -signal.SIGKILL)
        while publisher.take(0):  # what had left the daemon before it died
            pass
        daemon.start()
        publisher.client.close()
        publisher.client = daemon.client("desk")
        publisher.resend()
    while publisher.open:
        if not publisher.take(5):
            publisher.resend()
    equal(len(publisher.acknowledged), publisher.next)
    client = daemon.client()
    last = client.ask("submit", **report_of(publisher.next))
    client.ask("show", case=last["case"], min_seq=last["seq"])
    found = all_cases(client)
    doubled = {ref: cases for ref, cases in found.items() if len(cases) > 1}
    equal(doubled, {}, "reports that are there twice")
    for index, case in publisher.acknowledged.items():
        equal(found.get(report_of(index)["source_ref"]), [case], f"report {index}")
    equal(len(found), publisher.next + 1)
    verify(client)
    opened = [event["source_ref"] for event in client.events() if event["event"] == "case_opened"]
    equal(len(opened), len(set(opened)), "opened once each, says the journal")
    equal(len(opened), publisher.next + 1)


def test_workers_killed_in_mid_load():
    """Workers are killed one after the other under load: they come back, and every case is dispatched exactly once."""
    daemon = Daemon(policy=POLICY, settings={"work": {"lease_ms": 1000, "restart_ms": 10, "restart_most_ms": 100, "attempts": 50}}).start()
    feed = daemon.feed("case_dispatched/")
    publisher = Publisher(daemon)
    kills = 4 if SHORT else 15
    killed = 0
    dispatched = []
    count = kills * 100
    publisher.send(count)
    while len(dispatched) < count:
        dispatched.append(feed.next()[1]["case"])
        if killed < kills and len(dispatched) >= (killed + 1) * count // (kills + 1):
            pids = daemon.worker_pids()
            if pids:
                try:
                    os.kill(pids[killed % len(pids)], signal.SIGKILL)
                except ProcessLookupError:
                    pass
                killed += 1
    while publisher.open:
        true(publisher.take(PATIENCE_S), "the daemon does not acknowledge")
    equal(killed, kills)
    equal(sorted(dispatched), sorted(publisher.acknowledged.values()), "dispatched")
    client = daemon.client()
    again = [event for event in client.events() if event["event"] == "case_dispatched"]
    equal(len(again), count, "dispatched events in the journal")
    verify(client)


def test_a_frozen_worker_costs_a_lease():
    """A worker that holds a task and says nothing more: its lease ends, another one does the work."""
    daemon = Daemon(policy=POLICY, workers=(), settings={"work": {"lease_ms": 1000}}).start()
    feed = daemon.feed("case_triaged/")
    client = daemon.client()
    from harness import Client
    frozen, healthy = Client(daemon.work, "frozen"), Client(daemon.work, "healthy")
    frozen.send({"command": "enlist", "request": "e", "worker": "frozen", "task": "triage", "credit": 1, "actor": "frozen"})
    frozen.reply_to("e")
    number = client.ask("submit", **report_of(1))["case"]
    task = next(each for each in frozen.receive() if "task" in each and "fence" in each)
    equal(task["case"], number)
    healthy.send({"command": "enlist", "request": "e", "worker": "healthy", "task": "triage", "credit": 1, "actor": "healthy"})
    healthy.reply_to("e")
    second = next(each for each in healthy.receive() if "fence" in each)
    equal(second["case"], number, "offered again")
    healthy.ask("triage_result", case=number, fence=second["fence"], category="pothole")
    equal(feed.next()[1]["category"], "pothole")
    late = frozen.try_ask("triage_result", case=number, fence=task["fence"], category="light")
    equal(late.get("error"), "stale", "the late result")
    equal(client.ask("show", case=number)["category"], "pothole")



if __name__ == "__main__":
    run_tests(globals())
