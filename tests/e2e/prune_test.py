#!/usr/bin/python3
"""Old records leave the journal for segments: nothing is lost, the open cases stay whole, and what is rebuilt from segments and journal is the same."""
import glob
import os
import random
import shutil
import signal
import subprocess
import sys
import time

from crash_test import verify
from harness import PATIENCE_S, SHORT, TREE, Daemon, Refused, equal, new_directory, policy_files, program, refused, report_of, run_tests, true

DAY_MS = 86400000
START_MS = 1309492800000  # 2011-07-01T04:00:00Z
CALLER = ("王小明", "13800001234", "晚上八点后")
SETTINGS = {"daemon": {"clock": "driven", "driven_start": "2011-07-01T04:00:00Z"}, "prune": {"segment_records": 40, "slice_records": 20, "pause_ms": 0}}


def policy_with(retention):
    """bench/policy, whose closed cases stay for so long; None: for ever."""
    directory = os.path.join(new_directory(), "policy")
    shutil.copytree(os.path.join(TREE, "bench", "policy"), directory)
    with open(os.path.join(directory, "policy.yaml"), "a", encoding="utf-8") as file:
        file.write(f"retention: {retention}\n" if retention else "")
    return directory


def settings_with(**prune):
    return {**SETTINGS, "prune": {**SETTINGS["prune"], **prune}}


def current(client):
    client.ask("list", count=1, min_seq=client.ask("hello")["seq"])


class Town:
    """Reports come in, most are closed; every seventh stays open for ever."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.client = daemon.client("admin")
        self.now = START_MS
        self.closed, self.open = {}, {}

    def advance(self, days):
        self.now += int(days * DAY_MS)
        self.client.ask("advance", to=self.now)

    def again(self):
        self.client.close()
        self.client = self.daemon.client("admin")

    def reports(self, count):
        for _ in range(count):
            index = len(self.closed) + len(self.open)
            number = self.client.ask("submit", **report_of(index), caller_name=CALLER[0], caller_phone=CALLER[1])["case"]
            if index % 7 == 3:
                self.open[index] = number
                continue
            self.client.ask("close", case=number, outcome="solved", reason="done")
            self.closed[index] = number

    def quarters(self, count, each=20):
        for _ in range(count):
            self.reports(each)
            self.advance(91)

    def settled(self):
        """Waits until everything whose time is over is gone."""
        current(self.client)
        self.client.ask("prune")
        figures = self.client.figures()
        equal(figures["journal_prunable"], 0)
        return figures


def picture(client):
    """Every case as it is told, but for what was pruned."""
    found, cursor = {}, None
    current(client)
    while True:
        page = client.ask("list", count=200, **({"cursor": cursor} if cursor else {}))
        for row in page.get("cases", []):
            shown = client.ask("show", case=row["case"])
            for name in ("request", "as_of", "now", "contact_kept"):
                shown.pop(name, None)
            found[row["case"]] = shown
        cursor = page.get("cursor")
        if not cursor:
            return found


def same(found, wanted, what):
    """Compares pictures and prints no more than what differs."""
    equal(sorted(found), sorted(wanted), what)
    for number in wanted:
        equal(found[number], wanted[number], f"{what}: case {number}")


def events_of(client, number):
    reply = client.ask("timeline", case=number)
    return [event["event"] for event in reply["events"]], reply


def check_pruned(town):
    """What everybody sees of a daemon that has pruned."""
    client, first = town.client, town.client.figures()["journal_first_seq"]
    index, number = next(iter(town.closed.items()))
    shown = client.ask("show", case=number)
    equal((shown["state"], shown["outcome"], shown["gap"], shown.get("text")), ("closed", "solved", True, None))
    true(os.path.exists(os.path.join(town.daemon.state_file("segments"), shown["file"])), shown)
    events, reply = events_of(client, number)
    equal((events, reply["gap"], reply["file"]), ([], True, shown["file"]))
    true(client.ask("explain", case=number)["clocks"] is not None, "explain")
    # The same report again is the same case; and nothing of its caller is left.
    again = client.ask("submit", **report_of(index))
    equal((again["case"], again["duplicate"]), (number, True))
    refused("no_contact", "case", client.ask, "contact", case=number, reason="test")
    true(not client.ask("show", case=number).get("contact_kept"), "a contact that was destroyed is not kept")
    # Open since the first day, and whole.
    number = next(iter(town.open.values()))
    shown = client.ask("show", case=number)
    true(shown["first_seq"] < first and "street lamp" in shown["text"] and "gap" not in shown, shown)
    events, reply = events_of(client, number)
    true(events[0] == "case_opened" and "gap" not in reply, reply)
    equal(client.ask("contact", case=number, reason="test")["caller_name"], CALLER[0])
    equal(client.ask("policy_read", policy=1)["policy"], 1)
    # Replay from before the beginning: one answer that says where it begins.
    page = client.ask("replay", from_seq=1)
    equal((page["gap"], page["from_seq"], page["events"][0]["seq"]), (True, first, first))
    true("gap" not in client.ask("replay", from_seq=first), "nothing lacks from the first record on")
    equal(client.events()[0]["seq"], first)
    verify(client)


def test_years_pass():
    """Years in seconds: closed cases leave in slices, open ones stay whole, and a restart changes nothing."""
    daemon = Daemon(policy=policy_with("60 days"), settings=SETTINGS).start()
    town = Town(daemon)
    town.quarters(4 if SHORT else 8)
    figures = town.settled()
    true(figures["journal_first_seq"] > 200 and figures["segments"] >= 2 and figures["segments_missing_to"] == 0, figures)
    pruned = [event for event in town.client.events() if event["event"] == "journal_pruned"]
    true(pruned and pruned[-1]["to_seq"] == figures["journal_first_seq"] - 1, pruned[-1:])
    check_pruned(town)
    before = picture(town.client)
    equal(daemon.kill(), -signal.SIGKILL)
    daemon.start()
    town.again()
    same(picture(town.client), before, "after a kill")
    check_pruned(town)
    # A case that was open for years is closed at last: it leaves as a whole.
    number = next(iter(town.open.values()))
    town.client.ask("close", case=number, outcome="solved", reason="at last")
    town.advance(61)
    town.reports(1)
    town.settled()
    shown = town.client.ask("show", case=number)
    equal((shown["state"], shown["gap"], shown.get("text")), ("closed", True, None))
    equal(events_of(town.client, number)[0], [])
    refused("no_contact", "case", town.client.ask, "contact", case=number, reason="test")


def test_rebuilt_from_segments():
    """Without the archive everything comes from the segments and the journal; without a segment the refusal names it."""
    daemon = Daemon(policy=policy_with("60 days"), settings=SETTINGS).start()
    town = Town(daemon)
    town.quarters(3 if SHORT else 6)
    town.settled()
    before = picture(town.client)
    equal(daemon.stop(), 0)
    segments = sorted(glob.glob(daemon.state_file("segments/*.rjs")))
    true(len(segments) >= 3, segments)
    for damage in ("missing", "flipped"):
        for name in ("archive.mdb", "archive.mdb-lock"):
            if os.path.exists(daemon.state_file(name)):
                os.unlink(daemon.state_file(name))
        middle = segments[len(segments) // 2]
        with open(middle, "rb") as file:
            content = file.read()
        if damage == "missing":
            os.rename(middle, middle + ".elsewhere")
        else:
            with open(middle, "r+b") as file:
                file.seek(len(content) // 2)
                file.write(bytes([content[len(content) // 2] ^ 1]))
        daemon.process = daemon.spawn()
        equal(daemon.wait(), 5, damage)
        said = daemon.log().splitlines()[-1]
        wanted = os.path.basename(middle)[13:25] if damage == "missing" else os.path.basename(middle)
        true(wanted in said and "copy it back" in said, said)
        if damage == "missing":
            os.rename(middle + ".elsewhere", middle)
        else:
            with open(middle, "wb") as file:
                file.write(content)
    daemon.start()
    town.again()
    same(picture(town.client), before, "rebuilt")
    check_pruned(town)
    # With the archive, a segment that is elsewhere stops nobody; it is said.
    equal(daemon.stop(), 0)
    os.rename(segments[0], segments[0] + ".elsewhere")
    daemon.start()
    town.again()
    true(town.client.figures()["segments_missing_to"] > 0, "figure")
    true("segment missing" in daemon.log(), "log")
    equal({number: case["state"] for number, case in picture(town.client).items()}, {number: case["state"] for number, case in before.items()})


def test_killed_at_any_moment():
    """kill -9 again and again while segments are written and records leave: each time everything is there, and pruning goes on."""
    chance = random.Random(int(os.environ.get("REEVE_TEST_SEED", "7")))
    daemon = Daemon(policy=policy_with("60 days"), settings=settings_with(every_ms=0, slice_records=5, segment_records=100, pause_ms=40), workers=()).start()
    town = Town(daemon)
    town.quarters(3 if SHORT else 5, each=30)
    town.advance(61)
    current(town.client)
    before, wanted = picture(town.client), town.client.ask("prune", dry_run=True)["count"]
    true(wanted > 300, wanted)
    kills = stages = 0
    firsts = set()
    while town.client.ask("prune", dry_run=True)["count"] or town.client.figures()["prune_under_way"]:
        town.client.send({"command": "prune", "actor": "admin", "request": f"p{kills}"})
        until = time.monotonic() + chance.random() * (0.3 if kills < 60 else 3)
        while time.monotonic() < until:
            pass
        equal(daemon.kill(), -signal.SIGKILL)
        kills += 1
        if chance.random() < 0.3:
            for name in ("archive.mdb", "archive.mdb-lock"):
                os.unlink(daemon.state_file(name))
        daemon.start()
        town.again()
        current(town.client)  # what the archive lacks yet does not leave
        figures = town.client.figures()
        firsts.add(figures["journal_first_seq"])
        stages += figures["prune_under_way"]
        equal(figures["segments_missing_to"], 0)
        if kills % 8 == 5:
            found = picture(town.client)
            for number, case in before.items():
                kept = {name: value for name, value in case.items() if name in found[number]}
                equal({name: found[number][name] for name in kept}, kept, f"case {number}")
                true(found[number].get("text") == case["text"] or (case["state"] == "closed" and found[number]["gap"]), number)
        true(kills < 400, "it does not end")
    true(len(firsts) >= 3 and stages, f"{kills} kills met {len(firsts)} beginnings, {stages} of them on the way")
    check_pruned(town)


def test_who_may_and_when():
    """Without retention nothing leaves; dry runs change nothing; the retention is checked; a segment that cannot be written leaves all as it is."""
    daemon = Daemon(policy=policy_with(None), settings=settings_with(every_ms=0), workers=()).start()
    town = Town(daemon)
    town.quarters(2)
    refused("no_retention", None, town.client.ask, "prune")
    for text, wanted in (("10 hours", "expected 1 day"), ("40000 days", "36500 days"), ("20 days", "shorter than reopen_window"), ("soon", "no duration")):
        try:
            town.client.ask("policy_apply", files=policy_files(policy_with(text)))
            raise AssertionError(f"retention: {text} was taken")
        except Refused as refusal:
            true(any(wanted in finding["message"] and finding["file"] == "policy.yaml" for finding in refusal.reply["findings"]), refusal.reply)
    town.client.ask("policy_apply", files=policy_files(policy_with("60 days")))
    current(town.client)
    count = town.client.ask("prune", dry_run=True)["count"]
    true(count > 20 and town.client.figures()["journal_prunable"] == count, count)
    equal(town.client.figures()["journal_first_seq"], 1)
    with open(daemon.state_file("segments"), "wb"):
        pass  # a file where the folder should be
    failed = refused("prune_failed", None, town.client.ask, "prune")
    true("segments" in failed["message"], failed)
    equal((town.client.figures()["journal_first_seq"], town.client.figures()["prunes_failed"]), (1, 1))
    os.unlink(daemon.state_file("segments"))
    reply = town.client.ask("prune")
    equal((reply["count"], reply["from_seq"]), (count, count + 1))
    equal(town.client.ask("prune")["count"], 0)
    check_pruned(town)


def restored(directory, **options):
    """A daemon whose state directory is that of a restore."""
    daemon = Daemon(settings=SETTINGS, workers=(), **options)
    os.rmdir(daemon.state_file(""))
    daemon.cli("restore", directory, "--into", daemon.state_file("").rstrip("/"))
    return daemon.start()


def copied(directory):
    """The same by hand: the backup's files in an empty state directory."""
    daemon = Daemon(settings=SETTINGS, workers=())
    shutil.copytree(directory, daemon.state_file(""), dirs_exist_ok=True)
    return daemon.start()


def told_again(before, found):
    """What was told of every case, and the words of those that were pruned are there again."""
    equal(sorted(found), sorted(before))
    for number, case in before.items():
        for name in set(case) - {"gap", "to_seq", "file"}:
            equal(found[number].get(name), case[name], f"{name} of case {number}")
        true("street lamp" in found[number]["text"] and "gap" not in found[number], found[number])


def test_backup_and_restore():
    """A backup takes the segments along; restored, every word is there, and a point in time may lie in a segment."""
    daemon = Daemon(policy=policy_with("60 days"), settings=settings_with(every_ms=0), workers=()).start()
    town = Town(daemon)
    town.quarters(3 if SHORT else 6)
    whole = picture(town.client)
    chain = town.client.records()
    town.settled()
    before = picture(town.client)
    backup = os.path.join(daemon.directory, "backup")
    said = daemon.cli("backup", backup)
    equal(said.stderr, "")
    equal(sorted(os.listdir(os.path.join(backup, "segments"))), sorted(os.listdir(daemon.state_file("segments"))))
    equal(sorted(os.listdir(backup)), ["journal.mdb", "segments"])
    true("good: records 1 to" in daemon.cli("journal", "check", backup).stdout, "check")
    again = restored(backup)
    client = again.client("admin")
    equal(client.figures()["journal_first_seq"], 1, "a restored journal is whole")
    equal(client.records()[: len(chain)], chain, "its records")
    told_again(before, picture(client))
    equal(client.ask("contact", case=next(iter(town.open.values())), reason="test")["caller_name"], CALLER[0])
    lost = refused("no_contact", "case", client.ask, "contact", case=next(iter(town.closed.values())), reason="test")
    true("it was destroyed" in lost["message"], lost)
    client.close()
    again.kill()
    by_hand = copied(backup)
    client = by_hand.client("admin")
    same(picture(client), before, "by hand")
    true(client.figures()["journal_first_seq"] > 1, "still pruned")
    client.close()
    by_hand.kill()
    # A point in time that lies in a segment.
    until = town.client.figures()["journal_first_seq"] // 2
    place = os.path.join(daemon.directory, "then")
    daemon.cli("restore", backup, "--into", place, "--until", str(until))
    equal(daemon.cli("journal", "check", place, "--json").stdout.count(f'"last_seq":{until},'), 1)
    # Without a segment the backup says what is missing, and a restore refuses.
    first = sorted(os.listdir(daemon.state_file("segments")))[0]
    os.rename(daemon.state_file(f"segments/{first}"), daemon.state_file(f"segments/{first}.elsewhere"))
    equal(daemon.stop(), 0)
    daemon.start()
    town.again()
    second = os.path.join(daemon.directory, "second")
    said = daemon.cli("backup", second)
    true(f"records up to {int(first[13:25])} are in segments that were not in their place" in said.stderr, said.stderr)
    refusal = daemon.cli("restore", second, "--into", os.path.join(daemon.directory, "no"), check=False)
    true(refusal.returncode == 1 and first[13:25] in refusal.stderr and "copy it back" in refusal.stderr, refusal.stderr)
    equal(len(whole), len(before))


def test_export_and_import():
    """Segments and an export of the rest make a whole journal elsewhere; each is refused without the one before it."""
    daemon = Daemon(policy=policy_with("60 days"), settings=settings_with(every_ms=0), workers=()).start()
    town = Town(daemon)
    town.quarters(3 if SHORT else 5)
    town.settled()
    town.reports(5)
    before = picture(town.client)
    first = town.client.figures()["journal_first_seq"]
    tail = os.path.join(daemon.directory, "tail.rjs")
    segments = sorted(glob.glob(daemon.state_file("segments/*.rjs")))
    said = daemon.cli("journal", "export", tail, "--with-private").stderr
    true(f"records 1 to {first - 1} were pruned" in said and os.path.basename(segments[0]) in said, said)
    true(said.startswith(f"reeve: {town.client.figures()['journal_seq'] - first} records\n"), said)  # the export itself is the last record
    refusal = daemon.cli("journal", "check", tail, check=False)
    true(refusal.returncode == 1 and "record 1 is missing" in refusal.stderr and "segment" in refusal.stderr, refusal.stderr)
    refusal = daemon.cli("journal", "check", *segments[1:], tail, check=False)
    true(refusal.returncode == 1 and "record 1 is missing" in refusal.stderr, refusal.stderr)
    refusal = daemon.cli("journal", "check", segments[0], *segments[2:], tail, check=False)
    true(refusal.returncode == 1 and f"record {int(os.path.basename(segments[1])[:12])} is missing" in refusal.stderr, refusal.stderr)
    true("good: records 1 to" in daemon.cli("journal", "check", *segments, tail).stdout, "check")
    true("good: records 1 to" in daemon.cli("journal", "check", daemon.state_file("")).stdout, "check of a directory whose daemon runs")
    other = Daemon(settings=SETTINGS, workers=())
    os.rmdir(other.state_file(""))
    daemon.cli("journal", "import", *segments, tail, "--into", other.state_file("").rstrip("/"))
    other.start()
    client = other.client("admin")
    told_again(before, picture(client))
    equal(client.ask("contact", case=next(iter(town.open.values())), reason="test")["caller_name"], CALLER[0])
    client.close()
    # The command line says where the rest is, and ends.
    number = next(iter(town.closed.values()))
    said = daemon.cli("case", "timeline", number).stderr
    true(os.path.basename(segments[0]) in said, said)
    printed = daemon.cli("journal", "print", "--segment", segments[0], "--json").stdout
    true(f'"case":"{number}"' in printed and printed.count("\n") == int(os.path.basename(segments[0])[13:25]), printed[-200:])
    printed = daemon.cli("journal", "print", "--count", "3")
    true(printed.stdout.split()[0] == str(first) and f"records up to {first - 1} were pruned" in printed.stderr, printed.stderr)
    verified = daemon.cli("journal", "verify")
    true(f"records {first} to" in verified.stdout, verified.stdout)
    refusal = daemon.cli("journal", "verify", "--to", str(first - 1), check=False)
    true(refusal.returncode == 2 and f"records 1 to {first - 1} were pruned" in refusal.stderr, refusal.stderr)
    watched = daemon.cli("watch", "--from", "1", "--until-caught-up", "--json")
    true(f'"seq":{first},' in watched.stdout and f"events before {first} are no longer kept" in watched.stderr, watched.stderr)
    true(f"records up to {first - 1} were pruned" in daemon.cli("report", "--json").stderr, "a report that does not know the past says so")


def test_clients_below_the_beginning():
    """The Python client's replay from the first number on begins with the first record, and goes on live."""
    daemon = Daemon(policy=policy_with("60 days"), settings=settings_with(every_ms=0), workers=()).start()
    town = Town(daemon)
    town.quarters(3)
    first = town.settled()["journal_first_seq"]
    sys.path.insert(0, os.path.join(TREE, "clients", "python"))
    import reeve  # noqa: PLC0415
    client, found = reeve.Client(daemon.service, daemon.feed_address), []
    caught_up, last = town.client.ask("hello")["seq"], 0
    deadline = time.monotonic() + PATIENCE_S
    for event in client.subscribe(from_seq=1, stop=lambda: time.monotonic() > deadline):
        found.append(event["seq"])
        if event["seq"] == caught_up:
            town.reports(1)
            last = town.client.ask("hello")["seq"]
        if event["seq"] == last:
            break
    true(last, "it does not come to an end")
    client.close()
    equal(found[0], first)
    equal(found, list(range(first, found[-1] + 1)), "every event once")


def test_merged_cases_end_together():
    """A case that was merged lives as long as the one that carries its work, and leaves with it; each setting at its smallest."""
    daemon = Daemon(policy=policy_with("60 days"), settings=settings_with(every_ms=0, segment_records=1, slice_records=1), workers=()).start()
    town = Town(daemon)
    master, follower, undone = (town.client.ask("submit", **report_of(index), caller_name=CALLER[0])["case"] for index in (101, 102, 103))
    town.client.ask("merge", case=follower, into=master)
    town.client.ask("merge", case=undone, into=master)
    town.advance(100)
    town.reports(1)
    figures = town.settled()
    equal(figures["segments"], figures["journal_first_seq"] - 1, "one record in each")
    true(figures["journal_first_seq"] > 6, figures)
    for number in (master, follower, undone):
        equal(events_of(town.client, number)[0][0], "case_opened")
        true("street lamp" in town.client.ask("show", case=number)["text"], number)
    town.client.ask("unmerge", case=undone)
    town.client.ask("close", case=undone, outcome="solved")
    town.client.ask("close", case=master, outcome="solved")
    town.advance(61)
    town.reports(1)
    town.settled()
    for number in (master, follower, undone):
        equal((events_of(town.client, number)[0], town.client.ask("show", case=number)["gap"]), ([], True), number)
        refused("no_contact", "case", town.client.ask, "contact", case=number, reason="test")
    rows = town.client.ask("journal_read", from_seq=1, raw=True, private=True, count=100)["events"]
    first = town.client.figures()["journal_first_seq"]
    equal([row["seq"] for row in rows if row["seq"] < first], [1], "of what left only the policy is kept")


def maps_of(pid):
    try:
        with open(f"/proc/{pid}/maps", encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


def stopped_reader(daemon, client):
    """A reeve-journal that looks at the daemon's files and was stopped in the middle of reading."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        reader = subprocess.Popen([program("reeve-journal"), "check", daemon.state_file("")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while reader.poll() is None and "journal.mdb" not in maps_of(reader.pid):
            pass
        until = time.monotonic() + random.random() * 0.03
        while time.monotonic() < until:
            pass
        reader.send_signal(signal.SIGSTOP)
        looked = time.monotonic() + 3
        while time.monotonic() < looked and reader.poll() is None:
            client.ask("submit", **report_of(random.randrange(10**6)))  # commits, so that it is behind
            if client.figures()["slow_reader_pid"] == reader.pid:
                return reader
        reader.kill()
        reader.wait()
    raise AssertionError("no reader was caught in the middle of reading")


def test_a_reader_that_stands_still():
    """It is told of with its process, nothing is pruned meanwhile, and then it is ended; the daemon goes on all the time."""
    settings = {"prune": {"every_ms": 0}, "store": {"low_room_bytes": 0, "reader_warn_ms": 300, "reader_most_ms": 6000}}
    daemon = Daemon(policy=policy_with("60 days"), settings=settings, workers=()).start()
    client = daemon.client("admin")
    for begin in range(0, 2000, 200):
        for index in range(begin, begin + 200):
            client.send({"command": "submit", "request": f"r{index}", "actor": "admin", **report_of(index, text="It is dark. " * 60)})
        for index in range(begin, begin + 200):
            client.reply_to(f"r{index}")
    reader = stopped_reader(daemon, client)
    true(f'msg="slow reader" pid={reader.pid}' in daemon.log(), daemon.log()[-800:])
    figures = client.figures()
    true(figures["slow_reader_commits"] > 0 and figures["readers_ended"] == 0, figures)
    equal(reader.wait(PATIENCE_S), -signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_S
    while client.figures()["slow_reader_pid"]:
        client.ask("submit", **report_of(random.randrange(10**6, 10**7)))
        true(time.monotonic() < deadline, "it is still told of")
    equal(client.figures()["readers_ended"], 1)
    true('effect="it was ended"' in daemon.log(), daemon.log()[-800:])
    # One that only looks is left alone.
    equal(subprocess.run([program("reeve-journal"), "check", daemon.state_file("")], stdout=subprocess.DEVNULL, check=False).returncode, 0)


if __name__ == "__main__":
    run_tests(globals())
