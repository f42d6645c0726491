#!/usr/bin/python3
"""The n-th call on the state directory fails, with the real reeved: it is started, takes reports, is asked, and is stopped. Whatever becomes of it, at the next
start without faults every acknowledged report is there as the same case, and new ones are taken.

usage: faults_reeved.py [--every N] [--from N] [--kind KIND] [--alone] [--lie] [--heads]
  --every  each so manieth call fails (1)      --alone  reeved only; otherwise storage_faults runs first, and its figures are added
  --heads  only pwrite of the archive, and some of it must have made the daemon open it again and go on
  --lie    reports are counted as acknowledged that never were: the judge has to see it
The build folder is REEVE_BUILD.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from arguments import Parser, whole  # noqa: E402
from harness import BUILD, PATIENCE_S, TREE, Client, Daemon, Timeout, policy_files, program, report_of  # noqa: E402

POLICY = os.path.join(TREE, "bench", "policy")
LIBRARY = os.path.join(BUILD, "tests", "libstorage_nth_call.so")
BASE = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()
SETTINGS = {"limits": {"query_wait_ms": 300}, "store": {"journal_bytes": 1 << 26, "archive_bytes": 1 << 26}}
# kind, lasting, only files with this in their name
SERIES = [("EIO", False, ""), ("LATE", False, ""), ("ENOSPC", False, ""), ("EINTR", False, ""), ("SHORT", False, ""), ("ENOMEM", False, ""),
          ("EIO", True, ""), ("ENOSPC", True, ""), ("EIO", True, "archive"), ("ENOSPC", True, "archive")]
# Heads are written with pwrite, and one that could not be makes LMDB give the file up.
HEADS = [("EIO", False, "archive"), ("LATE", False, "archive"), ("EIO", True, "archive")]
ANEW = "archive broken, beginning anew"
JOBS = 2
KINDS = ("EIO", "LATE", "ENOSPC", "EINTR", "SHORT", "ENOMEM")


class Faulty(Daemon):
    """reeved whose n-th call fails, while `fault` is set."""
    fault = None

    def spawn(self):
        environment = dict(os.environ)
        if self.fault:
            environment.update({"LD_PRELOAD": LIBRARY, "REEVE_NTH_FOLDER": os.path.join(self.directory, "state"), **self.fault})
        with open(self.log_path, "wb") as log:
            return subprocess.Popen([program("reeved"), "--config", self.config], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                    start_new_session=True, env=environment)


class Finding(Exception):
    """What must not happen; its word is one of the line of figures."""

    def __init__(self, word, why):
        super().__init__(why)
        self.word = word


def wait_ready(daemon):
    """A client that was answered, or None: it ended."""
    client = Client(daemon.service, "tester", daemon)
    request = client.next_request()
    client.send({"command": "hello", "request": request, "actor": "tester"})
    deadline = time.monotonic() + PATIENCE_S
    while not client.poll(0.02):
        if daemon.process.poll() is not None:
            client.close()
            return None
        if time.monotonic() > deadline:
            client.close()
            raise Finding("hung", "it does not answer and does not end")
    client.reply_to(request)
    return client


RESEND_S = 1
RETRY_S = 0.1


def insist(client, requests):
    """The replies to these commands, by request. What is not answered is sent again, as the protocol says: a daemon may begin anew meanwhile."""
    replies = {}
    deadline = time.monotonic() + PATIENCE_S
    while len(replies) < len(requests):
        if time.monotonic() > deadline:
            raise Timeout("no answer")
        client.send(*[{"request": name, "actor": "tester", **fields} for name, fields in requests.items() if name not in replies])
        again_at = time.monotonic() + RESEND_S
        while len(replies) < len(requests) and time.monotonic() < again_at:
            if client.poll(0.05):
                replies.update({reply.get("request"): reply for reply in client.receive() if reply.get("request") in requests})
            elif client.daemon.process.poll() is not None:
                raise Timeout("it ended")
    return replies


def ask(client, command, **fields):
    name = client.next_request()
    return insist(client, {name: {"command": command, **fields}})[name]


def submit(client, indexes, acknowledged):
    """Sends these in one frame; what is acknowledged goes into the dictionary."""
    left, deadline = list(indexes), time.monotonic() + PATIENCE_S
    while left:
        requests = {client.next_request(): index for index in left}
        replies = insist(client, {name: {"command": "submit", "caller_name": f"Caller {index}", **report_of(index)} for name, index in requests.items()})
        left = []
        for name, index in requests.items():
            reply = replies[name]
            if "error" not in reply:
                acknowledged[index] = reply["case"]
            elif reply["error"] == "busy" and "archive" in reply.get("message", "") and time.monotonic() < deadline:
                left.append(index)  # no longer than it takes to open the archive again
            elif reply["error"] not in ("busy", "stopping", "no_policy") or "archive" in reply.get("message", ""):
                raise Finding("lost", f"a report is refused: {reply}")
        time.sleep(RETRY_S if left else 0)


def work(client, fresh, acknowledged, heads):
    """What is done while a call fails. It may end at any moment, and then raises Timeout."""
    if fresh:
        ask(client, "policy_apply", files=policy_files(POLICY))
    for first in (1000, 1003, 1006):
        submit(client, range(first, first + 3), acknowledged)
        if heads:  # the archive writes now, and not when the daemon stops
            ask(client, "list", count=1, min_seq=ask(client, "hello")["seq"])
        number = next(iter(acknowledged.values()), None)
        if number:
            ask(client, "show", case=number, min_seq=10_000)  # waits for the archive, which is told to hurry
    ask(client, "journal_verify")


def ended(daemon, called, lasting_all):
    """Judges how it ended; a Finding when it should not have."""
    try:
        code = daemon.process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        raise Finding("hung", "it does not end") from None
    log = daemon.log()
    if code < 0:
        raise Finding("crashed", f"ended by signal {-code}: {log[-400:]}")
    if code == 0:
        return True
    line = next((line for line in reversed(log.splitlines()) if "level=error" in line), "")
    if not re.search(r'reason="[^"]*;', line):
        raise Finding("without a word", f"exit {code}, and the last error is {line!r}")
    if "archive" in called and not lasting_all and "archive" not in line:
        raise Finding("lost", f"a fault of the archive ended something else: {line}")
    return False


def check(daemon, acknowledged):
    """Started without faults: everything is there, and work goes on."""
    daemon.fault = None
    daemon.process = daemon.spawn()
    client = wait_ready(daemon)
    if client is None:
        raise Finding("lost", f"it does not start again: {daemon.log()[-600:]}")
    if not client.ask("policy_list").get("versions"):
        daemon.apply(POLICY)
    for index, number in acknowledged.items():
        reply = client.try_ask("show", source="e2e", source_ref=report_of(index)["source_ref"])
        if reply.get("case") != number:
            raise Finding("lost", f"report {index} was acknowledged as case {number}, and is {reply.get('case') or reply.get('error')}")
    again = {}
    submit(client, [*acknowledged][-2:] + [5000], again)
    for index, number in acknowledged.items():
        if again.get(index, number) != number:
            raise Finding("lost", f"report {index} is case {number}, and another one when it is sent again")
    if 5000 not in again:
        raise Finding("lost", "no new report is taken")
    if not client.ask("journal_verify").get("caught_up"):
        raise Finding("lost", "the journal cannot be verified")
    client.close()
    if daemon.stop() != 0:
        raise Finding("lost", f"it does not stop well: {daemon.log()[-600:]}")


class Machine:
    """Goes through every series; its figures and findings."""

    def __init__(self, options):
        self.options = options
        self.lock = threading.Lock()
        self.failed = dict.fromkeys(KINDS, 0)
        self.figures = dict.fromkeys(("went on", "starts", "lost", "hung", "crashed", "without a word"), 0)
        self.anew = 0
        self.work = [(series, fresh) for series in (HEADS if options.heads else SERIES) for fresh in (False, True) if not options.kind or series[0] == options.kind]
        self.template = self.make_template()

    def make_template(self):
        daemon = Faulty(self.new_directory(), settings=SETTINGS, workers=(), policy=POLICY).start()
        client, self.known = daemon.client(), {}
        submit(client, range(20), self.known)
        client.close()
        daemon.stop()
        return daemon.directory

    @staticmethod
    def new_directory():
        return tempfile.mkdtemp(prefix="reeve-nth-", dir=BASE)

    def add(self, name, by=1):
        with self.lock:
            self.figures[name] += by

    def call(self, series, fresh, at):
        """The at-th call fails. False: it never came to that."""
        kind, lasting, only = series
        directory, told = self.new_directory(), None
        try:
            daemon = Faulty(directory, settings=SETTINGS, workers=())
            if not fresh:
                shutil.copytree(os.path.join(self.template, "state"), os.path.join(directory, "state"), dirs_exist_ok=True)
            told = os.path.join(directory, "told")
            daemon.fault = {"REEVE_NTH_KIND": kind, "REEVE_NTH_AT": str(at), "REEVE_NTH_LASTING": str(int(lasting)), "REEVE_NTH_FILE": only, "REEVE_NTH_TOLD": told, "REEVE_NTH_CALL": "pwrite" if self.options.heads else ""}
            acknowledged = {} if fresh else dict(self.known)
            self.one(daemon, fresh, acknowledged, told, lasting and not only)
        except Finding as finding:
            with open(told, encoding="utf-8") as file:
                called = file.read().strip()
            with self.lock:
                self.figures[finding.word] += 1
                if not self.options.lie:
                    print(f"  reeved, {'fresh' if fresh else 'running'}, {kind}{' and lasting' if lasting else ''} {only} at call {at} ({called})\n    {finding}\n    {directory}",
                          flush=True)
            daemon.clean()
            directory = None if not self.options.lie else directory
        came = os.path.exists(told)
        if came:
            with self.lock:
                self.failed[kind] += 1
        if directory:
            daemon.clean()
            shutil.rmtree(directory, ignore_errors=True)
        return came

    def one(self, daemon, fresh, acknowledged, told, lasting_all):
        daemon.process = daemon.spawn()
        client = wait_ready(daemon)
        if client:
            try:
                work(client, fresh, acknowledged, self.options.heads)
            except Timeout:
                if daemon.process.poll() is None:
                    raise Finding("hung", "it goes on and does not answer") from None
            client.close()
            if daemon.process.poll() is None:
                daemon.signal(signal.SIGTERM)
        if not os.path.exists(told):
            code = daemon.process.wait(PATIENCE_S)
            if not os.path.exists(told):  # nor while it stopped
                if code:
                    raise SystemExit(f"reeved ended though nothing failed: {daemon.log()[-600:]}")
                return
        with open(told, encoding="utf-8") as file:
            called = file.read()
        if ended(daemon, called, lasting_all):
            self.add("went on")
            with self.lock:
                self.anew += ANEW in daemon.log()
        if self.options.lie:
            acknowledged[4000] = "1"
        self.add("starts")
        check(daemon, acknowledged)

    def run(self):
        while True:
            with self.lock:
                if not self.work:
                    return
                series, fresh = self.work.pop(0)
            at = self.options.first
            while self.call(series, fresh, at):
                at += self.options.every
                if self.options.lie:
                    return

    def run_all(self):
        threads = [threading.Thread(target=self.run) for _ in range(JOBS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        shutil.rmtree(self.template, ignore_errors=True)


def run_stores(every, kind):
    """storage_faults: its figures by name, and whether it was content."""
    command = [os.path.join(BUILD, "tests", "storage_faults"), "--every", str(every), *(("--kind", kind) if kind else ()), LIBRARY, POLICY]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    lines = result.stdout.splitlines()
    print("\n".join(lines[:-1]), end="\n" if lines[1:] else "", flush=True)
    words = {name: int(number) for number, name in re.findall(r"(\d+) ([a-z ]+)", lines[-1])} if lines else {}
    words.update({name: int(number) for name, number in re.findall(r"([A-Z]+) (\d+)", lines[-1])} if lines else {})
    return words, result.returncode == 0


def main():
    parser = Parser("faults", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--every", type=whole(1, 100000), default=1, help="only each so manieth call fails (1)")
    parser.add_argument("--from", type=whole(1, 100000), default=1, dest="first", help="of reeved, the first of them (1)")
    parser.add_argument("--kind", choices=KINDS, help="only this way of failing")
    parser.add_argument("--alone", action="store_true", help="reeved only")
    parser.add_argument("--lie", action="store_true", help="reports are counted as acknowledged that never were")
    parser.add_argument("--heads", action="store_true", help="only pwrite of the archive")
    options = parser.parse_args()
    if options.heads and options.kind not in (None, "EIO", "LATE"):
        parser.error("--heads takes --kind EIO or LATE")
    stores, content = ({}, True) if options.alone or options.lie or options.heads else run_stores(options.every, options.kind)
    machine = Machine(options)
    machine.run_all()
    figures = {name: number + stores.get(name, 0) for name, number in machine.figures.items()}
    failed = {name: number + stores.get(name, 0) for name, number in machine.failed.items()}
    wrong = sum(machine.figures[name] for name in ("lost", "hung", "crashed", "without a word"))
    if not sum(machine.failed.values()):
        print("faults: no call of reeved failed, so nothing was judged; a lower --from reaches its calls")
    print(f"faults: {sum(failed.values())} calls failed ({', '.join(f'{name} {number}' for name, number in failed.items())}), {figures['went on']} went on, "
          f"{figures['starts']} starts ({machine.figures['starts']} of reeved), {figures['lost']} lost, {figures['hung']} hung, {figures['crashed']} crashed, "
          f"{figures['without a word']} without a word")
    if options.lie:
        return 0 if figures["lost"] else 1
    if options.heads:
        print(f"faults: {machine.anew} times the archive was opened again by a daemon that went on")
    return 0 if content and not wrong and sum(machine.failed.values()) and (machine.anew or not options.heads) else 1


if __name__ == "__main__":
    sys.exit(main())
