"""After the last kill: everybody comes to rest, and everything is counted once more. Then the daemon is stopped and started again, and once more without
its archive, and must tell the same."""
import os
import subprocess
import time

from oracle import Asker, MARKS, number_of
import tables

PATIENCE_S = 180
LATE_MS = 5000     # a clock that was due so long ago must have fired
SAMPLE = 40
CLOCKS = {row[1]: int(row[0]) for row in tables.calls(tables.source("names.def"), "CLOCK")}


class Settling:
    def __init__(self, soak):
        self.soak, self.stage, self.journal = soak, soak.stage, soak.journal
        self.asker = Asker(self.stage.sockets["service"], "auditor")

    def wrong(self, what):
        self.journal.wrong(f"at the end: {what}")

    def wait(self, what, done, seconds=PATIENCE_S):
        """Turns until done(). The city is alive meanwhile."""
        until = time.monotonic() + seconds
        while not done():
            if time.monotonic() > until:
                self.wrong(f"{what}: not within {seconds} seconds")
                return False
            self.soak.turn()
        return True

    def actors(self, *kinds):
        return [actor for actor in self.stage.actors if actor.kind in kinds]

    def dismiss(self, *kinds):
        """They are asked to end, and end: what they were at is answered first."""
        for actor in self.actors(*kinds):
            actor.dismissed = True
            if actor.living():
                actor.process.terminate()
        if self.wait(f"{kinds} end", lambda: not any(actor.living() for actor in self.actors(*kinds))):
            for actor in self.actors(*kinds):
                if actor.process.returncode not in ((0, -9) if actor.killed else (0,)):
                    self.wrong(f"{actor.name} ended with {actor.process.returncode}: see {actor.log}")

    def ask(self, command, **fields):
        for _ in range(20):
            reply = self.asker.ask(command, timeout_s=20, **fields)
            if reply is not None and reply.get("error") not in ("busy", "stopping"):
                return reply
        self.wrong(f"{command} is not answered")
        return {}

    # ---- what is asked ----

    def rows(self, **fields):
        """Every row of a list, with the sequence number up to which it was true."""
        rows, cursor = {}, {}
        seq = self.ask("hello").get("seq", 0)
        while True:
            reply = self.ask("list", count=500, min_seq=seq, **fields, **cursor)
            rows.update((row["case"], row) for row in reply.get("cases", ()))
            if not reply.get("cursor"):
                return rows, reply.get("now", 0)
            cursor = {"cursor": reply["cursor"]}

    def caught_up(self):
        seq = self.ask("hello").get("seq", 0)
        self.wait("the journal is read", lambda: self.journal.last >= seq, 900)
        return seq

    def acknowledged(self):
        self.soak.look()
        told = self.soak.told
        if told.waiting:
            self.wrong(f"{len(told.waiting)} acknowledgements name records behind the end of the journal: {told.waiting[0]}")
        for name, numbers in told.open.items():
            if numbers and name in self.stage.centres:
                self.wrong(f"{name}: {len(numbers)} reports stayed without an answer, {sorted(numbers)[:3]}")
        for source, row in self.journal.reports.items():
            if source not in self.stage.centres:
                if source != "past":
                    self.wrong(f"the journal holds reports of {source}")
                continue
            stored = sum(1 for case in row if case)
            answered = sum(told.told[source])
            if stored != answered:
                self.wrong(f"{source}: {answered} reports were acknowledged and {stored} are in the journal")

    def figures(self):
        seq = self.caught_up()
        status = self.ask("status")
        figures = {row["name"]: row["value"] for row in status.get("figures", ())}
        self.caught_up()
        if figures.get("open_cases") != self.journal.open and self.ask("hello").get("seq") == seq:
            self.wrong(f"{figures.get('open_cases')} cases are open, says the daemon; the journal says {self.journal.open}")

    def opened_again(self):
        """Reports by their reference, and their callers."""
        for source, row in self.journal.reports.items():
            numbers = [number for number, case in enumerate(row) if case]
            for number in numbers[::max(1, len(numbers) // SAMPLE)]:
                shown = self.ask("show", source=source, source_ref=str(number))
                if shown.get("error") != "sealed" and number_of(shown.get("case", "0")) != row[number]:
                    self.wrong(f"report {source} {number} is {shown.get('case')} {shown.get('error')} and not {row[number]}")
                kept = self.ask("contact", source=source, source_ref=str(number), reason="soak")
                if kept.get("error") != "sealed" and (source, kept.get("error")) != ("past", "no_contact") and kept.get("caller_name") != f"namemark {source} {number}":
                    self.wrong(f"the caller of report {source} {number} is {kept.get('caller_name')} {kept.get('error')}")

    def waits(self, rows, now):
        """Each open case waits for somebody, and each of its clocks that is over has said so."""
        for case, row in rows.items():
            state = row["state"]
            if state in ("received", "triaged") and not row.get("attention") and number_of(case) in self.stuck:
                self.wrong(f"case {case} is {state} and waits for nobody")
            if state in ("dispatched", "in_progress", "suspended", "reported", "calling_back") and not row.get("unit"):
                self.wrong(f"case {case} is {state} without a unit")
            if state == "suspended":
                continue
            said = self.journal.breached.get(number_of(case), set())
            for clock, due in (("promise", row.get("due")), (row.get("stage"), row.get("stage_due"))):
                if not due or clock not in CLOCKS or due >= now - LATE_MS or (CLOCKS[clock], due) in said:
                    continue
                if number_of(case) not in self.journal.extended or not any(each[0] == CLOCKS[clock] and each[1] < due for each in said):
                    self.wrong(f"case {case}, {state}: its clock {clock} was due {now - due} ms ago and nothing was said ({sorted(said)}, {row})")

    def peace(self):
        """Cases that stay unclassified or without a unit over twice the patience are stuck."""
        before, _ = self.rows(closed=False)
        until = time.monotonic() + 10
        self.wait("ten seconds", lambda: time.monotonic() > until)
        rows, now = self.rows(closed=False)
        self.stuck = {number_of(case) for case, row in rows.items() if case in before and row["state"] == before[case]["state"] and row["epoch"] == before[case]["epoch"]}
        self.caught_up()
        self.waits(rows, now)

    def supervisors(self):
        seq = self.caught_up()

        def all_seen():
            return all(not watched.missing(self.journal, seq) for watched in self.soak.watched)
        def look():
            self.soak.look()
            return all_seen()
        next_look = [0.0]

        def done():
            if time.monotonic() < next_look[0]:
                return False
            next_look[0] = time.monotonic() + 2
            return look()
        self.wait("the supervisors have seen everything", done, 120)
        for watched in self.soak.watched:
            watched.check(self.journal, seq)

    # ---- stop and start ----

    def stop(self):
        daemon = self.stage.daemon
        status = daemon.dismiss(60)
        if status != 0:
            self.wrong(f"the daemon ended with {status} after SIGTERM")
        until = time.monotonic() + 15
        while (left := self.stage.left_behind()) and time.monotonic() < until:
            time.sleep(0.1)
        if left:
            self.wrong(f"left behind: {left}")

    def start(self):
        self.stage.daemon.dismissed = False
        self.stage.daemon_start()
        self.asker = Asker(self.stage.sockets["service"], "auditor")
        self.caught_up()

    def same(self, before, after, what):
        """Rows that nothing happened to are the same."""
        for case, row in before.items():
            other = after.get(case)
            if other is None:
                if self.journal.case_last[number_of(case)] == row["last_seq"]:
                    self.wrong(f"case {case} is not open any more after {what}")
            elif other["last_seq"] == row["last_seq"] and dict(other, overdue=0) != dict(row, overdue=0):
                self.wrong(f"case {case} changed by {what}: {row} became {other}")
        for case in after:
            if case not in before:
                self.wrong(f"case {case} is open after {what} and was not before")

    def private(self):
        """Nothing of a caller in logs, archive and what is exported; no report's words in a log."""
        names = [name for name in os.listdir(self.stage.folder) if name.endswith(".err")] + ["reeved.log", "state/archive.mdb"]
        for name in names:
            marks = MARKS + ((b"wordsmark",) if name.endswith((".log", ".err")) else ())
            with open(self.stage.path(name), "rb") as file:
                rest = b""
                while chunk := file.read(1 << 22):
                    for mark in marks:
                        if mark in rest + chunk:
                            self.wrong(f"{name} holds {mark.decode()}")
                            return
                    rest = chunk[-64:]

    def verified(self):
        said = subprocess.run([self.stage.program("reeve"), "--service", self.stage.sockets["service"], "--timeout", "60000", "journal", "verify"],
                              capture_output=True, text=True, check=False)
        if said.returncode:
            self.wrong(f"reeve journal verify: {said.stdout}{said.stderr}")

    def run(self):
        soak = self.soak
        soak.say("the tormentor rests; call centres finish")
        self.dismiss("publisher", "administrator")
        until = time.monotonic() + 20
        self.wait("people handle what is there", lambda: time.monotonic() > until or self.journal.open < 20, 60)
        soak.say(f"people finish, {self.journal.open} cases are open")
        self.dismiss("unit")
        self.caught_up()
        self.acknowledged()
        self.peace()
        self.figures()
        self.opened_again()
        soak.say("supervisors catch up")
        self.supervisors()
        self.dismiss("supervisor", "worker")
        self.verified()
        soak.restorer.ended = True
        self.wait("the last backups are restored", lambda: not soak.restorer.is_alive(), 600)
        before, _ = self.rows(closed=False)
        soak.say(f"stop and start, {len(before)} cases are open")
        self.stop()
        self.private()
        self.start()
        after, _ = self.rows(closed=False)
        self.same(before, after, "a restart")
        self.stop()
        for name in ("archive.mdb", "archive.mdb-lock"):
            os.remove(self.stage.path(f"state/{name}"))
        self.start()
        again, now = self.rows(closed=False)
        self.same(after, again, "a restart without the archive")
        self.waits(again, now)
        self.verified()
        self.opened_again()
        soak.reader.ended = True
        soak.reader.join(30)
        self.stop()


def settle(soak):
    Settling(soak).run()
