"""The demonstration's report. What Reeve did comes from its store (journal, list, status); the city's own figures beside
it come from the city's table, for the same cases and the same last moment."""
import collections
import csv
import datetime
import gzip
import json
import os
import zoneinfo


def lines_of(path):
    """A file of one JSON value a line, or of one JSON array."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.strip()
            if not line:
                continue
            value = json.loads(line)
            if isinstance(value, list):
                yield from value
            else:
                yield value


def moment(text):
    """RFC 3339, or milliseconds."""
    if isinstance(text, (int, float)):
        return datetime.datetime.fromtimestamp(text / 1000, datetime.timezone.utc)
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class City:
    """What the city's own table says."""

    def __init__(self, path, until):
        zone = zoneinfo.ZoneInfo("America/New_York")
        self.department, self.opened, self.closed, self.on_time, self.late, self.no_promise = {}, 0, 0, 0, 0, 0
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                self.opened += 1
                self.department[row["case_enquiry_id"]] = row["department"]
                if not row["closed_dt"]:
                    continue
                if datetime.datetime.fromisoformat(row["closed_dt"]).replace(tzinfo=zone) > until:
                    continue
                self.closed += 1
                if not row["target_dt"]:
                    self.no_promise += 1
                elif row["ontime"] == "OVERDUE":
                    self.late += 1
                else:
                    self.on_time += 1


class Tables:
    """The policy's names: units with their departments, areas with their districts."""

    def __init__(self, directory):
        self.units = self.read(os.path.join(directory, "units.csv"))
        self.areas = self.read(os.path.join(directory, "areas.csv"))

    @staticmethod
    def read(path):
        with open(path, encoding="utf-8-sig", newline="") as file:
            return {row["code"]: row for row in csv.DictReader(file)}

    def area_name(self, code):
        return self.areas.get(code, {}).get("name") or code or "?"

    def department(self, unit):
        return unit_department(unit)


def unit_department(unit):
    """A unit's code begins with its department's."""
    return (unit or "nobody").split("/")[0]


class Story:
    """The journal, read once from the beginning."""

    def __init__(self, path):
        self.count = collections.Counter()
        self.case = {}
        self.escalated = []
        self.policy_due = 0
        for event in lines_of(path):
            self.take(event)

    def take(self, event):
        kind = event.get("event")
        self.count[kind] += 1
        number = event.get("case")
        if kind == "case_opened":
            self.case[number] = {"ref": event.get("source_ref"), "path": event.get("path", ""), "due": event.get("due"), "unit": None,
                                 "first": None, "closed": False, "late": False, "category": event.get("category")}
            return
        case = self.case.get(number)
        if case is None:
            return
        for name in ("due", "category", "path"):
            if event.get(name) and kind in ("case_triaged", "case_opened"):
                case[name] = event[name]
        if kind == "case_dispatched":
            case["unit"] = event.get("unit")
            case["first"] = case["first"] or event.get("unit")
        elif kind == "case_closed":
            case["closed"], case["late"] = True, bool(event.get("late"))
        elif kind == "case_reopened":
            case["closed"] = False
        elif kind == "case_escalated":
            self.escalated.append((number, event.get("clock"), event.get("rung")))


def number(value):
    return f"{value:,}"


def share(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "-"


def heading(text):
    print(f"\n{text}\n{'-' * len(text)}")


def print_rows(rows, left=1):
    """Columns as wide as their widest cell; the first `left` ones to the left, the others to the right."""
    widths = [max(len(str(row[at])) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        cells = [str(cell).ljust(width) if at < left else str(cell).rjust(width) for at, (cell, width) in enumerate(zip(row, widths))]
        print("  " + "  ".join(cells).rstrip())


def print_cases(story, city):
    closed = [case for case in story.case.values() if case["closed"]]
    promised = [case for case in closed if case["due"]]
    late = sum(case["late"] for case in promised)
    heading("Cases")
    print_rows([("", "Reeve", "the city"),
                ("opened", number(len(story.case)), number(city.opened)),
                ("closed by the end of the quarter", number(len(closed)), number(city.closed)),
                ("  with a promise, on time", number(len(promised) - late), number(city.on_time)),
                ("  with a promise, late", number(late), number(city.late)),
                ("  share on time", share(len(promised) - late, len(promised)), share(city.on_time, city.on_time + city.late)),
                ("  without a promise", number(len(closed) - len(promised)), number(city.no_promise))])


def print_departments(story, city, tables):
    same, seen = collections.Counter(), collections.Counter()
    for case in story.case.values():
        chosen = city.department.get(case["ref"])
        if chosen and case["first"]:
            seen[chosen] += 1
            same[chosen] += tables.department(case["first"]) == chosen
    heading("Assigned to the department that the city itself chose")
    rows = [("department", "cases", "the same", "share")]
    for department, count in seen.most_common():
        rows.append((department, number(count), number(same[department]), share(same[department], count)))
    total = sum(seen.values())
    rows.append(("all", number(total), number(sum(same.values())), share(sum(same.values()), total)))
    print_rows(rows)


def district_of(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 1 else parts[0]


def print_escalations(story, tables):
    table = collections.defaultdict(collections.Counter)
    departments = collections.Counter()
    for case_number, _, _ in story.escalated:
        case = story.case[case_number]
        department = tables.department(case["unit"])
        table[district_of(case["path"])][department] += 1
        departments[department] += 1
    heading("Escalations by district and department")
    if not table:
        print("  none")
        return
    shown = [department for department, _ in departments.most_common(8)]
    rows = [("district", *shown, "others", "all")]
    for district in sorted(table, key=lambda each: -sum(table[each].values())):
        counts = table[district]
        total = sum(counts.values())
        rows.append((tables.area_name(district), *(number(counts[each]) for each in shown),
                     number(total - sum(counts[each] for each in shown)), number(total)))
    total = sum(departments.values())
    rows.append(("all", *(number(departments[each]) for each in shown), number(total - sum(departments[each] for each in shown)), number(total)))
    print_rows(rows)


def print_overdue(path, until, tables):
    rows = sorted((case for case in lines_of(path) if case.get("due")), key=lambda case: moment(case["due"]))
    heading(f"Overdue and still open: {number(len(rows))}; the longest ten")
    if not rows:
        return
    shown = [("case", "overdue", "category", "unit", "area")]
    for case in rows[:10]:
        days = (until - moment(case["due"])).total_seconds() / 86400
        shown.append((case["case"], f"{days:.1f} days", case.get("category", "?"), case.get("unit", "?"), tables.area_name(case.get("area"))))
    print_rows(shown, left=5)


def print_machine(story, status, took, verified, watched):
    figures = {row["name"]: row["value"] for value in lines_of(status) for row in value.get("figures", [value]) if "name" in row}
    events = sum(story.count.values())
    escalated = story.count["case_escalated"]
    heading("The run")
    print_rows([("events stored", number(events)),
                ("seconds to play them", f"{took:.1f}"),
                ("events per second", number(round(events / took)) if took else "-"),
                ("escalations seen by the supervisor's subscription", f"{number(watched(escalated))} of {number(escalated)}"),
                ("open cases", number(figures.get("open_cases", sum(not case["closed"] for case in story.case.values())))),
                ("journal", verified)], left=2)


def print_report(csv_path, policy, until_text, journal, overdue, status, took, verified, watched):
    until = moment(until_text)
    story, city, tables = Story(journal), City(csv_path, until), Tables(policy)
    print_cases(story, city)
    print_departments(story, city, tables)
    print_escalations(story, tables)
    print_overdue(overdue, until, tables)
    print_machine(story, status, took, verified, watched)
