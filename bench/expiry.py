"""Expiry lag: from a key's deadline to its `expired` event, beside other keys that have deadlines too."""

import socket
import time

import servers
from percentile import at

OTHERS = (0, 100_000, 1_000_000)
DUE = 1000
LEAD_SECONDS = 2.0  # Between storing the keys and their common deadline.
SUBSCRIBED_LINES = 6  # Of the reply to SUBSCRIBE.
LINES_A_MESSAGE = 7


def measure(targets, quick):
    wait = 5 if quick else 20
    rows = []
    for others in OTHERS[: 2 if quick else None]:
        figures = {target.name: _lag(target, others, wait) for target in targets}
        rows.append({"others": others, "due": DUE, "wait_seconds": wait, "servers": figures})
        print(f"  {others} others: " + ", ".join(
            f"{name} {lag['delivered']}/{DUE}, p99 {_ms(lag['p99_ms'])}" for name, lag in figures.items()), flush=True)
    return {"rows": rows}


def _ms(value):
    return "not in time" if value is None else f"{value:.1f} ms"


def _lag(target, others, wait):
    """Stores `others` keys that live for an hour or longer and DUE that fall due at one instant, and listens."""
    with servers.running(target) as server, servers.Client(server) as client:
        client.run([servers.encode("CONFIG", "SET", "notify-keyspace-events", "Ex")])
        client.run(servers.encode("SET", f"other:{i}", "x", "EX", 3600 + i % 86400) for i in range(others))
        deadline = int(time.time() * 1000 + LEAD_SECONDS * 1000)
        client.run(servers.encode("SET", f"due:{i}", "x", "PXAT", deadline) for i in range(DUE))
        lags = sorted(_listen(server, deadline, wait))
    # The quantiles are of all due keys: where the event never came, there is no figure.
    everyone = lags + [None] * (DUE - len(lags))
    return {"delivered": len(lags), "p50_ms": at(everyone, 0.5), "p99_ms": at(everyone, 0.99), "max_ms": at(everyone, 1)}


def _listen(server, deadline, wait):
    """Milliseconds after `deadline` of every `expired` event for a due key, until all or `wait` seconds have passed."""
    end = deadline / 1000 + wait
    with servers.Client(server) as subscriber:
        subscriber.run([servers.encode("SUBSCRIBE", "__keyevent@0__:expired")])
        for _ in range(SUBSCRIBED_LINES - 1):
            subscriber.lines.readline()
        found = 0
        while found < DUE and time.time() < end:
            subscriber.socket.settimeout(max(0.01, end - time.time()))
            try:
                message = [subscriber.lines.readline() for _ in range(LINES_A_MESSAGE)]
            except (socket.timeout, OSError):
                return
            if message[-1].startswith(b"due:"):
                found += 1
                yield time.time() * 1000 - deadline
