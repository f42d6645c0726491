"""A supervisor over the Python module: supervisor.py SERVICE FEED LOG NAME TOPIC. Logs "SEQ STREAM EVENT" for each event, and "# reached SEQ";
after a kill it goes on behind what was reached, without what it saw of the rest. Answers a part of the notices."""
import sys

from keeping import Log, Wish
import reeve


def main():
    service, feed, log, name, topic = sys.argv[1:]
    wish, log = Wish(), Log(log)
    client = reeve.Client(service, feed, actor=name, resend_s=15.0)
    reached = max([int(line.split()[2]) for line in log.before if line.startswith("# reached")], default=0)
    seen = {int(line.split()[0]) for line in log.before if not line.startswith("#")}
    for event in client.subscribe(topic, from_seq=reached + 1, stop=lambda: wish.stop):
        if client.reached > reached:
            reached = client.reached
            log.add(f"# reached {reached}")
        if event["seq"] in seen:
            continue
        log.add(f"{event['seq']} {event.get('stream', 0)} {event['event']}")
        if event["event"] == "case_escalated" and event["seq"] % 3 == 0:
            client.send("acknowledge", case=event["case"], notice=event["notice"])
        client.answers.clear()  # whether somebody else was quicker does not matter


if __name__ == "__main__":
    main()
