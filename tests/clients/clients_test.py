"""libreeve and the Python client against a peer that misbehaves on demand: busy, silent, restarted, losing feed messages.

Usage: clients_test.py CLIENT_PROBE"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from unittest import mock

import zmq

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "clients", "python"))
import reeve
from peer import Peer

PROBE = sys.argv.pop(1)
PATIENCE_S = 60


class Case(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="reeve-clients-")
        self.peer = Peer(self.directory)
        self.clients = []

    def tearDown(self):
        for client in self.clients:
            client.close()
        if self.peer.thread and self.peer.thread.is_alive():
            self.peer.stop()
        shutil.rmtree(self.directory)

    def probe(self, *words):
        return subprocess.Popen([PROBE, self.peer.service, self.peer.feed, *map(str, words)], stdout=subprocess.PIPE, text=True)

    def lines(self, process):
        out, _ = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 0)
        return out.splitlines()

    def client(self, **options):
        self.clients.append(reeve.Client(self.peer.service, self.peer.feed, **{"resend_s": 0.4, **options}))
        return self.clients[-1]

    def eventually(self, holds, what):
        until = time.monotonic() + PATIENCE_S
        while not holds():
            self.assertLess(time.monotonic(), until, what)
            time.sleep(0.005)


class Publishing(Case):
    def check_answers(self, answers, count):
        """answers: (ref, error or None). Each once, the peer's cases the same, none twice."""
        self.assertEqual(len(answers), count)
        self.assertEqual(len({ref for ref, _ in answers}), count)
        for ref, error in answers:
            self.assertEqual(error, "unknown_area" if int(ref.split("-")[1]) % 100 == 50 else None)
        self.assertEqual(len(self.peer.journal), sum(error is None for _, error in answers))
        self.assertEqual(len({event["source_ref"] for _, event in self.peer.journal}), len(self.peer.journal))

    def probe_answers(self, process):
        rows = [line.split() for line in self.lines(process)]
        return [(row[0], row[2] if row[1] == "1" else None) for row in rows]

    def python_answers(self, count):
        reports = ({"source": "1999", "source_ref": "p-%d" % i, "text": "outside of town" if i % 100 == 50 else "a hole"} for i in range(1, count + 1))
        return [(report["source_ref"], reply.get("error")) for report, reply in self.client().publish_all(reports)]

    def test_c_every_report_is_answered_once(self):
        self.peer.start()
        self.check_answers(self.probe_answers(self.probe("publish", 5000, "c")), 5000)

    def test_python_every_report_is_answered_once(self):
        self.peer.start()
        self.check_answers(self.python_answers(5000), 5000)

    def test_c_sends_again_what_was_not_looked_at(self):
        self.peer.unread = 20
        self.peer.start()
        self.check_answers(self.probe_answers(self.probe("publish", 3000, "c")), 3000)
        self.assertEqual(self.peer.unread, 0)

    def test_python_sends_again_what_was_not_looked_at(self):
        self.peer.unread = 20
        self.peer.start()
        self.check_answers(self.python_answers(3000), 3000)
        self.assertEqual(self.peer.unread, 0)

    def test_c_waits_out_a_busy_daemon(self):
        self.peer.busy = 300
        self.peer.start()
        self.check_answers(self.probe_answers(self.probe("publish", 1000, "c")), 1000)
        self.assertEqual(self.peer.busy, 0)

    def test_python_waits_out_a_busy_daemon(self):
        self.peer.busy = 300
        self.peer.start()
        self.check_answers(self.python_answers(1000), 1000)
        self.assertEqual(self.peer.busy, 0)

    def test_c_sends_again_what_stays_unanswered(self):
        self.peer.mute = 200
        self.peer.start()
        self.check_answers(self.probe_answers(self.probe("publish", 600, "c")), 600)

    def test_python_sends_again_what_stays_unanswered(self):
        self.peer.mute = 200
        self.peer.start()
        self.check_answers(self.python_answers(600), 600)

    def restarts(self, begin):
        """The peer dies and comes back while reports are under way."""
        for i in range(3):
            self.eventually(lambda: len(self.peer.journal) >= begin + 500 * i, "reports arrive")
            self.peer.stop()
            self.peer.start()

    def test_c_survives_restarts(self):
        process = self.probe("publish", 4000, "c")  # before there is anybody to talk to
        self.peer.start()
        self.restarts(200)
        self.check_answers(self.probe_answers(process), 4000)

    def test_python_survives_restarts(self):
        thread = threading.Thread(target=self.restarts, args=(200,))
        self.peer.start()
        thread.start()
        answers = self.python_answers(4000)
        thread.join()
        self.check_answers(answers, 4000)

    def test_c_finds_the_frame_size_that_is_taken(self):
        self.peer.most_objects = 1
        self.peer.start()
        self.check_answers(self.probe_answers(self.probe("publish", 200, "c")), 200)


class Asking(Case):
    def test_c_asks_and_is_answered(self):
        self.peer.start()
        result, reply = self.lines(self.probe("ask", "status"))[0].split(" ", 1)
        self.assertEqual(result, "0")
        self.assertEqual(json.loads(reply)["figures"], [{"name": "cases", "value": 0}])

    def test_c_is_refused_in_words(self):
        self.peer.start()
        result, reply = self.lines(self.probe("ask", "show", "case=0000-0000-0013"))[0].split(" ", 1)
        self.assertEqual((result, json.loads(reply)["error"]), ("1", "unknown_command"))

    def test_c_gives_up_in_time(self):
        self.assertEqual(self.lines(self.probe("ask", "status")), ["-1 "])

    def test_python_asks_is_refused_and_gives_up(self):
        client = self.client()
        with self.assertRaises(TimeoutError):
            client.ask("status", timeout_s=0.2)
        self.peer.start()
        self.assertEqual(client.ask("status")["version"], "peer")
        with self.assertRaises(reeve.Refused) as caught:
            client.ask("show", case="0000-0000-0013")
        self.assertEqual((caught.exception.error, caught.exception.field), ("unknown_command", "command"))


    def test_python_hears_of_a_connection_that_is_made_at_once(self):
        """A handshake that is over when connect() returns counts like a slow one."""
        connect = zmq.Socket.connect

        def connect_at_once(socket, endpoint):
            connect(socket, endpoint)
            if endpoint == self.peer.service:
                self.assertTrue(socket.poll(PATIENCE_S * 1000, zmq.POLLOUT), "connected")
        self.peer.start()
        with mock.patch.object(zmq.Socket, "connect", connect_at_once):
            client = self.client()
        self.assertEqual(client.ask("status")["version"], "peer")


class Subscribing(Case):
    """Each test publishes by hand and holds what a subscriber saw against the journal."""

    def publish(self, count, *areas):
        with self.peer.lock:
            for i in range(count):
                self.peer.publish(areas[i % len(areas)] if areas else "town", source_ref="s-%d" % (len(self.peer.journal) + 1))

    def seen_by_c(self, from_seq, count, *topics):
        process = self.probe("watch", from_seq, count, *topics)
        lines = []
        thread = threading.Thread(target=lambda: lines.extend(line.rstrip("\n") for line in process.stdout))
        thread.start()

        def end():
            process.kill()
            process.wait()
            thread.join()
            process.stdout.close()
        self.addCleanup(end)
        return lines, thread

    def seen_by_python(self, from_seq, count, topic=""):
        lines = []

        def run():
            client = reeve.Client(self.peer.service, self.peer.feed, resend_s=0.4)  # belongs to this thread, to the end
            for event in client.subscribe(topic, from_seq=from_seq, verify_s=0.3, stop=lambda: len(lines) >= count):
                lines.append("%d %s" % (event["seq"], event["source_ref"]))
            client.close()
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return lines, thread

    def expect(self, lines, thread, topic="", begin=1, in_order=True):
        thread.join(PATIENCE_S)
        self.assertFalse(thread.is_alive(), "saw %d" % len(lines))
        seen = [line for line in lines if not line.startswith("#")]
        wanted = ["%d %s" % (event["seq"], event["source_ref"]) for name, event in self.peer.journal if event["seq"] >= begin and name.startswith(topic)]
        self.assertEqual(seen if in_order else sorted(seen, key=lambda line: int(line.split()[0])), wanted)

    def watchers(self, from_seq, count, topic=""):
        return [self.seen_by_c(from_seq, count, *([topic] if topic else [])), self.seen_by_python(from_seq, count, topic)]

    def test_what_was_and_what_comes(self):
        self.publish(170)
        self.peer.start()
        watchers = self.watchers(1, 500)
        for lines, _ in watchers:
            self.eventually(lambda: len(lines) > 100, "the past is replayed")
        self.publish(330)
        for lines, thread in watchers:
            self.expect(lines, thread)

    def test_from_a_number_on(self):
        self.publish(170)
        self.peer.start()
        for lines, thread in self.watchers(101, 70):
            self.expect(lines, thread, begin=101)

    def test_only_its_own_topic(self):
        self.publish(170, "a/x", "a/y", "b/x")
        self.peer.start()
        watchers = self.watchers(1, 134, "case_opened/a/")
        self.publish(31, "b/x", "a/y", "a/x")
        for lines, thread in watchers:
            self.expect(lines, thread, "case_opened/a/")

    def test_c_merges_several_topics_in_order(self):
        self.publish(300, "a", "b", "c")
        self.peer.start()
        lines, thread = self.seen_by_c(1, 200, "case_opened/a/", "case_opened/c/")
        thread.join(PATIENCE_S)
        wanted = ["%d %s" % (event["seq"], event["source_ref"]) for name, event in self.peer.journal if name != "case_opened/b/"]
        self.assertEqual([line for line in lines if not line.startswith("#")], wanted)

    def test_c_merges_in_order_while_events_come(self):
        """One topic has nothing more to replay while another still has many pages: what comes meanwhile waits for its turn."""
        self.publish(2, "a")
        self.publish(1500, "c")
        replay = self.peer.replay

        def replay_while_events_come(request):
            for area in ("a", "c"):
                self.peer.publish(area, source_ref="s-%d" % (len(self.peer.journal) + 1))
            return replay(request)
        self.peer.replay = replay_while_events_come
        self.peer.start()
        lines, _ = self.seen_by_c(1, 1 << 30, "case_opened/a/", "case_opened/c/")
        self.eventually(lambda: any(line.startswith("# caught_up") for line in lines), "caught up")
        seqs = [int(line.split()[0]) for line in lines if not line.startswith("#")]
        self.assertGreater(len(seqs), 1500)
        self.assertEqual(seqs, sorted(seqs))

    def test_python_knows_what_it_reached(self):
        """Who starts again behind `reached`, without what it saw, misses nothing, though the feed lost something and another topic went on."""
        self.peer.start()
        self.publish(20, "a", "b")
        seen = []
        for loss in (0, 3, 0, 4, 0):
            client = self.client()
            reached, count = getattr(self, "reached", 0), len(seen)
            self.peer.drop_feed = loss
            self.publish(10, "a", "b", "c")
            for event in client.subscribe("", from_seq=reached + 1, verify_s=3600, stop=lambda: len(seen) >= count + 5):
                if event["seq"] not in seen:
                    seen.append(event["seq"])
                self.reached = client.reached
        for event in self.client().subscribe("", from_seq=self.reached + 1, verify_s=0.1, stop=lambda: len(seen) >= len(self.peer.journal)):
            if event["seq"] not in seen:
                seen.append(event["seq"])
        self.assertEqual(sorted(seen), list(range(1, len(self.peer.journal) + 1)))

    def test_c_from_now_on(self):
        self.publish(20)
        self.peer.start()
        lines, thread = self.seen_by_c(0, 5)
        self.eventually(lambda: "# caught_up 20" in lines, "the start is known")
        self.publish(5)
        self.expect(lines, thread, begin=21)

    def lose(self, in_order, *areas):
        """Ten messages lost in the middle, and the last ten of all."""
        self.peer.start()
        watchers = self.watchers(1, 200)
        self.publish(50, *areas)
        for lines, _ in watchers:
            self.eventually(lambda: len([line for line in lines if line[0] != "#"]) == 50, "live")
        self.peer.drop_feed = 10
        self.publish(140, *areas)
        self.eventually(lambda: self.peer.drop_feed == 0, "messages are dropped")
        self.peer.drop_feed = 10
        self.publish(10, *areas)
        for lines, thread in watchers:
            self.expect(lines, thread, in_order=in_order)

    def test_lost_messages_of_one_topic_come_in_order(self):
        self.lose(True)

    def test_lost_messages_among_many_topics_come(self):
        self.lose(False, *("a%d" % i for i in range(37)))

    def test_c_says_that_it_repairs(self):
        """A round may be seen by the client's own check first, which says nothing; not every round."""
        self.peer.start()
        lines, _ = self.seen_by_c(1, 1 << 30)
        self.eventually(lambda: "# caught_up 0" in lines and b"" in self.peer.prefixes, "subscribed")
        for _ in range(20):
            self.peer.drop_feed = 5
            self.publish(30)
            self.eventually(lambda: len([line for line in lines if line[0] != "#"]) == len(self.peer.journal), "everything comes")
            if any(line.startswith("# repair") for line in lines):
                return
        self.fail("nothing is said of %d losses" % 20)

    def test_restarts_lose_and_double_nothing(self):
        self.peer.start()
        watchers = self.watchers(1, 400)
        for i in range(4):
            self.publish(60)
            for lines, _ in watchers:
                self.eventually(lambda: len([line for line in lines if line[0] != "#"]) >= 60 * i + 30 - 20 * (i > 0), "events come")
            self.peer.stop()
            self.publish(40)  # stored before the restart, never on the feed
            self.peer.start()
        for lines, thread in watchers:
            self.expect(lines, thread)

    def test_c_says_what_is_no_longer_kept(self):
        self.publish(100)
        self.peer.floor = 61
        self.peer.start()
        lines, thread = self.seen_by_c(1, 40)
        self.expect(lines, thread, begin=61)
        self.assertTrue(any(line.startswith("# gap") for line in lines), lines)


if __name__ == "__main__":
    unittest.main()
