"""Every backup that claims to be finished is restored beside the running city: it must hold whatever was acknowledged before it began, be the same
journal as the one that was read, and start."""
import json
import os
import shutil
import subprocess
import threading
import time

import yaml

from keeping import Tail
from oracle import Asker

START_MOST_BYTES = 60 << 20  # larger ones are started only now and then


class Restorer(threading.Thread):
    def __init__(self, stage, journal):
        super().__init__(daemon=True)
        self.stage, self.journal = stage, journal
        self.tail = Tail(stage.path("administrator.log"))
        self.began, self.finished, self.checked = {}, {}, set()
        self.restored, self.started, self.ended, self.fault = 0, 0, False, None

    def run(self):
        try:
            while not self.ended:
                self.look()
                time.sleep(0.5)
            self.look()
        except Exception as fault:  # noqa: BLE001: shown at the end
            self.fault = fault
            self.journal.wrong(f"a backup could not be looked at: {fault!r}")

    def look(self):
        for line in self.tail.lines():
            word, what, number, rest = line.split(" ", 3)
            if what == "backup" and word == "begin":
                self.began[number] = int(rest)
            elif what == "backup" and word == "finished":
                self.finished[number] = int(rest.split()[0])
        for number, began in list(self.began.items()):
            path = self.stage.path(f"backups/{number}")
            if number in self.checked:
                continue
            if os.path.exists(os.path.join(path, "journal.mdb")):
                self.checked.add(number)
                self.restore(number, path, began)
            elif number in self.finished:
                self.checked.add(number)
                self.journal.wrong(f"backup {number} was acknowledged, but {path} holds none")
        self.sweep()

    def sweep(self):
        """Backups that were interrupted stay unfinished; they are gone when a later one was made."""
        last = max(map(int, self.finished), default=0)
        for number in list(self.began):
            path = self.stage.path(f"backups/{number}")
            if int(number) < last and number not in self.checked and not os.path.exists(os.path.join(path, "journal.mdb")):
                self.checked.add(number)
                shutil.rmtree(path, ignore_errors=True)

    def restore(self, number, path, began):
        into = self.stage.path(f"restored-{number}")
        said = subprocess.run(["nice", self.stage.program("reeve"), "--json", "restore", path, "--into", into], capture_output=True, text=True, check=False)
        if said.returncode:
            self.journal.wrong(f"backup {number} cannot be restored: {said.stderr.strip()}")
            return
        reply = json.loads(said.stdout)
        last, digest = reply["last_seq"], bytes.fromhex(reply["hash"])
        if last < began or last < self.finished.get(number, 0):
            self.journal.wrong(f"backup {number} ends with record {last}; it was asked for after {began} and told {self.finished.get(number)}")
        self.same(number, last, digest)
        self.restored += 1
        if os.path.getsize(os.path.join(into, "journal.mdb")) < START_MOST_BYTES or self.restored % 6 == 0:
            self.start_on(number, into, last)
        shutil.rmtree(into)
        shutil.rmtree(path)

    def same(self, number, last, digest):
        seen, until = self.journal.last, time.monotonic() + 120
        while self.journal.last < last and time.monotonic() < until:
            time.sleep(0.1)
            if self.journal.last > seen: # the reader may be far behind on a busy machine, as long as it comes nearer
                seen, until = self.journal.last, time.monotonic() + 120
        if self.journal.last < last:
            self.journal.wrong(f"backup {number} holds record {last}; the daemon has told of {self.journal.last} only")
        elif bytes(self.journal.hashes[8 * last:8 * last + 8]) != digest[:8]:
            self.journal.wrong(f"backup {number} differs from the journal at record {last} or before")

    def start_on(self, number, into, last):
        """A daemon on the restored state directory."""
        doors = {name: f"ipc://{into}/{name}" for name in ("service", "work", "feed")}
        config = os.path.join(into, "reeved.yaml")
        with open(config, "w", encoding="utf-8") as file:
            yaml.safe_dump({"daemon": {"state_dir": into}, "doors": doors, "workers": [], "store": {"low_room_bytes": 0}}, file)
        with open(os.path.join(into, "log"), "wb") as log:
            daemon = subprocess.Popen(["nice", self.stage.program("reeved"), "--config", config], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            asker, reply, until = Asker(doors["service"], "restorer"), None, time.monotonic() + 180
            while reply is None and daemon.poll() is None and time.monotonic() < until:
                reply = asker.ask("hello", timeout_s=5)
            if not reply or reply.get("seq", 0) < last:
                with open(os.path.join(into, "log"), encoding="utf-8") as log:
                    self.journal.wrong(f"a daemon does not start on backup {number}: {reply} {log.read()[-500:]}")
                return
            self.contact(number, asker)
            self.started += 1
        finally:
            daemon.kill()
            daemon.wait()

    def contact(self, number, asker):
        """The callers' rows are in it, too."""
        for source, row in list(self.journal.reports.items()):
            reply = asker.ask("contact", timeout_s=10, source=source, source_ref="1", reason="restored")
            expected = ("unknown_case", "sealed", None) + (("no_contact",) if source == "past" else ())  # destroyed when the case was pruned
            if len(row) > 1 and row[1] and (reply or {}).get("error") not in expected:
                self.journal.wrong(f"backup {number}: {reply}")
            if reply and "error" not in reply and reply.get("caller_name") != f"namemark {source} 1":
                self.journal.wrong(f"backup {number}: the caller of report {source} 1 is {reply.get('caller_name')}")
