#!/usr/bin/env python3
"""Writes areas.csv, categories.csv, units.csv, catalogue.csv, duties.csv and import.yaml from the short tables below and from the classes and
sub-classes that stand in the sample. policy.yaml, clocks.yaml and ladders.yaml are written by hand."""
import csv
import os

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLE = "tainan1999-2015-04.csv"

# In the order of the division codes 67000010, 67000020 ... 67000370.
DISTRICTS = """新營區 Xinying, 鹽水區 Yanshui, 白河區 Baihe, 柳營區 Liuying, 後壁區 Houbi, 東山區 Dongshan, 麻豆區 Madou, 下營區 Xiaying, 六甲區 Liujia, 官田區 Guantian,
大內區 Danei, 佳里區 Jiali, 學甲區 Xuejia, 西港區 Xigang, 七股區 Qigu, 將軍區 Jiangjun, 北門區 Beimen, 新化區 Xinhua, 善化區 Shanhua, 新市區 Xinshi,
安定區 Anding, 山上區 Shanshang, 玉井區 Yujing, 楠西區 Nanxi, 南化區 Nanhua, 左鎮區 Zuozhen, 仁德區 Rende, 歸仁區 Gueiren, 關廟區 Guanmiao, 龍崎區 Longqi,
永康區 Yongkang, 東區 East, 南區 South, 北區 North, 安南區 Annan, 安平區 Anping, 中西區 West Central"""

# class, code, English, kind, urgency, unit
CLASSES = [
    ("違規停車", "PK", "Illegal parking", "violation", 3, "POLICE"),
    ("噪音舉發", "NS", "Noise", "violation", 3, "POLICE"),
    ("交通運輸", "TR", "Traffic", "help", 3, "TRAFFIC"),
    ("路燈故障", "LT", "Street lights", "help", 3, "WORKS"),
    ("髒亂及污染", "DR", "Dirt and pollution", "violation", 3, "EPB"),
    ("動物救援", "AN", "Animals", "help", 2, "ANIMAL"),
    ("道路維修", "RD", "Roads", "help", 3, "WORKS"),
    ("民生管線", "PL", "Pipes and lines", "help", 2, "WATER"),
    ("騎樓舉發", "AR", "Arcades", "violation", 3, "POLICE"),
]
SAME_CLASS = {"髒亂及汙染": "髒亂及污染"}  # the city spelt one class in two ways

SUBCLASSES = {
    "違規停車": "Illegal parking", "妨害安寧": "Disturbing the peace", "妨礙安寧": "Hindering the peace", "佔用道路": "Obstructed road", "空氣汙染": "Air pollution",
    "場所連續噪音": "Continuous noise", "9盞以下路燈故障": "Up to 9 lamps out", "10盞以上路燈故障": "10 lamps or more out", "犬貓急難救援": "Dogs and cats in distress",
    "路面坑洞": "Pothole", "騎樓舉發": "Arcade", "其他汙染舉發": "Other pollution", "交通疏導": "Traffic control", "寬頻管線、孔蓋損壞": "Broadband lines and covers",
    "環境髒亂": "Dirty surroundings", "遊蕩犬隻捕捉管制": "Stray dogs", "漏水、停水、消防栓漏水或損壞": "Water leaks, cuts, hydrants", "號誌故障": "Signal out",
    "路樹傾倒": "Fallen tree", "號誌秒差調整": "Signal timing", "路面下陷、凹陷": "Sunken road", "道路散落物": "Debris on the road", "市區道路路面油漬": "Oil on the road",
    "停電、漏電、電線掉落、孔蓋鬆動": "Power cuts, leaks, fallen wires, covers", "路面掏空、塌陷": "Hollow or collapsed road",
    "電信孔蓋鬆動、電信線路掉落、電信桿傾倒": "Telecom covers, lines, poles", "大型廢棄物清運": "Bulky waste", "公車動態LED跑馬燈資訊顯示異常": "Bus information display",
    "小廣告、旗幟": "Leaflets and flags",
}

UNITS = [
    ("DESK", "話務中心", "1999市民服務熱線", "1999 Hotline Desk"),
    ("POLICE", "局處", "警察局", "Police Department"),
    ("TRAFFIC", "局處", "交通局", "Bureau of Transportation"),
    ("WORKS", "局處", "工務局", "Public Works Bureau"),
    ("EPB", "局處", "環境保護局", "Environmental Protection Bureau"),
    ("ANIMAL", "局處", "動物防疫保護處", "Animal Health and Protection Office"),
    ("WATER", "局處", "管線管理單位", "Pipes and Lines Office"),
]


def table(name, columns, rows):
    with open(os.path.join(HERE, name), "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def districts():
    for number, entry in enumerate(DISTRICTS.replace("\n", " ").split(",")):
        name, english = entry.strip().split(" ", 1)
        yield f"67000{number + 1:02d}0", name, f"{english} District"


def subclasses():
    """{(class as written, sub-class): code}, and the rows of categories.csv, in the order of the sample."""
    codes = {name: code for name, code, *_ in CLASSES}
    rows, lookup = [], {}
    with open(os.path.join(HERE, SAMPLE), encoding="utf-8", newline="") as file:
        pairs = dict.fromkeys((row["service_name"], row["subproject"]) for row in csv.DictReader(file))
    numbers = {}
    for written, sub in pairs:
        parent = codes[SAME_CLASS.get(written, written)]
        if sub and (parent, sub) not in numbers:
            numbers[parent, sub] = f"{parent}-{sum(1 for code, _ in numbers if code == parent) + 1:02d}"
            rows.append((numbers[parent, sub], parent, sub))
        lookup[written, sub] = numbers[parent, sub] if sub else parent
    return lookup, rows


def import_yaml(lookup):
    areas = ", ".join(f"{name}: \"{code}\"" for code, name, _ in districts())
    with open(os.path.join(HERE, "import.yaml"), "w", encoding="utf-8") as file:
        file.write(f"""# Written by derive.py. How the rows of {SAMPLE} become reports: reeve import {SAMPLE} --map this file.
# The sample does not say who did what and when, so there is nothing to play after the report.
zone: Asia/Taipei
format: "%Y-%m-%d %H:%M:%S.0"

fields:
  source: {{constant: tainan1999}}
  source_ref: service_request_id
  reported_at: requested_datetime
  title: {{template: "{{service_name}} {{subproject}}", transform: trim}}
  text: description
  address: address_string
  area: {{column: area, lookup: {{{areas}}}}}
  category:
    template: "{{service_name}}>{{subproject}}"
    lookup:
""")
        file.writelines(f"      \"{written}>{sub}\": {code}\n" for (written, sub), code in lookup.items())


def main():
    lookup, rows = subclasses()
    table("areas.csv", ("code", "parent", "level", "name", "name_en", "duty_desk"),
          [("67000", "", "市", "臺南市", "Tainan City", "DESK")] + [(code, "67000", "區", name, english, "") for code, name, english in districts()])
    table("categories.csv", ("code", "parent", "name", "name_en", "kind", "urgency", "words"),
          [(code, "", name, english, kind, urgency, name) for name, code, english, kind, urgency, _ in CLASSES]
          + [(code, parent, sub, SUBCLASSES[sub], "", "", sub) for code, parent, sub in rows] + [("OTHER", "", "其他", "Other", "help", 4, "")])
    table("units.csv", ("code", "kind", "name", "name_en", "area"), [(*unit, "67000") for unit in UNITS])
    table("catalogue.csv", ("category", "unit", "promise"), [(code, unit, "7日") for _, code, _, _, _, unit in CLASSES] + [("OTHER", "DESK", "7日")])
    table("duties.csv", ("area", "role", "name"),
          [("67000", "督導", "1999督導")] + [(code, "督導", f"{name}督導") for code, name, _ in districts()])
    import_yaml(lookup)


if __name__ == "__main__":
    main()
