#!/usr/bin/python3
"""The figures of docs/FIGURES.md once more, from the raw journal, as plainly as can be: each figure by a function of its own that
looks through a case's whole list of events. Shares no code with Reeve; slow and obvious on purpose.

usage: naive.py JOURNAL.jsonl REPORT.json [CASES.jsonl FIGURE[:GROUP]]
REPORT.json is what `reeve report --format json` printed; its period, grouping and depth are taken from it. Prints every
difference, exit 1 when there is any.
"""
import collections
import datetime
import fractions
import json
import sys
import zoneinfo

MOVES = {
    "case_opened": "received", "case_triaged": "triaged", "case_returned": "triaged", "case_recalled": "triaged",
    "case_reopened": "triaged", "case_unmerged": "triaged", "case_dispatched": "dispatched", "case_transferred": "dispatched",
    "case_signed": "in_progress", "case_resumed": "in_progress", "case_reworked": "in_progress", "case_redone": "in_progress",
    "case_suspended": "suspended", "case_checked": "calling_back", "call_back_due": "calling_back",
    "case_closed": "closed", "case_merged": "closed",
}
SIMPLE = {
    "opened": "case_opened", "returns": "case_returned", "transfers": "case_transferred", "recalls": "case_recalled",
    "extensions": "clock_extended", "suspensions": "case_suspended", "reworks": "case_reworked", "redos": "case_redone",
    "reopens": "case_reopened", "reminders": "case_reminded", "supervisions": "supervision_opened", "escalations": "case_escalated",
    "unanswered": "escalation_unanswered", "merged": "case_merged",
}
SHARES = {"resolution_rate": ("resolved", "settled"), "response_rate": ("responded", "sign_due"), "on_time_rate": ("on_time", "due"),
          "satisfaction_rate": ("satisfied", "rated"), "confirmation_rate": ("confirmed", "told")}
STAGES = ["received", "triaged", "dispatched", "in_progress", "suspended", "reported", "calling_back"]
LESS = {"late", "returns", "transfers", "passing", "recalls", "extensions", "suspensions", "reworks", "redos", "reopens", "reminders",
        "supervisions", "escalations", "unanswered", "yellow", "red"}

Fact = collections.namedtuple("Fact", "figure case at unit took")


def milliseconds(text):
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(milliseconds=1)


def time_of(event, name="at"):
    return milliseconds(event[name])


def state_after(events):
    """Where these events, from a case's first on, leave it."""
    state = None
    for event in events:
        if event["event"] == "case_reported":
            state = event["state"]
        else:
            state = MOVES.get(event["event"], state)
    return state


def lead_after(events):
    for event in reversed(events):
        if event["event"] in ("case_returned", "case_recalled"):
            return ""
        if event["event"] in ("case_dispatched", "case_transferred"):
            return event["unit"]
    return ""


def last_of(events, *names):
    found = [event for event in events if event["event"] in names]
    return found[-1] if found else None


def promise_of(events):
    """(due, warn) in milliseconds, or None."""
    promise = None
    for event in events:
        if event["event"] in ("case_opened", "case_triaged") and "limit" in event:
            promise = (time_of(event, "due"), time_of(event, "warn")) if event["limit"] else None
        elif event["event"] in ("clock_extended", "case_resumed") and "due" in event:
            promise = (time_of(event, "due"), time_of(event, "warn"))
    return promise


def simple_facts(case, events):
    for figure, name in SIMPLE.items():
        for index, event in enumerate(events):
            if event["event"] == name:
                unit = lead_after(events if figure == "opened" else events[:index])
                yield Fact(figure, case, time_of(event), unit, None)


def signature_facts(case, events):
    """Each dispatch with a signature's clock, and the first event that ends it."""
    for index, event in enumerate(events):
        if event["event"] not in ("case_dispatched", "case_transferred") or "sign_due" not in event:
            continue
        due, unit, counts, met = time_of(event, "sign_due"), event["unit"], True, False
        for later in events[index + 1:]:
            name, in_time = later["event"], time_of(later) <= due
            if name in ("case_signed", "case_reported", "case_suspended") or \
                    (name == "case_closed" and later["outcome"] in ("solved", "answered")):
                met = in_time
                break
            if name in ("case_closed", "case_merged", "case_returned", "case_recalled", "case_transferred"):
                counts = not in_time
                break
        if counts:
            yield Fact("sign_due", case, due, unit, None)
            if met:
                yield Fact("responded", case, due, unit, None)


def call_back_facts(case, events):
    for index, event in enumerate(events):
        at, unit = time_of(event), lead_after(events[:index])
        if event["event"] == "case_closed" and event.get("contacted"):
            if "solved" in event:
                yield Fact("told", case, at, unit, None)
                if event["solved"]:
                    yield Fact("confirmed", case, at, unit, None)
        elif event["event"] == "case_redone":
            yield Fact("told", case, at, unit, None)
        else:
            continue
        if "satisfied" in event:
            yield Fact("rated", case, at, unit, None)
            if event["satisfied"]:
                yield Fact("satisfied", case, at, unit, None)


def stage_facts(case, events):
    entered = None
    for index, event in enumerate(events):
        before, after = state_after(events[:index]), state_after(events[:index + 1])
        if before == after and event["event"] != "case_transferred":
            continue
        if before in STAGES:
            yield Fact("time_" + before, case, time_of(event), lead_after(events[:index]), time_of(event) - entered)
        entered = time_of(event)


def closing_facts(case, events):
    if state_after(events) != "closed":
        return
    closing, unit = last_of(events, "case_closed", "case_merged"), lead_after(events)
    at, outcome = time_of(closing), closing["outcome"]
    if outcome == "void":
        yield Fact("voided", case, at, unit, None)
    if outcome in ("void", "merged"):
        return
    yield Fact("closed", case, at, unit, None)
    yield Fact("time_total", case, at, unit, at - time_of(events[0], "reported_at"))
    if outcome in ("rejected", "handed_over"):
        yield Fact(outcome, case, at, unit, None)
    if outcome != "handed_over":
        yield Fact("settled", case, at, unit, None)
        if outcome in ("solved", "answered") and closing.get("solved", True):
            yield Fact("resolved", case, at, unit, None)


def promise_facts(case, events):
    promise, state, unit = promise_of(events), state_after(events), lead_after(events)
    closing = last_of(events, "case_closed", "case_merged")
    if not promise or (state == "closed" and closing["outcome"] in ("void", "merged")):
        return
    due = promise[0]
    if state == "suspended" and time_of(last_of(events, "case_suspended")) <= due:
        yield Fact("due_paused", case, due, unit, None)
        return
    yield Fact("due", case, due, unit, None)
    kept = state == "closed" and time_of(closing) <= due
    yield Fact("on_time" if kept else "late", case, due, unit, None)


def open_facts(case, events, end):
    state, promise, unit = state_after(events), promise_of(events), lead_after(events)
    if state == "closed":
        return
    if state == "suspended":
        light = "paused"
    elif not promise:
        light = "unpromised"
    else:
        light = "red" if end > promise[0] else "yellow" if end >= promise[1] else "green"
    yield Fact("open", case, end - 1, unit, None)
    yield Fact(light, case, end - 1, unit, None)


class Recount:
    def __init__(self, journal, report):
        self.start, self.end = milliseconds(report["from"]), milliseconds(report["to"])
        self.by, self.depth = report["by"], report["depth"]
        self.cases = collections.OrderedDict()
        self.facts = []
        for line in journal:
            event = json.loads(line)
            if event["event"] == "command_refused":
                if event["error"] == "not_admitted" and self.start <= time_of(event) < self.end:
                    self.facts.append(Fact("not_admitted", None, time_of(event), event.get("department", ""), None))
            elif "case" in event and time_of(event) < self.end:
                self.cases.setdefault(event["case"], []).append(event)
        self.cases = {case: events for case, events in self.cases.items() if events[0]["event"] == "case_opened"}
        self.facts += [fact for case, events in self.cases.items() for fact in self.facts_of(case, events) if self.start <= fact.at < self.end]
        self.groups = collections.defaultdict(list)
        for fact in self.facts:
            self.groups[self.group_of(fact)].append(fact)

    def facts_of(self, case, events):
        yield from simple_facts(case, events)
        yield from signature_facts(case, events)
        yield from call_back_facts(case, events)
        yield from stage_facts(case, events)
        yield from closing_facts(case, events)
        yield from promise_facts(case, events)
        yield from open_facts(case, events, self.end)

    def group_of(self, fact):
        events = self.cases.get(fact.case)
        if events is None and self.by != "unit":
            return ""
        if self.by == "unit":
            name = fact.unit
        elif self.by == "area":
            name = last_of(events, "case_opened", "case_triaged")["path"]
        elif self.by == "category":
            known = [event["category"] for event in events if event["event"] in ("case_opened", "case_triaged") and "category" in event]
            name = known[-1] if known else ""
        else:
            known = [event["first_contact"] for event in events if "first_contact" in event]
            name = known[-1] if known else ""
        return "/".join(name.split("/")[:self.depth]) if self.depth else name

    @staticmethod
    def count(facts, figure):
        if figure == "passing":
            return Recount.count(facts, "returns") + Recount.count(facts, "transfers")
        return sum(1 for fact in facts if fact.figure == figure)

    @staticmethod
    def times(facts, figure):
        times = sorted(fact.took for fact in facts if fact.figure == figure)
        def rank(tenths):
            """The smallest time that at least so many tenths of all do not exceed."""
            return next(time for index, time in enumerate(times) if (index + 1) * 10 >= tenths * len(times))
        return {"count": len(times), **({"median_ms": rank(5), "p90_ms": rank(9)} if times else {})}

    def figure(self, facts, figure):
        if figure.startswith("time_"):
            return self.times(facts, figure)
        if figure in SHARES:
            part, whole = (self.count(facts, each) for each in SHARES[figure])
            rate = {"rate": float(int(fractions.Fraction(part * 10000, whole) + fractions.Fraction(1, 2))) / 10000} if whole else {}
            return {"part": part, "whole": whole, **rate}
        return self.count(facts, figure)

    def week_start(self, at, zone):
        """The Monday midnight before, not before the period."""
        local = datetime.datetime.fromtimestamp(at // 1000, zone)
        monday = datetime.datetime.combine(local.date() - datetime.timedelta(days=local.weekday()), datetime.time(), zone)
        return max(self.start, int(monday.timestamp()) * 1000)

    def weeks(self, zone):
        found = collections.defaultdict(collections.Counter)
        for fact in self.facts:
            found[self.week_start(fact.at, zone)][fact.figure] += 1
        return found


def rank_key(figure, value):
    """Smaller is better; None: not known."""
    if figure.startswith("time_"):
        return value.get("median_ms")
    if figure in SHARES:
        return -fractions.Fraction(value["part"], value["whole"]) if value["whole"] else None
    return value if figure in LESS else -value


def differences(recount, report):
    def compare(where, figures, facts):
        for name, told in figures.items():
            found = recount.figure(facts, name)
            if found != told:
                yield f"{where}: {name}: the report says {told}, the journal {found}"
    yield from compare("total", report["total"], recount.facts)
    told = {group["group"]: group for group in report["groups"]}
    for name in sorted(set(told) ^ set(recount.groups)):
        yield f"group {name!r} is only in the {'report' if name in told else 'journal'}"
    keys = {}
    for name in sorted(set(told) & set(recount.groups)):
        yield from compare(name or "(none)", told[name]["figures"], recount.groups[name])
        keys[name] = rank_key(report["rank"], recount.figure(recount.groups[name], report["rank"]))
    for name, key in keys.items():
        position = 0 if key is None else 1 + sum(1 for other in keys.values() if other is not None and other < key)
        if position != told[name]["position"]:
            yield f"{name or '(none)'}: position {told[name]['position']}, the journal says {position}"
    weeks = recount.weeks(zoneinfo.ZoneInfo(report["zone"]))
    starts = [milliseconds(week["from"]) for week in report["weeks"]]
    for start in set(weeks) - set(starts):
        yield f"no week begins at {start}"
    for week, start in zip(report["weeks"], starts):
        for figure in ("opened", "closed", "due", "on_time", "late"):
            if week[figure] != weeks[start][figure]:
                yield f"week {week['from']}: {figure}: the report says {week[figure]}, the journal {weeks[start][figure]}"


def case_differences(recount, rows, wanted):
    """The cases behind a figure: the same facts, as often."""
    figure, _, group = wanted.partition(":")
    figures = {"passing": ("returns", "transfers")}.get(figure, (SHARES.get(figure, (None, figure))[1],))
    facts = [fact for fact in recount.facts if fact.figure in figures]
    if group:
        facts = [fact for fact in facts if recount.group_of(fact) == group or recount.group_of(fact).startswith(group + "/")]
    found = collections.Counter((fact.case, fact.at) for fact in facts)
    told = collections.Counter((row.get("case"), milliseconds(row["at"])) for row in rows)
    for fact in sorted((found - told) + (told - found)):
        yield f"{wanted}: {fact} {found[fact]} times in the journal, {told[fact]} in the list"


def main():
    if len(sys.argv) not in (3, 5):
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as journal, open(sys.argv[2], encoding="utf-8") as file:
        report = json.load(file)
        recount = Recount(journal, report)
    wrong = list(differences(recount, report))
    if len(sys.argv) == 5:
        with open(sys.argv[3], encoding="utf-8") as file:
            wrong += case_differences(recount, map(json.loads, file), sys.argv[4])
    print("\n".join(wrong) if wrong else f"figures: {len(report['total'])} figures of {len(report['groups'])} groups and {len(recount.cases)} cases agree")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
