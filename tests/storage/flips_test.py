#!/usr/bin/python3
"""Bit flips, cuts and swapped files over a store that the real daemon wrote: reeve-flips does most of them in small processes, and the real
daemon shows on some that its log, its exit code and `reeve journal verify` say the same.

flips_test.py [--seed S] [--count N] [--one journal|archive|open OFFSET BIT]
"""
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from arguments import Parser, whole  # noqa: E402
from crash_test import Publisher, verify  # noqa: E402
from harness import BUILD, PATIENCE_S, TREE, Daemon, equal, report_of, true  # noqa: E402

POLICY = os.path.join(TREE, "bench", "policy")
REPORTS = 150


def settled(client):
    """Waits until the workers are done and the archive has everything."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        before = client.ask("hello")["seq"]
        client.ask("list", count=1, min_seq=before, timeout_s=PATIENCE_S)
        figures = client.figures()
        if client.ask("hello")["seq"] == before and not any(figures[name] for name in figures if name.startswith("tasks_")):
            return
        true(time.monotonic() < deadline, "the workers do not come to an end")


def publish(daemon, count):
    publisher = Publisher(daemon)
    publisher.send(count)
    while publisher.open:
        true(publisher.take(PATIENCE_S), "the daemon does not acknowledge")


def town(reports, older=None):
    """A stopped daemon's state directory. older: a folder that gets the journal as it was in the middle."""
    daemon = Daemon(policy=POLICY).start()
    client = daemon.client()
    for index in range(12):
        client.ask("submit", **dict(report_of(index), source="hotline"), caller_name="王小明", caller_phone=f"1380000{index:04d}", caller_contact="晚上")
    publish(daemon, reports // 2)
    settled(client)
    if older:
        daemon.stop()
        shutil.copy(daemon.state_file("journal.mdb"), older)
        daemon.start()
    publish(daemon, reports - reports // 2)
    client = daemon.client()
    for number in range(1, 6):
        case = client.ask("list", count=500)["cases"][number]["case"]
        client.try_ask("cancel", case=case, reason="twice")
    settled(client)
    equal(daemon.stop(), 0, "exit code")
    return daemon


def scratch():
    return tempfile.mkdtemp(prefix="reeve-flips-", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)


def flipped(path, offset, bit):
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 1 << bit]))


def real_start(daemon):
    """The exit code of a start that is refused, and what it says; 0: it runs and was stopped again."""
    said = os.path.getsize(daemon.log_path) if os.path.exists(daemon.log_path) else 0
    process = daemon.process = daemon.spawn()
    deadline = time.monotonic() + PATIENCE_S
    while process.poll() is None:
        true(time.monotonic() < deadline, "the daemon neither starts nor ends")
        with open(daemon.log_path, encoding="utf-8", errors="replace") as file:
            file.seek(said)
            if 'msg="started"' in file.read() or 'msg=started' in daemon.log()[said:]:
                daemon.stop()
        time.sleep(0.01)
    with open(daemon.log_path, encoding="utf-8", errors="replace") as file:
        file.seek(said)
        return process.returncode, file.read()


def in_use(chance, pristine):
    """The place of a record's own words that a start finds to be damaged: there may be copies in pages that are no longer in use."""
    words = f"Report number {chance.randrange(1, REPORTS // 2)}:".encode()
    found = []
    at = pristine.find(words)
    while at >= 0:
        found.append(at + chance.randrange(len(words)))
        at = pristine.find(words, at + 1)
    return found


def refused_starts(base, chance, count):
    """Exit 5, the record's number and the remedy."""
    journal = base.state_file("journal.mdb")
    with open(journal, "rb") as file:
        pristine = file.read()
    tried = []
    for at in [place for _ in range(count) for place in in_use(chance, pristine)]:
        flipped(journal, at, chance.randrange(8))
        code, said = real_start(base)
        with open(journal, "wb") as file:
            file.write(pristine)
        if code == 0:
            continue
        equal(code, 5, f"exit code at {at}: {said}")
        true("record " in said and "restore a backup" in said, said)
        tried.append((at, int(said.split("record ")[1].split(" ")[0])))
    true(tried, "no record was hit")
    return tried


def found_beside_the_work(base, at, seq):
    """An old record is damaged: with store.checked_at_start: 0 the daemon starts, finds it while it works, says so everywhere, and verify names it."""
    files = {}
    for name in ("journal.mdb", "archive.mdb"):
        with open(base.state_file(name), "rb") as file:
            files[name] = file.read()
    flipped(base.state_file("journal.mdb"), at, 0)
    base.write_config({"store": {"checked_at_start": 0}}, ())
    base.start()
    client = base.client("admin")
    deadline = time.monotonic() + PATIENCE_S
    while client.figures()["journal_damaged_seq"] != seq or client.figures()["journal_unchecked"]:
        true(time.monotonic() < deadline, f"record {seq} is not found beside the work: {client.figures()}")
        time.sleep(0.02)
    events = [event for event in client.events() if event["event"] == "journal_damaged"]
    equal([event["from_seq"] for event in events], [seq], "events")
    true(f"record {seq} is damaged" in client.ask("status")["reason"], "the status says nothing")
    true(f"record={seq}" in base.log() and "journal damaged" in base.log(), "the log says nothing")
    result = base.cli("journal", "verify", check=False)
    true(result.returncode != 0 and str(seq) in result.stdout + result.stderr, f"{result.returncode} {result.stdout} {result.stderr}")
    client.ask("submit", **report_of(90001))  # and it goes on
    base.stop()
    for name, content in files.items():
        with open(base.state_file(name), "wb") as file:
            file.write(content)


def archive_gone(base):
    """The log says that it is built again, and from where to where."""
    os.unlink(base.state_file("archive.mdb"))
    code, said = real_start(base)
    equal(code, 0, said)
    true("archive begun anew" in said and "there was none" in said and "to_seq=" in said, said)


def cut_while_running(base, name):
    """Somebody cuts the file under the running daemon: it ends with the store's exit code and a line, not with a signal; what was damaged is gone then."""
    path = base.state_file(name)
    with open(path, "rb") as file:
        pristine = file.read()
    base.start()
    client = base.client("admin")
    os.truncate(path, 8192)
    for command, more in (("list", {"count": 500}), ("journal_verify", {"from_seq": 1}), ("submit", report_of(90002))):
        client.send({"command": command, "request": command, "actor": "admin", **more})
    equal(base.wait(), 5, f"exit code when {name} is cut: {base.log()[-600:]}")
    said = [line for line in base.log().splitlines() if "the file is damaged" in line]
    true(said and "remedy=" in said[-1] and path in said[-1], base.log()[-1000:])
    client.close()
    if name == "archive.mdb":
        true(os.path.exists(f"{path}.damaged"), "it was not set aside")
        base.start()
        verify(base.client("admin"))
        base.stop()
        return
    code, said = real_start(base)
    true(code == 5 and "restore it from a backup" in said, f"{code}: {said}")
    with open(path, "wb") as file:
        file.write(pristine)


def main():
    parser = Parser("flips", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--seed", type=whole(0, (1 << 63) - 1), default=int(time.time()))
    parser.add_argument("--count", type=whole(10), default=5000, help="how many flips; a tenth as many cuts")
    parser.add_argument("--one", nargs=3, metavar=("journal|archive|open", "OFFSET", "BIT"), help="this one again, in the stores that --keep kept")
    parser.add_argument("--keep", help="keep the stores in this folder, or use them if they are there")
    arguments = parser.parse_args()
    if arguments.one and (arguments.one[0] not in ("journal", "archive", "open") or not arguments.one[1].isdecimal() or arguments.one[2] not in tuple("01234567")):
        parser.error("--one wants journal, archive or open, an offset, and a bit from 0 to 7")
    began = time.monotonic()
    place = scratch()
    stores = arguments.keep or os.path.join(place, "stores")
    base = None
    try:
        if not os.path.isdir(stores):
            os.makedirs(os.path.join(stores, "older"))
            base = town(REPORTS, os.path.join(stores, "older"))
            shutil.copytree(base.state_file(""), os.path.join(stores, "base"))
            shutil.copytree(town(40).state_file(""), os.path.join(stores, "other"))
        tried = 0
        if base and not arguments.one:
            hits = refused_starts(base, random.Random(arguments.seed), 3)
            found_beside_the_work(base, *hits[0])
            archive_gone(base)
            cut_while_running(base, "archive.mdb")
            cut_while_running(base, "journal.mdb")
            tried = len(hits) + 4
        os.makedirs(os.path.join(place, "try"))
        command = [os.path.join(BUILD, "tests", "reeve-flips"), *(os.path.join(stores, name) for name in ("base", "other", "older")),
                   os.path.join(place, "try"), str(arguments.seed), str(arguments.count), *(arguments.one or ())]
        result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        for line in result.stdout.splitlines()[:-1]:
            print(line)
        last = (result.stdout.splitlines() or ["nothing"])[-1]
        print(f"flips: {last}; {tried} through the real daemon; seed {arguments.seed}, {time.monotonic() - began:.0f} seconds")
        return result.returncode
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
