#!/usr/bin/python3
"""Backups of a running daemon, and what is restored from them: nothing acknowledged is missing."""
import ctypes
import hashlib
import io
import json
import os
import random
import shutil
import signal
import stat
import struct
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


def chain(client, seq):
    """The chain's hash at a record: equal hashes are equal records up to there."""
    return client.ask("journal_read", from_seq=seq, count=1)["events"][0]["hash"].hex()


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
    original = chain(client, figures["backup_seq"])
    # The same machine, lost: a new one with nothing but the copy.
    again = restored(directory, workers=())
    found = again.client("admin")
    equal(chain(found, figures["backup_seq"]), original, "the chain of the backup")
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
    unfinished = round_number = 0
    while round_number < (3 if SHORT else 6) or (not unfinished and round_number < 40):
        directory = os.path.join(daemon.directory, f"copy{round_number}")
        client = daemon.client("admin")
        client.send({"command": "backup", "request": "b", "actor": "admin", "directory": directory})
        deadline = time.monotonic() + PATIENCE_S
        while not os.path.exists(directory):
            true(time.monotonic() < deadline, "the backup does not begin")
        # at once, and a little later, in turn: a small copy can be whole in less than the longest pause
        wait_until = time.monotonic() + (chance.random() * 0.03 if round_number % 2 else 0)
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
        round_number += 1
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


def exported(daemon, name, *options):
    path = os.path.join(daemon.directory, name)
    daemon.cli("journal", "export", path, *options)
    return path


def unpacked(path):
    """libzstd by itself: Debian's Python has no zstd."""
    zstd = ctypes.CDLL("libzstd.so.1")
    zstd.ZSTD_decompress.restype = ctypes.c_size_t
    with open(path, "rb") as file:
        packed = file.read()
    out = ctypes.create_string_buffer(64 << 20)
    size = zstd.ZSTD_decompress(out, ctypes.c_size_t(len(out)), packed, ctypes.c_size_t(len(packed)))
    true(not zstd.ZSTD_isError(ctypes.c_size_t(size)), f"{path} cannot be unpacked")
    return out.raw[:size]


def read_independently(content):
    """As docs/JOURNAL-FORMAT.md says: the last number and the chain's hash."""
    stream = io.BytesIO(content)
    equal(stream.read(8), b"REEVEJNL")
    equal(struct.unpack(">I", stream.read(4))[0], 1)
    stream.read(4)
    digest, last, rows = bytes(32), 0, 0
    while (part := stream.read(1)) != b"E":
        number, length = struct.unpack(">QI", stream.read(12))
        data = stream.read(length)
        rows += part == b"P"
        if part == b"R":
            digest = hashlib.blake2b(digest + struct.pack(">Q", number) + data, digest_size=32).digest()
            equal((number, stream.read(32)), (last + 1, digest))
            last = number
    equal(struct.unpack(">QQQ", stream.read(24)), (last, last, rows))
    equal(stream.read(), digest)
    return last, digest.hex()


def started_in(directory):
    """A daemon without workers in a state directory that was made for it."""
    daemon = Daemon(workers=(), directory=None)
    os.rmdir(daemon.state_file(""))
    os.rename(directory, daemon.state_file("").rstrip("/"))
    return daemon.start()


def test_export_and_import():
    """A site moves: every record, hash and case arrives; callers' rows only when they were asked for, and that is an event."""
    daemon = Daemon(policy=POLICY).start()
    published(daemon, 500)
    client = daemon.client()
    number = client.ask("submit", **dict(report_of(0), source="other"), caller_name=CALLER[0], caller_phone=CALLER[1], caller_contact=CALLER[2])["case"]
    sealed = client.ask("submit", **report_of(100000), confidential=True)["case"]
    said = daemon.cli("journal", "export", os.path.join(daemon.directory, "bare")).stderr
    true("left out" in said and "--with-private" in said, said)
    whole = exported(daemon, "whole", "--with-private")
    equal(stat.S_IMODE(os.stat(whole).st_mode), 0o600)
    noted = [event for event in client.events() if event["event"] == "private_exported"]
    equal([event["count"] for event in noted], [1], "that they left is an event")
    again = daemon.cli("journal", "export", whole, check=False)
    equal(again.returncode, 1, "an existing file is not written over")
    for name, kept in (("bare", False), ("whole", True)):
        into = os.path.join(daemon.directory, f"{name}.state")
        path = os.path.join(daemon.directory, name)
        checked = json.loads(daemon.cli("--json", "journal", "check", path).stdout)
        equal((checked["hash"], checked["private_rows"]), (chain(client, checked["last_seq"]), int(kept)))
        daemon.cli("journal", "import", path, "--into", into)
        true("holds a journal" in daemon.cli("journal", "import", path, "--into", into, check=False).stderr, "written over")
        other = started_in(into)
        found = other.client("admin")
        equal(chain(found, checked["last_seq"]), checked["hash"], name)
        verify(found)
        if kept:
            equal(found.ask("contact", case=number, reason="moved")["caller_phone"], CALLER[1], name)
        else:
            true("left out" in refused("no_contact", "case", found.ask, "contact", case=number, reason="moved")["message"], name)
        refused("sealed", "case", found.ask, "show", case=sealed)
        other.kill()
    for name, kept in (("bare", False), ("whole", True)):
        content = unpacked(os.path.join(daemon.directory, name))
        equal([secret.encode() in content for secret in CALLER], [kept] * 3, f"the callers' rows in {name}")
        last, digest = read_independently(content)
        equal(digest, chain(client, last), f"the chain of {name}, by another reader")
    refused("not_permitted", "actor", restricted(daemon).ask, "journal_read", from_seq=1, raw=True, private=True)


def restricted(daemon):
    """A client that is no administrator."""
    daemon.write_config({"access": {"actors": [{"name": "desk", "roles": ["intake"]}]}}, ())
    daemon.kill()
    daemon.start()
    return daemon.client("desk")


def test_export_to_a_pipe():
    """- is standard output and standard input: two machines and nothing in between."""
    daemon = Daemon(policy=POLICY, workers=()).start()
    published(daemon, 200)
    into = os.path.join(daemon.directory, "there")
    reeve = [program("reeve"), "--service", daemon.service]
    out = subprocess.Popen([*reeve, "journal", "export", "-"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    result = subprocess.run([program("reeve"), "--json", "journal", "import", "-", "--into", into], stdin=out.stdout, capture_output=True, text=True, check=True)
    equal(out.wait(), 0)
    equal(json.loads(result.stdout)["last_seq"], daemon.client().ask("hello")["seq"])


def test_a_damaged_stream():
    """A byte that changed on the way is noticed; nothing is written."""
    daemon = Daemon(policy=POLICY, workers=()).start()
    published(daemon, 200)
    path = exported(daemon, "stream")
    with open(path, "rb") as file:
        content = bytearray(file.read())
    content[len(content) // 2] ^= 1
    with open(path, "wb") as file:
        file.write(content)
    into = os.path.join(daemon.directory, "there")
    result = daemon.cli("journal", "import", path, "--into", into, check=False)
    equal(result.returncode, 1)
    true("record" in result.stderr, result.stderr)
    equal(os.listdir(into), [])


def test_wrong_sources():
    """What is not the kind of thing that a command reads is refused, with what to do; nothing is written."""
    daemon = Daemon(policy=POLICY, workers=()).start()
    client = daemon.client("admin")
    client.ask("submit", **report_of(1), caller_name=CALLER[0])
    client.ask("backup", directory="copy")
    copy, into = daemon.state_file("copy"), os.path.join(daemon.directory, "there")
    os.makedirs(os.path.join(daemon.directory, "hollow"))
    with open(os.path.join(daemon.directory, "hollow", "journal.mdb"), "wb"):
        pass
    checked = daemon.cli("journal", "check", copy).stdout
    true("good: records 1 to" in checked and "private" not in checked, checked)
    for code, words, command in (
            (2, "it is a directory", ("journal", "import", copy, "--into", into)),
            (2, "name the directory of the backup", ("restore", os.path.join(copy, "journal.mdb"), "--into", into)),
            (2, "name the directory that it is in", ("journal", "check", os.path.join(copy, "journal.mdb"))),
            (2, "name the directory that it is in", ("journal", "import", os.path.join(copy, "journal.mdb"), "--into", into)),
            (1, "the file is empty", ("restore", os.path.join(daemon.directory, "hollow"), "--into", into)),
            (1, "name a directory with a journal.mdb", ("journal", "check", daemon.directory))):
        result = daemon.cli(*command, check=False)
        equal((result.returncode, result.stderr.count("\n")), (code, 1), result.stderr)
        true(words in result.stderr and "nothing was written" not in result.stderr, result.stderr)
        true(not os.path.exists(into) or not os.listdir(into), command)
    daemon.cli("restore", copy, "--into", into)


def test_point_in_time():
    """--until: the state as it was after a record, from a backup and from a stream, callers' rows included."""
    daemon = Daemon(policy=POLICY).start()
    client = daemon.client("admin")
    first = client.ask("submit", **report_of(1), caller_name=CALLER[0])
    published(daemon, 50)
    middle = client.ask("submit", **report_of(777777), caller_name=CALLER[0])
    last = client.ask("submit", **report_of(888888), caller_name=CALLER[0])
    client.ask("backup", directory="copy")
    path = exported(daemon, "stream", "--with-private")
    original = chain(client, middle["seq"])
    for name, source in (("restore", daemon.state_file("copy")), ("import", path)):
        into = os.path.join(daemon.directory, name)
        command = ["restore"] if name == "restore" else ["journal", "import"]
        said = json.loads(daemon.cli("--json", *command, source, "--into", into, "--until", str(middle["seq"])).stdout)
        equal((said["last_seq"], said["private_rows"]), (middle["seq"], 2), name)
        too_far = daemon.cli(*command, source, "--into", f"{into}.far", "--until", "99999999", check=False)
        true("behind the end" in too_far.stderr, too_far.stderr)
        other = started_in(into)
        found = other.client("admin")
        equal(chain(found, middle["seq"]), original, name)
        for report, contact in ((first, CALLER[0]), (middle, CALLER[0])):
            equal(found.ask("contact", case=report["case"], reason="restored").get("caller_name"), contact)
        refused("unknown_case", "case", found.ask, "show", case=last["case"])
        # Life goes on from there.
        found.ask("submit", **report_of(888888))
        verify(found)
        other.kill()


if __name__ == "__main__":
    run_tests(globals())
