"""A past for the city: before the soak a daemon with a driven clock lives through weeks of reports that were answered, so that there is something
old enough to be pruned while everything else goes on."""
import os
import subprocess
import time

import yaml

from keeping import TREE  # noqa: F401: finds the Python module
import reeve

DAYS, EACH = 40, 100
DAY_MS = 86400000


def files_of(directory):
    found = []
    for name in sorted(os.listdir(directory)):
        with open(os.path.join(directory, name), encoding="utf-8") as file:
            found.append({"name": name, "content": file.read()})
    return found


def report_of(number):
    return {"source": "past", "source_ref": str(number), "text": f"wordsmark: what was wrong on day {number // EACH}, says caller {number}",
            "caller_name": f"namemark past {number}", "caller_phone": f"phonemark-{number}"}


def live_through(stage):
    """Leaves the state directory as it would be after DAYS days."""
    now = int(time.time() * 1000)
    begin = now - (DAYS + 1) * DAY_MS
    with open(stage.config, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    config["daemon"].update(clock="driven", driven_start=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begin // 1000)))
    config["workers"] = []
    path = stage.path("past.yaml")
    with open(path, "w", encoding="utf-8") as file:
        yaml.safe_dump(config, file)
    with open(stage.path("past.err"), "ab") as log:
        daemon = subprocess.Popen([stage.program("reeved"), "--config", path], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        client = reeve.Client(stage.sockets["service"], actor="past")
        client.ask("policy_apply", timeout_s=60, files=files_of(stage.policies[0]))
        for day in range(DAYS):
            cases = [reply["case"] for _, reply in client.publish_all(report_of(day * EACH + each) for each in range(1, EACH + 1))]
            for request in [client.send("answer", case=case, result="done") for case in cases]:
                client.wait(request)
            client.ask("advance", timeout_s=60, to=begin + (day + 1) * DAY_MS)
        client.close()
    finally:
        daemon.terminate()
        status = daemon.wait()
    if status != 0:
        raise SystemExit(f"soak: the past ended with {status}, see {stage.path('past.err')}")
