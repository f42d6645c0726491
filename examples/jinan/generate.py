#!/usr/bin/env python3
"""Writes the bulk of this policy from the short tables of tables.py and the published holidays: run it after changing one of them.

policy.yaml, clocks.yaml and ladders.yaml are written by hand and stay as they are.
"""
import csv
import datetime
import json
import os

from tables import (ADMISSIONS, CITY, CITY_UNITS, COMMUNITIES_EACH, COMPONENTS, DANGERS, DISTRICTS, EVENTS, GRIDS_EACH, HOTLINE, LOCAL_SERVICES, ORDINALS,
                    SERVICES, STREETS, UTILITIES)

HERE = os.path.dirname(os.path.abspath(__file__))
HOLIDAYS = os.path.join(HERE, "..", "..", "tests", "data", "holiday-cn")
YEARS = range(2023, 2027)


def table(name, columns, rows):
    with open(os.path.join(HERE, name), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def short(street):
    return street[1].removesuffix("街道")


def communities():
    """code, name, English, the street's code"""
    for street in STREETS:
        for number in range(COMMUNITIES_EACH):
            yield (f"{street[0]}{number + 1:03d}", f"{short(street)}第{ORDINALS[number]}社区", f"{street[2]} Community {number + 1}", street[0])


def grids():
    """code, name, English, the community's code"""
    for code, name, english, _ in communities():
        for number in range(GRIDS_EACH):
            yield f"{code}{number + 1:03d}", f"{name}第{ORDINALS[number]}网格", f"{english}, Grid {number + 1}", code


def areas():
    rows = [(CITY[0], "", "市", CITY[1], CITY[2], "JN-12345", CITY[3], CITY[4])]
    rows += [(code, CITY[0], "区县", name, english, f"{code}-QZ", latitude, longitude) for code, name, english, latitude, longitude in DISTRICTS]
    rows += [(code, code[:6], "街道", name, f"{english} Subdistrict", f"{code}-JD", "", "") for code, name, english in STREETS]
    rows += [(code, street, "社区", name, english, f"{code}-SQ", "", "") for code, name, english, street in communities()]
    rows += [(code, community, "网格", name, english, "", "", "") for code, name, english, community in grids()]
    table("areas.csv", ("code", "parent", "level", "name", "name_en", "duty_desk", "latitude", "longitude"), rows)


def units():
    rows = [(code, kind, name, english, CITY[0], calendar, capacity or "") for code, name, english, kind, calendar, capacity in CITY_UNITS]
    rows += [(code, "公用事业", name, english, CITY[0], "always", "") for code, name, english, *_ in UTILITIES]
    for code, name, english, *_ in DISTRICTS:
        rows.append((f"{code}-QZ", "区承办中心", f"{name}政务热线承办中心", f"{english} Hotline Centre", code, "office", 600))
        rows.append((f"{code}-CG", "区部门", f"{name}综合行政执法局", f"{english} Enforcement Bureau", code, "office", 400))
    for code, name, english in STREETS:
        rows.append((f"{code}-JD", "街道办事处", f"{name}办事处", f"{english} Subdistrict Office", code, "office", 200))
        rows.append((f"{code}-ZF", "街道综合执法队", f"{name}综合行政执法中队", f"{english} Enforcement Squad", code, "street", 120))
    for code, name, english, _ in communities():
        rows.append((f"{code}-SQ", "社区居委会", f"{name}居民委员会", f"{english} Residents' Committee", code, "community", 60))
        rows.append((f"{code}-FW", "社区服务站", f"{name}党群服务中心", f"{english} Service Centre", code, "community", 60))
        rows.append((f"{code}-JW", "社区警务室", f"{name}警务室", f"{english} Police Room", code, "street", 40))
        rows.append((f"{code}-TJ", "调解委员会", f"{name}人民调解委员会", f"{english} Mediation Team", code, "community", 20))
        rows.append((f"{code}-ZY", "志愿服务队", f"{name}志愿服务队", f"{english} Volunteer Team", code, "volunteer", 30))
    rows += [(f"{code}-WG", "网格员", f"{name}网格员", f"{english} Worker", code, "street", 15) for code, name, english, _ in grids()]
    table("units.csv", ("code", "kind", "name", "name_en", "area", "calendar", "capacity"), rows)


def categories():
    rows = [("D", "", "危险与急难", "Danger", "incident", 1, "")]
    rows += [(code, "D", name, english, "", "", "|".join(words)) for code, name, english, _, _, words in DANGERS]
    rows.append(("P", "", "部件", "Components", "help", 3, ""))
    for code, name, english, parts in COMPONENTS:
        rows.append((code, "P", name, english, "", "", ""))
        rows += [(part, code, its_name, its_english, "", "", words) for part, its_name, its_english, _, _, words in parts]
    rows.append(("E", "", "事件", "Events", "complaint", 3, ""))
    for code, name, english, parts in EVENTS:
        sudden = code == "E04"
        rows.append((code, "E", name, english, "incident" if sudden else "", 2 if sudden else "", ""))
        rows += [(part, code, its_name, its_english, "", "", words) for part, its_name, its_english, _, _, words in parts]
    rows.append(("U", "", "公用事业服务", "Public utilities", "help", 2, ""))
    rows += [(f"U-{code}", "U", name, english, "", "", words) for _, _, _, code, name, english, words in UTILITIES]
    rows.append(("S", "", "社区“10+X”服务", "Services in the community", "help", 3, ""))
    rows += [(code, "S", name, english, "", "", words) for code, name, english, _, words in SERVICES]
    rows += [(code, "S", name, english, "", "", words) for code, name, english, _, words in LOCAL_SERVICES]
    rows.append(("H", "", "热线诉求", "Requests by telephone", "help", 3, ""))
    rows += [(code, "H", name, english, kind, urgency, words) for code, name, english, kind, urgency, _, _, _, words in HOTLINE]
    rows.append(("H99", "H", "其他", "Other", "consultation", 4, ""))
    table("categories.csv", ("code", "parent", "name", "name_en", "kind", "urgency", "words"), rows)


def lowest_first(category, levels, assist):
    """Rows that give a category to grid, community, street: whoever lies deepest is asked first, the others are the fall back."""
    if "grid" in levels:
        yield from ((category, code, "", f"{code}-WG", "", assist) for code, *_ in grids())
    if "community" in levels:
        yield from ((category, code, "", f"{code}-SQ", "", assist) for code, *_ in communities())
    if "street" in levels:
        yield from ((category, code, "", f"{code}-JD", "", assist) for code, *_ in STREETS)
    yield from ((category, code, "", f"{code}-CG", "", assist) for code, *_ in DISTRICTS)


LEVELS = {"grid": ("grid", "community", "street"), "community": ("community", "street"), "street": ("street",)}
TEAMS = {"mediation": "TJ", "volunteer": "ZY", "police": "JW"}


def catalogue():
    rows = [("D", "", "", "JN-YJJ", "危险处置", "JN-GAJ|JN-XFJ")]
    rows += [(code, "", "", lead, "", assist) for code, _, _, lead, assist, _ in DANGERS]
    for code, _, _, parts in COMPONENTS:
        rows.append((code, "", "", "", "3个工作日", ""))
        rows += [(part, "", "", lead, "24小时" if part.startswith("P01") else "", assist) for part, _, _, lead, assist, _ in parts]
    for code, _, _, parts in EVENTS:
        rows.append((code, "", "", "", "分段抢修" if code == "E04" else "2个工作日", ""))
        for part, _, _, scope, department, _ in parts:
            if scope == "city":
                rows.append((part, "", "", department, "", "JN-CGJ" if department != "JN-CGJ" else ""))
            else:
                rows.append((part, "", "", department, "", ""))
                rows += lowest_first(part, LEVELS[scope], department)
    rows += [(f"U-{code}", "", "", unit, "24小时", "") for unit, _, _, code, *_ in UTILITIES]
    rows.append(("U-GAS", "", 2, "", "4小时", ""))
    rows.append(("S", "", "", "", "3个工作日", ""))
    rows += [(code, "", "", department, "", "") for code, _, _, department, _ in SERVICES]
    for code, _, _, department, _ in SERVICES:
        rows += [(code, community, "", f"{community}-FW", "", department) for community, *_ in communities()]
    for code, _, _, where, _ in LOCAL_SERVICES:
        rows += [(code, community, "", f"{community}-FW", "", "") for community in where]
        rows.append((code, "", "", "JN-DISPATCH", "", ""))
    for code, _, _, _, _, promise, lead, assist, _ in HOTLINE:
        if lead == "street":
            rows += [(code, street, "", f"{street}-JD", "", assist) for street, *_ in STREETS]
            rows.append((code, "", "", assist.split("|")[0], promise, ""))
        elif lead in TEAMS:
            rows += [(code, community, "", f"{community}-{TEAMS[lead]}", "", assist) for community, *_ in communities()]
            rows += [(code, street, "", f"{street}-JD", "", "") for street, *_ in STREETS]
            rows.append((code, "", "", assist or "JN-DISPATCH", promise, ""))
        else:
            rows.append((code, "", "", lead, promise, assist))
    rows.append(("H99", "", "", "JN-DISPATCH", "5个工作日", ""))
    table("catalogue.csv", ("category", "area", "urgency", "unit", "promise", "assist"), rows)


def duties():
    rows = [(CITY[0], "值班员", "市热线白班值班员", "day-shift"), (CITY[0], "值班员", "市热线夜班值班员", "night-shift"), (CITY[0], "督办员", "市督办员", ""),
            (CITY[0], "协调员", "市派遣协调员", ""), (CITY[0], "带班领导", "市热线带班领导", "")]
    for code, name, *_ in DISTRICTS:
        rows += [(code, "督办员", f"{name}督办员", ""), (code, "协调员", f"{name}协调员", "")]
    rows += [(code, "督办员", f"{name}值班领导", "") for code, name, _ in STREETS]
    rows += [(code, "督办员", f"{name}书记", "") for code, name, *_ in communities()]
    table("duties.csv", ("area", "role", "name", "calendar"), rows)


def admissions():
    table("admissions.csv", ("record", "department", "item", "category", "area", "authority", "funding", "from", "to"), ADMISSIONS)


def dates():
    """Days off and make-up workdays as ranges of one name: [(from, to, name)], twice."""
    days = {}
    for year in YEARS:
        with open(os.path.join(HOLIDAYS, f"{year}.json"), encoding="utf-8") as file:
            for day in json.load(file)["days"]:
                days[datetime.date.fromisoformat(day["date"])] = (day["isOffDay"], day["name"])
    found = {True: [], False: []}
    for date, (off, name) in sorted(days.items()):
        ranges = found[off]
        if ranges and ranges[-1][1] + datetime.timedelta(1) == date and ranges[-1][2] == name:
            ranges[-1][1] = date
        else:
            ranges.append([date, date, name])
    return found[True], found[False]


WEEKS = [
    ("office", "机关办公时间", {"mon-fri": ["09:00-12:00", "13:00-17:00"]}, True),
    ("community", "社区办公时间:周六上午值班", {"mon-fri": ["08:30-12:00", "13:30-17:30"], "sat": ["09:00-12:00"]}, True),
    ("street", "网格员、警务室和执法队:每天,不休节假日", {"mon-sun": ["08:00-20:00"]}, False),
    ("volunteer", "志愿服务队:工作日晚间和周末", {"mon-fri": ["18:00-21:00"], "sat-sun": ["09:00-17:00"]}, False),
    ("day-shift", "白班", {"mon-sun": ["08:00-20:00"]}, False),
    ("night-shift", "夜班", {"mon-sun": ["00:00-08:00", "20:00-24:00"]}, False),
]


def calendars():
    off, worked = dates()
    with open(os.path.join(HERE, "calendars.yaml"), "w", encoding="utf-8") as file:
        file.write("# 由 generate.py 生成。节假日与调休上班日取自国务院办公厅公布的 2023 至 2026 年安排。\n# Written by generate.py; holidays and make-up workdays as published.\n")
        file.write("calendars:\n")
        for name, comment, week, holidays in WEEKS:
            file.write(f"  # {comment}\n  - name: {name}\n    week:\n")
            for days, hours in week.items():
                file.write(f"      {days}: [{', '.join(json.dumps(each) for each in hours)}]\n")
            if not holidays:
                continue
            file.write(f"    known_until: {YEARS[-1]}-12-31\n    holidays:\n")
            file.writelines(f"      - {{from: {first}, to: {last}, name: {what}}}\n" for first, last, what in off)
            file.write("    workdays:\n")
            file.writelines(f"      - {{from: {first}, to: {last}, like: mon, name: {what}}}\n" for first, last, what in worked)


if __name__ == "__main__":
    for write in (areas, units, categories, catalogue, duties, admissions, calendars):
        write()
