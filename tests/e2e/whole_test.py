#!/usr/bin/python3
"""The rarer parts of a case's life through the real daemon: refusals in the audit, confidential cases, and what survives kill -9."""
import os
import time

from harness import PATIENCE_S, TREE, Daemon, equal, refused, report_of, run_tests, true

POLICY = os.path.join(TREE, "bench", "policy")
HOUR_MS = 3600000
ACCESS = {"access": {"default": ["intake", "dispatcher", "unit", "supervisor", "administrator"],
                     "actors": [{"name": "clerk", "roles": ["intake"]},
                                {"name": "roads-desk", "roles": ["unit"], "unit": "roads"},
                                {"name": "waste-desk", "roles": ["unit"], "unit": "waste1"},
                                {"name": "chief", "roles": ["supervisor", "administrator"]}]}}


def handled(client, index, **more):
    """A case that the unit roads has signed for."""
    number = client.ask("submit", **report_of(index, **more))["case"]
    client.ask("triage", case=number, category="light")
    client.ask("dispatch", case=number, unit="roads")
    client.ask("sign", case=number)
    return number


def test_refused_commands_are_in_the_audit():
    """What the rules refuse stands in the journal with who asked; what is only badly written does not."""
    daemon = Daemon(workers=(), policy=POLICY, settings=ACCESS).start()
    client = daemon.client()
    number = client.ask("submit", **report_of(1))["case"]
    refused("illegal_transition", "state", client.try_ask, "sign", case=number)
    refused("unknown_category", "category", client.try_ask, "submit", **report_of(2, category="opera"))
    clerk = daemon.client("clerk")
    refused("not_permitted", "actor", clerk.try_ask, "close", case=number)
    kept = [(event["refused"], event["error"], event.get("actor"), event.get("case")) for event in client.events() if event["event"] == "command_refused"]
    equal(kept, [("sign", "illegal_transition", "tester", number), ("close", "not_permitted", "clerk", number)])
    equal([event["event"] for event in client.ask("timeline", case=number)["events"]], ["case_opened"])


def test_so_many_refusals_a_second():
    """Nobody fills the disk by being refused."""
    daemon = Daemon(workers=(), policy=POLICY, settings={"limits": {"audited_refusals": 3}}).start()
    client = daemon.client()
    number = client.ask("submit", **report_of(1))["case"]
    begun = time.monotonic()
    for _ in range(50):
        client.try_ask("sign", case=number)
    most = 3 * (int(time.monotonic() - begun) + 2)
    kept = sum(event["event"] == "command_refused" for event in client.events())
    true(3 <= kept <= most, f"{kept} refusals were kept, {most} at the most")
    equal(client.figures()["refused_illegal_transition"], 50)


def test_confidential_cases():
    """Their words are for their unit and the supervisors above; the feed and replays carry none."""
    daemon = Daemon(workers=(), policy=POLICY, settings=ACCESS).start()
    client, feed = daemon.client("chief"), daemon.feed("")
    secret = "a neighbour is beaten every night"
    dispatcher = daemon.client()
    number = dispatcher.ask("submit", **report_of(1, text=secret, title="violence at home", confidential=True, caller_phone="555-0199"))["case"]
    dispatcher.ask("triage", case=number, category="light", reason="told by " + secret)
    dispatcher.ask("dispatch", case=number, unit="roads")
    for allowed in ("roads-desk", "chief"):
        equal(daemon.client(allowed).ask("show", case=number)["text"], secret)
    for closed in ("waste-desk", "clerk", "somebody"):
        for command in ("show", "timeline", "explain"):
            refused("sealed", "case", daemon.client(closed).try_ask, command, case=number)
    refused("sealed", "case", daemon.client("waste-desk").try_ask, "contact", case=number)
    equal(daemon.client("roads-desk").ask("contact", case=number)["caller_phone"], "555-0199")
    row = daemon.client("somebody").ask("list")["cases"][0]
    true("title" not in row and row["confidential"], "the list shows a confidential case's words")
    seen = [feed.next()[1] for _ in range(3)]
    for event in seen + client.events():
        true(secret not in str(event) and "violence" not in str(event), f"words in {event['event']}")


def test_sealed_after_it_was_told():
    """A replay shows no words of a case that was sealed later, also when it is closed and only the archive has it."""
    daemon = Daemon(workers=(), policy=POLICY, settings=ACCESS).start()
    client = daemon.client()
    secret = "a neighbour is beaten every night"
    number = client.ask("submit", **report_of(1, text=secret))["case"]
    client.ask("seal", case=number, confidential=True, reason="a witness")
    closed = client.ask("cancel", case=number, reason=secret)["seq"]
    equal(client.ask("list", min_seq=closed)["as_of"] >= closed, True)
    daemon.kill()
    daemon.start()
    client = daemon.client()
    events = client.events()
    equal([event["event"] for event in events], ["policy_adopted", "case_opened", "case_sealed", "case_closed"])
    for event in events:
        true(secret not in str(event), f"words in {event['event']}")


def test_what_happened_survives_kill_9():
    """Requests, suspension, assistants, merging, supervision and mutes are there after kill -9, as they were."""
    daemon = Daemon(workers=(), policy=POLICY).start()
    client = daemon.client()
    until = int(time.time() * 1000) + 48 * HOUR_MS
    asked, still, master, follower = (handled(client, index) for index in (1, 2, 3, 4))
    client.ask("request_return", case=asked, reason="not ours")
    client.ask("assist", case=asked, assistant="waste1")
    client.ask("supervise", case=asked, opinion="today, please")
    client.ask("remind", case=asked)
    client.ask("request_suspension", case=still, reason="parts", until=until)
    client.ask("approve_suspension", case=still)
    client.ask("merge", case=follower, into=master)
    mute = client.ask("mute_notices", until=until, reason="storm", category="light")
    before = [client.ask("show", case=number) for number in (asked, still, master, follower)]
    daemon.kill()
    daemon.start()
    client = daemon.client()
    after = [client.ask("show", case=number) for number in (asked, still, master, follower)]
    for one, two in zip(before, after):
        for reply in (one, two):
            for field in ("request", "now", "as_of"):
                reply.pop(field, None)
        equal(two, one)
    equal([row["mute"] for row in client.ask("list_mutes")["mutes"]], [1])
    true(mute["seq"] > 0, "a mute is an event")
    equal(after[0]["requests"][0]["asked"], "request_return")
    equal(after[1]["until"], before[1]["until"])
    equal(client.ask("unmerge", case=follower)["case"], follower)
    client.ask("approve_return", case=asked)
    equal(client.ask("show", case=asked)["returns"], 1)
    client.ask("resume", case=still)
    equal(client.ask("show", case=still)["state"], "in_progress")


def held_at_last(client, wanted):
    """Closed cases leave memory when the archive has them; the figure is looked at a commit later."""
    deadline = time.monotonic() + PATIENCE_S
    while client.figures()["held_cases"] != wanted:
        true(time.monotonic() < deadline, f"{client.figures()['held_cases']} cases are in memory, not {wanted}")
        client.ask("list", count=1, min_seq=client.ask("hello")["seq"])


def told(client, number):
    return [event["event"] for event in client.ask("timeline", case=number)["events"]]


def test_merged_cases_leave_memory_and_come_back():
    """When the work is over, master and followers are in the archive alone; unmerging and reopening find them there."""
    daemon = Daemon(workers=(), policy=POLICY).start()
    client = daemon.client()
    master, first, second = (handled(client, index) for index in (1, 2, 3))
    client.ask("merge", case=first, into=master)
    client.ask("merge", case=second, into=master)
    client.ask("list", count=1, min_seq=client.ask("hello")["seq"])
    equal(client.figures()["held_cases"], 3)  # they wait for their master
    client.ask("close", case=master, outcome="solved")
    held_at_last(client, 0)
    equal([client.ask("show", case=number).get("into") for number in (master, first, second)], [None, master, master])
    held_at_last(client, 0)
    # Reopened and closed again without its followers, which nobody calls a second time.
    client.ask("reopen", case=master, reason="again")
    held_at_last(client, 1)
    client.ask("close", case=master, outcome="solved")
    held_at_last(client, 0)
    daemon.kill()
    daemon.start()
    client = daemon.client()
    equal(client.figures()["held_cases"], 0)
    client.ask("unmerge", case=first, reason="still dark")
    equal(told(client, first)[-1:], ["case_unmerged"])
    equal(told(client, master)[-1:], ["case_left"])
    equal([row["case"] for row in client.ask("show", case=master)["followers"]], [second])
    refused("cannot_merge", "into", client.try_ask, "merge", case=first, into=master)
    client.ask("reopen", case=master, reason="once more")
    client.ask("merge", case=first, into=master)
    equal(sorted(row["case"] for row in client.ask("show", case=master)["followers"]), [first, second])
    client.ask("unmerge", case=second)
    held_at_last(client, 3)
    before = [client.ask("show", case=number) for number in (master, first, second)]
    daemon.kill()
    os.unlink(daemon.state_file("archive.mdb"))
    daemon.start()
    client = daemon.client()
    for one, two in zip(before, [client.ask("show", case=number) for number in (master, first, second)]):
        equal({**two, "request": 0, "now": 0, "as_of": 0}, {**one, "request": 0, "now": 0, "as_of": 0})


if __name__ == "__main__":
    run_tests(globals())
