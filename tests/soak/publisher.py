"""A call centre over the Python module: publisher.py SERVICE LOG NAME SEED RATE. Goes on from its log after a kill, and sends again what was not
acknowledged. SIGTERM: nothing new, then it waits until everything is answered."""
import random
import sys
import time

from keeping import Log, Wish
import reeve

WORDS = ("the street lamp is dark", "a pothole", "a burst pipe", "noise all night", "litter everywhere", "something else")
AREAS = ("n1", "n2", "s1", "s2", "n", None)


def report_of(name, number):
    """The same number always makes the same report."""
    report = {"source": name, "source_ref": str(number), "channel": "app" if number % 3 else "phone",
              "text": f"wordsmark: {WORDS[number % 6]}, says caller {number}{', and a gas smell' if number % 97 == 5 else ''}",
              "caller_name": f"namemark {name} {number}", "caller_phone": f"phonemark-{number}", "caller_contact": "contactmark, third window"}
    if AREAS[number // 6 % 6]:
        report["area"] = AREAS[number // 6 % 6]
    if number % 61 == 7:
        report["confidential"] = True
    return report


class Centre:
    def __init__(self, service, log, name, seed):
        self.log, self.name = Log(log), name
        self.last, self.open = 0, set()
        for line in self.log.before:
            word, number = line.split()[:2]
            if word == "sent":
                self.open.add(int(number))
                self.last = max(self.last, int(number))
            else:
                self.open.discard(int(number))
        self.client = reeve.Client(service, actor=name, resend_s=15.0)
        self.chance = random.Random(f"{seed} {self.last}")
        self.waiting = {}
        self.send(sorted(self.open))

    def send(self, numbers):
        self.log.add(*[f"sent {number}" for number in numbers])
        for number in numbers:
            self.waiting[self.client.send("submit", **report_of(self.name, number))] = number

    def take(self):
        self.client.run(0.02)
        if not self.client.answers:
            return
        lines = []
        for request in list(self.client.answers):
            reply, number = self.client.answers.pop(request), self.waiting.pop(request)
            lines.append(f"refused {number} {reply['error']}" if "error" in reply else
                         f"acknowledged {number} {reply['case']} {reply['seq']}{' known' if reply.get('duplicate') else ''}")
        self.log.add(*lines)

    def work(self, rate, wish):
        most = 2 + int(rate * 4)
        allowed, then, burst = 0.0, time.monotonic(), 1
        while not wish.stop:
            now = time.monotonic()
            allowed, then = min(allowed + (now - then) * rate, 5.0 * most), now
            if allowed >= burst and len(self.waiting) < 2000:
                numbers = list(range(self.last + 1, self.last + 1 + burst))
                self.last += burst
                if self.last > 10 and self.chance.random() < 0.25:
                    numbers.append(self.chance.randrange(1, self.last))  # a ticket that comes once more
                self.send(numbers)
                allowed -= burst
                burst = self.chance.randrange(1, most)
            self.take()
        while self.waiting:
            self.take()


def main():
    service, log, name, seed, rate = sys.argv[1:]
    wish = Wish()
    Centre(service, log, name, seed).work(float(rate), wish)


if __name__ == "__main__":
    main()
