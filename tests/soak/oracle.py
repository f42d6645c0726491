"""What must be true, whatever was killed: reads the journal as it grows, record by record, and compares with it what the clients' logs say.

Shares nothing with the daemon but schema/*.def: the chain is computed anew here, records are unpacked by msgpack's own module. Whatever is wrong goes into
`violations`; nothing is forgiven and nothing is repaired."""
import array
import hashlib
import os
import struct
import sys
import threading
import time

import msgpack
import zmq

from keeping import TREE, Tail

sys.path.insert(0, os.path.join(TREE, "schema"))
import tables

KEY = {field["member"]: field["number"] for field in tables.fields()}
EVENTS = {int(row[0]): row[1] for row in tables.calls(tables.source("events.def"), "EVENT")}
MARKS = (b"namemark", b"phonemark", b"contactmark")
ABOUT_TIME = {"clock_warned", "clock_breached", "escalation_due", "case_escalated", "escalation_unanswered", "escalation_acknowledged"}
OPENS = {"case_opened": 1, "case_reopened": 1, "case_unmerged": 1, "call_back_due": 1, "case_closed": -1, "case_merged": -1}
PAGE = 2000


def number_of(case):
    return int(case.replace("-", "")) // 10


class Asker:
    """Requests over a bare socket. None: no answer in time; the next one gets a new socket."""

    def __init__(self, address, actor):
        self.address, self.actor, self.socket, self.count = address, actor, None, 0

    def ask(self, command, timeout_s=2.0, **fields):
        if not self.socket:
            self.socket = zmq.Context.instance().socket(zmq.DEALER)
            self.socket.linger = 0
            self.socket.setsockopt(zmq.RECONNECT_IVL, 20)
            self.socket.connect(self.address)
        self.count += 1
        request = f"{os.getpid()}.{id(self)}.{self.count}"
        self.socket.send(msgpack.packb(dict(fields, command=command, request=request, actor=self.actor)))
        deadline = time.monotonic() + timeout_s
        while self.socket.poll(max(0, int((deadline - time.monotonic()) * 1000))):
            frame = self.socket.recv()
            unpacker = msgpack.Unpacker(strict_map_key=False, max_buffer_size=len(frame) + 1)
            unpacker.feed(frame)
            for reply in unpacker:
                if reply.get("request") == request:
                    return reply
        self.socket.close()
        self.socket = None
        return None


class Journal:
    """Every record, checked as it comes."""

    def __init__(self, violations):
        self.violations = violations
        self.last, self.chain, self.bytes = 0, bytes(32), 0
        self.topics, self.topic_numbers = [], {}
        self.topic_of = array.array("H", [0])      # by sequence number
        self.stream_of = array.array("I", [0])
        self.hashes = bytearray(8)                 # the first eight bytes of each
        self.streams = {}
        self.case_last = array.array("q", [0])     # by case
        self.case_closed = bytearray(1)
        self.reports = {}                          # source -> array: case by the number of the report
        self.opened_at = array.array("q", [0])     # by case
        self.commands = {}                         # actor -> array: sequence number by the number of the request
        self.notices = set()
        self.breached = {}                         # case -> {(clock, due)}
        self.extended = set()                      # cases: more time after a breach is no second promise
        self.cases, self.open, self.twice = 0, 0, 0
        self.kinds = {}

    def wrong(self, what):
        self.violations.append(what)

    def take(self, seq, record, digest):
        if seq != self.last + 1:
            self.wrong(f"journal: record {seq} follows record {self.last}")
        self.chain = hashlib.blake2b(self.chain + struct.pack(">Q", seq) + record, digest_size=32).digest()
        if digest != self.chain:
            self.wrong(f"journal: the hash of record {seq} is not that of the records that were read before: its past has changed")
            self.chain = digest
        self.hashes += digest[:8]
        for mark in MARKS:
            if mark in record:
                self.wrong(f"journal: record {seq} holds a caller's data ({mark.decode()})")
        self.bytes += len(record)
        event = msgpack.unpackb(record, strict_map_key=False)
        kind = EVENTS[event[KEY["event"]]]
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        self.stream(seq, event, kind)
        self.command(seq, event)
        if KEY["case_id"] in event and kind != "command_refused":
            self.case(seq, event, kind)
        self.last = seq  # from here on others look at it

    def stream(self, seq, event, kind):
        path = event.get(KEY["path"])
        topic = f"{kind}/{path}/" if path is not None else f"{kind}/"
        number = self.topic_numbers.get(topic)
        if number is None:
            number = self.topic_numbers[topic] = len(self.topics)
            self.topics.append(topic)
        self.topic_of.append(number)
        stream = event.get(KEY["stream"], 0)
        self.stream_of.append(stream)
        if path is not None and stream != self.streams.get(topic, 0) + 1:
            self.wrong(f"journal: event {seq} of {topic} has number {stream} and not {self.streams.get(topic, 0) + 1}")
        self.streams[topic] = stream

    def command(self, seq, event):
        request, actor = event.get(KEY["request"]), event.get(KEY["actor"], "")
        if request and request.startswith(actor + "."):
            self.once(self.commands.setdefault(actor, array.array("q")), int(request[len(actor) + 1:]), seq, f"command {request} was done")

    def once(self, row, number, value, what):
        if number >= len(row):
            row.frombytes(bytes(8 * (number * 2 + 64 - len(row))))
        if row[number]:
            self.twice += 1
            self.wrong(f"{what} twice: {row[number]} and {value}")
        row[number] = value

    def case(self, seq, event, kind):
        case = event[KEY["case_id"]]
        if kind == "case_opened":
            self.opened(seq, event, case)
        if case >= len(self.case_last):
            self.wrong(f"journal: event {seq} is of case {case}, which was never opened")
            return
        if event.get(KEY["previous"], 0) != self.case_last[case]:
            self.wrong(f"journal: event {seq} of case {case} says that {event.get(KEY['previous'])} was before it; it was {self.case_last[case]}")
        self.case_last[case] = seq
        self.open += OPENS.get(kind, 0)
        if kind in ABOUT_TIME and self.case_closed[case]:
            self.wrong(f"journal: {kind} {seq} after case {case} was closed")
        if kind in ("case_closed", "case_reopened", "case_unmerged"):
            self.case_closed[case] = kind == "case_closed"
        if kind == "clock_extended":
            self.extended.add(case)
        if kind == "clock_breached":
            self.breached.setdefault(case, set()).add((event[KEY["clock"]], event[KEY["due"]]))
        if kind == "case_escalated":
            notice = event[KEY["notice"]]
            if notice in self.notices:
                self.wrong(f"notice {notice} was sent twice, the second time by event {seq}")
            self.notices.add(notice)

    def opened(self, seq, event, case):
        if case != self.cases + 1:
            self.wrong(f"journal: event {seq} opens case {case} after case {self.cases}")
        self.cases = case
        self.case_last.append(0)
        self.case_closed.append(0)
        self.opened_at.append(seq)
        source, ref = event[KEY["source"]], event[KEY["source_ref"]]
        self.once(self.reports.setdefault(source, array.array("q")), int(ref), case, f"report {source} {ref} became a case")


class Reader(threading.Thread):
    """Follows the daemon's journal through all its deaths."""

    def __init__(self, address, violations):
        super().__init__(daemon=True)
        self.asker, self.journal, self.ended = Asker(address, "auditor"), Journal(violations), False
        self.fault = None

    def page(self):
        """True when there was something."""
        journal = self.journal
        reply = self.asker.ask("journal_read", timeout_s=4, from_seq=journal.last + 1, count=PAGE, raw=True)
        if reply is None or "error" in reply:
            return False
        if reply.get("as_of", 0) < journal.last:
            journal.wrong(f"the journal ends at {reply['as_of']}; record {journal.last} was there before")
        if reply.get("gap"):
            journal.wrong(f"records behind {journal.last} are gone before they were read")
        for row in reply.get("events", ()):
            journal.take(row["seq"], row["record"], row["hash"])
        return bool(reply.get("events"))

    def run(self):
        try:
            while not self.ended:
                if not self.page():
                    time.sleep(0.1)
        except Exception as fault:  # noqa: BLE001: shown by the main thread
            self.fault = fault
            self.journal.wrong(f"the journal's reader failed: {fault!r}")


class Acknowledgements:
    """What call centres and people were told, against the journal."""

    def __init__(self, journal):
        self.journal = journal
        self.tails = []    # (tail, name, is a centre)
        self.waiting = []
        self.reports, self.commands, self.refused, self.repeats = 0, 0, 0, 0
        self.open = {}     # centre -> numbers sent and not acknowledged
        self.told = {}     # centre -> bytearray: acknowledged before
        self.lost = 0

    def watch(self, path, name, centre):
        self.tails.append((Tail(path), name, centre))
        self.open[name], self.told[name] = set(), bytearray()

    def look(self):
        """Reads what is new and judges whatever the journal's reader has reached."""
        for tail, name, centre in self.tails:
            for line in tail.lines():
                (self.centre_line if centre else self.people_line)(name, line)
        reached, later = self.journal.last, []
        for each in self.waiting:
            if each[2] > reached:
                later.append(each)
            else:
                self.judge(*each)
        self.waiting = later

    def centre_line(self, name, line):
        words = line.split()
        number = int(words[1])
        if words[0] == "sent":
            told = self.told[name]
            if number >= len(told) or not told[number]:
                self.open[name].add(number)
        elif words[0] == "acknowledged":
            self.open[name].discard(number)
            told = self.told[name]
            if number >= len(told):
                told.extend(bytes(number * 2 + 64 - len(told)))
            self.reports += not told[number]
            self.repeats += told[number]
            told[number] = 1
            self.waiting.append((name, number, int(words[3]), number_of(words[2])))
        else:
            self.journal.wrong(f"report {name} {number} was refused: {words[2]}")

    def people_line(self, name, line):
        word, number, rest = line.split(" ", 2)
        if word == "acknowledged":
            self.commands += 1
            self.waiting.append((name, int(number), int(rest), None))
        elif word == "refused":
            self.refused += 1

    def judge(self, name, number, seq, case):
        if case is None:
            row, wanted, what = self.journal.commands.get(name, ()), seq, f"command {name}.{number}, acknowledged with {seq},"
        else:
            row, wanted, what = self.journal.reports.get(name, ()), case, f"report {name} {number}, acknowledged as case {case} with {seq},"
        found = row[number] if number < len(row) else 0
        if found != wanted:
            self.lost += 1
            self.journal.wrong(f"{what} is {f'{found} in the journal' if found else 'LOST'}")


class Watched:
    """One supervisor's log against the journal."""

    def __init__(self, path, name, topics, take):
        self.tail, self.name, self.topics, self.take = Tail(path), name, topics, take
        self.seen = bytearray()
        self.count, self.last, self.checked = 0, 0, 0
        self.ahead = []
        self.last_of = {}

    def look(self, journal):
        for line in self.tail.lines():
            seq = self.take(line)
            if seq:
                self.ahead.append(seq)
                self.last = max(self.last, seq)
        later = []
        for at, seq in enumerate(self.ahead):
            if seq > journal.last:
                later = self.ahead[at:]
                break
            self.event(journal, seq)
        self.ahead = later

    def event(self, journal, seq):
        if seq >= len(self.seen):
            self.seen.extend(bytes(seq * 2 + 64 - len(self.seen)))
        topic = journal.topic_of[seq]
        if self.seen[seq]:
            journal.wrong(f"supervisor {self.name} saw event {seq} twice")
        if journal.stream_of[seq] and seq < self.last_of.get(topic, 0):  # without a number nobody can tell that one is missing
            journal.wrong(f"supervisor {self.name} saw event {seq} of {journal.topics[topic]} after {self.last_of[topic]}")
        if not self.wants(journal.topics[topic]):
            journal.wrong(f"supervisor {self.name} saw event {seq} of {journal.topics[topic]}, which it did not ask for")
        self.last_of[topic] = seq
        self.seen[seq] = 1
        self.count += 1

    def wants(self, topic):
        return any(topic.startswith(prefix) for prefix in self.topics)

    def missing(self, journal, upto):
        """Sequence numbers that should have been seen."""
        wanted = [self.wants(topic) for topic in journal.topics]
        seen, topic_of = self.seen, journal.topic_of
        missing = [seq for seq in range(self.checked + 1, upto + 1) if wanted[topic_of[seq]] and not (seq < len(seen) and seen[seq])]
        return missing

    def check(self, journal, upto):
        """Everything up to here must have been seen; what was checked once is not looked at again."""
        missing = self.missing(journal, upto)
        if missing:
            journal.wrong(f"supervisor {self.name} did not see {len(missing)} events: {missing[:5]} ... {missing[-1]} ({journal.topics[journal.topic_of[missing[0]]]})")
        self.checked = max(self.checked, upto)
