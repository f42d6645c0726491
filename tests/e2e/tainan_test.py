#!/usr/bin/python3
"""Chinese text through everything: the 988 requests of Tainan's sample go in by `reeve import`, and come out of the feed, of show, of the timeline, of
the archive after a restart, and of the tables, character by character as they went in."""
import csv
import json
import os
import unicodedata

from harness import TREE, Daemon, equal, run_tests, true

FOLDER = os.path.join(TREE, "examples", "tainan")
SAMPLE = os.path.join(FOLDER, "tainan1999-2015-04.csv")
ROWS = 988
# The evening after the last request: a promise of the first days is broken already, others run.
SETTINGS = {"daemon": {"clock": "driven", "driven_start": "2015-05-01T16:00:00Z"}}


def sample():
    with open(SAMPLE, encoding="utf-8", newline="") as file:
        return {row["service_request_id"]: row for row in csv.DictReader(file)}


def imported():
    daemon = Daemon(policy=FOLDER, settings=SETTINGS, workers=()).start()
    feed = daemon.feed("case_opened/")
    result = daemon.cli("import", SAMPLE, "--map", os.path.join(FOLDER, "import.yaml"))
    return daemon, feed, result


def same(found, row, what):
    equal(found.get("text"), row["description"], f"text of {row['service_request_id']} in {what}")
    equal(found.get("address"), row["address_string"] or None, f"address of {row['service_request_id']} in {what}")
    equal(found.get("title"), f"{row['service_name']} {row['subproject']}".strip(), f"title of {row['service_request_id']} in {what}")


def test_every_character_comes_back():
    """Feed, replay, show by the program with --json, and, after a restart and closing, the archive."""
    rows = sample()
    equal(len(rows), ROWS)
    daemon, feed, _ = imported()
    opened = {}
    while len(opened) < ROWS:
        _, event = feed.next()
        opened[event["source_ref"]] = event
    equal(set(opened), set(rows))
    for ref, event in opened.items():
        same(event, rows[ref], "the feed")
    client = daemon.client()
    replayed = [event for event in client.events() if event["event"] == "case_opened"]
    equal(len(replayed), ROWS)
    for event in replayed:
        same(event, rows[event["source_ref"]], "replay")
    for ref, row in rows.items():
        shown = json.loads(daemon.cli("--json", "case", "show", "--source", "tainan1999", "--ref", ref).stdout)
        same(shown, row, "show --json")
        equal(shown["case"], opened[ref]["case"])
    for event in opened.values():
        client.ask("close", case=event["case"], outcome="solved", result=f"已處理：{rows[event['source_ref']]['subproject']}")
    daemon.kill()
    daemon.start()
    client = daemon.client()
    for ref, row in rows.items():
        shown = client.ask("show", source="tainan1999", source_ref=ref)
        equal(shown["state"], "closed")
        same(shown, row, "the archive")
    client.close()


def test_promises_are_the_citys():
    """Seven days by the wall clock, as 968 of the city's 988 due times are; the 20 others were due when they came."""
    rows = sample()
    daemon, _, _ = imported()
    agree = 0
    for event in daemon.client().events():
        if event["event"] != "case_opened":
            continue
        row = rows[event["source_ref"]]
        wanted = row["expected_datetime"] != row["requested_datetime"]
        seven_days = event["due"] - event["reported_at"] == 7 * 86400000
        true(seven_days, f"promise of {event['source_ref']}")
        agree += wanted and seven_days
    equal(agree, 968)


def width(text):
    return sum(0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def starts(line):
    """Display places at which a column of a table may begin: after two blanks at least, or at the line's beginning."""
    found, place, blanks = {0}, 0, 0
    for each in line:
        if each == " ":
            blanks += 1
        else:
            if blanks >= 2:
                found.add(place)
            blanks = 0
        place += width(each)
    return found


def test_tables_line_up():
    """Columns of `reeve list` begin at the same place in every line, Chinese characters taking two."""
    daemon, _, _ = imported()
    lines = daemon.cli("list", "--count", "200").stdout.splitlines()
    heading, body = lines[0], [line for line in lines[1:] if line.strip()]
    true(len(body) >= 200, f"{len(body)} lines")
    true(any(width(line) > len(line) for line in body), "a line with Chinese characters")
    left = [place for place in starts(heading)]
    for place in left:
        for line in body:
            at = 0
            for each in line:
                true(not (at < place < at + width(each)), f"place {place} cuts {each!r} in {line!r}")
                at += width(each)
    # every column of text begins in (nearly) every line where its heading does: empty cells and numbers to the right apart
    shared = [place for place in left if sum(place in starts(line) for line in body) >= 0.9 * len(body)]
    true(len(shared) >= 4, f"columns that line up: {shared} of {sorted(left)}\n{heading}\n{body[0]}")


if __name__ == "__main__":
    run_tests(dict(globals()))
