"""Reeve from Python: publish reports, ask, follow the feed. Needs pyzmq and msgpack, nothing else of Reeve.

    client = reeve.Client(actor="hall")
    case = client.publish(source="1999", source_ref="T-77", text="burst pipe")["case"]
    for event in client.subscribe("case_escalated/", from_seq=1): print(event)

Messages, fields and errors are described in PROTOCOL.md. Everything unanswered is sent again under the same request id and
the same source and source_ref, so that nothing happens twice. One client belongs to one thread.
"""
import collections
import time
import uuid

import msgpack
import zmq
import zmq.utils.monitor

SERVICE, FEED = "ipc:///run/reeve/service", "ipc:///run/reeve/feed"
RETRIED = ("busy", "stopping")


class Refused(Exception):
    """The daemon's refusal: error, message, field, and the whole reply."""

    def __init__(self, reply):
        super().__init__("%s: %s%s" % (reply.get("error"), reply.get("message"), " (%s)" % reply["field"] if "field" in reply else ""))
        self.reply, self.error, self.field = reply, reply.get("error"), reply.get("field")


def pack_frame(maps):
    return b"".join(map(msgpack.packb, maps))


def unpack_frame(frame):
    """The maps of a frame. ValueError when it is not whole maps one after the other."""
    unpacker, maps = msgpack.Unpacker(max_buffer_size=max(len(frame), 1), strict_map_key=False), []
    unpacker.feed(frame)
    while unpacker.tell() < len(frame):
        try:
            maps.append(unpacker.unpack())
        except (msgpack.OutOfData, msgpack.ExtraData, UnicodeDecodeError) as fault:
            raise ValueError("not a whole map: %s" % (fault or "cut off")) from None
        if not isinstance(maps[-1], dict):
            raise ValueError("not a map")
    return maps


class Client:
    def __init__(self, service=SERVICE, feed=FEED, actor="python", batch=64, window=1024, resend_s=30.0):
        self.context, self.feed, self.actor = zmq.Context(), feed, actor
        self.batch, self.window, self.resend_s = batch, window, resend_s
        self.session, self.number, self.not_before = uuid.uuid4().hex[:16], 0, 0.0
        self.queued, self.sent, self.answers, self.connected = collections.deque(), {}, {}, False
        self.reached = 0  # of the subscription: nothing is missing up to here; what was yielded behind it is known to who keeps it
        self.socket = self._socket(zmq.DEALER)
        self.socket.immediate = 1  # queue nothing for a connection that is not there
        # The monitor first: a handshake that is over before anybody listens would never be heard of, and nothing ever sent.
        self.monitor = self.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_SUCCEEDED)
        self.socket.connect(service)

    def _socket(self, kind):
        socket = self.context.socket(kind)
        # libzmq 4.3.4 aborts when a heartbeat is due on a broken connection whose receiving queue is full: the window bounds the one
        # of the service, so it needs no other limit; that of the feed can fill, so the feed has the kernel's keepalive instead.
        own = ((zmq.HEARTBEAT_IVL, 2000), (zmq.HEARTBEAT_TIMEOUT, 10000), (zmq.RCVHWM, 0)) if kind == zmq.DEALER else (
            (zmq.TCP_KEEPALIVE, 1), (zmq.TCP_KEEPALIVE_IDLE, 10), (zmq.TCP_KEEPALIVE_INTVL, 5), (zmq.TCP_KEEPALIVE_CNT, 3), (zmq.RCVHWM, 200000))
        for option, value in ((zmq.LINGER, 200), (zmq.RECONNECT_IVL_MAX, 2000), (zmq.MAXMSGSIZE, 64 << 20)) + own:
            socket.setsockopt(option, value)
        return socket

    def close(self):
        self.socket.disable_monitor()
        self.context.destroy(linger=200)

    # ---- requests: queued, sent, answered ----

    def send(self, command, **fields):
        """Queues a request and returns its id. run() or wait() sends it."""
        self.number += 1
        request = fields.setdefault("request", "%s.%d" % (self.session, self.number))
        self.queued.append(dict({"command": command, "actor": self.actor}, **fields))
        return request

    def _send_queued(self):
        now, broke = time.monotonic(), False
        while self.monitor.poll(0):  # a broken connection loses what was under way, and tells nobody else
            self.connected = zmq.utils.monitor.recv_monitor_message(self.monitor)["event"] == zmq.EVENT_HANDSHAKE_SUCCEEDED
            broke = broke or not self.connected
        for request, (when, fields) in reversed(list(self.sent.items())):
            if broke or (fields["command"] != "advance" and now - when >= self.resend_s):
                del self.sent[request]
                self.queued.appendleft(fields)
        while self.queued and len(self.sent) < self.window and now >= self.not_before and self.connected and self.socket.poll(0, zmq.POLLOUT):
            maps = [self.queued[i] for i in range(min(len(self.queued), self.batch, self.window - len(self.sent)))]
            self.socket.send(pack_frame(maps))
            for fields in maps:
                self.queued.popleft()
                self.sent[fields["request"]] = (now, fields)

    def _take(self, reply):
        if "request" not in reply and reply.get("error") in RETRIED:  # too much was under way: some of it was not even looked at
            self.not_before = time.monotonic() + reply.get("retry_after_ms", 250) / 1000
            self.sent = {request: (self.not_before + 1.0 - self.resend_s, fields) for request, (_, fields) in self.sent.items()}
            return
        if "request" not in reply:
            raise Refused(reply)  # a whole frame was refused
        sent = self.sent.pop(reply["request"], None)
        if sent and reply.get("error") in RETRIED:
            self.not_before = time.monotonic() + reply.get("retry_after_ms", 250) / 1000
            self.queued.appendleft(sent[1])
        elif sent:
            self.answers[reply["request"]] = reply

    def run(self, timeout_s=0.1):
        """Sends what is queued and takes what came; answers are in self.answers by request id."""
        self._send_queued()
        if self.socket.poll(max(1, int((timeout_s if self.connected else 0.01) * 1000))):
            for reply in unpack_frame(self.socket.recv()):
                self._take(reply)

    def wait(self, request, timeout_s=30.0):
        """The reply to one request. Refused when it was refused, TimeoutError when none came."""
        until = time.monotonic() + timeout_s
        while request not in self.answers:
            if time.monotonic() >= until:
                raise TimeoutError("no answer from the daemon: is it running, and is this its endpoint?")
            self.run()
        reply = self.answers.pop(request)
        if "error" in reply:
            raise Refused(reply)
        return reply

    def ask(self, command, timeout_s=30.0, **fields):
        return self.wait(self.send(command, **fields), timeout_s)

    def publish(self, timeout_s=30.0, **report):
        """One report: source, source_ref, text and what else is known. The reply holds the case."""
        return self.ask("submit", timeout_s, **report)

    def publish_all(self, reports, timeout_s=30.0):
        """Many reports, packed and under way together. Yields (report, reply) as they are answered; refusals are replies with error."""
        waiting, last = {}, time.monotonic()
        reports = iter(reports)
        while True:
            while len(waiting) < self.window and (report := next(reports, None)) is not None:
                waiting[self.send("submit", **report)] = report
            if not waiting:
                return
            self.run()
            for request in [request for request in self.answers if request in waiting]:
                last = time.monotonic()
                yield waiting.pop(request), self.answers.pop(request)
            if time.monotonic() - last > timeout_s:
                raise TimeoutError("%d reports are unanswered" % len(waiting))

    # ---- the feed ----

    def _replay(self, topic, reached):
        while True:
            reply = self.ask("replay", 3600, from_seq=reached + 1, topic=topic, count=1000)
            if reply.get("gap"):  # what comes before was pruned
                yield {"seq": max(reached, reply["from_seq"] - 1), "gap": True}
            yield from reply.get("events", ())
            reached = max(reached, reply.get("next_seq", 0) - 1)
            if reply.get("caught_up"):
                yield {"seq": reached}
                return

    def subscribe(self, topic="", from_seq=0, verify_s=2.0, stop=lambda: False):
        """Events under a topic prefix, for ever or until stop(): none missing, none twice. from_seq 0: from now on. Over a restart of your program: from
        the one after self.reached, without those behind it that you dealt with."""
        with self._socket(zmq.SUB) as socket:
            socket.subscribe(topic)
            socket.connect(self.feed)
            yield from self._follow(socket, topic, from_seq, verify_s, stop)

    def _follow(self, socket, topic, from_seq, verify_s, stop):
        reached = self.reached = from_seq - 1 if from_seq else self.ask("status", 3600)["seq"]
        beyond, streams, verify_at = set(), {}, 0.0  # delivered above reached; last stream number by topic
        first = 0 if from_seq == 1 else None         # the number before a topic's first event: known from the very beginning only
        while not stop():
            if time.monotonic() >= verify_at:  # at first, after a loss, and because a lost tail or a restart shows nowhere else
                for event in self._replay(topic, reached):
                    if "event" in event:
                        streams["%s/%s/" % (event["event"], event.get("path", ""))] = event.get("stream", 0)
                        if event["seq"] not in beyond:
                            yield event
                    elif "gap" in event:
                        first = None
                    reached = max(reached, event["seq"])
                beyond, verify_at = {seq for seq in beyond if seq > reached}, time.monotonic() + verify_s
                self.reached = reached
            if not socket.poll(100):
                continue
            name, payload = socket.recv_multipart()
            for event in unpack_frame(payload):
                seq, stream = event.get("seq", 0), event.get("stream", 0)
                if "event" not in event:  # a mark: the last number under its prefix
                    if event.get("topic") == topic and seq > reached and seq not in beyond:
                        verify_at = 0.0
                elif seq > reached and seq not in beyond:
                    last = streams.get(name.decode(), first)
                    streams[name.decode()] = stream
                    if stream > 1 if last is None else stream > last + 1:  # not known yet: the one before may be lost, too
                        verify_at = 0.0  # the replay brings this one, too
                        break
                    beyond.add(seq)
                    yield event
