"""Starts the real reeved with its workers in a directory of its own and speaks its wire by bare pyzmq and msgpack.

Nothing here sleeps to wait for something: it waits for a reply, for an event of the feed, or for a process to end, each
with a deadline after which the test fails and the daemon's log is printed. Programs are looked for in $REEVE_BUILD.
"""
import atexit
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

import msgpack
import yaml
import zmq

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.normpath(os.path.join(HERE, "..", ".."))
BUILD = os.path.abspath(os.environ.get("REEVE_BUILD", os.path.join(TREE, "build", "dev")))
SHORT = bool(os.environ.get("REEVE_TEST_SHORT"))
PATIENCE_S = float(os.environ.get("REEVE_TEST_PATIENCE", "60"))
# ThreadSanitizer leaves no room for the default maps of a terabyte each.
MAPS = dict.fromkeys(("journal_bytes", "archive_bytes"), int(os.environ["REEVE_TEST_MAP_BYTES"])) if "REEVE_TEST_MAP_BYTES" in os.environ else {}


def program(name):
    """A program of the build tree."""
    for folder in ("daemon", "workers", "clients/cli", "clients/c", "bench", "tests/oracle", ""):
        path = os.path.join(BUILD, folder, name)
        if os.path.isfile(path):
            return path
    raise SystemExit(f"{name} is not built in {BUILD}: ./run build")


def policy_files(directory):
    """What policy_apply takes."""
    files = []
    for name in sorted(os.listdir(directory)):
        if name.endswith((".csv", ".yaml", ".yml")):
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                files.append({"name": name, "content": file.read()})
    return files


class Refused(Exception):
    def __init__(self, reply):
        super().__init__(f"{reply.get('error')}: {reply.get('message')} (field {reply.get('field')})")
        self.reply = reply
        self.error = reply.get("error")
        self.field = reply.get("field")


class Timeout(Exception):
    pass


class Client:
    """One connection to the service door (or the work door)."""

    def __init__(self, address, actor="tester", daemon=None):
        self.actor = actor
        self.daemon = daemon
        self.context = zmq.Context.instance()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.setsockopt(zmq.RECONNECT_IVL, 5)
        self.socket.setsockopt(zmq.SNDHWM, 0)
        self.socket.setsockopt(zmq.RCVHWM, 0)
        self.socket.connect(address)
        self.count = 0
        self.name = f"{actor}-{daemon.clients if daemon else 0}"  # the same in every run: it stands in the journal
        if daemon:
            daemon.clients += 1
        self.early = {}

    def close(self):
        self.socket.close()

    def send_raw(self, frame):
        self.socket.send(frame)

    def send(self, *maps):
        self.send_raw(b"".join(msgpack.packb(each) for each in maps))

    def receive(self, timeout_s=PATIENCE_S):
        """The maps of the next frame."""
        deadline = time.monotonic() + timeout_s
        while not self.socket.poll(max(0, min(500, int((deadline - time.monotonic()) * 1000)))):
            if self.daemon and self.daemon.process.poll() is not None:
                raise Timeout(f"no answer: reeved has ended with {self.daemon.process.returncode}")
            if time.monotonic() >= deadline:
                raise Timeout(f"no answer for {timeout_s:.1f} s")
        unpacker = msgpack.Unpacker(strict_map_key=False)
        unpacker.feed(self.socket.recv())
        return list(unpacker)

    def poll(self, timeout_s=0):
        return bool(self.socket.poll(int(timeout_s * 1000)))

    def next_request(self):
        self.count += 1
        return f"{self.name}-{self.count}"

    def reply_to(self, request, timeout_s=PATIENCE_S):
        deadline = time.monotonic() + timeout_s
        while request not in self.early:
            for reply in self.receive(max(0.001, deadline - time.monotonic())):
                self.early[reply.get("request")] = reply
        return self.early.pop(request)

    def try_ask(self, command, timeout_s=PATIENCE_S, **fields):
        """The reply, refusals included. busy and stopping are answers too."""
        request = fields.pop("request", None) or self.next_request()
        self.send({"command": command, "request": request, "actor": self.actor, **fields})
        return self.reply_to(request, timeout_s)

    def ask(self, command, timeout_s=PATIENCE_S, **fields):
        reply = self.try_ask(command, timeout_s, **fields)
        if "error" in reply:
            raise Refused(reply)
        return reply

    def figures(self):
        return {row["name"]: row["value"] for row in self.ask("status")["figures"]}

    def events(self, from_seq=1, **fields):
        """Every event from a sequence number on, through replay."""
        found = []
        while True:
            reply = self.ask("replay", from_seq=from_seq, **fields)
            found += reply.get("events", [])
            if reply.get("caught_up"):
                return found
            from_seq = reply["next_seq"]

    def records(self, from_seq=1):
        found = []
        while True:
            reply = self.ask("journal_read", from_seq=from_seq, count=1000)
            rows = reply.get("events", [])
            found += rows
            if not rows or reply.get("caught_up"):
                return found
            from_seq = reply.get("next_seq", rows[-1]["seq"] + 1)


class Feed:
    """A subscription to the live feed. The daemon counts the prefixes that are subscribed to: when the count has grown, it holds."""

    def __init__(self, address, client, *topics):
        topics = topics or ("",)
        before = client.figures().get("feed_prefixes", 0)
        self.socket = zmq.Context.instance().socket(zmq.SUB)
        self.socket.linger = 0
        self.socket.setsockopt(zmq.RECONNECT_IVL, 5)
        self.socket.setsockopt(zmq.RCVHWM, 0)
        self.socket.connect(address)
        self.waiting = []
        for topic in topics:
            self.socket.setsockopt(zmq.SUBSCRIBE, topic.encode())
        deadline = time.monotonic() + PATIENCE_S
        while client.figures().get("feed_prefixes", 0) < before + len(topics):
            if time.monotonic() > deadline:
                raise Timeout(f"the daemon does not see the subscription to {topics}")

    def close(self):
        self.socket.close()

    def _fill(self, timeout_s):
        if not self.socket.poll(int(timeout_s * 1000)):
            raise Timeout(f"nothing on the feed for {timeout_s} s")
        topic, payload = self.socket.recv_multipart()
        event = msgpack.unpackb(payload, strict_map_key=False)
        if "event" in event:  # else a mark
            self.waiting.append((topic.decode(), event))

    def next(self, timeout_s=PATIENCE_S):
        deadline = time.monotonic() + timeout_s
        while not self.waiting:
            self._fill(max(0.001, deadline - time.monotonic()))
        return self.waiting.pop(0)

    def until(self, wanted, timeout_s=PATIENCE_S):
        """The first event for which wanted(event) holds."""
        deadline = time.monotonic() + timeout_s
        while True:
            _, event = self.next(max(0.001, deadline - time.monotonic()))
            if wanted(event):
                return event


class Daemon:
    """reeved in a directory of its own. settings: {section: {name: value}} over the harness's own."""

    def __init__(self, directory=None, settings=None, workers=("triage", "assign", "escalate"), policy=None):
        self.directory = directory or new_directory()
        self.service = f"ipc://{self.directory}/service"
        self.work = f"ipc://{self.directory}/work"
        self.feed_address = f"ipc://{self.directory}/feed"
        self.config = os.path.join(self.directory, "reeved.yaml")
        self.log_path = os.path.join(self.directory, "log")
        self.policy = policy
        self.process = None
        self.clients = 0
        self.write_config(settings or {}, workers)
        LIVING.append(self)

    def write_config(self, settings, workers):
        config = {
            "daemon": {"state_dir": os.path.join(self.directory, "state"), "log_level": "debug"},
            "doors": {"service": self.service, "work": self.work, "feed": self.feed_address},
            "feed": {"mark_ms": 50},
            "store": {"low_room_bytes": 0, **MAPS},
            "work": {"restart_ms": 20},
            "workers": [{"task": task, "command": program(f"reeve-{task}"), "count": 1} for task in workers],
        }
        for section, values in settings.items():
            if isinstance(values, dict):
                config.setdefault(section, {}).update(values)
            else:
                config[section] = values
        os.makedirs(config["daemon"]["state_dir"], exist_ok=True)
        with open(self.config, "w", encoding="utf-8") as file:
            yaml.safe_dump(config, file, allow_unicode=True)

    def spawn(self):
        """In a group of its own, to be ended with its workers; in our session, so that what stands back (tests/peers/stage.py) does so for it."""
        with open(self.log_path, "ab") as log:
            return subprocess.Popen([program("reeved"), "--config", self.config], stdout=log, stderr=log,
                                    stdin=subprocess.DEVNULL, process_group=0)

    def start(self):
        """Starts it and waits until it answers."""
        self.process = self.spawn()
        client = self.client()
        request = client.next_request()
        client.send({"command": "hello", "request": request, "actor": "tester"})
        deadline = time.monotonic() + PATIENCE_S
        while not client.poll(0.05):
            if self.process.poll() is not None:
                raise Timeout(f"reeved ended with {self.process.returncode} instead of answering")
            if time.monotonic() > deadline:
                raise Timeout("reeved does not answer")
        client.close()
        if self.policy:
            self.apply(self.policy)
            self.policy = None
        return self

    def apply(self, directory):
        client = self.client()
        client.ask("policy_apply", files=policy_files(directory))
        client.close()

    def client(self, actor="tester"):
        return Client(self.service, actor, self)

    def feed(self, *topics):
        client = self.client()
        feed = Feed(self.feed_address, client, *topics)
        client.close()
        return feed

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def check_sanitizers(self):
        """A program that a sanitizer has something to say about fails the test even if it went on, was killed, or was started again."""
        log = self.log() if os.path.exists(self.log_path) else ""
        found = re.search(r"^.*(?:ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error: ).*$(?:\n.*){0,60}", log, re.M)
        true(not found, f"in {self.log_path}:\n{found and found.group()}")

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout_s=PATIENCE_S):
        """Its exit status; negative: the signal that ended it."""
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise Timeout(f"reeved did not end for {timeout_s} s") from None

    def kill(self):
        """kill -9, as a power cut would."""
        self.signal(signal.SIGKILL)
        return self.wait()

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.wait()

    def clean(self):
        """At the end of a test: nothing of it stays. Its workers are in its session."""
        if self.process:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.process.wait()

    def worker_pids(self):
        client = self.client()
        rows = client.ask("workers").get("workers", [])
        client.close()
        return [row["pid"] for row in rows if row.get("pid")]

    def state_file(self, name):
        return os.path.join(self.directory, "state", name)

    def cli(self, *arguments, check=True, **options):
        """The reeve program against this daemon."""
        environment = dict(os.environ, REEVE_SERVICE=self.service, REEVE_FEED=self.feed_address, LC_ALL="C.UTF-8")
        result = subprocess.run([program("reeve"), *arguments], env=environment, capture_output=True, text=True,
                                timeout=PATIENCE_S, **options)
        if check and result.returncode:
            raise AssertionError(f"reeve {' '.join(arguments)}: exit {result.returncode}\n{result.stdout}{result.stderr}")
        return result


LIVING = []
DIRECTORIES = []


def new_directory():
    # Socket paths are short (108 bytes), so not under the build folder.
    directory = tempfile.mkdtemp(prefix="reeve-test-")
    DIRECTORIES.append(directory)
    return directory


@atexit.register
def clean_all():
    for daemon in LIVING:
        daemon.clean()
    LIVING.clear()
    if not os.environ.get("REEVE_TEST_KEEP"):
        for directory in DIRECTORIES:
            shutil.rmtree(directory, ignore_errors=True)
    DIRECTORIES.clear()


def report_of(index, **more):
    return {"source": "e2e", "source_ref": f"T{index:07d}", "text": f"Report number {index}: the street lamp is dark.",
            "category": "light", "area": "b1a", **more}


def journal_hash(client):
    """One digest over the whole journal: the last record's chain hash, beside a digest of all of them."""
    digest = hashlib.sha256()
    records = client.records()
    for record in records:
        digest.update(record["hash"])
    return len(records), digest.hexdigest()


def equal(found, wanted, what=""):
    if found != wanted:
        raise AssertionError(f"{what or 'value'}: found {found!r}, wanted {wanted!r}")


def true(condition, what):
    if not condition:
        raise AssertionError(what)


def refused(error, field, ask, *arguments, **fields):
    """The call is refused with this error and names this field (None: none)."""
    try:
        reply = ask(*arguments, **fields)
    except Refused as refusal:
        reply = refusal.reply
    equal(reply.get("error"), error, f"error of {fields or arguments}")
    equal(reply.get("field"), field, f"field of {error}")
    true(len(reply.get("message", "")) > 10, f"{error} has no message")
    return reply


def run_tests(tests):
    """Runs the functions named test_*; prints a line each; exit status 1 when one fails. Words on the command line choose."""
    chosen = [test for name, test in tests.items() if name.startswith("test_") and callable(test)
              and (len(sys.argv) < 2 or name in sys.argv[1:])]
    failed = 0
    for test in chosen:
        began = time.monotonic()
        try:
            test()
            for daemon in LIVING:
                daemon.check_sanitizers()
            print(f"ok      {test.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception:  # noqa: BLE001: whatever it is, the other tests go on
            failed += 1
            print(f"FAILED  {test.__name__} ({time.monotonic() - began:.1f} s): {test.__doc__}", flush=True)
            traceback.print_exc(file=sys.stdout)
            for daemon in LIVING:
                print(f"--- the end of {daemon.log_path}")
                if os.path.exists(daemon.log_path):
                    print("\n".join(daemon.log().splitlines()[-30:]), flush=True)
        for daemon in LIVING:
            daemon.clean()
        LIVING.clear()
    print(f"{len(chosen) - failed} passed, {failed} failed")
    sys.exit(1 if failed or not chosen else 0)
