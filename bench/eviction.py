"""Eviction: the share of a Zipf trace that a cache of bounded size answers, under LRU and under LFU.

The trace is played as programs use a cache: GET, and SET after a miss. Redis gets a maxmemory in which it has room for
FIT keys. Pinion plays twice: with as many bytes, and with as many keys. The first is what a user sees who replaces one
by the other; only the second compares how well they choose what to evict.
"""

import itertools
import random

import servers

KEYS = 1_000_000     # Of which the i-th is asked for with a frequency of 1/i.
FIT = 100_000
SAMPLES = 5
POLICIES = ("allkeys-lru", "allkeys-lfu")
VALUE = b"v" * 64
BATCH = 100          # Requests on their way at once.

HIT = b"64\r\n" + VALUE + b"\r\n"
MISS = b"-1\r\n"


def measure(targets, quick):
    requests = 500_000 if quick else 10_000_000
    room = {target.name: _used_memory_with(target, FIT) for target in targets}
    redis, pinion = targets
    rows = []
    for policy in POLICIES:
        for label, target, limit in (("redis", redis, room["redis"]), ("pinion, same bytes", pinion, room["redis"]),
                                     ("pinion, same keys", pinion, room["pinion"])):
            row = {"policy": policy, "who": label, "limit": limit, **_play(target, policy, limit, requests)}
            rows.append(row)
            print(f"  {policy}, {label}: {row['hits']:.4f} of the requests hit, {row['held']:,} keys held", flush=True)
    return {"requests": requests, "keys": KEYS, "fit": FIT, "samples": SAMPLES, "rows": rows}


def _set(key):
    return b"*3\r\n$3\r\nSET\r\n$10\r\nkey%07d\r\n$%d\r\n%s\r\n" % (key, len(VALUE), VALUE)


def _get(key):
    return b"*2\r\n$3\r\nGET\r\n$10\r\nkey%07d\r\n" % key


def _bulk(client, *request):
    client.socket.sendall(servers.encode(*request))
    return client.lines.read(int(client.lines.readline()[1:]) + 2)


def _used_memory(client):
    fields = dict(line.split(b":", 1) for line in _bulk(client, "INFO", "memory").splitlines() if b":" in line)
    return int(fields[b"used_memory"])


def _used_memory_with(target, keys):
    with servers.running(target) as server, servers.Client(server) as client:
        client.run(_set(key) for key in range(keys))
        return _used_memory(client)


def _play(target, policy, limit, requests):
    """Plays the trace against a fresh server; the same one each time."""
    chance = random.Random(1)
    weights = list(itertools.accumulate(1 / i for i in range(1, KEYS + 1)))
    hits = 0
    with servers.running(target) as server, servers.Client(server) as client:
        for option in (("maxmemory-policy", policy), ("maxmemory-samples", SAMPLES), ("maxmemory", limit)):
            client.run([servers.encode("CONFIG", "SET", *option)])
        for _ in range(0, requests, BATCH):
            asked = chance.choices(range(KEYS), cum_weights=weights, k=BATCH)
            client.socket.sendall(b"".join(map(_get, asked)))
            answers = _answers(client)
            missed = [key for key, answer in zip(asked, answers) if answer == MISS]
            hits += BATCH - len(missed)
            client.run(_set(key) for key in dict.fromkeys(missed))
        client.socket.sendall(servers.encode("DBSIZE"))
        held = int(client.lines.readline()[1:])
    return {"hits": hits / (requests // BATCH * BATCH), "held": held}


def _answers(client):
    """The answers to a batch of GETs, without the first byte of each."""
    bytes_ = b""
    while True:
        received = client.socket.recv(1 << 16)
        if not received:
            raise servers.Refused("the server closed the connection")
        bytes_ += received
        answers = bytes_.split(b"$")
        if len(answers) == BATCH + 1 and answers[-1] in (HIT, MISS):
            return answers[1:]
        if bytes_.startswith(b"-"):
            raise servers.Refused(repr(bytes_[:80]))
