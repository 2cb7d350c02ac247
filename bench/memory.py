"""Resident bytes a key costs, for strings of several sizes and for small collections."""

import time

import servers

STRINGS = ((16, 8), (16, 16), (16, 64), (32, 256), (32, 1024))  # (key bytes, value bytes)
COLLECTIONS = ("hash", "set", "zset", "list")
ITEMS = 8  # In a collection.
KEY_BYTES = 16
COLLECTION_REQUEST = {
    "hash": lambda key, i: ("HSET", key, *(part for x in range(ITEMS) for part in (f"field{x}", f"value:{i + x:08d}"))),
    "set": lambda key, i: ("SADD", key, *(f"member:{i * 7 + x:09d}" for x in range(ITEMS))),
    "zset": lambda key, i: ("ZADD", key, *(part for x in range(ITEMS) for part in (x * 10, f"member:{i + x:08d}"))),
    "list": lambda key, i: ("RPUSH", key, *(f"item:{i + x:08d}" for x in range(ITEMS))),
}
SETTLE_SECONDS = 0.5


def measure(targets, quick):
    """Loads many keys of one kind into a fresh server, and divides what its resident memory grew by."""
    cases = [{"kind": "string", "key": key, "value": value, "ttl": ttl} for key, value in STRINGS for ttl in (False, True)]
    cases += [{"kind": kind, "key": KEY_BYTES, "ttl": False} for kind in COLLECTIONS]
    rows = []
    for case in cases:
        count = (100_000 if quick else 1_000_000) // (1 if case["kind"] == "string" else 2)
        try:
            figures = {target.name: _bytes_per_key(target, case, count) for target in targets}
        except servers.Refused as refusal:
            print(f"  {title(case)}: left out, {refusal}", flush=True)
            continue
        rows.append({**case, "n": count, "payload": _payload(case), "servers": figures,
                     "ratio": figures["pinion"] / figures["redis"]})
        print(f"  {title(rows[-1])}: " + ", ".join(f"{name} {value:.0f}" for name, value in figures.items()), flush=True)
    return {"rows": rows}


def title(row):
    """What a case, or its row in the results, is about."""
    if row["kind"] == "string":
        return f"{row['key']} B key, {row['value']} B value" + (", TTL" if row["ttl"] else "")
    return f"{row['kind']} of {ITEMS}"


def _requests(case, count):
    width = case["key"] - 1
    if case["kind"] != "string":
        request = COLLECTION_REQUEST[case["kind"]]
        return (servers.encode(*request(b"k%0*d" % (width, i), i)) for i in range(count))
    value = b"v" * case["value"]
    if case["ttl"]:
        return (servers.encode("SET", b"k%0*d" % (width, i), value, "EX", 3600 + i % 86400) for i in range(count))
    return (servers.encode("SET", b"k%0*d" % (width, i), value) for i in range(count))


def _payload(case):
    """Bytes of the key and of what is stored under it."""
    if case["kind"] == "string":
        return case["key"] + case["value"]
    _, key, *rest = COLLECTION_REQUEST[case["kind"]](b"k" * case["key"], 0)
    return len(key) + sum(len(str(part)) for part in rest)


def _bytes_per_key(target, case, count):
    with servers.running(target) as server:
        time.sleep(SETTLE_SECONDS)
        before = server.resident_bytes()
        with servers.Client(server) as client:
            client.run(_requests(case, count))
        time.sleep(SETTLE_SECONDS)
        return (server.resident_bytes() - before) / count
