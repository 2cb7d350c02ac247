"""The grammar of transactions: MULTI, EXEC, DISCARD, WATCH and UNWATCH among the commands of two connections.

MULTI and WATCH inside a transaction are left out: 7.0 refuses them and goes on, later versions refuse them in other
words and doom the transaction.
"""

from grammar import Row


def _multi(g):
    """Not inside a transaction, and WATCH neither: since 7.0 such a command has come to doom it like any that
    is refused."""
    if g.in_multi.get(g.conn):
        return None
    g.in_multi[g.conn] = True
    return []


def _end(g):
    g.in_multi[g.conn] = False
    return []


def _extra_argument(g):
    """EXEC or DISCARD with the wrong arity: an error, and inside a transaction one that dooms it."""
    return [g.value()]


ROWS = [
    Row(10, b"MULTI", _multi, mutate=False),
    Row(9, b"EXEC", _end, mutate=False),
    Row(2, b"DISCARD", _end, mutate=False),
    Row(0.2, b"EXEC", _extra_argument, mutate=False),
    Row(0.2, b"DISCARD", _extra_argument, mutate=False),
    Row(0.2, b"MULTI", _extra_argument, mutate=False),
    Row(6, b"WATCH", lambda g: None if g.in_multi.get(g.conn) else g.keys(3)),
    Row(2, b"UNWATCH", lambda g: []),
    Row(8, b"SET", lambda g: [g.key(), g.value()]),
    Row(6, b"GET", lambda g: [g.key()]),
    Row(5, b"INCR", lambda g: [g.key()]),
    Row(4, b"DEL", lambda g: g.keys(2)),
    Row(2, b"RENAME", lambda g: [g.key(), g.key()]),
    Row(1, b"NOSUCHCOMMAND", lambda g: [g.key()]),
    Row(1, b"GET", lambda g: []),
    Row(1, b"SELECT", lambda g: [g.pick((b"0", b"1", b"16"))]),
    Row(1, b"EXPIRE", lambda g: [g.key(), g.pick((b"-1", b"0", b"%d" % g.far_seconds()))]),
    Row(0.2, b"SWAPDB", lambda g: [b"0", b"1"]),
    Row(0.1, b"FLUSHDB", lambda g: []),
    Row(0.1, b"FLUSHALL", lambda g: []),
    Row(0.5, b"PUBLISH", lambda g: [b"news", g.value()]),
]
