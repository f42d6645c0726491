#!/usr/bin/python3
"""Policies in a living daemon, through the reeve program: what an adoption changes is shown before it holds, versions are kept, one goes back
by adopting an old one again, and what stands in the journal says who wanted it and why."""
import json
import os
import pty
import shutil

from harness import TREE, Daemon, equal, new_directory, policy_files, program, report_of, run_tests, true

BOSTON = os.path.join(TREE, "examples", "boston")


def changed_policy(**replaced):
    """A copy of Boston's policy with some text replaced: {file: (old, new)}."""
    directory = os.path.join(new_directory(), "policy")
    shutil.copytree(BOSTON, directory, ignore=shutil.ignore_patterns("*.gz", "*.md", "*.py"))
    for name, (old, new) in replaced.items():
        path = os.path.join(directory, name.replace("_", "."))
        with open(path, encoding="utf-8") as file:
            text = file.read()
        true(old in text, f"{name} holds {old!r}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new, 1))
    return directory


def test_apply_shows_what_changes():
    """The first adoption tells no changes; the second tells each once, and a dry run adopts nothing."""
    daemon = Daemon(workers=()).start()
    first = daemon.cli("policy", "apply", BOSTON, check=False)
    true("the first policy: all of it is new" in first.stdout and "added" not in first.stdout, first.stdout)
    first = daemon.cli("policy", "apply", BOSTON, "--yes", "--reason", "to begin with")
    true("adopted as version 1" in first.stdout, first.stdout)
    true("the first policy: all of it is new" in first.stdout, first.stdout)
    true("0 added, 0 removed, 0 changed" in daemon.cli("policy", "apply", BOSTON, check=False).stdout, "nothing is changed")
    fresh = changed_policy(policy_yaml=("reopen_window: 30 days", "reopen_window: 21 days"), duties_csv=("boston,director,", "boston,mayor,"))
    shown = daemon.cli("policy", "apply", fresh, check=False)  # nobody at a terminal: told, not adopted
    equal(shown.returncode, 2)
    for line in ("~ policy.yaml: settings: reopen_window: 30 days -> 21 days", "+ duties.csv: mayor in boston: name: Director of city services",
                 "- duties.csv: director in boston: name: Director of city services", "1 added, 1 removed, 1 changed"):
        true(line in shown.stdout.splitlines(), f"{line} in {shown.stdout}")
    equal(daemon.client().ask("policy_read")["policy"], 1)
    daemon.cli("policy", "apply", fresh, "--yes", "--clocks", "restage")
    equal(daemon.client().ask("policy_read")["policy"], 2)


def at_a_terminal(daemon, answer, *arguments):
    """Runs the program at a pseudo-terminal and answers its question; exit status and what was on the screen."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(REEVE_SERVICE=daemon.service, LC_ALL="C.UTF-8")
        os.execv(program("reeve"), ["reeve", *arguments])
    screen = b""
    while b"[y/N]" not in screen:
        screen += os.read(terminal, 4096)
    os.write(terminal, answer.encode() + b"\n")
    try:
        while chunk := os.read(terminal, 4096):
            screen += chunk
    except OSError:  # the other side is closed
        pass
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), screen.decode()


def test_nothing_is_adopted_without_a_yes():
    """At a terminal the changes are shown and a question asked; anything but yes leaves the policy as it is."""
    daemon = Daemon(policy=BOSTON, workers=()).start()
    fresh = changed_policy(policy_yaml=("warn: 80", "warn: 70"))
    status, screen = at_a_terminal(daemon, "n", "policy", "apply", fresh)
    equal(status, 1)
    true("~ policy.yaml: settings: warn: 80 -> 70" in screen, screen)
    equal(daemon.client().ask("policy_read")["policy"], 1)
    status, screen = at_a_terminal(daemon, "y", "policy", "apply", fresh)
    equal(status, 0)
    true("adopted as version 2" in screen, screen)
    equal(screen.count("warn: 80 -> 70"), 1, "the changes are shown once")


def test_versions_are_kept():
    """versions lists them newest first; back adopts the old files as a new version, byte for byte."""
    daemon = Daemon(workers=()).start()
    daemon.cli("--actor", "ann", "policy", "apply", BOSTON, "--yes", "--reason", "to begin with")
    daemon.cli("--actor", "ben", "policy", "apply", changed_policy(policy_yaml=("warn: 80", "warn: 70")), "--yes", "--clocks", "restage")
    true("adopted as version 3" in daemon.cli("--actor", "ann", "policy", "back", "1", "--yes").stdout, "back to 1")
    daemon.kill()
    daemon.start()
    rows = json.loads(daemon.cli("--json", "policy", "versions").stdout)["versions"]
    equal([row["policy"] for row in rows], [3, 2, 1])
    equal([row["actor"] for row in rows], ["ann", "ben", "ann"])
    equal([row.get("restage", False) for row in rows], [False, True, False])
    equal([row.get("reason") for row in rows], ["back to version 1", None, "to begin with"])
    equal(len({row["hash"] for row in rows}), 3)
    client = daemon.client()
    equal(client.ask("policy_read", policy=3)["files"], client.ask("policy_read", policy=1)["files"])
    equal(len(client.ask("policy_list", count=2)["versions"]), 2)
    table = daemon.cli("policy", "versions").stdout.splitlines()
    equal(len(table), 4)
    true(table[1].split()[0] == "3" and "back to version 1" in table[1], table[1])
    equal(daemon.cli("policy", "back", "9", "--yes", check=False).returncode, 1)
    equal(daemon.cli("policy", "back", "x", "--yes", check=False).returncode, 2)
    equal(daemon.cli("policy", "apply", BOSTON, "--yes", "--clocks", "maybe", check=False).returncode, 2)


def test_only_needed_versions_are_held():
    """Of fifty versions memory holds the newest and those by which the clocks of open cases were set, also after a restart; explain and a reopened case
    get theirs back."""
    daemon = Daemon(workers=()).start()
    client = daemon.client("admin")
    files = [{**file} for file in policy_files(os.path.join(TREE, "bench", "policy"))]
    first = [file for file in files if file["name"] == "policy.yaml"][0]
    content = first["content"]

    def adopt(count):
        for number in range(count):
            first["content"] = content + f"# {number}\n"
            client.ask("policy_apply", files=files)

    def held():
        return client.figures()["policies_held"]

    adopt(10)
    equal(held(), 1)
    number = client.ask("submit", **report_of(1))["case"]
    adopt(20)
    other = client.ask("submit", **report_of(2))["case"]
    adopt(20)
    equal(held(), 3)
    client.ask("close", case=number, outcome="solved", reason="done")
    told = client.ask("explain", case=number)["clocks"]
    client.close()
    daemon.kill()
    daemon.start()
    client = daemon.client("admin")
    equal(held(), 2)
    equal(client.ask("explain", case=number)["clocks"], told)
    true(any(clock["policy"] == 10 and clock["intervals"] for clock in told), told)
    equal(held(), 2)
    client.ask("reopen", case=number, reason="still dark")
    equal(held(), 3)
    client.ask("close", case=other, outcome="solved", reason="done")
    client.ask("close", case=number, outcome="solved", reason="done")
    current = client.ask("hello")["seq"]
    client.ask("list", count=1, min_seq=current)
    client.ask("list", count=1, min_seq=client.ask("hello")["seq"])
    adopt(2)  # with the first round closed cases leave memory, with the second their policies
    equal((held(), client.ask("status")["policy"]), (1, 52))


def test_check_warns():
    """A rule that can never match, and an area without a unit for a category, are told with file and line; they do not keep a policy out."""
    daemon = Daemon(workers=()).start()
    twice = changed_policy(clocks_yaml=("  - {clock: sign, limit: 5-working-days}", "  - {clock: sign, limit: 5-working-days}\n  - {clock: sign, urgency: 4, limit: 30-days}"))
    found = daemon.cli("policy", "check", twice).stdout
    true("this row can never match: clocks.yaml:" in found, found)
    true("can be adopted" in found, found)


if __name__ == "__main__":
    run_tests(dict(globals()))
