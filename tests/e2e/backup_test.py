#!/usr/bin/python3
"""Backups of a running daemon, and what is restored from them: nothing acknowledged is missing."""
import os
import random
import shutil
import signal
import stat
import subprocess
import time

from crash_test import Publisher, all_cases, verify
from harness import PATIENCE_S, SHORT, TREE, Daemon, equal, program, refused, report_of, run_tests, true

POLICY = os.path.join(TREE, "bench", "policy")
CALLER = ("王小明", "13800001234", "晚上八点后")


def published(daemon, count, **more):
    """A publisher whose reports are all acknowledged."""
    publisher = Publisher(daemon)
    publisher.send(count)
    while publisher.open:
        true(publisher.take(PATIENCE_S), "the daemon does not acknowledge")
    return publisher


def restored(directory, **options):
    """A daemon whose state directory holds the journal of a backup and nothing else."""
    daemon = Daemon(**options)
    shutil.copy(os.path.join(directory, "journal.mdb"), daemon.state_file("journal.mdb"))
    return daemon.start()


def hashes(client):
    return [(row["seq"], row["hash"]) for row in client.records()]


def current(client):
    """Waits until the archive, which list reads, has everything."""
    seq = client.ask("hello")["seq"]
    client.ask("list", count=1, min_seq=seq, timeout_s=PATIENCE_S)


def background(daemon, *arguments):
    return subprocess.Popen([program("reeve"), "--service", daemon.service, "--actor", "admin", *arguments],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_backup_under_load():
    """What was acknowledged before the backup began is in it, while reports keep coming in; restored, everything is there."""
    daemon = Daemon(policy=POLICY).start()
    client = daemon.client()
    number = client.ask("submit", **dict(report_of(0), source="other"), caller_name=CALLER[0], caller_phone=CALLER[1], caller_contact=CALLER[2])["case"]
    publisher = published(daemon, 1000 if SHORT else 5000)
    before = dict(publisher.acknowledged)
    directory = os.path.join(daemon.directory, "copy")
    backup = background(daemon, "backup", directory)
    while backup.poll() is None:
        publisher.send(64)
        publisher.take(0.05)
    out, error = backup.communicate()
    equal(backup.returncode, 0, error)
    while publisher.open:
        true(publisher.take(PATIENCE_S), "the daemon does not acknowledge")
    equal(sorted(os.listdir(directory)), ["journal.mdb"])
    equal(stat.S_IMODE(os.stat(os.path.join(directory, "journal.mdb")).st_mode), 0o600)
    figures = client.figures()
    equal((figures["backups_done"], figures["backup_under_way"]), (1, 0))
    true(f"records 1 to {figures['backup_seq']}, verified" in out, out)
    original = hashes(client)[:figures["backup_seq"]]
    # The same machine, lost: a new one with nothing but the copy.
    again = restored(directory, workers=())
    found = again.client("admin")
    equal(hashes(found)[:len(original)], original, "the chain of the backup")
    verify(found)
    current(found)
    cases = all_cases(found)
    for index, case in before.items():
        true(case in cases.get(report_of(index)["source_ref"], []), f"report {index} is missing in the backup")
    contact = found.ask("contact", case=number, reason="restored")
    equal(tuple(contact[name] for name in ("caller_name", "caller_phone", "caller_contact")), CALLER)


def test_where_it_may_be_written():
    """Relative directories lie in the state directory; nothing is written over a journal; each refusal says what helps."""
    daemon = Daemon(policy=POLICY, workers=(), settings={"access": {"actors": [{"name": "desk", "roles": ["intake"]}]}}).start()
    client = daemon.client("admin")
    client.ask("backup", directory="nightly")
    equal(os.listdir(daemon.state_file("nightly")), ["journal.mdb"])
    again = refused("backup_failed", "directory", client.ask, "backup", directory="nightly")
    true("holds a journal" in again["message"] and "new directory" in again["message"], again)
    refused("backup_failed", "directory", client.ask, "backup", directory=daemon.state_file(""))
    missing = refused("backup_failed", "directory", client.ask, "backup", directory="no/such/place")
    true("create the directory" in missing["message"], missing)
    refused("missing_field", "directory", client.ask, "backup", directory="")
    refused("not_permitted", "actor", daemon.client("desk").ask, "backup", directory="theirs")
    true(not os.path.exists(daemon.state_file("theirs")), "a refused backup left something")
    client.ask("submit", **report_of(1))  # and it goes on
    said = daemon.cli("backup", "nightly", check=False)
    equal((said.returncode, said.stdout), (1, ""))
    true("holds a journal" in said.stderr, said.stderr)


def test_killed_while_it_writes():
    """kill -9 in the middle: either there is no backup, or a whole one; the next one to the same directory succeeds."""
    chance = random.Random(2)
    daemon = Daemon(policy=POLICY, workers=()).start()
    published(daemon, 2000 if SHORT else 8000)
    unfinished = 0
    for round_number in range(4 if SHORT else 12):
        directory = os.path.join(daemon.directory, f"copy{round_number}")
        client = daemon.client("admin")
        client.send({"command": "backup", "request": "b", "actor": "admin", "directory": directory})
        deadline = time.monotonic() + PATIENCE_S
        while not os.path.exists(directory):
            true(time.monotonic() < deadline, "the backup does not begin")
        wait_until = time.monotonic() + chance.random() * 0.03
        while time.monotonic() < wait_until:
            pass
        equal(daemon.kill(), -signal.SIGKILL)
        client.close()
        whole = os.path.exists(os.path.join(directory, "journal.mdb"))
        unfinished += not whole
        daemon.start()
        client = daemon.client("admin")
        if not whole:
            client.ask("backup", directory=directory)
            equal(os.listdir(directory), ["journal.mdb"])
        restored(directory, workers=()).kill()
        shutil.rmtree(directory)
        client.close()
    true(unfinished, "no backup was interrupted: the test is too late")


def test_stopped_while_it_writes():
    """SIGTERM does not wait for a backup: whoever asked is told, and nothing of it stays."""
    daemon = Daemon(policy=POLICY, workers=()).start()
    published(daemon, 2000 if SHORT else 8000)
    directory = os.path.join(daemon.directory, "copy")
    client = daemon.client("admin")
    client.send({"command": "backup", "request": "b", "actor": "admin", "directory": directory})
    deadline = time.monotonic() + PATIENCE_S
    while not os.path.exists(directory):
        true(time.monotonic() < deadline, "the backup does not begin")
    equal(daemon.stop(), 0)
    answers = [reply for reply in client.receive() if reply.get("request") == "b"]
    if "error" in answers[0]:
        equal(answers[0]["error"], "stopping")
        equal(os.listdir(directory), [])
    else:
        equal(os.listdir(directory), ["journal.mdb"])


if __name__ == "__main__":
    run_tests(globals())
