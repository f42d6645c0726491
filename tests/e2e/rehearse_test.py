#!/usr/bin/python3
"""The rehearsal against journals of the real daemon: its own rules repeat the past, the journal stays as it is, a proposal is compared."""
import hashlib
import json
import os
import shutil
import subprocess

from harness import SHORT, TREE, Daemon, equal, new_directory, policy_files, program, report_of, run_tests, true

BOSTON = os.path.join(TREE, "examples", "boston")
PROPOSAL = os.path.join(TREE, "examples", "boston-proposal")
BENCH = os.path.join(TREE, "bench", "policy")
ROWS = 500 if SHORT else 3000
DRIVEN = {"daemon": {"clock": "driven", "driven_start": "2011-07-01T04:00:00Z"}, "limits": {"past_ms": 315360000000}}
HOUR_MS = 3600000
MONDAY_10 = 1309788000000  # 2011-07-04T14:00:00Z


def rehearse(*arguments, code=0):
    result = subprocess.run([program("reeve-rehearse"), "--quiet", *arguments], capture_output=True, timeout=120)
    equal(result.returncode, code, f"exit code of {arguments}: {result.stderr.decode()}")
    return result


def rehearsed(*arguments):
    return json.loads(rehearse("--json", *arguments).stdout)


def contents(directory):
    """Every file but LMDB's own table of readers, with a digest of its bytes."""
    found = {}
    for name in sorted(os.listdir(directory)):
        if not name.endswith("-lock"):
            with open(os.path.join(directory, name), "rb") as file:
                found[name] = hashlib.sha256(file.read()).hexdigest()
    return found


def boston_daemon():
    """A driven daemon that has lived through the first rows of Boston's quarter."""
    daemon = Daemon(policy=BOSTON, settings=DRIVEN).start()
    table = os.path.join(daemon.directory, "rows.csv")
    packed = os.path.join(BOSTON, "boston311-2011q3.csv.gz")
    unpacked = subprocess.run(["gzip", "-dc", packed], capture_output=True, check=True).stdout.split(b"\n")
    with open(table, "wb") as file:
        file.write(b"\n".join(unpacked[: ROWS + 1]) + b"\n")
    subprocess.run([program("reeve"), "--service", daemon.service, "--timeout", "60000", "import", "--play", table, "--map",
                    os.path.join(BOSTON, "import.yaml"), "--until", "2011-10-01T04:00:00Z"], check=True, capture_output=True, timeout=240)
    return daemon


def check_fidelity(result, least=0.999):
    fidelity = result["rehearsal"]["fidelity"]
    for what in ("due", "unit", "all"):
        true(fidelity[what] >= least * fidelity["cases"], f"{what}: {fidelity}")
    equal(result["rehearsal"]["not_repeated_before"], 0, "commands that could not be repeated")
    return fidelity


def check_sums(result):
    """Parts and wholes of the comparison agree with each other and with the headline."""
    headline = {row["figure"]: row for row in result["headline"]}
    for stream in ("before", "after"):
        notices = headline["notices"][stream]
        equal(sum(row[stream] for row in result["ladders"]), notices, f"notices by ladder, {stream}")
        equal(sum(row[stream] for row in result["audiences"]), notices, f"notices by audience, {stream}")
        late = headline["late"][stream] + headline["open_overdue"][stream]
        for section in ("areas", "categories"):
            equal(sum(row[f"notices_{stream}"] for row in result[section]), notices, f"notices by {section}, {stream}")
            equal(sum(row[f"late_{stream}"] for row in result[section]), late, f"late by {section}, {stream}")
        equal(sum(row[f"cases_{stream}"] for row in result["units"]), headline["reports"][stream], f"cases by unit, {stream}")
        equal(sum(row[f"late_{stream}"] for row in result["units"]), late, f"late by unit, {stream}")
    equal(sum(row["cases"] for row in result["promises"]), headline["reports"]["after"], "promises")
    return headline


def test_boston_and_a_proposal():
    """A few thousand of Boston's cases: rehearsed beside the running daemon, true to the record, and compared with a proposal."""
    daemon = boston_daemon()
    state = os.path.dirname(daemon.state_file("journal.mdb"))
    before = contents(state)["journal.mdb"]  # the archive may still be written, by the daemon itself
    fidelity = check_fidelity(rehearsed("--from", state))
    equal(fidelity["cases"], ROWS, "cases")
    arguments = ("--from", state, "--policy", BOSTON, "--policy", PROPOSAL)
    result = rehearsed(*arguments)
    check_fidelity(result)
    headline = check_sums(result)
    potholes = next(row for row in result["categories"] if row["category"] == "request-for-pothole-repair")
    true(potholes["late_change"] > 0 and potholes["cases_change"] == 0, f"a shorter promise that nobody works for: {potholes}")
    true(headline["late"]["recorded"] == headline["late"]["before"] < headline["late"]["after"], f"late: {headline['late']}")
    true(all(row["due_before"] != row["due_after"] for row in result["cases"] if row["late_before"] != row["late_after"]), "late for another reason")
    equal(contents(state)["journal.mdb"], before, "the journal")
    true(daemon.process.poll() is None and daemon.client().ask("status"), "the daemon goes on")
    for form in ((), ("--json",), ("--all",)):
        equal(rehearse(*arguments, *form).stdout, rehearse(*arguments, *form).stdout, f"the same input gives the same bytes {form}")
    same = rehearsed("--from", state, "--policy", BOSTON)
    equal([row for row in same["headline"] if row["change"]], [], "the same policy changes nothing")
    equal((same["hands"], same["limits"], same["cases"]), ([], [], []), "the same policy moves nothing")


def test_a_copy_of_the_journal():
    """A journal alone in a read-only place is enough; tables are written where they were asked for and nowhere else."""
    policy = busy_policy()
    daemon = busy_daemon(policy)
    daemon.stop()
    state = os.path.dirname(daemon.state_file("journal.mdb"))
    before = contents(state)
    rehearse("--from", state, "--policy", policy)
    equal(contents(state), before, "the state directory")
    place = new_directory()
    shutil.copy(daemon.state_file("journal.mdb"), place)
    tables = os.path.join(new_directory(), "tables")
    rehearse("--from", place, "--policy", policy, "--csv", tables, "--baseline", "recorded")
    equal(os.listdir(place), ["journal.mdb"], "files beside the journal")
    with open(os.path.join(tables, "headline.csv"), encoding="utf-8") as file:
        equal(file.readline().strip(), "figure,words,recorded,before,after,change")


SWITCHES = """
checking: [{category: light}]
calling_back: [{category: light}]
call_attempts: 2
returns: {cap: 2}
extensions: {cap: 1, limit: one_day, promise: true}
suspension: {longest: 30 days}
reminders: {urgent_after: 2, escalate_after: 3}
emergency_numbers: [{number: "911", name: Fire}]
"""


def busy_policy():
    """The small city with everything switched on."""
    directory = os.path.join(new_directory(), "policy")
    shutil.copytree(BENCH, directory)
    with open(os.path.join(directory, "policy.yaml"), "a", encoding="utf-8") as file:
        file.write(SWITCHES)
    return directory


def stricter(policy):
    """The same city, where a signature is due sooner."""
    files = policy_files(policy)
    for file in files:
        if file["name"] == "clocks.yaml":
            file["content"] = file["content"].replace("{clock: sign, limit: one_day}", "{clock: sign, limit: four_hours}\n  - {clock: check, limit: four_hours}")
    return files


def busy_daemon(policy):
    """People do all that people do, over a month."""
    daemon = Daemon(policy=policy, settings=DRIVEN).start()
    client = daemon.client()
    clock = [MONDAY_10]

    def ask(command, hours=1, **fields):
        clock[0] += hours * HOUR_MS
        return client.ask(command, at=clock[0], **fields).get("case")

    def opened(index, **more):
        return ask("submit", **report_of(index, **more))

    cases = [opened(index) for index in range(14)]
    for case in cases[:6]:
        ask("sign", case=case)
    ask("report", case=cases[0], result="a new lamp")
    ask("rework", case=cases[0], reason="it flickers")
    ask("report", case=cases[0], result="another new lamp")
    ask("check", case=cases[0])
    ask("call_back", case=cases[0], contacted=False)
    ask("call_back", case=cases[0], contacted=True, solved=False, satisfied=False, reason="still dark")
    ask("report", case=cases[0], result="a third lamp")
    ask("check", case=cases[0])
    ask("call_back", case=cases[0], contacted=True, solved=True, satisfied=True)
    ask("reopen", case=cases[0], reason="dark again")
    ask("request_return", case=cases[1], reason="not a lamp")
    ask("approve_return", case=cases[1], reason="right")
    ask("transfer", case=cases[2], unit="parks", reason="a tree hides it")
    ask("request_suspension", case=cases[3], reason="a part is missing", until=clock[0] + 80 * HOUR_MS)
    ask("approve_suspension", case=cases[3], until=clock[0] + 80 * HOUR_MS)
    ask("request_suspension", case=cases[4], reason="rain")
    ask("approve_suspension", case=cases[4])
    ask("assist", case=cases[5], assistant="parks", reason="branches")
    ask("assist_report", case=cases[5], assistant="parks", result="cut")
    ask("remind", case=cases[5], reason="still dark")
    ask("remind", case=cases[5], reason="still dark")
    ask("merge", case=cases[6], into=cases[5], reason="the same lamp")
    ask("merge", case=cases[7], into=cases[5], reason="the same lamp")
    ask("unmerge", case=cases[7], reason="another lamp")
    ask("cancel", case=cases[8], reason="a mistake")
    ask("seal", case=cases[9], confidential=True, reason="a witness")
    ask("supervise", case=cases[9], opinion="why so long?")
    ask("supervise_reply", case=cases[9], result="parts")
    ask("supervise_close", case=cases[9])
    ask("recall", case=cases[10], reason="wrong house")
    ask("dispatch", case=cases[10], unit="roads", reason="the right one")
    ask("resume", case=cases[4])
    client.ask("policy_apply", files=stricter(policy), restage=True)
    ask("mute_notices", until=clock[0] + 900 * HOUR_MS, reason="a storm", category="trash")
    gas = opened(20, text="A gas smell in the stairs", category="gas")
    ask("acknowledge", case=gas)
    ask("hand_over", case=gas, emergency="911")
    ask("request_extension", case=cases[11], reason="rain")
    ask("deny", case=cases[11], asked="request_extension", reason="it does not rain")
    ask("request_extension", case=cases[12], reason="rain")
    ask("approve_extension", case=cases[12])
    ask("report", hours=14 * 24, case=cases[11], result="a lamp, at last")
    ask("check", case=cases[11])
    ask("call_back", case=cases[11], contacted=True, solved=True, satisfied=False, reason="too late")
    ask("acknowledge", case=cases[13])
    client.ask("advance", to=clock[0] + 14 * 24 * HOUR_MS)
    return daemon


def test_everything_that_people_do():
    """Returns, suspensions, merges, supervision and the rest: each act is found in the journal and can be done again."""
    policy = busy_policy()
    daemon = busy_daemon(policy)
    state = os.path.dirname(daemon.state_file("journal.mdb"))
    fidelity = check_fidelity(rehearsed("--from", state), least=1)
    equal(fidelity["cases"], 15, "cases")
    equal(rehearsed("--from", state, "--policy", policy)["rehearsal"]["policies_skipped"], 1, "the later adoption gives way to the proposal")
    result = rehearsed("--from", state, "--policy", policy)
    check_sums(result)
    equal(result["not_repeated"], [], "acts that could not be done again")


def test_a_check_that_ends_a_case():
    """Without call-back a check closes the case; that is found in the journal and done again, also where the check is proposed away."""
    policy = busy_policy()
    with open(os.path.join(policy, "policy.yaml"), encoding="utf-8") as file:
        text = file.read()
    with open(os.path.join(policy, "policy.yaml"), "w", encoding="utf-8") as file:
        file.write(text.replace("calling_back: [{category: light}]\n", ""))
    daemon = Daemon(policy=policy, settings=DRIVEN).start()
    client = daemon.client()
    case = client.ask("submit", at=MONDAY_10, **report_of(1))["case"]
    client.ask("sign", at=MONDAY_10 + HOUR_MS, case=case)
    client.ask("report", at=MONDAY_10 + 2 * HOUR_MS, case=case, result="a new lamp")
    client.ask("check", at=MONDAY_10 + 3 * HOUR_MS, case=case)
    equal(client.ask("show", case=case)["state"], "closed")
    state = os.path.dirname(daemon.state_file("journal.mdb"))
    check_fidelity(rehearsed("--from", state), least=1)
    headline = check_sums(rehearsed("--from", state, "--policy", BENCH))
    equal(headline["closed"]["after"], 1, "closed without the check")
    waiting = rehearsed("--from", state, "--policy", busy_policy())
    equal(check_sums(waiting)["closed"]["change"], -1, "under the rules that call back it waits for the call")


def test_overlay_and_mistakes():
    """Later files take the place of earlier ones; a policy with mistakes, a wrong place and a wrong option are told."""
    policy = busy_policy()
    daemon = busy_daemon(policy)
    state = os.path.dirname(daemon.state_file("journal.mdb"))
    overlay = new_directory()
    with open(os.path.join(BENCH, "catalogue.csv"), encoding="utf-8") as file:
        rows = file.read()
    with open(os.path.join(overlay, "catalogue.csv"), "w", encoding="utf-8") as file:
        file.write(rows.replace("light,,,signals,", "light,,,parks,"))
    result = rehearsed("--from", state, "--policy", policy, "--policy", overlay)
    flows = {(row["from"], row["to"]) for row in result["hands"]}
    true(("signals", "parks") in flows, f"flows {flows}")
    check_sums(result)
    with open(os.path.join(overlay, "catalogue.csv"), "a", encoding="utf-8") as file:
        file.write("light,nowhere,,parks,\n")
    said = rehearse("--from", state, "--policy", policy, "--policy", overlay, code=1).stderr.decode()
    true("catalogue.csv:17" in said and "nowhere" in said, said)
    true("journal" in rehearse("--from", overlay, code=1).stderr.decode(), "no journal")
    rehearse("--policy", BENCH, code=2)
    true("reeve-rehearse" in daemon.cli("rehearse", "--help").stdout, "reeve rehearse becomes reeve-rehearse")


if __name__ == "__main__":
    run_tests(globals())
