"""The processes of the soak: started, started again when they end, killed, stopped and continued. The daemon is started again as a service manager
would, after a short pause; everything is found by its process number, nothing by its name."""
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import yaml

from keeping import TREE

HERE = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"
SETTINGS = {
    "limits": {"past_ms": 86400000},
    "feed": {"mark_ms": 200, "high_water": 300},
    "store": {"low_room_bytes": 64 << 20, "journal_bytes": 64 << 30, "archive_bytes": 64 << 30},
    "work": {"lease_ms": 1500, "restart_ms": 20, "restart_most_ms": 400, "worker_silence_ms": 7000},
    "service": {"stop_ms": 3000},
    "prune": {"every_ms": 20000, "segment_records": 1000, "slice_records": 32, "pause_ms": 20},
    # Whoever is not listed here may do everything, but sees no confidential case.
    "access": {"actors": [{"name": name, "roles": ["intake", "unit", "dispatcher", "supervisor"]} for name in ("people-a", "people-b")]},
}
HURRY = {"three-seconds": 0.07, "ten-seconds": 0.1, "twenty-seconds": 0.25}  # minutes, in the second policy


def started_at(pid):
    """When a process was started: with its number it names it for ever. None: there is none, or it has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def signal_to(pid, number, begun=None):
    if begun is not None and started_at(pid) != begun:
        return False
    try:
        os.kill(pid, number)
        return True
    except ProcessLookupError:
        return False


class Actor:
    """One process that is there again whenever it ends, until it is dismissed."""

    def __init__(self, kind, name, words, log, environment=None):
        self.kind, self.name, self.words, self.log = kind, name, words, log
        self.environment, self.process = environment, None
        self.start_at, self.killed, self.starts, self.dismissed = 0.0, False, 0, False

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=self.environment)
        self.killed = False
        self.starts += 1

    def living(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """SIGKILL, also for what it started itself (but the daemon's workers: they have to notice by themselves)."""
        self.killed = True
        if self.kind == "daemon":
            self.process.send_signal(signal.SIGKILL)
        else:
            os.killpg(self.process.pid, signal.SIGKILL)

    def dismiss(self, timeout_s):
        """SIGTERM and its exit status; None: it does not end."""
        self.dismissed = True
        if not self.process:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None


class Stage:
    """A folder with the daemon's state, its configuration and policies, and everybody's logs."""

    def __init__(self, folder, build, rate, pause_s, seed, minutes):
        self.folder, self.build = folder, build
        self.sockets = {name: f"ipc://{folder}/{name}" for name in ("service", "work", "feed")}
        self.config = os.path.join(folder, "reeved.yaml")
        self.pid_file = os.path.join(folder, "reeved.pid")
        self.daemon_log = os.path.join(folder, "reeved.log")
        self.actors = []
        for name in ("state", "backups"):
            os.makedirs(os.path.join(folder, name))
        self.policies = [self.policy("policy-a", {}), self.policy("policy-b", HURRY)]
        self.write_config()
        self.write_stage(pause_s, minutes)
        self.daemon = self.add("daemon", "reeved", [self.program("reeved"), "--config", self.config], self.daemon_log)
        self.cast(rate, seed)

    def program(self, name):
        for place in ("daemon", "workers", "clients/cli", "tests", ""):
            path = os.path.join(self.build, place, name)
            if os.path.isfile(path):
                return path
        raise SystemExit(f"soak: {name} is not built in {self.build}: ./run build")

    def policy(self, name, limits):
        """A copy of the policy, some of its limits changed."""
        directory = os.path.join(self.folder, name)
        shutil.copytree(os.path.join(HERE, "policy"), directory)
        path = os.path.join(directory, "clocks.yaml")
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        for limit, amount in limits.items():
            lines = [f"  - {{name: {limit}, amount: {amount}, unit: minutes}}" if f"name: {limit}," in line else line for line in lines]
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        return directory

    def write_config(self):
        config = {
            "daemon": {"state_dir": self.path("state"), "log_level": "info"},
            "doors": dict(self.sockets),
            "workers": [{"task": task, "command": self.program(f"reeve-{task}"), "count": 1} for task in ("triage", "assign", "escalate")],
            **SETTINGS,
        }
        with open(self.config, "w", encoding="utf-8") as file:
            yaml.safe_dump(config, file)

    def write_stage(self, pause_s, minutes):
        with open(self.path("stage.json"), "w", encoding="utf-8") as file:
            json.dump({"service": self.sockets["service"], "feed": self.sockets["feed"], "reeve": self.program("reeve"), "config": self.config, "pid": self.pid_file,
                       "policies": self.policies, "pause_s": pause_s, "numbers_a_day": max(0.3, minutes / 10)}, file)

    def path(self, name):
        return os.path.join(self.folder, name)

    def add(self, kind, name, words, log=None):
        actor = Actor(kind, name, words, log or self.path(f"{name}.err"), dict(os.environ, PYTHONDONTWRITEBYTECODE="1", REEVE_SERVICE=self.sockets["service"],
                                                                               REEVE_FEED=self.sockets["feed"], LC_ALL="C.UTF-8"))
        self.actors.append(actor)
        return actor

    def cast(self, rate, seed):
        """Everybody: name, kind and how it is started. Centres and people log to NAME.log, supervisors too."""
        service, feed = self.sockets["service"], self.sockets["feed"]
        self.centres, self.people, self.supervisors = ("pub-a", "pub-b", "pub-c"), ("people-a", "people-b"), {}
        for number, name in enumerate(self.centres):
            log = self.path(f"{name}.log")
            words = [PYTHON, os.path.join(HERE, "publisher.py"), service, log, name, f"{seed}{number}", str(rate / 3)]
            if name == "pub-b":
                words = [PYTHON, *words[1:]]
            else:
                words = [self.program("soak_client"), service, feed, "publish", log, name, f"{seed}{number}", str(rate / 3)]
            self.add("publisher", name, words)
        for number, name in enumerate(self.people):
            self.add("unit", name, [PYTHON, os.path.join(HERE, "people.py"), service, feed, self.path(f"{name}.log"), name, f"{seed}{number}", str(number), "2"])
        self.supervisor("all", self.program("soak_client"), "")
        self.supervisor("north", self.program("soak_client"), "case_escalated/c/n/", "clock_breached/c/n/", "case_closed/c/n/")
        self.supervisor("chief", PYTHON, "case_escalated/")
        self.supervisor("south", PYTHON, "case_closed/c/s/")
        for task in ("triage", "assign", "escalate"):
            self.add("worker", f"guest-{task}", [self.program(f"reeve-{task}"), "--work", self.sockets["work"], "--name", f"guest-{task}", "--credit", "16"])
        self.add("administrator", "administrator", [PYTHON, os.path.join(HERE, "administrator.py"), self.folder, str(seed)])

    def supervisor(self, name, program, *topics):
        log = self.path(f"{name}.log")
        self.supervisors[name] = topics
        if program == PYTHON:
            words = [PYTHON, os.path.join(HERE, "supervisor.py"), self.sockets["service"], self.sockets["feed"], log, name, *topics]
        else:
            words = [program, self.sockets["service"], self.sockets["feed"], "watch", log, name, *topics]
        self.add("supervisor", name, words)

    def children(self):
        """The daemon's own workers: process numbers with the time of their start."""
        pid = self.daemon.process.pid if self.daemon.living() else 0
        try:
            with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
                found = [int(word) for word in file.read().split()]
        except OSError:
            return []
        return [(child, begun) for child in found if (begun := started_at(child))]

    def daemon_start(self):
        self.daemon.start()
        path = self.pid_file + ".new"
        with open(path, "w", encoding="utf-8") as file:
            file.write(str(self.daemon.process.pid))
        os.rename(path, self.pid_file)

    def left_behind(self):
        """Processes whose command line or state names our folder, but for ourselves."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue
            own = int(pid) in (os.getpid(), os.getppid()) or any(word.endswith(b"soak.py") for word in words)
            if not own and any(self.folder.encode() in word for word in words) and started_at(pid):
                found.append(f"{pid}: {b' '.join(words).decode(errors='replace')}")
        return found

    def end(self):
        """At the very end, whatever happened: nothing of it stays."""
        for actor in self.actors:
            actor.dismissed = True
            if actor.living():
                own = self.children() if actor.kind == "daemon" else []
                os.killpg(actor.process.pid, signal.SIGKILL)
                for pid, begun in own:
                    signal_to(pid, signal.SIGKILL, begun)
                actor.process.wait()


if __name__ == "__main__":
    sys.exit("stage.py is a part of soak.py")
