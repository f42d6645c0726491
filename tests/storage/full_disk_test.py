#!/usr/bin/python3
"""A disk that fills under the real daemon: on a small tmpfs where one may be mounted, and with a preloaded library that stands for one
(full_disk_shim.c). Nothing acknowledged is lost, nothing flaps, the process stays up, and everything comes back by itself.

full_disk_test.py [mounted|preloaded|map]
"""
import atexit
import glob
import os
import shutil
import signal
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import harness  # noqa: E402
from arguments import Parser  # noqa: E402
from crash_test import Publisher, all_cases, verify  # noqa: E402
from harness import BUILD, PATIENCE_S, TREE, Daemon, Timeout, equal, new_directory, policy_files, report_of, true  # noqa: E402

POLICY = os.path.join(TREE, "bench", "policy")
MIB = 1 << 20
SIZE, LOW = 24 * MIB, 8 * MIB
RESERVE = LOW // 8
WAYS = ("mounted", "preloaded", "map")
FIGURES = {"fills": 0, "events": 0, "anew": 0, "acknowledged": 0}


class Mounted:
    """A tmpfs; the other program that eats the disk is a ballast file."""

    def __init__(self, state):
        self.state = state
        result = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", state], capture_output=True, check=False)
        if result.returncode:
            raise OSError(result.stderr.decode())
        atexit.register(self.end)

    def end(self):
        subprocess.run(["umount", "-l", self.state], capture_output=True, check=False)

    def environment(self):
        return {}

    def left(self):
        found = os.statvfs(self.state)
        return found.f_bavail * found.f_frsize

    def leave(self, room):
        """So much room is left from now on."""
        path = os.path.join(self.state, "ballast")
        with open(path, "ab") as file:
            have = os.path.getsize(path)
            want = max(0, have + self.left() - room)
            file.truncate(min(have, want))
            # The daemon takes some of it meanwhile: then as much as there is.
            while want > have:
                step = min(want - have, self.left())
                try:
                    os.posix_fallocate(file.fileno(), have, max(step, 1))
                    have += max(step, 1)
                except OSError:
                    if self.left() < 4096:
                        return


class Preloaded:
    def __init__(self, state):
        self.state = state
        self.path = os.path.join(os.path.dirname(state), "budget")
        self.leave(SIZE)

    def environment(self):
        library, = glob.glob(os.path.join(BUILD, "tests", "*full_disk_shim.so"))
        return {"LD_PRELOAD": library, "REEVE_SMALL_DISK": self.state, "REEVE_SMALL_DISK_BUDGET": self.path}

    def left(self):
        with open(self.path, "rb") as file:
            return struct.unpack("=q", file.read(8))[0]

    def leave(self, room):
        if not os.path.exists(self.path):
            with open(self.path, "wb") as file:
                file.write(bytes(8))
        with open(self.path, "r+b") as file:
            file.write(struct.pack("=q", room))


class Town:
    def __init__(self, kind, **settings):
        directory = new_directory()
        os.makedirs(os.path.join(directory, "state"))
        self.disk = kind(os.path.join(directory, "state"))
        self.daemon = Daemon(directory, settings={"store": {"low_room_bytes": LOW, "journal_bytes": 1 << 30, "archive_bytes": 1 << 30, **settings}}, policy=POLICY)
        environment = self.disk.environment()
        spawn = self.daemon.spawn

        def spawn_with():
            before = dict(os.environ)
            os.environ.update(environment)
            try:
                return spawn()
            finally:
                os.environ.clear()
                os.environ.update(before)
        self.daemon.spawn = spawn_with
        self.daemon.start()
        self.publisher = Publisher(self.daemon)
        self.pid = self.daemon.process.pid

    def until(self, what, condition):
        """Polls with a question, which is also what gives the daemon its turns."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                found = condition()
            except Timeout:
                found = None
            if found:
                return found
            true(time.monotonic() < deadline, f"not seen: {what}; log:\n{self.daemon.log()[-3000:]}")
            time.sleep(0.02)

    def low(self, level):
        client = self.daemon.client()
        try:
            # A round that met the full disk was given up with its questions: ask again.
            figures = {row["name"]: row["value"] for row in client.ask("status", timeout_s=2)["figures"]}
            return figures.get("disk_low") == level
        finally:
            client.close()

    def publish(self, count):
        """All of them are acknowledged, whatever happens in between."""
        self.publisher.send(count)
        self.deliver()

    def whole(self, count):
        """In one frame, which is one round."""
        indexes = range(self.publisher.next, self.publisher.next + count)
        self.publisher.next += count
        self.publisher.open.update(dict.fromkeys(indexes, True))
        self.publisher.client.send(*[{"command": "submit", "request": f"{index}", "actor": "desk", **report_of(index, text="word " * 600)} for index in indexes])

    def deliver(self):
        deadline = time.monotonic() + PATIENCE_S
        again = time.monotonic() + 1
        while self.publisher.open:
            if not self.publisher.take(0.2) and time.monotonic() > again:
                self.publisher.resend()
                again = time.monotonic() + 1
            true(time.monotonic() < deadline, f"{len(self.publisher.open)} reports are not acknowledged")

    def dispatched(self, client, index):
        """A case that its unit may sign."""
        case = client.ask("submit", **dict(report_of(index), source="work"))["case"]
        self.until("dispatch", lambda: client.ask("show", case=case)["state"] == "dispatched")
        return case

    def check(self):
        """Every acknowledged report once; the chain; the stream of store events in turn."""
        client = self.daemon.client("admin")
        seq = client.ask("hello")["seq"]
        client.ask("list", count=1, min_seq=seq, timeout_s=PATIENCE_S)
        cases = all_cases(client)
        for index, case in self.publisher.acknowledged.items():
            equal(cases.get(report_of(index)["source_ref"]), [case], f"report {index}")
        verify(client)
        FIGURES["acknowledged"] += len(self.publisher.acknowledged)
        client.close()


def busy(client, command, **fields):
    reply = client.try_ask(command, **fields)
    equal(reply.get("error"), "busy", f"{command}: {reply}")
    true("disk" in reply["message"] and reply.get("retry_after_ms", 0) > 0, reply)


def test_fills_and_empties(kind):
    """The watermarks from above and from below, one after the other."""
    town = Town(kind)
    daemon, disk, client = town.daemon, town.disk, town.daemon.client()
    feed = daemon.feed("store_")
    town.publish(100)
    cases = [town.dispatched(client, index) for index in range(9010, 9013)]
    # Low: new reports no, work yes.
    disk.leave(LOW - 2 * MIB)
    event = feed.until(lambda event: event["event"] == "store_low")
    true(0 < event["bytes"] < LOW, event)
    FIGURES["fills"] += 1
    busy(client, "submit", **report_of(9001))
    client.ask("sign", case=cases[0])
    client.ask("report", case=cases[0], result="done")
    client.ask("close", case=cases[0], outcome="solved")
    status = client.ask("status")
    true("store.low_room_bytes" in status.get("reason", ""), status.get("reason"))
    shown = daemon.cli("status").stdout
    true("disk_low" in shown and "low_room" in shown, shown)
    true('disk low' in daemon.log() and "remedy" in daemon.log(), "no line in the log")
    # A little more room is not enough: nothing flaps.
    disk.leave(LOW + MIB // 2)
    town.until("the daemon sees the room", lambda: client.figures()["journal_room_bytes"] > LOW)
    looked = time.monotonic() + 2.5
    while time.monotonic() < looked:
        busy(client, "submit", **report_of(9001))
        time.sleep(0.1)
    # Full: nothing is written, everything is still answered, deadlines wait.
    disk.leave(RESERVE // 2)
    town.until("the reserve", lambda: town.low(2))
    busy(client, "sign", case=cases[1])
    busy(client, "submit", **report_of(9001))
    busy(client, "policy_apply", files=policy_files(POLICY))
    equal(client.ask("show", case=cases[1])["state"], "dispatched")
    disk.leave(64 << 10)
    refused = client.try_ask("backup", directory="copy")
    equal(refused.get("error"), "backup_failed", refused)
    true("free space" in refused["message"], refused)
    # Back above the reserve, then above the watermark.
    disk.leave(LOW // 2)
    town.until("work goes on", lambda: town.low(1))
    client.ask("sign", case=cases[1])
    disk.leave(2 * LOW)
    event = feed.until(lambda event: event["event"] == "store_well")
    true(event["bytes"] > LOW, event)
    town.publish(50)
    client.ask("report", case=cases[1], result="done")
    kinds = [each["event"] for each in client.events() if each["event"].startswith("store_")]
    equal(kinds, ["store_low", "store_well"], "events of the disk")
    FIGURES["events"] += len(kinds)
    equal(daemon.process.pid, town.pid)
    true(daemon.process.poll() is None, "the daemon ended")
    town.check()
    daemon.kill()
    daemon.start()
    town.check()
    return town


def test_full_at_once(kind):
    """Another program takes everything between two looks: the round is lost, nothing that was acknowledged is, and the process stays."""
    town = Town(kind)
    daemon, disk = town.daemon, town.disk
    town.publish(200)
    began = 0
    for _ in range(6):
        disk.leave(2 * LOW)
        town.until("room", lambda: town.low(0))
        before = daemon.log().count("beginning anew")
        town.publisher.send(200)
        disk.leave(0)
        FIGURES["fills"] += 1
        town.whole(400)
        # Either the daemon saw it first, or the commit did.
        town.until("full", lambda: town.low(2))
        began += daemon.log().count("beginning anew") > before
        equal(daemon.process.pid, town.pid)
        true(daemon.process.poll() is None, f"the daemon ended with {daemon.process.returncode}: {daemon.log()[-2000:]}")
        disk.leave(2 * LOW)
        town.until("room again", lambda: town.low(0))
        town.publisher.client.close()
        town.publisher.client = daemon.client("desk")
        town.publisher.resend()
        town.deliver()
        town.check()
        if began >= (1 if os.environ.get("REEVE_DISK_SHORT") else 2):
            break
        if daemon.log().count("beginning anew") > before:
            # So soon again it is left to the service manager: wait until it is no longer soon.
            wait = time.monotonic() + 11
            while time.monotonic() < wait:
                time.sleep(0.5)
    true(began, "no commit met the full disk: the test is too late")
    FIGURES["anew"] += began
    # Stopped and started on a full disk.
    disk.leave(0)
    code = daemon.stop()
    true(code in (0, 1), f"exit code on a full disk: {code}")  # 1: a commit met it, so soon after the last one
    daemon.start()
    client = daemon.client()
    town.until("full", lambda: town.low(2))
    busy(client, "submit", **report_of(99999))
    disk.leave(2 * LOW)
    town.until("room", lambda: town.low(0))
    town.publish(20)
    town.check()
    equal(daemon.kill(), -signal.SIGKILL)
    daemon.start()
    town.check()


def test_map_full():
    """The journal reaches store.journal_bytes: the same, until the setting is raised."""
    daemon = Daemon(settings={"store": {"low_room_bytes": 4 * MIB, "journal_bytes": 16 * MIB, "archive_bytes": 1 << 30}}, policy=POLICY).start()
    client = daemon.client("desk")
    deadline = time.monotonic() + PATIENCE_S
    index, done = 0, set()
    long = "word " * 300
    while True:
        client.send(*[{"command": "submit", "request": f"m{index + i}", "actor": "desk", **report_of(index + i, text=long)} for i in range(64)])
        try:
            replies = [client.reply_to(f"m{index + i}", 2) for i in range(64)]
        except Timeout:  # the round met the full map: it is asked again
            true(time.monotonic() < deadline, f"no answer any more: {daemon.log()[-2000:]}")
            continue
        done |= {reply["case"] for reply in replies if "case" in reply}
        index += 64
        if any(reply.get("error") for reply in replies):
            break
        true(time.monotonic() < deadline, "the map does not get full")
    true(all(reply["error"] == "busy" and "disk" in reply["message"] for reply in replies if "error" in reply), replies[-1])
    status = client.ask("status")
    true("journal_bytes" in daemon.log() and "low_room" in status.get("reason", ""), status.get("reason"))
    true(daemon.process.poll() is None, "the daemon ended")
    daemon.stop()
    daemon.write_config({"store": {"low_room_bytes": 4 * MIB, "journal_bytes": 1 << 30, "archive_bytes": 1 << 30}}, ("triage", "assign", "escalate"))
    daemon.start()
    client = daemon.client()
    client.ask("submit", **report_of(index + 1))
    client.ask("list", count=1, min_seq=client.ask("hello")["seq"], timeout_s=PATIENCE_S)
    equal(len(done - {case for cases in all_cases(client).values() for case in cases}), 0, "lost")
    FIGURES["fills"] += 1
    FIGURES["acknowledged"] += len(done)


def mounts():
    place = new_directory()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True, check=False).returncode == 0
    if done:
        subprocess.run(["umount", place], check=False)
    return done


def main():
    parser = Parser("disk", description=__doc__)
    parser.names("WAY", WAYS)
    began = time.monotonic()
    ways = parser.parse_args().names or (["mounted"] if mounts() else []) + ["preloaded", "map"]
    failed = 0
    for way in ways:
        kind = {"mounted": Mounted, "preloaded": Preloaded}.get(way)
        tests = [lambda: test_fills_and_empties(kind), lambda: test_full_at_once(kind)] if kind else [test_map_full]
        for test in tests:
            try:
                test()
            except Exception:  # pylint: disable=broad-except
                failed += 1
                import traceback
                traceback.print_exc()
                for daemon in harness.LIVING:
                    print(daemon.log()[-4000:])
            for daemon in harness.LIVING:
                daemon.check_sanitizers()
                daemon.clean()
            harness.LIVING.clear()
    if not FIGURES["fills"]:
        print("disk: no disk was filled, so nothing was judged")
    print(f"disk: {' '.join(ways)}; {FIGURES['fills']} fills, {FIGURES['anew']} commits on a full disk, {FIGURES['acknowledged']} acknowledged reports checked, "
          f"{failed} violations, {time.monotonic() - began:.0f} seconds")
    return failed != 0 or not FIGURES["fills"]


if __name__ == "__main__":
    sys.exit(main())
