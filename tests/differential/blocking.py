#!/usr/bin/env python3
"""Random commands that wait, and random writes that feed them, sent to Pinion and to redis-server side by side.

    blocking.py --pinion build/release/pinion --steps 20000 --seed 1

One step is one command: a client that is free sends a command that may wait, or the feeder writes or makes a
transaction of writes. After each step the same clients must be blocked on both servers, and those that are not must
have got the same reply. Where redis-server 7.0 and 7.2 part ways (consumers whose stream goes away, clients several
of whose keys become ready at once) nothing is asked: so what waits for several keys waits for none that is filled by
a move that waits.
"""

import argparse
import random
import sys
import time

from client import Client, ReplyTimeout, encode
from servers import Server

WAITERS = 5
SOURCES = [b"l1", b"l2", b"{t}l3"]
DESTINATIONS = [b"l4", b"{t}l5", b"{t}l6"]
LISTS = SOURCES + DESTINATIONS
ONLY_LISTS = [b"{t}l3", *DESTINATIONS]  # the others hold other types for a while
ZSETS = [b"z1", b"z2", b"{t}z3"]
STREAMS = [b"s1", b"s2"]
EPISODE = 60


def _some(rng, keys, most=3):
    return [rng.choice(keys) for _ in range(rng.randint(1, most))]


def _end(rng):
    return rng.choice([b"LEFT", b"RIGHT"])


def waiting_command(rng):
    keys = rng.choice([_some(rng, SOURCES), [rng.choice(LISTS)]])
    sets = _some(rng, ZSETS)
    return rng.choice([
        lambda: [b"BLPOP", *keys, b"0"],
        lambda: [b"BRPOP", *keys, b"0"],
        lambda: [b"BLMOVE", rng.choice(LISTS), rng.choice(DESTINATIONS), _end(rng), _end(rng), b"0"],
        lambda: [b"BRPOPLPUSH", rng.choice(LISTS), rng.choice(DESTINATIONS + ZSETS[:1]), b"0"],
        lambda: [b"BLMPOP", b"0", b"%d" % len(keys), *keys, _end(rng), b"COUNT", b"%d" % rng.randint(1, 3)],
        lambda: [b"BZPOPMIN", *sets, b"0"],
        lambda: [b"BZPOPMAX", *sets, b"0"],
        lambda: [b"BZMPOP", b"0", b"%d" % len(sets), *sets, rng.choice([b"MIN", b"MAX"]), b"COUNT", b"2"],
        lambda: [b"XREAD", b"COUNT", b"2", b"BLOCK", b"0", b"STREAMS", *STREAMS, b"$", rng.choice([b"$", b"5-0"])],
        lambda: [b"XREADGROUP", b"GROUP", b"g", b"c%d" % rng.randint(1, 2), b"COUNT", b"1", b"BLOCK", b"0",
                 b"STREAMS", rng.choice(STREAMS), b">"],
    ])()


def feeding_command(rng, ids):
    """A write. Some keys may hold another type for a while, but not those that a command overwrites in place: in Redis
    that makes nothing ready."""
    key, other = rng.choice(LISTS), rng.choice(LISTS)
    values = [b"%d" % rng.randint(1, 99) for _ in range(rng.randint(1, 3))]

    def xadd():
        ids[0] += 1
        return [b"XADD", rng.choice(STREAMS), b"%d-0" % ids[0], b"f", values[0]]

    return rng.choice([
        lambda: [b"RPUSH", key, *values],
        lambda: [b"LPUSH", key, *values],
        lambda: [b"RPUSHX", key, *values],
        lambda: [b"ZADD", rng.choice(ZSETS), values[0], b"m" + values[0]],
        lambda: [b"ZADD", rng.choice(ZSETS + LISTS[:1]), values[0], b"m" + values[0], b"1", b"one"],
        lambda: [b"LMOVE", key, other, _end(rng), _end(rng)],
        lambda: [b"RENAME", rng.choice(ONLY_LISTS), other],
        lambda: [b"COPY", rng.choice(ONLY_LISTS), other, b"REPLACE"],
        lambda: [b"DEL", key],
        lambda: [b"SET", rng.choice(SOURCES[:2] + ZSETS[:1]), b"text"],
        lambda: [b"SORT", key, b"BY", b"nosort", b"STORE", rng.choice(DESTINATIONS)],
        lambda: [b"LREM", key, b"0", values[0]],
        lambda: [b"ZUNIONSTORE", rng.choice(ZSETS[1:]), b"2", *rng.sample(ZSETS, 2)],
        xadd, xadd,
    ])()


class Side:
    """One server, its feeder and its waiters with what each has asked and not been told."""

    def __init__(self, server):
        self.server = server
        self.feeder = Client(server.port)
        self.waiters = [Client(server.port) for _ in range(WAITERS)]
        self.pending = [False] * WAITERS

    def restart_episode(self):
        for w in self.waiters:
            w.close()
        self._await_blocked(0)
        self.feeder.command("FLUSHALL")
        for s in STREAMS:
            self.feeder.command("XGROUP", "CREATE", s, "g", "$", "MKSTREAM")
        self.waiters = [Client(self.server.port) for _ in range(WAITERS)]
        for i, w in enumerate(self.waiters):
            w.command("CLIENT", "SETNAME", f"w{i}")
        self.pending = [False] * WAITERS

    def _await_blocked(self, count):
        deadline = time.monotonic() + 5
        while self._blocked_count() != count:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.server.name}: blocked clients do not become {count}")
            time.sleep(0.001)

    def _blocked_count(self):
        return len(self.blocked())

    def blocked(self):
        """The numbers of the waiters that CLIENT LIST shows as blocked."""
        out = set()
        for line in self.feeder.command("CLIENT", "LIST")[1].split(b"\n"):
            fields = dict(f.split(b"=", 1) for f in line.split(b" ") if b"=" in f)
            if b"b" in fields.get(b"flags", b"") and fields[b"name"].startswith(b"w"):
                out.add(int(fields[b"name"][1:]))
            elif b"b" in fields.get(b"flags", b""):
                out.add(-1)
        return out

    def ask(self, who, argv):
        self.waiters[who].send(encode(argv))
        self.pending[who] = True

    def feed(self, commands):
        if len(commands) == 1:
            self.feeder.send(encode(commands[0]))
            return [self.feeder.reply()]
        data = encode([b"MULTI"]) + b"".join(map(encode, commands)) + encode([b"EXEC"])
        self.feeder.send(data)
        return [self.feeder.reply() for _ in range(len(commands) + 2)]

    def settle(self, asked):
        """Replies that have come, by waiter. A command just asked is either blocked or answered in a moment."""
        replies = {}
        if asked is not None:
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline:
                try:
                    replies[asked] = self.waiters[asked].frame(timeout=0.002)
                    self.pending[asked] = False
                    break
                except ReplyTimeout:
                    if asked in self.blocked():
                        break
        blocked = self.blocked()
        for who in range(WAITERS):
            if self.pending[who] and who not in blocked:
                replies[who] = self.waiters[who].frame()
                self.pending[who] = False
        return replies, blocked

    def keyspace(self):
        out = []
        for key in LISTS + ZSETS:
            kind = self.feeder.command("TYPE", key)[1]
            read = {b"list": ("LRANGE", key, 0, -1), b"zset": ("ZRANGE", key, 0, -1, "WITHSCORES")}.get(kind)
            out.append((key, kind, self.feeder.command(*read) if read else None))
        return out


def play(sides, rng, steps):
    """Returns a description of the first difference, or None."""
    history, ids = [], [0]
    for side in sides:
        side.restart_episode()
    for _ in range(steps):
        free = [i for i in range(WAITERS) if not sides[0].pending[i]]
        if free and rng.random() < 0.5:
            who, argv = rng.choice(free), waiting_command(rng)
            history.append((f"w{who}", argv))
            for side in sides:
                side.ask(who, argv)
            fed = [None, None]
            asked = who
        else:
            one_list = rng.random() < 0.25
            commands = [feeding_command(rng, ids)]
            if one_list:  # a transaction that concerns one key
                key = rng.choice(LISTS)
                commands = [rng.choice([[b"RPUSH", key, b"a"], [b"LPUSH", key, b"b", b"c"], [b"DEL", key],
                                        [b"LPOP", key]]) for _ in range(3)]
            history.append(("feeder", commands))
            fed = [side.feed(commands) for side in sides]
            asked = None
        seen = [side.settle(asked) for side in sides]
        spaces = [side.keyspace() for side in sides]
        if fed[0] != fed[1] or seen[0] != seen[1] or spaces[0] != spaces[1]:
            lines = [f"  {who}: {argv}" for who, argv in history]
            return "\n".join(lines + [f"{s.server.name}: fed {f} seen {v} keys {k}"
                                      for s, f, v, k in zip(sides, fed, seen, spaces)])
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pinion", required=True)
    parser.add_argument("--redis", default="redis-server")
    parser.add_argument("--steps", type=int, default=0, help="0: as long as --seconds says")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    servers = [Server("redis", options.redis).start(), Server("pinion", options.pinion, ["--threads", "3"]).start()]
    began, done, episode = time.monotonic(), 0, 0
    try:
        sides = [Side(s) for s in servers]
        while done < options.steps if options.steps else time.monotonic() - began < options.seconds:
            difference = play(sides, random.Random(f"{options.seed}/{episode}"), EPISODE)
            if difference is not None:
                print(f"seed {options.seed}, episode {episode}:\n{difference}")
                return 1
            done += EPISODE
            episode += 1
    finally:
        for server in servers:
            server.stop()
    print(f"{done} steps without a difference (seed {options.seed})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
