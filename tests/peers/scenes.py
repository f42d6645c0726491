"""The nine scenarios. Each function plays one and gives back its Scene; an assertion that fails is a violation."""
import ctypes
import os
import signal
import socket
import struct
import threading
import time

import msgpack
import zmq

from stage import MIB, PATIENCE_S, SHORT, Bare, Follower, Load, Scene, equal, report_of, sanitized, true

SCENARIOS = {}


def scenario(name):
    def keep(play):
        SCENARIOS[name] = play
        return play
    return keep


def packed(command, request="x", **fields):
    return msgpack.packb({"command": command, "request": request, "actor": "tester", **fields})


def vanish(socket_):
    """From now on this TCP connection takes nothing in, not even acknowledgements: to the daemon the machine is gone."""
    program = struct.pack("HBBI", 6, 0, 0, 0)  # BPF: return 0
    place = ctypes.create_string_buffer(program)
    socket_.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HxxxxxxP", 1, ctypes.addressof(place)))


@scenario("subscriber")
def silent_subscribers():
    """Subscribers that never read while thousands of large reports are published; one that follows the protocol gets them all, once and in order."""
    scene = Scene("subscriber")
    scene.quiet()
    published = 4000 if SHORT else 60000
    follower = Follower(scene.daemon, "case_opened/")
    silent = []
    for _ in range(4 if SHORT else 20):
        silent.append(Bare(scene.daemon.feed_address, b"SUB"))
        silent[-1].send(b"\x01case_opened/")
    flood = Load("flood", scene.daemon.service, batch=16, n=published, text=2000, seconds=60)
    flood.line()
    scene.during()
    figures = flood.end()
    scene.acked |= flood.numbers()
    scene.figures["published"] = figures["acked"]
    follower.end(len(scene.acked))
    scene.figures["not_sent_live"] = scene.figure("feed_frames_dropped")
    scene.figures["disconnected"] = scene.figure("peers_disconnected")
    for one in silent:
        one.close()
    scene.finish()
    return scene


@scenario("publisher")
def silent_publishers():
    """Publishers that never read an answer: one sends reports for ever, others ask for pages as large as they come."""
    scene = Scene("publisher")
    scene.quiet()
    fill = Load("flood", scene.daemon.service, batch=64, n=6400, text=2000, seconds=60)
    fill.end()
    scene.acked |= fill.numbers()
    floods = [Load("flood", scene.daemon.service, batch=batch, read=0, seconds=600) for batch in (1, 64)]
    for flood in floods:
        flood.line()
    askers = [Bare(scene.daemon.service) for _ in range(4 if SHORT else 16)]
    frame = b"".join(packed("journal_read", f"r{i}", from_seq=1) for i in range(64 if SHORT else 1000))
    for asker in askers:
        asker.send(frame)
    scene.during()
    for flood in floods:
        flood.end()
        flood.numbers()
    for asker in askers:
        asker.close()
    scene.finish()
    return scene


class Worker:
    """A worker by hand: enlists, takes tasks, renews, answers or does not."""

    def __init__(self, address, name, task="triage", credit=1):
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.connect(address)
        self.waiting, self.name, self.credit = [], name, credit
        self.send(command="enlist", worker=name, task=task, credit=credit)

    def send(self, **fields):
        self.socket.send(msgpack.packb({"actor": self.name, **fields}))

    def take(self, timeout_s):
        """Its next task, None when none comes."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            for index, one in enumerate(self.waiting):
                if one.get("task") and "fence" in one and "reply" not in one:
                    return self.waiting.pop(index)
            self.waiting.clear()
            if self.socket.poll(max(1, int((deadline - time.monotonic()) * 1000))):
                unpacker = msgpack.Unpacker(strict_map_key=False)
                unpacker.feed(self.socket.recv())
                self.waiting += list(unpacker)
        return None

    def renew(self, task):
        self.send(command="renew", task=task["task"], case=task["case"], fence=task["fence"])

    def close(self):
        self.socket.close()


@scenario("vanished")
def vanished_peers():
    """TCP peers that vanish without a FIN on every door, stopped processes, handshakes that never end, and garbage."""
    count = 50 if SHORT else 500
    scene = Scene("vanished", tcp=True, settings={"work": {"lease_ms": 1000, "worker_silence_ms": 1500}, "limits": {"connections": 9 * count + 500}})
    daemon = scene.daemon
    scene.quiet()
    stopped = Load("flood", daemon.service, batch=64, seconds=600)
    stopped.line()
    scene.wait_figure("service_frames_in", lambda value: value > 150)
    stopped.process.send_signal(signal.SIGSTOP)
    groups = [Load("connect", address, n=count, greet=greet) for address in (daemon.service, daemon.work, daemon.feed_address) for greet in (0, 1, 3)]
    for group in groups:
        equal(group.line()["connected"], count)
    gone = []
    for address, kind, words in ((daemon.service, b"DEALER", packed("journal_read", from_seq=1)), (daemon.feed_address, b"SUB", b"\x01"),
                                 (daemon.work, b"DEALER", packed("enlist", worker="gone", task="triage", credit=1000))):
        for _ in range(10):
            gone.append(Bare(address, kind))
            gone[-1].send(words)
    scene.wait_figure("tasks_leased", lambda value: value > 0)
    for one in gone:
        vanish(one.socket)
    scene.during()
    heir = Worker(daemon.work, "heir")
    true(heir.take(PATIENCE_S), "a task of the vanished workers goes to another one")
    heir.close()
    for group in groups:
        left = group.end()
        scene.figures["still_open"] = scene.figures.get("still_open", 0) + left["open"]
    stopped.process.send_signal(signal.SIGCONT)
    stopped.end()
    scene.acked |= stopped.numbers()
    for one in gone:
        one.close()
    scene.finish()
    return scene


@scenario("idle")
def idle_connections():
    """10,000 idle connections; then more than the daemon has descriptors for: it says so, and goes on when there is room."""
    room = os.sysconf("SC_OPEN_MAX") - 500
    count = min(1500 if SHORT else 10000, room)
    scene = Scene("idle", settings={"limits": {"connections": count + 100}})
    scene.quiet()
    idle = [Load("connect", scene.daemon.service, n=count - count // 10), Load("connect", scene.daemon.feed_address, n=count // 10, type="SUB")]
    for one in idle:
        one.line()
    scene.during()
    scene.figures["idle"] = sum(one.end()["open"] for one in idle)
    equal(scene.figures["idle"], count, "idle connections that the daemon keeps open")
    scene.finish()
    few_descriptors(scene)
    return scene


def few_descriptors(scene):
    """The same with 200 descriptors for 300 connections."""
    small = Scene("descriptors", files=200)
    client = small.daemon.client()
    client.ask("submit", **report_of(1))
    crowd = Load("connect", small.daemon.service, n=300)
    crowd.line()
    began, cpu = time.monotonic(), small.cpu_s()
    for number in range(2, 52):
        equal("error" in client.ask("submit", **report_of(number)), False)
    deadline = time.monotonic() + PATIENCE_S
    while "connections" not in small.daemon.log() and time.monotonic() < deadline:
        client.ask("hello")
        time.sleep(0.02)
    true("connections" in small.daemon.log(), "the log says that connections are refused")
    scene.figures["cpu_percent_when_full"] = int(100 * (small.cpu_s() - cpu) / max(0.1, time.monotonic() - began))
    crowd.end()
    late = small.daemon.client()
    late.ask("submit", **report_of(100))
    late.close()
    client.close()
    small.acked = {("e2e", f"T{number:07d}") for number in [*range(1, 52), 100]}
    small.finish()


@scenario("flood")
def flood_from_one():
    """A publisher that sends as fast as it can: frames of 4,096 reports, of 64, single ones; then three such publishers at once, which is shown and not judged:
    on two cores they leave the daemon less than one."""
    scene = Scene("flood", settings={"limits": {"open_cases": 4000000}})
    scene.quiet()
    worst = 0.0
    for batch in (4096,) if SHORT else (4096, 64, 1):
        during_flood(scene, batch)
        worst = max(worst, scene.ratio)
        scene.figures[f"p99_us_of_{batch}"] = scene.during_us[1]
    if not SHORT:
        during_flood(scene, 4096, 64, 1)
        scene.figures["p99_us_of_all"] = scene.during_us[1]
    scene.ratio = worst
    scene.finish()
    large_frames(scene)
    return scene


def during_flood(scene, *batches):
    floods = [Load("flood", scene.daemon.service, batch=batch, seconds=600) for batch in batches]
    for flood in floods:
        flood.line()
    frames = scene.figure("service_frames_in")
    scene.wait_figure("service_frames_in", lambda value: value > frames + 20)
    scene.during()
    for flood in floods:
        figures = flood.end()
        scene.acked |= flood.numbers()
        equal(figures["errors"], 0, "refusals of the flood other than busy")
        for name in ("acked", "refused"):
            scene.figures[f"flood_{name}"] = scene.figures.get(f"flood_{name}", 0) + figures[name]


def large_frames(scene):
    """Connections with frames of 7 MB, more than memory may hold: they are ended, the others served."""
    small = Scene("large", settings={"limits": {"memory_bytes": 64 * MIB}})
    floods = [Load("flood", small.daemon.service, batch=3500, text=1900, seconds=600) for _ in range(4 if SHORT else 12)]
    for flood in floods:
        flood.line()
    small.wait_figure("floods_disconnected", lambda value: value > 0)
    small.steady(50)
    scene.figures["floods_ended"] = small.figure("floods_disconnected")
    for flood in floods:
        flood.kill()
        flood.numbers()
    small.finish()
    scene.figures["large_mib"], scene.figures["large_most_mib"] = small.hwm // MIB, small.most // MIB


@scenario("lease")
def lease_held_for_ever():
    """A worker that renews its lease and never finishes, one that takes tasks and never answers: both tasks go elsewhere."""
    scene = Scene("lease", settings={"work": {"lease_ms": 400, "lease_most_ms": 2000, "worker_silence_ms": 60000}})
    scene.quiet()
    client = scene.daemon.client()
    holder = Worker(scene.daemon.work, "holder")
    mute = Worker(scene.daemon.work, "mute")
    first, second = holder.take(PATIENCE_S), mute.take(PATIENCE_S)
    true(first and second, "both workers have a task")
    scene.during()
    heir = Worker(scene.daemon.work, "heir", credit=100000)
    wanted = {first["case"], second["case"]}
    began = time.monotonic()
    while wanted and time.monotonic() < began + PATIENCE_S:
        holder.renew(first)
        task = heir.take(0.1)
        if task:
            wanted.discard(task["case"])
    true(not wanted, f"the tasks {wanted} stay with a worker that never ends them")
    scene.figures["leases_expired"] = client.figures()["leases_expired"]
    for one in (holder, mute, heir, client):
        one.close()
    scene.finish()
    return scene


@scenario("reader")
def slow_readers():
    """Clients that read pages of cases, of the journal and a long timeline a few bytes at a time."""
    scene = Scene("reader")
    fill = Load("flood", scene.daemon.service, batch=64, n=6400 if SHORT else 64000, seconds=60)
    fill.end()
    scene.acked |= fill.numbers()
    scene.quiet()
    client = scene.daemon.client()
    number = client.ask("submit", **report_of(1))["case"]
    client.close()
    readers = [Bare(scene.daemon.service) for _ in range(6 if SHORT else 24)]
    questions = (("list", {}), ("journal_read", {"from_seq": 1}), ("timeline", {"case": number}))
    for index, reader in enumerate(readers):
        command, fields = questions[index % 3]
        reader.send(b"".join(packed(command, f"r{i}", **fields) for i in range(200)))
    stop = time.monotonic() + (1 if SHORT else 6)
    child = os.fork()
    if child == 0:
        while time.monotonic() < stop:
            for reader in readers:
                try:
                    reader.socket.recv(512, socket.MSG_DONTWAIT)
                except OSError:
                    pass
            time.sleep(0.05)
        os._exit(0)
    scene.during()
    os.waitpid(child, 0)
    scene.figures["given_up"] = scene.figure("peers_given_up")
    for reader in readers:
        reader.close()
    scene.finish()
    return scene


@scenario("crowd")
def come_and_go():
    """Ten thousand peers that come, ask once and go: those that were forgotten leave nothing behind."""
    scene = Scene("crowd", settings={"limits": {"peers": 500}})
    scene.quiet()
    visits = 2000 if SHORT else 10000

    def visit(count):
        for _ in range(count):
            one = Bare(scene.daemon.service)
            one.send(packed("hello"))
            one.frame()
            one.close()

    visit(visits // 2)
    half = scene.read_status("RssAnon")
    visit(visits // 2)
    scene.figures["grown_kib"] = (scene.read_status("RssAnon") - half) // 1024
    true(scene.figures["grown_kib"] < 8192 or sanitized(), f"the second half of {visits} peers left {scene.figures['grown_kib']} KiB behind")
    child = os.fork()
    if child == 0:
        try:
            while True:
                visit(10)
        finally:
            os._exit(0)
    scene.during()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    scene.figures["visits"] = visits
    scene.finish()
    return scene


def subscribe_many(subscriber, begin, end):
    for first in range(begin, end, 1000):
        batch = b""
        for number in range(first, first + 1000):
            topic = b"\x01case_opened/elsewhere/%06d" % number
            batch += bytes([0, len(topic)]) + topic
        subscriber.socket.sendall(batch)


@scenario("prefixes")
def many_prefixes():
    """A subscriber with 100,000 prefixes, as many as the limit allows; with more he is disconnected, and nobody else is."""
    count = 10000 if SHORT else 100000
    scene = Scene("prefixes", settings={"feed": {"subscriptions_bytes": (count + 10) * (2304 + 32 * 28)}})
    scene.quiet()
    modest = Bare(scene.daemon.feed_address, b"SUB")
    modest.send(b"\x01case_opened/b/")
    modest.frame()
    greedy = Bare(scene.daemon.feed_address, b"SUB", receive_bytes=MIB)
    reading = threading.Thread(target=greedy.hung_up, args=(10 * PATIENCE_S,), daemon=True)  # each prefix has its marks
    reading.start()
    subscribe_many(greedy, 0, count)
    scene.wait_figure("feed_prefixes", lambda value: value == count + 1)
    scene.during()
    equal(scene.figure("peers_disconnected"), 0)
    subscribe_many(greedy, count, count + 1000)
    reading.join(PATIENCE_S)
    true(not reading.is_alive(), "who subscribes to more than the limit is disconnected")
    scene.wait_figure("feed_prefixes", lambda value: value == 1)
    equal(scene.figure("peers_disconnected"), 1)
    true(b"case_opened/b/" in modest.frame(), "the other subscriber gets his events")
    for one in (greedy, modest):
        one.close()
    scene.wait_figure("feed_prefixes", lambda value: value == 0)
    scene.finish()
    return scene
