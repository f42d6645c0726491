"""The oracle itself: a sound history passes, and each way to spoil it is noticed."""
import hashlib
import os
import struct
import tempfile
import unittest

import msgpack

from oracle import EVENTS, KEY, Acknowledgements, Journal, Watched

NUMBER = {name: number for number, name in EVENTS.items()}


def case_text(number):
    """As on the wire, but for the check digit, which the oracle leaves out."""
    return f"{number * 10:012d}"


class Story:
    """Records as the daemon would store them."""

    def __init__(self):
        self.events, self.last, self.streams = [], {}, {}

    def add(self, kind, case, **fields):
        topic = (kind, "c/n")
        self.streams[topic] = self.streams.get(topic, 0) + 1
        event = {"event": NUMBER[kind], "at": 1, "case_id": case, "previous": self.last.get(case, 0), "path": "c/n", "stream": self.streams[topic], **fields}
        self.events.append(event)
        self.last[case] = len(self.events)
        return event

    def records(self):
        return [msgpack.packb({KEY[name]: value for name, value in event.items()}) for event in self.events]


def sound():
    story = Story()
    for number in (1, 2, 3):
        story.add("case_opened", number, source="pub-a", source_ref=str(number))
        story.add("case_dispatched", number, unit="works")
    story.add("case_signed", 1, unit="works", actor="people-a", request="people-a.1")
    story.add("clock_breached", 2, clock=4, due=5)
    story.add("case_escalated", 2, notice="2-4-1-1")
    story.add("case_closed", 2, outcome=1, actor="people-a", request="people-a.2")
    story.add("case_reopened", 2, reason="again")
    story.add("case_escalated", 2, notice="2-4-2-1")
    return story


class Oracle(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)

    def read(self, records, digests=None):
        """What is wrong, and the journal that was read."""
        violations, chain = [], bytes(32)
        journal = Journal(violations)
        for seq, record in enumerate(records, 1):
            chain = hashlib.blake2b(chain + struct.pack(">Q", seq) + record, digest_size=32).digest()
            journal.take(seq, record, (digests or {}).get(seq, chain))
        return violations, journal

    def spoilt(self, said, spoil):
        story = sound()
        spoil(story)
        violations, _ = self.read(story.records())
        self.assertTrue(any(said in what for what in violations), f"{said}: {violations}")

    def told(self, journal, *lines, people=()):
        for name, content in (("pub-a", lines), ("people-a", people)):
            with open(os.path.join(self.directory.name, name), "w", encoding="utf-8") as file:
                file.write("".join(line + "\n" for line in content))
        told = Acknowledgements(journal)
        told.watch(os.path.join(self.directory.name, "pub-a"), "pub-a", True)
        told.watch(os.path.join(self.directory.name, "people-a"), "people-a", False)
        told.look()
        return told

    def test_a_sound_history_passes(self):
        violations, journal = self.read(sound().records())
        self.assertEqual((violations, journal.cases, journal.open, journal.last), ([], 3, 3, 12))
        told = self.told(journal, "sent 1", f"acknowledged 1 {case_text(1)} 1", "sent 2", f"acknowledged 2 {case_text(2)} 3 known",
                         people=('sent 1 {"command": "sign"}', "acknowledged 1 7", "refused 3 illegal_transition"))
        self.assertEqual((violations, told.reports, told.commands, told.lost), ([], 2, 1, 0))

    def test_what_is_spoilt_is_noticed(self):
        def opens_again(story):
            story.add("case_opened", 4, source="pub-a", source_ref="2")
        self.spoilt("became a case twice", opens_again)
        self.spoilt("was done twice", lambda story: story.add("case_signed", 3, unit="works", actor="people-a", request="people-a.1"))
        self.spoilt("was sent twice", lambda story: story.add("case_escalated", 2, notice="2-4-1-1"))
        self.spoilt("has number 9 and not", lambda story: story.add("case_signed", 3, unit="works", stream=9))
        self.spoilt("was before it; it was", lambda story: story.add("case_signed", 3, unit="works", previous=1))
        self.spoilt("holds a caller's data", lambda story: story.add("case_signed", 3, unit="namemark pub-a 3"))
        self.spoilt("which was never opened", lambda story: story.add("case_signed", 9, unit="works"))
        self.spoilt("opens case 5 after case 3", lambda story: story.add("case_opened", 5, source="pub-a", source_ref="5"))

        def speaks_when_closed(story):
            story.add("case_closed", 3, outcome=1)
            story.add("clock_breached", 3, clock=1, due=1)
        self.spoilt("after case 3 was closed", speaks_when_closed)

    def test_a_changed_past_is_noticed(self):
        violations, _ = self.read(sound().records(), {5: b"x" * 32})
        self.assertIn("its past has changed", violations[0])

    def test_what_was_acknowledged_and_is_not_there(self):
        for said, lines, people in (("is LOST", (f"acknowledged 4 {case_text(4)} 5",), ()), ("is 1 in the journal", (f"acknowledged 1 {case_text(2)} 1",), ()),
                                    ("was refused", ("refused 1 unknown_area",), ()), ("people-a.3, acknowledged with 8, is LOST", (), ("acknowledged 3 8",)),
                                    ("people-a.1, acknowledged with 8, is 7", (), ("acknowledged 1 8",))):
            violations, journal = self.read(sound().records())
            self.told(journal, *lines, people=people)
            self.assertTrue(any(said in what for what in violations), f"{said}: {violations}")

    def watched(self, *numbers):
        violations, journal = self.read(sound().records())
        path = os.path.join(self.directory.name, "chief")
        with open(path, "w", encoding="utf-8") as file:
            file.write("".join(f"{number}\n" for number in numbers))
        watched = Watched(path, "chief", ("case_opened/", "case_escalated/c/n/"), int)
        watched.look(journal)
        watched.check(journal, journal.last)
        return violations

    def test_what_a_supervisor_saw(self):
        self.assertEqual(self.watched(1, 3, 9, 5, 12), [])
        for said, numbers in (("did not see 1 events: [9]", (1, 3, 5, 12)), ("saw event 3 twice", (1, 3, 5, 3, 9, 12)), ("saw event 3 of case_opened/c/n/ after 5", (1, 5, 3, 9, 12)),
                              ("did not ask for", (1, 2, 3, 5, 9, 12))):
            violations = self.watched(*numbers)
            self.assertTrue(any(said in what for what in violations), f"{said}: {violations}")


if __name__ == "__main__":
    unittest.main()
