#!/usr/bin/python3
"""Derives this policy's tables from the city's own table of requests, so that whoever doubts a row can repeat it.

usage: derive.py [CSV[.gz]]      writes areas.csv, categories.csv, units.csv, catalogue.csv, duties.csv and clocks.yaml beside itself

What is derived, and how:
- Promises. For each type every limit of a short list (N days by the wall, N working days of an office day) is tried on
  all rows with a due time; the one that meets most of them within a minute is the type's promise. A tie goes to working
  days, which is what the city's small types otherwise use. A type that never has a due time is promised nothing.
- Units. One for each department and, below it, one for each queue. A type goes to the queue that took most of it (of the
  department that took most of it); in a district to the one that took most there, when that is another one.
- Areas. The city and its public works districts, with the middle of their located requests.
What people chose is written here by hand: urgencies, kinds, triage words, stage limits, who is on duty.
"""
import collections
import csv
import datetime
import gzip
import os
import re
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = "boston"
DESK = "INFO/info01-genericeformforotherservicerequesttypes"  # takes what nobody else does
OPENING, CLOSING = datetime.time(8, 30), datetime.time(17, 0)
DISTRICTS = ["1A", "1B", "1C", "02", "03", "04", "05", "06", "07", "08", "09", "10A", "10B"]
CITY_HALL = ("42.3594", "-71.0587")  # coordinates of whatever could not be located
LIMITS = [("working_days", n) for n in (1, 2, 3, 4, 5, 7, 10, 15, 20, 25, 30, 40, 45, 60)] + [
    ("days", n) for n in (1, 2, 3, 5, 7, 10, 14, 21, 28, 30, 45, 60, 63, 90, 120, 180, 365, 545, 720)]
DISTRICT_ROWS_LEAST = 3  # requests that a district's own queue must have had

# By hand. A category that is not named inherits from the one above it; kind help and urgency 3 in the end.
KINDS = {
    "Inspectional Services": "complaint", "Employee & General Comments": "complaint", "General Comments For a Program or Policy": "suggestion",
    "Notification": "consultation", "Alert Boston": "consultation", "Parking Complaints": "complaint", "Enforcement & Abandoned Vehicles": "violation",
    "Building": "violation", "Code Enforcement": "violation", "Weights and Measures": "violation", "Tree Emergencies": "incident",
    "Street Light Knock Downs": "incident", "Major System Failure": "incident", "Carbon Monoxide": "incident", "Unsafe Dangerous Conditions": "incident",
    "Fire in Food Establishment": "incident", "Park Improvement Requests": "suggestion", "Traffic Signal Repair": "incident",
    "Contractor Complaints": "complaint", "Work Hours-Loud Noise Complaints": "complaint", "No-Tow Complaint Confirmation": "complaint",
    "Phone Bank Service Inquiry": "consultation", "Walk-In Service Inquiry": "consultation",
}
URGENCIES = {
    "Carbon Monoxide": 1, "Tree Emergencies": 2, "Traffic Signal Repair": 2, "Street Light Knock Downs": 2, "Major System Failure": 2,
    "Unsafe Dangerous Conditions": 2, "Sidewalk Repair (Make Safe)": 2, "No Utilities Residential - Gas": 2, "No Utilities Residential - Water": 2,
    "No Utilities Residential - Electricity": 2, "No Utilities - Food Establishment - Electricity": 2, "Heat - Excessive  Insufficient": 2,
    "Sewage/Septic Back-Up": 2, "Food Alert - Confirmed": 2, "Fire in Food Establishment": 2, "Rat Bite": 2, "Utility Call-In": 2,
    "Water in Gas - High Priority": 2, "Employee & General Comments": 4, "Notification": 4, "Abandoned Bicycle": 4, "New Tree Requests": 4,
    "Tree Maintenance Requests": 4, "Park Improvement Requests": 4, "Volunteer & Corporate Groups": 4, "Alert Boston": 4, "Valet": 4,
    "Request for Litter Basket Installation": 4, "Recycling Cart Return": 4, "Graffiti Removal": 4, "PWD Graffiti": 4, "Parking Meter Repairs": 4,
}
WORDS = {
    "Schedule a Bulk Item Pickup": "bulk item|bulk pickup|old sofa|couch|mattress|television|fridge|refrigerator|furniture pickup",
    "Street Light Outages": "street light|streetlight|street lamp|light is out|lights are out|lamp post out",
    "Street Light Knock Downs": "light pole down|pole knocked down|street light knocked down|pole hit by a car",
    "Major System Failure": "whole street dark|all street lights|several lights out|entire block dark",
    "Tree Emergencies": "tree fell|fallen tree|tree down|tree has fallen|branch fell|limb down|branch down|tree blocking",
    "Tree Maintenance Requests": "prune|pruning|trim the tree|overgrown tree|dead tree|tree trimming",
    "New Tree Requests": "plant a tree|new tree|tree pit",
    "Missed Trash/Recycling/Yard Waste/Bulk Item": "missed trash|trash not picked up|trash was not|garbage not collected|missed recycling|yard waste not|missed pickup",
    "Request for Recycling Cart": "recycling cart|recycling bin|blue bin|need a cart",
    "Recycling Cart Return": "return the cart|return recycling cart",
    "Sticker Request": "recycling sticker|sticker request",
    "Graffiti Removal": "graffiti|spray paint|tagging|tagged",
    "PWD Graffiti": "graffiti on a public sign|graffiti on a hydrant|graffiti on a bridge",
    "Traffic Signal Repair": "traffic light|traffic signal|walk signal|signal is stuck|signal out",
    "Sidewalk Repair (Make Safe)": "sidewalk hazard|tripped on|trip hazard|raised brick|hole in the sidewalk",
    "Sidewalk Repair": "sidewalk|broken pavement|cracked sidewalk|curb broken",
    "Request for Pothole Repair": "pothole|pot hole|hole in the road|hole in the street",
    "Roadway Repair": "road repair|roadway|resurface|repave|sunken street",
    "Abandoned Vehicles": "abandoned car|abandoned vehicle|no plates|unregistered car|car has not moved",
    "Parking Enforcement": "illegal parking|illegally parked|double parked|blocking my driveway|blocked driveway|parked in front of a hydrant",
    "Pick up Dead Animal": "dead animal|dead squirrel|dead raccoon|dead cat|dead rat|roadkill|carcass",
    "Rodent Activity": "rodent|rats|rat burrow|rat nest",
    "Mice Infestation - Residential": "mice|mouse droppings",
    "Bed Bugs": "bed bug|bedbug|bed bugs",
    "Pest Infestation - Residential": "cockroach|roaches|ants in|infestation",
    "Unsatisfactory Living Conditions": "living conditions|landlord|housing inspection|apartment inspection|no repairs in my apartment",
    "Heat - Excessive  Insufficient": "no heat|heating broken|too cold in|radiator cold",
    "No Utilities Residential - Water": "no water|water shut off|no hot water",
    "No Utilities Residential - Gas": "no gas|gas shut off",
    "No Utilities Residential - Electricity": "no electricity|no power|power shut off",
    "Carbon Monoxide": "carbon monoxide|co alarm|co detector",
    "Chronic Dampness/Mold": "mold|mould|dampness",
    "Lead": "lead paint",
    "Sewage/Septic Back-Up": "sewage|septic|sewer backing up",
    "Requests for Street Cleaning": "street cleaning|street sweeping|sweeper|dirty street|broken glass|litter on the street",
    "Empty Litter Basket": "overflowing barrel|litter basket full|public trash can|litter basket is overflowing",
    "Request for Litter Basket Installation": "need a litter basket|new trash barrel|install a litter basket",
    "Overflowing or Un-kept Dumpster": "dumpster",
    "Trash on Vacant Lot": "vacant lot|empty lot full of",
    "Illegal Dumping": "illegal dumping|dumped",
    "Missing Sign": "missing sign|sign is missing|stop sign gone",
    "Sign Repair": "sign down|bent sign|sign is broken|sign fell|damaged sign",
    "New Sign  Crosswalk or Pavement Marking": "crosswalk|new sign|pavement marking|speed limit sign",
    "Pavement Marking Maintenance": "faded lines|repaint|faded crosswalk",
    "Parking Meter Repairs": "parking meter|broken meter",
    "Building Inspection Request": "building inspection|building permit inspection",
    "Work w/out Permit": "without a permit|no permit|unpermitted",
    "Unsafe Dangerous Conditions": "unsafe building|dangerous building|falling bricks|loose bricks|unsafe structure",
    "Illegal Occupancy": "illegal occupancy|too many people living",
    "Illegal Rooming House": "rooming house",
    "Park Maintenance Requests": "park bench|playground|ball field|park maintenance|swing broken",
    "Parks Lighting/Electrical Issues": "park lights|lights in the park",
    "Unsanitary Conditions - Establishment": "dirty restaurant|unsanitary restaurant|unsanitary kitchen",
    "Unsanitary Conditions - Food": "food poisoning|spoiled food|got sick after eating",
    "Contractor Complaints": "contractor",
    "Work Hours-Loud Noise Complaints": "construction noise|jackhammer|loud construction",
    "Request for Snow Plowing": "snow plow|plowing|unplowed|snow removal",
    "Space Savers": "space saver|cone in the street",
    "Mosquitoes (West Nile)": "mosquito|west nile|standing water",
    "Short Measure - Gas": "gas pump short",
    "Abandoned Building": "abandoned building|vacant building|boarded up",
    "Abandoned Bicycle": "abandoned bicycle|abandoned bike|bike chained",
    "General Comments For a Program or Policy": "suggestion|comment about|policy of the city",
    "General Comments For An Employee": "city employee|rude employee|employee was",
    "ADA": "wheelchair access|wheelchair ramp", "Mechanical": "boiler|elevator", "Zoning": "zoning", "Egress": "blocked exit|fire escape",
    "Electrical": "electrical wiring|electrical work|wiring", "Plumbing": "plumbing|leaking pipe", "Overcrowding": "overcrowded apartment",
    "Notification": "", "Highway Maintenance": "highway maintenance|clogged drain|catch basin",
}
# How long a unit may take from dispatch to its result; the promise to the resident is apart from this.
HANDLE_URGENT, HANDLE_NORMAL = 2, 45


def slug(text):
    """Lower case, runs of anything but letters and digits to one '-', none at the ends."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def moment(text):
    return datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S")


def district(row):
    """As the city writes it, one-digit spellings with their zero; None when the row has none."""
    code = row["pwd_district"].strip().upper()
    code = "0" + code if len(code) == 1 and code.isdigit() else code
    return code if code in DISTRICTS else None


def department(row):
    return row["department"]


def unit(row):
    """DEPARTMENT/queue, the department's own letters in front: PWDx/street-light-outages."""
    queue = row["queue"]
    prefix = row["department"].rstrip("_") + "_"
    queue = queue[len(prefix):] if queue.startswith(prefix) else queue
    return department(row) + "/" + slug(queue)


def next_working(date):
    date += datetime.timedelta(1)
    while date.weekday() > 4:
        date += datetime.timedelta(1)
    return date


def due(opened, kind, amount):
    """What daemon/core/limit.c does for days, and for working days that begin with the office day."""
    if kind == "days":
        return opened + datetime.timedelta(amount)
    date, time = opened.date(), opened.time()
    if date.weekday() > 4:
        date = next_working(date)
    if time >= CLOSING:
        date, time = next_working(date), OPENING
    for _ in range(amount):
        date = next_working(date)
    return datetime.datetime.combine(date, time)


def promise(rows):
    """The limit that meets most of the rows' due times; None when none meets any."""
    hits = collections.Counter()
    for row in rows:
        opened, target = moment(row["open_dt"]), moment(row["target_dt"])
        for limit in LIMITS:
            if abs((due(opened, *limit) - target).total_seconds()) <= 60:
                hits[limit] += 1
    best = max(LIMITS, key=lambda limit: (hits[limit], limit[0] == "working_days", -limit[1]))
    return best if hits[best] else None


def limit_name(limit):
    if limit is None:
        return "none"
    name = f"{limit[1]}-{limit[0].replace('_', '-')}"
    return name[:-1] if limit[1] == 1 else name


def usual_unit(rows):
    """The queue that took most, of the department that took most."""
    departments = collections.Counter(department(row) for row in rows)
    first = min(departments, key=lambda name: (-departments[name], name))
    queues = collections.Counter(unit(row) for row in rows if department(row) == first)
    return min(queues, key=lambda name: (-queues[name], name))


def write(name, header, rows):
    with open(os.path.join(HERE, name), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_areas(rows):
    names = {}
    for row in rows:
        match = re.match(r"PWDx_District (\w+): (.*)", row["queue"])
        if match:
            names[match[1]] = match[2]
    places = collections.defaultdict(list)
    for row in rows:
        if (row["latitude"], row["longitude"]) != CITY_HALL:
            places[district(row)].append((float(row["latitude"]), float(row["longitude"])))

    def middle(code):
        return [f"{statistics.median(place[at] for place in places[code]):.4f}" for at in (0, 1)]

    table = [(ROOT, "", "city", "Boston", DESK, "42.3601", "-71.0589")]
    for code in DISTRICTS:
        table.append((code, ROOT, "district", f"District {code}: {names[code]}", "", *middle(code)))
    write("areas.csv", ("code", "parent", "level", "name", "duty_desk", "latitude", "longitude"), table)


def reason_code(row):
    return f"{slug(row['subject'])}.{slug(row['reason'])}"


def write_categories(rows):
    subjects, reasons, types = {}, {}, {}
    for row in rows:
        subjects[slug(row["subject"])] = row["subject"]
        reasons[reason_code(row)] = (slug(row["subject"]), row["reason"])
        known = types.setdefault(slug(row["type"]), (reason_code(row), row["type"]))
        if known != (reason_code(row), row["type"]):
            sys.exit(f"two types would have the code {slug(row['type'])}: {known} and {row['type']}")
    table = [("unclassified", "", "Not classified", "help", 3, ""), ("danger-to-life", "", "Danger to life", "incident", 1, "")]
    for code, name in sorted(subjects.items()):
        table.append((code, "", name, KINDS.get(name, ""), URGENCIES.get(name, ""), ""))
    for code, (parent, name) in sorted(reasons.items()):
        table.append((code, parent, name, KINDS.get(name, ""), URGENCIES.get(name, ""), ""))
    for code, (parent, name) in sorted(types.items()):
        # A type that bears its reason's name has inherited already.
        table.append((code, parent, name, KINDS.get(name, ""), URGENCIES.get(name, ""), WORDS.get(name, name.split(" (")[0].lower())))
    write("categories.csv", ("code", "parent", "name", "kind", "urgency", "words"), table)


def write_units(rows):
    titles = {"BHA_": "Boston Housing Authority", "BPS_": "Boston Public Schools", "BTDT": "Boston Transportation Department",
              "BWSC": "Boston Water and Sewer Commission", "DISB": "Commission for Persons with Disabilities", "INFO": "Mayor's 24 Hour Service",
              "ISD": "Inspectional Services Department", "PARK": "Parks and Recreation Department",
              "PROP": "Property Management Department", "PWDx": "Public Works Department"}
    table = [(code, "department", titles.get(code, code), ROOT, "office", "") for code in sorted({department(row) for row in rows})]
    queues = {unit(row): row["queue"] for row in rows}
    for code, queue in sorted(queues.items()):
        match = re.match(r"PWDx_District (\w+):", queue)
        table.append((code, "queue", queue.replace("_", " "), match[1] if match else ROOT, "office", ""))
    write("units.csv", ("code", "kind", "name", "area", "calendar", "capacity"), table)


def write_catalogue(rows):
    """Rows for types; below them what a district does otherwise; above them, for types that are new, what their reason usually does."""
    by_type, by_reason, limits = collections.defaultdict(list), collections.defaultdict(list), set()
    for row in rows:
        by_type[slug(row["type"])].append(row)
        by_reason[reason_code(row)].append(row)
    table = [("unclassified", "", DESK, "2-working-days"),
             ("danger-to-life", "", DESK, "1-hour")]
    limits.add(("working_days", 2))
    for code, members in sorted(by_reason.items()):
        table.append((code, "", usual_unit(members), ""))
    for code, members in sorted(by_type.items()):
        dated = [row for row in members if row["target_dt"].strip()]
        limit = promise(dated) if dated else None
        if limit:
            limits.add(limit)
        usual = usual_unit(members)
        table.append((code, "", usual, limit_name(limit)))
        for area in DISTRICTS:
            here = [row for row in members if district(row) == area]
            own = usual_unit(here) if here else usual
            if own != usual and sum(unit(row) == own for row in here) >= DISTRICT_ROWS_LEAST:
                table.append((code, area, own, ""))
    # A row for any area offers its unit only where the unit serves; here the city's queues take from everywhere.
    write("catalogue.csv", ("category", "area", "unit", "promise"), [(code, area or ROOT, which, limit) for code, area, which, limit in table])
    return limits


def write_duties():
    table = [(ROOT, "duty officer", "311 duty officer", ""), (ROOT, "supervisor", "City-wide services supervisor", ""),
             (ROOT, "director", "Director of city services", "")]
    table += [(code, "supervisor", f"Supervisor of district {code}", "") for code in DISTRICTS]
    write("duties.csv", ("area", "role", "name", "calendar"), table)


def write_clocks(limits):
    stages = {("working_days", 5), ("working_days", HANDLE_URGENT), ("working_days", HANDLE_NORMAL)}
    lines = ["# Written by derive.py. A promise of working days counts office days: a request on a day off counts as made at the same time of",
             "# the next working day; after 17:00, at 8:30 of the next. That is how the city's own due times behave.", "limits:",
             "  - {name: 1-hour, amount: 1, unit: hours}", "  - {name: 30-minutes, amount: 30, unit: minutes}"]
    for kind, amount in sorted(limits | stages):
        more = ", start: office_day, calendar: office" if kind == "working_days" else ""
        lines.append(f"  - {{name: {limit_name((kind, amount))}, amount: {amount}, unit: {kind}{more}}}")
    lines += ["", "# The stages. The first row that matches wins; a clock without a row does not run. Promises are in catalogue.csv.", "clocks:",
              "  - {clock: triage, limit: 30-minutes}", "  - {clock: dispatch, limit: 1-hour}", "  - {clock: sign, urgency: 1, limit: 1-hour}",
              "  - {clock: sign, limit: 5-working-days}", f"  - {{clock: handle, urgency: 1, limit: {HANDLE_URGENT}-working-days}}",
              f"  - {{clock: handle, limit: {HANDLE_NORMAL}-working-days}}"]
    with open(os.path.join(HERE, "clocks.yaml"), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, "boston311-2011q3.csv.gz")
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["department"] != "No Q"]  # one request that no queue had yet
    write_areas(rows)
    write_categories(rows)
    write_units(rows)
    write_clocks(write_catalogue(rows))
    write_duties()


if __name__ == "__main__":
    main()
