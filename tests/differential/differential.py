#!/usr/bin/env python3
"""Sends the same random commands to Pinion and to redis-server and fails on any unexplained difference.

    differential.py --pinion build/release/pinion --commands 1000000 --seed 1

A run is made of episodes. Each starts both servers from nothing, plays some thousand commands made from
(seed, episode) alone, and compares every reply, every message sent to subscribers, and now and then the whole
keyspace. A difference is shrunk to the fewest commands that still show it and printed as a redis-cli script
with both replies. What may differ, and why, is listed in compare.py.
"""

import argparse
import importlib
import os
import random
import sys
import time

import engine as engine_module
from client import Client
from engine import Engine
from grammar import Family, Op, Source
from servers import Server
from shrink import shrink

FAMILIES = ["strings", "lists", "sets", "hashes", "sorted_sets", "streams", "sorts", "bitmaps", "hyperloglogs", "geos",
            "keys", "transactions", "scripting", "connection", "pubsub", "server", "acls"]
NEEDED = {"CLIENT", "CONFIG", "DBSIZE", "FLUSHALL", "GET", "HELLO", "KEYS", "OBJECT", "PING", "PTTL",
          "RANDOMKEY", "SELECT", "TYPE"}
MOST_DIFFERENCES = 10
LONGEST_SCRIPT = 60  # only a difference that does not come back when replayed has a longer one
EPISODE_COMMANDS = 3000
DUMP_EVERY = 400


class Plan:
    """Which families an episode draws from and how its connections take turns; a function of seed and episode
    alone."""

    def __init__(self, seed, episode, families, resp):
        self.rng = random.Random(f"{seed}/{episode}")
        self.resp = resp or self.rng.choice((2, 3))
        names = list(families)
        # Most episodes mix a few families; a transaction around every command is worth more than each alone.
        self.names = sorted(self.rng.sample(names, self.rng.randint(1, min(4, len(names)))))
        self.turn = self.rng.choice((5, 30, 200))  # the longest run of commands on one connection
        self.events = self.rng.random() < 0.3
        self.subscribers = "pubsub" in self.names
        self.size = EPISODE_COMMANDS if self.turn > 5 and not self.events else EPISODE_COMMANDS // 3

    def operations(self, families, subscriber_family):
        source = Source(self.rng, noticed=self.events or "transactions" in self.names or self.subscribers)
        chosen = [families[name] for name in self.names if families[name].rows]
        ops = []
        while len(ops) < self.size and chosen:
            if self.subscribers and not self.events and self.rng.random() < 0.3:
                source.conn, kinds = self.rng.choice(engine_module.SUBSCRIBERS), [subscriber_family]
            else:
                source.conn, kinds = self.rng.choice(engine_module.WORKERS), chosen
            for _ in range(self.rng.randint(1, self.turn)):
                made = self.rng.choice(kinds).op(source)
                if made is not None:
                    ops.extend(made if isinstance(made, list) else [made])
        return ops


class Run:
    """The episodes, the differences found, and the report."""

    def __init__(self, options, reference, other):
        self.options = options
        self.reference, self.other = reference, other
        supported = self._commands(reference) & self._commands(other) | {"NOSUCHCOMMAND", ""}
        if NEEDED - supported:
            raise SystemExit(f"the comparison itself needs {', '.join(sorted(NEEDED - supported))}")
        self.engine = Engine(reference, other, options.resp or 2)
        modules = {name: importlib.import_module(name) for name in options.families}
        self.families = {name: Family(name, module.ROWS, supported) for name, module in modules.items()}
        pubsub = importlib.import_module("pubsub")
        self.subscriber_family = Family("subscribers", pubsub.SUBSCRIBER_ROWS, supported)
        self.missing = sorted({m for f in self.families.values() for m in f.missing})
        self.found = {}
        self.counts = {}

    @staticmethod
    def _commands(server):
        admin = Client(server.port)
        kind, rows = admin.command("COMMAND")
        admin.close()
        return {row[1][0][1].decode("latin-1").upper() for row in rows} if kind == b"*" else set()

    def go(self):
        started = time.monotonic()
        self.deadline = started + (self.options.seconds or float("inf"))
        episode = self.options.episode or 0
        while not self._enough():
            self._episode(episode)
            if self.options.episode is not None:
                break
            episode += 1
        self._report(time.monotonic() - started, episode)
        return 1 if self.found or (self.missing and self.options.require_all) else 0

    def _enough(self):
        return (self.engine.commands_run >= self.options.commands or len(self.found) >= MOST_DIFFERENCES
                or time.monotonic() >= self.deadline)

    def _episode(self, episode):
        plan = Plan(self.options.seed, episode, self.options.families, self.options.resp)
        ops = plan.operations(self.families, self.subscriber_family)
        self.engine.set_resp(plan.resp)
        while ops:
            difference = self.engine.run(ops, plan.events, DUMP_EVERY)
            if difference is None:
                return
            if difference.signature not in self.found:
                self._note(difference, ops[:difference.position], plan, episode)
            self.counts[difference.signature] = self.counts.get(difference.signature, 0) + 1
            if self._enough():
                return
            # The states may have parted, so what is left of the episode starts from nothing.
            ops = ops[difference.position:]

    def _note(self, difference, ops, plan, episode):
        wanted = difference.signature
        last = [difference]

        def shows(candidate):
            again = self.engine.run(candidate, plan.events, len(candidate))
            if again is not None and again.signature == wanted:
                last[0] = again
                return True
            return False

        small, where = ops, f"seed {self.options.seed}, episode {episode}, RESP{plan.resp}"
        if shows(ops):
            small = shrink(ops, shows, self.options.shrink_seconds)
            shows(small)
        else:
            where += ", seen once and not again"
            small = ops[-10:]
        self.found[wanted] = (last[0], small, len(ops), where, plan.events)
        self._print(wanted)

    def _print(self, wanted):
        difference, ops, length, where, events = self.found[wanted]
        print(f"\n== difference {len(self.found)}: {wanted[0]}  ({where}; {len(ops)} of {length} commands)")
        if events:
            print("   (with CONFIG SET notify-keyspace-events KEA, connections 2 and 3 subscribed to __key*__:*)")
        for op in ops[-LONGEST_SCRIPT:]:
            print(f"   {op.conn}> {script_line(op)}")
        if difference.note:
            print(f"   {difference.note}")
        for server, frames in ((self.reference, difference.reference), (self.other, difference.other)):
            for frame in frames or [b"(nothing)"]:
                print(f"   {server.name:>7}: {shorten(frame)}")
        sys.stdout.flush()

    def _report(self, seconds, episode):
        rate = self.engine.commands_run / max(seconds, 0.001)
        print(f"\n{self.engine.commands_run} commands in {seconds:.1f} s ({rate:.0f} a second), "
              f"{episode} episodes, seed {self.options.seed}: {len(self.found)} distinct differences")
        for wanted, count in sorted(self.counts.items(), key=lambda item: -item[1]):
            print(f"   {count:6}  {wanted[0]}: {' / '.join(map(str, wanted[1:]))}")
        if self.missing:
            print(f"   commands that only one server has, not compared: {' '.join(self.missing)}")


def script_line(op):
    """The operation as redis-cli would take it."""
    if op.raw is not None:
        return f"(raw bytes) {op.raw!r}"
    words = []
    for arg in op.argv:
        plain = arg and all(0x21 <= c <= 0x7E and c not in b"\"'\\" for c in arg)
        dots = "..." if len(arg) > 200 else ""
        words.append(arg.decode() if plain else '"' + "".join(map(escaped, arg[:200])) + dots + '"')
    return " ".join(words) + ("    (then wait until it has passed)" if op.settle else "")


def escaped(code):
    if code in b'"\\':
        return "\\" + chr(code)
    return chr(code) if 0x20 <= code <= 0x7E else f"\\x{code:02x}"


def shorten(frame, limit=400):
    text = repr(frame)[2:-1]
    return text if len(text) <= limit else f"{text[:limit]}... ({len(frame)} bytes)"


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pinion", required=True, help="the server to examine")
    parser.add_argument("--redis", default="redis-server", help="the reference, redis-server 7.0")
    parser.add_argument("--commands", type=int, default=1_000_000, help="stop after so many commands")
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("PINION_DIFFERENTIAL_SECONDS", 0)),
                        help="stop after so many seconds (0: no limit; default: $PINION_DIFFERENTIAL_SECONDS)")
    parser.add_argument("--patience", type=float, default=3, help="seconds a reply may take")
    parser.add_argument("--shrink-seconds", type=float, default=25,
                        help="how long to shrink one difference at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--episode", type=int, help="play this one episode only")
    parser.add_argument("--families", default=",".join(FAMILIES), help="comma-separated: " + ", ".join(FAMILIES))
    parser.add_argument("--resp", type=int, choices=(2, 3), help="speak only this; default: chosen by the seed")
    parser.add_argument("--require-all", action="store_true", help="fail when a command is missing on one server")
    options = parser.parse_args()
    options.families = options.families.split(",")
    unknown = set(options.families) - set(FAMILIES)
    if unknown:
        parser.error(f"no such family: {', '.join(sorted(unknown))}")
    return options


def main():
    options = parse_options()
    Client.patience = options.patience
    with Server("redis", options.redis) as reference, Server("pinion", options.pinion) as other:
        return Run(options, reference, other).go()


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    sys.exit(main())
