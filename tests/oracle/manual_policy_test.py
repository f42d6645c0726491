#!/usr/bin/python3
"""The examples in reeve-policy(5), one for each file, are together a policy without a single finding.

usage: manual_policy_test.py ORACLE PROJECT
"""
import os
import re
import subprocess
import sys
import tempfile

FILES = {"policy.yaml", "areas.csv", "categories.csv", "units.csv", "catalogue.csv", "admissions.csv", "duties.csv", "calendars.yaml", "clocks.yaml", "ladders.yaml"}


def main():
    oracle, project = sys.argv[1:]
    with open(os.path.join(project, "docs", "man", "reeve-policy.5"), encoding="utf-8") as file:
        manual = file.read()
    with tempfile.TemporaryDirectory() as folder:
        for name, section in re.findall(r"^\.Ss (\S+)\n(.*?)(?=^\.S[sh] )", manual, re.M | re.S):
            example = re.search(r"^\.Bd -literal -offset indent\n(.*?)^\.Ed$", section, re.M | re.S)
            assert example, f"{name} has no example"
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(example[1])
        assert set(os.listdir(folder)) == FILES, f"the manual shows {sorted(os.listdir(folder))}"
        table = os.path.join(folder, "empty.table")
        with open(table, "w", encoding="utf-8") as file:
            file.write("open_dt,target_dt,type,pwd_district\n")
        result = subprocess.run([oracle, folder, table], capture_output=True, text=True)
        assert result.returncode == 0 and result.stderr == "", f"findings in the manual's examples:\n{result.stderr}"
    print(f"manual: the examples of {len(FILES)} files are a policy")


if __name__ == "__main__":
    main()
