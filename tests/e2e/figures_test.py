#!/usr/bin/python3
"""reeve report: its figures are those that an independent recount of the raw journal finds, in every format and for every group.

The recount is tests/figures_oracle/naive.py: no code of Reeve, each figure by looking through all events of each case.
"""
import collections
import csv
import gzip
import html.parser
import io
import itertools
import json
import os
import subprocess
import sys

from harness import HERE, SHORT, TREE, Daemon, equal, new_directory, run_tests, true
from town import Town, play

ORACLE = os.path.join(HERE, "..", "figures_oracle", "naive.py")
BOSTON = os.path.join(TREE, "examples", "boston")
ROWS = 300 if SHORT else 1200
UNTIL = "2011-07-12T04:00:00Z"
BY = ("unit", "area", "category", "first-contact")


class Recount:
    """A journal as JSON lines, against which reports are held."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.directory = new_directory()
        self.journal = self.write("journal", daemon.cli("--json", "journal", "print").stdout)

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def agrees(self, *options, cases=None):
        """One report, and the cases behind one of its figures."""
        told = self.daemon.cli("report", *options, "--format", "json").stdout
        arguments = [sys.executable, ORACLE, self.journal, self.write("report", told)]
        if cases:
            listed = self.daemon.cli("report", *options, "--format", "json", "--cases", cases).stdout
            arguments += [self.write("cases", listed), cases]
        found = subprocess.run(arguments, capture_output=True, text=True, check=False)
        equal(found.returncode, 0, f"report {' '.join(options)} {cases or ''}:\n{found.stdout[-3000:]}{found.stderr[-3000:]}\nexit")
        return json.loads(told)


def test_every_event():
    """The scripted week, in which every event of a case's life happens: by each grouping, whole and in parts, with the cases behind."""
    town = Town()
    play(town)
    recount = Recount(town.daemon)
    whole = {}
    for by in BY:
        whole[by] = recount.agrees("--from", "2026-09-28", "--by", by)
    total = whole["unit"]["total"]
    for figure in ("returns", "transfers", "recalls", "extensions", "suspensions", "reworks", "redos", "reopens", "reminders", "supervisions", "merged",
                   "escalations", "not_admitted", "rejected", "handed_over", "voided", "due_paused", "paused", "late", "on_time", "opened"):
        true(total[figure] > 0, f"the week has no {figure}")
    for share in ("response_rate", "resolution_rate", "satisfaction_rate", "confirmation_rate", "on_time_rate"):
        true(0 < total[share]["part"] < total[share]["whole"], f"{share} is not between: {total[share]}")
    for by in BY:
        equal(whole[by]["total"], total, f"the sum does not depend on the grouping, {by}")
        for figure in ("opened", "late", "returns", "passing", "red", "escalations"):
            equal(sum(group["figures"][figure] for group in whole[by]["groups"]), total[figure], f"groups of {by} make up all {figure}")
    equal(total["passing"], total["returns"] + total["transfers"])
    equal(total["open"], sum(total[light] for light in ("green", "yellow", "red", "paused", "unpromised")))
    for figure in ("late:works", "passing", "on_time_rate:works", "time_in_progress", "returns", "red", "opened:works", "reopens", "rated", "not_admitted"):
        recount.agrees("--from", "2026-09-28", cases=figure)
    recount.agrees("--month", "2026-09", "--by", "area", "--depth", "2", "--rank", "passing", cases="opened:3701/370103")
    recount.agrees("--month", "2026-09", "--zone", "America/New_York", "--rank", "time_total")
    recount.agrees("--from", "2026-09-28T15:00", "--to", "2026-09-29T11:11:11", "--rank", "late")


def test_the_past_stays():
    """What a period's report says does not change with what happens after it; a month's cases are those that fall due in it."""
    town = Town()
    kept, missed = town.dispatched(signed=True), town.dispatched()
    town.cli("unit", "report", kept, "--result", "换了")
    town.cli("check", kept)
    town.cli("call-back", kept, "--contacted", "yes", "--solved", "yes", "--satisfied", "yes")
    town.wait("3d")
    period = ("report", "--from", "2026-09-28", "--to", "2026-09-30", "--format", "json")
    before = town.cli(*period)
    town.cli("reopen", kept, "--reason", "又坏了")
    town.cli("cancel", missed, "--reason", "误操作")
    town.wait("10d")
    equal(town.cli(*period), before, "the report of a period that is over")
    figures = json.loads(before)
    equal((figures["complete"], figures["total"]["due"], figures["total"]["on_time"], figures["total"]["late"]), (True, 2, 1, 1))
    october = json.loads(town.cli("report", "--month", "2026-10", "--format", "json"))["total"]
    equal((october["due"], october["opened"], october["reopens"], october["voided"]), (0, 0, 1, 1), "October has nothing that fell due")
    rows = [json.loads(line) for line in town.cli("report", "--month", "2026-09", "--cases", "late:works", "--format", "json").splitlines()]
    equal([row["case"] for row in rows], [missed], "late cases of September, as September ended")


def test_boston():
    """The city's real requests of the first days, with nearly two weeks of clocks, played on a driven clock: by department, district and type."""
    daemon = Daemon(settings={"daemon": {"clock": "driven", "driven_start": "2011-07-01T04:00:00Z", "log_level": "notice"},
                              "limits": {"past_ms": 315360000000}}, policy=BOSTON).start()
    with gzip.open(os.path.join(BOSTON, "boston311-2011q3.csv.gz"), "rt", encoding="utf-8", newline="") as file:
        rows = list(itertools.islice(csv.reader(file), ROWS + 1))
    table = os.path.join(daemon.directory, "rows.csv")
    with open(table, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    daemon.cli("--timeout", "60000", "import", "--play", table, "--map", os.path.join(BOSTON, "import.yaml"), "--until", UNTIL)
    recount = Recount(daemon)
    figures = recount.agrees("--month", "2011-07", "--depth", "1", cases="late:PWDx")
    true(figures["total"]["opened"] == ROWS and figures["total"]["due"] > ROWS / 10, f"only {figures['total']['opened']} cases")
    recount.agrees("--from", "2011-07-02", "--to", "2011-07-07T12:34:56", "--by", "area", "--rank", "response_rate", cases="response_rate")
    recount.agrees("--month", "2011-07", "--by", "category", "--rank", "time_in_progress", cases="red")
    equal(figures["complete"], False, "July is not over at that time")


class Page(html.parser.HTMLParser):
    """Tags that open and close, and everything that would make a browser ask somebody."""

    VOID = {"meta"}

    def __init__(self):
        super().__init__()
        self.stack, self.asks, self.count, self.text = [], [], collections.Counter(), []

    def handle_starttag(self, tag, attributes):
        self.count[tag] += 1
        self.asks += [f"{tag} {name}" for name, _ in attributes if name in ("src", "href", "srcset", "action", "data")]
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.count[tag] += 1

    def handle_endtag(self, tag):
        equal(self.stack.pop() if self.stack else None, tag, f"end of <{tag}> at {self.getpos()}")

    def handle_data(self, data):
        self.text.append(data)


def test_formats():
    """CSV and the page hold the numbers of the JSON; the page asks nobody for anything, and its charts can be read without seeing them."""
    town = Town()
    play(town)
    period = ("--from", "2026-09-28", "--by", "unit")
    figures = json.loads(town.cli("report", *period, "--format", "json"))
    rows = list(csv.DictReader(io.StringIO(town.cli("report", *period, "--format", "csv"))))
    equal([row["unit"] for row in rows], [group["group"] for group in figures["groups"]] + ["all"])
    for row, group in zip(rows, [group["figures"] for group in figures["groups"]] + [figures["total"]]):
        equal(int(row["late"]), group["late"])
        equal(row["on_time_rate"], f"{group['on_time_rate']['rate']:.4f}" if group["on_time_rate"]["whole"] else "")
        equal(row["time_total_p90_ms"], str(group["time_total"].get("p90_ms", "")))
    path = os.path.join(town.daemon.directory, "page.html")
    town.cli("report", *period, "--format", "html", "--out", path)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    page = Page()
    page.feed(text)
    equal((page.stack, page.asks), ([], []), "open tags and requests")
    for outside in ("http:", "https:", "url(", "@import"):
        true(outside not in text, f"the page has {outside}")
    equal((page.count["svg"], page.count["title"] >= page.count["svg"] + 1, page.count["desc"]), (4, True, 4), "charts with title and description")
    for word in ("市政公用局", "按期办结率", "works"):
        true(word in "".join(page.text), f"{word} is not on the page")
    shown = town.cli("report", *period)
    true("市政公用局" in shown and "passing" in shown, shown)
    true(town.cli("report", *period, "--cases", "returns").count("\n") == 2, "two returns are behind the figure")


def test_mistakes():
    """Wrong periods, figures and formats are said before anything is read."""
    town = Town()
    for arguments, said in ((("--month", "2026-13"), "a month like"), (("--month", "2026-09", "--from", "2026-09-01"), "stands alone"),
                            (("--from", "2026-09-30", "--to", "2026-09-01"), "ends before it begins"), (("--from", "soon"), "a time like"),
                            (("--by", "moon"), "unit, area, category"), (("--rank", "beauty"), "no figure"), (("--format", "pdf"), "table, csv"),
                            (("--cases", "beauty"), "no figure"), (("--depth", "-1"), "whole number"), (("--zone", "Mars/Base"), "no such zone")):
        result = town.daemon.cli("report", *arguments, check=False)
        equal(result.returncode, 2, f"exit of {arguments}: {result.stderr}")
        true(said in result.stderr, f"{arguments} says {result.stderr!r} and not {said!r}")
    future = town.daemon.cli("report", "--month", "2030-01", check=False)
    equal((future.returncode, "not begun" in future.stderr), (1, True), future.stderr)
    equal(json.loads(town.cli("report", "--format", "json"))["total"]["opened"], 0, "a city without cases")
    town.cli("report", "--format", "html")


if __name__ == "__main__":
    run_tests(globals())
