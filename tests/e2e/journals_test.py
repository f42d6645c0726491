#!/usr/bin/python3
"""Old journals load for ever: each of schema/journals is imported, started, and is the same town as on the day it was written.

journals_test.py --write NAME makes schema/journals/NAME.rjs and NAME.json by a scripted month that goes through every event;
journals_test.py --write-pruned NAME makes schema/journals/NAME, the backup of a town whose oldest records have left for segments, with an export of the rest.
One of each is made for each released format, and then never again: a change that makes this test fail needs a change in how old records are read, not a new file.
"""
import glob
import json
import os
import re
import shutil
import sys

from harness import TREE, Daemon, equal, new_directory, run_tests, true
from prune_test import Town as OldTown, policy_with, settings_with
from town import SETTINGS, STORIES, Town, full_policy, play

FOLDER = os.path.join(TREE, "schema", "journals")
WORKERS = ("triage", "assign", "escalate")
# What a case is, as against what is computed for the moment or may get company in a later version.
KEPT = """state outcome unit first_contact category kind urgency area title text source source_ref reported_at due late closed_at reopens attention returns transfers
extensions reworks redos reminders calls confidential into followers assistants supervised contact_kept first_seq last_seq""".split()


def event_kinds():
    with open(os.path.join(TREE, "schema", "events.def"), encoding="utf-8") as file:
        return set(re.findall(r"^EVENT\(\d+,\s*(\w+)", file.read(), re.M))


def policy_over(*layers, **changed):
    """The full town with other layers over it; changed: file name without ending -> (old, new) text."""
    directory = full_policy()
    for layer in layers:
        shutil.copytree(os.path.join(STORIES, layer), directory, dirs_exist_ok=True)
    for name, (old, new) in changed.items():
        path = os.path.join(directory, f"{name}.yaml")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        true(old in text, f"{name}.yaml has no {old}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))
    return directory


def danger(town):
    """A notice, answered; another one kept back by a mute; nobody for a third."""
    number = town.cli("submit", "--source", "web", "--ref", "D1", "--text", "燃气泄漏", "--area", "370103001")
    town.wait("6m")
    town.cli("ack", number)
    town.cli("mute", "set", "--until", "+2d", "--reason", "演练", "--area", "370103")
    town.submit()
    town.wait("1d")


def quiet_source(town):
    for reference in ("1", "2"):
        town.cli("submit", "--source", "12345", "--ref", reference, "--text", "水管漏水", "--category", "water", "--area", "370103001",
                 "--caller-name", "王小明", "--caller-phone", "13800001234")
        town.wait("3d")
    town.cli("contact", "--source", "12345", "--ref", "1", "--reason", "回访")


def new_rules(town):
    """Stages set anew, a promise in stages, and a place that nobody serves."""
    open_case = town.dispatched(signed=True)
    town.cli("policy", "apply", policy_over("staged", "no-desk", clocks=("clock: handle, limit: 1-working-day", "clock: handle, limit: 2-working-days")),
             "--yes", "--clocks", "restage")
    staged = town.dispatched(category="burst-pipe", unit="water-group", signed=True)
    client = town.daemon.client()
    client.ask("reach", case=staged, milestone="cordon")
    town.submit(category="other", area="3701")
    town.wait("1d")
    client.close()
    return open_case


def with_workers(town):
    """The same town, its workers at work: what they decide carries their name, confidence and similar cases."""
    town.daemon.stop()
    town.daemon.write_config(SETTINGS, WORKERS)
    town.daemon.start()
    for reference in ("1", "2", "3"):
        town.cli("submit", "--source", "app", "--ref", reference, "--text", "路灯不亮，街上一片漆黑", "--area", "370102001", "--lat", "36.66", "--lon", "117.02")
        town.wait("20m")
    town.wait("5d")


def cases_of(client):
    """Every case by its number, in words that outlast versions."""
    found, cursor = {}, None
    client.ask("list", count=1, min_seq=client.ask("hello")["seq"])
    while True:
        page = client.ask("list", count=100, **({"cursor": cursor} if cursor else {}))
        for row in page.get("cases", []):
            shown = client.try_ask("show", case=row["case"])
            found[row["case"]] = {name: shown[name] for name in KEPT if name in shown} if "error" not in shown else {"error": shown["error"]}
            found[row["case"]]["events"] = [event["event"] for event in client.try_ask("timeline", case=row["case"]).get("events", [])]
        cursor = page.get("cursor")
        if not cursor:
            return found


def picture(client):
    figures = client.figures()
    last = client.ask("journal_read", from_seq=figures["journal_seq"], count=1)["events"][0]
    return {"figures": {name: figures[name] for name in ("open_cases", "cases_ever", "journal_seq")}, "hash": last["hash"].hex(),
            "policies": [row["policy"] for row in client.ask("policy_list")["versions"]], "cases": cases_of(client)}


def write(name):
    town = Town()
    play(town)
    for story in (danger, quiet_source, new_rules, with_workers):
        story(town)
    client = town.daemon.client()
    town.cli("journal", "export", os.path.join(new_directory(), "first"), "--with-private")
    missing = event_kinds() - {event["event"] for event in client.records()}
    equal(sorted(missing), [], "events that did not happen")
    path = os.path.join(FOLDER, name)
    client.close()
    town.cli("journal", "export", f"{path}.rjs", "--with-private")
    # What is expected is asked of a daemon that has just loaded it: the export left an event behind.
    with open(f"{path}.json", "w", encoding="utf-8") as file:
        json.dump(picture(loaded(f"{path}.rjs").client()), file, ensure_ascii=False, indent=1, sort_keys=True)
        file.write("\n")
    print(f"{path}.rjs: {os.path.getsize(path + '.rjs')} bytes")


def write_pruned(name):
    daemon = Daemon(policy=policy_with("60 days"), settings=settings_with(every_ms=0, segment_records=60), workers=()).start()
    town = OldTown(daemon)
    town.quarters(3, each=12)
    town.settled()
    town.reports(3)
    path = os.path.join(FOLDER, name)
    daemon.cli("backup", path)
    daemon.cli("journal", "export", os.path.join(path, "rest.rjs"), "--with-private")
    expected = {"copied": picture(copied(path).client()), "imported": picture(imported(path).client())}
    with open(os.path.join(path, "expected.json"), "w", encoding="utf-8") as file:
        json.dump(expected, file, ensure_ascii=False, indent=1, sort_keys=True)
        file.write("\n")


def loaded(*paths):
    daemon = Daemon(settings=SETTINGS, workers=())
    os.rmdir(daemon.state_file(""))
    daemon.cli("journal", "import", *paths, "--into", daemon.state_file("").rstrip("/"))
    return daemon.start()


def copied(path):
    """The backup as a state directory."""
    daemon = Daemon(settings=SETTINGS, workers=())
    shutil.copytree(path, daemon.state_file(""), dirs_exist_ok=True)
    return daemon.start()


def imported(path):
    """A whole journal from its segments and the rest."""
    return loaded(*sorted(glob.glob(os.path.join(path, "segments", "*.rjs"))), os.path.join(path, "rest.rjs"))


def compare(found, wanted, where):
    """Everything that was known then is the same now."""
    for part in ("figures", "hash", "policies"):
        equal(found[part], wanted[part], f"{where}: {part}")
    equal(sorted(found["cases"]), sorted(wanted["cases"]), f"{where}: cases")
    for number, case in wanted["cases"].items():
        for name, value in case.items():
            equal(found["cases"][number].get(name), value, f"{where}: {name} of case {number}")


def test_old_journals_load():
    """From the records alone, and again from the archive that was made of them."""
    paths = sorted(glob.glob(os.path.join(FOLDER, "*.rjs")))
    true(paths, "schema/journals holds no journal")
    for path in paths:
        with open(path.removesuffix(".rjs") + ".json", encoding="utf-8") as file:
            wanted = json.load(file)
        daemon = loaded(path)
        compare(picture(daemon.client()), wanted, f"{os.path.basename(path)}, from its records")
        equal(daemon.stop(), 0)
        daemon.start()
        compare(picture(daemon.client()), wanted, f"{os.path.basename(path)}, from the archive")
        contact = daemon.client().ask("contact", source="12345", source_ref="1", reason="test")
        equal(contact["caller_name"], "王小明")
        daemon.kill()


def test_old_pruned_journals_load():
    """As the store that it was, and as a whole journal again."""
    paths = sorted(glob.glob(os.path.join(FOLDER, "*", "expected.json")))
    true(paths, "schema/journals holds no pruned journal")
    for path in map(os.path.dirname, paths):
        with open(os.path.join(path, "expected.json"), encoding="utf-8") as file:
            expected = json.load(file)
        for way, load in (("copied", copied), ("imported", imported)):
            daemon = load(path)
            compare(picture(daemon.client()), expected[way], f"{os.path.basename(path)}, {way}")
            daemon.kill()
        true(expected["copied"]["hash"] == expected["imported"]["hash"], "one chain")


def test_newer_formats_are_refused():
    """A journal of a format that this program does not know is left alone, with a word that says so."""
    daemon = loaded(sorted(glob.glob(os.path.join(FOLDER, "*.rjs")))[0])
    equal(daemon.stop(), 0)
    path = daemon.state_file("journal.mdb")
    with open(path, "r+b") as file:
        content = file.read()
        at = content.find(b"format\x01\x00\x00\x00")
        true(at > 0, "the format is not where it was")
        while at > 0:  # older pages of the same table may hold it, too
            file.seek(at + len(b"format"))
            file.write(b"\x03")
            at = content.find(b"format\x01\x00\x00\x00", at + 1)
    with open(path, "rb") as file:
        before = file.read()
    daemon.process = daemon.spawn()
    equal(daemon.wait(), 5)
    true("its format is 3, this program knows 2; start a newer reeved" in daemon.log(), daemon.log()[-500:])
    restored = daemon.cli("restore", daemon.state_file("").rstrip("/"), "--into", os.path.join(daemon.directory, "other"), check=False)
    equal(restored.returncode, 1)
    true("its format is 3" in restored.stderr, restored.stderr)
    with open(path, "rb") as file:
        equal(file.read() == before, True, "the journal is as it was")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"] and len(sys.argv) == 3:
        write(sys.argv[2])
    elif sys.argv[1:2] == ["--write-pruned"] and len(sys.argv) == 3:
        write_pruned(sys.argv[2])
    else:
        run_tests(globals())
