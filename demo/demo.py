#!/usr/bin/python3
"""The demonstration: a quarter of Boston's real requests through the whole daemon, then a report from its store.

Starts reeved with a driven clock and its worker processes in a temporary directory, adopts examples/boston, watches the
escalations as a supervisor would, imports the city's requests and plays each at its time, with signing and closing at
the times that the city recorded. usage: demo.py BUILD-DIR   (KEEP=1 keeps the directory)
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import report

TREE = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
BOSTON = os.path.join(TREE, "examples", "boston")
CSV = os.path.join(BOSTON, "boston311-2011q3.csv.gz")
UNTIL = "2011-10-01T04:00:00Z"  # midnight in Boston: the quarter is over

CONFIG = """\
daemon:
  state_dir: {directory}/state
  clock: driven
  driven_start: "2011-07-01T04:00:00Z"
  log_level: notice
doors:
  service: ipc://{directory}/service
  work: ipc://{directory}/work
  feed: ipc://{directory}/feed
limits:
  past_ms: 315360000000
feed:
  high_water: 1000000
store:
  low_room_bytes: 16777216
workers:
"""


class Trouble(Exception):
    pass


class Demo:
    def __init__(self, build):
        self.build = build
        self.directory = tempfile.mkdtemp(prefix="reeve-demo-")
        self.daemon = self.watch = None

    def program(self, *path):
        found = os.path.join(self.build, *path)
        if not os.path.isfile(found):
            raise Trouble(f"{found} is not built: ./run build release")
        return found

    def start(self):
        config = os.path.join(self.directory, "reeved.yaml")
        os.mkdir(os.path.join(self.directory, "state"))
        with open(config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(directory=self.directory))
            for task in ("triage", "assign", "escalate"):
                file.write(f"  - task: {task}\n    command: {self.program('workers', 'reeve-' + task)}\n    count: 1\n")
        with open(os.path.join(self.directory, "log"), "wb") as log:
            self.daemon = subprocess.Popen([self.program("daemon", "reeved"), "--config", config], stdout=log, stderr=log,
                                           stdin=subprocess.DEVNULL, start_new_session=True)

    def reeve_command(self, *arguments):
        return [self.program("clients", "cli", "reeve"), "--service", f"ipc://{self.directory}/service",
                "--feed", f"ipc://{self.directory}/feed", "--actor", "demo", "--timeout", "60000", *arguments]

    def reeve(self, *arguments, output=None):
        """Runs one subcommand; what it writes to standard error (progress) is seen."""
        result = subprocess.run(self.reeve_command(*arguments), stdout=output, text=True)
        if result.returncode:
            raise Trouble(f"reeve {' '.join(arguments)} ended with {result.returncode}")
        return result.stdout

    def path(self, name):
        return os.path.join(self.directory, name)

    def start_watch(self):
        self.watch_file = open(self.path("watched"), "wb")
        self.watch = subprocess.Popen(self.reeve_command("--json", "watch", "case_escalated/"), stdout=self.watch_file,
                                      stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)

    def watched(self, wanted, patience_s=20):
        """How many escalations the supervisor saw, once they are `wanted` or time is up."""
        deadline = time.monotonic() + patience_s
        while True:
            with open(self.path("watched"), "rb") as file:
                count = sum(1 for line in file if b'"case_escalated"' in line)
            if count >= wanted or time.monotonic() > deadline:
                return count
            time.sleep(0.05)

    def dump(self, name, *arguments):
        with open(self.path(name), "wb") as file:
            self.reeve(*arguments, output=file)
        return self.path(name)

    def run(self):
        self.start()
        self.reeve("policy", "apply", BOSTON, "--yes")
        self.start_watch()
        began = time.monotonic()
        self.reeve("import", "--play", CSV, "--map", os.path.join(BOSTON, "import.yaml"), "--until", UNTIL)
        took = time.monotonic() - began
        journal = self.dump("journal", "--json", "journal", "print")
        overdue = self.dump("overdue", "--json", "list", "--overdue", "--open", "--count", "all")
        status = self.dump("status", "--json", "status")
        verified = self.reeve("journal", "verify", output=subprocess.PIPE).strip()
        report.print_report(CSV, BOSTON, UNTIL, journal, overdue, status, took, verified, self.watched)

    def log_tail(self):
        try:
            with open(self.path("log"), encoding="utf-8", errors="replace") as file:
                return "".join(file.readlines()[-20:])
        except OSError:
            return ""

    def clean(self):
        if self.watch:
            self.watch.kill()
            self.watch.wait()
        if self.daemon:
            self.daemon.terminate()
            try:
                self.daemon.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.daemon.pid, signal.SIGKILL)
        if os.environ.get("KEEP"):
            print(f"kept: {self.directory}")
        else:
            shutil.rmtree(self.directory, ignore_errors=True)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    demo = Demo(os.path.abspath(sys.argv[1]))
    status = 0
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))  # the daemon goes with the demo, however that ends
    try:
        demo.run()
    except Trouble as trouble:
        status = 1
        print(f"demo: {trouble}\n{demo.log_tail()}", file=sys.stderr)
    except KeyboardInterrupt:
        status = 130
    finally:
        demo.clean()
    sys.exit(status)


if __name__ == "__main__":
    main()
