#!/usr/bin/python3
"""The soak: soak.py BUILD [--minutes N] [--seed S] [--rate R] [--pause S] [--folder DIR] [--short].

Runs a whole city of real processes, kills and stops any of them at random, and compares all the time what clients were told with what the journal
says (oracle.py). Ends in one line of figures; exit status 1 when anything was wrong, and then the folder stays."""
import os
import random
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from arguments import Parser, above_zero, from_zero, whole  # noqa: E402
from oracle import Acknowledgements, Reader, Watched
from past import live_through
from restoring import Restorer
from settling import settle
from stage import Stage
from tormentor import Tormentor

TURN_S = 0.02
MEMORY_CASE_KB = 4


def arguments():
    parser = Parser("soak", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("build")
    parser.add_argument("--minutes", type=above_zero, default=2.0)
    parser.add_argument("--seed", type=whole(0), default=None)
    parser.add_argument("--rate", type=above_zero, default=100.0, help="reports a second in the mean")
    parser.add_argument("--pause", type=above_zero, default=2.0, help="seconds between two torments in the mean")
    parser.add_argument("--folder", default=None)
    parser.add_argument("--keep", action="store_true", help="the folder stays in any case")
    parser.add_argument("--memory-mb", type=whole(1), default=400, help="what the daemon may hold itself, beside a few KB for each open case")
    parser.add_argument("--most-mb", type=from_zero, default=0, help="ends early when journal and archive are larger")
    return parser.parse_args()


def seq_of(line):
    """The number that begins a supervisor's line; notes have none."""
    return 0 if line.startswith("#") else int(line.split(" ", 1)[0])


class Soak:
    def __init__(self, options):
        self.options = options
        self.seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1, 1000000)
        folder = options.folder or tempfile.mkdtemp(prefix="reeve-soak-")
        os.makedirs(folder, exist_ok=True)
        self.violations = []
        self.stage = Stage(folder, os.path.abspath(options.build), options.rate, 2.0 * options.pause, self.seed, options.minutes)
        self.reader = Reader(self.stage.sockets["service"], self.violations)
        self.journal = self.reader.journal
        self.told = Acknowledgements(self.journal)
        for name in self.stage.centres + self.stage.people:
            self.told.watch(self.stage.path(f"{name}.log"), name, name in self.stage.centres)
        self.watched = [Watched(self.stage.path(f"{name}.log"), name, topics, seq_of) for name, topics in self.stage.supervisors.items()]
        self.tormentor = Tormentor(self.stage, self.seed, options.pause)
        self.restorer = Restorer(self.stage, self.journal)
        self.begun = time.monotonic()
        self.minute, self.look_at = 0, 0.0
        self.memory, self.memory_most = 0, 0
        self.marks = []  # (when, last seq) to check supervisors that far

    def say(self, what):
        print(f"[{time.monotonic() - self.begun:7.1f}] {what}", flush=True)

    # ---- the daemon's service manager, and everybody else's ----

    def care(self):
        """Whoever ended is started again; whoever ended without being killed is wrong."""
        now = time.monotonic()
        for actor in self.stage.actors:
            if actor.dismissed or actor.living():
                continue
            if actor.process is not None and not actor.killed:
                self.journal.wrong(f"{actor.name} ended by itself with {actor.process.returncode}: see {actor.log}")
                actor.killed = True
            if actor.start_at <= now:
                if actor.kind == "daemon":
                    self.stage.daemon_start()
                else:
                    actor.start()

    def sample(self):
        """The daemon's own memory; pages of the mapped files are the kernel's."""
        try:
            with open(f"/proc/{self.stage.daemon.process.pid}/status", encoding="utf-8") as file:
                rows = dict(line.split(":", 1) for line in file)
            self.memory = int(rows["RssAnon"].split()[0])
        except (OSError, KeyError):
            return
        self.memory_most = max(self.memory_most, self.memory)
        if self.memory > (self.options.memory_mb << 10) + MEMORY_CASE_KB * self.journal.open:
            self.journal.wrong(f"the daemon holds {self.memory >> 10} MB with {self.journal.open} open cases")

    def look(self):
        self.told.look()
        for watched in self.watched:
            watched.look(self.journal)
        now = time.monotonic()
        self.marks.append((now, self.journal.last))
        old = [seq for when, seq in self.marks if when < now - 240]
        if old and old[-1] > 0:
            for watched in self.watched:
                if watched.last > old[-1]:
                    watched.check(self.journal, old[-1])
            self.marks = [mark for mark in self.marks if mark[0] >= now - 240]

    def turn(self):
        self.tormentor.turn()
        self.care()
        now = time.monotonic()
        if now >= self.look_at:
            self.look_at = now + 1.0
            self.look()
            self.sample()
        if now - self.begun >= 60 * (self.minute + 1):
            self.minute += 1
            self.progress()
        time.sleep(TURN_S)

    def size(self):
        """Bytes of the journal and the archive on disk."""
        total = [0, 0]
        for at, name in enumerate(("journal.mdb", "archive.mdb")):
            try:
                total[at] = os.stat(self.stage.path(f"state/{name}")).st_blocks * 512
            except OSError:
                pass
        return total

    def progress(self):
        journal, archive = self.size()
        kills = sum(self.tormentor.kills.values())
        self.say(f"minute {self.minute}: {self.told.reports} reports acknowledged, {self.told.commands} commands, {self.journal.last} events, {self.journal.open} open, "
                 f"{kills} kills, {self.tormentor.stops} stops, {self.tormentor.at_once} all at once, {self.restorer.restored} backups, "
                 f"memory {self.memory >> 10} MB (most {self.memory_most >> 10}), journal {journal >> 20} MB, archive {archive >> 20} MB, {len(self.violations)} violations")

    # ---- the whole ----

    def begin(self):
        """The first start, in peace."""
        live_through(self.stage)
        self.stage.daemon_start()
        until = time.monotonic() + 60
        while self.reader.asker.ask("hello", timeout_s=1) is None:
            if time.monotonic() > until or not self.stage.daemon.living():
                raise SystemExit(f"soak: the daemon does not answer, see {self.stage.daemon_log}")
        self.reader.start()
        self.restorer.start()

    def run(self):
        print(f"seed {self.seed}, {self.options.minutes:g} minutes, {self.options.rate:g} reports a second, folder {self.stage.folder}", flush=True)
        self.begin()
        self.begun = time.monotonic()
        until = self.begun + 60 * self.options.minutes
        while time.monotonic() < until and not self.violations:
            self.turn()
            if self.options.most_mb and sum(self.size()) > self.options.most_mb * (1 << 20):
                self.say("the files are as large as they may become")
                break
        self.tormentor.rest()
        if not self.violations:
            settle(self)

    def end(self):
        self.stage.end()
        tormentor, told = self.tormentor, self.told
        for name, count in sorted(self.journal.kinds.items()):
            print(f"  {name} {count}")
        for what in self.violations[:30]:
            print(f"VIOLATION {what}")
        kills = ", ".join(f"{kind} {count}" for kind, count in tormentor.kills.items() if count)
        timed = ", ".join(f"{what} {count}" for what, count in tormentor.timed.items())
        print(f"timed: {timed or 'none'}; {tormentor.again} more while it started; {self.restorer.started} backups started; {told.repeats} reports told again, "
              f"{told.commands} commands acknowledged, {told.refused} refused, memory at most {self.memory_most >> 10} MB")
        if self.violations:
            print(f"the folder stays: {self.stage.folder}; the same kills: --seed {self.seed}")
        else:
            if not self.options.keep:
                shutil.rmtree(self.stage.folder)
        if not told.reports:
            print("soak: no report was acknowledged, so nothing was judged; give it more --minutes or a higher --rate")
        print(f"soak: {(time.monotonic() - self.begun) / 60:.0f} minutes, {told.reports} reports acknowledged, {told.lost} lost, {self.journal.twice} twice, "
              f"{sum(tormentor.kills.values())} kills ({kills}), {tormentor.stops} stops, {tormentor.at_once} all at once, {self.restorer.restored} backups restored, "
              f"{len(self.violations)} violations")
        return 1 if self.violations or not told.reports else 0


def main():
    soak = Soak(arguments())
    try:
        soak.run()
    except BaseException as fault:
        soak.journal.wrong(f"the soak itself failed: {fault!r}")
        soak.end()
        raise
    sys.exit(soak.end())


if __name__ == "__main__":
    main()
