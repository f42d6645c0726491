"""Units, dispatchers and whoever calls residents back: people.py SERVICE FEED LOG NAME SEED SHARE OF.

Takes the cases whose number leaves SHARE when divided by OF through their lives by random ways, with delays that now and then break a promise. Each command
is logged before it is sent ("sent NUMBER JSON") and when it was answered ("acknowledged NUMBER SEQ", "refused NUMBER ERROR"); after a kill the
unanswered ones are sent again under the same request id. SIGTERM: no new ways, what is under way is answered first."""
import heapq
import json
import queue
import random
import sys
import threading
import time

from keeping import Log, Wish
import reeve

SWEEP_S = 10
BACKLOG_MOST = 1500  # whoever is that far behind does not look for more
UNITS = ("works", "works-n", "water-co", "gas-co", "order")
OPEN = ("received", "triaged", "dispatched", "in_progress", "suspended", "reported", "calling_back")


def number_of(case):
    return int(case.replace("-", "")) // 10


class People:
    def __init__(self, service, feed, log, name, seed, share, of):
        self.log, self.name, self.share, self.of = Log(log), name, share, of
        self.client = reeve.Client(service, feed, actor=name, resend_s=15.0)
        self.watcher = reeve.Client(service, feed, actor=name, resend_s=15.0)
        self.count, open_ones = 0, {}
        for line in self.log.before:
            word, number, rest = line.split(" ", 2)
            self.count = max(self.count, int(number))
            if word == "sent":
                open_ones[int(number)] = json.loads(rest)
            else:
                open_ones.pop(int(number), None)
        self.chance = random.Random(f"{seed} {self.count}")
        self.known = {}    # case -> when it was last acted on
        self.plans = []    # (when, tie, case, command, fields)
        self.waiting = {}  # request -> (command, case)
        self.news = queue.SimpleQueue()
        self.sweep_at = 0.0
        self.ties = 0
        for number, fields in open_ones.items():
            self.dispatch(f"{name}.{number}", dict(fields))

    # ---- asking ----

    def dispatch(self, request, fields):
        command = fields.pop("command")
        self.waiting[request] = (command, fields.get("case"))
        self.client.send(command, request=request, **fields)

    def do(self, command, case, **fields):
        """A command that changes something: under an id that outlives us."""
        self.count += 1
        self.log.add(f"sent {self.count} {json.dumps(dict(fields, command=command, case=case))}")
        self.dispatch(f"{self.name}.{self.count}", dict(fields, command=command, case=case))

    def look(self, case):
        self.waiting[self.client.send("show", case=case)] = ("show", case)

    def plan(self, delay, command, case, **fields):
        self.ties += 1
        heapq.heappush(self.plans, (time.monotonic() + delay, self.ties, case, command, fields))

    # ---- what to do with a case ----

    def delay(self):
        return self.chance.choice((0.1, 0.3, 0.6, 1.0, 1.5)) if self.chance.random() < 0.93 else self.chance.uniform(4, 14)

    def choose(self, ways):
        """One of (weight, command, fields)."""
        return self.chance.choices(ways, [way[0] for way in ways])[0][1:]

    def act(self, shown):
        case, state, now = shown["case"], shown["state"], shown["now"]
        self.known[case] = time.monotonic()
        if shown.get("requests"):
            asked = shown["requests"][0]["asked"]
            command, fields = self.choose(((7, asked.replace("request", "approve"), {}), (3, "deny", {"asked": asked, "reason": "no"})))
        elif shown.get("assistants") and shown["assistants"][-1].get("running"):
            command, fields = "assist_report", {"assistant": shown["assistants"][-1]["assistant"], "result": "done"}
        elif state in ("received", "triaged"):
            command, fields = self.stuck(state, shown)
        else:
            command, fields = self.choose(self.ways(state, now))
        if command == "merge" and not fields["into"]:
            command, fields = "remind", {}
        self.plan(self.delay(), command, case, **fields)

    def stuck(self, state, shown):
        """Only when the workers could not."""
        if not shown.get("attention"):
            return "show", {}
        return ("triage", {"category": "other"}) if state == "received" else ("dispatch", {"unit": self.chance.choice(UNITS)})

    def ways(self, state, now):
        other = next((case for case in self.known if self.chance.random() < 0.2), None)
        return {
            "dispatched": ((80, "sign", {}), (4, "request_return", {"reason": "not ours"}), (3, "transfer", {"unit": self.chance.choice(UNITS), "reason": "theirs"}),
                           (2, "recall", {"reason": "wrong"}), (2, "cancel", {"reason": "twice"}), (2, "hand_over", {"emergency": "911"}),
                           (2, "merge", {"into": other}), (5, "report", {"result": "done at once"})),
            "in_progress": ((75, "report", {"result": "done"}), (4, "request_extension", {"reason": "parts"}),
                            (4, "request_suspension", {"reason": "frost", "until": now + self.chance.randrange(1000, 8000)}), (3, "assist", {"assistant": "order"}),
                            (2, "supervise", {"opinion": "quickly"}), (3, "remind", {}), (2, "reach", {"milestone": "cordoned"}), (2, "contact", {"reason": "a question"}),
                            (2, "seal", {"confidential": self.chance.random() < 0.5}), (3, "merge", {"into": other})),
            "suspended": ((7, "resume", {}), (3, "show", {})),
            "reported": ((85, "check", {}), (10, "rework", {"reason": "half done"}), (5, "close", {"outcome": "solved"})),
            "calling_back": ((80, "call_back", {"contacted": True, "solved": True, "satisfied": True}), (10, "call_back", {"contacted": False}),
                             (5, "call_back", {"contacted": True, "solved": False, "satisfied": False}), (5, "close", {"outcome": "solved"})),
            "closed": ((1, "reopen", {"reason": "again"}),),
        }[state]

    # ---- answers ----

    def answered(self, request, reply):
        command, case = self.waiting.pop(request)
        if command == "list":
            self.swept(reply)
        elif command != "show":
            number = request.split(".")[-1]
            self.log.add(f"refused {number} {reply['error']}" if "error" in reply else f"acknowledged {number} {reply['seq']}")
            self.look(case)
        elif "error" in reply:
            self.known.pop(case, None)
        elif reply["state"] != "closed":
            self.act(reply)
        else:
            self.known.pop(case, None)
            if self.chance.random() < 0.03:
                self.plan(self.delay(), self.chance.choice(("reopen", "unmerge", "remind")), case, reason="again")

    def swept(self, reply):
        now = time.monotonic()
        for row in reply.get("cases", ()):
            case = row["case"]
            if number_of(case) % self.of == self.share and now - self.known.get(case, -100.0) > 25:
                self.known[case] = now
                self.look(case)
        if reply.get("cursor") and len(self.waiting) < BACKLOG_MOST:
            self.waiting[self.client.send("list", closed=False, count=500, cursor=reply["cursor"])] = ("list", None)
        else:
            self.sweep_at = now + SWEEP_S

    # ---- the loop ----

    def follow(self, wish):
        """In a thread of its own: cases that were dispatched."""
        for event in self.watcher.subscribe("case_dispatched/", stop=lambda: wish.stop):
            if number_of(event["case"]) % self.of == self.share:
                self.news.put(event["case"])

    def turn(self, stopping):
        now = time.monotonic()
        while not self.news.empty() and len(self.waiting) < BACKLOG_MOST:
            case = self.news.get()
            if case not in self.known:
                self.known[case] = now
                self.look(case)
        if self.sweep_at <= now and not stopping and len(self.waiting) < BACKLOG_MOST // 4:
            self.sweep_at = now + 100
            self.waiting[self.client.send("list", closed=False, count=500)] = ("list", None)
        while self.plans and self.plans[0][0] <= now and not stopping:
            _, _, case, command, fields = heapq.heappop(self.plans)
            if command == "show":
                self.look(case)
            else:
                self.do(command, case, **fields)
        self.client.run(0.02)
        for request in list(self.client.answers):
            self.answered(request, self.client.answers.pop(request))

    def work(self, wish):
        threading.Thread(target=self.follow, args=(wish,), daemon=True).start()
        while not wish.stop:
            self.turn(False)
        while any(command != "show" for command, _ in self.waiting.values()):
            self.turn(True)


def main():
    service, feed, log, name, seed, share, of = sys.argv[1:]
    wish = Wish()
    People(service, feed, log, name, seed, int(share), int(of)).work(wish)


if __name__ == "__main__":
    main()
