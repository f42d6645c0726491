"""The Python client and the independent reader against the golden vectors in schema/vectors."""
import json
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "clients", "python"))
sys.path.insert(0, HERE)
import reeve
import reference

STRUCTURE = {"malformed", "truncated", "not_a_map"}  # what shows without knowing the fields


def vectors(name):
    with open(os.path.join(HERE, "..", "..", "schema", "vectors", name), encoding="utf-8") as file:
        return json.load(file)


def frame_of(vector):
    frame = vector["frame"]
    return bytes.fromhex(frame["repeat"]) * frame["count"] if isinstance(frame, dict) else bytes.fromhex(frame)


def plain(value):
    """The {"hex": ...} of bytes back into bytes."""
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"]) if set(value) == {"hex"} else {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value


class Vectors(unittest.TestCase):
    def test_the_client_unpacks_and_packs_golden_records(self):
        for vector in vectors("records.json"):
            with self.subTest(vector["name"]):
                maps = reeve.unpack_frame(frame_of(vector))
                self.assertEqual(len(maps), len(vector["records"]))
                if "maps" in vector:
                    self.assertEqual(maps, plain(vector["maps"]))
                    self.assertEqual(reeve.pack_frame(maps), frame_of(vector))

    def test_the_client_refuses_what_is_no_frame(self):
        for vector in vectors("refusals.json"):
            if vector["error"] in STRUCTURE and not vector["field"] and frame_of(vector) and "extension" not in vector["name"]:
                with self.subTest(vector["name"]), self.assertRaises(ValueError):
                    reeve.unpack_frame(frame_of(vector))

    def test_the_client_hands_on_a_refusal(self):
        for vector in vectors("refusals.json"):
            with self.subTest(vector["name"]):
                reply = {"request": "1", "error": vector["error"], "message": "in words", "field": vector["field"]}
                refused = reeve.Refused(reeve.unpack_frame(reeve.pack_frame([reply]))[0])
                self.assertEqual((refused.error, refused.field), (vector["error"], vector["field"]))
                self.assertIn(vector["field"], str(refused))

    def test_the_independent_reader_agrees(self):
        for vector in vectors("records.json"):
            with self.subTest(vector["name"]):
                self.assertEqual(reference.read(frame_of(vector)), vector["records"])
        for vector in vectors("refusals.json"):
            with self.subTest(vector["name"]), self.assertRaises(reference.Refusal) as caught:
                reference.read(frame_of(vector))
            self.assertEqual((caught.exception.error, caught.exception.field), (vector["error"], vector["field"]))


if __name__ == "__main__":
    unittest.main()
