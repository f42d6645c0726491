#!/usr/bin/python3
"""Files that are damaged or taken away while the daemon runs: nobody gets a wrong answer, and nothing acknowledged is lost."""
import json
import os
import time

from harness import PATIENCE_S, TREE, Daemon, Timeout, equal, refused, report_of, run_tests, true

POLICY = os.path.join(TREE, "bench", "policy")
REPORTS = 60


def living():
    """A daemon with some cases, all of them in the archive."""
    daemon = Daemon(policy=POLICY, workers=()).start()
    client = daemon.client("admin")
    for index in range(REPORTS):
        client.ask("submit", **report_of(index), caller_name=f"Wang {index:04d}")
    client.ask("list", count=1, min_seq=client.ask("hello")["seq"])
    return daemon, client


def overwrite(path, begin, byte):
    with open(path, "r+b") as file:
        size = os.path.getsize(path)
        file.seek(begin)
        file.write(byte * (size - begin))


def listed(daemon):
    client = daemon.client("admin")
    client.ask("list", count=1, min_seq=client.ask("hello")["seq"])
    references = {case["source_ref"] for case in client.ask("list", count=500)["cases"]}
    client.close()
    return references


def test_archive_overwritten():
    """With every page overwritten no list is empty, no report is refused for ever: the archive is made anew, by the daemon itself or at its next start."""
    for byte in (b"\xff", b"\0", b"\x55"):
        daemon, client = living()
        overwrite(daemon.state_file("archive.mdb"), 8192, byte)
        try:  # the daemon that answered may have begun anew meanwhile: then there is no answer, and a client asks again
            page = client.try_ask("list", timeout_s=1, count=500)
            true("error" in page or len(page["cases"]) == REPORTS, f"a list of {len(page.get('cases', []))} after {byte}")
        except Timeout:
            pass
        deadline = time.monotonic() + PATIENCE_S
        while daemon.process.poll() is None and "archive broken, beginning anew" not in daemon.log():
            true(time.monotonic() < deadline, daemon.log()[-300:])
            time.sleep(0.01)
        if daemon.process.poll() is not None:
            equal(daemon.wait(), 5, "the status of a daemon that could not read a page")
            true("archive: the file is damaged" in daemon.log(), daemon.log()[-300:])
            daemon.start()
        client.close()
        client = daemon.client("admin")
        equal("error" in client.ask("submit", **report_of(REPORTS)), False)
        client.close()
        true({report_of(index)["source_ref"] for index in range(REPORTS)} <= listed(daemon), "cases that were there before")
        daemon.kill()


def test_journal_overwritten():
    """No page of the journal is what it was: what is asked for then is not acknowledged, and the status is that of a damaged store."""
    for byte in (b"\xff", b"\x55"):
        daemon, client = living()
        overwrite(daemon.state_file("journal.mdb"), 8192, byte)
        try:
            equal("error" in client.try_ask("submit", timeout_s=2, **report_of(REPORTS)), True)
        except Timeout:
            pass
        equal(daemon.wait(), 5, "the status of a daemon that could not append")
        true("journal: " in daemon.log() and "journal.mdb" in daemon.log(), daemon.log()[-300:])
        client.close()


def test_journal_deleted():
    """Nothing more is acknowledged into a file that is in no directory, and a backup of the running daemon saves it."""
    daemon, client = living()
    os.unlink(daemon.state_file("journal.mdb"))
    kept, deadline = REPORTS, time.monotonic() + PATIENCE_S
    while True:
        reply = client.try_ask("submit", **report_of(kept))
        if "error" in reply:
            break
        kept += 1
        true(time.monotonic() < deadline, "reports are taken into a file that was deleted")
    true(reply["error"] == "busy" and "journal.mdb was deleted" in reply["message"], reply)
    true("journal deleted" in daemon.log() and "reeve backup" in daemon.log(), daemon.log()[-300:])
    backup = os.path.join(daemon.directory, "saved")
    daemon.cli("backup", backup)
    daemon.kill()
    for name in os.listdir(daemon.state_file("")):
        os.unlink(daemon.state_file(name))
    os.rmdir(daemon.state_file(""))
    daemon.cli("restore", backup, "--into", daemon.state_file("").rstrip("/"))
    daemon.start()
    equal(listed(daemon), {report_of(index)["source_ref"] for index in range(kept)})


def test_a_damaged_row_in_a_backup():
    """It is named when the backup is made; the restore names it, leaves it out and has everything else."""
    daemon, client = living()
    client.close()
    daemon.stop()
    path = daemon.state_file("journal.mdb")
    with open(path, "r+b") as file:
        content = file.read()
        place = content.find(b"Wang 0030")
        while place >= 0:  # also in pages that are no longer in use
            file.seek(place)
            file.write(b"Wong")
            place = content.find(b"Wang 0030", place + 1)
    daemon.start()
    backup, elsewhere = os.path.join(daemon.directory, "backup"), os.path.join(daemon.directory, "elsewhere")
    said = daemon.cli("backup", backup)
    true("1 callers' rows are not what was stored" in said.stderr, said.stderr)
    number = said.stderr.split("that of case ")[1].split(":")[0]
    true(f'msg="caller\'s row damaged" case={number}' in daemon.log(), daemon.log()[-400:])
    restored = daemon.cli("restore", backup, "--into", elsewhere, "--json")
    true(f"the caller's row of case {number} is not what was stored and is left out" in restored.stderr, restored.stderr)
    equal(json.loads(restored.stdout)["private_rows"], REPORTS - 1)
    daemon.kill()
    other = Daemon(workers=())
    os.rmdir(other.state_file(""))
    os.rename(elsewhere, other.state_file("").rstrip("/"))
    other.start()
    client = other.client("admin")
    equal(len(client.ask("list", count=500)["cases"]), REPORTS)
    refused("no_contact", "case", client.ask, "contact", case=number, reason="test")


if __name__ == "__main__":
    run_tests(globals())
