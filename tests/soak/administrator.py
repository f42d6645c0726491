"""An administrator over the reeve program: administrator.py FOLDER SEED. Adopts one of two policies and then the other, with an ever shorter retention; prunes, reloads changed settings, makes backups,
exports and verifies the journal, asks for figures. Logs "begin WHAT NUMBER SEQ" and "finished WHAT NUMBER REST" or "failed WHAT NUMBER STATUS"; what
was begun when it was killed stays begun."""
import glob
import json
import os
import random
import signal
import subprocess
import sys
import time

import yaml

from keeping import Log, Wish

RELOADED = {
    "limits": {"page_cases": (50, 500), "retry_after_ms": (50, 250), "remembered_requests": (100000, 200000), "round_requests": (64, 8192),
               "peer_requests": (2500, 8192), "audited_refusals": (10, 100), "scan_rows": (500, 5000)},
    "work": {"lease_ms": (800, 3000), "restart_ms": (20, 100), "attempts": (2, 5)},
    "feed": {"mark_ms": (100, 500)},
    "service": {"turn_messages": (16, 256)},
}
EXPORT_OFTEN = 500000  # records
WAYS = (("look", 4), ("reload", 4), ("policy", 3), ("backup", 3), ("verify", 1), ("export", 1), ("mute", 1), ("prune", 2))


class Administrator:
    def __init__(self, folder, seed):
        with open(os.path.join(folder, "stage.json"), encoding="utf-8") as file:
            self.stage = json.load(file)
        self.folder, self.log = folder, Log(os.path.join(folder, "administrator.log"))
        self.number = max([int(line.split()[2]) for line in self.log.before], default=0)
        self.chance = random.Random(f"{seed} {self.number}")

    def reeve(self, *words, timeout_ms=8000):
        """Its output, or None when it failed."""
        options = ["--timeout", str(timeout_ms)] if timeout_ms else []
        environment = dict(os.environ, REEVE_SERVICE=self.stage["service"], REEVE_FEED=self.stage["feed"], REEVE_ACTOR="admin", LC_ALL="C.UTF-8")
        result = subprocess.run([self.stage["reeve"], "--json", *options, *words], env=environment, capture_output=True, text=True, check=False)
        if result.returncode:
            self.status = result.returncode
            return None
        return result.stdout

    def seq(self):
        said = self.reeve("status")
        return json.loads(said)["seq"] if said else None

    def run(self, what):
        seq = self.seq()
        if seq is None:
            return
        self.number += 1
        self.status = 0
        self.log.add(f"begin {what} {self.number} {seq}")
        rest = getattr(self, what)(self.number, seq)
        self.log.add(f"failed {what} {self.number} {self.status}" if rest is None else f"finished {what} {self.number} {rest}")

    # ---- what an administrator does ----

    def look(self, number, seq):
        for words in (("status",), ("workers",), ("list", "--count", "20"), ("policy", "versions"), ("mute", "list")):
            if self.reeve(*words) is None:
                return None
        return seq

    def reload(self, number, seq):
        with open(self.stage["config"], encoding="utf-8") as file:
            config = yaml.safe_load(file)
        for section, settings in RELOADED.items():
            name = self.chance.choice(list(settings))
            config.setdefault(section, {})[name] = self.chance.choice(settings[name])
        path = self.stage["config"] + ".new"
        with open(path, "w", encoding="utf-8") as file:
            yaml.safe_dump(config, file)
        os.rename(path, self.stage["config"])
        try:
            with open(self.stage["pid"], encoding="utf-8") as file:
                os.kill(int(file.read()), signal.SIGHUP)
        except (OSError, ValueError):
            return None
        return seq

    def policy(self, number, seq):
        directory = self.stage["policies"][number % 2]
        self.retain(os.path.join(directory, "policy.yaml"), max(2.0, 40 - number / self.stage["numbers_a_day"]))
        return None if self.reeve("policy", "apply", directory, "--yes", "--clocks", self.chance.choice(("keep", "restage")), "--reason", f"turn {number}") is None else seq

    def retain(self, path, days):
        with open(path, encoding="utf-8") as file:
            lines = [line for line in file.read().splitlines() if not line.startswith("retention:")]
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write("\n".join([*lines, f"retention: {days:.1f} days"]) + "\n")
        os.rename(path + ".new", path)

    def prune(self, number, seq):
        return None if self.reeve("prune", timeout_ms=20000) is None else seq

    def backup(self, number, seq):
        said = self.reeve("backup", os.path.join(self.folder, "backups", str(number)), timeout_ms=0)
        if said is None:
            return None
        reply = json.loads(said)
        return f"{reply['seq']} {reply['hash']}"

    def mute(self, number, seq):
        return None if self.reeve("mute", "set", "--until", "+3s", "--reason", f"turn {number}", "--category", "litter") is None else seq

    def verify(self, number, seq):
        return None if self.reeve("journal", "verify", timeout_ms=0) is None else seq

    def export(self, number, seq):
        """Checked together with the segments of what was pruned. A long journal takes minutes: only now and then."""
        if seq > EXPORT_OFTEN and self.chance.random() < 0.85:
            return seq
        path = os.path.join(self.folder, f"export.{number}")
        said = self.reeve("journal", "export", path, timeout_ms=0)
        segments = sorted(glob.glob(os.path.join(self.folder, "state", "segments", "*.rjs")))
        good = said is not None and self.reeve("journal", "check", *segments, path) is not None
        if good:
            os.replace(path, os.path.join(self.folder, "export.last"))
        elif os.path.exists(path):
            os.remove(path)
        return seq if good else None


def main():
    folder, seed = sys.argv[1:]
    wish = Wish()
    administrator = Administrator(folder, seed)
    while not wish.stop:
        administrator.run(administrator.chance.choices([way for way, _ in WAYS], [weight for _, weight in WAYS])[0])
        time.sleep(administrator.chance.expovariate(1 / administrator.stage["pause_s"]))


if __name__ == "__main__":
    main()
