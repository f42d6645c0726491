#!/usr/bin/python3
"""Triage that learns: closed cases teach a model, the running worker takes it up, and where it is unsure people decide at once."""
import json
import os
import shutil
import subprocess
import time

from harness import PATIENCE_S, TREE, Daemon, equal, new_directory, program, report_of, run_tests, true

POLICY = os.path.join(TREE, "bench", "policy")
# None of these holds a triage word of the policy.
TAUGHT = {"light": "整条街晚上很黑,看不见路", "water": "puddle grows and grows in front of number", "noise": "邻居半夜还在唱歌,睡不着"}


def policy_with(directory, lines):
    """The small city's policy with more lines in policy.yaml."""
    shutil.copytree(POLICY, directory)
    with open(os.path.join(directory, "policy.yaml"), "a", encoding="utf-8") as file:
        file.write(lines)
    return directory


def teach(daemon, client):
    """What people decided in 60 cases: half came in with their category, half got it from a dispatcher."""
    number = 0
    for _ in range(20):
        for category, text in TAUGHT.items():
            number += 1
            report = report_of(number, text=f"{text} {number}", category=category)
            client.ask("answer", case=client.ask("submit", **report)["case"], result="seen to")
    model = os.path.join(daemon.directory, "model")
    daemon.cli("train", "--out", model)
    return number, model


def report_without_category(number, text):
    report = report_of(number, text=text)
    del report["category"]
    return report


def outcome_of(client, feed, report):
    """The event in which the triage of a new report ends."""
    case = client.ask("submit", **report)["case"]
    return feed.until(lambda event: event.get("case") == case and event["event"] in ("case_triaged", "attention_needed"))


def learned_outcome(client, feed, number, text):
    """Sends reports until one was triaged by the model: the worker looks at the file once a second."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        number += 1
        event = outcome_of(client, feed, report_without_category(number, text))
        if "the classifier, trained on 60 cases" in event["reason"]:
            return event
    raise AssertionError("the worker did not take up the model")


def start():
    directory = new_directory()
    model = os.path.join(directory, "model")
    workers = [{"task": "triage", "command": f"{program('reeve-triage')} --model {model}", "count": 1}]
    policy = policy_with(os.path.join(directory, "policy"), "classifier: {confidence: 0.6}\n")
    return Daemon(directory=directory, settings={"workers": workers}, policy=policy).start()


def test_model_is_learned_and_taken_up():
    """Without a model the fallback; then `reeve train`, and the running worker classifies with it in both languages."""
    daemon = start()
    client, feed = daemon.client(), daemon.feed()
    before = outcome_of(client, feed, report_without_category(9000, "it is 黑 at night"))
    equal((before["event"], before["category"]), ("case_triaged", "other"))
    number, _ = teach(daemon, client)
    event = learned_outcome(client, feed, number, "我们这条街晚上很黑")
    equal((event["event"], event["category"]), ("case_triaged", "light"))
    true(event["confidence"] >= 0.6, f"confidence {event['confidence']}")
    equal(outcome_of(client, feed, report_without_category(9001, "this puddle grows in front of my door"))["category"], "water")
    word = outcome_of(client, feed, report_without_category(9002, "很黑, a sofa lies there"))
    equal(word["category"], "bulk", "a word of the policy comes before the classifier")


def test_unsure_goes_to_people_at_once():
    """Below the policy's confidence the case needs attention after one attempt; a danger word does not wait; a dispatcher decides."""
    daemon = start()
    client, feed = daemon.client(), daemon.feed()
    number, _ = teach(daemon, client)
    learned_outcome(client, feed, number, "我们这条街晚上很黑")
    event = outcome_of(client, feed, report_without_category(9000, "Ξένη γλώσσα Ωμέγα"))
    equal(event["event"], "attention_needed")
    true("people decide" in event["reason"], event["reason"])
    equal([row["failed"] for row in client.ask("workers")["workers"]], [1], "attempts")
    shown = client.ask("show", case=event["case"], min_seq=event["seq"])
    equal(shown["attention"], True)
    client.ask("triage", case=event["case"], category="tree")
    equal(client.ask("show", case=event["case"])["category"], "tree")
    danger = outcome_of(client, feed, report_without_category(9001, "Ξένη γλώσσα Ωμέγα, όλα πέφτουν εδώ: collapse"))
    equal((danger["event"], danger["category"], danger["urgency"]), ("case_triaged", "other", 1))


def test_damaged_model_is_refused():
    """A file that is no good is refused with a line in the log, and the worker goes on with the model it has."""
    daemon = start()
    client, feed = daemon.client(), daemon.feed()
    number, model = teach(daemon, client)
    learned_outcome(client, feed, number, "我们这条街晚上很黑")
    with open(model, "rb") as file:
        good = file.read()
    with open(model + ".new", "wb") as file:
        file.write(good[:-100] + bytes(100))
    os.rename(model + ".new", model)
    deadline = time.monotonic() + PATIENCE_S
    number = 20000
    while "the model was refused" not in daemon.log().split("model in use")[-1]:
        true(time.monotonic() < deadline, "nothing was said about the damaged model")
        number += 1
        event = outcome_of(client, feed, report_without_category(number, "我们这条街晚上很黑"))
        equal(event["category"], "light")
    equal(outcome_of(client, feed, report_without_category(29000, "我们这条街晚上很黑"))["category"], "light")


def reeve(*arguments):
    return subprocess.run([program("reeve"), *arguments], capture_output=True, text=True, timeout=PATIENCE_S * 4, check=False)


def test_table_teaches():
    """History that never went through Reeve: measured on a split by time, and learned into a file that is the same every time."""
    table = os.path.join(TREE, "examples", "tainan", "tainan1999-2015-04.csv")
    columns = ["--csv", table, "--text", "description", "--label", "service_name,subproject", "--time", "requested_datetime",
               "--same", "髒亂及污染=髒亂及汙染", "--zone", "Asia/Taipei"]
    figures = json.loads(reeve("train", "--test", "--split", "2015-04-25", "--json", *columns).stdout)
    equal((figures["learned"], figures["asked"]), (731, 257))
    true(figures["accuracy"] >= 0.813 and 0.4 < figures["baseline"] < 0.45, f"{figures}")
    written = []
    for _ in range(2):
        path = os.path.join(new_directory(), "model")
        equal(reeve("train", "--out", path, *columns).returncode, 0)
        with open(path, "rb") as file:
            written.append(file.read())
    true(written[0] == written[1] and 10000 < len(written[0]) < 1000000, "the same table gives another file")
    equal(reeve("train", "--out", "/nowhere/model", *columns).returncode, 1)
    wrong = reeve("train", "--test", "--csv", table, "--text", "no such", "--label", "service_name")
    equal(wrong.returncode, 2)
    true("--text no such: the table has no such column" in wrong.stderr, wrong.stderr)
    equal(reeve("train").returncode, 2)


if __name__ == "__main__":
    run_tests(globals())
