#!/usr/bin/python3
"""Every step of a case's life by the reeve program: each subcommand, what it leads to, and how show and timeline print it."""
import json

from harness import equal, run_tests, true
from town import Town, play, watched

EVENTS = """case_opened case_triaged case_dispatched case_signed case_reported case_closed case_reopened return_requested extension_requested
suspension_requested request_denied case_returned clock_extended case_suspended case_resumed case_transferred case_recalled assistant_added
assistant_reported case_checked case_reworked resident_called case_redone case_reminded supervision_opened supervision_answered supervision_closed
case_merged case_joined case_unmerged case_left call_back_due case_sealed mute_set mute_lifted clock_warned clock_breached""".split()


def test_every_step():
    """The scripted week goes through every event; what each step leads to is asked on the way."""
    town = Town()
    cases = play(town)
    seen = {json.loads(line)["event"] for line in town.cli("--json", "journal", "print").splitlines()}
    equal(sorted(set(EVENTS) - seen), [], "events that did not happen")
    number = cases["returned"]
    shown = town.show(number)
    equal((shown["returns"], shown.get("final"), shown["first_contact"], shown["unit"]), (2, True, "works", "works"))
    equal(town.show(cases["called_back"][0])["outcome"], "solved")
    outcomes = [town.show(number)["outcome"] for number in cases["ended_otherwise"]]
    equal(outcomes, ["void", "handed_over", "answered", "rejected"])
    equal(town.events(cases["merged"][1])[-3:], ["case_merged", "call_back_due", "case_closed"])


def test_show_is_readable():
    """Open requests, assistants and followers are lines of their own, not a list in brackets."""
    town = Town()
    number, other = town.dispatched(signed=True), town.submit()
    town.cli("unit", "extend", number, "--reason", "缺零件")
    town.cli("assist", number, "--unit", "urban-order")
    town.cli("merge", other, "--into", number)
    shown = town.cli("case", "show", number)
    true("[...]" not in shown, shown)
    for words in ("urban-order", "request_extension", other):
        true(any(words in line for line in shown.splitlines()), f"{words} is not shown:\n{shown}")
    timeline = town.cli("case", "timeline", number)
    for words in ("extension_requested", "assistant=urban-order", f"follower={other}", "缺零件"):
        true(words in timeline, f"{words} is not in the timeline:\n{timeline}")
    later = town.cli("case", "timeline", watched(town))
    for words in ("reminders=3", "opinion=尽快"):
        true(words in later, f"{words} is not in the timeline:\n{later}")


def test_mistakes():
    """What is missing or impossible is said in terms of the options, or by the daemon's refusal."""
    town = Town()
    number = town.dispatched(signed=True)
    def exits(code, said, *arguments):
        result = town.daemon.cli(*arguments, check=False)
        equal(result.returncode, code, f"exit of {arguments}: {result.stderr}")
        true(said in result.stderr, f"{arguments} says {result.stderr!r} and not {said!r}")
    exits(2, "--reason is wanted", "unit", "return", number)
    exits(2, "--unit is wanted", "assist", number)
    exits(2, "--into is wanted", "merge", number)
    exits(2, "--contacted is wanted", "call-back", number)
    exits(2, "return, extension or suspension", "approve", number)
    exits(2, "return, extension or suspension", "deny", number, "holiday", "--reason", "x")
    exits(2, "takes", "approve")
    exits(1, "not_requested", "approve", number, "return")
    exits(1, "not_requested", "deny", number, "extension", "--reason", "x")
    exits(1, "illegal_transition", "check", number)
    exits(1, "unknown_emergency", "hand-over", number, "--emergency", "7")
    exits(1, "cannot_merge", "merge", number, "--into", number)
    exits(1, "no_supervision", "supervise", "close", number)
    exits(1, "unknown_mute", "mute", "end", "7")
    exits(1, "in_the_past", "mute", "set", "--until", "2026-01-01", "--reason", "x")
    refusal = town.daemon.cli("--json", "resume", number, check=False)
    equal((refusal.returncode, json.loads(refusal.stdout)["error"]), (1, "illegal_transition"))


def test_case_by_reference():
    """source and ref name the case as well; the word of approve and deny still stands last."""
    town = Town()
    town.dispatched(signed=True)
    named = ("--source", "web", "--ref", "T1")
    town.cli("unit", "return", *named, "--reason", "不归我管")
    true(town.cli("approve", *named, "return"), "nothing was printed")
    equal(json.loads(town.cli("case", "show", "--json", *named))["state"], "triaged")


if __name__ == "__main__":
    run_tests(globals())
