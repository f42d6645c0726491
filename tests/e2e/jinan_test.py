#!/usr/bin/python3
"""A city's whole policy in a living daemon: danger finds its people at once, work goes to the lowest level that is there, and a change of the whole
policy is told without end."""
import json
import os

from harness import TREE, Daemon, equal, run_tests, true

JINAN = os.path.join(TREE, "examples", "jinan")
BOSTON = os.path.join(TREE, "examples", "boston")
GRID = "370102001001001"
# Monday 12 October 2026, ten in the morning in Jinan: everybody is at work.
SETTINGS = {"daemon": {"clock": "driven", "driven_start": "2026-10-12T02:00:00Z"}}
START_MS = 1791770400000
MINUTE_MS = 60000


def submitted(client, ref, text, **fields):
    return client.ask("submit", source="jn-12345", source_ref=ref, text=text, area=GRID, **fields)["case"]


def events_of(client, case):
    return client.ask("timeline", case=case)["events"]


def test_a_gas_smell_is_told_at_once():
    """煤气味 makes it urgency 1 before anybody looked; the city's duty officer hears at once, the gas service leads, fire brigade and emergency office help."""
    daemon = Daemon(policy=JINAN, settings=SETTINGS).start()
    client = daemon.client()
    case = submitted(client, "1", "楼道里有很大的煤气味，请赶快来人")
    client.ask("advance", to=START_MS + MINUTE_MS)
    shown = client.ask("show", case=case)
    equal((shown["urgency"], shown["category"], shown["unit"], shown["limit"]), (1, "D01", "JN-GAS", "危险处置"))
    events = events_of(client, case)
    told = next(event for event in events if event["event"] == "case_escalated")
    equal((told["audience"], told["audience_area"], told["ladder"]), ("值班员@市", "370100", "危急立即告知"))
    equal([event["assistant"] for event in events if event["event"] == "assistant_added"], ["JN-XFJ", "JN-YJJ"])


def test_work_goes_to_the_lowest_level():
    """Exposed refuse: the grid worker; a quarrel of neighbours: the community's mediators; a water bill: the utility."""
    daemon = Daemon(policy=JINAN, settings=SETTINGS).start()
    client = daemon.client()
    cases = {submitted(client, "1", "路边有一大堆暴露垃圾，没人清理"): f"{GRID}-WG", submitted(client, "2", "和楼上邻居因为漏水起了纠纷，希望调解", category="H10"): f"{GRID[:12]}-TJ",
             submitted(client, "3", "自来水水压太低"): "JN-WATER"}
    client.ask("advance", to=START_MS + 10 * MINUTE_MS)
    for case, unit in cases.items():
        equal(client.ask("show", case=case).get("unit"), unit, f"unit of {case}")


def test_a_change_of_everything_is_told_in_part():
    """From Boston to Jinan: thousands of rows differ; the first thousand are told, and how many more there are."""
    daemon = Daemon(policy=BOSTON, settings=SETTINGS, workers=()).start()
    reply = json.loads(daemon.cli("--json", "policy", "apply", JINAN, "--yes").stdout)
    equal(reply["policy"], 2)
    equal(len(reply["changes"]), 1001)
    true("more changes are not listed" in reply["changes"][-1]["message"], reply["changes"][-1])
    equal({finding["level"] for finding in reply["findings"]}, {"warning"})
    daemon.kill()
    daemon.start()
    equal(daemon.client().ask("policy_read")["policy_name"], "jinan")


if __name__ == "__main__":
    run_tests(dict(globals()))
