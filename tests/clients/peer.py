"""A small peer that speaks the protocol's client side: service ROUTER and feed XPUB, in a thread of its own.

It stands in for the daemon where a test needs what a good daemon never does on demand: answering busy, dropping feed
messages, forgetting replies, going away in the middle. Every report opens one case and one event; the "journal" is a list."""
import collections
import os
import sys
import threading
import time

import msgpack
import zmq

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "vectors"))
import reference

MARK_S = 0.05
PAGE = 50


class Peer:
    def __init__(self, directory):
        self.service, self.feed = "ipc://%s/service" % directory, "ipc://%s/feed" % directory
        self.journal = []           # events, seq = index + 1
        self.by_source = {}         # (source, source_ref) -> (case, seq)
        self.answered = collections.OrderedDict()
        self.streams = collections.Counter()
        self.seen = collections.Counter()  # source_ref -> how often it came
        self.busy = 0               # so many requests get busy
        self.mute = 0               # so many replies are lost
        self.drop_feed = 0          # so many feed messages are lost
        self.floor = 1              # oldest event kept
        self.most_objects = 100000
        self.unread = 0             # so many frames are not looked at: one busy without a request stands for each
        self.prefixes = {}          # subscribed to now: what its marks say
        self.lock, self.stopping, self.thread = threading.Lock(), False, None

    # ---- what the daemon would decide ----

    def publish(self, area, **fields):
        """An event of a report in an area path."""
        seq, topic = len(self.journal) + 1, "case_opened/%s/" % area
        self.streams[topic] += 1
        event = {"event": "case_opened", "seq": seq, "at": 1000 * seq, "path": area, "stream": self.streams[topic], "case": reference.case_text(seq), **fields}
        self.journal.append((topic, event))
        return event

    def submit(self, request):
        key = (request["source"], request["source_ref"])
        self.seen[request["source_ref"]] += 1
        known = key in self.by_source
        if not known:
            if "outside" in request["text"]:
                return {"error": "unknown_area", "message": "the policy has no such area", "field": "area"}
            event = self.publish(request.get("area", "town"), source=request["source"], source_ref=request["source_ref"], text=request["text"])
            self.by_source[key] = (event["case"], event["seq"])
        case, seq = self.by_source[key]
        return {"case": case, "seq": seq, **({"duplicate": True} if known else {})}

    def replay(self, request):
        begin = request["from_seq"]
        reply = {"gap": True} if begin < self.floor else {}
        begin, events, at = max(begin, self.floor), [], max(begin, self.floor)
        while at <= len(self.journal) and len(events) < min(PAGE, request.get("count", PAGE)):
            topic, event = self.journal[at - 1]
            if topic.startswith(request.get("topic", "")):
                events.append(event)
            at += 1
        reply.update(events=events, next_seq=at, as_of=len(self.journal))
        if at > len(self.journal):
            reply["caught_up"] = True
        return reply

    def answer(self, request):
        if self.busy > 0:
            self.busy -= 1
            return {"error": "busy", "message": "later", "retry_after_ms": 20}
        if request["command"] == "submit":
            return self.submit(request)
        if request["command"] == "replay":
            return self.replay(request)
        if request["command"] == "hello":
            return {"version": "peer", "protocol": 1}
        if request["command"] == "status":
            return {"seq": len(self.journal), "version": "peer", "figures": [{"name": "cases", "value": len(self.by_source)}]}
        return {"error": "unknown_command", "message": "no command has this name", "field": "command"}

    # ---- sockets ----

    def start(self):
        self.stopping, started = False, threading.Event()
        self.thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self.thread.start()
        started.wait()

    def stop(self):
        """As kill -9 would: sockets closed, replies under way lost, the journal kept."""
        self.stopping = True
        self.thread.join()

    def _run(self, started):
        context = zmq.Context()
        service, feed = context.socket(zmq.ROUTER), context.socket(zmq.XPUB)
        service.linger = feed.linger = 0
        service.bind(self.service)
        feed.bind(self.feed)
        published, marked_at = len(self.journal), 0
        prefixes = self.prefixes = {}
        started.set()
        while not self.stopping:
            if service.poll(5):
                self._serve(service)
            while feed.poll(0):
                message = feed.recv()
                prefixes.pop(message[1:], None)
                if message[:1] == b"\x01":
                    prefixes[message[1:]] = {"seq": 0, "stream": 0, "told": None}
            published = self._tell(feed, prefixes, published)
            if time.monotonic() - marked_at > MARK_S:
                marked_at = time.monotonic()
                self._mark(feed, prefixes)
        service.close()
        feed.close()
        context.term()

    def _serve(self, service):
        identity, frame = service.recv_multipart()
        unpacker = msgpack.Unpacker()
        unpacker.feed(frame)
        requests, replies = list(unpacker), []
        if self.unread > 0:
            self.unread -= 1
            service.send_multipart([identity, msgpack.packb({"error": "busy", "message": "not looked at", "retry_after_ms": 20})])
            return
        if len(requests) > self.most_objects:
            service.send_multipart([identity, msgpack.packb({"error": "too_many_objects", "message": "split the frame"})])
            return
        with self.lock:
            for request in requests:
                reply = self.answered.get(request["request"]) or self.answer(request)
                if reply.get("error") != "busy" and request["command"] == "submit":
                    self.answered[request["request"]] = reply
                replies.append(dict({"reply": request["command"], "request": request["request"]}, **reply))
        replies, self.mute = replies[self.mute:], max(0, self.mute - len(replies))
        if replies:
            service.send_multipart([identity, b"".join(map(msgpack.packb, replies))])

    def _tell(self, feed, prefixes, published):
        with self.lock:
            fresh = self.journal[published:]
        for topic, event in fresh:
            for prefix, state in prefixes.items():
                if topic.encode().startswith(prefix):
                    state["seq"], state["stream"] = event["seq"], state["stream"] + 1
            if self.drop_feed > 0:
                self.drop_feed -= 1
            else:
                feed.send_multipart([topic.encode(), msgpack.packb(event)])
        return published + len(fresh)

    def _mark(self, feed, prefixes):
        for prefix, state in prefixes.items():
            now = (state["seq"], state["stream"])
            if now != state["told"]:
                state["told"] = now
                feed.send_multipart([prefix, msgpack.packb({"topic": prefix.decode(), "seq": now[0], "stream": now[1], "caught_up": True})])
