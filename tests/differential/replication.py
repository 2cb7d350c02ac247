#!/usr/bin/env python3
"""Has redis-server follow Pinion while several clients write at random, and compares the two keyspaces.

    replication.py --pinion build/release/pinion --seconds 20 --seed 1

An episode writes with the grammars of the comparison from some connections at once, a second replica joins in its
middle, and the links are cut now and then. When all writing has ended and the replicas have the whole stream, every
key of every database must have the same digest and the same deadline.
"""

import argparse
import importlib
import random
import sys
import threading
import time

from client import Client, ConnectionLost, ProtocolError, ReplyTimeout, encode, parse
from grammar import Family, Source
from servers import Server

FAMILIES = ["strings", "lists", "sets", "hashes", "sorted_sets", "streams", "sorts", "bitmaps", "hyperloglogs", "geos",
            "keys", "transactions", "scripting"]
# What would change the course of the test rather than keys, and what redis-server 7.0 cannot follow.
LEFT_OUT = {"CONFIG", "CLIENT", "DEBUG", "HELLO", "MONITOR", "QUIT", "RESET", "SHUTDOWN", "WAIT", "SUBSCRIBE",
            "PSUBSCRIBE", "SSUBSCRIBE"}
CONNECTIONS = 3
OPERATIONS = 1500  # of each connection
MEETING_SECONDS = 20


class Writer(threading.Thread):
    """Plays operations on a connection of its own, whatever the replies are."""

    def __init__(self, port, ops):
        super().__init__()
        self.port = port
        self.ops = ops
        self.written = 0

    def run(self):
        client = Client(self.port)
        client.timeout = 0.3
        for op in self.ops:
            name = op.argv[0].upper().decode("latin-1") if op.argv else ""
            if op.raw is not None or not op.argv or name in LEFT_OUT:
                continue
            try:
                client.send(encode(op.argv))
                client.reply()
                self.written += 1
            except (ReplyTimeout, ConnectionLost, ProtocolError, OSError):  # a command that waits, as a rule
                client.close()
                client = Client(self.port)
                client.timeout = 0.3
        client.close()


def info(client, name):
    text = client.command("INFO", "replication")[1].decode()
    return dict(line.split(":", 1) for line in text.split("\r\n") if ":" in line).get(name, "")


def keyspace(client):
    """{(db, key): (digest, deadline)} of all keys."""
    out = {}
    for db in range(16):
        client.command("SELECT", db)
        names = [item[1] for item in client.command("KEYS", "*")[1]]
        for name in names:
            digest = client.command("DEBUG", "DIGEST-VALUE", name)[1]
            out[(db, name)] = (digest[0][1] if isinstance(digest, list) else digest,
                               client.command("PEXPIRETIME", name)[1])
    client.command("SELECT", 0)
    return {key: value for key, value in out.items() if value[1] != -2}


def await_replica(master, replica):
    """Until the replica has all of the stream; what still expires makes it longer."""
    deadline = time.monotonic() + MEETING_SECONDS
    while time.monotonic() < deadline:
        if info(replica, "master_link_status") == "up" and \
                info(master, "master_repl_offset") == info(replica, "slave_repl_offset"):
            return True
        time.sleep(0.02)
    return False


def difference(master, replica):
    """What is not equal when everything has arrived; None when nothing is."""
    deadline = time.monotonic() + 3
    while True:
        if not await_replica(master, replica):
            return f"the replica does not arrive: {info(master, 'master_repl_offset')} here, " \
                   f"{info(replica, 'slave_repl_offset')} there"
        ours, theirs = keyspace(master), keyspace(replica)
        if ours == theirs:
            return None
        if time.monotonic() > deadline:  # a key may have expired between the two looks, but not again and again
            keys = [key for key in sorted(ours.keys() | theirs.keys()) if ours.get(key) != theirs.get(key)]
            return "\n".join(f"{key}: {ours.get(key)} here, {theirs.get(key)} there" for key in keys[:10])


def episode(options, pinion, replicas, families, number):
    rng = random.Random(f"{options.seed}/{number}")
    writers = []
    for connection in range(CONNECTIONS):
        source = Source(rng, noticed=True)
        source.conn = connection
        chosen = rng.sample(sorted(families), rng.randint(1, 4))
        ops = []
        while len(ops) < OPERATIONS:
            made = families[rng.choice(chosen)].op(source)
            if made is not None:
                ops.extend(made if isinstance(made, list) else [made])
        writers.append(Writer(pinion.port, ops))
    clients = [Client(server.port) for server in (pinion, *replicas)]
    master = clients[0]
    for writer in writers:
        writer.start()
    if len(replicas) > 1:
        clients[2].command("REPLICAOF", "127.0.0.1", pinion.port)  # in the middle of it
    while any(writer.is_alive() for writer in writers):
        if rng.random() < 0.2:
            master.command("CLIENT", "KILL", "TYPE", "replica")
        time.sleep(0.05)
    found = None
    for replica in clients[1:]:
        found = found or difference(master, replica)
    if len(replicas) > 1:
        clients[2].command("REPLICAOF", "NO", "ONE")
    for client in clients:
        client.close()
    return found, sum(writer.written for writer in writers)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pinion", required=True, help="the server to follow")
    parser.add_argument("--redis", default="redis-server", help="the replica, redis-server 7.0")
    parser.add_argument("--seconds", type=float, default=10, help="begin no further episode after so many")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    follower = ["--repl-diskless-load", "disabled", "--replica-announce-ip", "127.0.0.1"]
    with Server("pinion", options.pinion, ["--threads", "2"]) as pinion, \
            Server("redis", options.redis, follower) as first, Server("redis", options.redis, follower) as second:
        admin = Client(pinion.port)
        kind, rows = admin.command("COMMAND")
        known = {row[1][0][1].decode("latin-1").upper() for row in rows}
        redis = Client(first.port)
        kind, rows = redis.command("COMMAND")
        known &= {row[1][0][1].decode("latin-1").upper() for row in rows}
        families = {}
        for name in FAMILIES:
            family = Family(name, importlib.import_module(name).ROWS, known - LEFT_OUT)
            if family.rows:
                families[name] = family
        redis.command("REPLICAOF", "127.0.0.1", pinion.port)
        end, number, total = time.monotonic() + options.seconds, 0, 0
        while time.monotonic() < end:
            found, written = episode(options, pinion, (first, second), families, number)
            total += written
            number += 1
            if found:
                print(f"seed {options.seed}, episode {number - 1}:\n{found}")
                if not pinion.alive():
                    print(pinion.death(), pinion.log_tail())
                return 1
        print(f"{total} commands in {number} episodes: the replicas are equal")
        return 0


if __name__ == "__main__":
    sys.exit(main())
