"""The stories' town with everything switched on, on a driven clock, and a scripted week in it that goes through every event of a
case's life by the command line alone. Used by lifecycle_test.py and figures_test.py."""
import json
import os
import shutil

from harness import TREE, Daemon, equal, new_directory

STORIES = os.path.join(TREE, "tests", "story", "policy")
START = "2026-09-28T02:00:00Z"  # a Monday, 10:00 in Shanghai
SETTINGS = {"daemon": {"clock": "driven", "driven_start": START}}


def full_policy():
    """The town, and over it the files that switch everything on."""
    directory = os.path.join(new_directory(), "policy")
    shutil.copytree(os.path.join(STORIES, "town"), directory)
    shutil.copytree(os.path.join(STORIES, "full"), directory, dirs_exist_ok=True)
    return directory


class Town:
    """One daemon; every step is a call of reeve. People dispatch by hand: no worker is there."""

    def __init__(self):
        self.daemon = Daemon(policy=full_policy(), settings=SETTINGS, workers=()).start()
        self.count = 0

    def cli(self, *arguments):
        return self.daemon.cli(*arguments).stdout.strip()

    def wait(self, duration):
        self.cli("advance", "--by", duration)

    def submit(self, category="manhole", area="370103001", **more):
        """A case's number, as it was printed."""
        self.count += 1
        options = [word for name, value in more.items() for word in (f"--{name}", value)]
        return self.cli("submit", "--source", "web", "--ref", f"T{self.count}", "--text", "井盖没了", "--category", category, "--area", area, *options)

    def dispatched(self, unit="works", signed=False, **more):
        number = self.submit(**more)
        self.cli("triage", number, "--category", more.get("category", "manhole"))
        self.wait("7m")
        self.cli("dispatch", number, "--unit", unit)
        if signed:
            self.wait("11m")
            self.cli("unit", "sign", number)
        return number

    def reported(self, **more):
        number = self.dispatched(signed=True, **more)
        self.wait("31m")
        self.cli("unit", "report", number, "--result", "换了")
        return number

    def show(self, number):
        return json.loads(self.cli("case", "show", "--json", number))

    def events(self, number):
        return [event["event"] for event in json.loads(self.cli("case", "timeline", "--json", number))["events"]]

    def state(self, number, wanted):
        equal(self.show(number)["state"], wanted, f"state of {number}")


def returned(town):
    """Return, denied and approved; another unit; at the cap the dispatch is final."""
    number = town.dispatched()
    town.cli("unit", "return", number, "--reason", "不归我管", "--code", "N1")
    town.cli("deny", number, "return", "--reason", "归你管")
    town.cli("unit", "return", number, "--reason", "真的不归我管")
    town.wait("20m")
    town.cli("approve", number, "return", "--reason", "好")
    town.state(number, "triaged")
    town.cli("dispatch", number, "--unit", "water-group")
    town.cli("unit", "return", number, "--reason", "也不归我管")
    town.cli("approve", number, "return")
    town.cli("dispatch", number, "--unit", "works")
    refused = town.daemon.cli("unit", "return", number, "--reason", "再来", check=False)
    equal((refused.returncode, "cannot_return" in refused.stderr), (1, True), "a final dispatch cannot be returned")
    return number


def extended(town):
    number = town.dispatched(signed=True)
    town.cli("unit", "extend", number, "--reason", "缺零件")
    town.cli("approve", number, "extension")
    town.cli("unit", "report", number, "--result", "换了")
    return number


def suspended(town):
    """One goes on by hand and is closed; one stays suspended over its promise."""
    first, second = town.dispatched(signed=True, category="water"), town.dispatched(unit="water-group")
    for number in (first, second):
        town.cli("unit", "suspend", number, "--reason", "等材料", "--until", "2026-10-20T09:00")
        town.cli("approve", number, "suspension")
        town.state(number, "suspended")
    town.wait("26h")
    town.cli("resume", first, "--reason", "到了")
    town.cli("unit", "report", first, "--result", "修好")
    return first, second


def passed_on(town):
    number = town.dispatched()
    town.wait("5h")
    town.cli("transfer", number, "--unit", "urban-order", "--reason", "归城管")
    town.cli("unit", "sign", number)
    town.cli("recall", number, "--reason", "还是不对")
    town.state(number, "triaged")
    town.cli("dispatch", number, "--unit", "works")
    return number


def assisted(town):
    number = town.dispatched(signed=True, category="street-light")
    town.cli("assist", number, "--unit", "urban-order", "--reason", "围挡")
    town.cli("unit", "assist-report", number, "--unit", "urban-order", "--result", "围好了")
    town.cli("assist", number, "--unit", "water-group")
    return number


def called_back(town):
    """Checked, reworked, not reached, not solved, and then content; another one is not."""
    number = town.reported()
    town.cli("rework", number, "--reason", "没盖严")
    town.state(number, "in_progress")
    town.cli("unit", "report", number, "--result", "盖严了")
    town.cli("check", number)
    town.state(number, "calling_back")
    town.cli("call-back", number, "--contacted", "no")
    town.cli("call-back", number, "--contacted", "yes", "--solved", "no", "--satisfied", "no")
    town.state(number, "in_progress")
    town.cli("unit", "report", number, "--result", "又换了")
    town.cli("check", number)
    town.cli("call-back", number, "--contacted", "yes", "--solved", "yes", "--satisfied", "yes")
    town.state(number, "closed")
    other = town.reported()
    town.cli("check", other)
    town.cli("call-back", other, "--contacted", "yes", "--solved", "yes", "--satisfied", "no")
    silent = town.reported()
    town.cli("check", silent)
    town.cli("call-back", silent, "--contacted", "no")
    town.cli("call-back", silent, "--contacted", "no")
    town.state(silent, "closed")
    town.cli("reopen", silent, "--reason", "又坏了")
    return number, other, silent


def watched(town):
    """Reminders, a supervision record, a confidential case."""
    number = town.dispatched(category="noise", unit="urban-order")
    for _ in range(3):
        town.wait("2m")
        town.cli("remind", number, "--reason", "还在吵")
    town.cli("supervise", "open", number, "--opinion", "尽快", "--until", "2026-10-28T09:00")
    town.cli("supervise", "reply", number, "--result", "今晚去")
    town.cli("supervise", "close", number)
    town.cli("seal", number, "--reason", "举报人")
    hidden = town.daemon.cli("case", "show", number, check=False)
    equal((hidden.returncode, "sealed" in hidden.stderr), (1, True), "a confidential case is not for everybody")
    town.cli("seal", number, "--open")
    return number


def merged(town):
    """Two into one; one is taken apart again; the other's caller is called back when the work is done."""
    master, first, second = town.dispatched(signed=True), town.submit(), town.submit()
    town.cli("merge", first, "--into", master, "--reason", "同一个井盖")
    town.cli("merge", second, "--into", master)
    town.cli("unmerge", second)
    town.state(second, "triaged")
    town.cli("unit", "report", master, "--result", "换了")
    town.cli("check", master)
    town.cli("call-back", master, "--contacted", "yes", "--solved", "yes", "--satisfied", "yes")
    town.wait("1m")
    town.state(first, "calling_back")
    town.cli("call-back", first, "--contacted", "yes", "--solved", "yes", "--satisfied", "yes")
    town.state(first, "closed")
    return master, first, second


def ended_otherwise(town):
    void, fire, advice = town.submit(), town.submit(), town.submit(category="advice", kind="consultation")
    town.cli("cancel", void, "--reason", "误操作")
    town.cli("hand-over", fire, "--emergency", "119")
    town.cli("answer", advice, "--result", "早九晚五")
    rejected = town.submit()
    town.cli("reject", rejected, "--reason", "不在本市")
    return void, fire, advice, rejected


def not_admitted(town):
    """A department's own task: with an admission record it becomes a case, without one it is refused."""
    task = ("submit", "--source", "office", "--text", "巡查", "--category", "litter", "--department", "urban-order")
    number = town.cli(*task, "--ref", "1", "--area", "370102001")
    equal(town.show(number).get("admission"), "A-2026-1")
    refused = town.daemon.cli(*task, "--ref", "2", "--area", "370103001", check=False)
    equal((refused.returncode, "not_admitted" in refused.stderr), (1, True), refused.stderr)
    return number


def muted(town):
    town.cli("mute", "set", "--until", "2026-10-28T09:00", "--reason", "台风", "--area", "370102")
    mutes = json.loads(town.cli("mute", "list", "--json"))["mutes"]
    equal(len(mutes), 1, "mutes in force")
    town.cli("mute", "end", str(mutes[0]["mute"]), "--reason", "过去了")
    equal(json.loads(town.cli("mute", "list", "--json")).get("mutes", []), [], "mutes in force")


def play(town):
    """Everything, over some days. Returns the cases by story."""
    cases = {}
    for story in (returned, extended, suspended, passed_on, assisted, called_back, watched, merged, ended_otherwise, not_admitted):
        cases[story.__name__] = story(town)
        town.wait("3h")
    muted(town)
    town.wait("4d")
    return cases
