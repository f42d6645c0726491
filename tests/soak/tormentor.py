"""Kills and stops by a seed: any one process, several, or all at once; the daemon again while it starts; and whoever is at it while the administrator
makes a backup, adopts a policy, reloads or exports. Knows nothing of what is right."""
import random
import signal
import time

from keeping import Tail
from stage import signal_to, started_at

STOP_MOST_S = {"daemon": 2.5, "worker": 6.0, "own worker": 6.0}
WEIGHTS = {"daemon": 6, "own worker": 4, "worker": 2, "publisher": 4, "unit": 3, "supervisor": 4, "administrator": 2}
TIMED = {"backup": 0.5, "policy": 0.4, "reload": 0.3, "export": 0.3, "prune": 0.5}  # how often something is killed meanwhile


class Tormentor:
    def __init__(self, stage, seed, pause_s):
        self.stage, self.pause_s = stage, pause_s
        self.chance = random.Random(f"tormentor {seed}")
        self.tail = Tail(stage.path("administrator.log"))
        self.kills = dict.fromkeys(WEIGHTS, 0)
        self.stops, self.at_once, self.timed, self.again = 0, 0, {}, 0
        self.stopped = []   # (until, pid, started)
        self.planned = []   # (when, what)
        self.begun, self.lasted = {}, {}
        self.next = time.monotonic() + pause_s
        self.at_work = True

    def kill(self, actor):
        if actor.living() and not actor.dismissed:
            self.kills[actor.kind] += 1
            actor.kill()
            actor.start_at = time.monotonic() + self.chance.choice((0, 0.02, 0.2, 1.0))

    def kill_child(self):
        children = self.stage.children()
        if children and signal_to(*self.shuffled(children)[0][:1], signal.SIGKILL):
            self.kills["own worker"] += 1

    def shuffled(self, things):
        return self.chance.sample(things, len(things))

    def stop(self, pid, kind):
        begun = started_at(pid)
        if begun and signal_to(pid, signal.SIGSTOP, begun):
            self.stops += 1
            until = time.monotonic() + self.chance.random() ** 2 * STOP_MOST_S.get(kind, 6.0)
            self.stopped.append((until, pid, begun))
            if kind == "supervisor" and self.chance.random() < 0.4:  # while it repairs what the feed dropped
                self.planned.append((until + self.chance.random(), pid))

    def go_on(self, everybody=False):
        now = time.monotonic()
        for _, pid, begun in [each for each in self.stopped if everybody or each[0] <= now]:
            signal_to(pid, signal.SIGCONT, begun)
        self.stopped = [] if everybody else [each for each in self.stopped if each[0] > now]

    def kill_all(self):
        self.at_once += 1
        for actor in self.shuffled([actor for actor in self.stage.actors]):
            self.kill(actor)

    def one(self):
        kind = self.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        stop = self.chance.random() < 0.3
        if kind == "own worker":
            if stop and self.stage.children():
                self.stop(self.chance.choice(self.stage.children())[0], kind)
            else:
                self.kill_child()
            return
        actor = self.chance.choice([actor for actor in self.stage.actors if actor.kind == kind])
        if not actor.living():
            return
        if stop:
            self.stop(actor.process.pid, kind)
        else:
            self.kill(actor)
            if kind == "daemon":
                self.afterwards()

    def afterwards(self):
        """The daemon was killed: again while it recovers or shortly after, and supervisors while they catch up."""
        now = time.monotonic()
        if self.chance.random() < 0.4:
            self.planned += [(now + self.chance.random() * 2, "again") for _ in range(self.chance.randrange(1, 4))]
        if self.chance.random() < 0.5:
            self.planned += [(now + 0.2 + self.chance.random() * 3, "supervisor") for _ in range(self.chance.randrange(1, 5))]

    def meanwhile(self):
        """What the administrator has begun: something may be killed before it is over."""
        now = time.monotonic()
        for line in self.tail.lines():
            word, what, number = line.split()[:3]
            if word != "begin":
                if (what, number) in self.begun:
                    self.lasted[what] = 0.5 * self.lasted.get(what, 0.1) + 0.5 * (now - self.begun.pop((what, number)))
                continue
            self.begun[what, number] = now
            if self.chance.random() < TIMED.get(what, 0):
                when = now + self.chance.random() * 1.2 * self.lasted.get(what, 0.1)
                self.planned.append((when, self.chance.choice(("daemon",) * 6 + ("administrator", "administrator", "all"))))
                self.timed[what] = self.timed.get(what, 0) + 1

    def planned_ones(self):
        now = time.monotonic()
        for _, what in [each for each in self.planned if each[0] <= now]:
            if what == "all":
                self.kill_all()
            elif isinstance(what, int):
                for actor in self.stage.actors:
                    if actor.living() and actor.process.pid == what:
                        self.kill(actor)
            else:
                self.again += what == "again"
                kind = "daemon" if what == "again" else what
                self.kill(self.chance.choice([actor for actor in self.stage.actors if actor.kind == kind]))
        self.planned = [each for each in self.planned if each[0] > now]

    def turn(self):
        self.go_on()
        if not self.at_work:
            return
        self.meanwhile()
        self.planned_ones()
        if time.monotonic() >= self.next:
            self.next = time.monotonic() + self.chance.expovariate(1 / self.pause_s)
            if self.chance.random() < 0.04:
                self.kill_all()
            else:
                self.one()

    def rest(self):
        """Peace: whoever stands still goes on, nobody is killed any more."""
        self.at_work = False
        self.go_on(everybody=True)
