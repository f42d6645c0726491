"""What every scenario uses: a real daemon under a limit of memory that was computed from its settings, a well-behaved client whose
acknowledgements are timed before and during the trouble, bare connections that speak ZMTP by hand, and the last look: kill -9,
start again, and everything that was acknowledged is there once."""
import os
import random
import re
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
sys.path.insert(0, os.path.join(HERE, "..", "..", "clients", "python"))

import reeve  # noqa: E402
import harness  # noqa: E402
from harness import BUILD, PATIENCE_S, SHORT, TREE, Daemon, equal, report_of, true  # noqa: E402,F401

POLICY = os.path.join(TREE, "bench", "policy")
MIB = 1 << 20
# Small enough that a fault shows: the sum of docs/OPERATING.md is 620 MiB then.
LIMITS = {"memory_bytes": 600 * MIB, "open_cases": 500000, "connections": 1000, "peer_bytes": 8 * MIB, "backlog_bytes": 16 * MIB}
FEED = {"backlog_bytes": 16 * MIB, "subscriptions_bytes": 16 * MIB}


def load_program():
    for folder in ("tests", "tests/peers", ""):
        path = os.path.join(BUILD, folder, "reeve-peer-load")
        if os.path.isfile(path):
            return path
    raise SystemExit(f"reeve-peer-load is not built in {BUILD}: ./run build")


def sanitized():
    """Built with a sanitizer, which has memory of its own: how much the daemon takes says nothing then."""
    with open(harness.program("reeved"), "rb") as file:
        content = file.read()
    return b"__asan_init" in content or b"__tsan_init" in content


def words_of(line):
    """name=number pairs of a line."""
    return {name: int(value) for name, value in re.findall(r"(\w+)=(-?\d+)", line)}


def stand_back():
    """A flood stands for other machines: here it gets the processor time that the daemon leaves, or the figures would be those of the kernel's scheduler,
    which lets whatever runs go on for milliseconds. In the daemon's own session: with autogroups a policy counts within a session only."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


class Load:
    """reeve-peer-load in a process of its own."""

    count = 0

    def __init__(self, mode, address, **options):
        Load.count += 1
        self.source = f"{mode}{Load.count}"
        self.acked = os.path.join(tempfile.gettempdir(), f"reeve-peers-{os.getpid()}-{self.source}")
        words = [f"{name}={value}" for name, value in {"source": self.source, "acked": self.acked, **options}.items()]
        self.process = subprocess.Popen([load_program(), mode, f"address={address}", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=stand_back if mode == "flood" else None)

    def line(self):
        """Its next line of figures."""
        return words_of(self.process.stdout.readline())

    def end(self):
        """Closes its input and takes the last figures."""
        if not self.process.stdin.closed:
            self.process.stdin.close()
        lines = self.process.stdout.read().splitlines()
        true(self.process.wait(PATIENCE_S) == 0, f"reeve-peer-load {self.source} ended with {self.process.returncode}: {lines}")
        return words_of(lines[-1]) if lines else {}

    def kill(self):
        self.process.kill()
        self.process.wait()

    def numbers(self):
        """What was acknowledged to it: pairs of source and reference."""
        found = set()
        if os.path.exists(self.acked):
            with open(self.acked, encoding="ascii") as file:
                for line in file:
                    begin, end = map(int, line.split())
                    found.update((self.source, str(number)) for number in range(begin, end))
            os.unlink(self.acked)
        return found


class Bare:
    """A connection without libzmq, so that nothing is read unless the test reads it."""

    def __init__(self, address, kind=b"DEALER", receive_bytes=4096):
        if address.startswith("ipc://"):
            self.socket = socket.socket(socket.AF_UNIX)
            place = address[6:]
        else:
            self.socket = socket.socket()
            place = ("127.0.0.1", int(address.rsplit(":", 1)[1]))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(place)
        self.socket.sendall(b"\xff" + bytes(7) + b"\x01\x7f\x03\x00NULL" + bytes(48))
        self.exactly(64)
        ready = b"\x05READY\x0bSocket-Type" + struct.pack(">I", len(kind)) + kind
        self.socket.sendall(bytes([4, len(ready)]) + ready)
        self.frame()

    def exactly(self, count):
        parts = []
        while count:
            part = self.socket.recv(count)
            if not part:
                raise ConnectionError("the daemon closed the connection")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def frame(self):
        flags = self.exactly(1)[0]
        size = struct.unpack(">Q", self.exactly(8))[0] if flags & 2 else self.exactly(1)[0]
        return self.exactly(size)

    def send(self, payload, more=False):
        self.socket.sendall(bytes([(1 if more else 0) | 2]) + struct.pack(">Q", len(payload)) + payload)

    def close(self):
        self.socket.close()

    def hung_up(self, timeout_s=PATIENCE_S):
        """True when the daemon closes the connection in this time; what it sent before is read and thrown away."""
        deadline = time.monotonic() + timeout_s
        try:
            while True:
                self.socket.settimeout(max(0.001, deadline - time.monotonic()))
                if not self.socket.recv(1 << 20):
                    return True
        except ConnectionError:
            return True
        except TimeoutError:
            return False


class Follower:
    """A supervisor in a process of its own, with the client that supervisors have: what it missed live it gets by replay."""

    def __init__(self, daemon, topic):
        self.done, self.wanted = os.pipe(), os.pipe()
        self.child = os.fork()
        if self.child == 0:
            status = 1
            try:
                status = self.follow(daemon, topic)
            finally:
                os._exit(status)

    def follow(self, daemon, topic):
        client = reeve.Client(daemon.service, daemon.feed_address, actor="follower")
        streams, seen, wanted = {}, 0, None
        deadline = time.monotonic() + 3 * PATIENCE_S
        os.set_blocking(self.wanted[0], False)

        def stop():
            nonlocal wanted
            try:
                wanted = int(os.read(self.wanted[0], 20))
            except BlockingIOError:
                pass
            return seen == wanted or time.monotonic() > deadline

        for event in client.subscribe(topic, from_seq=1, stop=stop):
            before = streams.get(event["path"], 0)
            if event["stream"] != before + 1:
                print(f"the follower's stream of {event['path']} went from {before} to {event['stream']}", flush=True)
                return 1
            streams[event["path"]] = event["stream"]
            seen += 1
            if stop():
                break
        os.write(self.done[1], b"%d" % seen)
        return 0

    def end(self, wanted):
        """Waits until it has seen so many events."""
        os.write(self.wanted[1], b"%d" % wanted)
        _, status = os.waitpid(self.child, 0)
        true(status == 0, "the follower's stream has no gap")
        seen = int(os.read(self.done[0], 20))
        for end in self.done + self.wanted:
            os.close(end)
        equal(seen, wanted, "events that the follower saw")


def free_ports(count):
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


class Scene:
    """One scenario: its daemon, its figures, and what was acknowledged in it."""

    def __init__(self, name, tcp=False, settings=None, workers=(), files=None, policy=POLICY):
        self.name = name
        self.acked = set()
        self.ratio = 0.0
        self.quiet_us = self.during_us = (0, 0)
        self.figures = {}
        self.files = files
        self.hwm = 0
        settings = dict(settings or {})
        settings["limits"] = {**LIMITS, **settings.get("limits", {})}
        settings["feed"] = {**FEED, **settings.get("feed", {})}
        self.daemon = Daemon(settings=settings, workers=workers, policy=policy)
        if tcp:
            self.use_tcp(settings, workers)
        if files:
            self.limit_files(files)
        self.daemon.start()
        self.most = self.memory_most()

    def use_tcp(self, settings, workers):
        daemon = self.daemon
        daemon.service, daemon.work, daemon.feed_address = (f"tcp://127.0.0.1:{port}" for port in free_ports(3))
        daemon.write_config(settings, workers)

    def limit_files(self, files):
        spawn = self.daemon.spawn

        def limited():
            before = resource.getrlimit(resource.RLIMIT_NOFILE)
            process = spawn()
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (files, files))
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
            return process

        self.daemon.spawn = limited

    def memory_most(self):
        """What the daemon may take at the most by its settings, as reeved --check-config says."""
        said = subprocess.run([harness.program("reeved"), "--check-config", self.daemon.config], capture_output=True, text=True, check=True)
        return int(re.search(r"most memory: (\d+) MiB", said.stdout).group(1)) * MIB

    def steady(self, count):
        """A well-behaved client: count reports at 200/s. Its figures."""
        load = Load("steady", self.daemon.service, n=count)
        figures = load.end()
        acked = load.numbers()
        equal(figures["acked"], count, "reports of the well-behaved client that were acknowledged")
        equal(figures["errors"], 0, "refusals of the well-behaved client")
        self.acked |= acked
        return figures

    def quiet(self):
        figures = self.steady(100 if SHORT else 1000)
        self.quiet_us = figures["p50_us"], figures["p99_us"]

    def during(self):
        figures = self.steady(100 if SHORT else 1000)
        self.during_us = figures["p50_us"], figures["p99_us"]
        self.ratio = self.during_us[1] / max(1, self.quiet_us[1])
        return figures

    def read_status(self, name):
        with open(f"/proc/{self.daemon.process.pid}/status", encoding="ascii") as file:
            return int(re.search(rf"^{name}:\s+(\d+) kB", file.read(), re.M).group(1)) * 1024

    def cpu_s(self):
        with open(f"/proc/{self.daemon.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def figure(self, name):
        client = self.daemon.client()
        value = client.figures().get(name, 0)
        client.close()
        return value

    def wait_figure(self, name, wanted):
        """Until the figure is as wanted."""
        deadline = time.monotonic() + PATIENCE_S
        client = self.daemon.client()
        while not wanted(client.figures().get(name, 0)):
            true(time.monotonic() < deadline, f"{name} is {client.figures().get(name, 0)} and stays so")
            time.sleep(0.01)
        client.close()

    def finish(self):
        """Memory under its limit; killed and started again, everything acknowledged is there once."""
        self.hwm = max(self.hwm, self.read_status("VmHWM"))
        self.daemon.kill()
        self.daemon.start()
        client = self.daemon.client()
        opened = [(event["source"], event["source_ref"]) for event in client.events(topic="case_opened/")]
        client.close()
        equal(len(opened), len(set(opened)), "reports that were opened twice")
        lost = self.acked - set(opened)
        true(not lost, f"{len(lost)} acknowledged reports are lost, such as {sorted(lost)[:3]}")
        self.figures["opened"] = len(opened)
        self.daemon.check_sanitizers()
        self.daemon.stop()
        true(self.hwm <= self.most or sanitized(), f"the daemon took {self.hwm // MIB} MiB; by its settings {self.most // MIB} MiB are the most")

    def line(self):
        extra = " ".join(f"{name}={value}" for name, value in self.figures.items())
        return (f"peers {self.name}: quiet p50={self.quiet_us[0]}us p99={self.quiet_us[1]}us, during p50={self.during_us[0]}us "
                f"p99={self.during_us[1]}us, ratio={self.ratio:.1f}, memory={self.hwm // MIB} of {self.most // MIB} MiB, lost=0, {extra}")


def shuffled(numbers, seed=4):
    numbers = list(numbers)
    random.Random(seed).shuffle(numbers)
    return numbers
