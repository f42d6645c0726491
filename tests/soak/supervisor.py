"""A supervisor over the Python module: supervisor.py SERVICE FEED LOG NAME TOPIC. Logs "SEQ STREAM EVENT" for each event and goes on behind the last
one after a kill; answers a part of the notices."""
import sys

from keeping import Log, Wish
import reeve


def main():
    service, feed, log, name, topic = sys.argv[1:]
    wish, log = Wish(), Log(log)
    client = reeve.Client(service, feed, actor=name, resend_s=3.0)
    last = int(log.before[-1].split()[0]) if log.before else 0
    for event in client.subscribe(topic, from_seq=last + 1, stop=lambda: wish.stop):
        log.add(f"{event['seq']} {event.get('stream', 0)} {event['event']}")
        if event["event"] == "case_escalated" and event["seq"] % 3 == 0:
            client.send("acknowledge", case=event["case"], notice=event["notice"])
        client.answers.clear()  # whether somebody else was quicker does not matter


if __name__ == "__main__":
    main()
